"""A running PostgreSQL that belongs to us, wherever it came from."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migsafe.errors import SandboxError

if TYPE_CHECKING:
    import psycopg

MAJORS = range(10, 19)
"""The major versions of PostgreSQL that migsafe knows."""


@dataclass(frozen=True)
class Server:
    """How to reach a server on which databases may be made and dropped.

    Attributes:
        version: Major version, such as 16.
        host: Directory of the unix socket, or a host name.
        port: TCP port, or the number in the socket's name.
        user: A role that may create databases.
    """

    version: int
    host: str
    port: int = 5432
    user: str = "postgres"

    def dsn(self, database: str = "postgres") -> str:
        """A connection string for libpq."""
        return f"host={self.host} port={self.port} user={self.user} dbname={database}"

    def create_database(self, template: str | None = None) -> str:
        """Make a database and return its name, which no other process uses.

        Args:
            template: A database to copy; nobody may be connected to it.

        Raises:
            SandboxError: psycopg is not installed.
            psycopg.Error: The server refuses.
        """
        name = f"migsafe_{uuid.uuid4().hex[:16]}"
        with self._connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, ending whatever is still connected to it.

        Raises:
            SandboxError: psycopg is not installed.
            psycopg.Error: The server refuses.
        """
        with self._connect() as connection:
            # DROP DATABASE … WITH (FORCE) exists only since PostgreSQL 13.
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            connection.execute(f'DROP DATABASE "{name}"')

    def _connect(self) -> psycopg.Connection:
        try:
            import psycopg
        except ImportError as error:
            raise SandboxError(
                f"A throwaway PostgreSQL needs psycopg: {error}", hint="pip install 'django-migsafe[postgres]'"
            ) from error
        return psycopg.connect(self.dsn(), autocommit=True)
