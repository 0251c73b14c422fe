"""Sessions that hold relations, so that whatever lock a statement asks for has to wait and is seen.

For what cannot run in a transaction block: it gives up its locks before anybody could look at them.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from psycopg import Connection
from psycopg.rows import TupleRow

from migsafe.model import LockMode
from migsafe.sandbox.relations import MODES, Relation, connect

# LOCK TABLE takes tables only. These change nothing: the tablespace is the one that the relation has, and to prepare a
# query locks what it reads, not, as to plan it would, its indexes.
_HOLD = """
SELECT CASE
         WHEN c.relkind IN ('r', 'p') THEN format('LOCK TABLE ONLY %%s IN %%s MODE', c.oid::regclass, %(mode)s::text)
         WHEN %(mode)s = 'ACCESS SHARE' AND kind <> 'INDEX'
         THEN format('PREPARE "%%s" AS SELECT FROM %%s', c.oid, c.oid::regclass)
         WHEN %(mode)s = 'SHARE UPDATE EXCLUSIVE' THEN format('COMMENT ON %%s %%s IS NULL', kind, c.oid::regclass)
         WHEN %(mode)s = 'ACCESS EXCLUSIVE'
         THEN format('ALTER %%s %%s SET TABLESPACE %%I', kind, c.oid::regclass, spcname)
       END
FROM pg_class c
JOIN pg_database d ON d.datname = current_database()
JOIN pg_tablespace s ON s.oid = coalesce(nullif(c.reltablespace, 0), d.dattablespace),
LATERAL (SELECT CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'INDEX' END AS kind) k
WHERE c.oid = ANY (%(relations)s)
"""

HOLDERS = 20
"""Sessions that hold relations of which a statement's locks are to be seen."""

MODES_HELD = ("ACCESS SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "ACCESS EXCLUSIVE")
"""What a holder gives up one after the other, last first: whatever mode is asked for conflicts with one of them."""

_LOCKS = "SELECT relation, mode FROM pg_locks WHERE locktype = 'relation' AND mode <> 'SIReadLock' AND pid = %s"
_USED = """
SELECT c.oid::bigint FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE c.oid = ANY (%s) AND i.indislive IS NOT FALSE
"""
_WAITS = "SELECT locktype, pg_blocking_pids(pid) FROM pg_locks WHERE pid = %s AND NOT granted"


class Holder:
    """A session that holds relations and gives way step by step."""

    def __init__(self, connection: Connection[TupleRow], relations: list[Relation]) -> None:
        self.pid = connection.info.backend_pid
        self._connection = connection
        connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")  # while idle, it has no snapshot to wait for
        for mode in MODES_HELD:
            connection.execute(f'SAVEPOINT "{mode}"'.encode())
            holding = {"mode": mode, "relations": [relation.oid for relation in relations]}
            commands = [command for (command,) in connection.execute(_HOLD, holding) if command]
            connection.execute("; ".join(commands).encode())
        self._held = list(MODES_HELD)

    def give_way(self, *, altogether: bool) -> None:
        """Give up the strongest of its modes; or all, for those who wait until the transaction has ended."""
        if altogether or len(self._held) == 1:
            self._connection.execute("ROLLBACK")
        else:
            self._connection.execute(f'ROLLBACK TO "{self._held.pop()}"'.encode())


@contextmanager
def holding(
    dsn: str, statement: str, relations: list[Relation], *, every: bool = True
) -> Iterator[Mapping[int, Holder]]:
    """Hold relations for as long as the context lasts; give the holders by their processes.

    Args:
        every: Whether relations that the statement does not name are held as well as those that it does. It takes a
            tenth of a second or more; without, a lock on one of them may go unseen.

    Raises:
        psycopg.Error: The server has not enough room for so many sessions or locks.
    """
    oids = {relation.oid for relation in relations if relation.name.rpartition(".")[2] in statement}
    held = [relation for relation in relations if relation.kind not in "vf"]
    ordered = sorted(held, key=lambda relation: oids.isdisjoint({relation.oid, relation.table}))
    named = sum(not oids.isdisjoint({relation.oid, relation.table}) for relation in held)
    own = HOLDERS - 1 if every else min(HOLDERS - 1, named)
    groups = [[relation] for relation in ordered[:own]]
    if rest := ordered[own:] if every else ordered[own:named]:
        groups.append(rest)
    with ExitStack() as stack:
        holders = [Holder(stack.enter_context(connect(dsn)), group) for group in groups]
        yield {holder.pid: holder for holder in holders}


def follow(
    watcher: Connection[TupleRow], process: int, holders: Mapping[int, Holder], done: Callable[[], object]
) -> list[tuple[int, LockMode]]:
    """Make the holders give way to a process until it is done; say what it has locked or waited for, by oid.

    Args:
        done: Waits for a moment, and says whether the statement is over.
    """
    seen: list[tuple[int, LockMode]] = []
    online = False
    try:
        while not done():
            waits = watcher.execute(_WAITS, [process]).fetchall()
            online = online or any(kind == "virtualxid" for kind, _ in waits)
            # What an online build or drop locks once it has waited for all who knew the index is nobody's any more,
            # unless it has to wait for us.
            if waits or not online:
                seen += _used(watcher, locks(watcher, process))
            for kind, blocking in waits:
                for holder in filter(None, map(holders.get, blocking)):
                    holder.give_way(altogether=kind != "relation")
    except BaseException:
        for holder in holders.values():
            holder.give_way(altogether=True)
        raise
    return seen


def _used(watcher: Connection[TupleRow], seen: list[tuple[int, LockMode]]) -> list[tuple[int, LockMode]]:
    """Without locks on indexes that nobody can be waiting for.

    The last that DROP INDEX CONCURRENTLY does is to lock the index ACCESS EXCLUSIVE. No session has used it for long:
    it is "in process of being dropped, and should be ignored for all purposes" (the manual on pg_index.indislive), or
    by now it is dropped.
    """
    if all(mode is not LockMode.ACCESS_EXCLUSIVE for _, mode in seen):
        return seen
    used = {oid for (oid,) in watcher.execute(_USED, [[oid for oid, _ in seen]])}
    return [(oid, mode) for oid, mode in seen if oid in used]


def locks(watcher: Connection[TupleRow], process: int) -> list[tuple[int, LockMode]]:
    """What a process has locked or waits for, by oid."""
    return [(oid, MODES[mode]) for oid, mode in watcher.execute(_LOCKS, [process])]
