"""The project's own database, asked through the project's own connection settings: reading only, and not for long."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from migsafe.errors import ServerError
from migsafe.project.load import Project

CONNECT = 10
"""Seconds to wait for a connection."""

PATIENCE = 10.0
"""Seconds that a query may take."""

LIMITS = "SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '{}ms'; SET LOCAL lock_timeout = '1s'"
"""For one transaction only: what a connection pooler hands on to others stays as it was."""


@contextmanager
def connected(project: Project, command: str, who: str) -> Iterator[BaseDatabaseWrapper]:
    """Connect anew, as the settings say; what goes wrong until the end of the context is one error.

    Args:
        command: Of migsafe, for ``application_name``, unless the settings have one.
        who: Which role will do.

    Raises:
        ServerError: It cannot be connected to, or does not answer in time.
    """
    try:
        connection = project.connection.copy()
        options = connection.settings_dict["OPTIONS"]
        options.pop("pool", None)
        options.setdefault("connect_timeout", CONNECT)
        options.setdefault("application_name", f"migsafe {command}")
        with closing(connection):
            yield connection
    except (DatabaseError, ImproperlyConfigured) as error:
        reason = " ".join(str(error).split())
        raise ServerError(
            f"{named(project)} cannot be asked: {reason}",
            f"Run this where that database can be reached; {who} will do.",
        ) from error


@contextmanager
def reading(connection: BaseDatabaseWrapper, *, seconds: float = PATIENCE) -> Iterator[CursorWrapper]:
    """A transaction that is read-only and has the `LIMITS`; it is rolled back.

    Args:
        seconds: How long a query may take.
    """
    connection.set_autocommit(False)
    with connection.cursor() as cursor:
        cursor.execute(LIMITS.format(round(seconds * 1000)))
        yield cursor
    connection.rollback()
    connection.set_autocommit(True)


def named(project: Project) -> str:
    """The database in errors."""
    return f"database {project.database!r} of {project.settings}"
