"""One walk over the history: every operation with its SQL, forwards and backwards, exactly as a server would get it.

Each migration goes through Django's own schema editor on an `OfflineConnection`, as `Migration.apply` and
`Migration.unapply` would send it through a real one. What an operation executes is recorded at the cursor, so it is the
text that a server would get, whatever the operation, the schema editor or the backend did to make it.
"""

import copy
import tokenize
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx
from django.db.migrations.operations import (
    AddField,
    AlterField,
    DeleteModel,
    RemoveField,
    RenameField,
    RenameModel,
    RunPython,
    SeparateDatabaseAndState,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.models import ModelOperation
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import MigrationWriter, OperationWriter
from django.db.models import NOT_PROVIDED
from django.db.models.fields import AutoFieldMixin

from migsafe.actions import (
    AddColumn,
    AlterGenerated,
    AlterIdentity,
    CreateTable,
    DropColumn,
    DropDefault,
    DropObject,
    DropTable,
    DropView,
    RenameColumn,
    RenameObject,
    RenameTable,
    SetSchema,
    Truncate,
)
from migsafe.project.graph import History, Key
from migsafe.project.load import Project, user_code
from migsafe.project.offline import NeedsConnection, OfflineConnection, installed, offline_connection
from migsafe.project.operations import ReplayedMigration, ReplayedOperation, SqlStatement
from migsafe.project.python import (
    QUERY_METHODS,
    Described,
    Nothing,
    databases,
    functions,
    introduced,
    is_migrated,
    opaque,
    run_pythons,
    source_of,
    without_python,
)
from migsafe.project.source import OperationLine, operation_lines
from migsafe.project.stages import stage
from migsafe.project.state import HistoricalState, Registries, automatic_table, column_of, field_of, has_table, table_of
from migsafe.project.suppressions import Suppression, suppression_in_sql, suppressions
from migsafe.python import HistoricalModels, PythonFunction
from migsafe.sql.catalog import Catalog
from migsafe.sql.session import Session

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations import Migration
    from django.db.models import Field


class Point(NamedTuple):
    """A place in a history that replays can go on from, also those of another history that is the same so far.

    Attributes:
        done: What has been replayed, in order.
    """

    done: tuple[Key, ...]
    state: HistoricalState
    session: Session
    introduced: dict[Key, frozenset[str]]
    described: Described


class Replay:
    """A walk over the history from an empty database on; nothing connects.

    An operation whose SQL can't be had offline is ``unanalysed``: what it executed before it failed is dropped, the
    schema stays as it was before it, and the walk goes on with the state as its ``state_forwards`` leaves it. If only
    the value of a default can't be had, the schema does follow.

    Iterating gives migrations in the order of ``history.order``, one at a time: nothing is kept but the schema and the
    state between two of them.

    Args:
        postgres: Major version of the target server.
        backward: Whether to make backward SQL too.
        wanted: Migrations to yield; None for all. Those before are replayed, those after the last one are not.
        apart: Whether each operation is as it would be in a migration of its own, with the project's models before and
            after it: what it puts off to the end of the migration is done at its own end.
        start: Where to go on from; what is wanted has to come later. It is not used where the history differs before.
        catalog: The schema that the first migration meets; None for an empty one.
    """

    def __init__(
        self,
        project: Project,
        history: History,
        postgres: int,
        *,
        backward: bool = False,
        wanted: Collection[Key] | None = None,
        apart: bool = False,
        start: Point | None = None,
        catalog: Catalog | None = None,
    ) -> None:
        self.history = history
        self.apart = apart
        self.backward = backward
        self.connection = offline_connection(project.database, postgres, catalog or Catalog())
        if start is None or history.order[: len(start.done)] != start.done:
            registries = Registries(history.loader.unmigrated_apps)
            session = self.connection.session
            start = Point((), HistoricalState(registries), session, {}, Described(registries))
        self.state = start.state
        self.connection.session = start.session
        self._introduced: dict[Key, frozenset[str]] = dict(start.introduced)
        self._described = start.described
        self._done = len(start.done)
        self._keys = iter(history.order[self._done :])
        self._left = set(history.order if wanted is None else wanted)

    def __iter__(self) -> Iterator[ReplayedMigration]:
        while self._left:
            key = next(self._keys)
            wanted = key in self._left
            self._left.discard(key)
            if replayed := self._step(key, wanted=wanted):
                yield replayed

    def until(self, keys: Collection[Key]) -> Point:
        """Go on to just before the first of some migrations."""
        first = next(index for index, key in enumerate(self.history.order) if key in keys)
        for key in islice(self._keys, max(first - self._done, 0)):
            self._step(key, wanted=False)
        done = self.history.order[:first]
        return Point(done, self.state, self.connection.session, dict(self._introduced), self._described)

    def end(self) -> Catalog:
        """Go on to the end of the history; return the schema there."""
        for key in self._keys:
            self._step(key, wanted=False)
        return self.connection.catalog

    def _step(self, key: Key, *, wanted: bool) -> ReplayedMigration | None:
        """Replay one migration; return it if it is wanted."""
        migration = self.history.migration(key)
        with user_code(), installed(self.connection):
            return self._replay(key, migration, wanted=wanted)

    def _replay(self, key: Key, migration: "Migration", *, wanted: bool) -> ReplayedMigration | None:
        before, state = self.connection.catalog, self.state
        forward = _Run(self.connection, migration, self._models if wanted and self.apart else None)
        self.state = forward.apply(state)
        self._introduced[key] = frozenset(introduced(state, self.state))
        after = self.connection.catalog
        if not wanted:
            return None
        backward = self._unapply(migration, state, forward) if self.backward else None
        when = stage(migration)
        running = self.state if when == "after" else state
        path = self.history.path(key)
        places = _places(path, len(migration.operations))
        lines: list[int | None] = [place.line for place in places] or [None] * len(migration.operations)
        operations = tuple(
            self._replayed(index, migration, line, state, running, forward, backward)
            for index, line in enumerate(lines)
        )
        return ReplayedMigration(
            app=migration.app_label,
            name=migration.name,
            path=str(path),
            atomic=migration.atomic,
            initial=is_initial(migration),
            replaces=tuple((app, name) for app, name in migration.replaces),
            dependencies=tuple((app, name) for app, name in migration.dependencies),
            operations=operations,
            before=before,
            after=after,
            suppressions=tuple(_suppressions(path, places, operations)),
            stage=when,
            routed_elsewhere=not all(
                is_migrated(one, migration.app_label, self.connection.alias) for one in migration.operations
            ),
        )

    def _models(self, state: HistoricalState) -> HistoricalModels:
        return HistoricalModels(self._described.models(state))

    def _python(self, operation: RunPython, migration: "Migration", met: ProjectState) -> Iterator[PythonFunction]:
        """The functions of a RunPython, with the models that they meet."""
        key = (migration.app_label, migration.name)
        expected = {key, *networkx.ancestors(self.history.digraph, key)}
        certain = frozenset().union(*(self._introduced[each] for each in expected))
        by_luck = {
            name: ".".join(each)
            for each, names in self._introduced.items()
            if each not in expected
            for name in names - certain
        }
        models = HistoricalModels(self._described.models(met), by_luck, QUERY_METHODS)
        yield from functions(operation, models, several_databases=databases(migration.app_label) > 1)

    def _unapply(self, migration: "Migration", state: HistoricalState, forward: "_Run") -> "_Run":
        """Unapply a migration that was just applied to a state; the schema afterwards is the one before unapplying it.

        Django refuses to if one of its operations is not reversible. The others' SQL is worth knowing all the same.
        """
        after = self.connection.session
        backward = _Run(self.connection, migration)
        backward.failures = {index: f"what it did is not known: {forward.failures[index]}" for index in forward.undone}
        backward.unapply(state)
        self.connection.session = after
        return backward

    def _replayed(
        self,
        index: int,
        migration: "Migration",
        line: int | None,
        before: HistoricalState,
        running: HistoricalState,
        forward: "_Run",
        backward: "_Run | None",
    ) -> ReplayedOperation:
        """Describe an operation.

        Args:
            running: Models of the code that runs when the migration does.
        """
        operation = migration.operations[index]
        python = [
            each for each in run_pythons(operation) if is_migrated(each, migration.app_label, self.connection.alias)
        ]
        description = type(operation).__name__
        with suppress(Exception):
            description = operation.describe()
        return ReplayedOperation(
            index=index,
            kind=type(operation).__name__,
            bases=tuple(f"{base.__module__}.{base.__qualname__}" for base in _bases(operation)),
            description=description,
            line=line,
            models=tuple(dict.fromkeys(_models(operation, migration.app_label))),
            exchanges=_exchanges(operation, migration, before),
            removes=tuple(_removes(operation, migration.app_label)),
            in_models=tuple(_in_models(forward.statements[index], running)),
            awaited=() if running is before else tuple(_awaited(forward.statements[index], running)),
            left_to_database=tuple(_left_to_database(forward.statements[index], running)),
            forgets=tuple(_forgets(operation, migration.app_label, before)),
            reversible=_is_reversible(operation),
            elidable=bool(operation.elidable),
            atomic=bool(migration.atomic or operation.atomic),
            opaque=opaque(python),
            python=tuple(
                function
                for each in python
                for function in self._python(each, migration, forward.met.get(id(each), before))
            ),
            source=source_of(python),
            computed=forward.computed.get(index, {}),
            unanalysed=forward.failures.get(index),
            forward=tuple(forward.statements[index]),
            backward=tuple(backward.statements[index]) if backward else (),
            backward_unanalysed=backward.failures.get(index) if backward else None,
            serialized=_serialized(operation, migration.__module__) if forward.describe else None,
            renamed_field=forward.renamed_fields.get(index),
            models_before=forward.models.get(index, (None, None))[0],
            models_after=forward.models.get(index, (None, None))[1],
        )


class _Run:
    """One migration in one direction, by its own `apply` or `unapply`, which projects may override.

    Attributes:
        failures: Why an operation's SQL is not known, by its index. Those that it has beforehand are not run.
        met: The state that each RunPython meets, by its ``id()``.
        computed: As `ReplayedOperation` has it, by index.
        undone: Operations that failed so that the schema is as if they had not run.
        statements: What each operation executed, deferred statements last.
        models: Those before and after each operation, by index, if ``describe`` is given: then each stands alone.
        renamed_fields: As `ReplayedOperation` has it, by index, if ``describe`` is given.
    """

    def __init__(
        self,
        connection: OfflineConnection,
        migration: "Migration",
        describe: Callable[[HistoricalState], HistoricalModels] | None = None,
    ) -> None:
        self.connection = connection
        self.migration = migration
        self.describe = describe
        self.models: dict[int, tuple[HistoricalModels, HistoricalModels]] = {}
        self.renamed_fields: dict[int, tuple[str, tuple[str, ...]]] = {}
        self.failures: dict[int, str] = {}
        self.met: dict[int, ProjectState] = {}
        self.undone: set[int] = set()
        self.computed: dict[int, dict[str, str]] = {}
        self.statements: defaultdict[int, list[SqlStatement]] = defaultdict(list)
        self._owners: dict[int, tuple[object, int]] = {}

    def apply(self, state: HistoricalState) -> HistoricalState:
        """Apply the migration to the connection's schema and to a copy of the state; return that."""
        return self._run(self._watched(lambda operation: operation).apply, state)

    def unapply(self, state: HistoricalState) -> None:
        """Unapply the migration, given the state before it; operations that are not reversible do nothing."""
        self._run(self._watched(lambda operation: operation if _is_reversible(operation) else Nothing()).unapply, state)

    def _watched(self, choose: Callable[[Operation], Operation]) -> "Migration":
        """A copy of the migration whose operations tell when they run."""
        operations: list[Operation] = []
        for index, operation in enumerate(self.migration.operations):
            chosen = copy.copy(without_python(choose(operation), self._meet))
            vars(chosen).update(
                state_forwards=partial(self._state_forwards, index, operation),
                database_forwards=partial(self._database, index, chosen.database_forwards),
                database_backwards=partial(self._database, index, chosen.database_backwards),
            )
            operations.append(chosen)
        watched = copy.copy(self.migration)
        vars(watched)["operations"] = operations
        return watched

    def _run(self, method: Callable[..., Any], state: HistoricalState) -> HistoricalState:
        session, after = self.connection.session, state.clone()

        def run() -> None:
            nonlocal after
            with self.connection.schema_editor(atomic=self.migration.atomic) as editor:
                after = method(after, editor)
                editor.deferred_sql = self._deferred(editor.deferred_sql)

        if failure := _failure(run):
            # Only code around the operations gets here: a migration's or a schema editor's own.
            after = state.clone()
            for index, operation in enumerate(self.migration.operations):
                self._state_forwards(index, operation, self.migration.app_label, after)
                self.failures.setdefault(index, failure)
                self.undone.add(index)
            self.statements.clear()
            self.connection.executed.clear()
            self.connection.session = session
        return after

    def _meet(self, operation: RunPython, state: ProjectState) -> None:
        self.met.setdefault(id(operation), state)

    def _state_forwards(self, index: int, operation: Operation, app_label: str, state: HistoricalState) -> None:
        if failure := _failure(operation.state_forwards, app_label, state):
            self.failures.setdefault(index, f"its state_forwards fails: {failure}")
            self.undone.add(index)

    def _database(
        self,
        index: int,
        method: Callable[..., None],
        app_label: str,
        editor: "BaseDatabaseSchemaEditor",
        from_state: HistoricalState,
        to_state: HistoricalState,
    ) -> None:
        if self.describe:
            if renamed := _renamed_field(self.migration.operations[index], app_label, from_state):
                self.renamed_fields[index] = renamed
            self.models[index] = (self.describe(from_state), self.describe(to_state.clone()))
        if index in self.failures:
            return
        offline = self.connection
        session, deferred = offline.session, list(editor.deferred_sql)
        offline.refused = offline.assumed = None
        offline.computed = {}

        def run() -> None:
            # Django changes the state for the next operation in place, but reverse relations are kept by state.
            method(app_label, editor, from_state, to_state.clone())
            while self.describe and editor.deferred_sql:
                editor.execute(editor.deferred_sql.pop(0), None)

        failure = _failure(run)
        # Code that catches everything may have gone on with a guess.
        if failure := offline.refused or failure:
            self.failures[index] = failure
            self.undone.add(index)
            offline.session = session
            offline.needs_rollback = False
            editor.deferred_sql = deferred
            to_state.registries.forget()
        elif offline.assumed:
            self.failures[index] = offline.assumed
        self.computed[index] = offline.computed
        self._collect(index, deferred=False)
        for sql in editor.deferred_sql:
            self._owners.setdefault(id(sql), (sql, index))

    def _deferred(self, deferred: list[Any]) -> Iterator[Any]:
        """Hand out the deferred statements one by one, so that what is executed for each goes to its operation."""
        for sql in deferred:
            yield sql
            _, index = self._owners.get(id(sql), (sql, len(self.migration.operations) - 1))
            self._collect(index, deferred=True)

    def _collect(self, index: int, *, deferred: bool) -> None:
        if index not in self.failures:
            self.statements[index] += [
                SqlStatement(parsed=parsed, before=before, deferred=deferred, transaction=in_transaction, text=text)
                for parsed, before, in_transaction, text in self.connection.executed
            ]
        self.connection.executed.clear()


def _failure(call: Callable[..., object], *args: object) -> str | None:
    """Run the project's code and say in one line how it failed; None if it did not."""
    try:
        call(*args)
    except (Exception, SystemExit) as error:
        text = str(error).strip().partition("\n")[0]
        if isinstance(error, NeedsConnection):
            return text
        return f"{type(error).__name__}: {text}" if text else type(error).__name__
    return None


def _serialized(operation: Operation, module: str) -> tuple[str, tuple[str, ...]] | None:
    """An operation as Django writes it; what the migration's own file defines is named without its module."""
    try:
        text, imports = OperationWriter(operation, indentation=0).serialize()
    except Exception:
        return None
    own = text.rstrip().removesuffix(",").replace(f"{module}.", "")
    return own, tuple(sorted(imports - {f"import {module}"}))


def _renamed_field(operation: Operation, app: str, before: HistoricalState) -> tuple[str, tuple[str, ...]] | None:
    if not isinstance(operation, RenameField):
        return None
    model = before.find((app, operation.model_name_lower))
    if model is None or operation.old_name not in model.fields:
        return None
    try:
        text, imports = MigrationWriter.serialize(model.fields[operation.old_name])
    except Exception:
        return None
    return text, tuple(sorted(imports))


def _is_reversible(operation: Operation) -> bool:
    nested = operation.database_operations if isinstance(operation, SeparateDatabaseAndState) else []
    return bool(operation.reversible) and all(_is_reversible(each) for each in nested)


def _bases(operation: Operation) -> list[type]:
    return [base for base in type(operation).__mro__ if base not in Operation.__mro__]


def _models(operation: Operation, app: str) -> Iterator[str]:
    """Labels of the models that an operation names; state operations say what the SQL beside them is about."""
    for attribute in ("database_operations", "state_operations"):
        for nested in getattr(operation, attribute, None) or ():
            yield from _models(nested, app)
    names = ["model_name"]
    if isinstance(operation, RenameModel):
        names = ["old_name", "new_name"]
    elif isinstance(operation, ModelOperation):
        names = ["name"]
    for name in names:
        if isinstance(value := getattr(operation, name, None), str):
            yield f"{app}.{value}".lower()


def _exchanges(operation: Operation, migration: "Migration", before: HistoricalState) -> str | None:
    """The automatic table of a many-to-many field that gets a through model, or the other way round."""
    new: Operation | None = operation
    if isinstance(operation, RemoveField):
        key = operation.model_name_lower, operation.name_lower
        new = next((one for one in migration.operations if isinstance(one, AddField) and _field(one) == key), None)
    model = before.models.get((migration.app_label, getattr(operation, "model_name_lower", "")))
    if not isinstance(operation, AlterField | RemoveField) or not isinstance(new, AddField | AlterField) or not model:
        return None
    old = model.fields.get(operation.name)
    if old is None or not (old.many_to_many or new.field.many_to_many):
        return None
    former, later = (automatic_table(model, operation.name, field) for field in (old, new.field))
    return None if (former is None) == (later is None) else former or later


def _field(operation: AddField) -> tuple[str, str]:
    return operation.model_name_lower, operation.name_lower


def _removes(operation: Operation, app: str) -> Iterator[str]:
    """Labels of the models and fields that an operation takes out of the state; its state operations count too."""
    for nested in getattr(operation, "state_operations", None) or ():
        yield from _removes(nested, app)
    if isinstance(operation, RemoveField):
        yield f"{app}.{operation.model_name}.{operation.name}".lower()
    elif isinstance(operation, DeleteModel):
        yield f"{app}.{operation.name}".lower()


def _in_models(statements: Iterable[SqlStatement], models: HistoricalState) -> Iterator[str]:
    """What SQL takes away though models have it: tables and views, and columns as ``table.column``."""
    for statement in statements:
        for action in statement.parsed.actions:
            if isinstance(action, DropTable | DropView | RenameTable | SetSchema | Truncate):
                if has_table(models, action.relation.name):
                    yield action.relation.name
            elif isinstance(action, DropObject | RenameObject) and action.kind == "schema":
                names = [name.name for name in statement.before.tables if name.schema == action.name.name]
                yield from (name for name in sorted(names) if has_table(models, name))
            elif isinstance(action, DropColumn | RenameColumn) and field_of(
                models, action.relation.name, action.column
            ):
                yield f"{action.relation.name}.{action.column}"


def _awaited(statements: Iterable[SqlStatement], models: HistoricalState) -> Iterator[str]:
    """Tables and columns, as ``table.column``, that SQL makes or gives another name, and that models have."""
    for statement in statements:
        for action in statement.parsed.actions:
            if isinstance(action, CreateTable) and has_table(models, action.relation.name):
                yield action.relation.name
            elif isinstance(action, RenameTable) and has_table(models, action.new_name):
                yield action.new_name
            elif isinstance(action, AddColumn | RenameColumn):
                column = action.column.name if isinstance(action, AddColumn) else action.new_name
                if field_of(models, action.relation.name, column):
                    yield f"{action.relation.name}.{column}"


def _left_to_database(statements: Iterable[SqlStatement], models: HistoricalState) -> Iterator[str]:
    """Columns, as ``table.column``, whose defaults and the like SQL changes, and to which code gives no values."""
    for statement in statements:
        for action in statement.parsed.actions:
            if isinstance(action, DropDefault | AlterIdentity | AlterGenerated) and has_table(
                models, action.relation.name
            ):
                field = field_of(models, action.relation.name, action.column)
                if field is None or _is_filled_by_database(field):
                    yield f"{action.relation.name}.{action.column}"


def _is_filled_by_database(field: "Field[Any, Any]") -> bool:
    if isinstance(field, AutoFieldMixin) or getattr(field, "generated", False):
        return True
    # Django 5.0; where it has a default of Python's too, that is what it sends.
    return getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED and not field.has_default()


def _forgets(operation: Operation, app: str, before: HistoricalState) -> Iterator[str]:
    """Columns, as ``table.column``, that state operations take out of the models."""
    for nested in getattr(operation, "state_operations", None) or ():
        yield from _forgets(nested, app, before)
        if isinstance(nested, RemoveField) and (model := before.find((app, nested.model_name_lower))):
            field = model.fields.get(nested.name)
            if field is not None and not field.many_to_many:
                yield f"{table_of(model)}.{column_of(nested.name, field)}"


def is_initial(migration: "Migration") -> bool:
    """What `Migration.initial` means (`MigrationExecutor.detect_soft_applied`)."""
    if migration.initial is None:
        return all(app != migration.app_label for app, _ in migration.dependencies)
    return migration.initial


def _places(path: Path, count: int) -> tuple[OperationLine, ...]:
    """Where each operation stands; empty where the file does not say."""
    try:
        places = operation_lines(path)
    except (OSError, SyntaxError, ValueError):
        places = None
    return places if places is not None and len(places) == count else ()


def _suppressions(
    path: Path, places: Sequence[OperationLine], operations: Sequence[ReplayedOperation]
) -> Iterator[Suppression]:
    """Comments in the migration's file, in files with functions that its operations call, and in their SQL."""
    functions = {Path(each.path) for operation in operations for each in operation.python if each.path} - {path}
    for file in (path, *sorted(functions)):
        # It may have changed since it was imported.
        with suppress(OSError, SyntaxError, tokenize.TokenError):
            yield from suppressions(file, places if file == path else (), shared=file != path)
    for operation in operations:
        for number, statement in enumerate(operation.forward):
            for comment in statement.parsed.comments:
                if found := suppression_in_sql(comment, operation.index, number, operation.line):
                    yield found
