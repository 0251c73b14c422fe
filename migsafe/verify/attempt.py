"""One migration, tried on copies of a database: applied, used by old and new code, unapplied, interrupted."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice, pairwise

from msgspec.structs import replace

from migsafe.project.graph import Key
from migsafe.project.probes import probe, touched
from migsafe.sandbox.rows import row_differences
from migsafe.sandbox.schema import Schema, differences, snapshot
from migsafe.sandbox.traffic import traffic
from migsafe.verification import Failure, Interrupted, Rollout, Run, SchemaDifference, Stall, Verification
from migsafe.verify.databases import Databases, Place
from migsafe.verify.rollout import rollout

MOST_INTERRUPTIONS = 25
"""Of one migration: what a long update does in batches is all alike."""


class Attempt:
    """A migration that was applied.

    Args:
        before: A database as it was before the migration, with rows; stays as it is.
        after: The same, migrated; stays as it is.
    """

    def __init__(self, databases: Databases, key: Key, before: Place, after: Place, forward: Run) -> None:
        self._databases = databases
        self._key = key
        self._before = before
        self._after = after
        self._forward = forward

    @cached_property
    def _schema_before(self) -> Schema:
        return snapshot(self._databases.dsn(self._before.database))

    def rollout(self) -> Rollout:
        """Let the code of each release meet the schema of the other."""
        databases, executor = self._databases, self._databases.executor
        before, after = self._before.at.state, self._after.at.state
        old, new = touched(before, after, locked(self._forward))
        executor.use(databases.address(self._after.database))
        with (
            executor.beside(databases.address(self._before.database)) as schema_before,
            executor.beside(databases.address(self._after.database)) as schema_after,
        ):
            return rollout(
                probe(schema_after, before, old, home=schema_before),
                probe(schema_before, after, new, home=schema_after),
            )

    def undone(self, found: Verification) -> Verification:
        """Unapply the migration, and apply it again."""
        databases, key = self._databases, self._key
        with databases.copy(self._after.database) as copy:
            returned, backward = databases.backward(copy, key, self._before.at, self._after.at)
            found = replace(found, backward=backward)
            if backward.failure is not None:
                return found
            # Of all tables: Python code can reach any, by ways that nobody watches.
            rows = row_differences(databases.dsn(self._before.database), databases.dsn(copy))
            found = replace(found, schema=self._left(copy), rows=rows)
            _, again = databases.forward(copy, key, returned, direction="forward again")
            found = replace(found, again=again)
            if again.failure is None:
                schemas = (snapshot(databases.dsn(database)) for database in (self._after.database, copy))
                found = replace(found, schema_again=differences(*schemas))
            return found

    def interrupted(self) -> Iterator[Interrupted]:
        """Stop the migration after each of its statements, and run it again."""
        databases, key = self._databases, self._key
        for index in islice(committed(self._forward), MOST_INTERRUPTIONS):
            with databases.copy(self._before.database) as copy:
                databases.forward(copy, key, self._before.at, watch=False, stop_after=index + 1)
                left = self._left(copy)
                _, run = databases.forward(copy, key, self._before.at, watch=False)
            sql = self._forward.statements[index].sql
            yield Interrupted(statement=index, sql=sql, left=left, failure=run.failure)

    def under_traffic(self, tables: Sequence[str]) -> tuple[tuple[Stall, ...], Failure | None]:
        """Apply the migration while others read and write these tables."""
        databases = self._databases
        with databases.copy(self._before.database) as copy:
            databases.executor.use(databases.address(copy))
            with traffic(databases.dsn(copy), tables) as seen:
                _, run = databases.forward(copy, self._key, self._before.at, watch=False)
        return seen.stalls(run.statements), run.failure

    def _left(self, database: str) -> tuple[SchemaDifference, ...]:
        return differences(self._schema_before, snapshot(self._databases.dsn(database)))


def locked(run: Run) -> frozenset[str]:
    """Relations that the statements of a run have locked."""
    return frozenset(effect.relation for one in run.statements for effect in one.observed or one.predicted or ())


def committed(run: Run) -> Iterator[int]:
    """Indexes of the statements after each of which a run has left something that stays, whatever comes next."""
    for index, (one, following) in enumerate(pairwise((*run.statements, None))):
        if one and not (
            one.transaction and following and following.transaction and following.operation == one.operation
        ):
            yield index
