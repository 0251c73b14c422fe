"""What a proof stands on: a database just before a change, with rows, and what the original migrations make of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from migsafe.project.graph import History
from migsafe.project.operations import ReplayedMigration
from migsafe.project.state import choices_of, tables_of
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
    schema afterwards allows, brought back by unapplying; if that cannot be, the end is made without rows.

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
            after, again = self._changed(self._copy(back[0]))
            if _failure(again) is None:
                return self._ground(back[0], after, back[1], again)
            self._drop(after)
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
        models = tables_of(place.at.state)
        return frozenset(
            table for one in self._migrations for table in to_fill(one, self._databases.server.version, models)
        )

    def _fill(self, place: Place, tables: frozenset[str]) -> tuple[Filled, ...]:
        self._databases.executor.close()
        dsn = self._databases.dsn(place.database)
        referred = max(self._rows // 10, FEW)
        return fill(dsn, tables, self._rows, referred=referred, choices=choices_of(place.at.state))

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

    def _brought_back(self, empty: Place, tables: frozenset[str]) -> tuple[Place, tuple[Filled, ...]] | None:
        """Rows that the schema after the change allows, before it; None if it cannot be unapplied."""
        ats = [empty.at]
        copy = self._copy(empty)
        for key in self._keys:
            at, _ = self._databases.forward(copy.database, key, ats[-1], watch=False)
            ats.append(at)
        filled = self._fill(Place(copy.database, ats[-1]), tables)
        for key in reversed(self._keys):
            after = ats.pop()
            _, run = self._databases.backward(copy.database, key, ats[-1], after, watch=False)
            if run.failure is not None:
                return None
        return copy, filled

    def _ground(
        self, before: Place, after: Place, filled: tuple[Filled, ...], runs: Sequence[Run], refused: str | None = None
    ) -> Ground:
        locked = frozenset(
            effect.relation for run in runs for one in run.statements for effect in one.observed or one.predicted or ()
        )
        return Ground(before=before, after=after, filled=filled, refused=refused, tables=locked)


def _failure(runs: Sequence[Run]) -> str | None:
    return next((run.failure.error for run in runs if run.failure is not None), None)
