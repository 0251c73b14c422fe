"""What one run of a migration executes: every statement on its way to the server, and what it is of."""

import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from msgspec.structs import replace

from migsafe import actions as a
from migsafe.actions import Parsed
from migsafe.model import Effect, LockMode
from migsafe.postgres.locks import blocks
from migsafe.project.guard import Guard
from migsafe.sql.compare import differences, not_refused
from migsafe.sql.effects import Analysis, named
from migsafe.sql.observation import Observation
from migsafe.sql.parse import parse
from migsafe.sql.session import Session
from migsafe.verification import Difference, Executed, Queries

T = TypeVar("T")

Ask = Callable[[str], list[tuple[Any, ...]]]
"""Executes SQL in the session that is watched, unseen by Django."""

SAVEPOINTS = ("SAVEPOINT", "RELEASE", "ROLLBACK")
READS = ("SELECT", "SHOW", "EXPLAIN", "FETCH", "VALUES", "TABLE")

NO_BLOCK = ("25001", "2D000")
"""SQLSTATE of what is refused in a transaction block: active_sql_transaction, invalid_transaction_termination."""

IDLE = 0
"""libpq's PQTRANS_IDLE."""

_SET_TRANSACTION = re.compile(r"SET\s+(LOCAL\s+|SESSION\s+)?(TRANSACTION|CHARACTERISTICS)\b", re.IGNORECASE)

LONGEST = 1_000_000
"""Characters of a text that is analysed: a bulk INSERT can have any number of rows."""

SHOWN = 10_000
"""Characters of a statement in a report."""

_BOUND = re.compile(r"\b(WHERE|LIMIT|FETCH)\b", re.IGNORECASE)
_COUNT = re.compile(r"SELECT (COUNT|SUM|AVG|MIN|MAX)\([^,]*\)( AS \S+)? FROM", re.IGNORECASE)
"""What Django makes of ``count()`` and of a single aggregate: the whole table is read, but one row comes back."""

_COUNTING = (a.Insert, a.Update, a.Delete, a.Merge, a.Copy)


class Watcher(Protocol):
    """Sees what statements do to the database. Every session that it opens is closed again when a method returns."""

    def begin(self, ask: Ask) -> None:
        """Look at a transaction before the first statement that is watched."""

    def skip(self, ask: Ask) -> None:
        """Look at a transaction before a statement that was not its first: what others have done is not of it."""

    def look(self, ask: Ask) -> Observation:
        """Say what was done since the last look at the transaction, which is still open."""

    def is_empty(self, ask: Ask, relation: str) -> bool:
        """Whether a table of the last look has no rows, or its rows cannot be read."""

    def alone(self, process: int, statement: str, execute: Callable[[], T]) -> tuple[T, Observation | None]:
        """Execute a statement that commits by itself, and see what it does, if the server has room for that.

        Args:
            process: Of the server, that executes it.
        """


STOPPED = "stopped by migsafe"
"""How the text of `Stopped` begins."""


class Stopped(BaseException):
    """The run was to be stopped here, whatever the project's code catches."""


