"""A live server at one moment: who works on it, who holds what, and what would be in the way of a migration.

Reads statistics and catalogs only, in transactions that are read-only, and takes no lock on any table. Manual: 27.2 The
Cumulative Statistics System, 52 System Views (pg_locks, pg_prepared_xacts, pg_replication_slots).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from migsafe.model import LockMode
from migsafe.predeploy import InvalidIndex, Prepared, ServerStatus, Session, Slot, Standby, Unvalidated
from migsafe.project.connect import connected, reading
from migsafe.project.load import Project

TEXT = 200
"""Characters of a query that are kept."""

HIDDEN = "<insufficient privilege>"
"""What ``pg_stat_activity`` shows in place of a query of another role."""

_RELATION = "CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE n.nspname || '.' END || c.relname"
_HERE = "(SELECT oid FROM pg_database WHERE datname = current_database())"

_SERVER = """
SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000, current_database()::text,
       current_user::text, now(), pg_is_in_recovery(), pg_backend_pid(),
       (SELECT reset_val::int FROM pg_settings WHERE name = 'lock_timeout'),
       (SELECT reset_val::int FROM pg_settings WHERE name = 'statement_timeout'),
       (SELECT sum(numbackends)::int FROM pg_stat_database),
       (SELECT sum(setting::int * CASE name WHEN 'max_connections' THEN 1 ELSE -1 END)::int FROM pg_settings
        WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')),
       EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND rolsuper)
"""
"""``reset_val`` is what the session began with, whatever this transaction has set."""

_SESSIONS = f"""
SELECT pid, usename::text, coalesce(application_name, ''), state, backend_start,
       extract(epoch FROM clock_timestamp() - xact_start)::float,
       extract(epoch FROM clock_timestamp() - query_start)::float,
       nullif(left(query, {TEXT}), ''), coalesce(backend_type, '') = 'autovacuum worker', pg_blocking_pids(pid)
FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND (datname = current_database() OR coalesce(backend_type, '') = 'autovacuum worker')
ORDER BY xact_start NULLS LAST, pid
"""

_LOCKS = f"""
SELECT coalesce(l.pid::text, split_part(l.virtualtransaction, '/', 2)), l.pid IS NULL, {_RELATION}, l.mode, l.granted
FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.locktype = 'relation' AND l.database = {_HERE} AND l.pid IS DISTINCT FROM pg_backend_pid()
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
"""

_PREPARED = """
SELECT transaction::text, gid, owner::text, extract(epoch FROM clock_timestamp() - prepared)::float
FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared
"""

_STANDBYS = """
SELECT coalesce(nullif(application_name, ''), client_addr::text, pid::text), state,
       extract(epoch FROM replay_lag)::float, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::bigint,
       sync_state IN ('sync', 'quorum')
FROM pg_stat_replication ORDER BY 1
"""

_SLOTS = """
SELECT slot_name::text, active, slot_type = 'logical',
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END,
                       restart_lsn)::bigint
