"""What a database asks of rows of its tables, read from its own catalog: what RunSQL has made counts, too."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any

import msgspec
import psycopg
from psycopg import Connection, sql

from migsafe.sandbox.fill.values import Type, literal, values

__all__ = ["Column", "Condition", "ForeignKey", "Relation", "Table", "Unique", "relations", "sizes", "tables", "types"]

_NAME = "CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname"

# A key to a partitioned table is there once more for each of its partitions: those have the first for a parent.
_FOREIGN_KEYS = """
SELECT k.oid AS number, k.* FROM pg_constraint k  -- oid is none of its columns before 12
WHERE k.contype = 'f' AND to_jsonb(k) ->> 'conenforced' IS DISTINCT FROM 'false' AND NOT EXISTS (
    SELECT FROM pg_constraint parent
    WHERE parent.oid = (to_jsonb(k) ->> 'conparentid')::oid AND parent.conrelid = k.conrelid)
"""

_RELATIONS = rf"""
SELECT c.oid, {_NAME}, format('%I.%I', n.nspname, c.relname), c.relkind::text, ARRAY(
    SELECT k.confrelid FROM ({_FOREIGN_KEYS}) k WHERE k.conrelid = c.oid ORDER BY k.number)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
"""

_COLUMNS = """
ARRAY(SELECT a.attname FROM unnest({numbers}) WITH ORDINALITY u (n, i)
      JOIN pg_attribute a ON a.attrelid = {relation} AND a.attnum = u.n ORDER BY u.i)
