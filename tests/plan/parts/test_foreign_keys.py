"""What PostgreSQL locks for a foreign key, in which order, and what becomes of code that needs it the other way round."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from migsafe.sandbox.server import Server
from migsafe.written.operations import BEFORE_DEADLOCK
from tests.conftest import each_major

Session = psycopg.Connection[tuple[Any, ...]]

DROP = "ALTER TABLE child DROP CONSTRAINT child_parent_fkey"
ADD = "ALTER TABLE child ADD FOREIGN KEY (parent) REFERENCES parent NOT VALID"


@contextmanager
def sessions(postgres: Server, database: str) -> Iterator[tuple[Session, Session, Session]]:
    dsn = postgres.dsn(database)
    with (
        psycopg.connect(dsn, autocommit=True) as one,
        psycopg.connect(dsn, autocommit=True) as two,
        psycopg.connect(dsn, autocommit=True) as three,
    ):
        one.execute("CREATE TABLE parent (id int PRIMARY KEY, n int)")
        one.execute("CREATE TABLE child (parent int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
        one.execute("INSERT INTO parent VALUES (1, 1)")
        yield one, two, three


def waits_for(session: Session, asking: Session) -> tuple[list[str], str]:
    """The tables that another session has locked, and the one that it waits for."""
    for _ in range(1000):
        locks = asking.execute(
            "SELECT relation::regclass::text, granted FROM pg_locks WHERE pid = %s AND mode LIKE '%%Exclusive%%'"
            " AND relation = ANY (ARRAY['child', 'parent']::regclass[])",
            [session.info.backend_pid],
        ).fetchall()
        waiting = [table for table, granted in locks if not granted]
        if waiting:
            return [table for table, granted in locks if granted], waiting[0]
        time.sleep(0.001)
    raise AssertionError("it does not wait")


@each_major
@pytest.mark.parametrize("change", [DROP, ADD])
def test_the_table_that_refers_is_locked_first(change: str, postgres: Server, database: str) -> None:
    with sessions(postgres, database) as (code, migration, asking), ThreadPoolExecutor() as pool:
        with code.transaction():
            code.execute("UPDATE parent SET n = 2")
            changed = pool.submit(migration.execute, change)
            assert waits_for(migration, asking) == (["child"], "parent")
        changed.result()


@pytest.mark.parametrize("change", [DROP, ADD])
def test_code_that_has_inserted_rows_goes_first(change: str, postgres: Server, database: str) -> None:
    with sessions(postgres, database) as (code, migration, asking), ThreadPoolExecutor() as pool:
        with code.transaction():
            code.execute("INSERT INTO child VALUES (1)")
            changed = pool.submit(migration.execute, change)
            assert waits_for(migration, asking) == ([], "child")
        changed.result()


@pytest.mark.parametrize("change", [DROP, ADD])
def test_code_that_has_the_parent_when_it_needs_the_child_goes_on(change: str, postgres: Server, database: str) -> None:
    with sessions(postgres, database) as (code, migration, _), ThreadPoolExecutor() as pool:

        def migrate() -> None:
            with migration.transaction():
                migration.execute(BEFORE_DEADLOCK)
                migration.execute(change)

        with code.transaction():
            code.execute("UPDATE parent SET n = 2")
            changed = pool.submit(migrate)
            time.sleep(0.1)
            code.execute("INSERT INTO child VALUES (1)")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            changed.result()
