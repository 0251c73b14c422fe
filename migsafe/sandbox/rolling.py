"""Sessions of running code, which stay open while migrations come and go, and do what they are told."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any, Self

import msgspec
import psycopg
import psycopg.errors

from migsafe.sandbox.relations import connect
from migsafe.sandbox.traffic import Kind, Session, Use, Watch, message_of
from migsafe.verification import Executed, Stall

PAUSE = 0.002
"""Seconds between two queries of a session."""

PATIENCE = 30.0
"""Seconds for which rounds are waited for."""


class Query(msgspec.Struct, frozen=True):
    """A statement that code sends.

    Attributes:
        release: Whose code it is.
    """

    release: str
    table: str
    kind: Kind
    sql: str


class Refused(Exception):
    """What the server says to a query."""


Send = Callable[[Query], list[tuple[Any, ...]]]
"""Makes a query, and gives its rows; raises `Refused`."""

Round = Callable[[Send], None]
"""What a session does again and again. It is never left half-done."""


class Sessions:
    """Sessions on one database, open as long as the context lasts.

    Args:
        dsn: A database that may be written to.
        number: How many there are.

    Raises:
        psycopg.Error: The server cannot be reached.
    """

    def __init__(self, dsn: str, number: int) -> None:
        self._dsn = dsn
        self._number = number

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            opened = [stack.enter_context(closing(connect(self._dsn))) for _ in range(self._number + 1)]
            self._watching, *connections = opened
            self._sessions = [Session(connection) for connection in connections]
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def ask(self, query: str) -> str:
        """The first value that a query gives, as text; what the server says if it is refused."""
        try:
            row = self._watching.execute(query.encode()).fetchone()
        except psycopg.Error as error:
            return message_of(error)
        return str(row[0]) if row else ""

    @contextmanager
    def running(self, rounds: Sequence[Round]) -> "Iterator[Running]":
        """Let each session go on with its round while the body runs, and end it then.

        Whoever else uses the database meanwhile is taken for the migration.
        """
        stop_watching = threading.Event()
        running = Running(len(self._sessions))
        with ThreadPoolExecutor(len(self._sessions) + 1) as threads:
            watching = threads.submit(Watch(self._watching).run, stop_watching, self._sessions)
            working = [
                threads.submit(running.work, number, session, each)
                for number, (session, each) in enumerate(zip(self._sessions, rounds, strict=True))
            ]
            try:
                yield running
            finally:
                running.stop()
                try:
                    for each in working:
                        each.result()
                finally:
                    stop_watching.set()
                    watching.result()


class Running:
    """What sessions meet while they run; complete once they have ended.

    Attributes:
        uses: By release, table, kind and session.
        seconds: How long they ran.
    """

    def __init__(self, sessions: int) -> None:
        self._rounds = [0] * sessions
        self.uses: dict[tuple[str, str, Kind, int], Use] = {}
        self._changed = threading.Condition()
        self._stopped = False
        self._started = time.perf_counter()
        self.seconds = 0.0

    def work(self, number: int, session: Session, work: Round) -> None:
        """Go round and round until told to stop."""

        def send(query: Query) -> list[tuple[Any, ...]]:
            time.sleep(PAUSE)
            key = (query.release, query.table, query.kind, number)
            use = self.uses.setdefault(key, Use(query.table, query.kind, release=query.release))
            try:
                return session.execute(use, query.sql.encode())
            except psycopg.Error as error:
                raise Refused(message_of(error)) from error

        try:
            while not self._stopped:
                work(send)
                with self._changed:
                    self._rounds[number] += 1
                    self._changed.notify_all()
        finally:
            self.stop()

    def stop(self) -> None:
        with self._changed:
            self.seconds = time.perf_counter() - self._started
            self._stopped = True
            self._changed.notify_all()

    def rounds(self, more: int) -> None:
        """Wait until each session has made some more."""
        with self._changed:
            goal = [done + more for done in self._rounds]
            self._changed.wait_for(lambda: self._stopped or all(map(int.__ge__, self._rounds, goal)), timeout=PATIENCE)

    def add(self, other: "Running") -> None:
        """Take what was met in another run, with the same sessions, for a part of this one."""
        self.seconds += other.seconds
        for key, use in other.uses.items():
            if known := self.uses.get(key):
                known.add(use)
            else:
                self.uses[key] = use

    def stalls(self, executed: Sequence[Executed] = ()) -> tuple[tuple[str, Stall], ...]:
        """By release, table and kind; the arguments are as in `Traffic.stalls`."""
        found: dict[tuple[str, str, Kind], Use] = {}
        for (release, table, kind, _), use in sorted(self.uses.items()):
            found.setdefault((release, table, kind), Use(table, kind, release=release)).add(use)
        return tuple((use.release, use.stall(executed)) for use in found.values())


_TABLES = r"""
SELECT string_agg(c.oid::regclass::text, ', ') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
"""
_WAITING = """
SELECT pid, query ILIKE '%%concurrently%%' FROM pg_stat_activity
WHERE datname = current_database() AND %s = ANY (pg_blocking_pids(pid))
"""


@contextmanager
def cutting(dsn: str) -> Iterator[None]:
    """End the session that builds or drops an index online while it waits for a transaction that has written.

    Whatever else waits for that does not have to for long. It happens once while the body runs, or never.

    Raises:
        psycopg.Error: The server cannot be reached.
    """
    with closing(connect(dsn)) as holder, closing(connect(dsn)) as watcher, ThreadPoolExecutor(1) as thread:
        [(tables,)] = watcher.execute(_TABLES.encode()).fetchall()
        holder.execute(f"BEGIN; LOCK TABLE {tables} IN ROW EXCLUSIVE MODE".encode())
        done = threading.Event()

        def cut() -> None:
            while not done.wait(0.001):
                for pid, online in watcher.execute(_WAITING.encode(), [holder.info.backend_pid]):
                    if online:
                        watcher.execute("SELECT pg_terminate_backend(%s)", [pid])
                    holder.execute("ROLLBACK")
                    return

        cutter = thread.submit(cut)
        try:
            yield
        finally:
            done.set()
            cutter.result()


def refuses(dsn: str, query: str) -> str | None:
    """What a server says to a query that is undone; None if it takes it."""
    with closing(connect(dsn)) as connection:
        try:
            connection.execute(f"BEGIN; {query}; SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK".encode())
        except psycopg.Error as error:
            return message_of(error)
    return None


def execute(dsn: str, statements: Iterable[str]) -> dict[str, str]:
    """Carry out statements, in one transaction, with no trigger if the role may switch them off.

    Returns:
        Those that the server refuses, with what it says.

    Raises:
        psycopg.Error: The server cannot be reached.
    """
    refused = {}
    with closing(connect(dsn)) as connection:
        with suppress(psycopg.errors.InsufficientPrivilege):
            connection.execute("SET session_replication_role = replica")
        with connection.transaction():
            for statement in statements:
                try:
                    with connection.transaction():
                        connection.execute(statement.encode())
                except psycopg.Error as error:
                    refused[statement] = message_of(error)
    return refused
