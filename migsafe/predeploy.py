"""The nouns of ``migsafe gate``: a live server at one moment, and what is pending on it. Frozen values.

Names of relations carry their schema unless they are on the search path. Durations are seconds, sizes bytes.
"""

from datetime import date, datetime
from typing import Literal

import msgspec

from migsafe.model import Blocked, Estimate, LockMode, Report

# How a server is


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session, or a process of the server, as ``pg_stat_activity`` has it.

    Attributes:
        user: None for processes of the server.
        application: ``application_name``; empty if it has none.
        state: ``active``, ``idle in transaction``, …; None if the role may not see it.
        started: When it connected; None if the role may not see it.
        transaction: How long its transaction has been open, or, if the role may not see that, for how long at least;
            None if it has none, or nothing is known.
        query: How long its query has been running, or has been over.
        text: The beginning of that query; None if the role may not see it.
        wraparound: Whether it is an autovacuum that prevents transaction ID wraparound: it does not give way.
        vacuum: Whether it is an autovacuum at all.
        snapshot: Whether it has a snapshot, for which what is done CONCURRENTLY in the same database waits; of others'
            VACUUM nobody does.
        locks: The strongest lock that it holds on each relation.
        waits: The strongest that it waits for.
        blocked_by: pids of those that it waits for.
    """

    pid: int
    user: str | None = None
    application: str = ""
    state: str | None = None
    started: datetime | None = None
    transaction: float | None = None
    query: float | None = None
    text: str | None = None
    wraparound: bool = False
    vacuum: bool = False
    snapshot: bool = False
    locks: dict[str, LockMode] = {}
    waits: dict[str, LockMode] = {}
    blocked_by: tuple[int, ...] = ()

    @property
    def hidden(self) -> bool:
        """Whether the role may not see what it does: it is another one's."""
        return self.user is not None and self.state is None and self.text is None and self.started is None

    @property
    def busy(self) -> float | None:
        """How long it has been in its transaction, or at a query that is several (CREATE INDEX CONCURRENTLY)."""
        if self.transaction is None or self.state != "active":
            return self.transaction
        return max(self.transaction, self.query or 0)


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A prepared transaction (``pg_prepared_xacts``): it holds its locks until somebody ends it."""

    name: str
    owner: str
    age: float
    locks: dict[str, LockMode] = {}


class Standby(msgspec.Struct, frozen=True, kw_only=True):
    """A server that replicates this one (``pg_stat_replication``).

    Attributes:
        lag: Seconds by which what it has replayed is behind; None if nothing is known.
        behind: The same in bytes of WAL.
        synchronous: Whether commits wait for it.
        logical: Whether it is a subscriber, or another that decodes the WAL.
    """

    name: str
    logical: bool = False
    state: str | None = None
    lag: float | None = None
    behind: int | None = None
    synchronous: bool = False


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """A replication slot (``pg_replication_slots``).

    Attributes:
        retained: Bytes of WAL that the server keeps for it; None if it keeps none.
        limit: How many it keeps at most (``max_slot_wal_keep_size``); None if it has no limit.
    """

    name: str
    active: bool
    logical: bool = False
    retained: int | None = None
    limit: int | None = None


class InvalidIndex(msgspec.Struct, frozen=True, kw_only=True):
    """An index with ``indisvalid`` false.

    Attributes:
        building: Whether somebody is building it right now.
    """

    name: str
    relation: str
    building: bool = False


class Unvalidated(msgspec.Struct, frozen=True, kw_only=True):
    """A constraint that is NOT VALID."""

    name: str
    relation: str
    definition: str


class Connections(msgspec.Struct, frozen=True, kw_only=True):
    """How many connections are in use of those that a role that is no superuser can have.

    Attributes:
        of: What the limit is of: ``the server``, ``role shop``, ``database shop``.
    """

    used: int
    most: int
    of: str = "the server"


class ServerStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A live server, as a role that only reads sees it at one moment.

    Attributes:
        release: ``16.4``.
        postgres: Major version.
        database: Its name on the server.
        user: The role that has logged in to look; it is taken to be the one that migrates.
        at: When.
        recovery: Whether it is a standby, which nothing can be migrated on.
        read_only: Whether transactions only read unless they say otherwise (``default_transaction_read_only`` of the
            server or the database; a role that looks may have one of its own).
        lock_timeout: How long ``migrate`` would wait for a lock; None if for ever.
        statement_timeout: How long it would let a statement run; None if for ever.
        pooler: What says that a connection pooler is between, in words; None if nothing does.
        connections: Where the fewest are left.
        sessions: All others than the one that looked.
        unseen: What the role may not see, each with what would let it, in a sentence.
    """

    release: str
    postgres: int
    database: str
    user: str
    at: datetime
    recovery: bool = False
    read_only: bool = False
    lock_timeout: float | None = None
    statement_timeout: float | None = None
    pooler: str | None = None
    connections: Connections | None = None
    sessions: tuple[Session, ...] = ()
    prepared: tuple[Prepared, ...] = ()
    standbys: tuple[Standby, ...] = ()
    slots: tuple[Slot, ...] = ()
    invalid_indexes: tuple[InvalidIndex, ...] = ()
    unvalidated: tuple[Unvalidated, ...] = ()
    unseen: tuple[str, ...] = ()


# What is pending


