"""What a migration does to those who use its tables meanwhile: sessions read and write them as code before it does.

A transaction that has read every table stays open until the migration has waited for it for some time, so that the
lock queue shows: the migration waits for the transaction, and all others wait behind the migration.
"""

import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime
from itertools import cycle
from math import inf
from typing import Literal

import msgspec
import psycopg
from psycopg import Connection
from psycopg.errors import AdminShutdown
from psycopg.rows import TupleRow

from migsafe.model import LockMode
from migsafe.sandbox.relations import MODES, connect, relations
from migsafe.verification import Executed, Stall

SESSIONS = 8
"""Sessions that read, and as many that write; each has a table of its own as long as there are enough."""

_QUERIES = 500
"""How many queries a second all of them make together."""

_EVERY = 0.005
"""Seconds between two looks at the locks."""

_PATIENCE = 1.0
"""Seconds that a query may go on after the migration has ended, before it is stopped."""

# Django names every column that a model has; save() sets all but the key. There may be no key, so the row is the first
# one in the table: another each time, as it moves. A table without a column to set is written to without any row.
_STATEMENTS = """
SELECT name,
       format('SELECT %%s FROM %%s LIMIT 21', columns, relation) AS reads,
       format(CASE WHEN sets IS NULL THEN 'DELETE FROM %%1$s WHERE false'
         ELSE 'UPDATE %%1$s SET %%2$s WHERE (tableoid, ctid) = (SELECT tableoid, ctid FROM %%1$s LIMIT 1)' END,
         relation, sets) AS writes
FROM (
  SELECT c.oid::regclass AS relation,
         CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname AS name,
         string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS columns,
         string_agg(format('%%1$I = %%1$I', attname), ', ' ORDER BY attnum)
           FILTER (WHERE attnum <> ALL (coalesce(i.indkey, '')) AND attidentity <> 'a' AND {stored}) AS sets
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped
  WHERE c.relkind IN ('r', 'p')
  GROUP BY c.oid, n.nspname, c.relname
) t
WHERE name = ANY (%(tables)s)
ORDER BY name
"""

_LOCKS = """
SELECT l.pid, CASE l.locktype WHEN 'relation' THEN l.relation END, l.mode, l.granted, a.xact_start, a.query_start,
       CASE WHEN l.granted THEN '{}' ELSE pg_blocking_pids(l.pid) END AS blocking
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE a.datname = current_database() AND (NOT l.granted OR l.relation >= 16384)
  AND l.mode <> 'SIReadLock'
"""
_NOW = "SELECT clock_timestamp()"
_QUERY = "SELECT query FROM pg_stat_activity WHERE pid = %s AND query_start = %s"


Kind = Literal["reads", "writes"]


class _Cause(msgspec.Struct, frozen=True):
    """What a session has waited for.

    Attributes:
        relation: What both need.
        lock: What the other session has or wants there.
        sql: The statement that took it, as far as the server keeps it: the first 1,023 bytes, unless it is told
            otherwise. None if that is not certain: others may have come and gone between two looks.
    """

    relation: str
    lock: LockMode
    sql: str | None

    def statement(self, executed: Iterable[Executed]) -> str | None:
        """What took it, also if only one of those that the migration has executed can have."""
        wanted = (self.relation, self.lock)
        taking = {
            each.sql
            for each in executed
            for effect in (each.predicted if each.observed is None else each.observed) or ()
            if (effect.relation, effect.lock) == wanted
        }
        return self.sql or (taking.pop() if len(taking) == 1 else None)


class _Lock(msgspec.Struct, frozen=True):
    pid: int
    relation: int | None
    mode: str
    granted: bool
    xact_start: datetime | None
    query_start: datetime | None
    blocking: tuple[int, ...]


class Use:
    """What is done with a table again and again, and what came of it.

    Attributes:
        sql: If it is one statement, always the same.
        release: Whose code does it.
    """

    def __init__(self, table: str, kind: Kind, sql: str = "", release: str = "") -> None:
        self.table = table
        self.kind = kind
        self.sql = sql.encode()
        self.release = release
        self.queries = 0
        self.seconds = 0.0
        """What the longest of them took."""
        self.cause: _Cause | None = None
        """Of that one."""
        self.errors: dict[str, None] = {}

    def note(self, seconds: float, cause: _Cause | None) -> None:
        self.queries += 1
        if seconds > self.seconds:
            self.seconds, self.cause = seconds, cause

    def add(self, other: "Use") -> None:
        """Count what somebody else has met."""
        self.queries += other.queries
        if other.seconds > self.seconds:
            self.seconds, self.cause = other.seconds, other.cause

    def stall(self, executed: Sequence[Executed]) -> Stall:
        return Stall(
            table=self.table,
            kind=self.kind,
            queries=self.queries,
            seconds=self.seconds,
            lock=self.cause.lock if self.cause else None,
            sql=self.cause.statement(executed) if self.cause else None,
            errors=tuple(self.errors),
        )


