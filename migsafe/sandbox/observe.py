"""What a statement really does, watched on a real server.

Locks come from ``pg_locks``, read by a second session while the first still holds them; rewrites from
``pg_relation_filenode``; scans from ``pg_stat_xact_all_tables`` and the server's DEBUG1 messages. Nothing that is
observed in a transaction is kept: it is rolled back.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec
import psycopg
from psycopg import Connection
from psycopg.errors import Diagnostic
from psycopg.rows import TupleRow

from migsafe.model import Effect, LockMode
from migsafe.postgres.locks import blocks

_RELATIONS = """
SELECT c.oid, c.relname, n.nspname, c.relkind, pg_relation_filenode(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
"""
_LOCKS = "SELECT relation, mode FROM pg_locks WHERE locktype = 'relation' AND pid = %s"
_SCANS = "SELECT relid, seq_scan FROM pg_stat_xact_all_tables WHERE seq_scan > 0"
_WAITS = "SELECT 1 FROM pg_locks WHERE pid = %s AND NOT granted"

_MODES = {mode.value.title().replace(" ", "") + "Lock": mode for mode in LockMode}
"""``pg_locks.mode`` → mode (``AccessExclusiveLock``)."""


class Observation(msgspec.Struct, frozen=True):
    """What was seen.

    Attributes:
        effects: On relations that existed before, sorted by name; relations outside ``public`` carry their schema.
        error: The server's message when it refused the statement, or None.
    """

    effects: tuple[Effect, ...]
    error: str | None = None


class _Relation(msgspec.Struct, frozen=True):
    oid: int
    name: str
    storage: int | None


def observe(dsn: str, statement: str, *, transaction: bool = True) -> Observation:
    """Run one statement and watch it.

    Args:
        dsn: Of a database that nobody else uses.
        statement: SQL.
        transaction: Inside a transaction block that is rolled back; else it commits by itself, and is held up by an
            old snapshot while its locks are sampled (CONCURRENTLY waits for those).
    """
    with _connect(dsn) as worker, _connect(dsn) as watcher:
        before = tuple(_relations(watcher))
        watch = _in_transaction if transaction else _alone
        return watch(dsn, worker, watcher, statement, before)


def _connect(dsn: str) -> Connection[TupleRow]:
    return psycopg.connect(dsn, autocommit=True, prepare_threshold=None)


def _relations(connection: Connection[TupleRow]) -> Iterator[_Relation]:
    for oid, name, schema, _, storage in connection.execute(_RELATIONS):
        yield _Relation(oid, name if schema == "public" else f"{schema}.{name}", storage)


def _locks(watcher: Connection[TupleRow], worker: Connection[TupleRow]) -> Iterator[tuple[int, LockMode]]:
    for oid, mode in watcher.execute(_LOCKS, [worker.info.backend_pid]):
        yield oid, _MODES[mode]


def _in_transaction(
    dsn: str,
    worker: Connection[TupleRow],
    watcher: Connection[TupleRow],
    statement: str,
    before: tuple[_Relation, ...],
) -> Observation:
    worker.execute("BEGIN")
    scans_before = dict(worker.execute(_SCANS).fetchall())
    with _messages(worker) as messages:
        try:
            worker.execute(statement.encode())
        except psycopg.Error as error:
            worker.execute("ROLLBACK")
            return Observation((), error.diag.message_primary)
    locks = list(_locks(watcher, worker))
    scanned = {oid for oid, count in worker.execute(_SCANS) if count > scans_before.get(oid, 0)}
    after = {relation.name: relation for relation in _relations(worker)}
    worker.execute("ROLLBACK")
    return Observation(_effects(before, locks, scanned, after, messages))


def _alone(
    dsn: str,
    worker: Connection[TupleRow],
    watcher: Connection[TupleRow],
    statement: str,
    before: tuple[_Relation, ...],
) -> Observation:
    refused: list[str | None] = []

    def run() -> None:
        try:
            worker.execute(statement.encode())
        except psycopg.Error as error:
            refused.append(error.diag.message_primary)

    thread = threading.Thread(target=run)
    locks: list[tuple[int, LockMode]] = []
    with _messages(worker) as messages:
        with _connect(dsn) as old:
            old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            old.execute("SELECT 1")
            thread.start()
            while thread.is_alive():
                locks += _locks(watcher, worker)
                if watcher.execute(_WAITS, [worker.info.backend_pid]).fetchone():
                    break
            locks += _locks(watcher, worker)
        while thread.is_alive():
            locks += _locks(watcher, worker)
        thread.join()
    if refused:
        return Observation((), refused[0])
    after = {relation.name: relation for relation in _relations(watcher)}
    return Observation(_effects(before, locks, set(), after, messages))


@contextmanager
def _messages(worker: Connection[TupleRow]) -> Iterator[list[str]]:
    """Collect the server's DEBUG1 messages."""
    messages: list[str] = []

    def collect(diagnostic: Diagnostic) -> None:
        messages.append(diagnostic.message_primary or "")

    worker.execute("SET client_min_messages = debug1")
    worker.add_notice_handler(collect)
    yield messages
    worker.remove_notice_handler(collect)


def _effects(
    before: tuple[_Relation, ...],
    locks: Iterable[tuple[int, LockMode]],
    scanned: set[int],
    after: dict[str, _Relation],
    messages: list[str],
) -> tuple[Effect, ...]:
    strongest: dict[int, LockMode] = {}
    for oid, mode in locks:
        strongest[oid] = max(mode, strongest.get(oid, mode))
    by_oid = {relation.oid: relation for relation in after.values()}
    effects = []
    for relation in sorted(before, key=lambda relation: relation.name):
        lock = strongest.get(relation.oid)
        if lock is None:
            continue
        # A rebuilt index is a new relation with the old name.
        now = by_oid.get(relation.oid) or after.get(relation.name)
        rewrites = now is not None and now.storage != relation.storage
        bare = relation.name.rpartition(".")[2]
        scans = (
            relation.oid in scanned
            or f'verifying table "{bare}"' in messages
            or f'rewriting table "{bare}"' in messages
        )
        effects.append(Effect(relation.name, lock, rewrites, scans, blocks(lock)))
    return tuple(effects)
