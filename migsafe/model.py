"""The nouns of a report. Their JSON encoding (``msgspec.json``) is migsafe's JSON contract.

Imports nothing of migsafe. All values are frozen; what may be unknown is ``None`` with a reason beside it.
"""

import enum
import hashlib
import posixpath
from functools import total_ordering
from typing import Literal

import msgspec


@total_ordering
class LockMode(enum.Enum):
    """The eight table-level lock modes of PostgreSQL, weakest first.

    Source: PostgreSQL manual, 13.3.1 Table-Level Locks.
    """

    ACCESS_SHARE = "ACCESS SHARE"
    ROW_SHARE = "ROW SHARE"
    ROW_EXCLUSIVE = "ROW EXCLUSIVE"
    SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE"
    SHARE = "SHARE"
    SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
    EXCLUSIVE = "EXCLUSIVE"
    ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"

    def __init__(self, _value: str) -> None:
        self.strength = len(type(self).__members__) + 1
        """1 (ACCESS SHARE) to 8 (ACCESS EXCLUSIVE), the order of PostgreSQL's lockdefs.h."""

    __hash__ = object.__hash__  # each mode is there once, and they are keys of hot tables

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, LockMode):
            return NotImplemented
        return self.strength < other.strength


Blocked = Literal["reads", "writes", "ddl"]
"""What other sessions cannot do while a lock is held: SELECT; INSERT/UPDATE/DELETE; schema changes."""


