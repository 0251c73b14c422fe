"""The schema of a real server and that of a catalog in one form, to be compared."""

from collections.abc import Iterable
from typing import Any

import psycopg

from migsafe.actions import Constraint, ConstraintKind, Type
from migsafe.sql.catalog import Catalog, Index, Table

Schema = dict[str, set[tuple[Any, ...]]]

_IN_USER_SCHEMA = "n.nspname !~ '^(pg_(catalog|toast)|information_schema)'"
_SCHEMA = "CASE WHEN n.nspname ~ '^pg_temp' THEN 'pg_temp' ELSE n.nspname END"

_TYPE = "nullif(ARRAY[format_type({0}, NULL), substring(format_type({0}, {1}) FROM '\\((.*)\\)')], ARRAY['-', NULL])"

_QUERIES = {
    "tables": f"""
        SELECT {_SCHEMA}, c.relname, c.relkind::text, p.relname, c.relispartition
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
        WHERE c.relkind IN ('r', 'p', 'v', 'm') AND {_IN_USER_SCHEMA}""",
    "columns": f"""
        SELECT {_SCHEMA}, c.relname, a.attname, {_TYPE.format("a.atttypid", "a.atttypmod")}, a.attnotnull,
            a.atthasdef AND a.attgenerated = '', a.attidentity::text, a.attgenerated::text
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND {_IN_USER_SCHEMA}""",
    "constraints": f"""
        SELECT {_SCHEMA}, c.relname, k.conname, k.contype::text,
            ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (number, place)
                  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY place),
            k.convalidated, k.condeferrable, k.condeferred, r.relname,
            ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (number, place)
                  JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY place),
            nullif(k.confdeltype::text, ' ')
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_class r ON r.oid = k.confrelid LEFT JOIN pg_constraint p ON p.oid = k.conparentid
        WHERE k.contype NOT IN ('n', 't') AND p.conrelid IS DISTINCT FROM k.conrelid AND {_IN_USER_SCHEMA}""",
    "indexes": f"""
        SELECT {_SCHEMA}, c.relname, x.relname, i.indisunique, i.indisprimary, i.indisvalid, m.amname,
            ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY u (number, place)
                  LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number AND u.number > 0
                  ORDER BY place),
            i.indnkeyatts, i.indpred IS NOT NULL,
            ARRAY(SELECT option::int FROM unnest(i.indoption::int2[]) option), p.relname
        FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_namespace n ON n.oid = x.relnamespace JOIN pg_am m ON m.oid = x.relam
        LEFT JOIN pg_inherits h ON h.inhrelid = x.oid LEFT JOIN pg_class p ON p.oid = h.inhparent
        WHERE {_IN_USER_SCHEMA}""",
    "sequences": f"""
        SELECT {_SCHEMA}, s.relname, c.relname, a.attname, d.deptype = 'i'
        FROM pg_class s JOIN pg_namespace n ON n.oid = s.relnamespace
        LEFT JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        LEFT JOIN pg_class c ON c.oid = d.refobjid
        LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE s.relkind = 'S' AND {_IN_USER_SCHEMA}""",
    "types": f"""
        SELECT {_SCHEMA}, t.typname, t.typtype::text,
            ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.oid),
            t.typnotnull, {_TYPE.format("t.typbasetype", "t.typtypmod")},
            ARRAY(SELECT k.conname || k.convalidated FROM pg_constraint k
                  WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY 1)
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        LEFT JOIN pg_class c ON c.oid = t.typrelid
        WHERE (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND {_IN_USER_SCHEMA}""",
    "triggers": f"""
        SELECT {_SCHEMA}, c.relname, t.tgname
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT t.tgisinternal AND {_IN_USER_SCHEMA}""",
    "functions": f"""
        SELECT {_SCHEMA}, p.proname, p.provolatile::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE {_IN_USER_SCHEMA} AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'i')""",
    "schemas": f"SELECT n.nspname FROM pg_namespace n WHERE {_IN_USER_SCHEMA} AND n.nspname !~ '^pg_'",
}
_TABLE_KINDS = {"table": "r", "partitioned table": "p", "view": "v", "materialized view": "m"}
_CONSTRAINT_KINDS = {
    ConstraintKind.CHECK: "c",
    ConstraintKind.UNIQUE: "u",
    ConstraintKind.PRIMARY_KEY: "p",
    ConstraintKind.FOREIGN_KEY: "f",
    ConstraintKind.EXCLUDE: "x",
}
_DELETE_ACTIONS = {"no action": "a", "restrict": "r", "cascade": "c", "set null": "n", "set default": "d"}
_IDENTITY = {"always": "a", "by default": "d", None: ""}
_GENERATED = {"stored": "s", "virtual": "v", None: ""}
_TYPE_KINDS = {"enum": "e", "domain": "d", "composite": "c", "range": "r", "base": "b"}


