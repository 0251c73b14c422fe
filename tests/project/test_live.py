"""How a live server is: real ones of all versions are asked, as roles that may see more and less."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from django.db.backends.postgresql.features import DatabaseFeatures

from migsafe.model import LockMode
from migsafe.predeploy import Connections, InvalidIndex, ServerStatus, Session, Unvalidated
from migsafe.project import live
from migsafe.project.live import read_status
from migsafe.project.load import Project
from migsafe.project.temporary import temporary_project
from migsafe.sandbox.server import Server
from tests.conftest import ONE, each_major
from tests.project.production import production, standby, wait_for

Db = psycopg.Connection[tuple[Any, ...]]

SCHEMA = """
CREATE TABLE orders (id bigint PRIMARY KEY, total int, note text);
CREATE TABLE event (at date) PARTITION BY RANGE (at);
CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID;
CREATE INDEX orders_total ON orders (total);
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_total'::regclass;
CREATE SCHEMA archive;
CREATE TABLE archive.orders (id bigint);
"""

OTHERS = ("web", "looker", "monitor")


def make(session: Db) -> None:
    for role in OTHERS:
        with suppress(psycopg.errors.DuplicateObject):
            session.execute(f"CREATE ROLE {role} LOGIN")
        session.execute(f"GRANT USAGE ON SCHEMA archive TO {role}")
    session.execute("GRANT pg_read_all_stats TO monitor")
    session.execute("GRANT ALL ON ALL TABLES IN SCHEMA public, archive TO web")


@pytest.fixture(scope="module")
def production_server() -> Iterator[Server]:
    with production(ONE) as server:
        yield server


@pytest.fixture
def owner(production_server: Server) -> Iterator[Db]:
    """A session of the owner on a database of its own."""
    name = production_server.create_database()
    with psycopg.connect(production_server.dsn(name), autocommit=True) as session:
        session.execute(SCHEMA)
        make(session)
        yield session
        session.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
    production_server.drop_database(name)


def project(
    folder: Path, server: Server, database: str, user: str, **settings: object
) -> AbstractContextManager[Project]:
    place = {"NAME": database, "HOST": server.host, "PORT": str(server.port), "USER": user}
    default = {"ENGINE": "django.db.backends.postgresql", **place, **settings}
    return temporary_project(folder, {}, overrides={"DATABASES": {"default": default}})


def looked(owner: Db, folder: Path, user: str = "postgres", longest: float = 0.0, **settings: object) -> ServerStatus:
    """What a role sees of the database that the owner has a session on."""
    server = SimpleNamespace(host=owner.info.host, port=owner.info.port)
    with project(folder, server, owner.info.dbname, user, **settings) as loaded:  # type: ignore[arg-type]
        return read_status(loaded, longest=longest)


@contextmanager
def working(owner: Db, *statements: str, user: str = "web", dbname: str | None = None) -> Iterator[Db]:
    """A session of another role, gunicorn by name, that has done this in its transaction."""
    info = owner.info
    with psycopg.connect(
        host=info.host, port=info.port, dbname=dbname or info.dbname, user=user, application_name="gunicorn"
    ) as session:
        for statement in statements:
            session.execute(statement)
        yield session
        session.rollback()


def of(status: ServerStatus, pid: int) -> Session:
    return next(one for one in status.sessions if one.pid == pid)


@each_major
def test_every_version_and_every_role(
    postgres: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseFeatures, "minimum_database_version", (10,))
    # what else runs on these servers has sessions of autovacuum in none, and of the owner in this database
    with psycopg.connect(postgres.dsn(database), autocommit=True) as owner:
        owner.execute(SCHEMA)
        make(owner)
        if postgres.version >= 18:
            owner.execute("ALTER TABLE orders ADD CONSTRAINT unchecked CHECK (total < 9) NOT ENFORCED")
        with working(owner, "INSERT INTO orders VALUES (1)", "SELECT FROM archive.orders") as web:
            status = {user: looked(owner, tmp_path, user) for user in OTHERS}
            # of hidden sessions that are busy it takes a second look
            pid = web.info.backend_pid
            hidden = of(looked(owner, tmp_path, "looker", longest=0.05), pid)
        for user, found in status.items():
            assert (found.postgres, found.database, found.user) == (postgres.version, database, user)
            assert found.release.partition(".")[0] == str(postgres.version)
            assert (found.recovery, found.read_only, found.pooler) == (False, False, None)
            assert found.invalid_indexes == (InvalidIndex(name="orders_total", relation="orders"),)
            assert found.unvalidated == (
                Unvalidated(name="positive", relation="orders", definition="CHECK ((total >= 0)) NOT VALID"),
            )
            assert of(found, pid).locks == {
                "orders": LockMode.ROW_EXCLUSIVE,
                "archive.orders": LockMode.ACCESS_SHARE,
            }
            assert of(found, pid).application == "gunicorn"
        for user in ("web", "monitor"):
            seen = of(status[user], pid)
            assert (seen.state, seen.text, seen.hidden) == ("idle in transaction", "SELECT FROM archive.orders", False)
            assert seen.started is not None
            assert 0 < (seen.transaction or 0) < 60
        assert status["monitor"].unseen == ()
        (unseen,) = status["looker"].unseen
        assert unseen.startswith("what sessions of other roles do, and since when (")
        assert unseen.endswith(' here): GRANT pg_read_all_stats TO "looker"')
        assert of(status["looker"], pid).transaction is None
        assert (hidden.hidden, hidden.transaction, hidden.text) == (True, 0.05, None)


def test_timeouts_are_those_that_migrate_would_have(owner: Db, tmp_path: Path) -> None:
    owner.execute("ALTER ROLE looker SET statement_timeout = '90s'")
    options = {"options": "-c lock_timeout=2500 -c default_transaction_read_only=on", "assume_role": "web"}
    owner.execute("GRANT web TO looker")
    status = looked(owner, tmp_path, "looker", OPTIONS=options)
    # that the role which looks only reads is no matter of the server
    assert (status.lock_timeout, status.statement_timeout, status.read_only, status.user) == (2.5, 90, False, "looker")
    owner.execute("ALTER ROLE looker RESET ALL; REVOKE web FROM looker")
    owner.execute(f'ALTER DATABASE "{owner.info.dbname}" SET default_transaction_read_only = on')
    status = looked(owner, tmp_path, "looker")
    assert (status.lock_timeout, status.statement_timeout, status.read_only) == (None, None, True)
    owner.execute(f'ALTER DATABASE "{owner.info.dbname}" RESET ALL')


def test_who_waits_for_whom(owner: Db, tmp_path: Path) -> None:
    with working(owner, "LOCK orders IN SHARE MODE") as first, working(owner) as second:
        pid, holder = second.info.backend_pid, first.info.backend_pid
        thread = threading.Thread(target=lambda: second.execute("INSERT INTO orders VALUES (1)"))
        thread.start()
        assert wait_for(lambda: bool(of(looked(owner, tmp_path), pid).waits))
        waiting = of(looked(owner, tmp_path), pid)
        hidden = of(looked(owner, tmp_path, "looker"), pid)
        first.rollback()
        thread.join()
    assert (waiting.waits, waiting.blocked_by) == ({"orders": LockMode.ROW_EXCLUSIVE}, (holder,))
    assert hidden.waits == waiting.waits


def test_prepared_transactions_with_their_locks(owner: Db, tmp_path: Path) -> None:
    with working(owner, "INSERT INTO event VALUES ('2025-01-01')") as session:
        session.execute("PREPARE TRANSACTION 'it''s'")
    try:
        (prepared,) = looked(owner, tmp_path, "looker").prepared
        assert (prepared.name, prepared.owner) == ("it's", "web")
        assert prepared.locks == {"event": LockMode.ROW_EXCLUSIVE, "event_2025": LockMode.ROW_EXCLUSIVE}
        assert 0 < prepared.age < 60
    finally:
        owner.execute("ROLLBACK PREPARED 'it''s'")


def test_limits_of_connections(owner: Db, tmp_path: Path) -> None:
    name = owner.info.dbname
    with working(owner):
        anywhere = looked(owner, tmp_path, "web").connections
        owner.execute("ALTER ROLE web CONNECTION LIMIT 2")
        assert looked(owner, tmp_path, "web").connections == Connections(used=2, most=2, of="role web")
        owner.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 9')
        owner.execute("ALTER ROLE web CONNECTION LIMIT -1")
        assert looked(owner, tmp_path, "web").connections == Connections(used=3, most=9, of=f"database {name}")
    assert anywhere is not None
    assert (anywhere.most, anywhere.of) == (97, "the server")


def test_slots(owner: Db, tmp_path: Path) -> None:
    owner.execute(
        "SELECT pg_create_physical_replication_slot('never_used'), pg_create_physical_replication_slot('left', true),"
        " pg_create_logical_replication_slot('decoded', 'test_decoding'),"
        " pg_create_physical_replication_slot('mine', true, true)"
    )
    owner.execute("INSERT INTO orders SELECT i FROM generate_series(1, 2000) i")
    slots = {one.name: one for one in looked(owner, tmp_path, "looker").slots}
    assert set(slots) == {"never_used", "left", "decoded"}  # those that end with their session are no matter
    assert slots["never_used"].retained is None
    assert (slots["left"].retained or 0) > 50_000
    assert (slots["decoded"].logical, slots["decoded"].active, slots["decoded"].limit) == (True, False, None)
    owner.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '7MB'")
    owner.execute("SELECT pg_reload_conf()")
    try:
        assert wait_for(lambda: looked(owner, tmp_path).slots[0].limit == 7 * 1024 * 1024)
    finally:
        owner.execute("ALTER SYSTEM RESET max_slot_wal_keep_size")
        owner.execute("SELECT pg_reload_conf()")


def test_an_index_that_somebody_builds_is_being_built(owner: Db, tmp_path: Path) -> None:
    with working(owner, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SELECT FROM archive.orders") as other:
        builder = psycopg.connect(owner.info.dsn, autocommit=True)
        builder.pgconn.send_query(b"CREATE INDEX CONCURRENTLY note_idx ON orders (note)")
        assert wait_for(lambda: len(looked(owner, tmp_path).invalid_indexes) == 2)
        for user in ("postgres", "looker"):
            assert looked(owner, tmp_path, user).invalid_indexes == (
                InvalidIndex(name="note_idx", relation="orders", building=True),
                InvalidIndex(name="orders_total", relation="orders", building=True),  # who knows of which
            )
        assert of(looked(owner, tmp_path), other.info.backend_pid).snapshot
        builder.cancel()
        builder.close()
    assert wait_for(lambda: not any(one.building for one in looked(owner, tmp_path).invalid_indexes))


def test_what_the_server_refuses_is_told(owner: Db, tmp_path: Path) -> None:
    views = ("pg_prepared_xacts", "pg_stat_replication", "pg_replication_slots")
    for view in views:
        owner.execute(f"REVOKE SELECT ON {view} FROM PUBLIC")
    status = looked(owner, tmp_path, "monitor")
    assert status.unseen == (
        "standbys: permission denied for view pg_stat_replication",
        "prepared transactions: permission denied for view pg_prepared_xacts",
        "replication slots: permission denied for view pg_replication_slots",
    )
    assert status.connections is not None


def test_what_goes_on_elsewhere_is_left_out(owner: Db, tmp_path: Path) -> None:
    with working(owner, "SELECT 1", dbname="postgres") as elsewhere:
        pid = elsewhere.info.backend_pid
        assert all(one.pid != pid for one in looked(owner, tmp_path).sessions)


def test_a_pooler_hands_out_other_process_numbers(owner: Db, tmp_path: Path) -> None:
    """PgBouncer in the place of one: it answers with a key of its own, for cancelling queries."""
    real = vars(psycopg.ConnectionInfo)["backend_pid"].fget
    with patch.object(psycopg.ConnectionInfo, "backend_pid", property(lambda info: real(info) + 1)):
        pooler = looked(owner, tmp_path).pooler
    assert pooler is not None
    assert pooler.startswith("the server's process is ")


def test_autovacuum_that_is_not_shown_prevents_wraparound_on_old_tables() -> None:
    row: list[Any] = [1, None, "", None, None, None, None, live.HIDDEN, True, False, [], "3/7"]
    locks = {(False, "1"): {"orders": LockMode.SHARE_UPDATE_EXCLUSIVE}}
    assert live._session(row, locks, {}, {"orders"}).wraparound
    assert not live._session(row, locks, {}, {"other"}).wraparound


def test_how_old_tables_are(owner: Db, tmp_path: Path) -> None:
    assert owner.execute(live._OLD).fetchall() == []
    owner.execute("ALTER TABLE orders SET (autovacuum_freeze_max_age = 100000)")
    owner.execute("UPDATE pg_class SET relfrozenxid = ((relfrozenxid::text::bigint - 200000) & 4294967295)::text::xid"
                  " WHERE relname = 'orders'")  # fmt: skip
    assert owner.execute(live._OLD).fetchall() == [("orders",)]


@pytest.mark.skipif(ONE < 15, reason="base backups are begun otherwise before 15")
def test_a_standby_and_its_primary(owner: Db, production_server: Server, tmp_path: Path) -> None:
    with standby(production_server) as replica:
        name = owner.info.dbname
        with psycopg.connect(replica.dsn(name), autocommit=True) as session:
            assert wait_for(lambda: any(one.state == "streaming" for one in looked(owner, tmp_path).standbys))
            session.execute("SELECT pg_wal_replay_pause()")
            owner.execute("INSERT INTO orders SELECT i FROM generate_series(1, 3000) i")
            assert wait_for(lambda: (looked(owner, tmp_path).standbys[0].behind or 0) > 100_000)
            (one,) = looked(owner, tmp_path).standbys
            session.execute("SELECT pg_wal_replay_resume()")
        assert (one.name, one.logical, one.state, one.synchronous) == ("walreceiver", False, "streaming", False)
        status = looked(owner, tmp_path, "looker")
        (hidden,) = status.standbys
        assert (hidden.name, hidden.state, hidden.lag, hidden.behind) == ("walreceiver", None, None, None)
        assert 'how far standbys are behind (1 here): GRANT pg_read_all_stats TO "looker"' in status.unseen
        with project(tmp_path, replica, name, "looker") as loaded:
            there = read_status(loaded)
        assert (there.recovery, there.standbys, there.unseen) == (True, (), ())
