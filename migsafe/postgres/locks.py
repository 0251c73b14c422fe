"""The eight table lock modes, which of them conflict, and what a held lock keeps others from doing.

Source: PostgreSQL manual, 13.3.1 Table-Level Locks, Table 13.2; the same from 10 to 18. Real servers are
asked in ``tests/postgres/test_locks.py``.
"""

from migsafe.model import Blocked, LockMode

_CONFLICTS = {
    LockMode.ACCESS_SHARE: "       x",
    LockMode.ROW_SHARE: "      xx",
    LockMode.ROW_EXCLUSIVE: "    xxxx",
    LockMode.SHARE_UPDATE_EXCLUSIVE: "   xxxxx",
    LockMode.SHARE: "  xx xxx",
    LockMode.SHARE_ROW_EXCLUSIVE: "  xxxxxx",
    LockMode.EXCLUSIVE: " xxxxxxx",
    LockMode.ACCESS_EXCLUSIVE: "xxxxxxxx",
}
"""A row for each mode; its columns are the modes in the same order."""

_PROXIES: tuple[tuple[Blocked, LockMode], ...] = (
    ("reads", LockMode.ACCESS_SHARE),
    ("writes", LockMode.ROW_EXCLUSIVE),
    ("ddl", LockMode.SHARE_UPDATE_EXCLUSIVE),
)
"""The weakest lock that SELECT, that INSERT, UPDATE and DELETE, and that schema changes and VACUUM take."""


def conflicts(a: LockMode, b: LockMode) -> bool:
    """Whether two transactions cannot hold these locks on one relation at the same time."""
    return _CONFLICTS[a][b.strength - 1] == "x"


_BLOCKS = {mode: tuple(blocked for blocked, weakest in _PROXIES if conflicts(mode, weakest)) for mode in LockMode}


def blocks(mode: LockMode) -> tuple[Blocked, ...]:
    """What other sessions cannot do while ``mode`` is held or waited for; always in the order reads, writes, ddl.

    Who waits for a lock is in the queue before those who ask for one that conflicts with it, even if what is held now
    would let them pass. ACCESS EXCLUSIVE on a single index keeps off all queries: the planner opens every index.

    ``ddl`` says that even the weakest schema change has to wait; the stronger ones wait for any lock at all.
    """
    return _BLOCKS[mode]


def stops_traffic(mode: LockMode) -> bool:
    """Whether reads or writes have to wait while ``mode`` is held."""
    return mode.strength >= LockMode.SHARE.strength
