"""What a row of the lock table is."""

import enum
from collections.abc import Iterable

import msgspec

from migsafe.model import LockMode

AS = LockMode.ACCESS_SHARE
RS = LockMode.ROW_SHARE
RX = LockMode.ROW_EXCLUSIVE
SUX = LockMode.SHARE_UPDATE_EXCLUSIVE
S = LockMode.SHARE
SRX = LockMode.SHARE_ROW_EXCLUSIVE
X = LockMode.EXCLUSIVE
AX = LockMode.ACCESS_EXCLUSIVE

OLDEST, NEWEST = 10, 18
"""The major versions that the table knows."""


class Role(enum.StrEnum):
    """What a relation is to a statement that locks it."""

    ALTERED = "altered"
    """The relation that the statement names, and its descendants where PostgreSQL recurses."""
    INDEX = "index"
    """Indexes that the statement is about or that depend on what it changes; not simply all of a table."""
    REFERENCED = "referenced"
    REFERENCING = "referencing"
    PARENT = "parent"
    PARTITION = "partition"
    DEFAULT_PARTITION = "default_partition"
    READ = "read"
    """Relations of a query."""


class Probe(msgspec.Struct, frozen=True):
    """How a row is proven: ``statement`` is watched in a database in which ``setup`` has run."""

    setup: str
    statement: str


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One row.

    Attributes:
        form: Stable key: the command, and after a colon what makes it cost differently.
        since: First major version for which the row holds.
        until: Last major version for which the row holds.
        locks: Lock per role.
        indexes: Lock on all indexes of the tables in a role.
        rewrites: Roles whose storage is written anew, with all their indexes.
        copies: Roles whose storage is written anew as it is, without their indexes.
        scans: Roles whose rows are all read while the lock is held.
        transaction: False when the server refuses it in a transaction block.
        fails: Why the server refuses it always, or None.
        source: Page of the PostgreSQL manual (``ALTER TABLE``), and what to look for there.
        probes: One or more; the first is the plainest, and shown in the documentation.
    """

    form: str
    since: int
    until: int
    locks: tuple[tuple[Role, LockMode], ...]
    indexes: tuple[tuple[Role, LockMode], ...]
    rewrites: tuple[Role, ...]
    copies: tuple[Role, ...]
    scans: tuple[Role, ...]
    transaction: bool
    fails: str | None
    source: str
    probes: tuple[Probe, ...]


def row(
    form: str,
    source: str,
    setup: str,
    statement: str,
    *others: str,
    since: int = OLDEST,
    until: int = NEWEST,
    indexes: dict[str, LockMode] | None = None,
    rewrites: Iterable[str] = (),
    copies: Iterable[str] = (),
    scans: Iterable[str] = (),
    transaction: bool = True,
    fails: str | None = None,
    **locks: LockMode,
) -> Fact:
    """A row; the remaining keywords are roles.

    Args:
        others: More statements that have the form, in the same setup.
    """
    return Fact(
        form=form,
        since=since,
        until=until,
        locks=tuple((Role(role), mode) for role, mode in locks.items()),
        indexes=tuple((Role(role), mode) for role, mode in (indexes or {}).items()),
        rewrites=tuple(map(Role, rewrites)),
        copies=tuple(map(Role, copies)),
        scans=tuple(map(Role, scans)),
        transaction=transaction,
        fails=fails,
        source=source,
        probes=tuple(Probe(setup, each) for each in (statement, *others)),
    )


ALTERED = ("altered",)
