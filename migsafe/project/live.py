"""A live server at one moment: who works on it, who holds what, and what would be in the way of a migration.

Reads statistics and catalogs only, in transactions that are read-only, and takes no lock on any table. Manual: 27.2 The
Cumulative Statistics System, 52 System Views (pg_locks, pg_prepared_xacts, pg_replication_slots).
"""

import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from msgspec.structs import replace

from migsafe.model import LockMode
from migsafe.predeploy import Connections, InvalidIndex, Prepared, ServerStatus, Session, Slot, Standby, Unvalidated
from migsafe.project.connect import connected, reading
from migsafe.project.load import Project
from migsafe.written.operations import quoted

TEXT = 200
"""Characters of a query that are kept."""

HIDDEN = "<insufficient privilege>"
"""What ``pg_stat_activity`` shows in place of a query of another role; of what else there is, it shows little."""

WHO = "a role in pg_monitor, which sees what the sessions of others do,"

_RELATION = "CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE n.nspname || '.' END || c.relname"
_HERE = "(SELECT oid FROM pg_database WHERE datname = current_database())"
_OWN = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"

_SERVER = """
SELECT split_part(current_setting('server_version'), ' ', 1), current_setting('server_version_num')::int / 10000,
       current_database()::text, session_user::text, current_user::text, extract(epoch FROM now())::float,
       pg_is_in_recovery(), pg_backend_pid(),
       (SELECT reset_val = 'on' AND source NOT IN ('user', 'database user', 'client') FROM pg_settings
        WHERE name = 'default_transaction_read_only'),
       (SELECT reset_val::int FROM pg_settings WHERE name = 'lock_timeout'),
       (SELECT reset_val::int FROM pg_settings WHERE name = 'statement_timeout')
"""
"""``reset_val`` is what the session began with, whatever this transaction has set."""

_SESSIONS = f"""
SELECT a.pid, a.usename::text, coalesce(a.application_name, ''), a.state, extract(epoch FROM a.backend_start)::float,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float,
       extract(epoch FROM clock_timestamp() - a.query_start)::float, nullif(left(a.query, {TEXT}), ''),
       coalesce(a.backend_type = 'autovacuum worker', a.usesysid IS NULL), a.backend_xmin IS NOT NULL AND p.pid IS NULL,
       CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(a.pid) ELSE '{{}}' END, x.virtualtransaction
FROM pg_stat_activity a
LEFT JOIN pg_stat_progress_vacuum p ON p.pid = a.pid
LEFT JOIN pg_locks x ON x.pid = a.pid AND x.locktype = 'virtualxid' AND x.granted
WHERE a.pid <> pg_backend_pid() AND a.datname = current_database() AND a.backend_type IS DISTINCT FROM 'parallel worker'
ORDER BY a.xact_start NULLS LAST, a.pid
"""
"""What another role does is not shown, but for its ``backend_xmin``; processes of the server have no role."""

_STILL = """
SELECT pid, virtualtransaction FROM pg_locks WHERE locktype = 'virtualxid' AND granted
"""
"""Every transaction locks its own number, and everybody may see that."""

_LOCKS = f"""
WITH locks AS (SELECT * FROM pg_locks)
SELECT coalesce(l.pid, x.transactionid::text::bigint)::text, l.pid IS NULL, {_RELATION}, l.mode, l.granted
FROM locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN locks x
  ON l.pid IS NULL AND x.pid IS NULL AND x.locktype = 'transactionid' AND x.virtualtransaction = l.virtualtransaction
WHERE l.locktype = 'relation' AND l.database = {_HERE} AND l.pid IS DISTINCT FROM pg_backend_pid() AND {_OWN}
"""
"""Prepared transactions have no pid; which is whose, the lock on their own number says."""

_OLD = f"""
SELECT {_RELATION}
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
    SELECT max(option_value::int) FILTER (WHERE option_name = 'autovacuum_freeze_max_age') AS xid,
           max(option_value::int) FILTER (WHERE option_name = 'autovacuum_multixact_freeze_max_age') AS multixact
    FROM pg_options_to_table(c.reloptions)) own ON true
WHERE c.relkind IN ('r', 'm') AND {_OWN} AND (
    age(c.relfrozenxid) > least(own.xid, current_setting('autovacuum_freeze_max_age')::int)
    OR mxid_age(c.relminmxid) > least(own.multixact, current_setting('autovacuum_multixact_freeze_max_age')::int))
"""
"""Tables that are so old that whatever autovacuum does to them is to prevent wraparound."""