FROM pg_replication_slots WHERE NOT temporary ORDER BY 1
"""

_INVALID = f"""
SELECT x.relname::text, {_RELATION}, {{building}}
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND x.relkind = 'i' ORDER BY 2, 1
"""

_BUILDING = "EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = x.oid)"
"""Since 12; before, whoever holds the lock that building it CONCURRENTLY takes may be the one."""
_LOCKED = (
    """EXISTS (SELECT FROM pg_locks l WHERE l.relation = c.oid AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted)"""
)

_UNVALIDATED = f"""
SELECT k.conname::text, {_RELATION}, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT k.convalidated AND k.contype IN ('c', 'f', 'n') ORDER BY 2, 1
"""

_MODES = {f"{mode.value.title().replace(' ', '')}Lock": mode for mode in LockMode}
"""As ``pg_locks`` writes them: ``AccessExclusiveLock``."""


def read_status(project: Project) -> ServerStatus:
    """Look at the project's database server.

    Raises:
        ServerError: It cannot be connected to, or does not answer in time.
    """
    who = "a role in pg_monitor, which sees what the sessions of others do,"
    with connected(project, "gate", who) as connection, reading(connection) as cursor:
        return _status(connection, cursor)


def _status(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> ServerStatus:
    release, major, database, user, at, recovery, pid, lock, statement, used, most, _ = _rows(cursor, _SERVER)[0]
    held, waited = _locks(cursor)
    sessions = tuple(_session(row, held, waited) for row in _rows(cursor, _SESSIONS))
    hidden = sum(one.text is None and one.state is None and one.transaction is None for one in sessions if one.user)
    return ServerStatus(
        release=release,
        postgres=major,
        database=database,
        user=user,
        at=at,
        recovery=recovery,
        lock_timeout=lock / 1000 or None,
        statement_timeout=statement / 1000 or None,
        pooler=_pooler(connection, pid),
        connections=(used, most),
        sessions=sessions,
        prepared=tuple(
            Prepared(name=name, owner=owner, age=age, locks=held.get((True, transaction), {}))
            for transaction, name, owner, age in _rows(cursor, _PREPARED)
        ),
        standbys=tuple(
            Standby(name=name, state=state, lag=lag, behind=behind, synchronous=synchronous)
            for name, state, lag, behind, synchronous in ([] if recovery else _rows(cursor, _STANDBYS))
        ),
        slots=tuple(
            Slot(name=name, active=active, logical=logical, retained=retained)
            for name, active, logical, retained in _rows(cursor, _SLOTS)
        ),
        invalid_indexes=tuple(
            InvalidIndex(name=name, relation=relation, building=building)
            for name, relation, building in _rows(
                cursor, _INVALID.format(building=_BUILDING if major >= 12 else _LOCKED)
            )
        ),
        unvalidated=tuple(
            Unvalidated(name=name, relation=relation, definition=definition)
            for name, relation, definition in _rows(cursor, _UNVALIDATED)
        ),
        unseen=(f"since when {hidden} sessions of other roles work: GRANT pg_read_all_stats TO {user}",) * bool(hidden),
    )


def _rows(cursor: CursorWrapper, query: str) -> Sequence[Any]:
    cursor.execute(query)
    rows: Sequence[Any] = cursor.fetchall()
    return rows


_Locks = Mapping[tuple[bool, str], dict[str, LockMode]]
"""By whether it is a prepared transaction, and its number or the pid of the session."""


def _locks(cursor: CursorWrapper) -> tuple[_Locks, _Locks]:
    """The strongest that are held, and that are waited for."""
    found: tuple[defaultdict[tuple[bool, str], dict[str, LockMode]], ...] = (defaultdict(dict), defaultdict(dict))
    for who, prepared, relation, name, granted in _rows(cursor, _LOCKS):
        if mode := _MODES.get(name):
            locks = found[0 if granted else 1][prepared, who]
            locks[relation] = max(mode, locks.get(relation, mode))
    return found[0], found[1]


def _session(row: Sequence[Any], held: _Locks, waited: _Locks) -> Session:
    pid, user, application, state, started, transaction, query, text, vacuum, blocked_by = row
    visible = None if text == HIDDEN else text
    return Session(
        pid=pid,
        user=user,
        application=application,
        state=state,
        started=started,
        transaction=transaction,
        query=query,
        text=visible,
        vacuum=vacuum,
        wraparound=vacuum and "(to prevent wraparound)" in (visible or ""),
        locks=held.get((False, str(pid)), {}),
        waits=waited.get((False, str(pid)), {}),
        blocked_by=tuple(sorted(set(blocked_by))),
    )


def _pooler(connection: BaseDatabaseWrapper, pid: int) -> str | None:
    """A pooler hands out process IDs of its own for cancelling queries; the server knows others."""
    driver: Any = connection.connection
    told = driver.info.backend_pid
    if told == pid:
        return None
    return f"the server's process is {pid}, the one to cancel queries of {told}"


_WRITTEN = {"None": "", "True": "t", "False": "f"}
"""What Python writes otherwise than psql does, of what a check may give."""


def ask(project: Project, query: str, *, seconds: float) -> str:
    """Ask the project's database one query for its one value.

    Args:
        seconds: How long it may take.

    Returns:
        The value as psql shows it; empty for NULL.

    Raises:
        ValueError: The server refuses it, or it does not give one value.
        ServerError: The database cannot be connected to.
    """
    with connected(project, "gate", "a role that may read the tables") as connection:
        connection.ensure_connection()
        try:
            with reading(connection, seconds=seconds) as cursor:
                cursor.execute(query)
                rows = cursor.fetchall()
        except DatabaseError as error:
            raise ValueError(" ".join(str(error).split())) from error
    if len(rows) != 1 or len(rows[0]) != 1:
        raise ValueError(f"it gives {len(rows)} rows, not one value")
    return _WRITTEN.get(repr(rows[0][0]), str(rows[0][0]))
