"""The provider ``dsn``: a scratch server of the user's, which keeps running; only what migsafe has made on it goes.

A run keeps one session open whose ``application_name`` is what the names of its databases begin with. So the next run
can tell what one that was killed has left behind, wherever that ran.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from migsafe.errors import SandboxError
from migsafe.sandbox.server import Server, Wanted, drop_database, import_psycopg, reached

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

# Of this run, or of one that has no session anymore: every role sees the names of all sessions' applications.
_DATABASES = r"""
SELECT datname FROM (SELECT *, substr(datname, 1, 16) AS prefix FROM pg_database) AS database
WHERE datname ~ '^migsafe_[0-9a-f]{8}_[0-9a-f]{16}$' AND pg_has_role(datdba, 'usage')
  AND (prefix = %(own)s OR prefix NOT IN (SELECT coalesce(application_name, '') FROM pg_stat_activity))
"""
_ROLES = r"""
SELECT rolname FROM pg_roles JOIN pg_shdescription ON objoid = pg_roles.oid AND classoid = 'pg_authid'::regclass
WHERE description ~ '^migsafe_[0-9a-f]{8}$'
  AND (description = %(own)s OR description NOT IN (SELECT coalesce(application_name, '') FROM pg_stat_activity))
"""

RESOLVED = ("host", "port", "user", "password", "dbname")
"""Words of a connection string of which only a connection says what they mean."""


@contextmanager
def server(wanted: Wanted) -> Iterator[Server]:
    """Use the scratch server that is named, and drop all that was made on it.

    Raises:
        SandboxError: None is named, it cannot be reached, is of another version, lacks rights, or holds a database that
            the project's settings name.
    """
    server = reached(_named(wanted.dsn), wanted.major, "The scratch server")
    with closing(server.connect(application_name=server.prefix)) as session:
        _check(session, wanted)
        sweep(session)
        session.execute("SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'")
        try:
            yield server
        finally:
            # The session may have been broken off. If the server has gone, the next run sweeps.
            with suppress(import_psycopg().OperationalError), closing(server.connect()) as successor:
                sweep(successor, server.prefix)


def _named(dsn: str | None) -> Server:
    """The server that a connection string of libpq names."""
    psycopg = import_psycopg()
    if not dsn:
        raise SandboxError(
            "No scratch server is named", hint="Set MIGSAFE_SANDBOX_DSN, or dsn in [tool.migsafe.sandbox]."
        )
    try:
        given = {"dbname": "postgres", "connect_timeout": 10} | psycopg.conninfo.conninfo_to_dict(dsn)
        with psycopg.connect(**given) as connection:
            info = connection.info
            return Server(
                info.server_version // 10000,
                host=info.host,
                port=info.port,
                user=info.user,
                password=info.password or "",
                database=info.dbname,
                options={word: str(value) for word, value in given.items() if word not in RESOLVED},
                provider="dsn",
                prefix=f"migsafe_{uuid.uuid4().hex[:8]}",
            )
    except psycopg.Error as error:
        raise SandboxError(f"The scratch server cannot be reached: {error}".rstrip()) from error


def _check(session: Connection[TupleRow], wanted: Wanted) -> None:
    """Refuse a server that may be more than scratch, or on which nothing can be made."""
    databases = {name for (name,) in session.execute("SELECT datname FROM pg_database")}
    if held := sorted(databases.intersection(wanted.forbidden)):
        raise SandboxError(
            f"The scratch server holds the database {held[0]}, which the project's settings name:"
            " it may be the real one",
            hint="Name a server that holds nothing of the project's.",
        )
    able = session.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if able != (True,):
        raise SandboxError(
            f"The role {session.info.user} may not create databases on the scratch server",
            hint=f'ALTER ROLE "{session.info.user}" CREATEDB, or name another role.',
        )


def sweep(session: Connection[TupleRow], own: str = "") -> None:
    """Drop what runs have made that have ended.

    Args:
        own: The prefix of one that ends now.
    """
    psycopg = import_psycopg()
    for (name,) in session.execute(_DATABASES, {"own": own}).fetchall():
        with suppress(psycopg.Error):  # another run may do the same
            drop_database(session, name)
    for (name,) in session.execute(_ROLES, {"own": own}).fetchall():
        with suppress(psycopg.Error):  # something that is not ours may depend on it by now
            session.execute(psycopg.sql.SQL("DROP ROLE {}").format(psycopg.sql.Identifier(name)))
