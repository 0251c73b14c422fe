"""What a type change does to values and to queries, asked of real servers."""

from itertools import permutations, product
from pathlib import Path

import psycopg
import pytest

from migsafe.actions import AlterColumnType, Type
from migsafe.postgres.values import Misfit, Reading, misfits, reading, sql_name
from migsafe.sandbox.server import Server
from migsafe.sql.parse import parse
from tests.conftest import each_major
from tests.projects import run_python

EXTREMES = {
    "int2": ("32767", "-32768"),
    "int4": ("2147483647", "-2147483648"),
    "int8": ("9223372036854775807", "-9223372036854775808"),
    "numeric": ("1e400", "1.123456789012345678901234567890"),
    "numeric(4,0)": ("9999", "-9999"),
    "numeric(5,0)": ("99999", "-99999"),
    "numeric(6,2)": ("9999.99", "-9999.99", "0.01"),
    "numeric(6,4)": ("99.9999",),
    "numeric(12,2)": ("9999999999.99", "0.01"),
    "numeric(20,2)": ("999999999999999999.99", "0.01"),
    "float4": ("3.4028235e38", "1.12345"),
    "float8": ("1e300", "0.30000000000000004", "2.5"),
    "bool": ("true", "false"),
    "uuid": ("123e4567-e89b-12d3-a456-426614174000",),
    "varchar(5)": ("abcde",),
    "varchar(9)": ("abcdefghi",),
    "text": ("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",),
    "date": ("2024-02-29",),
    "timestamp": ("2024-02-29 23:59:59.123456",),
    "timestamptz": ("2024-02-29 23:59:59.123456+00",),
    "timestamptz(3)": ("2024-02-29 23:59:59.123+00",),
    "time": ("23:59:59.123456",),
    "jsonb": ('{"a": "bcd"}',),
    "inet": ("192.168.1.5/24",),
    "cidr": ("192.168.1.0/24", "2001:db8::/32"),
    "varchar(9)[]": ("{abcdefghi}",),
    "varchar(5)[]": ("{abcde,fghij}",),
    "int4[]": ("{2147483647}",),
}
"""Values of a type that another one is likely to have no place for."""

LITERALS = {
    "int4": "5",
    "int8": "5000000000",
    "numeric": "1.5",
    "float8": "1.5::float8",
    "bool": "true",
    "date": "'2024-02-29'::date",
    "timestamp": "'2024-02-29'::timestamp",
    "timestamptz": "'2024-02-29'::timestamptz",
    "time": "'10:00'::time",
    "timetz": "'10:00'::timetz",
    "interval": "'1 day'::interval",
    "uuid": "'123e4567-e89b-12d3-a456-426614174000'::uuid",
    "jsonb": "'{}'::jsonb",
    "bytea": r"'\x00'::bytea",
    "inet": "'10.0.0.1'::inet",
    "int4[]": "'{1}'::int4[]",
    "uuid[]": "'{}'::uuid[]",
}
"""How clients write a value of a type, so that PostgreSQL knows which it is of."""


def column_type(written: str) -> Type:
    (action,) = parse(f"ALTER TABLE t ALTER COLUMN c TYPE {written}")[0].actions
    assert isinstance(action, AlterColumnType)
    return action.type


def observed(
    connection: psycopg.Connection[tuple[object, ...]], old: str, new: str, *, cast: bool
) -> set[Misfit] | None:
    """What becomes of the extremes; None where PostgreSQL has no such cast."""
    using = f" USING c::{new}" if cast else ""
    found = set()
    for value in EXTREMES[old]:
        connection.execute("DROP TABLE IF EXISTS t")
        connection.execute(f"CREATE TABLE t (c {old})".encode())
        connection.execute(f"INSERT INTO t VALUES ('{value}')".encode())
        try:
            connection.execute(f"ALTER TABLE t ALTER COLUMN c TYPE {new}{using}".encode())
        except (psycopg.errors.CannotCoerce, psycopg.errors.DatatypeMismatch):
            return None
        except psycopg.Error:
            found.add(Misfit.REFUSED)
            continue
        through = "" if "num" in old or "int" in old or "float" in old else "::text"
        back = connection.execute(
            f"SELECT c{through}::{old}::text <> '{value}'::{old}::text FROM t".encode()
        ).fetchone()
        assert back is not None
        if back[0]:
            found.add(Misfit.CUT)
    return found


