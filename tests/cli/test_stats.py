"""``migsafe stats`` on real servers: what it says, what it leaves alone, and what it says when it cannot ask."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from migsafe.config import Config, Table, read_tables
from migsafe.project.connect import LIMITS
from migsafe.project.stats import QUERY, Relation, Stats, rounded
from migsafe.report.tables import render
from migsafe.sandbox.server import Server
from tests.conftest import each_major, ends
from tests.projects import Ran, run, write_project

SCHEMA = """
CREATE TABLE orders (id bigint PRIMARY KEY, note text);
INSERT INTO orders SELECT i, md5(i::text) FROM generate_series(1, 20000) i;
CREATE TABLE documents (id bigint, body text);
ALTER TABLE documents ALTER body SET STORAGE EXTERNAL;
INSERT INTO documents SELECT i, repeat('x', 4000) FROM generate_series(1, 100) i;
CREATE TABLE event (at date) PARTITION BY RANGE (at);
CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY RANGE (at);
CREATE TABLE event_2025_a PARTITION OF event_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
INSERT INTO event SELECT date '2024-06-01' FROM generate_series(1, 300) UNION ALL SELECT date '2025-06-01';
CREATE SCHEMA archive;
CREATE TABLE archive.orders (id bigint);
INSERT INTO archive.orders SELECT generate_series(1, 50);
CREATE TABLE fresh (id bigint);
CREATE TEMPORARY TABLE gone (id bigint);
"""


@pytest.fixture
def filled(postgres: Server, database: str) -> str:
    with psycopg.connect(postgres.dsn(database), autocommit=True) as connection:
        connection.execute(SCHEMA)
        for table in ("orders", "documents", "archive.orders", "event_2024", "event_2025_a"):
            connection.execute(f"VACUUM ANALYZE {table}")
    return database


def stats(folder: Path, postgres: Server, database: str, *arguments: str, user: str | None = None) -> Ran:
    values = {"NAME": database, "HOST": postgres.host, "PORT": str(postgres.port), "USER": user or postgres.user}
    write_project(folder, extra=f'DATABASES["default"].update({values!r})')
    return run(folder, "stats", *arguments)


@contextmanager
def holding(postgres: Server, database: str, *statements: str) -> Iterator[None]:
    """A transaction that has done this and goes on."""
    with psycopg.connect(postgres.dsn(database)) as connection:
        for statement in statements:
            connection.execute(statement)
        yield
        connection.rollback()


@each_major
def test_the_query_is_read_only_and_locks_nothing_but_catalogs(postgres: Server, filled: str) -> None:
    with psycopg.connect(postgres.dsn(filled)) as connection:
        connection.execute(LIMITS.format(10_000))
        found = {row[1]: Relation(*row) for row in connection.execute(QUERY)}
        locked = connection.execute(
            "SELECT DISTINCT relnamespace::regnamespace::text, mode FROM pg_locks JOIN pg_class ON pg_class.oid = relation"
            " WHERE pid = pg_backend_pid()"
        ).fetchall()
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("CREATE TABLE x ()")
    assert locked == [("pg_catalog", "AccessShareLock")]
    assert set(found) == {
        "orders", "documents", "event", "event_2024", "event_2025", "event_2025_a", "archive.orders", "fresh"
    }  # fmt: skip
    assert (found["orders"].rows, found["fresh"].rows, found["fresh"].bytes) == (20000, None, None)
    assert found["event_2025_a"].parent == found["event_2025"].oid
    assert found["event_2025"].parent == found["event"].oid


@ends
def test_what_a_server_knows_of_its_tables(postgres: Server, filled: str, tmp_path: Path) -> None:
    # A table that is being altered, and one that is being made: nobody waits for them.
    with holding(postgres, filled, "ALTER TABLE orders ADD extra int", "CREATE TABLE unseen (id int)"):
        ran = stats(tmp_path, postgres, filled, "--watch", "0")
    assert (ran.code, ran.stderr) == (0, "warning: no size is known of a table, never vacuumed nor analysed: fresh\n")
    tables = json.loads(ran.stdout)
    assert tables.pop("documents")["bytes"] > 400_000  # its rows are small, what TOAST has of them is not
    assert tables == {
        "archive.orders": {"rows": 50, "bytes": 8200},
        "event": {"rows": 300, "bytes": 25000},
        "event_2024": {"rows": 300, "bytes": 16000},
        "event_2025": {"rows": 1, "bytes": 8200},
        "event_2025_a": {"rows": 1, "bytes": 8200},
        "orders": {"rows": 20000, "bytes": 1500000},
    }
    assert ran.stdout.splitlines()[1] == '  "archive.orders": {"rows": 50, "bytes": 8200},'


def test_lint_takes_what_stats_writes(postgres: Server, filled: str, tmp_path: Path) -> None:
    ran = stats(tmp_path, postgres, filled, "--watch", "0", "--top", "1", "-o", "tables.json")
    assert ran.code == 0, ran.stderr
    assert read_tables(Config(tables_file=tmp_path / "tables.json")) == {"orders": Table(rows=20000, bytes=1500000)}


@pytest.mark.slow
@ends
def test_hot_is_what_is_in_use_meanwhile(postgres: Server, filled: str, tmp_path: Path) -> None:
    done = threading.Event()

    def use() -> None:
        with psycopg.connect(postgres.dsn(filled), autocommit=True) as connection:
            while not done.wait(0.005):
                connection.execute("UPDATE orders SET note = '' WHERE id = 1")
                connection.execute("SELECT FROM event_2024 LIMIT 1")

    user = threading.Thread(target=use)
    user.start()
    try:
        time.sleep(0.5)
        ran = stats(tmp_path, postgres, filled, "--watch", "1.5")
    finally:
        done.set()
        user.join()
    assert ran.stderr.startswith("note: watching for 1.5 s which tables are in use (--watch)\n")
    tables = json.loads(ran.stdout)
    assert [name for name in tables if tables[name].get("hot")] == ["event", "event_2024", "orders"]


def test_any_user_that_may_connect_will_do(postgres: Server, filled: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres.dsn(filled), autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS guest")
        connection.execute("CREATE ROLE guest LOGIN")
    ran = stats(tmp_path, postgres, filled, "--watch", "0", user="guest")
    assert (ran.code, json.loads(ran.stdout)["orders"]["rows"]) == (0, 20000)


def test_a_database_that_cannot_be_asked_is_one_error(postgres: Server, tmp_path: Path) -> None:
    ran = stats(tmp_path, postgres, "nowhere", "--watch", "0")
    assert (ran.code, ran.stdout) == (2, "")
    assert "error: database 'default' of config.settings cannot be asked: " in ran.stderr
    assert 'database "nowhere" does not exist' in ran.stderr
    assert "Traceback" not in ran.stderr


def test_it_gives_up_where_it_would_have_to_wait(postgres: Server, filled: str, tmp_path: Path) -> None:
    with holding(postgres, filled, "LOCK TABLE pg_inherits"):  # as VACUUM FULL of a catalog does
        ran = stats(tmp_path, postgres, filled, "--watch", "0")
    assert (ran.code, ran.stdout) == (2, "")
    assert "cannot be asked: canceling statement due to lock timeout" in ran.stderr


@pytest.mark.parametrize(("number", "kept"), [(0, 0), (99, 99), (101, 100), (8192, 8200), (123_456_789, 120_000_000)])
def test_two_digits_are_enough(number: int, kept: int) -> None:
    assert rounded(number) == kept


def test_the_largest_and_the_hot_ones() -> None:
    tables = {"a": Table(bytes=1, hot=True), "b": Table(bytes=2), "c": Table(bytes=3), "d": Table(rows=9)}
    assert render(Stats(tables, ()).largest(1)) == '{\n  "a": {"bytes": 1, "hot": true},\n  "c": {"bytes": 3}\n}\n'
    assert Stats(tables, ()).largest(None) == tables
    assert render({}) == "{}\n"