MUCH = 64 * 1024 * 1024
"""Bytes of WAL from which on they are many: what a server writes in less than a second of a rewrite."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What a pending migration does to a table that the server has, or to an index that it locks more than its table.

    Attributes:
        relation: As it is called on the server.
        lock: The strongest lock.
        blocks: What other sessions cannot do meanwhile.
        rewrites: Whether its storage is written anew, all of which goes into the WAL.
        indexes: Whether an index of all of its rows is built.
        awaits: Where it lets others work, but waits until they are done (CONCURRENTLY): those who hold a lock that
            conflicts with this one.
        awaits_snapshots: Whether it waits for all sessions of the database, too, that have an older snapshot, whatever
            they read (manual: CREATE INDEX, Building Indexes Concurrently).
        rows: How many it has; None if the server does not know.
        bytes: Without indexes; None if the server does not know.
        estimate: How long the longest statement takes while it is locked; None if but a moment, or not known.
        stalls: The same of those during which reads or writes have to wait.
    """

    relation: str
    lock: LockMode
    blocks: tuple[Blocked, ...] = ()
    rewrites: bool = False
    indexes: bool = False
    awaits: LockMode | None = None
    awaits_snapshots: bool = False
    rows: int | None = None
    bytes: int | None = None
    estimate: Estimate | None = None
    stalls: Estimate | None = None

    @property
    def stops_traffic(self) -> bool:
        """Whether reads or writes have to wait."""
        return "writes" in self.blocks

    @property
    def writes_much(self) -> bool:
        """Whether all of its rows, or an index of them, go into the WAL, and it is not known to be small."""
        return (self.rewrites or self.indexes) and (self.bytes is None or self.bytes >= MUCH)

    @property
    def behind(self) -> str:
        """What of it waits behind the migration while that waits, in words; empty if nothing does."""
        return " and ".join(one for one in self.blocks if one != "ddl")


GateVerdict = Literal["go", "no-go", "allowed"]
"""Of ``allowed`` ones, somebody answers for what speaks against them."""


class PendingMigration(msgspec.Struct, frozen=True, kw_only=True):
    """A migration that ``migrate`` would apply now.

    Attributes:
        atomic: Whether all of it runs in one transaction.
        targets: The tables that it locks and that are there before; the worst first.
        codes: Of the findings that speak against it.
        plan: The kept plan that it belongs to and its deploy there (``orders_0042``, 2), or None.
        clash: What it makes and is there already, or needs and is not, so that it fails; in words.
        sets: Settings that it sets itself (``lock_timeout``).
        settles: Indexes that it drops or builds anew, and constraints that it drops or validates.
    """

    app: str
    name: str
    atomic: bool = True
    targets: tuple[Target, ...] = ()
    verdict: GateVerdict = "go"
    codes: tuple[str, ...] = ()
    plan: tuple[str, int] | None = None
    clash: str | None = None
    sets: tuple[str, ...] = ()
    settles: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.app, self.name

    def target(self, relation: str) -> Target | None:
        """What it does to a table."""
        return next((one for one in self.targets if one.relation == relation), None)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a check of an earlier deploy of a kept plan says now.

    Attributes:
        what: In the words of the plan.
        sql: The query.
        expected: What it has to give.
        given: What it gave; None if it could not be asked.
        error: Why not.
    """

    what: str
    sql: str
    expected: str
    given: str | None = None
    error: str | None = None

    @property
    def holds(self) -> bool:
        return self.given == self.expected


class KeptDeploy(msgspec.Struct, frozen=True, kw_only=True):
    """A deploy of a kept plan, some of whose migrations are pending.

    Attributes:
        plan: Name of the plan.
        number: Of the deploy.
        migrations: Its pending ones.
        together: Migrations of earlier deploys of the plan that are pending too.
        since: When the last migration of the deploy before was applied; None for the first, or if it is not.
        answers: What the checks of the deploy before say.
        untold: Checks that no query answers, in words.
    """

    plan: str
    number: int
    migrations: tuple[tuple[str, str], ...]
    together: tuple[tuple[str, str], ...] = ()
    since: datetime | None = None
    answers: tuple[Answer, ...] = ()
    untold: tuple[str, ...] = ()


# What somebody answers for


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that somebody answers for.

    Attributes:
        code: Of its rule.
        migration: ``app.name`` that it is about; None for findings about the server as a whole.
        by: Who; None for ``--allow``.
        until: The last day on which it counts; None if it has no end.
        source: ``--allow``, or the file.
    """

    code: str
    migration: str | None
    reason: str
    by: str | None = None
    until: date | None = None
    source: str = "--allow"


class Considered(msgspec.Struct, frozen=True, kw_only=True):
    """An approval, and what has become of it: of ``expired`` and ``unused`` ones nothing has."""

    approval: Approval
    status: Literal["used", "expired", "unused"]


class GateReport(Report, frozen=True, kw_only=True):
    """What ``migsafe gate`` says: go if `exit_code` is 0.

    ``migrations`` are the pending ones, in the order in which ``migrate`` would apply them; what is approved is in
    ``suppressed``.

    Attributes:
        database: Alias of the database.
        status: The server when it was looked at last.
        pending: What ``migrations`` do there.
        deploys: Of kept plans.
        approvals: All that there are.
        waited: Seconds that ``--wait`` has waited.
    """

    database: str
    status: ServerStatus
    pending: tuple[PendingMigration, ...] = ()
    deploys: tuple[KeptDeploy, ...] = ()
    approvals: tuple[Considered, ...] = ()
    waited: float = 0.0

    @property
    def go(self) -> bool:
        """Whether ``migrate`` may run now."""
        return self.exit_code == 0
