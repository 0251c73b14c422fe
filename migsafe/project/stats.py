"""Sizes of tables, asked of a server through the project's own connection settings.

Reads statistics only, in transactions that are read-only, and takes no lock on any table: neither do `pg_class` and the
views of statistics look at tables. That is why sizes are those that VACUUM, ANALYZE and CREATE INDEX have last written
down (``relpages``, ``reltuples``; for TOAST only VACUUM does). ``pg_table_size`` is exact, but takes ACCESS SHARE: it
waits for every table that is being altered.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from migsafe.config import Table
from migsafe.project.connect import connected, reading
from migsafe.project.load import Project

HOT = 10.0
"""Scans and changed rows in a second from which on a table is hot: in a lock of ten seconds, a hundred would wait."""

QUERY = r"""
SELECT c.oid::bigint,
       CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE n.nspname || '.' END || c.relname,
       i.inhparent::bigint,
       c.relkind = 'p',
       CASE WHEN known THEN c.reltuples::bigint ELSE nullif(s.n_live_tup, 0) END,
       CASE WHEN known THEN (c.relpages + coalesce(t.relpages, 0))::bigint * current_setting('block_size')::bigint END,
       coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0)
         + coalesce(s.n_tup_ins, 0) + coalesce(s.n_tup_upd, 0) + coalesce(s.n_tup_del, 0)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid,
LATERAL (SELECT c.reltuples >= 0 AND (c.relpages > 0 OR current_setting('server_version_num')::int >= 140000
         OR coalesce(s.last_vacuum, s.last_autovacuum, s.last_analyze, s.last_autoanalyze) IS NOT NULL) AS known) k
WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't'
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
"""
"""Before 14, a table of which nothing is known says that it is empty."""


MEASURE = """
SELECT c.oid::bigint, (pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0))::bigint
FROM pg_class c
WHERE c.oid::bigint = ANY(%s) AND c.relkind IN ('r', 'm')
  AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.relation = c.oid AND l.mode = 'AccessExclusiveLock')
"""
"""``pg_relation_size`` takes ACCESS SHARE for a moment, which waits behind whoever keeps even readers out."""


class Relation(NamedTuple):
    """A row of `QUERY`; ``used`` counts scans and changed rows since the statistics were reset."""

    oid: int
    name: str
    parent: int | None
    partitioned: bool
    rows: int | None
    bytes: int | None
    used: int


class Stats(NamedTuple):
    """What a server knows of its tables.

    Attributes:
        tables: By name, ``schema.name`` outside of the search path.
        unknown: Those of which no size is known: neither VACUUM nor ANALYZE has ever seen them.
    """

    tables: dict[str, Table]
    unknown: tuple[str, ...]

    def largest(self, number: int | None) -> dict[str, Table]:
        """So many of the largest tables, and those that are hot; None for all."""
        names = sorted(self.tables, key=lambda name: (-(self.tables[name].bytes or 0), name))[:number]
        return {name: table for name, table in self.tables.items() if name in names or table.hot}


def read_stats(project: Project, *, watch: float, measure: bool = False, command: str = "stats") -> Stats:
    """Ask the project's database for the sizes of all tables.

    Args:
        watch: Seconds to wait and look again, to see which tables are in use; 0 to leave that open.
        measure: Whether to have the files measured of tables that are taken to be empty or have never been counted.
        command: Of migsafe, that asks.

    Raises:
        ServerError: It cannot be connected to, or does not answer in time.
    """
    with connected(project, command, "any user that may connect") as connection:
        before = _look(connection)
        started = time.monotonic()
        time.sleep(watch)
        after = _look(connection) if watch else before
        if measure:
            after = _measured(connection, after)
    elapsed = time.monotonic() - started
    used = {oid: (one.used - before[oid].used) / elapsed for oid, one in after.items() if watch and oid in before}
    return _summed(after, used)


def _look(connection: BaseDatabaseWrapper) -> dict[int, Relation]:
    with reading(connection) as cursor:
        cursor.execute(QUERY)
        relations = [Relation(*row) for row in cursor.fetchall()]
    return {one.oid: one for one in relations}


def _measured(connection: BaseDatabaseWrapper, relations: dict[int, Relation]) -> dict[int, Relation]:
    uncertain = [one.oid for one in relations.values() if not one.bytes and not one.partitioned]
    if not uncertain:
        return relations
    try:
        with reading(connection) as cursor:
            cursor.execute(MEASURE, [uncertain])
            measured = dict(cursor.fetchall())
    except DatabaseError:  # somebody came between who keeps readers out
        return relations
    found = dict(relations)
    for oid, size in measured.items():
        rows = relations[oid].rows if size else 0
        found[oid] = relations[oid]._replace(bytes=size, rows=rows or (None if size else 0))
    return found


def _summed(relations: Mapping[int, Relation], used: Mapping[int, float]) -> Stats:
    """Partitioned tables have what their partitions have together."""
    children: defaultdict[int | None, list[int]] = defaultdict(list)
    for one in relations.values():
        children[one.parent].append(one.oid)

    def leaves(oid: int) -> Iterator[int]:
        if relations[oid].partitioned:
            for child in children[oid]:
                yield from leaves(child)
        else:
            yield oid

    tables, unknown = {}, []
    for one in sorted(relations.values(), key=lambda one: one.name):
        parts = [relations[oid] for oid in leaves(one.oid)]
        table = Table(
            rows=_total([part.rows for part in parts]),
            bytes=_total([part.bytes for part in parts]),
            hot=sum(used.get(part.oid, 0.0) for part in parts) >= HOT,
        )
        if table.rows is None and table.bytes is None:
            unknown.append(one.name)
        if table != Table():
            tables[one.name] = table
    return Stats(tables, tuple(unknown))


def _total(numbers: list[int | None]) -> int | None:
    if None in numbers:
        return None
    return rounded(sum(cast(list[int], numbers)))


def rounded(number: int) -> int:
    """Keep two digits: a table that has hardly grown leaves the file as it was."""
    return round(number, 2 - len(str(number))) if number >= 100 else number
