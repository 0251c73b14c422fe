"""What locks keep others from doing: the conflict matrix, indexes and queues, asked of real servers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import product

import psycopg
import pytest

from migsafe.model import LockMode
from migsafe.postgres.locks import blocks, conflicts
from tests.conftest import each_major

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def sessions(connection: Connection) -> Iterator[Callable[[], Connection]]:
    connection.execute("CREATE TABLE t (id int PRIMARY KEY, a int); CREATE INDEX i ON t (a)")
    with ExitStack() as opened:
        yield lambda: opened.enter_context(psycopg.connect(connection.info.dsn, autocommit=True))


@contextmanager
def holding(session: Connection, command: str) -> Iterator[None]:
    session.execute("BEGIN")
    session.execute(command.encode())
    yield
    session.execute("ROLLBACK")


def lock(mode: LockMode) -> str:
    return f"LOCK TABLE t IN {mode.value} MODE"


def waits(session: Connection, mode: LockMode) -> bool:
    """Whether a session would have to wait for a lock."""
    try:
        with session.transaction():
            session.execute(f"{lock(mode)} NOWAIT".encode())
    except psycopg.errors.LockNotAvailable:
        return True
    return False


def stalls(session: Connection, statement: str) -> bool:
    try:
        session.execute(statement.encode())
    except psycopg.errors.LockNotAvailable:
        return True
    return False


@each_major
def test_two_locks_conflict_exactly_when_the_server_says_so(sessions: Callable[[], Connection]) -> None:
    holder, other = sessions(), sessions()
    wrong = []
    for held in LockMode:
        with holding(holder, lock(held)):
            wrong += [(held, wanted) for wanted in LockMode if conflicts(held, wanted) is not waits(other, wanted)]
    assert wrong == []


@each_major
def test_who_waits_behind_a_waiting_statement(sessions: Callable[[], Connection], connection: Connection) -> None:
    holder, waiter, third = sessions(), sessions(), sessions()
    wrong = []
    for held, awaited in product(LockMode, LockMode):
        if not conflicts(held, awaited):
            continue
        with holding(holder, lock(held)):
            waiter.execute("BEGIN")
            waiter.pgconn.send_query(lock(awaited).encode())
            blocking = "SELECT pg_blocking_pids(%s)", [waiter.info.backend_pid]
            while connection.execute(*blocking).fetchone() != ([holder.info.backend_pid],):
                pass
            for wanted in LockMode:
                queues = conflicts(held, wanted) or conflicts(awaited, wanted)
                if waits(third, wanted) is not queues:
                    wrong.append((held, awaited, wanted))
        while waiter.pgconn.get_result():
            pass
        waiter.execute("ROLLBACK")
    assert wrong == []


@each_major
@pytest.mark.parametrize(
    ("command", "relation", "mode"),
    [
        ("LOCK TABLE t IN ACCESS EXCLUSIVE MODE", "t", LockMode.ACCESS_EXCLUSIVE),
        ("LOCK TABLE t IN EXCLUSIVE MODE", "t", LockMode.EXCLUSIVE),
        ("LOCK TABLE t IN SHARE MODE", "t", LockMode.SHARE),
        ("LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE", "t", LockMode.SHARE_UPDATE_EXCLUSIVE),
        ("ALTER INDEX i SET TABLESPACE pg_default", "i", LockMode.ACCESS_EXCLUSIVE),
        ("ALTER INDEX t_pkey SET TABLESPACE pg_default", "t_pkey", LockMode.ACCESS_EXCLUSIVE),
        ("COMMENT ON INDEX i IS NULL", "i", LockMode.SHARE_UPDATE_EXCLUSIVE),
    ],
)
def test_queries_stall_when_the_table_or_any_index_is_locked(
    command: str, relation: str, mode: LockMode, sessions: Callable[[], Connection], connection: Connection
) -> None:
    """The planner opens every index of a table, whichever it will use."""
    holder, other = sessions(), sessions()
    other.execute("SET lock_timeout = 20")
    with holding(holder, command):
        locks = connection.execute(
            "SELECT relation::regclass::text, mode FROM pg_locks WHERE pid = %s AND relation >= 16384",
            [holder.info.backend_pid],
        ).fetchall()
        assert locks == [(relation, mode.value.title().replace(" ", "") + "Lock")]
        assert stalls(other, "SELECT FROM t") is ("reads" in blocks(mode))
        for write in ("INSERT INTO t VALUES (1)", "UPDATE t SET a = 2", "DELETE FROM t WHERE id = 1"):
            assert stalls(other, write) is ("writes" in blocks(mode)), write


@each_major
def test_a_plan_that_was_made_before_opens_only_the_indexes_it_uses(sessions: Callable[[], Connection]) -> None:
    holder, other = sessions(), sessions()
    other.execute("SET lock_timeout = 20")
    other.execute("PREPARE read AS SELECT FROM t; EXECUTE read")
    other.execute("PREPARE write AS INSERT INTO t VALUES (1); EXECUTE write; DELETE FROM t")
    with holding(holder, "ALTER INDEX i SET TABLESPACE pg_default"):
        assert not stalls(other, "EXECUTE read")
        assert stalls(other, "EXECUTE write")


@pytest.mark.parametrize(
    ("mode", "blocked"),
    [
        (LockMode.ACCESS_EXCLUSIVE, ("reads", "writes", "ddl")),
        (LockMode.EXCLUSIVE, ("writes", "ddl")),
        (LockMode.SHARE_ROW_EXCLUSIVE, ("writes", "ddl")),
        (LockMode.SHARE, ("writes", "ddl")),
        (LockMode.SHARE_UPDATE_EXCLUSIVE, ("ddl",)),
        (LockMode.ROW_EXCLUSIVE, ()),
        (LockMode.ACCESS_SHARE, ()),
    ],
)
def test_what_a_lock_blocks(mode: LockMode, blocked: tuple[str, ...]) -> None:
    assert blocks(mode) == blocked
