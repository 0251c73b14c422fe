"""Sessions of running code, which stay open while migrations come and go, and do what they are told."""

import threading
import time
from collections import Counter
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
"""Seconds for which turns are waited for."""


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

Turn = Callable[[Send], int | None]
"""What a session does again and again: says of which kind this turn was, if it counts. It is never left half-done."""


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
    def running(self, turns: Sequence[Turn]) -> "Iterator[Running]":
        """Let each session take its turns while the body runs, and end then.

        Whoever else uses the database meanwhile is taken for the migration.
        """
        stop_watching = threading.Event()
        watch = Watch(self._watching)
        running = Running(len(self._sessions), watch)
        with ThreadPoolExecutor(len(self._sessions) + 1) as threads:
            watching = threads.submit(watch.run, stop_watching, self._sessions)
            working = [
                threads.submit(running.work, number, session, each)
                for number, (session, each) in enumerate(zip(self._sessions, turns, strict=True))
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
    """Sessions that go on until they are told to stop."""

    def __init__(self, sessions: int, watch: Watch) -> None:
        self._watch = watch
        self._begun = [0] * sessions
        """In which count each session has begun the turn that it is at."""
        self._count = 0
        self._counted: Counter[int] = Counter()
        """Turns by kind that were begun and ended in this count."""
        self._met = Met()
        self._changed = threading.Condition()
        self._stopped = False

    def work(self, number: int, session: Session, turn: Turn) -> None:
        """Take one turn after the other until told to stop."""

        def send(query: Query) -> list[tuple[Any, ...]]:
            time.sleep(PAUSE)
            use = Use(query.table, query.kind, release=query.release)
            try:
                return session.execute(use, query.sql.encode())
            except psycopg.Error as error:
                raise Refused(message_of(error)) from error
            finally:
                with self._changed:
                    self._met.add(use)

        try:
            while not self._stopped:
                with self._changed:
                    count = self._begun[number] = self._count
                kind = turn(send)
                with self._changed:
                    if kind is not None and count == self._count:
                        self._counted[kind] += 1
                    self._changed.notify_all()
        finally:
            self.stop()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def turns(self, kinds: Iterable[int], number: int) -> None:
        """Wait until whatever sessions were at has ended, and they have taken so many turns of each kind since."""
        wanted = tuple(kinds)

        def done() -> bool:
            begun = all(count == self._count for count in self._begun)
            return self._stopped or (begun and all(self._counted[kind] >= number for kind in wanted))

        with self._changed:
            self._count += 1
            self._counted.clear()
            self._changed.wait_for(done, timeout=PATIENCE)

    def met(self) -> "Met":
        """What they have met since this was asked last; names of relations may be others from now on."""
        with self._changed:
            met, self._met = self._met, Met()
        self._watch.forget_names()
        return met


class Met:
    """What sessions have met for some time."""

    def __init__(self) -> None:
        self._uses: dict[tuple[str, str, Kind], Use] = {}
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """How long ago that began."""
        return time.perf_counter() - self._began

    def add(self, use: Use) -> None:
        self._uses.setdefault((use.release, use.table, use.kind), Use(use.table, use.kind, release=use.release)).add(
            use
        )

    def stalls(self, executed: Sequence[Executed] = ()) -> tuple[tuple[str, Stall], ...]:
        """By release, table and kind; the arguments are as in `Traffic.stalls`."""
        return tuple((use.release, use.stall(executed)) for _, use in sorted(self._uses.items()))


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
