"""Sequences of statements, asked of real servers: what is refused, and what is held after each of them."""

from typing import Any

import psycopg
import pytest

from migsafe.model import LockMode, Statement
from migsafe.sandbox import local
from migsafe.sandbox.server import Server
from migsafe.sql.parse import parse
from migsafe.sql.session import Session
from tests.conftest import ONE, each_major

Connection = psycopg.Connection[tuple[Any, ...]]

SCHEMA = """
CREATE SCHEMA s;
CREATE TABLE p (id int PRIMARY KEY, n int);
CREATE TABLE t (id int PRIMARY KEY, a int REFERENCES p, b varchar(20)); CREATE INDEX t_b ON t (b);
CREATE TABLE u (id int PRIMARY KEY, a int); CREATE UNIQUE INDEX u_a ON u (a);
CREATE TABLE s.v (id int PRIMARY KEY);
CREATE TABLE part (k int NOT NULL, x int) PARTITION BY RANGE (k);
CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (100);
INSERT INTO p SELECT g, g FROM generate_series(1, 21) g; INSERT INTO t SELECT g, g, g::text FROM generate_series(1, 20) g;
INSERT INTO u SELECT g, g FROM generate_series(1, 20) g; INSERT INTO part SELECT g, g FROM generate_series(1, 20) g;
"""

SEQUENCES = {
    "locks last until commit": """
        BEGIN; ALTER TABLE t ADD x int; CREATE INDEX i ON t (x); ALTER TABLE u ADD FOREIGN KEY (a) REFERENCES p;
        SELECT count(*) FROM t; INSERT INTO u VALUES (100, 21); TRUNCATE t; COMMENT ON TABLE s.v IS 'x'; COMMIT;
        ALTER TABLE t ADD y int; START TRANSACTION; ALTER TABLE u ADD y int; ABORT; ALTER TABLE u ADD y int;
    """,
    "a rewrite, and what is made in the transaction": """
        BEGIN; ALTER TABLE t ALTER b TYPE text, ALTER id TYPE bigint; CREATE TABLE n AS SELECT * FROM p;
        ALTER TABLE n ADD PRIMARY KEY (id); CREATE TABLE m (p_id int REFERENCES p); DROP INDEX t_b;
        CREATE INDEX t_b ON t (b); DELETE FROM part WHERE k > 10; ALTER TABLE part ADD z int; END;
    """,
    "savepoints": """
        BEGIN; LOCK TABLE t IN SHARE MODE; SAVEPOINT one; ALTER TABLE t ADD x int; SAVEPOINT two;
        ALTER TABLE u ADD x int; ROLLBACK TO two; CREATE INDEX ON u (a); ROLLBACK TO SAVEPOINT two; SAVEPOINT one;
        DROP TABLE t CASCADE; ROLLBACK TO one; RELEASE one; ALTER TABLE t ADD y int; ROLLBACK TO one;
        ALTER TABLE t ADD x int; RELEASE one; COMMIT; ALTER TABLE t DROP x;
    """,
    "new names": """
        BEGIN; ALTER TABLE t RENAME TO tt; ALTER INDEX t_b RENAME TO tt_b; ALTER TABLE tt RENAME CONSTRAINT t_pkey TO pk;
        CREATE TABLE t (id int); ALTER TABLE t ADD y int; ALTER TABLE u ADD CONSTRAINT key UNIQUE USING INDEX u_a;
        ALTER TABLE tt SET SCHEMA s; ALTER SCHEMA s RENAME TO s2; SET search_path TO s2, public; ALTER TABLE v ADD y int;
        SET LOCAL search_path TO public; ALTER TABLE s2.tt RENAME TO t3; SAVEPOINT a; ALTER TABLE u RENAME TO uu;
        ROLLBACK TO a; ALTER TABLE u ADD x int; COMMIT; ALTER TABLE t3 ADD x int;
    """,
    "the same name again": """
        BEGIN; DROP TABLE t; CREATE TABLE t (id int); INSERT INTO t VALUES (1); CREATE INDEX ON t (id);
        ALTER TABLE u RENAME TO x; ALTER TABLE p RENAME TO u; ALTER TABLE x RENAME TO p; COMMIT; ALTER TABLE u ADD x int;
    """,
    "partitions": """
        BEGIN; CREATE TABLE part2 (LIKE part); SAVEPOINT a;
        ALTER TABLE part ATTACH PARTITION part2 FOR VALUES FROM (100) TO (200); ROLLBACK TO a;
        ALTER TABLE part1 ADD CHECK (x > 0); ALTER TABLE part DETACH PARTITION part1; ROLLBACK;
    """,
    "a refused statement aborts the transaction": """
        BEGIN; ALTER TABLE t ADD x int; SAVEPOINT a; VACUUM t; SELECT 1; SAVEPOINT b; ROLLBACK TO b; ROLLBACK TO a;
        ALTER TABLE u ADD x int; CREATE INDEX CONCURRENTLY i ON t (x); ALTER TABLE u ADD y int; RELEASE a; COMMIT;
        ALTER TABLE t ADD x int; BEGIN; VACUUM; ALTER TABLE t ADD y int; ABORT; ALTER TABLE t ADD y int;
    """,
    "control of transactions": """
        SAVEPOINT a; ROLLBACK TO a; RELEASE a; LOCK TABLE t; DO $$ BEGIN LOCK TABLE t; END $$; COMMIT; ROLLBACK;
        PREPARE TRANSACTION 'x'; BEGIN; BEGIN; LOCK TABLE t; RELEASE a; COMMIT; BEGIN; COMMIT PREPARED 'x'; ROLLBACK;
        BEGIN; ROLLBACK TO a; END; DO $$ BEGIN VACUUM t; END $$; DO $$ BEGIN COMMIT; END $$;
        BEGIN; DO $$ BEGIN ALTER TABLE t ADD y int; COMMIT; END $$; ROLLBACK; DO $$ BEGIN SAVEPOINT a; END $$;
        BEGIN; DO $$ BEGIN ALTER TABLE t ADD y int; END $$; COMMIT; DO $$ BEGIN ALTER TABLE t ADD z int; ROLLBACK; END $$;
    """,
    "chains": """
        COMMIT AND CHAIN; BEGIN; LOCK TABLE t; COMMIT AND CHAIN; ALTER TABLE u ADD x int; ROLLBACK AND CHAIN;
        ALTER TABLE u ADD x int; VACUUM u; COMMIT AND CHAIN; ALTER TABLE u ADD y int; COMMIT;
    """,
}