@each_major
def test_values_that_do_not_fit(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    connection.execute("SET timezone = 'UTC'")
    connection.execute("SET extra_float_digits = 3")
    wrong = []
    for (old, new), cast in product(permutations(EXTREMES, 2), (False, True)):
        if "text" in (old, new) and not cast:
            continue
        predicted = misfits(column_type(old), column_type(new), cast=cast)
        try:
            seen = observed(connection, old, new, cast=cast)
        except psycopg.Error:  # what is left cannot even be read as the old type
            seen = {Misfit.CUT}
        if seen is not None and seen != predicted:
            wrong.append((old, new, cast, seen, predicted))
    assert not wrong, "\n".join(map(str, wrong))


@each_major
def test_queries_for_the_old_type(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    wrong = []
    for new in (*LITERALS, "text", "varchar(9)"):
        connection.execute("DROP TABLE IF EXISTS t")
        connection.execute(f"CREATE TABLE t (c {new})".encode())
        for old, literal in LITERALS.items():
            try:
                connection.execute(f"SELECT 1 FROM t WHERE c = {literal}".encode())
            except psycopg.errors.UndefinedFunction:
                refused = True
            else:
                refused = False
            if refused != (reading(column_type(old), column_type(new)) is Reading.REFUSED):
                wrong.append((old, new, refused))
    assert not wrong, "\n".join(map(str, wrong))


def test_text_is_compared_with_any_type(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    for new, literal in LITERALS.items():
        connection.execute("DROP TABLE IF EXISTS t")
        connection.execute(f"CREATE TABLE t (c {new})".encode())
        value = literal.partition("::")[0].strip("'")
        connection.execute(f"SELECT 1 FROM t WHERE c = '{value}'".encode())
        expected = Reading.SAME if new in ("jsonb", "inet") else Reading.OTHER
        assert reading(column_type("varchar(9)"), column_type(new)) is expected


def test_what_django_reads_as_text(postgres: Server, database: str, tmp_path: Path) -> None:
    script = f"""
        from django.conf import settings
        settings.configure(DATABASES={{"default": {{
            "ENGINE": "django.db.backends.postgresql", "NAME": {database!r}, "HOST": {postgres.host!r},
            "PORT": {postgres.port}, "USER": {postgres.user!r},
        }}}})
        from django.db import connection
        with connection.cursor() as cursor:
            cursor.execute("SELECT '{{}}'::jsonb, '10.0.0.1'::inet, '10.0.0.0/8'::cidr, gen_random_uuid(), 5, current_date")
            print(*(type(value).__name__ for value in cursor.fetchone()))
    """
    ran = run_python(tmp_path, script)
    assert ran.stdout.split() == ["str", "str", "str", "UUID", "int", "date"], ran.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("varchar(9)", "text"),
        ("int4", "int8"),
        ("float4", "float8"),
        ("jsonb", "json"),
        ("mood", "text"),
        ("int4", "mood"),
    ],
)
def test_queries_that_see_no_difference(old: str, new: str) -> None:
    assert reading(column_type(old), column_type(new)) is Reading.SAME


@pytest.mark.parametrize(
    "written",
    [
        "bigint",
        "varchar(20)",
        "timestamp(3) with time zone",
        "integer[]",
        "numeric(10,2)",
        "double precision",
        "app.mood",
    ],
)
def test_names_as_people_write_them(written: str) -> None:
    assert sql_name(column_type(written)) == written