class Severity(enum.StrEnum):
    """How bad a finding is. ``error``: expect an outage or failing code on a busy table."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


FailOn = Literal["error", "warning", "info", "never"]
"""Least severity that makes the exit code 1."""


class Axis(enum.StrEnum):
    """Which question a finding answers; never mixed (docs/architecture.md)."""

    LOCKS = "locks"
    COMPATIBILITY = "compatibility"
    REVERSIBILITY = "reversibility"
    DATA = "data"
    HISTORY = "history"
    ANALYSIS = "analysis"


class Effect(msgspec.Struct, frozen=True):
    """What one statement does to one relation that existed before it.

    Attributes:
        relation: Table, partition, materialized view or index; ``schema.name`` unless on the search path.
        lock: The strongest lock taken on it.
        rewrites: Whether its whole storage is written anew.
        scans: Whether all of its rows are read while the lock is held.
        blocks: What other sessions cannot do meanwhile.
    """

    relation: str
    lock: LockMode
    rewrites: bool
    scans: bool
    blocks: tuple[Blocked, ...]


class Held(msgspec.Struct, frozen=True):
    """A lock that an earlier statement of the transaction took: it lasts until the transaction ends.

    Attributes:
        relation: As in `Effect`.
        lock: The strongest lock held on it.
        blocks: What other sessions cannot do as long as it is held.
    """

    relation: str
    lock: LockMode
    blocks: tuple[Blocked, ...]


class Statement(msgspec.Struct, frozen=True):
    """One SQL statement as the server gets it.

    Attributes:
        sql: The text, parameters merged in, without a trailing semicolon.
        line: 1-based line in the text that it was part of: a file, or what one call executed; None if there is none.
        analysed: False when its effects are not known.
        reason: Why it could not be analysed; None when it was.
        fails: Why the server would refuse it; None when it would not.
        effects: Strongest effect per relation.
        held: The worst of the locks that stop reads or writes and that its transaction holds before it runs, where
            that matters: it scans, rewrites, changes data, stops the traffic of one more relation, or is not analysed.
        held_more: How many more there are.
    """

    sql: str
    line: int | None
    analysed: bool
    reason: str | None
    fails: str | None
    effects: tuple[Effect, ...]
    held: tuple[Held, ...] = ()
    held_more: int = 0


class Operation(msgspec.Struct, frozen=True):
    """One operation of a migration.

    Attributes:
        index: 0-based position in ``Migration.operations``.
        kind: Class name (``AddField``).
        description: Django's own ``describe()``.
        line: 1-based line in the migration file, None when it is not written there literally.
        reversible: Whether Django can unapply it.
        opaque: Why its effect on data is not known (``RunPython``: Python code that migsafe does not run), or None.
        statements: Forward SQL, deferred statements last (they run at the end of the migration).
        backward: SQL that unapplies it; empty when it is not reversible.
        atomic: Whether it runs in a transaction (``Migration.atomic``, ``Operation.atomic``).
        source: The Python code that a RunPython runs, None when there is none or it cannot be had.
    """

    index: int
    kind: str
    description: str
    line: int | None
    reversible: bool
    opaque: str | None
    statements: tuple[Statement, ...]
    backward: tuple[Statement, ...] = ()
    atomic: bool = True
    source: str | None = None


class Migration(msgspec.Struct, frozen=True):
    """One migration, in the order in which ``migrate`` would apply it.

    Attributes:
        path: The file, relative to the working directory where possible.
        atomic: ``Migration.atomic``: whether everything runs in one transaction.
        made: Tables, as in `Effect`, that it or an earlier migration of the same change makes: running code does not
            know them, so that nobody waits for their locks.
    """

    app: str
    name: str
    path: str
    atomic: bool
    operations: tuple[Operation, ...]
    made: tuple[str, ...] = ()


class Estimate(msgspec.Struct, frozen=True):
    """How long a statement takes, worked out from the sizes of tables.

    Attributes:
        seconds: On a modest server (`migsafe.postgres.throughput`).
        words: ``about 3 min (estimate: 40 GB read at 200 MB/s)``.
    """

    seconds: float
    words: str


class Evidence(msgspec.Struct, frozen=True):
    """Something that was seen, on a server or beside an earlier version, and that a finding rests on.

    Attributes:
        label: What it is, in a word or two: ``sql``, ``error``, ``lost``.
        text: One thing a line.
        kind: Whether it is prose, SQL, or a unified diff.
    """

    label: str
    text: str
    kind: Literal["prose", "sql", "diff"] = "prose"


class Finding(msgspec.Struct, frozen=True):
    """One hazard at one place.

    Attributes:
        code: ``MS201``; never reused.
        name: The rule's name, as in ``migsafe/rules/``.
        message: What happens, with the user's own names in it; one sentence, with the words of the estimate.
        why: Who waits or what fails, in plain words.
        fix: What to do instead: Markdown, with code in the user's names in fences.
        operation: Index of the operation in its migration; None for the migration as a whole.
        statement: Index in ``Operation.statements`` of the statement it is about; None for the operation as a whole.
        relation: The table it is about, or None.
        effects: What is locked while that statement runs, by it or by what ran before it in the transaction.
        fingerprint: Stable over line changes: what baselines and code scanning match on.
        docs: Address of the page about the rule; None if a plug-in's rule has none.
        estimate: How long that lasts; None if it is but a moment, or the size of a table is not known.
        evidence: What it rests on: what was seen on a server, or what has changed.
    """

    code: str
    name: str
    severity: Severity
    axis: Axis
    message: str
    why: str
    fix: str
    app: str | None
    migration: str | None
    operation: int | None
    statement: int | None
    path: str | None
    line: int | None
    relation: str | None
    effects: tuple[Effect, ...]
    fingerprint: str
    docs: str | None = None
    estimate: Estimate | None = None
    evidence: tuple[Evidence, ...] = ()


def fingerprint(*parts: str | None) -> str:
    """Hash the parts that identify a finding (no lines, no versions) to 16 hexadecimal digits."""
    return hashlib.sha256("\x1f".join(part or "" for part in parts).encode(errors="backslashreplace")).hexdigest()[:16]


def numbered(value: str, number: int) -> str:
    """The fingerprint of the second, third, … finding in a migration that has the same one."""
    return value if number == 1 else fingerprint(value, str(number))


class Unanalysed(msgspec.Struct, frozen=True):
    """Something that migsafe could not look into: never silence, never a guess.

    Attributes:
        kind: ``opaque`` (Python code that is not run), ``replay`` (Django could not produce the SQL offline) or
            ``sql`` (a statement that was not understood).
        reason: Why, in one sentence.
        statement: Index in ``Operation.statements`` of that statement, None for the operation as a whole.
    """

    app: str
    migration: str
    operation: int | None
    path: str
    line: int | None
    kind: Literal["opaque", "replay", "sql"]
    reason: str
    statement: int | None = None


class Suppressed(msgspec.Struct, frozen=True):
    """A finding that the team has accepted.

    Attributes:
        reason: The team's; for the baseline, that it is in there.
        by: ``comment`` in the migration or its SQL, ``config`` (``per-migration-ignores``), ``baseline``, ``ledger``
            (``migsafe accept``), or ``approval`` (``migsafe gate``).
    """

    finding: Finding
    reason: str
    by: Literal["comment", "config", "baseline", "ledger", "approval"] = "comment"


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as the configuration leaves it.

    Attributes:
        severity: The one that counts: from the configuration, or else the rule's own.
        default_severity: The rule's own; single findings may be less severe.
        summary: What it catches, on one line.
        catches: The section "What it catches", in Markdown.
        why: "Why it hurts".
        instead: "Do this instead".
        docs: Address of its page; None if a plug-in's rule has none.
        suppressable: Whether comments, ``per-migration-ignores`` and baselines can accept its findings.
    """

    code: str
    name: str
    severity: Severity
    default_severity: Severity
    axis: Axis
    summary: str
    catches: str
    why: str
    instead: str
    docs: str | None
    suppressable: bool = True