REFUSED = ("a refused statement aborts the transaction", "control of transactions", "chains")
"""Sequences in which the server refuses something."""


def run(sql: str, session: Session) -> tuple[Session, Statement]:
    """The session after a text, and its last statement."""
    for parsed in parse(sql):
        session, analysis = session.run(parsed)
    return session, analysis.statement


SHOP = run("CREATE TABLE t (a int); CREATE TABLE u (a int, b timestamp);", Session(postgres=16))[0]


@pytest.mark.parametrize(
    ("sql", "held"),
    [
        ("ALTER TABLE t ADD x int; CREATE INDEX ON u (a)", ["t"]),
        ("ALTER TABLE t ADD x int; CREATE INDEX ON t (a)", ["t"]),
        ("ALTER TABLE t ADD x int; ALTER TABLE t ADD y int", []),
        ("ALTER TABLE t ADD x int; ALTER TABLE u ADD y int", ["t"]),
        ("LOCK TABLE t IN SHARE MODE; ALTER TABLE t ADD x int", ["t"]),
        ("COMMENT ON TABLE t IS 'x'; UPDATE u SET a = 1", []),
        ("ALTER TABLE t ADD x int; INSERT INTO u VALUES (1)", ["t"]),
        ("ALTER TABLE t ADD x int; frob", ["t"]),
        ("ALTER TABLE t ADD x int; SELECT 1", []),
        ("ALTER TABLE t ADD x int; CREATE TABLE n (a int); CREATE INDEX ON n (a)", []),
        ("ALTER TABLE t ADD x int; CREATE TABLE n AS SELECT 1 AS a; CREATE INDEX ON n (a)", ["t"]),
        ("ALTER TABLE t ADD x int; CREATE TABLE n (a int); INSERT INTO n VALUES (1); CREATE INDEX ON n (a)", ["t"]),
        ("CREATE TABLE n (a int); ALTER TABLE n ADD x int; CREATE INDEX ON u (a)", []),
        ("ALTER TABLE t ADD x int; COMMIT; CREATE INDEX ON u (a)", []),
    ],
)
def test_what_is_held_is_said_where_it_matters(sql: str, held: list[str]) -> None:
    _, statement = run(sql, SHOP.begin())
    assert [one.relation for one in statement.held] == held


@pytest.mark.parametrize(
    ("settings", "utc"),
    [
        ("SET timezone TO 'UTC'", True),
        ("BEGIN; SET LOCAL timezone TO 'UTC'", True),
        ("BEGIN; SET LOCAL timezone TO 'UTC'; COMMIT", False),
        ("BEGIN; SET LOCAL timezone TO 'Asia/Tokyo'; SET timezone TO 'UTC'; COMMIT", True),
        ("BEGIN; SET timezone TO 'UTC'; SET LOCAL timezone TO 'Asia/Tokyo'; COMMIT", True),
        ("BEGIN; SET timezone TO 'UTC'; ROLLBACK", False),
        ("BEGIN; SAVEPOINT a; SET timezone TO 'UTC'; ROLLBACK TO a", False),
        ("SET LOCAL timezone TO 'UTC'", False),
    ],
)
def test_a_setting_lasts_as_long_as_on_a_server(settings: str, utc: bool) -> None:
    session, _ = run(settings, SHOP)
    _, statement = run("ALTER TABLE u ALTER b TYPE timestamptz", session)
    assert any(effect.rewrites for effect in statement.effects) is not utc


