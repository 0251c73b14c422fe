"""The nouns of ``migsafe plan``: a dangerous change as several deploys. Frozen values, as in `migsafe.model`.

Their JSON encoding is what is kept in ``migsafe-plans/``, so that later deploys and the gate can go on from it.
"""

from difflib import unified_diff
from typing import Literal

import msgspec

from migsafe.model import Finding, LockMode, Report, Severity, Statement
from migsafe.verification import Executed

Key = tuple[str, str]
"""App label and name of a migration."""

Kind = Literal["expand", "backfill", "contract"]
"""What a deploy is for: to let old and new code work, to fill rows, to take away what only old code needs."""


class WriteMigration(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag="migration"):
    """A migration file that is written and applied.

    Attributes:
        app: Label of its app.
        name: Its name, without ``.py``.
        path: Its file, relative to where the plan was made.
        source: The whole file.
        atomic: Whether it runs in one transaction.
        statements: Its SQL in the order in which the server gets it, with the predicted effects.
        opaque: What of it runs Python code (``RunPython``), in words.
        effect: What it does to a server in use, where its SQL does not tell: ``batches of 1,000, no lock beyond rows``.
        why: What it does and why it is a migration of its own, in a sentence.
        codes: Of the findings that it is there for.
        undo: What unapplying it does.
        original: Whether the operations in it are as the author wrote them.
        target: The one of `Plan.targets` that its operations come from.
        makes: Tables that it makes, as in `Effect`: nobody uses them yet.
    """

    app: str
    name: str
    path: str
    source: str
    why: str
    undo: str
    atomic: bool = True
    statements: tuple[Statement, ...] = ()
    opaque: tuple[str, ...] = ()
    effect: str = ""
    codes: tuple[str, ...] = ()
    original: bool = False
    target: str = ""
    makes: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        return self.app, self.name


class ChangeCode(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag="code"):
    """A change of code that is released with the deploy.

    Attributes:
        path: The file, relative to where the plan was made; None if it is not known (a field of a third-party base).
        line: Where the definition begins, 1-based.
        name: What is defined there: ``Order.tracking_number``; empty for what has no single place.
        before: The definition as it is before this deploy; empty if there is none.
        after: As it has to be with this deploy; empty if it goes.
        diff: The same as a unified diff of the file, which ``--write`` applies wherever in it the lines are.
        must: What the code of this release has to do, in a sentence; empty if nothing but the definition changes.
        must_not: What it must not do yet, or any more.
        codes: Of the findings that it is there for.
        by_hand: Whether ``--write`` leaves it to people.
        undo: What going back to the release before means for it.
    """

    path: str | None = None
    line: int | None = None
    name: str = ""
    before: str = ""
    after: str = ""
    diff: str = ""
    must: str = ""
    must_not: str = ""
    codes: tuple[str, ...] = ()
    by_hand: bool = False
    undo: str = ""


class Run(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag="run"):
    """A command that somebody runs."""

    command: str
    why: str
    codes: tuple[str, ...] = ()
    undo: str = ""


class Check(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag="check"):
    """What has to be so before the next deploy begins.

    Attributes:
        what: In words: ``every process runs the new release``.
        sql: One query that tells, or None.
        command: A command that tells, or None.
        expected: What the query gives, or the command prints: ``0``.
    """

    what: str
    sql: str | None = None
    command: str | None = None
    expected: str | None = None
    codes: tuple[str, ...] = ()


class Wait(msgspec.Struct, frozen=True, kw_only=True, tag_field="step", tag="wait"):
    """Time that has to pass, or something that has to happen by itself."""

    what: str
    why: str
    codes: tuple[str, ...] = ()


Step = WriteMigration | ChangeCode | Run | Check | Wait


