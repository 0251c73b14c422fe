"""Watches statements that somebody else executes, and that stay.

What runs in a transaction is looked at in its own session, by one query after each statement, while all of its locks
are still held; what cannot is made to wait by sessions that hold every relation (`migsafe.sandbox.holders`).
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from threading import Event
from typing import Any, TypeVar

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from migsafe.model import LockMode
from migsafe.sandbox.holders import Holder, follow, holding
from migsafe.sandbox.relations import FROM, MODES, RELATION, Relation, built, connect, effects, relations
from migsafe.sql.observation import Observation

T = TypeVar("T")

Ask = Callable[[str], list[tuple[Any, ...]]]
"""Executes SQL in the session that is watched."""

# Tuples that scans of the whole table have read, as far as the session has not told the rest of the server yet: it does
# so between transactions.
_READ = "CASE WHEN c.relkind IN ('r', 'p', 'm') THEN pg_stat_get_xact_tuples_returned(c.oid)::bigint ELSE 0 END"
_ALL = f"SELECT {RELATION}, {_READ} {FROM}"
# Oids from 16384 on are not the server's own (FirstNormalObjectId). What was dropped is still locked.
_LOCKED = f"""
SELECT l.relation::bigint, l.mode, {RELATION}, {_READ}, pg_relation_size(c.oid) > 0
FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE l.locktype = 'relation' AND l.pid = pg_backend_pid() AND l.relation::bigint >= 16384
  AND l.mode <> 'SIReadLock'
"""


class Watcher:
    """Watches one session at a time; all of its own sessions are closed again when a method returns.

    Args:
        dsn: The database that the session is connected to.
        disturb: Whether whoever else uses the database may have to wait, so that no lock goes unseen.
    """

    def __init__(self, dsn: str, *, disturb: bool = True) -> None:
        self._dsn = dsn
        self._disturb = disturb
        self._existed: set[int] = set()
        self._known: dict[int, Relation] = {}
        self._read: dict[int, int] = {}
        self._held: dict[int, LockMode] = {}
        self._stored: set[int] = set()  # what was locked, and has a file that is not empty

    def begin(self, ask: Ask) -> None:
        """Look at a transaction before the first statement that is watched."""
        self._known, self._read, self._held = {}, {}, {}
        for *columns, read in ask(_ALL):
            relation = Relation(*columns)
            self._known[relation.oid] = relation
            self._read[relation.oid] = read
        self._existed = set(self._known)
        self._look(ask)

    def skip(self, ask: Ask) -> None:
        """Look at a transaction before a statement: what others have done in it is not of this one."""
        self._look(ask)

    def look(self, ask: Ask) -> Observation:
        """Say what was done since the last look at the transaction, which is still open."""
        before, read, held = [self._known[oid] for oid in self._existed if oid in self._known], self._read, self._held
        stored = list(self._known.values())
        self._look(ask)
        scanned = {oid for oid, rows in self._read.items() if rows > read.get(oid, 0)}
        after = list(self._known.values())
        return Observation(
            effects=tuple(effects(before, after, self._held.items(), scanned, held)),
            built=tuple(built(stored, after)),
            held={relation.name: held[relation.oid] for relation in before if relation.oid in held},
        )

    def _look(self, ask: Ask) -> None:
        self._held, self._read, known = {}, dict(self._read), dict(self._known)
        self._stored.clear()
        for oid, mode, *columns, read, stored in ask(_LOCKED):
            self._held[oid] = max(MODES[mode], self._held.get(oid, MODES[mode]))
            known.pop(oid, None)
            relation = Relation(*columns)
            if relation.name is not None and not relation.name.startswith("pg_"):
                known[oid] = relation
                self._read[oid] = read
                if stored:
                    self._stored.add(oid)
        # A rebuilt index is a new relation with the old name, and takes the place of the old one.
        gone = {relation.name for oid, relation in self._known.items() if oid not in known and oid in self._existed}
        self._existed |= {oid for oid, relation in known.items() if relation.name in gone}
        self._known = known

    def is_empty(self, ask: Ask, relation: str) -> bool:
        """Whether a table of the last look has no rows, or its rows cannot be read."""
        known = next((one for one in self._known.values() if one.name == relation and one.kind in "rpm"), None)
        if known is None or (known.oid not in self._stored and known.kind != "p"):
            return True
        [(name, readable)] = ask(f"SELECT {known.oid}::regclass::text, has_table_privilege({known.oid}, 'SELECT')")
        empty = not readable or not ask(f"SELECT 1 FROM {name} LIMIT 1")
        self._look(ask)  # what this has read is not the next statement's
        return empty

    def alone(self, process: int, statement: str, execute: Callable[[], T]) -> tuple[T, Observation | None]:
        """Execute a statement that commits by itself, and see what it does.

        Args:
            process: The server's, that executes it.
            statement: Its text.

        Returns:
            What it gives, and what was seen; None if the server has no room for those who are to see it.
        """
        with ExitStack() as stack:
            try:
                own = stack.enter_context(connect(self._dsn))
                before = relations(own)
                holders = (
                    stack.enter_context(holding(self._dsn, statement, before, every=False)) if self._disturb else {}
                )
            except psycopg.Error:
                stack.close()
                return execute(), None
            result, locks = _followed(own, process, holders, execute)
            after = relations(own)
        self._known = {relation.oid: relation for relation in after}
        self._stored = set(self._known)
        by_name = {relation.name: relation for relation in after}
        new = list(built(before, after))
        # The session may have told the server already how much it has read. But an index is built of all rows.
        scanned = [by_name[name].table or 0 for name in new]
        return result, Observation(effects=tuple(effects(before, after, locks, scanned)), built=tuple(new))


def _followed(
    own: Connection[TupleRow], process: int, holders: Mapping[int, Holder], execute: Callable[[], T]
) -> tuple[T, list[tuple[int, LockMode]]]:
    done = Event()
    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(follow, own, process, holders, partial(done.wait, 0.001))
        try:
            result = execute()
        finally:
            done.set()
        return result, following.result()