def relations(connection: Connection, session: Session) -> dict[int, str]:
    """Names of tables and indexes as the session's reports show them."""
    rows = connection.execute(
        "SELECT c.oid, nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
        r" WHERE relkind IN ('r', 'p', 'i', 'I') AND nspname <> 'information_schema' AND nspname NOT LIKE 'pg\_%'"
    )
    return {oid: name if schema in session.catalog.search_path else f"{schema}.{name}" for oid, schema, name in rows}


def held(watcher: Connection, worker: Connection) -> dict[int, LockMode]:
    """Locks that a connection holds, and those of prepared transactions."""
    modes = {mode.value.title().replace(" ", "") + "Lock": mode for mode in LockMode}
    strongest: dict[int, LockMode] = {}
    locks = "SELECT relation, mode FROM pg_locks WHERE locktype = 'relation' AND (pid = %s OR pid IS NULL)"
    for oid, mode in watcher.execute(locks, [worker.info.backend_pid]):
        strongest[oid] = max(modes[mode], strongest.get(oid, modes[mode]))
    return strongest


def compare(sql: str, worker: Connection, watcher: Connection) -> int:
    """Run statements in a session here and there; return how many were refused."""
    session = Session(postgres=worker.info.server_version // 10000)
    for parsed in parse(SCHEMA):
        worker.execute(parsed.sql.encode())
        session = session.after(parsed)
    refused = 0
    differences: list[str] = []
    existed: dict[int, str] = {}
    for parsed in parse(sql):
        if session.block is None:
            existed = relations(watcher, session)
        session, analysis = session.run(parsed)
        error = None
        try:
            worker.execute(parsed.sql.encode())
        except psycopg.Error as raised:
            error = str(raised)
            refused += 1
        assert analysis.statement.analysed, parsed.sql
        assert bool(analysis.statement.fails) is bool(error), (parsed.sql, analysis.statement.fails, error)
        status = worker.info.transaction_status.name
        # A condition in a DO block may not hold, so that it does not count as refused for those after it.
        assert (error and parsed.dynamic) or status == (
            "IDLE" if session.block is None else "INERROR" if session.block.aborted else "INTRANS"
        )
        if status != "INERROR":
            names = {**existed, **relations(worker, session)}
            expected = dict(session.locks.modes.items())
            seen = {names[oid]: mode for oid, mode in held(watcher, worker).items() if oid in existed}
            indexes = {session.catalog.display(name) for name in session.catalog.index_map}
            differences += [
                f"{parsed.sql}: {name}: predicted {expected.get(name)}, observed {seen.get(name)}"
                for name in sorted(expected.keys() | seen.keys())
                if expected.get(name) != seen.get(name)
                # Which indexes a look-up in the system catalogs opens differs between minor releases.
                and not (name in indexes and name not in expected and seen[name] is LockMode.ACCESS_SHARE)
            ]
    assert differences == []
    return refused


@each_major
@pytest.mark.parametrize("name", SEQUENCES)
def test_what_a_transaction_holds_is_what_the_server_says(name: str, postgres: Server, database: str) -> None:
    dsn = postgres.dsn(database)
    with psycopg.connect(dsn, autocommit=True) as worker, psycopg.connect(dsn, autocommit=True) as watcher:
        refused = compare(SEQUENCES[name], worker, watcher)
    assert bool(refused) is (name in REFUSED)


def test_what_a_prepared_transaction_holds_stays_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(local.SETTINGS, "max_prepared_transactions", "1")
    sql = """
        BEGIN; ALTER TABLE t ADD x int; PREPARE TRANSACTION 'a'; ALTER TABLE u ADD x int; BEGIN; ALTER TABLE u ADD y int;
        ROLLBACK; COMMIT PREPARED 'a'; ALTER TABLE t ADD y int; BEGIN; LOCK TABLE u; PREPARE TRANSACTION 'b';
        ROLLBACK PREPARED 'b'; ALTER TABLE u ADD y int;
    """
    with local.local_server(ONE) as server:
        dsn = server.dsn(server.create_database())
        with psycopg.connect(dsn, autocommit=True) as worker, psycopg.connect(dsn, autocommit=True) as watcher:
            assert compare(sql, worker, watcher) == 0


@each_major
def test_statements_in_one_text_are_a_transaction(connection: Connection) -> None:
    """Whatever COMMIT there is in it; one alone in its text is not."""
    connection.execute(SCHEMA)
    build = "CREATE INDEX CONCURRENTLY t_a ON t (a)"
    schema = Session(postgres=connection.info.server_version // 10000)
    for parsed in parse(SCHEMA):
        schema = schema.after(parsed)
    for text in (f"SELECT 1; {build}", f"COMMIT; {build}; BEGIN", f"{build};"):
        refused = False
        try:
            connection.execute(text)
        except psycopg.errors.ActiveSqlTransaction:
            refused = True
        statements = parse(text)
        session, fails = schema, []
        for parsed in statements:
            session, analysis = session.run(parsed, alone=len(statements) == 1)
            fails.append(analysis.statement.fails)
        assert any(fails) is refused, text