class Deploy(msgspec.Struct, frozen=True, kw_only=True):
    """What goes to production together: first the migrations, then, process by process, the code.

    Attributes:
        number: 1-based.
        kinds: What it is for, in the order of `Kind`.
        steps: In order.
        undo: How to go back to the release before.
    """

    number: int
    kinds: tuple[Kind, ...]
    steps: tuple[Step, ...]
    undo: str = ""

    @property
    def migrations(self) -> tuple[WriteMigration, ...]:
        return tuple(step for step in self.steps if isinstance(step, WriteMigration))

    @property
    def checks(self) -> tuple[Check, ...]:
        return tuple(step for step in self.steps if isinstance(step, Check))


class Unsolved(msgspec.Struct, frozen=True, kw_only=True):
    """What has no safe way, or none that migsafe knows.

    Attributes:
        migration: The original: ``app.name``.
        operation: Index of the operation in it; None for the migration as a whole.
        description: The operation in Django's words.
        why: Why there is none.
        instead: The least bad way, in Markdown.
    """

    migration: str
    operation: int | None
    description: str
    why: str
    instead: str
    codes: tuple[str, ...] = ()


class Strategy(msgspec.Struct, frozen=True, kw_only=True):
    """One of several ways to do the same.

    Attributes:
        name: As ``--strategy`` takes it.
        trade_off: What it costs and what it gives, in a sentence.
        chosen: Whether the plan goes this way.
    """

    name: str
    recipe: str
    trade_off: str
    chosen: bool


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How large a table is in production, as far as the configuration says it; ``bytes`` is without indexes."""

    rows: int | None = None
    bytes: int | None = None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A change as deploys.

    Attributes:
        version: Of this format.
        targets: The migrations that it replaces: ``app.name``.
        originals: Their files, path → text, as they were: what the end is compared with.
        deploys: In order; one alone if the change is safe as it is.
        unsolved: Operations without a safe way; they are in the deploys as they were.
        strategies: Where there were several.
        postgres: Major version that it is made for.
        django: Version that it is made for.
        notes: What else should be known, in sentences.
        sizes: Of the tables that its statements are about.
        keeps: `Way.keeps` of all its ways.
    """

    targets: tuple[str, ...]
    deploys: tuple[Deploy, ...]
    originals: dict[str, str] = {}
    unsolved: tuple[Unsolved, ...] = ()
    strategies: tuple[Strategy, ...] = ()
    postgres: int
    django: str
    notes: tuple[str, ...] = ()
    sizes: dict[str, Size] = {}
    keeps: dict[str, str] = {}
    version: int = 1

    @property
    def is_safe(self) -> bool:
        """Whether the migrations may stay as they are."""
        written = [step for deploy in self.deploys for step in deploy.migrations]
        same = {".".join(step.key) for step in written} == set(self.targets) and all(step.original for step in written)
        return same and len(self.deploys) == 1 and not self.unsolved

    @property
    def name(self) -> str:
        """As its file is called: ``orders_0042``."""
        app, _, name = self.targets[0].partition(".")
        number = name.partition("_")[0]
        return f"{app}_{number if number.isdigit() else name}"


# What is written


