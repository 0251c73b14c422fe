"""Which rows are not what they were: two databases of one server, compared by hashes that the server makes.

Rows are compared by the text of their values, the one form that every type has. Not compared: what sequences would
give next, materialized views (they are made from rows) and foreign tables (their rows are elsewhere).
"""

from collections import Counter
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composable, Identifier

from migsafe.sandbox.reading import reading
from migsafe.verification import RowDifference

# A partitioned table stands for its partitions; a table that others inherit from is read without them.
_TABLES = r"""
SELECT CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname,
    n.nspname, c.relname, c.relkind = 'r',
    ARRAY(SELECT a.attname::text FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
    ARRAY(SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
          WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY a.attname),
    ARRAY(WITH RECURSIVE below AS (
              SELECT inhrelid FROM pg_inherits WHERE inhparent = c.oid AND c.relkind = 'p'
              UNION ALL SELECT i.inhrelid FROM pg_inherits i JOIN below ON i.inhparent = below.inhrelid)
          SELECT CASE bn.nspname WHEN 'public' THEN '' ELSE bn.nspname || '.' END || b.relname
          FROM below JOIN pg_class b ON b.oid = inhrelid JOIN pg_namespace bn ON bn.oid = b.relnamespace)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY 1
"""

_Hashes: TypeAlias = tuple[int | None, ...]


class _Table(msgspec.Struct, frozen=True):
    name: str
    schema: str
    relation: str
    only: bool
    columns: tuple[str, ...]
    key: tuple[str, ...]
    partitions: tuple[str, ...]


class _Comparison(msgspec.Struct, frozen=True):
    """What to read of a table on both sides: columns that it has on both, by a key that it has on both."""

    before: _Table
    after: _Table
    columns: tuple[str, ...]
    key: tuple[str, ...]


def row_differences(before: str, after: str, tables: Collection[str] | None = None) -> tuple[RowDifference, ...]:
    """What of the rows of one database is not the same in another, by table and column.

    Rows are told apart by their primary key; of a table without one, they are compared as a multiset. A column or
    table that is not there any more has lost its values that were not NULL, and its rows. Columns and tables that are
    new do not count.

    Args:
        before: Connection string.
        after: Connection string of a database on the same server.
        tables: Only these, as named in `migsafe.model.Effect.relation`, and what they are partitions of; None for all.

    Raises:
        psycopg.Error: The server cannot be reached, or refuses to show the rows.
    """
    with reading(before) as old, reading(after) as new, ThreadPoolExecutor(2) as threads:
        remaining = {table.name: table for table in _tables(new)}
        found: list[RowDifference] = []
        comparisons: list[_Comparison] = []
        for table in _tables(old):
            if tables is not None and set(tables).isdisjoint({table.name, *table.partitions}):
                continue
            if table.name in remaining:
                comparisons.append(_comparison(table, remaining[table.name]))
                found += _without_column(old, table, remaining[table.name])
            else:
                found += _some(table.name, None, _count(old, table))
        totals = threads.map(_totals, (old, new), (comparisons, comparisons), (True, False))
        for comparison, before_totals, after_totals in zip(comparisons, *totals, strict=True):
            if before_totals != after_totals:
                rows = list(threads.map(_hashes, (old, new), (comparison, comparison), (True, False)))
                found += _compare(comparison, *rows)
    return tuple(sorted(found, key=lambda each: (each.table, each.column or "", each.added)))


def rows_of(dsn: str, tables: Collection[str]) -> int:
    """How many rows some tables have together.

    Raises:
        psycopg.Error: The server cannot be reached, or refuses to show the rows.
    """
    with reading(dsn) as connection:
        return sum(_count(connection, table) for table in _tables(connection) if table.name in tables)


def differing(before: str, after: str, difference: RowDifference) -> Iterator[tuple[str, str | None, str | None]]:
    """The rows that a difference is about: key, value before and value after, as text; rows as a whole have no value.

    Nothing for a table or column that is on one side only, or has no primary key.

    Raises:
        psycopg.Error: The server cannot be reached, or refuses to show the rows.
    """
    with reading(before) as old, reading(after) as new:
        sides = []
        for connection in (old, new):
            table = next((each for each in _tables(connection) if each.name == difference.table), None)
            if table is None or not table.key or difference.column not in (None, *table.columns):
                return
            key = SQL("ARRAY[{}]::text[]").format(SQL(", ").join(map(Identifier, table.key)))
            value = SQL("NULL") if difference.column is None else SQL("{}::text").format(Identifier(difference.column))
            query = SQL("SELECT array_to_string({}, ', '), {} FROM {}").format(key, value, _from(table))
            sides.append(dict(connection.execute(query).fetchall()))
    was, now = sides
    if difference.column is None:
        here, there = (now, was) if difference.added else (was, now)
        yield from ((key, None, None) for key in here if key not in there)
        return
    for key in was.keys() & now.keys():
        if was[key] != now[key] and difference.added == (was[key] is None):
            yield key, was[key], now[key]


def _tables(connection: Connection[TupleRow]) -> list[_Table]:
    return [
        _Table(name, schema, relation, only, tuple(columns), tuple(key), tuple(partitions))
        for name, schema, relation, only, columns, key, partitions in connection.execute(_TABLES)
    ]


