"""What sessions beside a migration meet, on real servers."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest

from migsafe.model import Effect, LockMode
from migsafe.sandbox.server import Server
from migsafe.sandbox.traffic import SESSIONS, traffic
from migsafe.verification import Executed, Stall
from tests.conftest import each_major

HOLD = 0.3
QUICK = HOLD / 2
"""Seconds for which waiting does not count."""

SCHEMA = """
CREATE TABLE t (id int PRIMARY KEY, a int, "b%s c" text); CREATE INDEX i ON t (a);
INSERT INTO t SELECT g, g, 'x' FROM generate_series(1, 100) g;
CREATE TABLE keyless (a int); INSERT INTO keyless VALUES (1);
"""

Connection = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def migration(postgres: Server, database: str) -> Iterator[Connection]:
    """The session of the migration, on a database with the schema."""
    with psycopg.connect(postgres.dsn(database), autocommit=True, prepare_threshold=None) as connection:
        connection.execute(SCHEMA.encode())
        yield connection


def stalls(migration: Connection, tables: list[str], *statements: str, atomic: bool = True) -> dict[str, Stall]:
    """What others met while statements ran."""
    with traffic(migration.info.dsn, tables, hold=HOLD) as seen:
        for statement in ["BEGIN", *statements, "COMMIT"] if atomic else statements:
            migration.execute(statement.encode())
    return named(seen.stalls())


def named(met: tuple[Stall, ...]) -> dict[str, Stall]:
    """By table and kind: ``t reads``."""
    return {f"{stall.table} {stall.kind}": stall for stall in met}


def causes(met: dict[str, Stall]) -> dict[str, tuple[LockMode, str | None]]:
    """Which lock and statement kept whom off; a busy machine can be slow without any."""
    assert all(stall.queries for stall in met.values())
    return {name: (stall.lock, stall.sql) for name, stall in met.items() if stall.lock and stall.seconds > QUICK}


@each_major
def test_all_wait_behind_a_migration_that_waits_for_a_long_transaction(migration: Connection) -> None:
    add = "ALTER TABLE t ADD d int"
    met = stalls(migration, ["t", "keyless"], add)
    assert causes(met) == dict.fromkeys(["t reads", "t writes"], (LockMode.ACCESS_EXCLUSIVE, add))
    assert all(HOLD * 0.8 < met[name].seconds < 10 * HOLD for name in causes(met))
    assert not any(stall.errors for stall in met.values())


def test_building_an_index_keeps_off_writes_until_its_transaction_ends(migration: Connection) -> None:
    build, sleep = "CREATE INDEX n ON t (a)", "SELECT pg_sleep(0.3)"
    with traffic(migration.info.dsn, ["t", "keyless"], hold=HOLD) as seen:
        migration.execute(f"BEGIN; {build}; {sleep}; COMMIT".encode())
    executed = [
        Executed(sql=sql, operation=0, transaction=True, seconds=0, predicted=effects)
        for sql, effects in ((build, (Effect("t", LockMode.SHARE, False, True, ("writes", "ddl")),)), (sleep, ()))
    ]
    assert causes(named(seen.stalls(executed))) == {"t writes": (LockMode.SHARE, build)}


def test_a_statement_is_named_only_if_it_took_the_lock(migration: Connection) -> None:
    """What is seen to run is another one by now."""
    met = stalls(migration, ["t"], "CREATE INDEX n ON t (a)", "SELECT pg_sleep(0.3)")
    assert causes(met) == {"t writes": (LockMode.SHARE, None)}


@each_major
def test_concurrently_waits_for_the_long_transaction_and_keeps_off_nobody(migration: Connection) -> None:
    online = ["CREATE INDEX CONCURRENTLY n ON t (a)", "DROP INDEX CONCURRENTLY i"]
    assert not causes(stalls(migration, ["t"], *online, atomic=False))


def test_who_keeps_off_nobody_has_no_lock_to_show(migration: Connection) -> None:
    quiet = stalls(migration, ["t", "keyless"], "SELECT pg_sleep(0.1)")
    assert list(quiet) == ["keyless reads", "keyless writes", "t reads", "t writes"]
    assert not causes(quiet)
    assert {(stall.lock, stall.sql, stall.errors) for stall in quiet.values()} == {(None, None, ())}


def test_code_that_names_what_is_gone_is_refused(migration: Connection) -> None:
    met = stalls(migration, ["t"], 'ALTER TABLE t DROP "b%s c"', "ALTER TABLE keyless RENAME TO other")
    assert {stall.errors for stall in met.values()} == {('column "b%s c" does not exist',)}
    met = stalls(migration, ["other"], "DROP TABLE other")
    assert {stall.errors for stall in met.values()} == {('relation "other" does not exist',)}


def test_writers_wait_for_rows_that_a_data_migration_has_changed(migration: Connection) -> None:
    met = stalls(migration, ["keyless", "t"], "UPDATE keyless SET a = 2", "SELECT pg_sleep(0.3)")
    assert [(name, lock) for name, (lock, _) in causes(met).items()] == [("keyless writes", LockMode.ROW_EXCLUSIVE)]


def test_a_lock_on_a_partition_keeps_off_those_who_use_the_whole(migration: Connection) -> None:
    migration.execute("CREATE SCHEMA s; CREATE TABLE s.p (a int, b int) PARTITION BY LIST (a)")
    migration.execute("CREATE TABLE s.p1 PARTITION OF s.p FOR VALUES IN (1); INSERT INTO s.p VALUES (1, 1)")
    alter = "ALTER TABLE s.p1 ALTER b SET NOT NULL"
    met = stalls(migration, ["s.p"], alter)
    assert causes(met) == dict.fromkeys(["s.p reads", "s.p writes"], (LockMode.ACCESS_EXCLUSIVE, alter))


def test_a_deadlock_is_an_error_of_those_who_are_ended_by_it(postgres: Server, database: str) -> None:
    with psycopg.connect(postgres.dsn(database), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {database} SET deadlock_timeout = '0.5s'".encode())
    with psycopg.connect(postgres.dsn(database), autocommit=True) as migration:
        migration.execute("CREATE TABLE p (a int) PARTITION BY LIST (a)")
        migration.execute("CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)")
        with traffic(migration.info.dsn, ["p"], hold=0.1) as seen:
            migration.execute("BEGIN; LOCK p1; LOCK p; COMMIT")  # others lock the whole first
    assert [stall.errors for stall in seen.stalls()] == [("deadlock detected",)] * 2


def test_rows_stay_as_they_are_and_every_kind_of_column_can_be_written(migration: Connection) -> None:
    migration.execute("CREATE TABLE none (); INSERT INTO none DEFAULT VALUES")
    migration.execute("CREATE TABLE empty (a int); CREATE TABLE key (a int PRIMARY KEY); INSERT INTO key VALUES (1)")
    migration.execute(
        "CREATE TABLE made (a int GENERATED ALWAYS AS IDENTITY, b int GENERATED ALWAYS AS (c) STORED, c int)"
    )
    migration.execute("INSERT INTO made (c) VALUES (1), (2)")
    tables = ["none", "empty", "key", "made", "keyless", "t", "missing"]
    before = [migration.execute(f"SELECT * FROM {table} ORDER BY 1".encode()).fetchall() for table in tables[1:-1]]
    met = stalls(migration, tables, "SELECT pg_sleep(0.1)")
    assert before == [
        migration.execute(f"SELECT * FROM {table} ORDER BY 1".encode()).fetchall() for table in tables[1:-1]
    ]
    assert len(met) == 2 * len(tables[:-1])
    assert not any(stall.errors for stall in met.values())


def test_what_fails_before_the_migration_is_not_held_against_it(migration: Connection) -> None:
    migration.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$;"
        "CREATE TRIGGER refuse BEFORE UPDATE ON t EXECUTE PROCEDURE refuse()"
    )
    met = stalls(migration, ["t"], "SELECT 1")
    assert (met["t writes"].queries, met["t writes"].errors) == (0, ("never",))
    assert (met["t reads"].queries > 0, met["t reads"].errors) == (True, ())


def test_many_tables_share_the_sessions(postgres: Server, migration: Connection) -> None:
    tables = [f"m{number}" for number in range(SESSIONS + 3)]
    for table in tables:
        migration.execute(f"CREATE TABLE {table} (a int)".encode())
    with traffic(migration.info.dsn, tables, hold=HOLD) as seen:
        (sessions,) = migration.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        migration.execute("ALTER TABLE m10 ADD b int")
    assert sessions == (2 * SESSIONS + 3,)  # the watcher, the long transaction and the migration
    assert {stall.table for stall in seen.stalls() if stall.lock and stall.seconds > QUICK} == {"m10"}
    assert all(stall.queries for stall in seen.stalls())


def test_it_ends_whatever_the_migration_does(postgres: Server, database: str) -> None:
    class Stopped(Exception):
        pass

    connection = psycopg.connect(postgres.dsn(database), autocommit=True)
    connection.execute(SCHEMA.encode())
    with suppress(Stopped), traffic(connection.info.dsn, ["t"], hold=HOLD) as seen:
        connection.execute("BEGIN; ALTER TABLE t ADD d int")  # and never lets go
        raise Stopped
    assert [(stall.lock, stall.errors) for stall in seen.stalls()] == [(LockMode.ACCESS_EXCLUSIVE, ())] * 2
    connection.close()
    postgres.drop_database(postgres.create_database(template=database))