class Session:
    """Makes statements, and notes how long each takes and what it waits for."""

    def __init__(self, connection: Connection[TupleRow]) -> None:
        self.pid = connection.info.backend_pid
        self.number = 0
        """Of the query that it is at."""
        self.causes: list[tuple[int, _Cause]] = []
        """What it was seen to wait for, with the query's number, each time that somebody looked."""
        self._connection = connection

    def execute(self, use: Use, sql: bytes) -> list[TupleRow]:
        """Make a statement; return the rows that it gives.

        Raises:
            psycopg.Error: It is refused.
        """
        self.number += 1
        start = time.perf_counter()
        try:
            cursor = self._connection.execute(sql)
            return cursor.fetchall() if cursor.description else []
        finally:
            seconds = time.perf_counter() - start
            seen, self.causes = self.causes, []
            causes = Counter(cause for number, cause in seen if number == self.number)
            use.note(seconds, max(causes, key=causes.__getitem__, default=None))


class _Repeating(Session):
    """Makes some statements in turn, each in a transaction of its own."""

    def __init__(self, connection: Connection[TupleRow], uses: Sequence[Use]) -> None:
        super().__init__(connection)
        for use in uses:
            try:
                connection.execute(use.sql)
            except psycopg.Error as error:
                use.errors[message_of(error)] = None
        self._uses = [use for use in uses if not use.errors]

    def run(self, stop: threading.Event, pause: float) -> None:
        """Go on until told to stop, and then make each statement once more: on what the migration has left."""
        for use in cycle(self._uses):
            if stop.wait(pause):
                break
            self._make(use)
        for use in self._uses:
            self._make(use)

    def _make(self, use: Use) -> None:
        if self._connection.closed:
            return
        try:
            self.execute(use, use.sql)
        except AdminShutdown:  # it has waited too long for somebody who has not let go when the migration had ended
            pass
        except psycopg.Error as error:
            use.errors[message_of(error)] = None


def message_of(error: psycopg.Error) -> str:
    """What the server says."""
    return error.diag.message_primary or str(error).strip()


_Key = tuple[int, int, datetime | None]
"""Session, relation, and when the transaction began."""


class Watch:
    """Sees who waits for whom, and ends the long transaction, if there is one, when it was waited for long enough."""

    def __init__(
        self, connection: Connection[TupleRow], holder: Connection[TupleRow] | None = None, hold: float = 0.0
    ) -> None:
        self._connection = connection
        self._holder = holder
        self._hold = hold
        self._took: dict[_Key, tuple[LockMode, str | None]] = {}
        """The strongest lock of each transaction on each relation, with the statement that took it."""
        self._names: dict[int, str] = {}
        """Of relations, as they were before the migration's transaction."""
        self._before: datetime | None = None
        """When the locks were looked at last."""

    def run(self, stop: threading.Event, sessions: Sequence[Session]) -> None:
        """Go on until told to stop."""
        by_pid = {session.pid: session for session in sessions}
        until: float | None = None
        with suppress(psycopg.OperationalError), ExitStack() as stack:  # if the server is gone, the sessions say so
            holder = stack.enter_context(closing(self._holder)).info.backend_pid if self._holder else 0
            while not stop.wait(_EVERY):
                numbers = {pid: session.number for pid, session in by_pid.items()}
                locks = self._look(own={holder, *by_pid})
                waiting = {lock.pid: lock for lock in locks if not lock.granted}
                for pid in waiting.keys() & by_pid.keys():
                    if cause := self._cause(pid, waiting, locks):
                        by_pid[pid].causes.append((numbers[pid], cause))
                if until is None and any(holder in lock.blocking for lock in waiting.values()):
                    until = time.monotonic() + self._hold
                if self._holder and until is not None and time.monotonic() >= until:
                    self._holder.execute("ROLLBACK")
                    until = inf

    def forget_names(self) -> None:
        """Ask for the names of relations again: migrations may have given them others."""
        self._names = {}

    def terminate(self, sessions: Sequence[Session]) -> None:
        """End sessions that wait."""
        with suppress(psycopg.OperationalError):
            self._connection.execute(
                "SELECT pg_terminate_backend(pid) FROM unnest(%s) pid", [[s.pid for s in sessions]]
            )

    def _look(self, own: Collection[int]) -> list[_Lock]:
        (now,) = self._connection.execute(_NOW).fetchall()[0]
        locks = [_Lock(*row) for row in self._connection.execute(_LOCKS)]
        strongest: dict[_Key, _Lock] = {}
        for lock in locks:
            if lock.pid not in own and lock.relation is not None:
                key = (lock.pid, lock.relation, lock.xact_start)
                strongest[key] = max(lock, strongest.get(key, lock), key=lambda lock: MODES[lock.mode].strength)
        before, self._took = self._took, {}
        for key, lock in strongest.items():
            known, mode = before.get(key), MODES[lock.mode]
            self._took[key] = known if known and known[0] is mode else (mode, self._statement(lock))
        self._before = now
        return locks

    def _statement(self, lock: _Lock) -> str | None:
        """What took a lock that was not there before: what is run now, if it has begun before that or still waits."""
        if lock.granted and (self._before is None or lock.query_start is None or lock.query_start > self._before):
            return None
        rows = self._connection.execute(_QUERY, [lock.pid, lock.query_start]).fetchall()
        return rows[0][0].strip() if rows else None

    def _cause(self, pid: int, waiting: Mapping[int, _Lock], locks: Sequence[_Lock]) -> _Cause | None:
        """Go up from one who waits to somebody who is none of us."""
        passed: set[int] = set()
        while pid in waiting and pid not in passed:
            passed.add(pid)
            relation, others = waiting[pid].relation, waiting[pid].blocking
            # Who waits for a row, that is for a transaction, has locked the table.
            shared = {relation} if relation else {lock.relation for lock in locks if lock.pid == pid}
            if took := [(*lock, at) for (other, at, _), lock in self._took.items() if other in others and at in shared]:
                mode, sql, at = max(took, key=lambda lock: lock[0].strength)
                return _Cause(self._name(at), mode, sql)
            pid = next(iter(others), 0)
        return None

    def _name(self, oid: int) -> str:
        if oid not in self._names:
            self._names = {relation.oid: relation.name for relation in relations(self._connection)}
        return self._names.get(oid, "")


