"""Record the SQL that Django's own ``migrate`` executes on a real server: what migsafe's replay has to equal.

Runs in the virtual environment of a project, with ``DJANGO_SETTINGS_MODULE`` set: ``python -m tests.equality.record DSN``. It
needs Django, psycopg and the project, not migsafe. It migrates the database of ``DSN``, an empty one on a server where it may
create others, with Django's `MigrationExecutor`, and writes the migrations to stdout as JSON, in
the order in which they are applied.

Recorded is the text that the cursor gets, in the order in which it gets it, with the index of the operation in whose course
it is executed (``null``: at the end of the migration, ``deferred_sql``) and whether a transaction is open:

* all that goes through ``schema_editor.execute``;
* all that an operation sends past the schema editor, except for SELECT and savepoints: what Django asks only to learn.

Not recorded: what RunPython executes (it is executed, on a database without rows), the ``django_migrations`` table, signals.

Backward is what ``migrate`` does on a database on which the migration is the last one applied: each migration is unapplied
as soon as it has been applied, in a transaction that is then rolled back, or, if the migration is not atomic, in a copy of
the database. So one that cannot be unapplied costs only itself: its ``backward`` is null, and either ``reversible`` is
false or ``refused`` is what the server says. No Python is run backward, and a RunPython without reverse does not keep the
rest of its migration from being unapplied.
"""

import functools
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django
import psycopg
from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration, RenameModel, RunPython
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.equality import frozen

NOT_SCHEMA = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


class Recorder:
    """Collects the statements of one connection, told by hooks in Django what is going on.

    Attributes:
        states: The states that Django rendered around each operation of the last migration. Rendering is what costs, so
            unapplying takes them over, unless there are none.
        icu: Whether the server was built with ICU. If not, a collation of C stands in for each: only its name matters.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.ops: Any = connection.ops
        self.statements: list[dict[str, object]] = []
        self.states: list[ProjectState] = []
        self.operation: int | None = None
        self.through_editor = False
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu')"
            )  # only initdb with ICU makes it
            [self.icu] = cursor.fetchone()
        self.running_python = False
        editor: Any = connection.SchemaEditorClass
        editor.execute = self.hook(editor.execute, through_editor=True)
        python: Any = RunPython
        python.database_forwards = frozen.thawing(self.hook(python.database_forwards, running_python=True))
        python.database_backwards = lambda *_: None
        python.reversible = True

    def hook(self, function: Callable[..., Any], **state: object) -> Callable[..., Any]:
        """The function, during which attributes of the recorder have other values."""

        @functools.wraps(function)
        def hooked(*args: Any, **kwargs: Any) -> Any:
            before = {key: getattr(self, key) for key in state}
            vars(self).update(state)
            try:
                return function(*args, **kwargs)
            finally:
                vars(self).update(before)

        return hooked

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Note a statement and execute it: what ``connection.execute_wrapper`` takes."""
        if not self.running_python and (self.through_editor or self.operation is not None):
            text = self.ops.compose_sql(sql, params) if params else str(sql)
            if self.through_editor or not text.lstrip().upper().startswith(NOT_SCHEMA):
                self.statements.append(
                    {"sql": text, "operation": self.operation, "transaction": self.connection.in_atomic_block}
                )
            if text.startswith("CREATE COLLATION") and not self.icu:
                sql = f'{text.partition("(")[0]} FROM "C"'
        return execute(sql, params, many, context)

    @contextmanager
    def recording(self) -> Iterator[list[dict[str, object]]]:
        """Give the list that fills with what is executed meanwhile."""
        self.statements = []
        with self.connection.execute_wrapper(self):
            yield self.statements

    def watch(self, migration: Migration) -> None:
        """Make the operations of a migration tell when they run."""
        self.states = []
        for index, operation in enumerate(migration.operations):
            self._watch(index, operation)

    def _watch(self, index: int, operation: Operation) -> None:
        forwards = self.hook(operation.database_forwards, operation=index)
        backwards = self.hook(operation.database_backwards, operation=index)

        def database_forwards(app: str, editor: Any, from_state: ProjectState, to_state: ProjectState) -> None:
            if self.operation is None:  # AlterField goes backwards by its database_forwards
                self.states[index:] = [from_state, to_state]
            forwards(app, editor, from_state, to_state)

        def database_backwards(app: str, editor: Any, from_state: ProjectState, to_state: ProjectState) -> None:
            if self.states:
                to_state, from_state = self.states[index : index + 2]
            backwards(app, editor, from_state, to_state)

        vars(operation).update(database_forwards=database_forwards, database_backwards=database_backwards)


@contextmanager
def passing(connection: BaseDatabaseWrapper, server: psycopg.Connection, *, atomic: bool) -> Iterator[None]:
    """Whatever is done to the database inside is undone."""
    if atomic:
        with transaction.atomic(using=connection.alias):
            yield
            transaction.set_rollback(True, using=connection.alias)
        return
    original = connection.settings_dict["NAME"]
    copy = f"{original}_copy"
    connection.close()
    server.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
    connection.settings_dict["NAME"] = copy
    connection.ensure_connection()
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = original
        connection.ensure_connection()
        server.execute(f'DROP DATABASE "{copy}"')


def record(connection: BaseDatabaseWrapper, server: psycopg.Connection) -> Iterator[dict[str, object]]:
    recorder = Recorder(connection)
    executor: Any = MigrationExecutor(connection)
    executor.recorder.record_applied = executor.recorder.record_unapplied = lambda *_: None
    state = ProjectState(real_apps=executor.loader.unmigrated_apps)
    for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        recorder.watch(migration)
        # What it has rendered before decides what RenameModel repoints: here, that this migration is the only one to apply.
        renames = any(isinstance(operation, RenameModel) for operation in migration.operations)
        if renames:
            vars(state).pop("apps", None)
        state.apps  # noqa: B018  rendered once, as MigrationExecutor does: an operation then renders only what it touches
        before = state.clone()
        del before.apps
        with recorder.recording() as forward:
            state = executor.apply_migration(state, migration)
        if renames:
            before.apps  # noqa: B018
            recorder.states = []
        backward, reversible, refused = None, True, None
        try:
            with passing(connection, server, atomic=migration.atomic), recorder.recording() as backward:
                executor.unapply_migration(before, migration)
        except (IrreversibleError, NotImplementedError):  # the latter for an operation in SeparateDatabaseAndState
            backward, reversible = None, False
        except DatabaseError as error:
            backward, refused = None, str(error)
        yield {
            "app": migration.app_label,
            "name": migration.name,
            "forward": forward,
            "backward": backward,
            "reversible": reversible,
            "refused": refused,
        }


def main(dsn: str) -> None:
    output = os.dup(1)
    os.dup2(2, 1)  # stdout is ours alone: settings, and migrations when they run, print
    given = conninfo_to_dict(dsn)
    connections.settings["default"].update(
        NAME=given["dbname"],
        HOST=given["host"],
        PORT=given["port"],
        USER=given["user"],
        PASSWORD=given.get("password", ""),
    )
    django.setup()
    frozen.freeze()
    gc.freeze()  # rendering makes much garbage in cycles, but more that stays
    gc.set_threshold(100_000, 20, 20)
    with psycopg.connect(make_conninfo(dsn, dbname="postgres"), autocommit=True) as server:
        migrations = list(record(connections["default"], server))
    with os.fdopen(output, "w") as stdout:
        json.dump(migrations, stdout)


if __name__ == "__main__":
    main(sys.argv[1])
