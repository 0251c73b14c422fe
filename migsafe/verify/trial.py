"""One migration after the other: each is tried on copies of a database, with rows."""

from collections.abc import Callable, Generator
from contextlib import closing

import msgspec
from msgspec.structs import replace

from migsafe.project.execute import Executor
from migsafe.project.graph import Key
from migsafe.project.operations import ReplayedMigration
from migsafe.project.state import choices_of, tables_of
from migsafe.sandbox.fill import fill
from migsafe.sandbox.schema import differences, snapshot
from migsafe.sandbox.server import Server
from migsafe.verification import Filled, Run, Verification
from migsafe.verify.attempt import Attempt
from migsafe.verify.databases import Databases, Place
from migsafe.verify.tables import to_fill
from migsafe.verify.verdict import judged

Progress = Callable[[Key, str], None]
"""Told which migration the walk is at, and what is being done with it."""

REFUSED = "the migration fails on rows that could be had"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What is done with each migration.

    Attributes:
        rows: How many each table that it touches is to have.
        traffic: Whether other sessions read and write these tables while it runs once more.
    """

    rows: int = 1000
    traffic: bool = False


class Trial:
    """A database that is migrated step by step, and has no rows but those that migrations make.

    Attributes:
        reached: Whether the last migration was carried out, so that what depends on it can be.
    """

    def __init__(self, server: Server, executor: Executor, options: Options, progress: Progress) -> None:
        self.reached = True
        self._databases = Databases(server, executor)
        self._options = options
        self._progress = progress
        self._postgres = server.version
        self._at = executor.empty()
        self._database = self._databases.new()

    def close(self) -> None:
        """Drop the database."""
        self._databases.drop(self._database)

    @property
    def dsn(self) -> str:
        """Connection string of the database."""
        return self._databases.dsn(self._database)

    def apply(self, key: Key) -> Run:
        """Apply a migration."""
        self._progress(key, "migrating")
        self._at, run = self._databases.forward(self._database, key, self._at, watch=False)
        self.reached = run.failure is None
        return run

    def run(self, key: Key, migration: ReplayedMigration) -> Verification:
        """Try a migration on copies, with rows if there are any that it accepts; and apply it."""
        if any(operation.python for operation in migration.operations):
            self._databases.deployed(self._database, self._at)
        refused = None
        with closing(self._starts(key, migration)) as starts:
            for before, filled in starts:
                tried = self._tried(key, migration, before, filled)
                failure = tried.forward.failure if tried.forward else None
                if failure is None:
                    found = replace(tried, refused=refused)
                    break
                if refused is None:
                    found, refused = tried, failure
                if failure.hint is not None:  # rows have nothing to do with it
                    break
        self.apply(key)
        return judged(found)

    def _starts(self, key: Key, migration: ReplayedMigration) -> Generator[tuple[Place, tuple[Filled, ...]]]:
        """Copies to start from; the next is for a migration that fails on the one before.

        First with rows that the schema allows; then with rows that the schema afterwards allows, brought back by
        unapplying the migration; then without.
        """
        databases, rows = self._databases, self._options.rows
        self._progress(key, "filling tables")
        with databases.copy(self._database) as copy:
            tables = to_fill(migration, self._postgres, tables_of(self._at.state))
            filled = fill(databases.dsn(copy), tables, rows, choices=choices_of(self._at.state))
            yield Place(copy, self._at), filled
        if not any(table.rows for table in filled):
            return
        self._progress(key, "looking for rows that it accepts")
        names = [table.table for table in filled]
        with databases.copy(self._database) as copy:
            before = snapshot(databases.dsn(copy))
            after, run = databases.forward(copy, key, self._at, watch=False)
            if run.failure is None:
                filled = fill(databases.dsn(copy), names, rows, choices=choices_of(after.state))
                returned, back = databases.backward(copy, key, self._at, after, watch=False)
                left = differences(before, snapshot(databases.dsn(copy)))
                if back.failure is None and all(one.harmless for one in left):
                    yield Place(copy, returned), filled
        with databases.copy(self._database) as copy:
            yield Place(copy, self._at), tuple(Filled(table=name, rows=0, reason=REFUSED) for name in names)

    def _tried(self, key: Key, migration: ReplayedMigration, before: Place, filled: tuple[Filled, ...]) -> Verification:
        """Apply a migration to a copy, and prove what can be known of it."""
        found = Verification(app=migration.app, migration=migration.name, path=migration.path, filled=filled)
        databases, progress, options = self._databases, self._progress, self._options
        with databases.copy(before.database) as after:
            progress(key, "migrating")
            at, forward = databases.forward(after, key, before.at)
            found = replace(found, forward=forward)
            if forward.failure is not None:
                return found
            attempt = Attempt(databases, key, before, Place(after, at), forward)
            progress(key, "trying old and new code")
            found = replace(found, rollout=attempt.rollout())
            progress(key, "unapplying")
            found = attempt.undone(found)
            if not migration.atomic:
                progress(key, "interrupting")
                found = replace(found, interrupted=tuple(attempt.interrupted()))
            if options.traffic:
                progress(key, "migrating under traffic")
                stalls, disturbed = attempt.under_traffic([table.table for table in filled])
                found = replace(found, traffic=stalls, disturbed=disturbed)
            return found