class FileChange(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a file.

    Attributes:
        path: Relative to the project's root if it lies below, else absolute.
        before: Its text; None if it is new.
        after: None if it goes.
    """

    path: str
    before: str | None
    after: str | None

    @property
    def diff(self) -> str:
        """As a unified diff."""
        old, new = ((text or "").splitlines(keepends=True) for text in (self.before, self.after))
        source = "/dev/null" if self.before is None else f"a/{self.path}"
        target = "/dev/null" if self.after is None else f"b/{self.path}"
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in unified_diff(old, new, source, target)
        )


class Writing(msgspec.Struct, frozen=True, kw_only=True):
    """What writing a deploy of a plan does to files.

    Attributes:
        deploy: Its number.
        plan: As it is kept: names may not be those that it was made with.
        kept: Where: path as in `changes`.
        changes: In the order of the deploy's steps; the kept plan last.
        left: Changes of code that are left to people.
    """

    deploy: int
    plan: Plan
    kept: str
    changes: tuple[FileChange, ...]
    left: tuple[ChangeCode, ...] = ()

    @property
    def diff(self) -> str:
        """All as a unified diff."""
        return "".join(change.diff for change in self.changes)


# The proof

TOLERABLE = 0.5
"""Seconds for which code may wait for a lock of a plan: a machine that is busy is slow without any."""


class Stalled(msgspec.Struct, frozen=True, kw_only=True):
    """The longest that code of a release had to wait.

    Attributes:
        release: ``before``, ``deploy 1``, …: whose code.
        seconds: What the longest of its queries took.
        queries: How many there were.
        lock: What it waited for at the longest, or None.
        sql: The statement of the migration that took it, if known.
    """

    table: str
    kind: Literal["reads", "writes"]
    release: str
    queries: int
    seconds: float
    lock: LockMode | None = None
    sql: str | None = None


class CodeError(msgspec.Struct, frozen=True, kw_only=True):
    """Something that code of a release was refused.

    Attributes:
        count: How often.
    """

    release: str
    model: str
    action: str
    error: str
    count: int
    sql: str | None = None


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the proof: a migration under traffic, or a boundary at which both releases run.

    Attributes:
        name: ``orders.0042_…``, ``rollout of deploy 1``, ``unapply orders.0042_…``.
        deploy: Its number; 0 for the original.
        seconds: How long it took.
        statements: What was executed, with the observed locks.
        longest_read: Seconds that the longest query that reads took meanwhile; None where no migration ran.
        longest_write: The same for what writes.
        stalls: By table, kind and release.
        errors: What code was refused.
        failure: Why the migration failed, or None.
        interrupted: How often it was killed and run again.
    """

    name: str
    deploy: int
    seconds: float
    statements: tuple[Executed, ...] = ()
    longest_read: float | None = None
    longest_write: float | None = None
    stalls: tuple[Stalled, ...] = ()
    errors: tuple[CodeError, ...] = ()
    failure: str | None = None
    interrupted: int = 0


class WrongRows(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that are not what the original migration would have made of them, or what code has written last.

    Attributes:
        examples: A few, as text.
    """

    table: str
    column: str
    count: int
    examples: tuple[str, ...] = ()


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a plan on a real server.

    Attributes:
        server: Version of the server.
        rows: How many the main table had.
        phases: Of the plan, in order.
        original: The same for the migrations as they were written, in one deploy.
        wrong_rows: At the end; none if all is well.
        rows_compared: How many rows were compared.
        finished: Whether the plan was carried out to its end: else nothing is known of rows, schema and the way back.
        schema: How the schema at the end differs from what the originals make, in words.
        not_reversible: Deploys that could not be taken back to the one before, each with the reason.
        unproven: What could not be tried, each with the reason.
    """

    server: str
    rows: int
    phases: tuple[Phase, ...]
    original: tuple[Phase, ...] = ()
    wrong_rows: tuple[WrongRows, ...] = ()
    rows_compared: int = 0
    finished: bool = False
    schema: tuple[str, ...] = ()
    not_reversible: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()

    @property
    def stalled(self) -> tuple[Stalled, ...]:
        """Where code had to wait too long for a lock that the plan has taken."""
        stalls = (one for phase in self.phases for one in phase.stalls)
        return tuple(one for one in stalls if one.lock is not None and one.seconds > TOLERABLE)

    @property
    def holds(self) -> bool:
        """Whether the plan did what it promises."""
        failed = any(phase.errors or phase.failure for phase in self.phases)
        return self.finished and not (failed or self.stalled or self.wrong_rows or self.schema or self.not_reversible)


class PlanReport(Report, frozen=True, kw_only=True):
    """What ``migsafe plan`` reports: ``migrations`` and ``findings`` are of the originals.

    Attributes:
        proof: With ``--verify``.
        remaining: What lint finds in the planned migrations.
    """

    plan: Plan
    remaining: tuple[Finding, ...] = ()
    proof: Proof | None = None

    @property
    def exit_code(self) -> int:
        """1 if something has no safe way, or the proof fails."""
        dangerous = any(finding.severity is not Severity.INFO for finding in self.remaining)
        refuted = self.proof is not None and not self.proof.holds
        return int(bool(self.plan.unsolved) or dangerous or refuted)
