"""The conflict matrix, asked of a real server with LOCK TABLE."""

from itertools import product

import psycopg
import pytest

from migsafe.model import LockMode
from migsafe.postgres.locks import blocks, conflicts
from migsafe.sandbox.server import Server


def test_two_locks_conflict_exactly_when_the_server_says_so(postgres: Server, database: str) -> None:
    dsn = postgres.dsn(database)
    with psycopg.connect(dsn) as one, psycopg.connect(dsn) as other:
        one.execute("CREATE TABLE t ()")
        one.commit()
        for held, wanted in product(LockMode, LockMode):
            one.execute(f"LOCK TABLE t IN {held.value} MODE".encode())
            try:
                other.execute(f"LOCK TABLE t IN {wanted.value} MODE NOWAIT".encode())
            except psycopg.errors.LockNotAvailable:
                refused = True
            else:
                refused = False
            one.rollback()
            other.rollback()
            assert conflicts(held, wanted) is refused, (held, wanted)


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
