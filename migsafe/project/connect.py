"""The project's own database, asked through the project's own connection settings: reading only, and not for long.

Nothing is sent but what `reading` does. Django's own way to connect would do more: set the time zone and the role
outside of any limit, and call receivers of ``connection_created``, which may send anything (those of
``django.contrib.postgres`` open a second connection, which stays).
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from migsafe.errors import ConfigError, ServerError
from migsafe.project.databases import KEPT
from migsafe.project.load import Project
from migsafe.written.operations import quoted

CONNECT = 10
"""Seconds to wait for a connection."""

PATIENCE = 10.0
"""Seconds that a query may take."""

LIMITS = "SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = '{}ms'; SET LOCAL lock_timeout = '1s'"
"""For one transaction only: what a connection pooler hands on to others stays as it was."""


@contextmanager
def connected(project: Project, command: str, who: str) -> Iterator[BaseDatabaseWrapper]:
    """Connect anew, as the settings say; what goes wrong until the end of the context is one error.

    The session's time zone is whatever the server has: ask for times as seconds since the epoch.

    Args:
        command: Of migsafe, for ``application_name``, so that whoever looks at sessions knows what this one is.
        who: Which role will do.

    Raises:
        ServerError: It cannot be connected to, or does not answer in time.
        ConfigError: `Project.dsn` is no connection string.
    """
    given = None if project.dsn is None else parsed(project, project.dsn)
    try:
        connection = project.connection.copy()
        options = connection.settings_dict["OPTIONS"]
        options.pop("pool", None)
        options.pop("isolation_level", None)
        if given is not None:
            _lead_to(connection.settings_dict, given)
        options = connection.settings_dict["OPTIONS"]
        options.setdefault("connect_timeout", CONNECT)
        options["application_name"] = f"migsafe {command}"
        vars(connection)["connect"] = partial(_connect, connection, elsewhere=given is not None)
        with closing(connection):
            yield connection
    except (DatabaseError, ImproperlyConfigured) as error:
        reason = " ".join(str(error).split())
        raise ServerError(
            f"{named(project)} cannot be asked: {reason}",
            f"Run this where that database can be reached; {who} will do.",
        ) from error


def _connect(connection: Any, *, elsewhere: bool) -> None:
    """Do what ``connection.connect`` does, and send nothing."""
    from django.db.backends.postgresql.base import DatabaseWrapper

    backend = type(connection)
    asked = DatabaseWrapper if elsewhere else backend  # a backend of the project's may have the address from a vault
    # PostGIS looks for its types before there are limits, and nothing here needs them.
    plain = backend.get_new_connection.__module__.startswith("django.")
    opened = (DatabaseWrapper if plain else backend).get_new_connection
    connection.connection = opened(connection, asked.get_connection_params(connection))
    connection.check_database_version_supported()


@contextmanager
def reading(connection: BaseDatabaseWrapper, *, seconds: float = PATIENCE) -> Iterator[CursorWrapper]:
    """A transaction that is read-only and has the `LIMITS`; it is rolled back.

    Args:
        seconds: How long a query may take.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(LIMITS.format(round(seconds * 1000)))
            if role := connection.settings_dict["OPTIONS"].get("assume_role"):
                cursor.execute(f"SET LOCAL ROLE {quoted(role)}")
            yield cursor
    finally:
        if connection.connection is not None:
            with suppress(DatabaseError):  # it is lost, as the error that led here says
                connection.rollback()


def parsed(project: Project, dsn: str) -> Mapping[str, str]:
    """Read a connection string, as a URI or as keywords, with the project's driver.

    Raises:
        ConfigError: It is none, or names no database. What libpq says of it is left out: that may have the password.
    """
    driver: Any = project.connection.Database  # type: ignore[attr-defined]
    try:
        if hasattr(driver, "conninfo"):
            found = driver.conninfo.conninfo_to_dict(dsn)
        else:
            found = driver.extensions.parse_dsn(dsn)
    except driver.Error:
        raise ConfigError("--dsn: it is no connection string of PostgreSQL", FORMS) from None
    given = {name: str(value) for name, value in found.items()}
    if not given.get("dbname") and not given.get("service"):
        raise ConfigError("--dsn: it names no database", FORMS)
    return given


FORMS = (
    "Write postgresql://user@host:5432/database, or host=… port=… dbname=… user=…; the password may be in PGPASSWORD."
)


def _lead_to(settings: dict[str, Any], given: Mapping[str, str]) -> None:
    """Let the settings of a connection lead where a connection string says, and as whom; how to talk to it stays."""
    rest = dict(given)
    options = {name: value for name, value in settings["OPTIONS"].items() if name in KEPT}
    settings.update(
        NAME=rest.pop("dbname", ""),
        USER=rest.pop("user", ""),
        PASSWORD=rest.pop("password", ""),
        HOST=rest.pop("host", ""),
        PORT=rest.pop("port", ""),
        OPTIONS={**options, **rest},
    )


def named(project: Project) -> str:
    """The database in errors."""
    if project.dsn is not None:
        given = parsed(project, project.dsn)
        host = given.get("host") or given.get("hostaddr")
        return f"database {given.get('dbname') or given['service']!r}{f' of {host}' if host else ''} (--dsn)"
    return f"database {project.database!r} of {project.settings}"
