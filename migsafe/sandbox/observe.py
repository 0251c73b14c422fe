"""What a statement really does, watched on a real server.

Locks come from ``pg_locks``, read by a second session while the first still holds them; rewrites and new indexes from
``pg_relation_filenode``; scans from the session's own statistics and its DEBUG1 messages. What runs in a transaction is
rolled back. What cannot is made to wait by sessions that hold every relation, so that each of its locks is seen.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Self

import msgspec
import psycopg
from psycopg import Connection
from psycopg.errors import Diagnostic
from psycopg.rows import TupleRow

from migsafe.model import Effect, LockMode
from migsafe.postgres.locks import blocks

_RELATIONS = r"""
SELECT c.oid, CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname, c.relkind::text,
       pg_relation_filenode(c.oid), i.indrelid
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f', 'i', 'I') AND n.nspname <> 'information_schema'
  AND n.nspname NOT LIKE 'pg\_%'
"""
_LOCKS = "SELECT relation, mode FROM pg_locks WHERE locktype = 'relation' AND pid = %s"
_WAITS = "SELECT locktype, pg_blocking_pids(pid) FROM pg_locks WHERE pid = %s AND NOT granted"
# What the session has not told the rest of the server yet: it does so when it is idle.
_READ = "SELECT relid, seq_tup_read FROM pg_stat_xact_all_tables WHERE seq_tup_read > 0"

# LOCK TABLE takes tables only. These change nothing: the tablespace is the one that the relation has, and to prepare a
# query locks what it reads, not, as to plan it would, its indexes.
_HOLD = """
SELECT CASE
         WHEN c.relkind IN ('r', 'p') THEN format('LOCK TABLE ONLY %%s IN %%s MODE', c.oid::regclass, %(mode)s::text)
         WHEN %(mode)s = 'ACCESS SHARE' AND kind <> 'INDEX'
         THEN format('PREPARE "%%s" AS SELECT FROM %%s', c.oid, c.oid::regclass)
         WHEN %(mode)s = 'SHARE UPDATE EXCLUSIVE' THEN format('COMMENT ON %%s %%s IS NULL', kind, c.oid::regclass)
         WHEN %(mode)s = 'ACCESS EXCLUSIVE'
         THEN format('ALTER %%s %%s SET TABLESPACE %%I', kind, c.oid::regclass, spcname)
       END
FROM pg_class c
JOIN pg_database d ON d.datname = current_database()
JOIN pg_tablespace s ON s.oid = coalesce(nullif(c.reltablespace, 0), d.dattablespace),
LATERAL (SELECT CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'INDEX' END AS kind) k
WHERE c.oid = ANY (%(relations)s)
"""

HOLDERS = 20
"""Sessions that hold relations of which a statement's locks are to be seen."""

MODES = {mode.value.title().replace(" ", "") + "Lock": mode for mode in LockMode}
"""``pg_locks.mode`` → mode (``AccessExclusiveLock``)."""


class Observation(msgspec.Struct, frozen=True):
    """What was seen.

    Attributes:
        effects: On relations that existed before, by name; relations outside ``public`` carry their schema.
        built: Indexes that are new on tables that existed before, or that a rewrite or REINDEX has built anew.
        error: The server's message when it refused the statement, or None.
    """

    effects: tuple[Effect, ...]
    built: tuple[str, ...] = ()
    error: str | None = None


class _Relation(msgspec.Struct, frozen=True):
    oid: int
    name: str
    kind: str
    storage: int | None
    table: int | None


class _Seen(msgspec.Struct):
    locks: list[tuple[int, LockMode]] = msgspec.field(default_factory=list)
    scanned: set[int] = msgspec.field(default_factory=set)
    messages: list[str] = msgspec.field(default_factory=list)
    after: list[_Relation] = msgspec.field(default_factory=list)


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
        self.connection = _connect(dsn)
        self._worker = _connect(dsn)

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
        before = _relations(self.connection)
        try:
            seen = self._in_transaction(statement) if transaction else self._alone(statement, before)
        except psycopg.Error as error:
            if error.diag.message_primary is None:
                raise
            return Observation((), error=error.diag.message_primary)
        return Observation(tuple(_effects(before, seen)), tuple(_built(before, seen.after)))

    def _in_transaction(self, statement: str) -> _Seen:
        worker, seen = self._worker, _Seen()
        worker.execute("BEGIN")
        try:
            with _messages(worker, seen):
                read_before: dict[int, int] = dict(worker.execute(_READ).fetchall())
                worker.execute(statement.encode())
            seen.locks = _locks(self.connection, worker)
            seen.scanned = {oid for oid, rows in worker.execute(_READ) if rows > read_before.get(oid, 0)}
            seen.after = _relations(worker)
        finally:
            if not worker.closed:
                worker.execute("ROLLBACK")
                worker.execute("DISCARD ALL")
        return seen

    def _alone(self, statement: str, before: list[_Relation]) -> _Seen:
        seen = _Seen()
        with _connect(self._dsn) as worker, ThreadPoolExecutor(1) as thread, ExitStack() as stack:
            holders = {
                holder.pid: holder
                for group in _groups(statement, [each for each in before if each.kind not in "vf"])
                for holder in [_Holder(stack.enter_context(_connect(self._dsn)), group)]
            }
            reading = thread.submit(_execute, worker, statement, seen)
            online = False
            while not wait([reading], timeout=0.001).done:
                waits = self.connection.execute(_WAITS, [worker.info.backend_pid]).fetchall()
                online = online or any(kind == "virtualxid" for kind, _ in waits)
                # What an online build or drop locks once it has waited for all who knew the index is nobody's any more,
                # unless it has to wait for us.
                if waits or not online:
                    seen.locks += _locks(self.connection, worker)
                for kind, blocking in waits:
                    for holder in filter(None, map(holders.get, blocking)):
                        holder.give_way(altogether=kind != "relation")
            seen.scanned = reading.result()
        seen.after = _relations(self.connection)
        return seen


