"""Real servers for tests. Ask for one of these fixtures:

- ``server(major)`` gives a running throwaway :class:`~migsafe.sandbox.server.Server` of that major version (10–18),
  started on first use and shared by all tests of the process (each xdist worker has its own; one starts in 0.3 s).
- ``postgres`` is the server of the default version, 16; with ``MIGSAFE_TEST_POSTGRES=14,16,18`` a test runs on each.
  For versions of a test's own: ``@pytest.mark.parametrize("postgres", [10, 18], indirect=True)``.
- ``database`` is the name of a fresh database on ``postgres``, dropped afterwards: connect with
  ``postgres.dsn(database)``, or give Django ``NAME=database`` and ``postgres.host``, ``.port`` and ``.user``.

Such tests carry the marker ``postgres`` by themselves, so ``-m "not postgres"`` leaves them out; a server that cannot
be had is an error, never a skip. Mark what takes more than 3 s as ``slow``: ``make check`` runs neither.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache

import pytest

from migsafe.sandbox.local import local_server
from migsafe.sandbox.server import Server

DEFAULT_MAJORS = [int(major) for major in os.environ.get("MIGSAFE_TEST_POSTGRES", "16").split(",")]


@pytest.fixture(scope="session")
def server() -> Iterator[Callable[[int], Server]]:
    with ExitStack() as running:
        yield cache(lambda major: running.enter_context(local_server(major)))


@pytest.fixture
def postgres(request: pytest.FixtureRequest, server: Callable[[int], Server]) -> Server:
    return server(request.param)


@pytest.fixture
def database(postgres: Server) -> Iterator[str]:
    name = postgres.create_database()
    yield name
    postgres.drop_database(name)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    own = {name for mark in metafunc.definition.iter_markers("parametrize") for name in _names(mark.args[0])}
    if "postgres" in metafunc.fixturenames and "postgres" not in own:
        metafunc.parametrize("postgres", DEFAULT_MAJORS, indirect=True)


def _names(argnames: str | Sequence[str]) -> list[str]:
    names = argnames.split(",") if isinstance(argnames, str) else argnames
    return [name.strip() for name in names]


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "server" in getattr(item, "fixturenames", ()):
            item.add_marker("postgres")
