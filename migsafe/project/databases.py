"""The project's DATABASES, replaced in this process: its code can connect to one server only, and that is ours.

What counts is what a connection is opened with, so all that may lead elsewhere is replaced: the settings themselves,
in place, since code reads them and threads make connections of their own; what a backend makes of them; and the
environment that libpq falls back on.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Any, NoReturn, Self

import msgspec
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from migsafe.project.load import Project

KEPT = frozenset({
    "client_encoding", "connect_timeout", "cursor_factory", "isolation_level", "options", "prepare_threshold",
    "server_side_binding",
})  # fmt: skip
"""OPTIONS that say how to talk to a server. What else there is may say to which, as whom or through what."""

ROLES = re.compile(r"(-c\s*|--)(role|session_authorization|default_tablespace|temp_tablespaces)=(\\.|\S)*")
"""In OPTIONS["options"]: what names things that only the project's own server has."""

OWN_ONLY = "migsafe connects to its own server only"
"""What code is told that asks for another database."""

NOWHERE = "/dev/null/migsafe"
"""A socket's directory that cannot exist."""


class Address(msgspec.Struct, frozen=True):
    """A database of a server that belongs to migsafe.

    Attributes:
        host: A name or the directory of a unix socket.
        options: Further parameters of libpq, such as ``sslmode``.
    """

    host: str
    port: int
    user: str
    password: str | None
    database: str
    options: Mapping[str, str] = {}


class Databases:
    """What DATABASES is while the context lasts; to be entered before any of the project's code may connect.

    The chosen alias, and those that mirror it, go where `use` says, and nowhere before. All others refuse to connect.

    Args:
        settings: Of the server, for every session: ``statement_timeout`` and the like. They win over the project's own.
    """

    def __init__(self, project: Project, settings: Mapping[str, str]) -> None:
        self.project = project
        self._settings = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._ours: frozenset[str] = frozenset()
        self._options: dict[str, dict[str, Any]] = {}
        self._address: Address | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        _ = self.project.described  # while the settings are the project's own
        with ExitStack() as stack:
            self._ours = frozenset(_mirrors(self.project.database))
            self._options = {alias: self._kept(connections.settings[alias]["OPTIONS"]) for alias in self._ours}
            stack.enter_context(_environment())
            for alias in connections:
                stack.callback(_restore, connections.settings[alias], dict(connections.settings[alias]))
                self._point(alias, None)
            for alias in self._ours:
                stack.enter_context(_plain_parameters(type(connections[alias])))
            stack.callback(_forget)
            _forget()
            vars(connections)["create_connection"] = partial(self._create, connections.create_connection)
            stack.callback(vars(connections).pop, "create_connection")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    def use(self, address: Address) -> None:
        """Let the chosen alias be this database from now on."""
        if address == self._address:
            return
        self._address = address
        _forget()
        for alias in self._ours:
            self._point(alias, address)
        os.environ.update(
            PGHOST=address.host, PGPORT=str(address.port), PGUSER=address.user, PGDATABASE=address.database
        )
        if address.password is not None:
            os.environ["PGPASSWORD"] = address.password

    def close(self) -> None:
        """Close the connections of this thread; they open again when they are used."""
        for alias in self._ours:
            connections[alias].close()

    def _point(self, alias: str, address: Address | None) -> None:
        settings = connections.settings[alias]
        if address is None:
            settings.update(HOST=NOWHERE, PORT="", USER="", PASSWORD="")
            return
        settings.update(
            HOST=address.host,
            PORT=str(address.port),
            USER=address.user,
            PASSWORD=address.password or "",
            NAME=address.database,
            OPTIONS={**self._options[alias], **address.options},
        )

    def _kept(self, options: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: value for name, value in options.items() if name in KEPT}
        return {**kept, "options": f"{ROLES.sub('', str(kept.get('options') or ''))} {self._settings}".strip()}

    def _create(self, create: Any, alias: str) -> BaseDatabaseWrapper:
        connection: BaseDatabaseWrapper = create(alias)
        if alias not in self._ours or connection.settings_dict["HOST"] == NOWHERE:
            vars(connection)["connect"] = partial(_refuse, alias)
        return connection


def _mirrors(chosen: str) -> Iterator[str]:
    """The chosen alias, and those that are the same database or a replica of it."""
    place = _place(connections.settings[chosen])
    for alias in connections:
        settings = connections.settings[alias]
        with suppress(Exception):  # a backend that cannot be loaded is none
            mirrors = (settings["TEST"] or {}).get("MIRROR") == chosen or _place(settings) == place
            if alias == chosen or (mirrors and connections[alias].vendor == "postgresql"):
                yield alias


def _place(settings: Mapping[str, Any]) -> tuple[str, ...]:
    names = [settings.get(name) for name in ("HOST", "PORT", "NAME")]
    return tuple(str(name or "") for name in (*names, settings["OPTIONS"].get("service")))


def _refuse(alias: str) -> NoReturn:
    raise OperationalError(f"{OWN_ONLY}: database {alias!r} is out of reach")


def _restore(settings: dict[str, Any], before: dict[str, Any]) -> None:
    settings.clear()
    settings.update(before)


def _forget() -> None:
    """Drop the connection objects of this thread: those made from now on are of the settings as they are then."""
    for alias in connections:
        with suppress(Exception):
            connections[alias].close()
        with suppress(AttributeError):
            del connections[alias]


@contextmanager
def _environment() -> Iterator[None]:
    """Take away libpq's variables."""
    before = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PG")}
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("PG")]:
            del os.environ[name]
        os.environ.update(before)


@contextmanager
def _plain_parameters(backend: Any) -> Iterator[None]:
    """Let a backend connect by the settings alone: its own class may ask a vault for host and password."""
    from django.db.backends.postgresql.base import DatabaseWrapper

    own = vars(backend).get("get_connection_params")
    if not issubclass(backend, DatabaseWrapper) or backend is DatabaseWrapper:
        yield
        return
    backend.get_connection_params = DatabaseWrapper.get_connection_params
    try:
        yield
    finally:
        del backend.get_connection_params
        if own is not None:
            backend.get_connection_params = own
