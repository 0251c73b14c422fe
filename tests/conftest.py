"""Real servers for tests. Which versions they are of is decided here and nowhere else: ``MAJORS``, or ``ONE`` of them.

What a test says about versions of PostgreSQL runs on all of ``MAJORS``: 10 to 18, or those in ``MIGSAFE_TEST_POSTGRES``
(``16,18``). What merely needs a server runs on ``ONE``. Ask for one of these fixtures:

- ``postgres`` is a running throwaway :class:`~migsafe.sandbox.server.Server`: ``ONE``, or with ``@each_major`` every one.
- ``database`` is the name of a fresh database on ``postgres``, dropped afterwards: connect with
  ``postgres.dsn(database)``, or give Django ``NAME=database`` and ``postgres.host``, ``.port`` and ``.user``.
- ``connection`` is quicker: a session on a database that is emptied and used again, and ``observer`` watches it.
- ``server(major)`` gives the server of a version. Each has a second tablespace, ``fast``.

A server is started on first use, and shared by all processes of the run. Tests with one carry the marker ``postgres`` by
themselves, so ``-m "not postgres"`` leaves them out; a server that cannot be had ends the run as a failure. Mark what
takes more than 3 s as ``slow``: ``make check`` runs neither.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db.backends.postgresql.features import DatabaseFeatures

from migsafe.errors import SandboxError
from migsafe.sandbox.binaries import find
from migsafe.sandbox.local import local_server
from migsafe.sandbox.observe import Observer
from migsafe.sandbox.server import MAJORS as KNOWN
from migsafe.sandbox.server import Server

MAJORS = [int(major) for major in os.environ.get("MIGSAFE_TEST_POSTGRES", "").split(",") if major] or list(KNOWN)

ONE = 16 if 16 in MAJORS else max((major for major in MAJORS if major > 14), default=16)
"""One that every Django we test with supports."""

each_major = pytest.mark.parametrize("postgres", MAJORS, indirect=True)

SUPPORTED = [major for major in MAJORS if (major,) >= (DatabaseFeatures.minimum_database_version or (0,))]
ends = pytest.mark.parametrize("postgres", sorted({*SUPPORTED[:1], *SUPPORTED[-1:]}), indirect=True)
"""The oldest that the installed Django supports, and the newest."""

# All but the server's own schemas; what an extension has made goes with it.
EMPTY = r"""
DO $$ DECLARE schema name; BEGIN
  FOR schema IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
  LOOP EXECUTE format('DROP SCHEMA %I CASCADE', schema); END LOOP;
  CREATE SCHEMA public;
END $$
"""


@pytest.fixture(scope="session")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[int], Server]]:
    folder = tmp_path_factory.getbasetemp()
    with shared_servers(folder.parent if hasattr(request.config, "workerinput") else folder) as shared:

        def server(major: int) -> Server:
            if reasons := missing(ONE if major == ONE else None):
                request.session.shouldfail = reasons
                pytest.fail(reasons, pytrace=False)
            return shared(major)

        yield server


@cache
def missing(major: int | None) -> str:
    """Fetch a version, or all of them, if need be; say which cannot be had, why, and what to do."""

    def reason(major: int) -> str:
        try:
            find(major)
        except SandboxError as error:
            return f"{error.message}\n{error.hint}\n"
        return ""

    with ThreadPoolExecutor() as threads:
        return "".join(threads.map(reason, [major] if major else MAJORS))


@contextmanager
def shared_servers(folder: Path) -> Iterator[Callable[[int], Server]]:
    """Servers that several processes use: the first that needs one starts it, and stops it when none needs it anymore."""
    own: list[Path] = []
    with ExitStack() as started, (folder / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)

        @cache
        def server(major: int) -> Server:
            published = folder / f"postgres-{major}.json"
            with (folder / f"postgres-{major}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not published.exists():
                    own.append(published)
                    published.write_text(
                        json.dumps(asdict(_with_tablespace(started.enter_context(local_server(major)))))
                    )
            return Server(**json.loads(published.read_text()))

        yield server
        fcntl.flock(users, fcntl.LOCK_EX)
        for published in own:  # who needs one from now on starts another
            published.unlink(missing_ok=True)


def _with_tablespace(server: Server) -> Server:
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("SET allow_in_place_tablespaces = on")
        connection.execute("CREATE TABLESPACE fast LOCATION ''")
    return server


@pytest.fixture
def postgres(request: pytest.FixtureRequest, server: Callable[[int], Server]) -> Server:
    return server(request.param)


@pytest.fixture
def database(postgres: Server) -> Iterator[str]:
    name = postgres.create_database()
    yield name
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def observers(server: Callable[[int], Server]) -> Iterator[Callable[[int], Observer]]:
    with ExitStack() as opened:
        yield cache(lambda major: opened.enter_context(Observer(server(major).dsn(server(major).create_database()))))


@pytest.fixture
def observer(postgres: Server, observers: Callable[[int], Observer]) -> Observer:
    observer = observers(postgres.version)
    observer.connection.execute("DISCARD ALL")
    observer.connection.execute(EMPTY)
    return observer


@pytest.fixture
def connection(observer: Observer) -> psycopg.Connection[tuple[Any, ...]]:
    return observer.connection


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    own = {name for mark in metafunc.definition.iter_markers("parametrize") for name in _names(mark.args[0])}
    if "postgres" in metafunc.fixturenames and "postgres" not in own:
        metafunc.parametrize("postgres", [ONE], indirect=True)


def _names(argnames: str | Sequence[str]) -> list[str]:
    names = argnames.split(",") if isinstance(argnames, str) else argnames
    return [name.strip() for name in names]


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "server" in getattr(item, "fixturenames", ()):
            item.add_marker("postgres")
