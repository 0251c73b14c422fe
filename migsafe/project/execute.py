"""Migrations of the project, run for real: one at a time, forwards or backwards, on a database of the sandbox.

The way is Django's own (`MigrationExecutor.apply_migration` and ``unapply_migration``), with the models, the schema
editor, the connection and the signals that ``migrate`` would have. What it executes is caught on the way to the server.
"""

import copy
import gc
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.apps import apps as installed_apps
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.exceptions import IrreversibleError
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RenameModel, RunPython
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.db.models.signals import post_migrate, pre_migrate
from django.dispatch import Signal

from migsafe.errors import Terminated
from migsafe.project.databases import OWN_ONLY, Address, Databases
from migsafe.project.graph import History, Key, migration_path
from migsafe.project.guard import Guard, LimitReached, Limits
from migsafe.project.load import Project, connecting_code
from migsafe.project.python import run_pythons, with_python
from migsafe.project.recording import IDLE, Recording, Stopped, Watcher
from migsafe.project.source import operation_lines
from migsafe.sql.catalog import Catalog
from migsafe.sql.session import Session
from migsafe.verification import Direction, Failure, Run

if TYPE_CHECKING:
    from django.db.migrations import Migration


TIMEOUT = "canceling statement due to statement timeout"
"""What the server says then."""

OTHER_DATABASE = (
    "No other database than the chosen one is there. Code that can do without what it would find in another one can be"
    " tried if it does; else try it on a copy of real data."
)

LEFT_OPEN = "it leaves a transaction open: all that it did after its BEGIN is lost when migrate ends"


ADDRESS = re.compile(r" at 0x[0-9a-f]+")
"""In what objects say of themselves: another one with every run."""


class Reached(NamedTuple):
    """Where in the history a database stands.

    Attributes:
        state: Django's models there; not to be changed.
        catalog: The schema, as the executed statements have left it by their texts.
    """

    state: ProjectState
    catalog: Catalog


