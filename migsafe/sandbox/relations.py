"""Relations of a database as they are, and what has become of them."""

from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec
import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from migsafe.model import Effect, LockMode
from migsafe.postgres.locks import blocks

RELATION = """c.oid::bigint, CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname,
       c.relkind::text, pg_relation_filenode(c.oid)::bigint, i.indrelid::bigint"""
"""Columns of a `Relation`."""

FROM = r"""
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f', 'i', 'I') AND n.nspname <> 'information_schema'
  AND n.nspname NOT LIKE 'pg\_%'
"""
"""All that are not the server's own."""

MODES = {mode.value.title().replace(" ", "") + "Lock": mode for mode in LockMode}
"""``pg_locks.mode`` → mode (``AccessExclusiveLock``)."""


class Relation(msgspec.Struct, frozen=True):
    """A table, view or index.

    Attributes:
        name: With its schema outside ``public``.
        kind: ``pg_class.relkind``.
        storage: Number of its file; None if it has none.
        table: That it is an index of.
    """

    oid: int
    name: str
    kind: str
    storage: int | None
    table: int | None


def connect(dsn: str) -> Connection[TupleRow]:
    """Open a session in autocommit mode.

    Raises:
        psycopg.Error: The server cannot be reached.
    """
    return psycopg.connect(dsn, autocommit=True, prepare_threshold=None)


def relations(connection: Connection[TupleRow]) -> list[Relation]:
    return [Relation(*row) for row in connection.execute(f"SELECT {RELATION} {FROM}".encode())]


def built(before: Iterable[Relation], after: Iterable[Relation]) -> Iterator[str]:
    """Indexes that are new on tables that existed before, or built anew."""
    old = {relation.oid for relation in before}
    stored = {relation.storage for relation in before}
    for relation in sorted(after, key=lambda relation: relation.name):
        if relation.kind == "i" and relation.table in old and relation.storage not in stored:
            yield relation.name


def effects(
    before: Iterable[Relation],
    after: Iterable[Relation],
    locks: Iterable[tuple[int, LockMode]],
    scanned: Collection[int],
    held: Mapping[int, LockMode] = {},
) -> Iterator[Effect]:
    """What was done to relations, sorted by name.

    Args:
        before: Those that there were.
        locks: By the relations' oids.
        scanned: Oids of tables that were read.
        held: Locks that there were already: only stronger ones count.
    """
    strongest: dict[int, LockMode] = {}
    for oid, mode in locks:
        strongest[oid] = max(mode, strongest.get(oid, mode))
    by_oid = {relation.oid: relation for relation in after}
    by_name = {relation.name: relation for relation in after}
    for relation in sorted(before, key=lambda relation: relation.name):
        lock = strongest.get(relation.oid)
        if lock is None:
            continue
        # A rebuilt index is a new relation with the old name.
        now = by_oid.get(relation.oid) or by_name.get(relation.name)
        rewrites = now is not None and now.storage != relation.storage
        scans = relation.oid in scanned
        if rewrites or scans or lock != held.get(relation.oid):
            yield Effect(relation.name, lock, rewrites, scans, blocks(lock))