def _execute(worker: Connection[TupleRow], statement: str, seen: _Seen) -> set[int]:
    """Run a statement outside of a transaction block in a session of its own; return which tables it has read."""
    with _messages(worker, seen), worker.pipeline():  # the session is not idle in between
        worker.execute(statement.encode())
        return {oid for oid, _ in worker.execute(_READ)}


def _connect(dsn: str) -> Connection[TupleRow]:
    return psycopg.connect(dsn, autocommit=True, prepare_threshold=None)


def _relations(connection: Connection[TupleRow]) -> list[_Relation]:
    return [_Relation(*row) for row in connection.execute(_RELATIONS)]


def _locks(watcher: Connection[TupleRow], worker: Connection[TupleRow]) -> list[tuple[int, LockMode]]:
    return [(oid, MODES[mode]) for oid, mode in watcher.execute(_LOCKS, [worker.info.backend_pid])]


def _groups(statement: str, relations: list[_Relation]) -> Iterator[list[_Relation]]:
    """Which relations a session holds: each has its own as long as there are enough, what is named comes first."""
    named = {relation.oid for relation in relations if relation.name.rpartition(".")[2] in statement}
    ordered = iter(sorted(relations, key=lambda relation: named.isdisjoint({relation.oid, relation.table})))
    yield from ([relation] for relation in islice(ordered, HOLDERS - 1))
    if rest := list(ordered):
        yield rest


class _Holder:
    """A session that holds relations so that whatever lock is asked for has to wait, and gives way step by step."""

    def __init__(self, connection: Connection[TupleRow], relations: list[_Relation]) -> None:
        self.pid = connection.info.backend_pid
        self._connection = connection
        connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")  # while idle, it has no snapshot to wait for
        modes = ("ACCESS SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "ACCESS EXCLUSIVE")
        for mode in modes:
            connection.execute(f'SAVEPOINT "{mode}"'.encode())
            holding = {"mode": mode, "relations": [relation.oid for relation in relations]}
            for (command,) in connection.execute(_HOLD, holding).fetchall():
                if command:
                    connection.execute(command.encode())
        self._held = list(modes)

    def give_way(self, *, altogether: bool) -> None:
        """Give up the strongest of its modes; or all, for those who wait until the transaction has ended."""
        if altogether or len(self._held) == 1:
            self._connection.execute("ROLLBACK")
        else:
            self._connection.execute(f'ROLLBACK TO "{self._held.pop()}"'.encode())


@contextmanager
def _messages(worker: Connection[TupleRow], seen: _Seen) -> Iterator[None]:
    """Collect the server's DEBUG1 messages."""

    def collect(diagnostic: Diagnostic) -> None:
        seen.messages.append(diagnostic.message_primary or "")

    worker.execute("SET client_min_messages = debug1")
    worker.add_notice_handler(collect)
    try:
        yield
    finally:
        worker.remove_notice_handler(collect)


def _built(before: list[_Relation], after: list[_Relation]) -> Iterable[str]:
    old = {relation.oid for relation in before}
    stored = {relation.storage for relation in before}
    for relation in sorted(after, key=lambda relation: relation.name):
        if relation.kind == "i" and relation.table in old and relation.storage not in stored:
            yield relation.name


def _effects(before: list[_Relation], seen: _Seen) -> Iterable[Effect]:
    strongest: dict[int, LockMode] = {}
    for oid, mode in seen.locks:
        strongest[oid] = max(mode, strongest.get(oid, mode))
    by_oid = {relation.oid: relation for relation in seen.after}
    by_name = {relation.name: relation for relation in seen.after}
    for relation in sorted(before, key=lambda relation: relation.name):
        lock = strongest.get(relation.oid)
        if lock is None:
            continue
        # A rebuilt index is a new relation with the old name.
        now = by_oid.get(relation.oid) or by_name.get(relation.name)
        rewrites = now is not None and now.storage != relation.storage
        name = relation.name.rpartition(".")[2]
        told = not {f'verifying table "{name}"', f'rewriting table "{name}"'}.isdisjoint(seen.messages)
        yield Effect(relation.name, lock, rewrites, told or relation.oid in seen.scanned, blocks(lock))