class Executor:
    """Runs migrations of a project on databases of the sandbox.

    In the context, and only there, DATABASES is replaced (`Databases`). Not for several threads at a time.

    Attributes:
        complaints: What handlers of Django's signals were refused with, by handler; ``migrate`` would have stopped.
    """

    def __init__(self, project: Project, history: History, *, postgres: int, limits: Limits | None = None) -> None:
        self.project = project
        self.history = history
        self.limits = limits or Limits()
        self.complaints: dict[str, str] = {}
        self._postgres = postgres
        self._address: Address | None = None
        self._prepared_for: Address | None = None
        self._databases = Databases(project, self.limits.settings)

    def __enter__(self) -> Self:
        with connecting_code():
            self._databases.__enter__()
        # Rendering models makes much garbage in cycles. What is loaded by now stays, and need not be searched for it.
        gc.freeze()
        return self

    def __exit__(self, *exc_info: object) -> None:
        gc.unfreeze()
        with connecting_code():
            self._databases.__exit__(*exc_info)

    def use(self, address: Address) -> None:
        """Work on this database from now on; the connection to the one before is closed."""
        self._address = address
        self._databases.use(address)

    def close(self) -> None:
        """Close the connection, so that the database can be copied; it opens again when it is needed."""
        self._databases.close()

    @contextmanager
    def beside(self, address: Address) -> Iterator[BaseDatabaseWrapper]:
        """A connection to another database of the same server, beside the one in use."""
        connection = self.project.connection.copy()
        connection.settings_dict["NAME"] = address.database
        with connecting_code(), closing(connection):
            yield connection

    def prepare(self) -> None:
        """Make Django's own table of what is applied, which is there before the first migration is."""
        with connecting_code():
            MigrationRecorder(self.project.connection).ensure_schema()
        self._prepared_for = self._address

    def empty(self) -> Reached:
        """Before the first migration."""
        return Reached(ProjectState(real_apps=self.history.loader.unmigrated_apps), Catalog())

    def forward(
        self,
        key: Key,
        reached: Reached,
        *,
        watcher: Watcher | None = None,
        stop_after: int | None = None,
        stop_repeating: int | None = None,
        direction: Direction = "forward",
    ) -> tuple[Reached, Run]:
        """Apply a migration.

        Args:
            reached: Where the database stands.
            watcher: Sees what statements do; without one nothing is observed.
            stop_after: Stop as soon as so many statements are committed; what is open then is rolled back.
            stop_repeating: Stop as soon as so many are committed that Python code has repeated with other values.

        Returns:
            Where the database stands now, and what was done. If that failed, what has been committed is still there.
        """
        migration = self.history.migration(key)
        after: list[ProjectState] = []

        def carry_out(django: _Executor, watched: "Migration") -> None:
            _render(reached.state)
            after.append(reached.state.clone())
            after.append(django.apply_migration(after.pop(), watched))

        run, session = self._run(migration, direction, reached, carry_out, watcher, stop_after, stop_repeating)
        return reached if run.failure else Reached(after.pop(), session.catalog), run

    def backward(
        self,
        key: Key,
        before: Reached,
        after: Reached,
        *,
        watcher: Watcher | None = None,
        stop_after: int | None = None,
    ) -> tuple[Reached, Run]:
        """Unapply a migration.

        Args:
            before: Where the database stood before it.
            after: Where it stands.
            stop_after: As for `forward`.

        Returns:
            Where it stands now: names of indexes need not be what they were. And what was done.
        """

        def carry_out(django: _Executor, watched: "Migration") -> None:
            state = before.state.clone()
            if any(map(_looks_at_models, watched.operations)):
                vars(state).pop("apps", None)  # migrate renders them anew, too: none is left of an earlier rendering
            _render(state)
            django.unapply_migration(state, watched)

        run, session = self._run(self.history.migration(key), "backward", after, carry_out, watcher, stop_after)
        return after if run.failure else Reached(before.state, session.catalog), run

    @contextmanager
    def impatient(self, seconds: float) -> Iterator[None]:
        """Let statements wait so long for a lock, and not as long as the limits say."""
        connection = self.project.connection
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{seconds * 1000:.0f}ms'")
        try:
            yield
        finally:
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")

    def deployed(self, reached: Reached) -> None:
        """Send ``post_migrate``, as ``migrate`` does when it has reached what was deployed.

        Django's own handlers make content types and permissions of the models, which data migrations of the next deploy
        count on. Those of the project may count on a later schema: that they fail is a complaint, and changes nothing.
        """
        with connecting_code(), Guard(self.project.connection, self.limits):
            try:
                self._send(post_migrate, reached.state, [])
            except LimitReached as error:
                self.complaints["post_migrate"] = str(error)

    def _run(
        self,
        migration: "Migration",
        direction: Direction,
        reached: Reached,
        carry_out: Callable[["_Executor", "Migration"], None],
        watcher: Watcher | None,
        stop_after: int | None,
        stop_repeating: int | None = None,
    ) -> tuple[Run, Session]:
        connection = self.project.connection
        _forget_rows(reached.state)
        started = time.perf_counter()
        failure = None
        with connecting_code(), Guard(connection, self.limits) as guard:
            connection.ensure_connection()
            session = Session(
                postgres=self._postgres, catalog=reached.catalog, utc=connection.timezone_name in ("UTC", None)
            )
            recording = Recording(
                connection, session, guard, watcher=watcher, stop_after=stop_after, stop_repeating=stop_repeating
            )
            if self._prepared_for != self._address:
                self.prepare()
            django = _Executor(connection, self.history, recording)
            watched = self._prepared(migration, reached.state, recording, backward=direction == "backward")
            with recording.installed():
                try:
                    carry_out(django, watched)
                    if _is_open(connection):
                        failure = Failure(error=LEFT_OPEN)
                except Terminated:
                    raise
                except (Exception, SystemExit, Stopped, LimitReached) as error:
                    failure = _failure(error, recording, migration, guard)
            if _is_open(connection):
                connection.close()  # what is open is rolled back, as at the end of migrate
        run = Run(
            direction=direction,
            seconds=time.perf_counter() - started,
            statements=tuple(recording.statements),
            queries=recording.queries,
            differences=tuple(recording.differences),
            failure=failure,
        )
        return run, recording.session.commit()

    def _prepared(
        self, migration: "Migration", state: ProjectState, recording: Recording, *, backward: bool
    ) -> "Migration":
        """A copy of a migration whose operations tell when they run, with those that ``pre_migrate`` adds.

        Django's own content types follow a RenameModel that way.
        """
        prepared = copy.copy(migration)
        vars(prepared)["operations"] = list(migration.operations)
        _render(state)
        self._send(pre_migrate, state, [(prepared, backward)])
        own = {id(operation): index for index, operation in enumerate(migration.operations)}
        index, operations = 0, []
        for operation in prepared.operations:
            added = id(operation) not in own
            index = own.get(id(operation), index)  # what was added belongs to what it follows
            operations.append(_watched(operation if added else _counted(operation, recording), index, recording))
        vars(prepared)["operations"] = operations
        return prepared

    def _send(self, signal: Signal, state: ProjectState, plan: Sequence[tuple["Migration", bool]]) -> None:
        for config in installed_apps.get_app_configs():
            if config.models_module is None:
                continue
            answers = signal.send_robust(
                sender=config,
                app_config=config,
                verbosity=0,
                interactive=False,
                using=self.project.database,
                apps=state.apps,
                plan=plan,
            )
            for handler, answer in answers:
                if isinstance(answer, Exception):
                    name = f"{handler.__module__}.{getattr(handler, '__qualname__', type(handler).__name__)}"
                    self.complaints[name] = _described(answer)


