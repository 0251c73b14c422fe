"""What a statement really does, watched on a real server.

Locks come from ``pg_locks``, read by a second session while the first still holds them; rewrites from
``pg_relation_filenode``; scans from the server's statistics and its DEBUG1 messages. What runs in a transaction
is rolled back.
"""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

import msgspec
import psycopg
from psycopg import Connection
from psycopg.errors import Diagnostic
from psycopg.rows import TupleRow

from migsafe.model import Effect, LockMode
from migsafe.postgres.locks import blocks

_RELATIONS = r"""
SELECT c.oid, CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname, c.relkind::text,
       pg_relation_filenode(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
"""
_LOCKS = "SELECT relation, mode FROM pg_locks WHERE locktype = 'relation' AND pid = %s"
_WAITS = "SELECT locktype FROM pg_locks WHERE pid = %s AND NOT granted"
_READ_IN_TRANSACTION = "SELECT relid, seq_tup_read FROM pg_stat_xact_all_tables WHERE seq_tup_read > 0"
_READ = "SELECT relid, seq_tup_read FROM pg_stat_user_tables WHERE seq_tup_read > 0"

_MODES = {mode.value.title().replace(" ", "") + "Lock": mode for mode in LockMode}
"""``pg_locks.mode`` → mode (``AccessExclusiveLock``)."""


class Observation(msgspec.Struct, frozen=True):
    """What was seen.

    Attributes:
        effects: On relations that existed before, by name; relations outside ``public`` carry their schema.
        error: The server's message when it refused the statement, or None.
    """

    effects: tuple[Effect, ...]
    error: str | None = None


class _Relation(msgspec.Struct, frozen=True):
    oid: int
    name: str
    kind: str
    storage: int | None


class _Seen(msgspec.Struct):
    locks: list[tuple[int, LockMode]] = msgspec.field(default_factory=list)
    scanned: set[int] = msgspec.field(default_factory=set)
    messages: list[str] = msgspec.field(default_factory=list)
    after: list[_Relation] = msgspec.field(default_factory=list)


def observe(dsn: str, statement: str, *, transaction: bool = True) -> Observation:
    """Run one statement and watch it.

    Args:
        dsn: Of a database that nobody else uses.
        statement: SQL.
        transaction: Inside a transaction block that is rolled back; else it commits by itself, and is stalled by
            others' locks, ever weaker ones, so that those it holds or asks for can be seen.

    Raises:
        psycopg.Error: The server cannot be reached.
    """
    with _connect(dsn) as watcher:
        before = _relations(watcher)
        try:
            seen = (_in_transaction if transaction else _alone)(dsn, watcher, statement, before)
        except psycopg.Error as error:
            if error.diag.message_primary is None:
                raise
            return Observation((), error.diag.message_primary)
        return Observation(tuple(_effects(before, seen)))


def _connect(dsn: str) -> Connection[TupleRow]:
    return psycopg.connect(dsn, autocommit=True, prepare_threshold=None)


def _relations(connection: Connection[TupleRow]) -> list[_Relation]:
    return [_Relation(*row) for row in connection.execute(_RELATIONS)]


def _locks(watcher: Connection[TupleRow], pid: int) -> list[tuple[int, LockMode]]:
    return [(oid, _MODES[mode]) for oid, mode in watcher.execute(_LOCKS, [pid])]


def _in_transaction(dsn: str, watcher: Connection[TupleRow], statement: str, before: list[_Relation]) -> _Seen:
    seen = _Seen()
    with _connect(dsn) as worker, _messages(worker, seen):
        worker.execute("BEGIN")
        read_before: dict[int, int] = dict(worker.execute(_READ_IN_TRANSACTION).fetchall())
        worker.execute(statement.encode())
        seen.locks = _locks(watcher, worker.info.backend_pid)
        read = worker.execute(_READ_IN_TRANSACTION)
        seen.scanned = {oid for oid, rows in read if rows > read_before.get(oid, 0)}
        seen.after = _relations(worker)
        worker.execute("ROLLBACK")
    return seen


def _alone(dsn: str, watcher: Connection[TupleRow], statement: str, before: list[_Relation]) -> _Seen:
    seen = _Seen()
    read_before: dict[int, int] = dict(watcher.execute(_READ).fetchall())
    errors: list[psycopg.Error] = []
    with _connect(dsn) as worker, _messages(worker, seen):
        pid = worker.info.backend_pid
        # VACUUM meets nothing that stalls it.
        worker.execute("SET vacuum_cost_delay = 50; SET vacuum_cost_limit = 1")

        def run() -> None:
            try:
                worker.execute(statement.encode())
            except psycopg.Error as error:
                errors.append(error)

        thread = threading.Thread(target=run)
        tables = [relation.oid for relation in before if relation.kind in "rp"]
        with ExitStack() as reader:
            with _holding(dsn, "ROW EXCLUSIVE", tables):
                with _holding(dsn, "SHARE UPDATE EXCLUSIVE", tables):
                    thread.start()
                    _sample_until_stalled(watcher, pid, thread, seen)
                waits = _sample_until_stalled(watcher, pid, thread, seen)
                # Behind a statement that asks for a lock of its own, the reader would wait too.
                if waits == "virtualxid":
                    reader.enter_context(_holding(dsn, "ACCESS SHARE", tables))
            if waits == "virtualxid":
                waits = _sample_until_stalled(watcher, pid, thread, seen)
        # Once an online build or drop has waited for all who knew the index, what it still locks is nobody's any more.
        while thread.is_alive():
            if waits != "virtualxid":
                seen.locks += _locks(watcher, pid)
        thread.join()
    if errors:
        raise errors[0]
    seen.after = _relations(watcher)
    seen.scanned = _read_since(watcher, read_before)
    return seen


@contextmanager
def _holding(dsn: str, mode: str, tables: list[int]) -> Iterator[None]:
    with _connect(dsn) as holder:
        holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        for oid in tables:
            name = holder.execute("SELECT %s::regclass::text", [oid]).fetchone()
            assert name is not None
            holder.execute(f"LOCK TABLE ONLY {name[0]} IN {mode} MODE".encode())
        yield
        holder.execute("ROLLBACK")


def _sample_until_stalled(watcher: Connection[TupleRow], pid: int, thread: threading.Thread, seen: _Seen) -> str | None:
    """Note the locks until the statement waits for a lock (return what kind of) or has ended."""
    waited: str | None = None
    while thread.is_alive():
        row = watcher.execute(_WAITS, [pid]).fetchone()
        seen.locks += _locks(watcher, pid)
        # A wait that is over at the next look was not for one of ours.
        if row is not None and row[0] == waited:
            return waited
        waited = None if row is None else str(row[0])
    return None


def _read_since(watcher: Connection[TupleRow], before: dict[int, int]) -> set[int]:
    """Tables that have been read, once the server has counted it, which is up to half a second later."""
    deadline = time.monotonic() + 0.7
    while True:
        read = {oid for oid, rows in watcher.execute(_READ) if rows > before.get(oid, 0)}
        if read or time.monotonic() > deadline:
            return read
        time.sleep(0.02)


@contextmanager
def _messages(worker: Connection[TupleRow], seen: _Seen) -> Iterator[None]:
    """Collect the server's DEBUG1 messages."""

    def collect(diagnostic: Diagnostic) -> None:
        seen.messages.append(diagnostic.message_primary or "")

    worker.execute("SET client_min_messages = debug1")
    worker.add_notice_handler(collect)
    yield


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