_CONNECTIONS = """
WITH clients AS (
    SELECT usename, datname FROM pg_stat_activity WHERE usesysid IS NOT NULL
    AND (coalesce(backend_type, 'client backend') = 'client backend'
         OR backend_type = 'walsender' AND current_setting('server_version_num')::int < 120000))
SELECT (SELECT count(*)::int FROM clients),
       (SELECT sum(setting::int * CASE name WHEN 'max_connections' THEN 1 ELSE -1 END)::int FROM pg_settings
        WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')), 'the server'
UNION ALL
SELECT (SELECT count(*)::int FROM clients WHERE usename = rolname), rolconnlimit, 'role ' || rolname
FROM pg_roles WHERE rolname = session_user AND NOT rolsuper AND rolconnlimit >= 0
UNION ALL
SELECT (SELECT count(*)::int FROM clients c WHERE c.datname = d.datname), datconnlimit, 'database ' || d.datname
FROM pg_database d WHERE d.datname = current_database() AND datconnlimit >= 0
"""

_PREPARED = """
SELECT transaction::text, gid, owner::text, extract(epoch FROM clock_timestamp() - prepared)::float
FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared
"""

_STANDBYS = """
SELECT coalesce(nullif(r.application_name, ''), r.client_addr::text, r.pid::text),
       EXISTS (SELECT FROM pg_replication_slots s WHERE s.active_pid = r.pid AND s.slot_type = 'logical'),
       r.state, extract(epoch FROM r.replay_lag)::float, pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn)::bigint,
       coalesce(r.sync_state IN ('sync', 'quorum'), false)
FROM pg_stat_replication r WHERE r.state IS DISTINCT FROM 'backup' ORDER BY 1
"""

_SLOTS = """
SELECT s.slot_name::text, s.active, s.slot_type = 'logical',
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                            ELSE pg_current_wal_lsn() END, s.restart_lsn)::bigint,
       (SELECT setting::bigint * 1024 * 1024 FROM pg_settings
        WHERE name = 'max_slot_wal_keep_size' AND setting::bigint >= 0)
FROM pg_replication_slots s
WHERE NOT s.temporary AND coalesce(to_jsonb(s) ->> 'wal_status', '') <> 'lost' ORDER BY 1
"""
"""Before 13 there is neither a limit nor ``wal_status``."""

_INVALID = f"""
SELECT x.relname::text, {_RELATION}, {{building}}
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND x.relkind = 'i' AND {_OWN} ORDER BY 2, 1
"""

_BUILDING = f"""EXISTS (
    SELECT FROM pg_stat_progress_create_index p WHERE p.datid = {_HERE} AND coalesce(p.relid, c.oid) = c.oid)"""
"""Since 12; of which table another role builds an index is not shown."""
_LOCKED = (
    "EXISTS (SELECT FROM pg_locks l WHERE l.relation = c.oid AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted)"
)
"""Before, whoever holds the lock that building it CONCURRENTLY takes may be the one."""

_UNVALIDATED = f"""
SELECT k.conname::text, {_RELATION}, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT k.convalidated AND k.contype IN ('c', 'f', 'n') AND k.conislocal AND {_OWN}
  AND pg_get_constraintdef(k.oid) !~ 'NOT ENFORCED$' ORDER BY 2, 1
"""

_MODES = {f"{mode.value.title().replace(' ', '')}Lock": mode for mode in LockMode}
"""As ``pg_locks`` writes them: ``AccessExclusiveLock``."""


def read_status(project: Project, *, longest: float = 0.0) -> ServerStatus:
    """Look at the project's database server.

    Args:
        longest: Seconds after which to look a second time at sessions that hold locks and do not show since when:
            whose transaction is still the same has been in it for as long. 0 to leave that open.

    Raises:
        ServerError: It cannot be connected to, or does not answer in time.
    """
    with connected(project, "gate", WHO) as connection:
        return _Look(connection).status(longest)


