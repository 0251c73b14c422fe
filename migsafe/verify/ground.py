"""What a proof stands on: a database just before a change, with rows, and what the original migrations make of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from migsafe.project.graph import History
from migsafe.project.operations import ReplayedMigration
from migsafe.project.state import choices_of, inherited, tables_of
from migsafe.sandbox.fill import fill
from migsafe.verification import Filled, Run
from migsafe.verify.databases import Databases, Place
from migsafe.verify.tables import to_fill

FEW = 1_000
"""Rows that are enough for tables that the change does not touch, or a tenth of what the others have."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Two databases.

    Attributes:
        before: Just before the change.
        after: The same, changed by the original migrations; empty of rows where they refuse those of the other one.
        filled: Tables that were given rows.
        refused: Why the originals cannot be carried out with these rows; None if they can.
        tables: Those that the originals have locked.
    """

    before: Place
    after: Place
    filled: tuple[Filled, ...]
    refused: str | None
    tables: frozenset[str]


class NotReached(Exception):
    """The state before the change cannot be reached, or the change itself not even without rows."""


@contextmanager
def ground(
    databases: Databases, history: History, migrations: Sequence[ReplayedMigration], rows: int
) -> Iterator[Ground]:
    """Make both databases, for as long as the context lasts.

    First the rows are those that the schema before the change allows; if the originals refuse them, those that the
    schema afterwards allows, brought back by unapplying. If they refuse these as well, but only give new columns values
    that are others each time, the rows as they were before they were brought back are the end; else it is made without
    rows.

    Args:
        migrations: The originals.
        rows: How many the tables are to have that they touch.

    Raises:
        NotReached: A migration fails though there are no rows.
    """
    making = _Making(databases, history, migrations, rows)
    try:
        yield making.ground()
    finally:
        for database in making.made:
            databases.drop(database)


class _Making:
    def __init__(
        self, databases: Databases, history: History, migrations: Sequence[ReplayedMigration], rows: int
    ) -> None:
        self.made: list[str] = []
        self._databases = databases
        self._keys = [(one.app, one.name) for one in migrations]
        self._before = [key for key in history.order if key not in {*self._keys, *history.after(self._keys)}]
        self._migrations = migrations
        self._rows = rows

    def ground(self) -> Ground:
        first = self._reached()
        tables = self._tables(first)
        filled = self._fill(first, tables)
        after, runs = self._changed(self._copy(first))
        if (refused := _failure(runs)) is None:
            return self._ground(first, after, filled, runs)
        self._drop(after)
        empty = self._reached()
        bare, runs = self._changed(self._copy(empty))
        if (failure := _failure(runs)) is not None:
            raise NotReached(failure)
        if back := self._brought_back(empty, tables):
            before, end, filled_again = back
            after, again = self._changed(self._copy(before))
            if _failure(again) is None:
                return self._ground(before, after, filled_again, again)
            self._drop(after)
            if self._only_compute:
                return self._ground(before, end, filled_again, runs)
        return self._ground(first, bare, filled, runs, refused)

    def _reached(self) -> Place:
        """A database just before the change, without rows but those of migrations."""
        databases = self._databases
        database = databases.new()
        self.made.append(database)
        at = databases.executor.empty()
        for key in self._before:
            at, run = databases.forward(database, key, at, watch=False)
            if run.failure is not None:
                raise NotReached(f"{'.'.join(key)} fails: {run.failure.error}")
        if any(operation.python for one in self._migrations for operation in one.operations):
            databases.deployed(database, at)
        return Place(database, at)

    def _copy(self, place: Place) -> Place:
        self._databases.executor.close()
        copy = self._databases.server.create_database(template=place.database)
        self.made.append(copy)
        return Place(copy, place.at)

    def _drop(self, place: Place) -> None:
        self._databases.drop(place.database)
        self.made.remove(place.database)

    def _tables(self, place: Place) -> frozenset[str]:
        """Those that the originals touch, and those of child models, whose code uses them."""
        models = tables_of(place.at.state)
        tables = {table for one in self._migrations for table in to_fill(one, self._databases.server.version, models)}
        return frozenset(tables | {child for child, above in inherited(place.at.state).items() if above & tables})

    def _fill(self, place: Place, tables: frozenset[str]) -> tuple[Filled, ...]:
        self._databases.executor.close()
        dsn, state = self._databases.dsn(place.database), place.at.state
        referred = max(self._rows // 10, FEW)
        filled = fill(dsn, tables, self._rows, referred=referred, choices=choices_of(state))
        # Code can insert and delete only rows of a parent that have no child.
        ancestors = inherited(state)
        parents = {parent for one in filled for parent in ancestors.get(one.table, ())}
        for parent in sorted(parents, key=lambda one: len(ancestors.get(one, ()))):
            below = max(len(above) for above in ancestors.values() if parent in above) - len(ancestors.get(parent, ()))
            fill(dsn, [parent], self._rows * (below + 1), referred=referred, choices=choices_of(state))
        return filled

    def _changed(self, place: Place) -> tuple[Place, list[Run]]:
        """Carry the originals out, as far as they can be."""
        runs: list[Run] = []
        at = place.at
        for key in self._keys:
            at, run = self._databases.forward(place.database, key, at)
            runs.append(run)
            if run.failure is not None:
                break
        return Place(place.database, at), runs

    @property
    def _only_compute(self) -> bool:
        """Whether the originals do nothing but add columns whose values are others each time."""
        operations = [operation for one in self._migrations for operation in one.operations]
        return all(one.kind == "AddField" and one.computed for one in operations)

    def _brought_back(self, empty: Place, tables: frozenset[str]) -> tuple[Place, Place, tuple[Filled, ...]] | None:
        """Rows that the schema after the change allows, before it and after it; None if it cannot be unapplied."""
        ats = [empty.at]
        copy = self._copy(empty)
        for key in self._keys:
            at, _ = self._databases.forward(copy.database, key, ats[-1], watch=False)
            ats.append(at)
        filled = self._fill(Place(copy.database, ats[-1]), tables)
        end = self._copy(Place(copy.database, ats[-1]))
        for key in reversed(self._keys):
            after = ats.pop()
            _, run = self._databases.backward(copy.database, key, ats[-1], after, watch=False)
            if run.failure is not None:
                return None
        return copy, end, filled

    def _ground(
        self, before: Place, after: Place, filled: tuple[Filled, ...], runs: Sequence[Run], refused: str | None = None
    ) -> Ground:
        locked = frozenset(
            effect.relation for run in runs for one in run.statements for effect in one.observed or one.predicted or ()
        )
        return Ground(before=before, after=after, filled=filled, refused=refused, tables=locked)


def _failure(runs: Sequence[Run]) -> str | None:
    return next((run.failure.error for run in runs if run.failure is not None), None)
