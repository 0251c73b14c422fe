"""What a server has in its tables, asked through the project's own connection settings.

Reads ``pg_catalog`` only, in a transaction that is read-only, and takes no lock on any table.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import msgspec

from migsafe.actions import Name
from migsafe.project.connect import connected, reading
from migsafe.project.load import Project


class LiveColumn(msgspec.Struct, frozen=True):
    """``type`` is as ``format_type`` writes it."""

    name: str
    type: str
    not_null: bool


class LiveView(msgspec.Struct, frozen=True):
    """A view or materialized view that no extension has made; ``sql`` makes it."""

    name: Name
    sql: str


class LiveTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table or partitioned table.

    Attributes:
        sql: Its name with its schema, as SQL needs it.
        columns: In order.
        parents: Names, as ``sql``, of the table that it is a partition of, or of those that it inherits from.
        bound: What it is a partition for (``FOR VALUES …``); None if it is none.
        key: What it is partitioned by (``RANGE (at)``); None if it is not.
        constraints: What ADD CONSTRAINT takes, by name; of what is NOT VALID it says so; of NOT NULL, only those.
        inherited: Names of those that come from a parent.
        indexes: CREATE INDEX by name, but for those of constraints and those that are part of a partitioned table's.
        invalid: Names of those that are not valid.
    """

    name: Name
    sql: str
    columns: tuple[LiveColumn, ...]
    parents: tuple[str, ...]
    bound: str | None
    key: str | None
    constraints: Mapping[str, str]
    inherited: frozenset[str]
    indexes: Mapping[str, str]
    invalid: frozenset[str]


def _of_tables(oid: str) -> str:
    """The table of a row of ``pg_catalog``, if it is one that people have made."""
    return f"""
JOIN pg_class c ON c.oid = {oid} AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"""


_TABLES = f"""
SELECT c.oid::bigint, n.nspname, c.relname, format('%I.%I', n.nspname, c.relname),
       pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(c.oid),
       ARRAY(SELECT format('%I.%I', s.nspname, p.relname)
             FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace s ON s.oid = p.relnamespace
             WHERE h.inhrelid = c.oid ORDER BY h.inhseqno)
FROM pg_class t {_of_tables("t.oid")}
ORDER BY c.oid
"""

_COLUMNS = f"""
SELECT c.oid::bigint, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
FROM pg_attribute a {_of_tables("a.attrelid")}
WHERE a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.oid, a.attnum
"""

_VIEWS = r"""
SELECT n.nspname, c.relname, format('CREATE %s %I.%I AS %s', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW'
       ELSE 'VIEW' END, n.nspname, c.relname, pg_get_viewdef(c.oid))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_depend d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.oid
"""

_CONSTRAINTS = f"""
SELECT c.oid::bigint, k.conname, pg_get_constraintdef(k.oid), k.conislocal
FROM pg_constraint k {_of_tables("k.conrelid")}
WHERE k.contype IN ('c', 'f', 'p', 'u', 'x') OR k.contype = 'n' AND NOT k.convalidated
ORDER BY k.oid
"""

_INDEXES = f"""
SELECT c.oid::bigint, x.relname, pg_get_indexdef(x.oid), i.indisvalid
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid {_of_tables("i.indrelid")}
WHERE NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = x.oid) AND NOT EXISTS (
    SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.conindid = x.oid AND k.contype IN ('p', 'u', 'x'))
ORDER BY x.oid
"""


class LiveSchema(msgspec.Struct, frozen=True):
    """What a server has.

    Attributes:
        search_path: Schemas that exist and that names without one are looked up in.
        tables: All tables and partitioned tables, oldest first.
        views: Oldest first.
    """

    search_path: tuple[str, ...]
    tables: tuple[LiveTable, ...]
    views: tuple[LiveView, ...]


def read_schema(project: Project) -> LiveSchema:
    """Ask the project's database for its schema.

    Raises:
        ServerError: It cannot be connected to, or does not answer in time.
    """
    with connected(project, "gate", "any user that may connect") as connection, reading(connection) as cursor:
        return schema_of(cursor)


def schema_of(cursor: Any) -> LiveSchema:
    """Do the same with a cursor of whatever driver."""
    cursor.execute("SELECT unnest(current_schemas(false))")
    path = tuple(schema for (schema,) in cursor.fetchall())
    cursor.execute(_VIEWS)
    views = tuple(LiveView(Name(name, schema), sql) for schema, name, sql in cursor.fetchall())
    return LiveSchema(path, _tables(cursor), views)


def _tables(cursor: Any) -> tuple[LiveTable, ...]:
    cursor.execute(_TABLES)
    tables = cursor.fetchall()
    cursor.execute(_COLUMNS)
    columns: defaultdict[int, list[LiveColumn]] = defaultdict(list)
    for oid, *column in cursor.fetchall():
        columns[oid].append(LiveColumn(*column))
    cursor.execute(_CONSTRAINTS)
    constraints: defaultdict[int, dict[str, str]] = defaultdict(dict)
    inherited: defaultdict[int, set[str]] = defaultdict(set)
    for oid, name, definition, local in cursor.fetchall():
        constraints[oid][name] = definition
        if not local:
            inherited[oid].add(name)
    cursor.execute(_INDEXES)
    indexes: defaultdict[int, dict[str, str]] = defaultdict(dict)
    invalid: defaultdict[int, set[str]] = defaultdict(set)
    for oid, name, definition, valid in cursor.fetchall():
        indexes[oid][name] = definition
        if not valid:
            invalid[oid].add(name)
    return tuple(
        LiveTable(
            name=Name(name, schema),
            sql=sql,
            columns=tuple(columns[oid]),
            parents=tuple(parents),
            bound=bound,
            key=key,
            constraints=constraints[oid],
            inherited=frozenset(inherited[oid]),
            indexes=indexes[oid],
            invalid=frozenset(invalid[oid]),
        )
        for oid, schema, name, sql, bound, key, parents in tables
    )
