"""What a statement really does, watched on a real server.

Locks come from ``pg_locks``, read by a second session while the first still holds them; rewrites and new indexes from
``pg_relation_filenode``; scans from the session's own statistics and its DEBUG1 messages. What runs in a transaction is
rolled back. What cannot is made to wait by sessions that hold every relation, so that each of its locks is seen.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Self

import msgspec
import psycopg
from psycopg import Connection
from psycopg.errors import Diagnostic
from psycopg.rows import TupleRow

from migsafe.model import LockMode
from migsafe.sandbox.holders import follow, holding, locks
from migsafe.sandbox.relations import Relation, built, connect, effects, relations
from migsafe.sql.observation import Observation

# What the session has not told the rest of the server yet: it does so when it is idle. The view pg_stat_xact_all_tables
# says the same, but works out much more.
_READ = """
SELECT oid, pg_stat_get_xact_tuples_returned(oid) FROM pg_class
WHERE relkind IN ('r', 'm') AND oid >= 16384 AND pg_stat_get_xact_tuples_returned(oid) > 0
"""
_READING = re.compile('(?:verifying|rewriting) table "(.*)"')


class _Seen(msgspec.Struct):
    locks: list[tuple[int, LockMode]] = msgspec.field(default_factory=list)
    scanned: set[int] = msgspec.field(default_factory=set)
    told: set[str] = msgspec.field(default_factory=set)
    after: list[Relation] = msgspec.field(default_factory=list)


class Observer:
    """Watches what statements do to a database that nobody else uses.

    Attributes:
        connection: The session that watches, in autocommit mode; in between it is there for other use.
    """

    def __init__(self, dsn: str) -> None:
        """Connect.

        Raises:
            psycopg.Error: The server cannot be reached.
        """
        self._dsn = dsn
        self.connection = connect(dsn)
        self._worker = connect(dsn)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
        self._worker.close()

    def observe(self, statement: str, *, transaction: bool = True) -> Observation:
        """Run one statement and watch it.

        Args:
            statement: SQL.
            transaction: Inside a transaction block that is rolled back; else it commits by itself.

        Raises:
            psycopg.Error: The server cannot be reached.
        """
        before = relations(self.connection)
        try:
            seen = self._in_transaction(statement) if transaction else self._alone(statement, before)
        except psycopg.Error as error:
            if error.diag.message_primary is None:
                raise
            return Observation((), error=error.diag.message_primary)
        scanned = seen.scanned | {each.oid for each in before if each.name.rpartition(".")[2] in seen.told}
        return Observation(tuple(effects(before, seen.after, seen.locks, scanned)), tuple(built(before, seen.after)))

    def _in_transaction(self, statement: str) -> _Seen:
        worker, seen = self._worker, _Seen()
        worker.execute("BEGIN")
        try:
            with _messages(worker, seen):
                read_before: dict[int, int] = dict(worker.execute(_READ).fetchall())
                worker.execute(statement.encode())
            seen.locks = locks(self.connection, worker.info.backend_pid)
            seen.scanned = {oid for oid, rows in worker.execute(_READ) if rows > read_before.get(oid, 0)}
            seen.after = relations(worker)
        finally:
            if not worker.closed:
                worker.execute("ROLLBACK")
                worker.execute("DISCARD ALL")
        return seen

    def _alone(self, statement: str, before: list[Relation]) -> _Seen:
        seen = _Seen()
        with (
            connect(self._dsn) as worker,
            ThreadPoolExecutor(1) as thread,
            holding(self._dsn, statement, before) as holders,
        ):
            reading = thread.submit(_execute, worker, statement, seen)
            process = worker.info.backend_pid
            seen.locks = follow(self.connection, process, holders, lambda: wait([reading], timeout=0.001).done)
            seen.scanned = reading.result()
        seen.after = relations(self.connection)
        return seen


def _execute(worker: Connection[TupleRow], statement: str, seen: _Seen) -> set[int]:
    """Run a statement outside of a transaction block in a session of its own; return which tables it has read."""
    with _messages(worker, seen), worker.pipeline():  # the session is not idle in between
        worker.execute(statement.encode())
        return {oid for oid, _ in worker.execute(_READ)}


@contextmanager
def _messages(worker: Connection[TupleRow], seen: _Seen) -> Iterator[None]:
    """Collect the tables that the server's DEBUG1 messages say it reads."""

    def collect(diagnostic: Diagnostic) -> None:
        if found := _READING.fullmatch(diagnostic.message_primary or ""):
            seen.told.add(found[1])

    worker.execute("SET client_min_messages = debug1")
    worker.add_notice_handler(collect)
    try:
        yield
    finally:
        worker.remove_notice_handler(collect)
