"""Which type changes are free, asked of a real server: the table is rewritten, its index is built anew, or neither."""

from itertools import permutations

import psycopg
import pytest

from migsafe.actions import AlterColumnType
from migsafe.postgres.types import TypeChange, type_change
from migsafe.sandbox.server import Server
from migsafe.sql.parse import parse
from tests.conftest import each_major

CHANGES = [
    ("varchar(20)", "varchar(30)"), ("varchar(20)", "varchar(9)"), ("varchar(9)", "varchar"), ("varchar", "varchar(9)"),
    ("varchar(20)", "text"), ("text", "varchar"), ("text", "varchar(50)"), ("char(5)", "char(6)"), ("char(5)", "text"),
    ("varchar(5)", "char(5)"), ("text", "citext"), ("varchar(5)", "citext"), ("citext", "text"), ("citext", "varchar"),
    ("numeric(10,2)", "numeric(12,2)"), ("numeric(10,2)", "numeric(12,3)"), ("numeric(10,2)", "numeric(9,2)"),
    ("numeric(10,2)", "numeric"), ("numeric", "numeric(10,2)"), ("timestamp(3)", "timestamp(4)"),
    ("timestamp(3)", "timestamp"), ("timestamp", "timestamp(6)"), ("timestamp", "timestamp(3)"), ("time(3)", "time"),
    ("timestamptz(3)", "timestamptz(2)"), ("timestamptz(3)", "timestamptz"), ("interval(3)", "interval(4)"),
    ("interval day", "interval day to hour"), ("interval day to hour", "interval hour"), ("interval hour", "interval day"),
    ("interval day", "interval year to month"), ("interval day", "interval second(2)"), ("interval", "interval year"),
    ("interval second(3)", "interval minute to second(3)"), ("interval second(3)", "interval second(2)"),
    ("char(5)", "bpchar"), ("timestamp", "timestamptz(6)"), ("timestamptz", "timestamp(6)"), ("bigint", "regclass"),
    *permutations(["int4", "oid", "regclass"], 2), ("oid", "regproc"), ("regtype", "oid"),
    ("interval", "interval(6)"), ("interval", "interval day to second"), ("interval", "interval day"),
    ("varbit(5)", "varbit(6)"), ("varbit(5)", "varbit"), ("bit(5)", "bit(6)"), ("bit(5)", "varbit"),
    ("bit(5)", "varbit(9)"), ("varchar(5)[]", "varchar[]"), ("varchar(5)[]", "varchar(9)[]"), ("varchar[]", "text[]"),
    ("timestamp", "timestamptz(3)"), ("timestamp(3)", "timestamptz"),
    *permutations(["int2", "int4", "int8", "oid", "numeric", "float8"], 2),
    *permutations(["timestamp", "timestamptz", "date"], 2),
    *permutations(["cidr", "inet", "text"], 2),
]  # fmt: skip


def storage(connection: psycopg.Connection[tuple[object, ...]]) -> tuple[object, ...]:
    row = connection.execute("SELECT pg_relation_filenode('t'), pg_relation_filenode('i')").fetchone()
    assert row is not None
    return row


def observed(connection: psycopg.Connection[tuple[object, ...]], old: str, new: str) -> TypeChange | None:
    """What a change costs; None when there is no such cast."""
    connection.execute(f"CREATE TABLE t (c {old}); CREATE INDEX i ON t (c)".encode())
    table, index = storage(connection)
    try:
        connection.execute(f"ALTER TABLE t ALTER COLUMN c TYPE {new} USING c::{new}".encode())
    except psycopg.errors.CannotCoerce:
        return None
    table_after, index_after = storage(connection)
    if table != table_after:
        return TypeChange.REWRITE
    return TypeChange.REINDEX if index != index_after else TypeChange.FREE


def predicted(old: str, new: str, postgres: int, *, utc: bool) -> TypeChange:
    (before,) = parse(f"ALTER TABLE t ALTER COLUMN c TYPE {old}")[0].actions
    (after,) = parse(f"ALTER TABLE t ALTER COLUMN c TYPE {new} USING c::{new}")[0].actions
    assert isinstance(before, AlterColumnType)
    assert isinstance(after, AlterColumnType)
    return type_change(before.type, after.type, postgres, utc=utc)


@each_major
@pytest.mark.parametrize("utc", [False, True])
def test_a_change_costs_what_the_server_does(
    utc: bool, postgres: Server, connection: psycopg.Connection[tuple[object, ...]]
) -> None:
    connection.execute("CREATE EXTENSION citext")
    connection.execute(f"SET timezone = '{'UTC' if utc else 'Europe/Berlin'}'".encode())
    wrong = []
    for old, new in CHANGES:
        if utc and "timestamp" not in old:
            continue
        cost = observed(connection, old, new)
        if cost not in {None, predicted(old, new, postgres.version, utc=utc)}:
            wrong.append((old, new, cost))
        connection.execute("DROP TABLE t")
    assert wrong == []