def of_server(connection: psycopg.Connection[tuple[Any, ...]]) -> Schema:
    return {part: {tuple(map(_frozen, row)) for row in connection.execute(query)} for part, query in _QUERIES.items()}


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def of_catalog(catalog: Catalog, connection: psycopg.Connection[tuple[Any, ...]]) -> Schema:
    """In the server's words; ``connection`` only tells how the server writes a type."""
    tables = [table for table in catalog.tables.values() if table.kind in ("table", "partitioned table")]
    types = _server_types(
        connection,
        {column.type for table in tables for column in table.columns.values()}
        | {item.base for item in catalog.types.values() if item.base},
    )
    return {
        "tables": {row for table in catalog.tables.values() for row in _table(table)},
        "columns": {
            (
                table.name.schema,
                table.name.name,
                column.name,
                types[column.type],
                column.not_null,
                column.default is not None,
                _IDENTITY[column.identity],
                _GENERATED[column.generated],
            )
            for table in tables
            for column in table.columns.values()
        },
        "constraints": {
            _constraint(table, constraint)
            for table in tables
            for constraint in table.constraints.values()
            if constraint.kind is not ConstraintKind.NOT_NULL
        },
        "indexes": {_index(index) for table in catalog.tables for index in catalog.indexes(table)},
        "sequences": {
            (
                item.name.schema,
                item.name.name,
                item.owned_by and item.owned_by[0].name,
                item.owned_by and item.owned_by[1],
                item.identity if item.owned_by else None,
            )
            for item in catalog.sequences.values()
        },
        "types": {
            (
                item.name.schema,
                item.name.name,
                _TYPE_KINDS[item.kind],
                item.labels,
                item.not_null,
                types[item.base] if item.base else None,
                tuple(sorted(f"{name}{str(check.valid).lower()}" for name, check in item.constraints.items())),
            )
            for item in catalog.types.values()
        },
        "triggers": {
            (table.name.schema, table.name.name, trigger)
            for table in catalog.tables.values()
            for trigger in table.triggers
        },
        "functions": {(item.name.schema, item.name.name, item.volatility[0]) for item in catalog.functions.values()},
        "schemas": {(schema,) for schema in catalog.schemas},
    }


def _server_types(
    connection: psycopg.Connection[tuple[Any, ...]], types: Iterable[Type]
) -> dict[Type, tuple[str, str | None]]:
    known = {}
    for type_ in types:
        modifiers = ",".join(str(modifier) for modifier in type_.modifiers if isinstance(modifier, int))
        quoted = ".".join(f'"{part}"' for part in (type_.name.schema, type_.name.name) if part)
        cast = f"NULL::{quoted}{'[]' if type_.array else ''}"
        row = connection.execute(f"SELECT format_type(pg_typeof({cast}), NULL)").fetchone()
        assert row is not None
        known[type_] = (row[0], modifiers or None)
    return known


def _table(table: Table) -> Iterable[tuple[Any, ...]]:
    for parent in table.parents or (None,):
        yield (
            table.name.schema,
            table.name.name,
            _TABLE_KINDS[table.kind],
            parent and parent.name,
            table.partition_of is not None,
        )


def _constraint(table: Table, constraint: Constraint) -> tuple[Any, ...]:
    columns = constraint.columns
    if constraint.kind is ConstraintKind.CHECK:
        columns = tuple(column for column in table.columns if column in columns)
    foreign = constraint.kind is ConstraintKind.FOREIGN_KEY
    return (
        table.name.schema,
        table.name.name,
        constraint.name,
        _CONSTRAINT_KINDS[constraint.kind],
        columns,
        constraint.valid,
        constraint.deferrable,
        constraint.initially_deferred,
        constraint.references.name if constraint.references else None,
        constraint.referenced_columns,
        _DELETE_ACTIONS[constraint.on_delete] if foreign else None,
    )


def _index(index: Index) -> tuple[Any, ...]:
    return (
        index.name.schema,
        index.relation.name,
        index.name.name,
        index.unique,
        index.primary,
        index.valid,
        index.method,
        (*index.columns, *index.include),
        len(index.keys),
        index.where is not None,
        tuple(_option(key.order) for key in index.keys),
        index.parent and index.parent.name,
    )


def _option(order: str) -> int:
    """``indoption``: 1 for DESC, 2 for NULLS FIRST."""
    descending = order.startswith("desc")
    nulls_first = "nulls first" in order or (descending and "nulls last" not in order)
    return descending + 2 * nulls_first