def _comparison(before: _Table, after: _Table) -> _Comparison:
    columns = tuple(column for column in before.columns if column in after.columns)
    return _Comparison(before, after, columns, before.key if set(before.key) <= set(columns) else ())


def _without_column(connection: Connection[TupleRow], before: _Table, after: _Table) -> Iterator[RowDifference]:
    for column in before.columns:
        if column not in after.columns:
            yield from _some(before.name, column, _count(connection, before, column))


def _some(table: str, column: str | None, rows: int, *, added: bool = False) -> Iterator[RowDifference]:
    if rows > 0:
        yield RowDifference(table=table, column=column, rows=rows, added=added)


def _count(connection: Connection[TupleRow], table: _Table, column: str | None = None) -> int:
    counted = SQL("*") if column is None else Identifier(column)
    row = connection.execute(SQL("SELECT count({}) FROM {}").format(counted, _from(table))).fetchone()
    assert row is not None
    return int(row[0])


def _totals(connection: Connection[TupleRow], comparisons: list[_Comparison], before: bool) -> list[TupleRow]:
    """Per table one row: how many rows it has, and sums of the hashes of its rows and of each column."""
    with connection.pipeline():
        cursors = []
        for each in comparisons:
            hashes, source = _hashed(connection, each, before=before)
            sums = SQL(", ").join(SQL("sum({})").format(item) for item in hashes)
            cursors.append(connection.execute(SQL("SELECT count(*), {} FROM {}").format(sums, source)))
    return [row for cursor in cursors for row in cursor]


def _hashes(connection: Connection[TupleRow], comparison: _Comparison, before: bool) -> list[_Hashes]:
    hashes, source = _hashed(connection, comparison, before=before)
    return connection.execute(SQL("SELECT {} FROM {}").format(SQL(", ").join(hashes), source)).fetchall()


def _hashed(
    connection: Connection[TupleRow], comparison: _Comparison, *, before: bool
) -> tuple[list[Composable], Composable]:
    """A hash of a row's key, or of the whole row if it has none, one of each column, and what to select them from.

    The hash of a column is seeded with that of the key, so that a sum of them tells which row had which value.
    """
    texts = {column: SQL("t.{}::text").format(Identifier(column)) for column in comparison.columns}
    whole = SQL(", ").join(texts[column] for column in comparison.key or comparison.columns)
    # Without OFFSET the hash of the row would be made anew for each column.
    source = SQL("{} t, LATERAL (SELECT {} AS hash OFFSET 0) r").format(
        _from(comparison.before if before else comparison.after),
        _hash(connection, SQL("ARRAY[{}]::text[]::text").format(whole)),
    )
    seed = SQL("r.hash") if comparison.key else None
    return [SQL("r.hash"), *(_hash(connection, text, seed) for text in texts.values())], source


def _hash(connection: Connection[TupleRow], text: Composable, seed: Composable | None = None) -> Composable:
    """64 bits, equal on all databases of a server."""
    if connection.info.server_version >= 110000:
        return SQL('hashtextextended({} COLLATE "C", {})').format(text, seed or SQL("0"))
    if seed:
        return SQL("hashint8({} # hashtext({}))::bigint").format(seed, text)
    return SQL("('x' || left(md5({}), 16))::bit(64)::bigint").format(text)


def _from(table: _Table) -> Composable:
    return SQL("{}{}").format(SQL("ONLY ") if table.only else SQL(""), Identifier(table.schema, table.relation))


def _compare(comparison: _Comparison, before: list[_Hashes], after: list[_Hashes]) -> Iterator[RowDifference]:
    name = comparison.before.name
    if comparison.key:
        remaining = {row[0]: row for row in after}
        pairs = [(row, remaining[row[0]]) for row in before if row[0] in remaining]
        yield from _some(name, None, len(before) - len(pairs))
        yield from _some(name, None, len(after) - len(pairs), added=True)
        for number, column in enumerate(comparison.columns, 1):
            yield from _changed(name, column, [old[number] for old, new in pairs if old[number] != new[number]])
        return
    yield from _compare_unkeyed(comparison, before, after)


def _compare_unkeyed(comparison: _Comparison, before: list[_Hashes], after: list[_Hashes]) -> Iterator[RowDifference]:
    """Of rows that have no key, only columns can be told that do not have the same values all in all."""
    name = comparison.before.name
    numbers = range(1, len(comparison.columns) + 1)
    kept = list(numbers)
    if len(before) == len(after):
        gone = {number: _gone([row[number] for row in before], [row[number] for row in after]) for number in numbers}
        for number in numbers:
            yield from _changed(name, comparison.columns[number - 1], gone[number])
        kept = [number for number in numbers if not gone[number]]
    # What the columns alone do not show: values that are with others now.
    old, new = ([tuple(row[number] for number in kept) for row in side] for side in (before, after))
    lost = len(_gone(old, new))
    yield from _some(name, None, lost)
    yield from _some(name, None, len(_gone(new, old)) - lost, added=True)


def _changed(table: str, column: str, values: list[int | None]) -> Iterator[RowDifference]:
    """Those rows of which these hashes were the values."""
    filled = values.count(None)
    yield from _some(table, column, len(values) - filled)
    yield from _some(table, column, filled, added=True)


def _gone(before: Collection[object], after: Collection[object]) -> list[Any]:
    return list((Counter(before) - Counter(after)).elements())
