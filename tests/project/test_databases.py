"""Whatever a project's settings name: verify connects to the sandbox, and nowhere else."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper

from migsafe.project.databases import Address, Databases
from migsafe.project.load import Project
from migsafe.project.temporary import temporary_project
from migsafe.sandbox.server import Server
from tests.projects import app, migration, run, write_project


class Decoy:
    """Takes connections on a port and on a unix socket, as the project's own server would, and counts them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken = 0
        self._closed = False
        self._lock = threading.Lock()
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self._tcp.getsockname()[1]
        self._unix = socket.socket(socket.AF_UNIX)
        self._unix.bind(str(folder / f".s.PGSQL.{self.port}"))
        self._unix.listen()
        self._threads = [
            threading.Thread(target=self._take, args=[one], daemon=True) for one in (self._tcp, self._unix)
        ]
        for thread in self._threads:
            thread.start()

    def _take(self, listening: socket.socket) -> None:
        while True:
            taken, _ = listening.accept()
            # Counted before the other side can see that it is closed, and looks at the number.
            with taken, self._lock:
                if self._closed:
                    return
                self.taken += 1

    def close(self) -> None:
        self._closed = True
        for family, address in ((socket.AF_INET, ("127.0.0.1", self.port)), (socket.AF_UNIX, self._unix.getsockname())):
            with socket.socket(family) as last:
                last.connect(address)
        for thread, listening in zip(self._threads, (self._tcp, self._unix), strict=True):
            thread.join()
            listening.close()


@pytest.fixture
def decoy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Decoy]:
    # The path of a socket is at most 107 bytes long.
    folder = Path("/tmp") / f"migsafe-decoy-{os.getpid()}-{tmp_path_factory.mktemp('decoy').name}"
    folder.mkdir()
    decoy = Decoy(folder)
    yield decoy
    decoy.close()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


@contextmanager
def project(folder: Path, databases: dict[str, dict[str, Any]]) -> Iterator[Project]:
    with temporary_project(folder, {}, overrides={"DATABASES": databases}) as loaded:
        yield loaded


def own(decoy: Decoy, **settings: Any) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "production",
        "HOST": "127.0.0.1",
        "PORT": decoy.port,
        "USER": "app",
        "PASSWORD": "secret",
        **settings,
    }


def at(server: Server, database: str) -> Address:
    return Address(server.host, server.port, server.user, server.password or None, database)


def current() -> tuple[Any, ...]:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_database(), current_user, current_setting('search_path')")
        row: tuple[Any, ...] = cursor.fetchone()
        return row


def test_the_decoy_counts(decoy: Decoy, tmp_path: Path) -> None:
    """Without `Databases`, all of these ways lead to it."""
    with project(tmp_path, {"default": own(decoy), "socket": own(decoy, HOST=str(decoy.folder))}):
        for alias in ("default", "socket"):
            with pytest.raises(OperationalError):
                connections[alias].ensure_connection()
            connections[alias].close()
    assert decoy.taken == 2


def test_nothing_connects_anywhere_else(
    decoy: Decoy, postgres: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "services").write_text(f"[app]\nhost=127.0.0.1\nport={decoy.port}\ndbname=production\n")
    for name, value in {
        "PGHOST": "127.0.0.1",
        "PGHOSTADDR": "127.0.0.1",
        "PGPORT": str(decoy.port),
        "PGSERVICEFILE": str(tmp_path / "services"),
        "PGOPTIONS": "-c search_path=nowhere",
    }.items():
        monkeypatch.setenv(name, value)
    options = {
        "options": "-c search_path=tenant,public -c role=app_owner -c statement_timeout=5",
        "hostaddr": "127.0.0.1",
        "service": "app",
        "passfile": str(tmp_path / "passwords"),
        "sslmode": "verify-full",
        "assume_role": "app_owner",
        "isolation_level": psycopg.IsolationLevel.SERIALIZABLE,
        "pool": {"min_size": 1},
    }
    databases = {
        "default": own(decoy, OPTIONS=options),
        "replica": own(decoy, NAME="replica", TEST={"MIRROR": "default"}),
        "same": own(decoy, USER="reader", OPTIONS={"service": "app"}),
        "other": own(decoy, NAME="warehouse"),
        "socket": own(decoy, HOST=str(decoy.folder), NAME="warehouse"),
        "file": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "file")},
    }
    with (
        project(tmp_path, databases) as loaded,
        Databases(loaded, {"statement_timeout": "7000"}) as replaced,
    ):
        with pytest.raises(OperationalError, match="'default' is out of reach"):
            connections["default"].ensure_connection()  # as long as there is no server
        replaced.use(at(postgres, database))
        assert current() == (database, postgres.user, "tenant,public")
        with connections["default"].cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("7s",)
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            assert cursor.fetchone() == ("serializable",)
        for alias in ("replica", "same"):
            connections[alias].ensure_connection()
            assert connections[alias].settings_dict["NAME"] == database
        for alias in ("other", "socket", "file"):
            with pytest.raises(OperationalError, match=f"migsafe connects to its own server only: database '{alias}'"):
                connections[alias].ensure_connection()
        assert not (tmp_path / "file").exists()

        # Code that goes its own ways: by a copy, in a thread, by the settings, by libpq's defaults.
        copy = connections["other"].copy()
        with pytest.raises(OperationalError):
            copy.ensure_connection()
        found: list[object] = []

        def look() -> None:
            found.append(current()[0])
            connections.close_all()

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        assert found == [database]
        settings = connections.settings["other"]
        with suppress(psycopg.OperationalError):
            psycopg.connect(host=settings["HOST"], port=settings["PORT"] or None, dbname=settings["NAME"])
        with psycopg.connect("") as direct:
            assert direct.info.dbname == database
    assert decoy.taken == 0
    assert os.environ["PGPORT"] == str(decoy.port)


