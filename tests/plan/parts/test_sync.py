"""Triggers that keep two columns equal, asked of each PostgreSQL in the words of old code and of new code."""

from typing import Any

import psycopg

from migsafe.actions import CreateTrigger, Name
from migsafe.plan.parts.names import own_name
from migsafe.plan.parts.sync import Sync, sync_name
from migsafe.sql.catalog import Catalog, Table
from tests.conftest import each_major

Connection = psycopg.Connection[tuple[Any, ...]]


def begin(connection: Connection, sync: Sync) -> None:
    connection.execute("CREATE TABLE users (id serial PRIMARY KEY, phone text NOT NULL, mobile text)")
    for sql in sync.create():
        connection.execute(sql.encode())


def rows(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute("SELECT phone, mobile FROM users ORDER BY id").fetchall()


@each_major
def test_either_column_may_be_written(connection: Connection) -> None:
    sync = Sync(table=Name("users"), name="sync_mobile", source="phone", copy="mobile", back="{0}")
    begin(connection, sync)
    connection.execute("INSERT INTO users (phone) VALUES ('old')")
    connection.execute("INSERT INTO users (mobile) VALUES ('new')")
    assert rows(connection) == [("old", "old"), ("new", "new")]
    connection.execute("UPDATE users SET phone = 'by old code' WHERE id = 2")
    connection.execute("UPDATE users SET mobile = 'by new code' WHERE id = 1")
    assert rows(connection) == [("by new code", "by new code"), ("by old code", "by old code")]
    for sql in sync.drop():
        connection.execute(sql.encode())
    connection.execute("UPDATE users SET mobile = NULL")
    assert rows(connection) == [("by new code", None), ("by old code", None)]


def test_what_does_not_fit_is_null_and_no_error(connection: Connection) -> None:
    begin(connection, Sync(table=Name("users"), name="sync", source="phone", copy="mobile", forth="{0}::int::text"))
    with connection.transaction(force_rollback=True):
        connection.execute("INSERT INTO users (phone) VALUES ('1')")
    connection.execute("DROP TABLE users; DROP FUNCTION sync()")
    lenient = Sync(
        table=Name("users"), name="sync", source="phone", copy="mobile", forth="{0}::int::text", lenient=True
    )
    begin(connection, lenient)
    connection.execute("INSERT INTO users (phone) VALUES ('1'), ('one'), ('99999999999')")
    assert rows(connection) == [("1", "1"), ("one", None), ("99999999999", None)]


def test_trigger_is_the_last_to_fire() -> None:
    other = CreateTrigger(relation=Name("users"), name="trim_phone", function=Name("trim"))
    table = Table(oid=1, name=Name("users", "public"), triggers={"trim_phone": other})
    assert sync_name(table, "mobile", Catalog()) == "zsync_mobile_of_users"
    assert sync_name(Table(oid=1, name=Name("users", "public")), "mobile", Catalog()) == "sync_mobile_of_users"


def test_long_names_differ() -> None:
    names = {own_name("sync", column, "of", "a" * 60) for column in ("total_new", "total_old")}
    assert len(names) == 2
    assert all(len(name) <= 63 for name in names)