class Recording:
    """Takes all that a connection executes (`connection.execute_wrapper`), as one migration's.

    Attributes:
        statements: So far.
        session: As they have left it, from their texts.
        operation: Index of the operation that runs; None outside of all.
        failed: Index of the operation that has raised an exception, if one has.
    """

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        session: Session,
        guard: Guard,
        *,
        watcher: Watcher | None,
        stop_after: int | None,
        stop_repeating: int | None = None,
    ) -> None:
        self.statements: list[Executed] = []
        self.differences: list[Difference] = []
        self.session = session
        self.operation: int | None = None
        self.failed: int | None = None
        self._connection: Any = connection
        self._guard = guard
        self._watcher = watcher
        self._stop_after = stop_after
        self._stop_repeating = stop_repeating
        self._repeated = 0
        self._silent = self._python = self._by_editor = False
        self._begun = self._unseen = False
        self._refused: tuple[BaseException, str] | None = None
        self._tallies: defaultdict[int, _Tally] = defaultdict(_Tally)
        self._owners: dict[int, tuple[object, int]] = {}

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Record what the connection executes."""
        attributes = vars(self._connection)
        editor = self._connection.SchemaEditorClass
        ends = {name: getattr(self._connection, name) for name in ("_commit", "_rollback")}

        def commit() -> None:
            ends["_commit"]()
            self._end(self.session.commit())

        def rollback() -> None:
            self._end(self.session.rollback())
            ends["_rollback"]()

        attributes["SchemaEditorClass"] = type(editor.__name__, (_Editor, editor), {"recording": self})
        attributes.update(_commit=commit, _rollback=rollback)
        try:
            with self._connection.execute_wrapper(self):
                yield
        finally:
            for name in ("SchemaEditorClass", *ends):
                del attributes[name]

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Let through what is not the migration's."""
        self._silent, before = True, self._silent
        try:
            yield
        finally:
            self._silent = before

    @contextmanager
    def operating(self, index: int) -> Iterator[None]:
        """What is executed meanwhile is of an operation."""
        before, self.operation = self.operation, index
        try:
            yield
            self.failed = None  # its code went on after that
        except BaseException:
            self.failed = index
            raise
        finally:
            self.operation = before

    @contextmanager
    def running_python(self) -> Iterator[None]:
        """What is executed meanwhile is asked for by Python code of the operation that runs."""
        self._python, before = True, self._python
        try:
            yield
        finally:
            self._python = before

    @contextmanager
    def by_editor(self, sql: object) -> Iterator[None]:
        """What is executed meanwhile goes through the schema editor: outside of all operations, deferred SQL."""
        _, owner = self._owners.get(id(sql), (None, None))
        operation, by_editor = self.operation, self._by_editor
        self.operation, self._by_editor = owner if operation is None else operation, True
        try:
            yield
        except BaseException:
            self.failed = self.operation
            raise
        finally:
            self.operation, self._by_editor = operation, by_editor

    def defer(self, deferred: Iterable[object]) -> None:
        """Note that statements left for the end of the migration are of the operation that runs, if nobody's yet."""
        assert self.operation is not None
        for sql in deferred:
            self._owners.setdefault(id(sql), (sql, self.operation))

    @property
    def queries(self) -> tuple[Queries, ...]:
        return tuple(tally.queries(operation) for operation, tally in sorted(self._tallies.items()))

    def refused(self, error: BaseException | None) -> str | None:
        """The statement that an error is about, or one that it was raised for."""
        seen: set[int] = set()
        while error is not None and id(error) not in seen:
            if self._refused is not None and error is self._refused[0]:
                return shown(self._refused[1])
            seen.add(id(error))
            error = error.__cause__ or error.__context__
        return None

    def __call__(self, execute: Callable[..., T], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> T:
        if self._silent:
            return execute(sql, params, many, context)
        self._guard.check()
        if many:
            params = list(params)
        shape = sql if isinstance(sql, str) else sql.as_string(self._connection.connection)
        word = _first_word(shape)
        tally = self._tallies[self.operation] if self._python and self.operation is not None else None
        known = tally is not None and shape in tally.shapes
        call = _Call(lambda: execute(sql, params, many, context), context["cursor"])
        try:
            if word not in SAVEPOINTS and not known and self._changes(shape, word):
                return self._record(call, self._composed(shape, params, many=many))
            self._unseen = True
            if word in SAVEPOINTS:
                self._fold(shape)
            return self._again(call) if known and word not in READS else call()
        except DatabaseError as error:
            self._refused = (error, self._composed(shape, params, many=many))
            raise
        finally:
            if tally is not None and word not in SAVEPOINTS:
                if not known and not getattr(context["cursor"].cursor, "name", None):  # iterator() fetches by parts
                    tally.whole_tables.update(_whole_tables(self._composed(shape, params, many=many)))
                tally.add(shape, call)

    def _changes(self, text: str, word: str) -> bool:
        """Whether a statement may change the schema or rows; a SELECT of RunSQL may call a function that does."""
        if self._by_editor or word not in (*READS, "WITH"):
            return True
        return word == "WITH" and not all(isinstance(action, a.Select) for one in parse(text) for action in one.actions)

    def _composed(self, shape: str, params: Any, *, many: bool) -> str:
        """The text with its parameters merged in; the first ones, if it is executed with several."""
        if many:
            params = params[0] if params else None
        if not params:
            return shape
        try:
            composed: str = self._connection.ops.compose_sql(shape, params)
        except Exception:
            return shape
        return composed

    def _record(self, call: "_Call[T]", text: str) -> T:
        parts = _parsed(text)
        parsed = _together(parts)
        transaction = self._in_transaction()
        before = self.session
        after, analysis = before.run(parsed, alone=len(parts) == 1)
        observed: Observation | None = None
        error: str | None = None
        try:
            result, observed = self._watched(call, text, parsed, analysis, transaction=transaction)
            self.session = after
        except DatabaseError as refused:
            error = _message(refused)
            raise
        finally:
            executed = Executed(
                sql=shown(parsed.sql or text),
                operation=self.operation,
                transaction=transaction,
                seconds=call.seconds,
                rows=call.rows if any(isinstance(action, _COUNTING) for action in parsed.actions) else None,
                predicted=_predicted(before, analysis, observed.held if observed else before.locks.modes),
                observed=observed.effects if observed else None,
                built=observed.built if observed else (),
                error=error,
            )
            self.statements.append(executed)
        if observed is not None:
            self.differences += self._differences(executed, observed, parsed, analysis, before, after)
        self._stop()
        return result

    def _in_transaction(self) -> bool:
        """Whether the next statement runs in a transaction block; the session is then in one too."""
        idle = self._status() == IDLE
        if idle:
            self._end(self.session.commit())
        transaction = bool(self._connection.in_atomic_block or not self._connection.autocommit or not idle)
        if transaction:
            self.session = self.session.begin(filled=True)
        return transaction

    def _end(self, session: Session) -> None:
        self.session = session
        self._begun = False

    def _differences(
        self,
        executed: Executed,
        observed: Observation,
        parsed: Parsed,
        analysis: Analysis,
        before: Session,
        after: Session,
    ) -> Iterable[Difference]:
        if self._watcher is None or executed.predicted is None:
            return ()
        index = len(self.statements) - 1
        if analysis.statement.fails:
            return (not_refused(analysis.statement.fails, index),)
        unseen = {effect.relation for effect in executed.predicted if effect.scans}
        unseen -= {effect.relation for effect in observed.effects if effect.scans}
        # The query that validates a foreign key need not read the table that it refers to.
        altered = {
            before.catalog.display(before.catalog.locate(action.relation))
            for action in parsed.actions
            if isinstance(action, a.TableCommand)
        }
        # Nor does a join read anything if one of its tables is empty: those made in the transaction count too.
        relations = sorted(effect.relation for effect in analysis.statement.effects)
        tables = [each for each in relations if before.catalog.index(named(each)) is None]
        watcher = self._watcher
        return differences(
            parsed,
            executed.predicted,
            observed.effects,
            before=before.catalog,
            after=after.catalog,
            unread=unseen
            if unseen and any(watcher.is_empty(self._ask, table) for table in tables)
            else unseen - altered,
            held=observed.held,
            statement=index,
        )

    def _watched(
        self, call: "_Call[T]", text: str, parsed: Parsed, analysis: Analysis, *, transaction: bool
    ) -> tuple[T, Observation | None]:
        watcher = self._watcher
        if watcher is None or _controls(parsed) or (not transaction and analysis.statement.fails):
            self._unseen = True
            return call(), None
        if transaction:
            if not self._begun:
                watcher.begin(self._ask)
            elif self._unseen:
                watcher.skip(self._ask)
            self._begun, self._unseen = True, False
            result = call()
            return result, watcher.look(self._ask)
        if not self.session.begin().run(parsed)[1].statement.fails:
            try:
                return self._in_block(watcher, call)
            except DatabaseError as error:
                if _sqlstate(error) not in NO_BLOCK:
                    raise
        return watcher.alone(self._connection.connection.info.backend_pid, text, call)

    def _in_block(self, watcher: Watcher, call: "_Call[T]") -> tuple[T, Observation]:
        """Execute a statement in a transaction of its own, which it has anyway, and look before that ends."""
        self._ask("BEGIN")
        try:
            watcher.begin(self._ask)
            result = call()
            seen = watcher.look(self._ask)
        except BaseException:
            self._ask("ROLLBACK")
            raise
        self._ask("COMMIT")
        return result, seen

    def _again(self, call: "_Call[T]") -> T:
        """Execute a statement that Python code makes again, with other values."""
        result = call()
        self._repeated += 1
        if self._repeated == self._stop_repeating:
            self._connection.on_commit(partial(_raise_stopped, self._repeated))
        return result

    def _stop(self) -> None:
        if self._stop_after == len(self.statements):
            self._connection.on_commit(partial(_raise_stopped, self._stop_after))

    def _fold(self, text: str) -> None:
        self._in_transaction()
        for parsed in parse(text):
            self.session, _ = self.session.run(parsed)

    def _status(self) -> int:
        return int(self._connection.connection.info.transaction_status)

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connection.wrap_database_errors, self._connection.connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []


def _raise_stopped(number: int) -> None:
    raise Stopped(f"{STOPPED} after statement {number}")


class _Editor(BaseDatabaseSchemaEditor):
    """Mixed into the project's SchemaEditor."""

    recording: Recording

    def execute(self, sql: Any, params: Any = ()) -> None:
        with self.recording.by_editor(sql):
            super().execute(sql, params)


class _Call(Generic[T]):
    """One execution.

    Attributes:
        seconds: How long it has taken; 0 as long as it was not made.
    """

    def __init__(self, execute: Callable[[], T], cursor: Any) -> None:
        self._execute = execute
        self._cursor = cursor
        self.seconds = 0.0

    def __call__(self) -> T:
        started = time.perf_counter()
        try:
            return self._execute()
        finally:
            self.seconds += time.perf_counter() - started

    @property
    def rows(self) -> int | None:
        """How many rows it was about; None if the server does not say."""
        return self._cursor.rowcount if self._cursor.rowcount >= 0 else None


class _Tally:
    """Queries of the Python code of one operation."""

    def __init__(self) -> None:
        self.shapes: Counter[str] = Counter()
        self.whole_tables: set[str] = set()
        self._seconds = 0.0
        self._rows = 0

    def add(self, shape: str, call: _Call[Any]) -> None:
        self.shapes[shape] += 1
        self._seconds += call.seconds
        if _first_word(shape) not in READS:
            self._rows += call.rows or 0

    def queries(self, operation: int) -> Queries:
        ((shape, times),) = self.shapes.most_common(1)
        return Queries(
            operation=operation,
            count=self.shapes.total(),
            seconds=self._seconds,
            rows=self._rows,
            repeated=shape if times > 1 else None,
            times=times if times > 1 else 0,
            whole_tables=tuple(sorted(self.whole_tables)),
        )


def _parsed(text: str) -> tuple[Parsed, ...]:
    if len(text) > LONGEST:
        return (Parsed(sql=text, line=1, actions=(a.Unknown(reason=f"longer than {LONGEST:,} characters"),)),)
    return parse(text)


def _first_word(text: str) -> str:
    return text.lstrip(" (\n\t").split(maxsplit=1)[0].upper() if text.strip() else ""


def shown(sql: str) -> str:
    return sql if len(sql) <= SHOWN else f"{sql[:SHOWN]}…"


def _together(parsed: tuple[Parsed, ...]) -> Parsed:
    """The statements of one text, which are one transaction, as one."""
    if len(parsed) == 1:
        return parsed[0]
    return Parsed(
        sql="; ".join(one.sql for one in parsed),
        line=1,
        actions=tuple(action for one in parsed for action in one.actions),
        dynamic=any(one.dynamic for one in parsed),
    )


def _controls(parsed: Parsed) -> bool:
    """Whether a statement is about the session or its transaction.

    SET TRANSACTION has to come before all queries of the transaction, also before those that would watch it.
    """
    if parsed.dynamic:
        return False
    return _SET_TRANSACTION.match(parsed.sql) is not None or any(
        isinstance(action, a.Transaction | a.SetVariable) for action in parsed.actions
    )


def _predicted(before: Session, analysis: Analysis, held: Mapping[str, LockMode]) -> tuple[Effect, ...] | None:
    """Effects on relations from before the transaction, without locks that it holds anyway."""
    return tuple(_effects(before, analysis, held)) if analysis.statement.analysed else None


def _effects(before: Session, analysis: Analysis, held: Mapping[str, LockMode]) -> Iterator[Effect]:
    first_new = (before.block.begun if before.block else before).catalog.next_oid
    known = {name: relation for step in analysis.steps for name, relation in step.relations.items()}
    for effect in analysis.statement.effects:
        relation = known.get(effect.relation)
        if relation is not None and relation.oid >= first_new:
            continue
        lock = max(effect.lock, held.get(effect.relation, effect.lock))
        if effect.rewrites or effect.scans or lock != held.get(effect.relation):
            yield replace(effect, lock=lock, blocks=blocks(lock))


def _whole_tables(text: str) -> Iterator[str]:
    """Tables that a statement reads whole, or changes in all rows: it has neither a condition nor a limit."""
    for parsed in _parsed(text):
        for action in parsed.actions:
            if isinstance(action, a.Update | a.Delete) and not action.filtered:
                yield str(action.relation)
            elif isinstance(action, a.Select) and not _BOUND.search(text) and not _COUNT.match(text):
                yield from map(str, action.reads)


def _message(error: DatabaseError) -> str:
    """The server's message, or the driver's."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return (diagnostics and diagnostics.message_primary) or " ".join(str(error).split())


def _sqlstate(error: DatabaseError) -> str | None:
    cause: Any = error.__cause__
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