"""


def _columns(numbers: str, relation: str) -> str:
    return _COLUMNS.format(numbers=numbers, relation=relation)


_TABLES = f"""
SELECT json_build_object(
  'oid', c.oid::bigint,
  'columns', (
    SELECT coalesce(json_agg(json_build_object(
      'name', a.attname, 'type', a.atttypid::bigint, 'modifier', a.atttypmod, 'dimensions', a.attndims,
      'not_null', a.attnotnull,
      'default', coalesce(
        pg_get_expr(d.adbin, d.adrelid),
        CASE WHEN a.attidentity <> '' THEN format(
          'nextval(%%L::regclass)', pg_get_serial_sequence(c.oid::regclass::text, a.attname)) END),
      'sequence', a.attidentity <> '' OR EXISTS (
        SELECT FROM pg_depend p JOIN pg_class s ON s.oid = p.refobjid AND s.relkind = 'S'
        WHERE p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_class'::regclass),
      'generated', coalesce(to_jsonb(a) ->> 'attgenerated', '') <> '') ORDER BY a.attnum), '[]')
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  'checks', (
    SELECT coalesce(json_agg(json_build_object(
      'name', k.conname, 'sql', pg_get_expr(k.conbin, k.conrelid), 'columns', {_columns("k.conkey", "c.oid")})
      ORDER BY k.conname), '[]')
    FROM pg_constraint k
    WHERE k.conrelid = c.oid AND k.contype = 'c' AND to_jsonb(k) ->> 'conenforced' IS DISTINCT FROM 'false'),
  'foreign_keys', (
    SELECT coalesce(json_agg(json_build_object(
      'name', k.conname, 'columns', {_columns("k.conkey", "c.oid")}, 'target', k.confrelid::bigint,
      'target_columns', {_columns("k.confkey", "k.confrelid")}, 'full', k.confmatchtype = 'f',
      'deferrable', k.condeferrable) ORDER BY cardinality(k.conkey) DESC, k.conname), '[]')
    FROM ({_FOREIGN_KEYS}) k WHERE k.conrelid = c.oid),
  'uniques', (
    SELECT coalesce(json_agg(json_build_object(
      'name', u.relname, 'columns', {_columns("i.indkey::int2[]", "c.oid")},
      'immediate', i.indimmediate, 'whole', i.indpred IS NULL AND i.indexprs IS NULL AND i.indisunique)
      ORDER BY u.relname), '[]')
    FROM pg_index i JOIN pg_class u ON u.oid = i.indexrelid
    WHERE i.indrelid = c.oid AND (i.indisunique OR i.indisexclusion)),
  'silent', ARRAY(
    SELECT format('trigger "%%s"', t.tgname) FROM pg_trigger t
    WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgtype & 71 = 7  -- BEFORE INSERT FOR EACH ROW
    UNION ALL SELECT format('rule "%%s"', r.rulename) FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.ev_type = '3'
    ORDER BY 1),
  'partition', CASE WHEN c.relispartition THEN pg_get_partition_constraintdef(c.oid) END,
  'partitions', (
    WITH RECURSIVE below (oid) AS (
      SELECT i.inhrelid FROM pg_inherits i WHERE i.inhparent = c.oid AND c.relkind = 'p'
      UNION ALL SELECT i.inhrelid FROM below JOIN pg_inherits i ON i.inhparent = below.oid)
    SELECT coalesce(json_agg(coalesce(pg_get_partition_constraintdef(p.oid), 'true') ORDER BY p.oid), '[]')
    FROM below JOIN pg_class p ON p.oid = below.oid WHERE p.relkind <> 'p'))
FROM pg_class c WHERE c.oid = ANY (%s)
"""

_TYPES = """
WITH RECURSIVE part (whole, oid) AS (
  SELECT oid, typelem FROM pg_type WHERE typelem <> 0 AND typlen = -1
  UNION ALL SELECT oid, typbasetype FROM pg_type WHERE typtype = 'd'
  UNION ALL SELECT rngtypid, rngsubtype FROM pg_range
  UNION ALL SELECT (to_jsonb(r) ->> 'rngmultitypid')::oid, rngtypid FROM pg_range r
  UNION ALL SELECT t.oid, a.atttypid FROM pg_type t
            JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE t.typtype = 'c'),
needed (oid) AS (
  SELECT atttypid FROM pg_attribute WHERE attrelid = ANY (%s) AND attnum > 0 AND NOT attisdropped
  UNION SELECT part.oid FROM needed JOIN part ON part.whole = needed.oid)
SELECT t.oid::bigint, json_build_object(
  'name', t.typname,
  'sql', CASE WHEN t.typname IN ('bpchar', 'bit') THEN format('"%%s"', t.typname) ELSE format_type(t.oid, NULL) END,
  'kind', t.typtype,
  'element', CASE WHEN t.typlen = -1 THEN t.typelem::bigint ELSE 0 END,
  'base', t.typbasetype::bigint, 'modifier', t.typtypmod, 'not_null', t.typnotnull,
  'checks', (SELECT coalesce(json_agg(json_build_array(k.conname, pg_get_expr(k.conbin, 0)) ORDER BY k.conname), '[]')
             FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'),
  'labels', ARRAY(SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
  'attributes', (SELECT coalesce(json_agg(json_build_array(a.atttypid::bigint, a.atttypmod) ORDER BY a.attnum), '[]')
                 FROM pg_attribute a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0
                   AND NOT a.attisdropped),
  'subtype', coalesce((SELECT CASE r.rngtypid WHEN t.oid THEN r.rngsubtype ELSE r.rngtypid END::bigint
                       FROM pg_range r WHERE t.oid IN (r.rngtypid, (to_jsonb(r) ->> 'rngmultitypid')::oid)), 0))
FROM needed JOIN pg_type t ON t.oid = needed.oid
"""


_TEXTS = (
    *("0", "1", "2", "1.5", "a", "b", "a.b", "{}", "[]", "[1,2,3]", "(0,0)", "t", "1-2", "2020-01-01"),
    *("POINT(0 0)", "LINESTRING(0 0,1 1)", "POLYGON((0 0,1 0,1 1,0 0))", "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))"),
)
"""Of which a type that nothing is known of may take some."""


class Relation(msgspec.Struct, frozen=True):
    """A table, view and so on.

    Attributes:
        name: As in `migsafe.verification`.
        sql: Quoted, with its schema.
        kind: ``pg_class.relkind``.
        references: The tables that its foreign keys refer to.
    """

    oid: int
    name: str
    sql: str
    kind: str
    references: tuple[int, ...]

    @property
    def own(self) -> str:
        """As a FROM item: without the rows of tables that inherit from it, which are not its own."""
        return self.sql if self.kind == "p" else f"ONLY {self.sql}"


class Column(msgspec.Struct, frozen=True):
    """A column.

    Attributes:
        sequence: Whether the default takes a number from a sequence.
    """

    name: str
    type: int
    modifier: int
    dimensions: int
    not_null: bool
    default: str | None
    sequence: bool
    generated: bool


class Condition(msgspec.Struct, frozen=True):
    """A CHECK constraint."""

    name: str
    sql: str
    columns: tuple[str, ...]


class ForeignKey(msgspec.Struct, frozen=True):
    """A foreign key.

    Attributes:
        full: MATCH FULL.
    """

    name: str
    columns: tuple[str, ...]
    target: int
    target_columns: tuple[str, ...]
    full: bool
    deferrable: bool

    def scarce(self, table: Table) -> bool:
        """Whether a unique constraint may let its table refer to each row only so often, whatever else it refers to."""
        ours = set(self.columns)
        others = {name for key in table.foreign_keys for name in key.columns} - ours
        return any(
            one.whole and ours.intersection(one.columns) and others.isdisjoint(one.columns) for one in table.uniques
        )


class Unique(msgspec.Struct, frozen=True):
    """A unique index, or one of an exclusion constraint.

    Attributes:
        immediate: Whether it is checked row by row; else it is DEFERRABLE.
        whole: Whether it is unique, has only columns and covers all rows.
    """

    name: str
    columns: tuple[str, ...]
    immediate: bool
    whole: bool


class Table(msgspec.Struct, frozen=True):
    """What rows of a table have to be like.

    Attributes:
        silent: Triggers and rules that may keep rows away without an error.
        partition: What holds for rows of a partition, else None.
        partitions: The same of each of its own, those of partitions too.
    """

    oid: int
    columns: tuple[Column, ...]
    checks: tuple[Condition, ...]
    foreign_keys: tuple[ForeignKey, ...]
    uniques: tuple[Unique, ...]
    silent: tuple[str, ...]
    partition: str | None
    partitions: tuple[str, ...]


def relations(connection: Connection[Any]) -> dict[int, Relation]:
    """All tables and views of users, by oid."""
    return {row[0]: Relation(*row) for row in connection.execute(_RELATIONS)}


def sizes(connection: Connection[Any], of: Collection[Relation]) -> dict[int, int]:
    """Count the rows of all of them, in one query."""
    counts = " UNION ALL ".join(f"SELECT {one.oid}, count(*) FROM {one.own}" for one in of)
    return dict(connection.execute(sql.SQL(counts))) if counts else {}


def tables(connection: Connection[Any], oids: Collection[int]) -> dict[int, Table]:
    """Read what rows of tables have to be like, by oid."""
    found = [msgspec.convert(row[0], Table) for row in connection.execute(_TABLES, [list(oids)])]
    return {table.oid: table for table in found}


def types(connection: Connection[Any], oids: Collection[int]) -> Mapping[int, Type]:
    """Read the types of the columns of tables, and what those are made of, by oid."""
    found = {row[0]: msgspec.convert(row[1], Type) for row in connection.execute(_TYPES, [list(oids)])}
    for oid, kind in found.items():
        if kind.kind == "b" and values(found, oid) is None:
            found[oid] = msgspec.structs.replace(kind, texts=tuple(_taken(connection, kind)))
    return found


def _taken(connection: Connection[Any], kind: Type) -> Iterator[str]:
    """Texts that the input function of a type, of an extension perhaps, takes."""
    for text in _TEXTS:
        with suppress(psycopg.Error), connection.transaction():
            connection.execute(f"SELECT {literal(text)}::{kind.sql}".encode())
            yield text
