"""What commands that connect send to a server, and where they connect to: real ones are asked, with their logs."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as django_connection
from django.db.backends.signals import connection_created

from migsafe.actions import Select
from migsafe.errors import ConfigError, ServerError
from migsafe.project.connect import LIMITS
from migsafe.project.live import ask
from migsafe.project.load import Project
from migsafe.project.temporary import temporary_project
from migsafe.sandbox.server import Server
from migsafe.sql.parse import parse
from tests.conftest import ONE
from tests.gate.live import live
from tests.project.production import Log, production, wait_for
from tests.projects import app, migration

ORDERS = app(
    "orders",
    {
        "0001_initial": migration('migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])'),
        "0002_note": migration(
            'migrations.AddField("order", "note", models.TextField(null=True))',
            dependencies=(("orders", "0001_initial"),),
        ),
    },
)

SESSIONS = "SELECT FROM pg_stat_activity WHERE usename = 'looker'"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with production(ONE) as server, server.connect() as session:
        session.execute("CREATE ROLE looker LOGIN")
        yield server


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    name = server.create_database()
    yield name
    server.drop_database(name)


def test_the_gate_sends_nothing_but_reads(server: Server, database: str, tmp_path: Path) -> None:
    """As a role that may do nothing else, with receivers that would do more and settings that ask for more."""
    received: list[object] = []

    def receiver(connection: Any, **_: object) -> None:
        received.append(connection)
        connection.cursor().execute("CREATE TEMPORARY TABLE mine (id int)")

    settings = {
        "USER": "looker",
        "TIME_ZONE": "America/Lima",
        "OPTIONS": {"application_name": "shop", "options": "-c lock_timeout=5s", "isolation_level": 3},
    }
    contrib = ("django.contrib.postgres",)
    with live(tmp_path, server, database, ORDERS, installed=contrib) as one:
        one.session.execute("CREATE EXTENSION hstore")
        one.migrate(("orders", "0001_initial"))
        one.session.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker")
        log = Log(server)
        before = dict(django_connection.settings_dict)
        django_connection.settings_dict.update(settings)
        connection_created.connect(receiver)
        try:
            report = one.gate()
            assert ask(one.project, "SELECT count(*) FROM orders_order;", seconds=3) == "0"
            assert [ask(one.project, f"SELECT {sql}", seconds=3) for sql in ("true", "NULL", "'x'")] == ["t", "", "x"]
            with pytest.raises(ValueError, match="cannot execute CREATE TABLE in a read-only transaction"):
                ask(one.project, "CREATE TABLE mine ()", seconds=3)
            with pytest.raises(ValueError, match="statement timeout"):
                ask(one.project, "SELECT pg_sleep(9)", seconds=0.1)
        finally:
            connection_created.disconnect(receiver)
            django_connection.settings_dict.update(before)
        gone = wait_for(lambda: not one.session.execute(SESSIONS).fetchall())
    assert [one.key for one in report.pending] == [("orders", "0002_note")]
    assert (received, gone) == ([], True)
    sent = log.statements("looker")
    assert len(sent) == log.text().count("connection authorized: user=looker") > 3
    for statements in sent.values():
        assert {application for application, _ in statements} == {"migsafe gate"}
        transactions(only_reads(text) for _, text in statements)


def only_reads(text: str) -> str:
    """A statement, if it is one that only reads; `CREATE TABLE mine` is what the test itself has asked."""
    if text not in ("BEGIN", "ROLLBACK", "CREATE TABLE mine ()") and not is_limits(text):
        actions = [action for statement in parse(text) for action in statement.actions]
        assert all(isinstance(action, Select) for action in actions), text
    return text


def is_limits(text: str) -> bool:
    return any(text == LIMITS.format(seconds) for seconds in (10000, 3000, 100))


def transactions(statements: Iterator[str]) -> None:
    """Every statement is in one that is read-only and has limits, from its beginning on, and is rolled back."""
    for begin in statements:
        assert (begin, is_limits(next(statements))) == ("BEGIN", True)
        while next(statements) != "ROLLBACK":
            pass


WHO = "SELECT current_database() || ' ' || current_user || ' ' || current_setting('work_mem')"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """One whose settings lead nowhere."""
    options = {"options": "-c work_mem=5MB", "service": "none", "sslmode": "require", "assume_role": "nobody"}
    place = {"NAME": "shop", "HOST": "nowhere.invalid", "USER": "shop", "PASSWORD": "hunter2", "OPTIONS": options}
    database = {"ENGINE": "django.db.backends.postgresql", **place}
    with temporary_project(tmp_path, {}, overrides={"DATABASES": {"default": database}}) as project:
        yield project


def test_a_connection_string_leads_elsewhere(server: Server, database: str, project: Project) -> None:
    keywords = f"host={server.host} dbname={database} user=looker password='it''s'"
    uri = f"postgresql://looker:secret@/{database}?host={server.host}"
    for dsn in (keywords.replace("''", ""), uri):
        assert ask(replace(project, dsn=dsn), WHO, seconds=3) == f"{database} looker 5MB"
    assert ask(replace(project, dsn=f"{uri}&options=-cwork_mem%3D6MB"), WHO, seconds=3).endswith("6MB")


@pytest.mark.parametrize("dsn", ["hunter2", "postgresql://u:hunter2%zz@host/shop", "host=h password=hunter2 port=1"])
def test_of_what_is_no_connection_string_nothing_is_printed(project: Project, dsn: str) -> None:
    assert "hunter2" not in repr(replace(project, dsn=dsn))
    with pytest.raises(ConfigError) as raised:
        ask(replace(project, dsn=dsn), WHO, seconds=3)
    assert raised.value.message.startswith("--dsn: it ")
    assert "hunter2" not in f"{raised.value.message}{raised.value.hint}"


def test_a_server_that_cannot_be_reached_is_named_without_the_password(project: Project, tmp_path: Path) -> None:
    dsn = f"host={tmp_path} dbname=shop user=shop password=hunter2"
    with pytest.raises(ServerError) as raised:
        ask(replace(project, dsn=dsn), WHO, seconds=3)
    assert raised.value.message.startswith(f"database 'shop' of {tmp_path} (--dsn) cannot be asked: ")
    assert "hunter2" not in f"{raised.value.message}{raised.value.hint}"


def test_the_role_that_the_settings_assume_looks(server: Server, database: str, tmp_path: Path) -> None:
    with live(tmp_path, server, database, ORDERS) as one:
        django_connection.settings_dict["OPTIONS"]["assume_role"] = "looker"
        assert ask(one.project, WHO, seconds=3) == f"{database} looker 4MB"