def test_a_backend_that_knows_better_is_not_asked(
    decoy: Decoy, postgres: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Backends take host and password out of a vault; mixins count and log."""

    class FromVault(DatabaseWrapper):
        def get_connection_params(self) -> dict[str, Any]:
            return {**super().get_connection_params(), "host": "127.0.0.1", "port": decoy.port, "user": "from_vault"}

    engine = ModuleType("vault_engine")
    base = ModuleType("vault_engine.base")
    vars(base)["DatabaseWrapper"] = FromVault
    monkeypatch.setitem(__import__("sys").modules, "vault_engine", engine)
    monkeypatch.setitem(__import__("sys").modules, "vault_engine.base", base)
    own_method = vars(FromVault)["get_connection_params"]
    with project(tmp_path, {"default": own(decoy, ENGINE="vault_engine")}) as loaded:
        with Databases(loaded, {}) as replaced:
            replaced.use(at(postgres, database))
            assert isinstance(connections["default"], FromVault)
            assert current()[:2] == (database, postgres.user)
            copy = connections["default"].copy()
            copy.ensure_connection()
            copy.close()
        assert vars(FromVault)["get_connection_params"] is own_method
    assert decoy.taken == 0


def test_everything_is_as_before_afterwards(decoy: Decoy, postgres: Server, database: str, tmp_path: Path) -> None:
    with project(tmp_path, {"default": own(decoy), "other": own(decoy, NAME="b")}) as loaded:
        before = {alias: dict(connections.settings[alias]) for alias in connections}
        environment = dict(os.environ)
        with Databases(loaded, {}) as replaced:
            replaced.use(at(postgres, database))
            connections["default"].ensure_connection()
        assert {alias: dict(connections.settings[alias]) for alias in connections} == before
        assert dict(os.environ) == environment
        assert loaded.described.user == "app"
        assert "create_connection" not in vars(connections)
    assert decoy.taken == 0


@pytest.mark.slow
def test_verify_connects_nowhere_else(decoy: Decoy, postgres: Server, tmp_path: Path) -> None:
    """The whole command, with migrations that try."""
    databases = {"default": own(decoy), "other": own(decoy, HOST=str(decoy.folder)), "reports": own(decoy, NAME="b")}
    create = migration(
        'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])',
        "migrations.RunPython(look_around, migrations.RunPython.noop)",
        imports="""
        import psycopg
        from django.conf import settings
        from django.db import DatabaseError, connection, connections

        def look_around(apps, schema_editor):
            for alias in ("other", "reports"):
                try:
                    connections[alias].cursor()
                except DatabaseError as error:
                    print(error)
                one = settings.DATABASES[alias]
                try:
                    psycopg.connect(host=one["HOST"], port=one["PORT"] or None, dbname=one["NAME"])
                except psycopg.Error:
                    print("refused")
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_database()")
                [name] = cursor.fetchone()
            one = settings.DATABASES["default"]
            with psycopg.connect(host=one["HOST"], port=one["PORT"], user=one["USER"], dbname=one["NAME"]) as direct:
                assert direct.info.dbname == name
        """,
    )
    change = migration(
        'migrations.AddField("order", "n", models.IntegerField(default=0))', dependencies=(("shop", "0001"),)
    )
    folder = write_project(tmp_path, app("shop", {"0001": create, "0002": change}), extra=f"DATABASES = {databases!r}")
    environment = {"PGHOST": "127.0.0.1", "PGPORT": str(decoy.port), "MIGSAFE_SANDBOX_DSN": postgres.dsn()}
    arguments = (
        "verify",
        "--all",
        "--sandbox",
        "dsn",
        "--postgres",
        str(postgres.version),
        "--rows",
        "5",
        "--exit-zero",
    )
    done = run(folder, *arguments, env=environment)
    assert done.code == 0, done.stderr
    assert "database 'other' is out of reach" in done.stderr
    assert "database 'reports' is out of reach" in done.stderr
    assert "refused" in done.stderr
    assert decoy.taken == 0
