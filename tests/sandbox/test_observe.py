"""What the observer sees of statements that cannot run in a transaction, on every server."""

import psycopg
import pytest

from migsafe.model import Effect, LockMode
from migsafe.postgres.locks import blocks
from migsafe.sandbox.observe import Observer
from migsafe.sandbox.server import Server
from tests.conftest import each_major

SUX = LockMode.SHARE_UPDATE_EXCLUSIVE
RX = LockMode.ROW_EXCLUSIVE
AX = LockMode.ACCESS_EXCLUSIVE

SCHEMA = """
CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX i ON t (a); INSERT INTO t SELECT g, g FROM generate_series(1, 20) g;
CREATE TABLE u (id int); INSERT INTO u VALUES (1);
CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
"""


def effect(relation: str, lock: LockMode, *, rewrites: bool = False, scans: bool = False) -> Effect:
    return Effect(relation, lock, rewrites, scans, blocks(lock))


@each_major
def test_sees_every_lock_of_what_cannot_run_in_a_transaction(postgres: Server, observer: Observer) -> None:
    observer.connection.execute(SCHEMA)

    built = observer.observe("CREATE INDEX CONCURRENTLY n ON t (a)", transaction=False)
    assert built.effects == (effect("t", SUX, scans=True),)
    assert built.built == ("n",)

    of_view = observer.observe("CREATE INDEX CONCURRENTLY mi ON m (a)", transaction=False)
    assert of_view.effects == (effect("m", SUX, scans=True),)
    assert of_view.built == ("mi",)

    dropped = observer.observe("DROP INDEX CONCURRENTLY n", transaction=False)
    assert dropped.effects == (effect("n", SUX), effect("t", SUX))
    assert dropped.built == ()

    # From 11 on it takes more than one table.
    vacuumed = observer.observe(f"VACUUM t{', u' * (postgres.version > 10)}", transaction=False)
    assert vacuumed.effects == (
        effect("i", RX),
        effect("t", SUX),
        effect("t_pkey", RX),
        *[effect("u", SUX)] * (postgres.version > 10),
    )

    rewritten = observer.observe(f"VACUUM FULL t{', u' * (postgres.version > 10)}", transaction=False)
    assert rewritten.effects == (
        effect("i", AX, rewrites=True),
        effect("t", AX, rewrites=True, scans=True),
        effect("t_pkey", AX, rewrites=True),
        *[effect("u", AX, rewrites=True, scans=True)] * (postgres.version > 10),
    )
    assert rewritten.built == ("i", "t_pkey")


@each_major
def test_a_refused_build_is_an_error(observer: Observer) -> None:
    observer.connection.execute(SCHEMA + "INSERT INTO t VALUES (0, 1)")
    refused = observer.observe("CREATE UNIQUE INDEX CONCURRENTLY n ON t (a)", transaction=False)
    assert refused.error == 'could not create unique index "n"'
    assert refused.effects == ()


def test_what_runs_in_a_transaction_leaves_nothing_behind(observer: Observer) -> None:
    observer.connection.execute(SCHEMA)
    seen = observer.observe("ALTER TABLE t ALTER id TYPE bigint")
    assert seen.built == ("i", "t_pkey")
    assert observer.observe("SET search_path TO nowhere").effects == ()
    again = observer.observe("ALTER TABLE t ALTER id TYPE bigint")
    assert again == seen


def test_many_relations_share_a_session_but_not_those_that_are_named(observer: Observer) -> None:
    observer.connection.execute(SCHEMA)
    for number in range(60):
        observer.connection.execute(f"CREATE TABLE a{number} ()".encode())
    seen = observer.observe("VACUUM t, u", transaction=False)
    assert seen.effects == (effect("i", RX), effect("t", SUX), effect("t_pkey", RX), effect("u", SUX))


@each_major
def test_an_old_snapshot_in_another_database_holds_nothing_up(postgres: Server, observer: Observer) -> None:
    """The workers of a test run share servers, each with databases of its own."""
    observer.connection.execute(SCHEMA)
    with psycopg.connect(postgres.dsn()) as other:
        other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        other.execute("SELECT FROM pg_class")
        observer.connection.execute("SET lock_timeout = '10s'")
        observer.connection.execute("CREATE INDEX CONCURRENTLY n ON t (a)")
        observer.connection.execute("DROP INDEX CONCURRENTLY n")


@pytest.mark.parametrize("statement", ["SELECT 1/0", "COMMIT; SELECT"])
def test_the_observer_goes_on_after_an_error(statement: str, observer: Observer) -> None:
    observer.connection.execute(SCHEMA)
    observer.observe(statement)
    assert observer.observe("LOCK TABLE u").effects == (effect("u", AX),)
