"""A running PostgreSQL on which databases may be made and dropped, wherever it came from."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from migsafe.errors import SandboxError
from migsafe.verification import Provider

if TYPE_CHECKING:
    import psycopg

MAJORS = range(10, 19)
"""The major versions of PostgreSQL that migsafe knows."""

KNOWN = f"Choose one from {MAJORS.start} to {MAJORS.stop - 1}."


class Unavailable(SandboxError):
    """This provider, or source of binaries, cannot be had here; the message says why."""


@dataclass(frozen=True)
class Wanted:
    """What is asked of a provider.

    Attributes:
        major: Major version; None if a server that has one already decides.
        otherwise: The major version where nothing decides.
        image: Of Docker, in place of the official one.
        dsn: Of the scratch server.
        directory: Of the programs, in place of those that are found.
        forbidden: Names of databases: a server that holds one of them is no scratch server.
    """

    major: int | None = None
    otherwise: int = MAJORS[-1]
    image: str | None = None
    dsn: str | None = None
    directory: Path | None = None
    forbidden: Collection[str] = ()


@dataclass(frozen=True)
class Server:
    """How to reach a server on which databases may be made and dropped.

    Attributes:
        version: Major version, such as 16.
        host: Directory of the unix socket, or a host name.
        port: TCP port, or the number in the socket's name.
        user: A role that may create databases.
        password: Its password; empty where none is asked for.
        database: One that is always there, and that nothing is done to.
        options: Further parameters of libpq, such as ``sslmode``.
        provider: Where it is from.
        release: Full version, such as ``16.14``.
        prefix: What the names of its databases begin with. Where other runs are too, it tells whose they are.
    """

    version: int
    host: str
    port: int = 5432
    user: str = "postgres"
    password: str = ""
    database: str = "postgres"
    options: Mapping[str, str] = field(default_factory=dict)
    provider: Provider = "local"
    release: str = ""
    prefix: str = "migsafe"

    def dsn(self, database: str | None = None) -> str:
        """A connection string for libpq.

        Args:
            database: Its name. Default: the one that is always there.
        """
        words = {"host": self.host, "port": self.port, "user": self.user, "password": self.password}
        words |= {"dbname": database or self.database, **self.options}
        return " ".join(f"{word}={_quoted(value)}" for word, value in words.items() if value != "")

    def create_database(self, template: str | None = None) -> str:
        """Make a database and return its name, which no other process uses.

        Args:
            template: A database to copy; nobody may be connected to it.

        Raises:
            SandboxError: psycopg is not installed.
            psycopg.Error: The server refuses.
        """
        name = f"{self.prefix}_{uuid.uuid4().hex[:16]}"
        with self.connect() as connection:
            copying = f' TEMPLATE "{template}"' if template else ""
            if template and self.version >= 15 and self.provider != "dsn":
                copying += " STRATEGY FILE_COPY"  # twice as quick, but for the checkpoint that others would wait for
            connection.execute(f'CREATE DATABASE "{name}"{copying}')
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, ending whatever is still connected to it.

        Raises:
            SandboxError: psycopg is not installed.
            psycopg.Error: The server refuses.
        """
        with self.connect() as connection:
            drop_database(connection, name)

    def connect(self, **parameters: str) -> psycopg.Connection:
        """A session on the database that is always there, in autocommit mode.

        Args:
            parameters: Further ones of libpq.

        Raises:
            SandboxError: psycopg is not installed.
            psycopg.OperationalError: The server cannot be reached.
        """
        connection: psycopg.Connection = import_psycopg().connect(self.dsn(), autocommit=True, **parameters)
        return connection

    def create_role(self, name: str) -> bool:
        """Make a role that owns and may be granted things, but cannot log in; one that is there stays as it is.

        Returns:
            Whether it is there now. A role with CREATEDB alone may make none, and some names are PostgreSQL's own.

        Raises:
            SandboxError: psycopg is not installed.
            psycopg.OperationalError: The server cannot be reached.
        """
        psycopg = import_psycopg()
        role = psycopg.sql.Identifier(name)
        with self.connect() as connection:
            if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchone() is not None:
                return True
            try:
                with connection.transaction():
                    for command in ("CREATE ROLE {} NOLOGIN", "GRANT {} TO CURRENT_USER"):
                        connection.execute(psycopg.sql.SQL(command).format(role))
                    connection.execute(psycopg.sql.SQL("COMMENT ON ROLE {} IS {}").format(role, self.prefix))
            except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                return True  # another run was quicker
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReservedName):
                return False
        return True


def reached(server: Server, major: int | None, what: str) -> Server:
    """The same server with the version that it has.

    Args:
        major: The version that it has to be of; None for any that migsafe knows.
        what: What to call it in errors.

    Raises:
        SandboxError: It is of another version.
        psycopg.OperationalError: It cannot be reached.
    """
    with server.connect() as connection:
        number = connection.info.server_version
    release = f"{number // 10000}.{number % 10000}"
    version = number // 10000
    if version not in MAJORS:
        raise SandboxError(f"{what} is PostgreSQL {release}, which migsafe does not know", hint=KNOWN)
    if major not in (None, version):
        raise SandboxError(
            f"{what} is PostgreSQL {release}, not {major}",
            hint=f"Name one of version {major}, or --postgres {version}.",
        )
    return replace(server, version=version, release=release)


def drop_database(connection: psycopg.Connection, name: str) -> None:
    """Drop a database, ending whatever is still connected to it.

    Raises:
        psycopg.Error: The server refuses.
    """
    # DROP DATABASE … WITH (FORCE) exists only since PostgreSQL 13. Autovacuum gives way.
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pg_has_role(usesysid, 'usage')",
        [name],
    )
    connection.execute(f'DROP DATABASE IF EXISTS "{name}"')


def import_psycopg() -> ModuleType:
    """Psycopg with its parts.

    Raises:
        SandboxError: It is not installed.
    """
    try:
        import psycopg
        import psycopg.conninfo
        import psycopg.errors
        import psycopg.sql
    except ImportError as error:
        raise SandboxError(
            f"A throwaway PostgreSQL needs psycopg: {error}", hint="pip install 'django-migsafe[postgres]'"
        ) from error
    return psycopg


def _quoted(value: object) -> str:
    """As a value stands in a connection string of libpq."""
    text = re.sub(r"(['\\\\])", r"\\\1", str(value))
    return text if re.fullmatch(r"[^\s']+", text) else f"'{text}'"
