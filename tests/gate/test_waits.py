"""Whom migrations wait for: what the gate foresees is what real servers do, of every holder and every statement."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from django.db.backends.postgresql.features import DatabaseFeatures

from migsafe.project.live import read_status
from migsafe.rules import GateContext
from migsafe.sandbox.server import Server
from tests.conftest import MAJORS
from tests.gate.live import Live, live
from tests.projects import app, migration

SCHEMA = """
CREATE TABLE target (id int, note text);
INSERT INTO target VALUES (1);
CREATE INDEX note_idx ON target (note);
CREATE TABLE other (id int);
"""

PARTED = """
DROP TABLE IF EXISTS parted, parted_1;
CREATE TABLE parted (id int) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
"""

INDEXES = "DROP INDEX IF EXISTS newer_idx, note_idx, note_idx_ccnew; CREATE INDEX note_idx ON target (note)"

STATEMENTS: list[tuple[str, str, int]] = [
    ("ALTER TABLE target ADD COLUMN extra int", "", 10),
    ("CREATE INDEX new_idx ON target (id)", "", 10),
    ("REINDEX INDEX note_idx", "", 10),
    ("UPDATE target SET id = 2", "", 10),
    ("ALTER TABLE parted ADD COLUMN extra int", "", 10),
    ("CREATE INDEX CONCURRENTLY newer_idx ON target (id)", INDEXES, 10),
    ("REINDEX INDEX CONCURRENTLY note_idx", INDEXES, 12),
    ("DROP INDEX CONCURRENTLY note_idx", INDEXES, 10),
    ("ALTER TABLE parted DETACH PARTITION parted_1 CONCURRENTLY", PARTED, 14),
]
"""With what puts things back where they do not roll back, and the version that has them."""

REPEATABLE = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"

HOLDERS = {
    "has read another table": ["SELECT FROM other"],
    "has written another table": ["INSERT INTO other VALUES (1)"],
    "has a snapshot": [REPEATABLE, "SELECT FROM other"],
    "has a cursor": ["DECLARE one CURSOR FOR SELECT generate_series(1, 9)", "FETCH one"],
    "has read": ["SELECT FROM target"],
    "has locked a row": ["SELECT FROM target FOR UPDATE"],
    "has written": ["INSERT INTO target VALUES (2)"],
    "has failed": ["INSERT INTO target VALUES (2)", "SELECT 1 / 0"],
    "has read a partition": ["SELECT FROM parted_1"],
    "has written through the whole": ["INSERT INTO parted VALUES (1)"],
    "validates": ["LOCK target IN SHARE UPDATE EXCLUSIVE MODE"],
}
"""What others have done in their transaction; each in one of its own."""

ROW = ("has locked a row", "UPDATE target SET id = 2")
"""Which rows others have locked, nobody can see."""

SERVERS = pytest.mark.parametrize("postgres", [one for one in (10, 18) if one in MAJORS], indirect=True)


@pytest.mark.slow
@SERVERS
def test_what_the_gate_foresees_is_what_servers_do(
    postgres: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DatabaseFeatures, "minimum_database_version", (10,))
    statements = [(sql, undo) for sql, undo, since in STATEMENTS if postgres.version >= since]
    with live(tmp_path, postgres, database, pending([sql for sql, _ in statements])) as one:
        one.session.execute(SCHEMA + PARTED)
        one.record()
        migrations = one.gate().pending
        assert all(each.targets for each in migrations)
        foreseen: dict[tuple[str, str], bool] = {}
        happened: dict[tuple[str, str], bool] = {}
        for name in (*HOLDERS, "works", "works elsewhere"):
            with holding(postgres, database, name):
                context = GateContext(status=read_status(one.project), pending=migrations, longest=0)
                waits = {each[0][0].migration.key for each in context.waits_for_sessions()}
                foreseen |= {
                    (name, sql): one.key in waits for (sql, _), one in zip(statements, migrations, strict=True)
                }
                happened |= {(name, sql): has_to_wait(one, sql) for sql, undo in statements if not undo}
            for sql, undo in statements:
                if undo:
                    with holding(postgres, database, name):
                        happened[name, sql] = has_to_wait(one, sql)
                    one.session.execute(undo)
        assert (foreseen.pop(ROW), happened.pop(ROW)) == (False, True)
        assert foreseen == happened
        assert {True, False} == set(foreseen.values())


def pending(statements: list[str]) -> dict[str, str]:
    names = [f"{number:04}_step" for number in range(1, len(statements) + 1)]
    return app("orders", {
        name: migration(
            f"migrations.RunSQL({sql!r})",
            dependencies=(("orders", before),) if before else (),
            attributes="atomic = False" if "CONCURRENTLY" in sql else "",
        )
        for name, before, sql in zip(names, ["", *names], statements, strict=False)
    })  # fmt: skip


@contextmanager
def holding(postgres: Server, database: str, name: str) -> Iterator[None]:
    elsewhere = name == "works elsewhere"
    with psycopg.connect(postgres.dsn(None if elsewhere else database), autocommit=True) as session:
        if name in HOLDERS:
            session.execute("BEGIN")
            for sql in HOLDERS[name]:
                with suppress(psycopg.errors.DivisionByZero):
                    session.execute(sql)
        else:
            session.pgconn.send_query(b"SELECT pg_sleep(60)")
            time.sleep(0.02)
        yield
        session.cancel()
        session.close()


def has_to_wait(one: Live, sql: str) -> bool:
    """Whether a statement gives up; what does not commit by itself leaves nothing."""
    block = "CONCURRENTLY" not in sql
    one.session.execute("SET lock_timeout = '30ms'")
    try:
        if block:
            one.session.execute("BEGIN")
        one.session.execute(sql)
    except psycopg.errors.LockNotAvailable:
        return True
    finally:
        if block:
            one.session.execute("ROLLBACK")
        one.session.execute("SET lock_timeout = 0")
    return False
