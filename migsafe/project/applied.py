"""What the project's database has recorded as applied, in the table that Django's `MigrationRecorder` keeps."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import DatabaseError
from django.db.backends.utils import CursorWrapper
from django.db.migrations.recorder import MigrationRecorder

from migsafe.errors import ServerError
from migsafe.project.connect import connected, named, reading
from migsafe.project.graph import History, Key
from migsafe.project.load import Project

ROLE = "a role that may SELECT from {}"

WHERE = """
SELECT current_database(), current_user, current_setting('search_path'), to_regclass(%s) IS NOT NULL,
       array_to_string(ARRAY(SELECT nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                             WHERE relname = %s AND relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY nspname), ', ')
"""

QUERY = "SELECT app, name, floor(extract(epoch FROM applied))::bigint FROM {} ORDER BY id"
"""In seconds, since drivers and USE_TZ disagree about the rest."""

TABLES = r"""
SELECT EXISTS (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
      AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      AND NOT EXISTS (SELECT FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
"""
"""Whether there are tables, in any schema, beside those that extensions have made."""

DENIED, LOCKED = "42501", "55P03"


class Recorded(NamedTuple):
    """A row of the table.

    Attributes:
        applied: In UTC, in whole seconds.
    """

    app: str
    name: str
    applied: datetime

    @property
    def key(self) -> Key:
        return self.app, self.name


def read_applied(project: Project, command: str = "history", *, or_empty: bool = False) -> tuple[Recorded, ...]:
    """Read what the project's database has recorded, in the order in which it was.

    Whatever is installed now does not matter, nor do routers and MIGRATION_MODULES: Django records without them too.

    Args:
        command: Of migsafe, that asks.
        or_empty: Whether a database that has no tables at all is one where nothing is applied yet, and no error.

    Raises:
        ServerError: It cannot be connected to, does not answer in time, has no such table, or does not let this role
            read it.
    """
    table = MigrationRecorder.Migration._meta.db_table  # the same for all databases
    role = ROLE.format(table)
    with connected(project, command, role) as connection, reading(connection) as cursor:
        quoted = connection.ops.quote_name(table)
        cursor.execute(WHERE, [quoted, table])
        database, user, path, exists, schemas = cursor.fetchone()
        here = f"{named(project)} ({database!r} on the server)"
        if not exists and schemas:
            raise ServerError(
                f"{here} has {table} in {schemas}, where {user} does not find it: its search_path is {path}",
                "Connect as the application does: it has that search_path, and USAGE on the schema.",
            )
        if not exists and or_empty and _is_empty(cursor):
            return ()
        if not exists:
            raise ServerError(
                f"{here} has no table {table}",
                "Nothing has been migrated there, or it is not the database you mean: name another with --database.",
            )
        with _explained(here, table, user):
            cursor.execute(QUERY.format(quoted))
        return tuple(Recorded(app, name, datetime.fromtimestamp(at, UTC)) for app, name, at in cursor.fetchall())


def _is_empty(cursor: CursorWrapper) -> bool:
    cursor.execute(TABLES)
    return not cursor.fetchone()[0]


@contextmanager
def _explained(database: str, table: str, user: str) -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        # psycopg's name for it, and psycopg2's
        state = getattr(error.__cause__, "sqlstate", None) or getattr(error.__cause__, "pgcode", None)
        if state == DENIED:
            raise ServerError(
                f"{database} does not let {user} read {table}", f"GRANT SELECT ON {table} TO {user}"
            ) from error
        if state == LOCKED:
            raise ServerError(
                f"{table} of {database} is locked: another session keeps even readers out, for more than a second",
                "Try again when that is done: VACUUM FULL, or a migration of the table itself.",
            ) from error
        raise


def applied_in(history: History, recorded: tuple[Recorded, ...]) -> dict[Key, datetime]:
    """Migrations of the code that are applied, since when: what is recorded, squashes as Django's loader sees them.

    A squash is applied if, and only if, all that it replaces is.
    """
    applied = {one.key: one.applied for one in recorded}
    for key, squash in history.loader.replacements.items():
        dates = [applied.get(replaced) for replaced in squash.replaces]
        if None in dates:
            applied.pop(key, None)
        else:
            applied.setdefault(key, max(filter(None, dates)))
    return {key: date for key, date in applied.items() if key in history.loader.disk_migrations}