class Skipped(msgspec.Struct, frozen=True):
    """How many migrations of the apps that were looked at were left out.

    Attributes:
        initial: Because they are initial ones.
        start_after: Because they are old history.
        rewritten: Because they are only written otherwise since the ref that the run compares with.
    """

    initial: int = 0
    start_after: int = 0
    rewritten: int = 0


class Summary(msgspec.Struct, frozen=True):
    """Number of findings by severity."""

    error: int = 0
    warning: int = 0
    info: int = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that ``migsafe lint`` found; ``msgspec.json.encode`` of it is the JSON format.

    Attributes:
        version: Of the JSON contract; only raised when something is removed or changes its meaning.
        migsafe: migsafe's version.
        django: Django's version.
        postgres: Major version of the target server.
        folder: The working directory, that paths are relative to, as seen from the root of its repository:
            ``backend/``; empty for the root itself, or where there is no repository.
        fail_on: Least severity that makes the exit code 1.
        rules: Those that findings are of, suppressed ones too.
    """

    version: int = 1
    migsafe: str
    django: str
    postgres: int
    migrations: tuple[Migration, ...]
    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...] = ()
    unanalysed: tuple[Unanalysed, ...] = ()
    skipped: Skipped = Skipped()
    summary: Summary
    folder: str = ""
    fail_on: FailOn = "error"
    rules: tuple[Described, ...] = ()

    def from_root(self, path: str | None) -> str:
        """A path as seen from the root of the repository; ``.`` for None."""
        return posixpath.normpath(posixpath.join(self.folder, path or ""))

    def fails(self, finding: Finding) -> bool:
        """Whether a finding makes the exit code 1."""
        order = [*Severity, "never"]
        return self.fail_on != "never" and order.index(finding.severity) <= order.index(self.fail_on)

    @property
    def exit_code(self) -> int:
        return int(any(map(self.fails, self.findings)))


class SqlResult(msgspec.Struct, frozen=True):
    """What plain SQL would do on one major version."""

    postgres: int
    statements: tuple[Statement, ...]
    findings: tuple[Finding, ...] = ()


class SqlReport(msgspec.Struct, frozen=True, kw_only=True):
    """What ``migsafe sql`` says; ``msgspec.json.encode`` of it is the JSON format.

    Attributes:
        version: Of the JSON contract; only raised when something is removed or changes its meaning.
        results: By version, oldest first; each has the same statements.
    """

    version: int = 1
    results: tuple[SqlResult, ...]
