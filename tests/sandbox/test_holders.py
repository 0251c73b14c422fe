"""Locks of a statement that commits by itself."""

from itertools import count

import psycopg
import pytest

from migsafe.model import LockMode
from migsafe.sandbox.holders import follow
from migsafe.sandbox.server import Server
from tests.conftest import each_major

MOVE = "ALTER INDEX i SET TABLESPACE pg_default"


@each_major
@pytest.mark.parametrize("live", [True, False])
def test_an_index_that_is_being_dropped_is_in_nobodys_way(live: bool, postgres: Server, database: str) -> None:
    dsn = postgres.dsn(database)
    with psycopg.connect(dsn, autocommit=True) as watcher, psycopg.connect(dsn) as session:
        watcher.execute("CREATE TABLE t (a int)")
        watcher.execute("CREATE INDEX i ON t (a)")
        # As DROP INDEX CONCURRENTLY does before it waits for the last time.
        watcher.execute("UPDATE pg_index SET indislive = %s WHERE indexrelid = 'i'::regclass", [live])
        session.execute(MOVE)
        looks = count()
        seen = follow(watcher, session.info.backend_pid, {}, lambda: next(looks))
        [(index,)] = watcher.execute("SELECT 'i'::regclass::oid::bigint").fetchall()
    assert ((index, LockMode.ACCESS_EXCLUSIVE) in seen) is live