class _Executor(MigrationExecutor):
    """Django's own, without its loader: the graph is there already."""

    def __init__(self, connection: Any, history: History, recording: Recording) -> None:
        self.connection = connection
        self.loader = history.loader
        self.recorder = _Recorder(connection, recording)
        self.progress_callback = None


class _Recorder(MigrationRecorder):
    """Django's own, whose statements are not the migration's."""

    def __init__(self, connection: Any, recording: Recording) -> None:
        super().__init__(connection)
        self._recording = recording

    def record_applied(self, app: str, name: str) -> None:
        with self._recording.silent():
            super().record_applied(app, name)

    def ensure_schema(self) -> None:
        """Do nothing: the table is there (`Executor.prepare`), and to look costs as much as a small migration."""

    def record_unapplied(self, app: str, name: str) -> None:
        with self._recording.silent():
            super().record_unapplied(app, name)


def _render(state: ProjectState) -> None:
    """Render all models at once, as ``migrate`` does: operations then render only what they change."""
    if "apps" not in vars(state):
        state.apps  # noqa: B018


def _looks_at_models(operation: Operation) -> bool:
    """Whether it does more with rendered models than to make SQL of their fields."""
    known = type(operation).__module__.startswith("django.db.migrations.operations")
    return not known or isinstance(operation, RenameModel) or any(run_pythons(operation))


def _forget_rows(state: ProjectState) -> None:
    """Empty the caches that Django's managers have of rows: they may be of another database."""
    for registry in (installed_apps, *([state.apps] if "apps" in vars(state) else [])):
        for model in ("contenttypes.ContentType", "sites.Site"):
            with suppress(LookupError):
                manager: Any = registry.get_model(model)._default_manager
                manager.clear_cache()


def _counted(operation: Operation, recording: Recording) -> Operation:
    """The operation with Python code that tells when it runs."""

    def python(one: RunPython) -> RunPython:
        one = copy.copy(one)
        for name in ("database_forwards", "database_backwards"):
            vars(one)[name] = partial(_in_python, recording, getattr(one, name))
        return one

    return with_python(operation, python)


def _watched(operation: Operation, index: int, recording: Recording) -> Operation:
    """A copy of an operation that tells when it runs."""
    watched = copy.copy(operation)
    for name in ("database_forwards", "database_backwards"):
        vars(watched)[name] = partial(_in_operation, recording, index, getattr(watched, name))
    return watched


def _in_python(recording: Recording, method: Callable[..., None], *args: Any) -> None:
    with recording.running_python():
        method(*args)


def _in_operation(
    recording: Recording, index: int, method: Callable[..., None], app_label: str, editor: Any, *states: ProjectState
) -> None:
    with recording.operating(index):
        method(app_label, editor, *states)
        recording.defer(editor.deferred_sql)


def _failure(error: BaseException, recording: Recording, migration: "Migration", guard: Guard) -> Failure:
    operation = recording.failed
    described = guard.reason or _described(error)
    if isinstance(error, IrreversibleError):
        operation = next((i for i, each in enumerate(migration.operations) if not each.reversible), None)
        if operation is not None:  # Django's message is its repr
            described = f"IrreversibleError: {type(migration.operations[operation]).__name__} is not reversible"
    limit = guard.hint if guard.reason else guard.limits.statement_hint if TIMEOUT in described else None
    return Failure(
        error=described,
        sql=recording.refused(error),
        operation=operation,
        line=_line(error, migration_path(migration), operation),
        hint=limit or (OTHER_DATABASE if OWN_ONLY in described else None),
        limit=limit is not None,
    )


def _described(error: BaseException) -> str:
    if isinstance(error, Stopped):
        return str(error)
    text = ADDRESS.sub("", " ".join(str(error).split()))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _line(error: BaseException, path: Path, operation: int | None) -> int | None:
    """Of the migration file: the deepest in the traceback, or where the operation stands."""
    for frame, line in reversed(list(walk_tb(error.__traceback__))):
        if Path(frame.f_code.co_filename).resolve() == path:
            return line
    with suppress(OSError, SyntaxError, ValueError):
        places = operation_lines(path) or ()
        if operation is not None and operation < len(places):
            return places[operation].line
    return None


def _is_open(connection: Any) -> bool:
    """Whether a transaction is."""
    session = connection.connection
    return session is not None and int(session.info.transaction_status) != IDLE
