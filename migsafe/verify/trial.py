"""One migration after the other: what each does to a database with rows, and whether it can be undone."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

import msgspec
from msgspec.structs import replace

from migsafe.project.databases import Address
from migsafe.project.execute import Executor, Reached
from migsafe.project.graph import Key
from migsafe.project.operations import ReplayedMigration
from migsafe.project.probes import probe, touched
from migsafe.sandbox.fill import empty, fill
from migsafe.sandbox.hints import hint_for
from migsafe.sandbox.rows import lost
from migsafe.sandbox.schema import differences, snapshot
from migsafe.sandbox.server import Server
from migsafe.sandbox.traffic import traffic
from migsafe.sandbox.watch import Watcher
from migsafe.verification import (
    Direction,
    Failure,
    Filled,
    Interrupted,
    Rollout,
    Run,
    SchemaDifference,
    Stall,
    Verification,
)
from migsafe.verify.rollout import rollout
from migsafe.verify.tables import to_fill
from migsafe.verify.verdict import judged

Progress = Callable[[Key, str], None]
"""Told which migration the walk is at, and what is being done with it."""

MOST_INTERRUPTIONS = 25
"""Of one migration: what a long update does in batches is all alike."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What is done with each migration.

    Attributes:
        rows: How many each table that it touches is to have.
        traffic: Whether other sessions read and write these tables while it runs once more.
        proofs: Whether more is done than applying it and watching.
    """

    rows: int = 1000
    traffic: bool = False
    proofs: bool = True


class Trial:
    """A database that is migrated step by step, with copies of it that are thrown away.

    Attributes:
        reached: Whether the last migration was carried out, so that what depends on it can be.
    """

    def __init__(self, server: Server, executor: Executor, options: Options, progress: Progress) -> None:
        self.reached = True
        self._server = server
        self._executor = executor
        self._options = options
        self._progress = progress
        self._at = executor.empty()
        self._database = server.create_database()

    def close(self) -> None:
        """Drop the database."""
        self._executor.close()
        self._server.drop_database(self._database)

    @property
    def dsn(self) -> str:
        """Connection string of the database."""
        return self._server.dsn(self._database)

    def apply(self, key: Key) -> Run:
        """Apply a migration that nobody has asked about."""
        self._progress(key, "migrating")
        self._use(self._database)
        self._at, run = self._executor.forward(key, self._at)
        self.reached = run.failure is None
        return self._hinted(run)

    def run(self, key: Key, migration: ReplayedMigration) -> Verification:
        """Apply a migration, and prove what can be known of it."""
        self._progress(key, "filling tables")
        filled = fill(self.dsn, to_fill(migration, self._server.version), self._options.rows)
        found = self._tried(key, migration, filled)
        if (failure := self._failure(found)) and any(table.rows for table in filled):
            self._progress(key, "looking for rows that it accepts")
            second = self._tried(key, migration, self._refilled(key, filled))
            if self._failure(second) is None:
                found = replace(second, refused=failure)
        self.reached = self._failure(found) is None
        return judged(found)

    def _failure(self, found: Verification) -> Failure | None:
        return found.forward.failure if found.forward else None

    def _tried(self, key: Key, migration: ReplayedMigration, filled: tuple[Filled, ...]) -> Verification:
        """Apply a migration and prove what can be; if it fails, all is as before."""
        found = Verification(app=migration.app, migration=migration.name, path=migration.path, filled=filled)
        with self._copy(self._database) as before:
            self._progress(key, "migrating")
            at = self._at
            self._at, forward = self._forward(self._database, key, at)
            found = replace(found, forward=forward)
            if forward.failure is not None:
                self._become(before)
            elif self._options.proofs:
                found = self._proven(found, key, migration, before, at)
        return found

    def _refilled(self, key: Key, filled: Sequence[Filled]) -> tuple[Filled, ...]:
        """Replace the rows by some that the migration accepts: those that the schema after it allows, brought back.

        Where there is no way back, tables stay empty.
        """
        names = [table.table for table in filled]
        empty(self.dsn, names)
        with self._copy(self._database) as copy:
            self._use(copy)
            after, run = self._executor.forward(key, self._at)
            if run.failure is None:
                refilled = fill(self._server.dsn(copy), names, self._options.rows)
                returned, back = self._executor.backward(key, self._at, after)
                if back.failure is None and all(one.harmless for one in self._differences(self._database, copy)):
                    self._become(copy)
                    self._at = returned
                    return refilled
        return tuple(
            Filled(table=table, rows=0, reason="the migration fails on those that could be had") for table in names
        )

    def _proven(
        self, found: Verification, key: Key, migration: ReplayedMigration, before: str, at: Reached
    ) -> Verification:
        self._progress(key, "trying old and new code")
        found = replace(found, rollout=self._rollout(found, before, at))
        self._progress(key, "unapplying")
        found = self._undone(found, key, before, at)
        if not migration.atomic and found.forward:
            self._progress(key, "interrupting")
            found = replace(found, interrupted=tuple(self._interrupted(key, before, at, found.forward)))
        if self._options.traffic:
            self._progress(key, "migrating under traffic")
            found = replace(found, traffic=self._under_traffic(key, before, at, found.filled))
        return found

    def _undone(self, found: Verification, key: Key, before: str, at: Reached) -> Verification:
        """Unapply the migration on a copy, and apply it again."""
        with self._copy(self._database) as copy:
            self._use(copy)
            watcher = Watcher(self._server.dsn(copy))
            returned, backward = self._executor.backward(key, at, self._at, watcher=watcher)
            found = replace(found, backward=backward)
            if backward.failure is not None:
                return found
            self._executor.close()
            found = replace(
                found,
                schema=self._differences(before, copy),
                lost=lost(self._server.dsn(before), self._server.dsn(copy), locked(found)),
            )
            _, run = self._forward(copy, key, returned, direction="forward again")
            schema = self._differences(self._database, copy) if run.failure is None else ()
            return replace(found, again=run, schema_again=schema)

    def _interrupted(self, key: Key, before: str, at: Reached, forward: Run) -> Iterator[Interrupted]:
        for index in islice(committed(forward), MOST_INTERRUPTIONS):
            with self._copy(before) as copy:
                self._use(copy)
                self._executor.forward(key, at, stop_after=index + 1)
                left = self._differences(before, copy)
                _, run = self._executor.forward(key, at)
            yield Interrupted(statement=index, sql=forward.statements[index].sql, left=left, failure=run.failure)

    def _under_traffic(self, key: Key, before: str, at: Reached, filled: Sequence[Filled]) -> tuple[Stall, ...]:
        with self._copy(before) as copy:
            self._use(copy)
            with traffic(self._server.dsn(copy), [table.table for table in filled]) as seen:
                _, run = self._executor.forward(key, at)
        return seen.stalls(run.statements)

    def _rollout(self, found: Verification, before: str, at: Reached) -> Rollout:
        """Let the code of each release meet the schema of the other."""
        old, new = touched(at.state, self._at.state, locked(found))
        self._use(self._database)
        with (
            self._executor.beside(self._address(before)) as schema_before,
            self._executor.beside(self._address(self._database)) as schema_after,
        ):
            return rollout(
                probe(schema_after, at.state, old, home=schema_before),
                probe(schema_before, self._at.state, new, home=schema_after),
            )

    def _forward(self, database: str, key: Key, at: Reached, direction: Direction = "forward") -> tuple[Reached, Run]:
        self._use(database)
        watcher = Watcher(self._server.dsn(database))
        reached, run = self._executor.forward(key, at, watcher=watcher, direction=direction)
        return reached, self._hinted(run)

    def _hinted(self, run: Run) -> Run:
        """The same with who has what the server lacks, if that is why it failed."""
        if run.failure is None:
            return run
        return replace(run, failure=replace(run.failure, hint=hint_for(run.failure.error, self._server.provider)))

    def _differences(self, before: str, after: str) -> tuple[SchemaDifference, ...]:
        return differences(*(snapshot(self._server.dsn(database)) for database in (before, after)))

    def _address(self, database: str) -> Address:
        server = self._server
        return Address(server.host, server.port, server.user, server.password or None, database, server.options)

    def _use(self, database: str) -> None:
        self._executor.use(self._address(database))

    @contextmanager
    def _copy(self, database: str) -> Iterator[str]:
        """A copy of a database, as it is now."""
        self._executor.close()
        copy = self._server.create_database(template=database)
        try:
            yield copy
        finally:
            self._executor.close()
            self._server.drop_database(copy)

    def _become(self, other: str) -> None:
        """Let the database be as another one is."""
        self._executor.close()
        self._server.drop_database(self._database)
        self._database = self._server.create_database(template=other)


def locked(found: Verification) -> frozenset[str]:
    """Relations that were locked in any of the runs: no other can have changed."""
    return frozenset(
        effect.relation
        for run in found.runs
        for one in run.statements
        for effect in one.observed or one.predicted or ()
    )


def committed(run: Run) -> Iterator[int]:
    """Indexes of the statements after each of which a run has left something that stays, whatever comes next."""
    following = [*run.statements[1:], None]
    for index, (statement, after) in enumerate(zip(run.statements, following, strict=True)):
        if (
            not statement.transaction
            or after is None
            or not after.transaction
            or after.operation != statement.operation
        ):
            yield index