class _Look:
    """One look; `unseen` is what the server does not tell."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        self.unseen: list[str] = []

    def status(self, longest: float) -> ServerStatus:
        with reading(self._connection) as cursor:
            release, major, database, login, user, now, recovery, pid, read_only, lock, statement = _rows(
                cursor, _SERVER
            )[0]
            held, waited = _locks(cursor)
            rows = _rows(cursor, _SESSIONS)
        hidden_vacuum = any(vacuum and text == HIDDEN for *_, text, vacuum, _, _, _ in rows)
        old = {name for (name,) in self._asked(_OLD, "how old tables are")} if hidden_vacuum else set()
        sessions = tuple(_session(row, held, waited, old) for row in rows)
        transactions = {row[0]: row[-1] for row in rows}
        if longest:
            sessions = self._looked_twice(sessions, transactions, longest)
        grant = f"GRANT pg_read_all_stats TO {quoted(user)}"
        if hidden := sum(one.hidden for one in sessions):
            self.unseen.append(f"what sessions of other roles do, and since when ({hidden} here): {grant}")
        standbys = () if recovery else self._standbys(grant)
        connections = [
            Connections(used=used, most=most, of=of)
            for used, most, of in self._asked(_CONNECTIONS, "how many connections are left")
        ]
        return ServerStatus(
            release=release,
            postgres=major,
            database=database,
            user=login,
            at=datetime.fromtimestamp(now, UTC),
            recovery=recovery,
            read_only=read_only,
            lock_timeout=lock / 1000 or None,
            statement_timeout=statement / 1000 or None,
            pooler=_pooler(self._connection, pid),
            connections=min(connections, key=lambda one: one.most - one.used, default=None),
            sessions=sessions,
            prepared=tuple(
                Prepared(name=name, owner=owner, age=age, locks=held.get((True, transaction), {}))
                for transaction, name, owner, age in self._asked(_PREPARED, "prepared transactions")
            ),
            standbys=standbys,
            slots=tuple(
                Slot(name=name, active=active, logical=logical, retained=retained, limit=limit)
                for name, active, logical, retained, limit in self._asked(_SLOTS, "replication slots")
            ),
            invalid_indexes=tuple(
                InvalidIndex(name=name, relation=relation, building=building)
                for name, relation, building in self._asked(
                    _INVALID.format(building=_BUILDING if major >= 12 else _LOCKED), "invalid indexes"
                )
            ),
            unvalidated=tuple(
                Unvalidated(name=name, relation=relation, definition=definition)
                for name, relation, definition in self._asked(_UNVALIDATED, "constraints that are NOT VALID")
            ),
            unseen=tuple(self.unseen),
        )

    def _asked(self, query: str, what: str) -> Sequence[Any]:
        """Rows; none if the server refuses, as some managed ones do."""
        try:
            with reading(self._connection) as cursor:
                return _rows(cursor, query)
        except DatabaseError as error:
            if self._connection.connection.closed:
                raise
            self.unseen.append(f"{what}: {' '.join(str(error).split())}")
            return ()

    def _standbys(self, grant: str) -> tuple[Standby, ...]:
        found = tuple(
            Standby(name=name, logical=logical, state=state, lag=lag, behind=behind, synchronous=synchronous)
            for name, logical, state, lag, behind, synchronous in self._asked(_STANDBYS, "standbys")
        )
        if hidden := sum(one.state is None for one in found):
            self.unseen.append(f"how far standbys are behind ({hidden} here): {grant}")
        return found

    def _looked_twice(
        self, sessions: tuple[Session, ...], transactions: Mapping[int, str | None], longest: float
    ) -> tuple[Session, ...]:
        """Sessions that are not shown, with the time that they have been in their transaction at least."""
        busy = {
            one.pid
            for one in sessions
            if one.transaction is None and (one.locks or one.snapshot) and transactions[one.pid] and not one.vacuum
        }
        if not busy:
            return sessions
        time.sleep(longest)
        with reading(self._connection) as cursor:
            now = dict(_rows(cursor, _STILL))
        return tuple(
            replace(one, transaction=longest) if one.pid in busy and now.get(one.pid) == transactions[one.pid] else one
            for one in sessions
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


def _session(row: Sequence[Any], held: _Locks, waited: _Locks, old: Collection[str]) -> Session:
    pid, user, application, state, started, transaction, query, text, vacuum, snapshot, blocked_by, _ = row
    locks = held.get((False, str(pid)), {})
    visible = None if text == HIDDEN else text
    forced = any(name in old for name in locks) if visible is None else "(to prevent wraparound)" in visible
    return Session(
        pid=pid,
        user=user,
        application=application,
        state=state,
        started=started and datetime.fromtimestamp(started, UTC),
        transaction=transaction,
        query=query,
        text=visible,
        vacuum=vacuum,
        wraparound=vacuum and forced,
        snapshot=snapshot,
        locks=locks,
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
