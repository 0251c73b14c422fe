"""What a real server has recorded: read with nothing but reads, and what is said where that is not to be had."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.db import connection as django_connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from migsafe.errors import ServerError
from migsafe.project.applied import QUERY, applied_in, read_applied
from migsafe.project.graph import History
from migsafe.project.load import Project
from migsafe.project.temporary import temporary_project
from migsafe.sandbox.server import Server
from tests.conftest import ends
from tests.projects import app, migration, write

READER = "migsafe_reader"


def project(folder: Path, postgres: Server, database: str, **settings: object) -> AbstractContextManager[Project]:
    values = {"ENGINE": "django.db.backends.postgresql", "NAME": database, "USER": postgres.user}
    default = {**values, "HOST": postgres.host, "PORT": str(postgres.port), **settings}
    apps = {path.name: folder for path in folder.iterdir()}
    return temporary_project(folder, apps, overrides={"DATABASES": {"default": default}})


def recorded(*names: str) -> None:
    recorder = MigrationRecorder(django_connection)
    recorder.ensure_schema()
    for name in names:
        recorder.record_applied("orders", name)
    django_connection.close()


@pytest.fixture
def session(postgres: Server, database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(postgres.dsn(database), autocommit=True) as connection:
        yield connection


@contextmanager
def reader(session: psycopg.Connection) -> Iterator[str]:
    session.execute(f"DROP ROLE IF EXISTS {READER}")
    session.execute(f"CREATE ROLE {READER} LOGIN")
    yield READER
    session.execute(f"DROP OWNED BY {READER}; DROP ROLE {READER}")


def error(project: Project, database: str) -> tuple[str, str]:
    with pytest.raises(ServerError) as raised:
        read_applied(project)
    assert raised.value.hint is not None
    return raised.value.message.replace(database, "shop"), raised.value.hint


HERE = "database 'default' of the scenario's settings ('shop' on the server)"


@ends
@pytest.mark.parametrize("use_tz", [True, False])
def test_rows_in_the_order_of_recording_dates_in_utc(
    postgres: Server, session: psycopg.Connection, database: str, tmp_path: Path, *, use_tz: bool
) -> None:
    with project(tmp_path, postgres, database):
        recorded()
    session.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('orders', '0002_x', '2026-03-01 12:00:00.9+02'),"
        " ('gone', '0001_initial', '2026-02-01 00:00+00')"
    )
    with project(tmp_path, postgres, database) as loaded, timezone.override("Asia/Tokyo"):
        django_connection.settings_dict["TIME_ZONE"] = "America/Lima"
        rows = read_applied(loaded)
    assert rows == (
        ("orders", "0002_x", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("gone", "0001_initial", datetime(2026, 2, 1, tzinfo=UTC)),
    )


def test_it_does_nothing_but_read_as_a_role_that_may_do_nothing_else(
    postgres: Server, session: psycopg.Connection, database: str, tmp_path: Path
) -> None:
    with project(tmp_path, postgres, database):
        recorded("0001_initial")
    with reader(session), project(tmp_path, postgres, database, USER=READER) as loaded:
        assert error(loaded, database) == (
            f"{HERE} does not let {READER} read django_migrations",
            f"GRANT SELECT ON django_migrations TO {READER}",
        )
        session.execute(f"GRANT SELECT ON django_migrations TO {READER}")
        session.execute(f"ALTER ROLE {READER} SET log_statement = 'all'")
        log = Path(postgres.host) / "log"
        before = len(log.read_bytes())
        assert [one.name for one in read_applied(loaded)] == ["0001_initial"]
        said = log.read_bytes()[before:].decode()
    statements = re.findall(r"LOG:  (?:statement|execute \S+): (\w+.*)", said)
    assert [one for one in statements if not one.startswith(("SELECT", "BEGIN"))] == [
        "SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '10000ms'; SET LOCAL lock_timeout = '1s'", "ROLLBACK"
    ]  # fmt: skip
    assert [one for one in statements if "django_migrations" in one] == [QUERY.format('"django_migrations"')]


def test_it_says_who_it_is(postgres: Server, session: psycopg.Connection, database: str, tmp_path: Path) -> None:
    session.execute(
        "CREATE VIEW django_migrations AS SELECT 1 AS id, application_name AS app, current_setting('lock_timeout')"
        " || current_setting('statement_timeout') || current_setting('transaction_read_only') AS name,"
        " timestamptz 'epoch' AS applied FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    )
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    with project(tmp_path, postgres, database) as loaded:
        assert read_applied(loaded) == (("migsafe history", "1s10son", epoch),)
        assert not django_connection.connection  # the project's own object is as it was
    with project(tmp_path, postgres, database, OPTIONS={"application_name": "deploy"}) as loaded:
        assert read_applied(loaded)[0].app == "migsafe history"


def test_no_table(postgres: Server, session: psycopg.Connection, database: str, tmp_path: Path) -> None:
    with project(tmp_path, postgres, database) as loaded:
        assert error(loaded, database) == (
            f"{HERE} has no table django_migrations",
            "Nothing has been migrated there, or it is not the database you mean: name another with --database.",
        )
        session.execute("CREATE SCHEMA tenant; CREATE TABLE tenant.django_migrations ()")
        assert error(loaded, database) == (
            f"{HERE} has django_migrations in tenant, where postgres does not find it: "
            'its search_path is "$user", public',
            "Connect as the application does: it has that search_path, and USAGE on the schema.",
        )


def test_a_table_that_is_locked(postgres: Server, session: psycopg.Connection, database: str, tmp_path: Path) -> None:
    session.execute("CREATE TABLE django_migrations (id int, app text, name text, applied timestamptz)")
    with project(tmp_path, postgres, database) as loaded, session.transaction():
        session.execute("LOCK TABLE django_migrations")
        assert error(loaded, database) == (
            f"django_migrations of {HERE} is locked: another session keeps even readers out, for more than a second",
            "Try again when that is done: VACUUM FULL, or a migration of the table itself.",
        )


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"NAME": "nowhere"}, 'database "nowhere" does not exist'),
        ({"PORT": "1"}, "No such file or directory"),
        ({"HOST": "127.0.0.1", "PORT": "1"}, "Connection refused"),
        ({"USER": "nobody"}, 'role "nobody" does not exist'),
    ],
)
def test_a_server_that_cannot_be_connected_to(
    postgres: Server, tmp_path: Path, settings: dict[str, str], reason: str
) -> None:
    with project(tmp_path, postgres, "postgres", **settings) as loaded:
        message, hint = error(loaded, "postgres")
    assert message.startswith("database 'default' of the scenario's settings cannot be asked: ")
    assert reason in message
    assert hint == (
        "Run this where that database can be reached; a role that may SELECT from django_migrations will do."
    )


# Squashes

SQUASH = migration(attributes='replaces = [("orders", "0001_a"), ("orders", "0002_b")]')
FILES = app(
    "orders", {"0001_a": migration(), "0002_b": migration(dependencies=(("orders", "0001_a"),)), "0003_s": SQUASH}
)


def test_what_is_applied_is_what_djangos_loader_says(postgres: Server, database: str, tmp_path: Path) -> None:
    write(tmp_path, FILES)
    with project(tmp_path, postgres, database) as loaded:
        history = History(loaded)
        for names, applied in (
            (["0009_gone"], set()),
            (["0001_a"], {"0001_a"}),
            (["0001_a", "0003_s"], {"0001_a"}),
            (["0001_a", "0002_b"], {"0001_a", "0002_b", "0003_s"}),
            (["0001_a", "0002_b", "0003_s"], {"0001_a", "0002_b", "0003_s"}),
        ):
            recorded(*names)
            found = {name for _, name in applied_in(history, read_applied(loaded))}
            django = {name for _, name in MigrationLoader(django_connection).applied_migrations}
            MigrationRecorder(django_connection).flush()
            django_connection.close()
            assert found == applied == django - {"0009_gone"}