class Traffic:
    """What those who used the tables have met; complete once the sessions have ended."""

    def __init__(self, uses: Sequence[Use]) -> None:
        self._uses = uses

    def stalls(self, executed: Sequence[Executed] = ()) -> tuple[Stall, ...]:
        """By table, in order of names, first reads and then writes.

        What failed before the migration already has no queries, and the error that it failed with.

        Args:
            executed: By the migration, meanwhile. Who took a lock that was there at once cannot be
                seen from outside, but follows from what each of them locks.
        """
        return tuple(use.stall(executed) for use in self._uses)


@contextmanager
def traffic(dsn: str, tables: Iterable[str], *, hold: float = 1.0) -> Iterator[Traffic]:
    """Have other sessions read and write some tables while the body runs.

    Whoever else uses the database meanwhile is taken for the migration. Rows are written as they are, so that only
    triggers change them. All connections are closed at the end.

    Args:
        dsn: A database that may be written to.
        tables: Ordinary and partitioned ones by name; others, and those that do not exist, have no traffic.
        hold: Seconds for which the migration has to wait for a transaction that was open before it, if it does.

    Raises:
        psycopg.Error: The server cannot be reached.
    """
    with ExitStack() as stack:

        def opened() -> Connection[TupleRow]:
            return stack.enter_context(closing(connect(dsn)))

        watcher, holder = opened(), opened()
        holder.execute("BEGIN ISOLATION LEVEL READ COMMITTED")  # while idle, it has no snapshot to wait for
        uses = _uses(watcher, tables)
        sessions = [
            _Repeating(opened(), shared)
            for kind in ("reads", "writes")
            for first in range(SESSIONS)
            if (shared := [use for use in uses if use.kind == kind][first::SESSIONS])
        ]
        for use in uses:
            if use.kind == "reads" and not use.errors:
                holder.execute(use.sql)
        with (
            ThreadPoolExecutor(len(sessions) + 1) as threads,
            _running(threads, sessions, Watch(watcher, holder, hold)),
        ):
            yield Traffic(uses)


@contextmanager
def _running(threads: ThreadPoolExecutor, sessions: Sequence[_Repeating], watch: Watch) -> Iterator[None]:
    stop, stop_watching = threading.Event(), threading.Event()
    watching = threads.submit(watch.run, stop_watching, sessions)
    running = [threads.submit(session.run, stop, len(sessions) / _QUERIES) for session in sessions]
    try:
        yield
    finally:
        stop.set()
        try:
            if wait(running, timeout=_PATIENCE).not_done:
                watch.terminate(sessions)
            wait(running)
        finally:
            stop_watching.set()
        for thread in (*running, watching):
            thread.result()


def _uses(connection: Connection[TupleRow], tables: Iterable[str]) -> list[Use]:
    stored = "attgenerated = ''" if connection.info.server_version >= 120000 else "true"
    statements = connection.execute(_STATEMENTS.format(stored=stored).encode(), {"tables": [*tables]})
    return [
        use for table, reads, writes in statements for use in (Use(table, "reads", reads), Use(table, "writes", writes))
    ]
