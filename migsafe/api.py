"""What migsafe can do, as functions: the only place where the stages are put together."""

import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

import migsafe
from migsafe.actions import Parsed, Unknown
from migsafe.config import Config, find_approvals, folders_upward, read_tables
from migsafe.model import (
    Finding,
    Migration,
    Operation,
    Report,
    Severity,
    Skipped,
    SqlReport,
    SqlResult,
    Statement,
    Summary,
    Unanalysed,
)

if TYPE_CHECKING:
    from migsafe.applied import HistoryReport, Past
    from migsafe.gate.deploys import Ask
    from migsafe.history.accepting import Accepted
    from migsafe.history.examination import Examination
    from migsafe.history.recording import Recording
    from migsafe.model import Described, Suppressed
    from migsafe.muting import Muted
    from migsafe.planning import Plan, PlanReport, Proof, Writing
    from migsafe.predeploy import Approval, GateReport, ServerStatus
    from migsafe.project.applied import Recorded
    from migsafe.project.graph import History, Key
    from migsafe.project.load import Project
    from migsafe.project.operations import Database, ReplayedMigration
    from migsafe.project.replay import Point
    from migsafe.project.stats import Stats
    from migsafe.project.suppressions import Suppression
    from migsafe.rules import Change, Checked, Pending, Rule
    from migsafe.sandbox.server import Server
    from migsafe.sql.catalog import Catalog
    from migsafe.verification import VerifyReport

LONGEST = 5.0
"""Seconds from which on a transaction or a query is long, at the gate."""

PATIENCE = 60.0
"""Seconds that a check of a kept plan may take."""

INTERVAL = 2.0
"""Seconds between two looks at a server."""

Progress = Callable[["Iterator[ReplayedMigration]", int], "Iterable[ReplayedMigration]"]
"""Something that watches a number of migrations go by."""

ProofProgress = Callable[[str], None]
"""Told which phase of a proof begins."""

VerifyProgress = Callable[[int, int, "Key", str], None]
"""Told how many migrations are verified, of how many, which one it is at, and what is done with that."""


def lint(
    start: Path,
    config: Config,
    targets: Sequence[str] = (),
    *,
    backward: bool = False,
    progress: Progress = lambda migrations, _: migrations,
) -> Report:
    """Say what migrations would do to a production PostgreSQL, without a database.

    Args:
        start: A file or folder of the Django project.
        targets: Apps and migrations, as `migsafe.project.choose.choose` takes them.
        backward: Whether the report carries the SQL that unapplies migrations too.
        progress: Wraps the walk over the chosen migrations.

    Raises:
        MigsafeError: The project cannot be loaded, or a target or rule does not exist.
    """
    from migsafe.project.load import load
    from migsafe.rules import choose_rules

    rules = choose_rules(config)
    project = load(start, settings=config.settings, env=config.env, database=config.database)
    return lint_project(project, config, targets, rules=rules, past=True, backward=backward, progress=progress)


def lint_project(
    project: "Project",
    config: Config,
    targets: Sequence[str] = (),
    *,
    rules: "Sequence[Rule]",
    changed: "Collection[Key] | None" = None,
    together: bool = False,
    past: bool = False,
    history: "History | None" = None,
    deploys: "Mapping[Key, int] | None" = None,
    start: "Point | None" = None,
    database: "Database | None" = None,
    below: Path | None = None,
    backward: bool = False,
    progress: Progress = lambda migrations, _: migrations,
) -> Report:
    """Do what `lint` does for a project that is loaded.

    Args:
        rules: Instead of those that the configuration selects.
        changed: Look at no other migrations than these.
        together: Whether they are deployed together though there is no ``config.since``.
        past: Whether to look at the graph as a whole too, and at what is applied, if a rule does.
        history: The project's migrations, if they are not those of its files.
        start: Where to begin with the replay, before all that is looked at.
        database: What is known of it, if it is not what the settings tell.
        deploys: Which migrations are deployed together, if not all are; in the order of the history.
        below: Paths are shown relative to this folder; None for the working directory.
    """
    from migsafe.history.examination import Examination
    from migsafe.project.choose import choose, named_in
    from migsafe.project.graph import History
    from migsafe.project.replay import Replay
    from migsafe.rules import Checker, Sizes

    folder = below or Path.cwd()
    history = history or History(project)
    muting = _Muting(config, rules, {rule.code for rule in rules if not rule.verifies}, history, folder)
    postgres = config.postgres or oldest_supported(project)
    named = named_in(config, history)
    chosen = choose(history, config, named, targets)
    wanted = chosen.keys if changed is None else chosen.keys.intersection(changed)
    together = together or config.since is not None
    checker = Checker(
        rules,
        postgres=postgres,
        django=_release(project),
        database=database or project.described,
        sizes=Sizes(read_tables(config), unapplied=together),
    )
    examination = (
        Examination(history, config, chosen, rules, postgres, shown=partial(_shown, below=folder))
        if past and _needs_past(config, rules)
        else None
    )
    # A pull request that lays out files anew does nothing to a server.
    same = examination.inquiry.rewritten & wanted if examination and _is_of_change(config) else frozenset()
    wanted -= same
    walked = wanted | (examination.wanted if examination else frozenset())
    changes = _Changes(together=together, deploys=deploys)
    migrations: list[Migration] = []
    findings: list[Finding] = []
    pending: list[Pending] = []
    unanalysed: list[Unanalysed] = []
    comments: dict[Key, tuple[Suppression, ...]] = {}
    replay = Replay(project, history, postgres, backward=backward, wanted=walked, start=start)
    for replayed in progress(iter(replay), len(walked)):
        if examination:
            examination.see(replayed)
        if (replayed.app, replayed.name) not in wanted:
            continue
        path = _shown(replayed.path, folder)
        change = changes.to(replayed)
        checked = checker.check(replayed, change, path)
        migration = _migration(replayed, checked, path, postgres, change)
        migrations.append(migration)
        findings += checked.findings
        pending += checked.pending
        unanalysed += _unanalysed(replayed, migration)
        comments[replayed.app, replayed.name] = replayed.suppressions
    if pending:
        findings += checker.at_end(pending, replay.end)
        places = {f"{one.app}.{one.name}": number for number, one in enumerate(migrations)}
        findings.sort(key=lambda one: places[f"{one.app}.{one.migration}"])
    found = list(checker.judged(findings))
    if examination:
        known = examination.past()
        muted = muting.with_history(examination, known, found, migrations, comments, named.ignores)
    else:
        muted = muting.muted(found, migrations, comments, named.ignores)
    return Report(
        migsafe=migsafe.__version__,
        django=project.django,
        postgres=postgres,
        migrations=tuple(migrations),
        findings=muted.findings,
        suppressed=muted.suppressed,
        unanalysed=tuple(unanalysed),
        skipped=replace(chosen.skipped, rewritten=len(same)),
        summary=_summary(muted),
        folder=_folder(folder),
        fail_on=config.fail_on,
        rules=muting.described(muted),
    )


class _Changes:
    """What each migration is deployed together with.

    Args:
        together: Whether all migrations are, as far as ``deploys`` does not tell them apart.
    """

    def __init__(self, *, together: bool, deploys: "Mapping[Key, int] | None") -> None:
        from migsafe.rules import Change

        self._deploys = deploys or {}
        self._together = together
        self._deploy: int | None = None
        self._none = self._change = Change(several=together)

    def to(self, migration: "ReplayedMigration") -> "Change":
        """The change that a migration belongs to, as far as it is known by now."""
        deploy = self._deploys.get((migration.app, migration.name))
        begins = not self._together or deploy != self._deploy
        self._deploy = deploy
        self._change = (self._none if begins else self._change).with_migration(migration)
        return self._change


def make_migrations(start: Path, config: Config, arguments: Sequence[str], *, backward: bool = False) -> Report:
    """Run ``makemigrations``, and do what `lint` does for what it has written.

    Args:
        start: A file or folder of the Django project.
        arguments: As after ``manage.py makemigrations``.
        backward: Whether the report carries the SQL that unapplies migrations too.

    Raises:
        MigsafeError: The project cannot be loaded, or ``makemigrations`` fails.
        SystemExit: ``makemigrations`` ends with a code of its own.
    """
    from migsafe.project.load import load
    from migsafe.project.makemigrations import make_migrations
    from migsafe.rules import choose_rules

    rules = choose_rules(config)
    project = load(start, settings=config.settings, env=config.env, database=config.database)
    history, made = make_migrations(project, arguments)
    report = lint_project(
        project,
        replace(config, since=None),
        [".".join(key) for key in history.order if key in made],
        rules=rules,
        changed=made,
        together=True,
        history=history,
        backward=backward,
    )
    return replace(report, skipped=Skipped())


def history(start: Path, config: Config, targets: Sequence[str] = (), *, connect: bool = False) -> "HistoryReport":
    """Say what is applied where, and whether it still is what was applied.

    Args:
        start: A file or folder of the Django project.
        targets: Apps and migrations, as `migsafe.project.choose.choose` takes them.
        connect: Whether to ask the project's database what it has recorded.

    Raises:
        MigsafeError: The project cannot be loaded, a target or rule does not exist, or a source cannot be asked.
    """
    from migsafe.project.applied import read_applied
    from migsafe.project.load import load
    from migsafe.rules import choose_rules

    rules = choose_rules(config)
    project = load(start, settings=config.settings, env=config.env, database=config.database)
    recorded = read_applied(project) if connect else None
    return history_of(project, config, targets, rules=rules, recorded=recorded)


def history_of(
    project: "Project",
    config: Config,
    targets: Sequence[str] = (),
    *,
    rules: "Sequence[Rule]",
    recorded: "Sequence[Recorded] | None" = None,
) -> "HistoryReport":
    """Do what `history` does for a project that is loaded.

    Args:
        rules: Instead of those that the configuration selects.
        recorded: What its database has recorded; None if that was not asked.
    """
    from migsafe.applied import HistoryReport
    from migsafe.history.examination import Examination
    from migsafe.project.choose import choose, named_in
    from migsafe.project.graph import History
    from migsafe.project.replay import Replay

    graph = History(project)
    named = named_in(config, graph)
    chosen = choose(graph, config, named, targets)
    postgres = config.postgres or oldest_supported(project)
    folder = Path.cwd()
    examination = Examination(
        graph, config, chosen, rules, postgres, recorded=recorded, thorough=True, shown=partial(_shown, below=folder)
    )
    muting = _Muting(config, rules, examination.codes, graph, folder)
    for replayed in Replay(project, graph, postgres, wanted=examination.wanted):
        examination.see(replayed)
    past = examination.past()
    muted = muting.with_history(examination, past, (), (), {}, named.ignores)
    return HistoryReport(
        migsafe=migsafe.__version__,
        django=project.django,
        postgres=postgres,
        migrations=(),
        findings=muted.findings,
        suppressed=muted.suppressed,
        summary=_summary(muted),
        folder=_folder(folder),
        fail_on=config.fail_on,
        rules=muting.described(muted),
        ref=past.ref,
        ledger=past.ledger,
        database=past.database,
        rows=examination.rows(past),
        unread=past.unread,
    )


def verify(
    start: Path,
    config: Config,
    targets: Sequence[str] = (),
    *,
    traffic: bool = False,
    keep: "Callable[[VerifyReport, str], None] | None" = None,
    progress: "VerifyProgress" = lambda done, total, key, phase: None,
) -> "VerifyReport":
    """Say what migrations do on a throwaway PostgreSQL, and whether they can be undone.

    Args:
        start: A file or folder of the Django project.
        targets: Apps and migrations, as `migsafe.project.choose.choose` takes them.
        traffic: Whether other sessions use the tables while migrations run.
        keep: Called at the end with the report and the connection string of the migrated database: all is gone when it
            returns.

    Raises:
        MigsafeError: The project cannot be loaded, a target or rule does not exist, or no server could be had.
    """
    from migsafe.project.load import load
    from migsafe.rules import choose_rules

    rules = choose_rules(config)
    project = load(start, settings=config.settings, env=config.env, database=config.database)
    return verify_project(project, config, targets, rules=rules, traffic=traffic, keep=keep, progress=progress)


def verify_project(
    project: "Project",
    config: Config,
    targets: Sequence[str] = (),
    *,
    rules: "Sequence[Rule]",
    changed: "Collection[Key] | None" = None,
    server: "Server | None" = None,
    below: Path | None = None,
    traffic: bool = False,
    keep: "Callable[[VerifyReport, str], None] | None" = None,
    progress: "VerifyProgress" = lambda done, total, key, phase: None,
) -> "VerifyReport":
    """Do what `verify` does for a project that is loaded.

    Args:
        rules: Instead of those that the configuration selects.
        changed: Look at no other migrations than these.
        server: A throwaway one, instead of one that is started for this.
        below: Paths are shown relative to this folder; None for the working directory.
    """
    from migsafe.project.choose import choose, named_in
    from migsafe.project.execute import Executor
    from migsafe.project.graph import History
    from migsafe.project.guard import Limits
    from migsafe.rules import Change, Checker, stale_baseline_entry, unused_suppression, verified
    from migsafe.verification import Verification, VerifyReport
    from migsafe.verify import Options, Walk

    # What is wrong with other suppressions is lint's to say.
    own = (unused_suppression.rule, stale_baseline_entry.rule)
    folder = below or Path.cwd()
    history = History(project)
    muting = _Muting(config, rules, {rule.code for rule in rules if rule.verifies or rule in own}, history, folder)
    named = named_in(config, history)
    chosen = choose(history, config, named, targets)
    wanted = chosen.keys if changed is None else chosen.keys.intersection(changed)
    limits = Limits(statement=config.statement_timeout, bytes=config.size_limit)
    migrations: list[Migration] = []
    verifications: list[Verification] = []
    findings: list[Finding] = []
    comments: dict[Key, tuple[Suppression, ...]] = {}
    with ExitStack() as stack:
        server = stack.enter_context(_sandbox(project, config, server))
        executor = stack.enter_context(Executor(project, history, postgres=server.version, limits=limits))
        walk = stack.enter_context(
            Walk(
                history,
                executor,
                server,
                wanted,
                Options(rows=config.rows, traffic=traffic),
                lambda key, phase: progress(len(verifications), len(wanted), key, phase),
            )
        )
        checker = Checker((), postgres=server.version, django=_release(project))
        for verification, replayed in walk:
            path = _shown(verification.path, folder)
            verification = replace(verification, path=path)
            migration = Migration(verification.app, verification.migration, path, atomic=True, operations=())
            if replayed is not None:
                change = Change().with_migration(replayed)
                checked = checker.check(replayed, Change(), path)
                migration = _migration(replayed, checked, path, server.version, change)
                comments[replayed.app, replayed.name] = replayed.suppressions
            migrations.append(migration)
            verifications.append(verification)
            comments_of, stage = (replayed.suppressions, replayed.stage) if replayed else ((), None)
            findings += verified(verification, migration, rules, comments_of, stage)
        muted = muting.muted(findings, migrations, comments, named.ignores)
        report = VerifyReport(
            migsafe=migsafe.__version__,
            django=project.django,
            postgres=server.version,
            provider=server.provider,
            server=server.release,
            rows=config.rows,
            migrations=tuple(migrations),
            verifications=tuple(verifications),
            signals=executor.complaints,
            unreached=tuple(map(".".join, walk.unreached)),
            findings=muted.findings,
            suppressed=muted.suppressed,
            skipped=chosen.skipped,
            summary=_summary(muted),
            folder=_folder(folder),
            fail_on=config.fail_on,
            rules=muting.described(muted),
        )
        if keep is not None:
            keep(report, walk.dsn)
    return report


def plan(
    start: Path,
    config: Config,
    targets: Sequence[str] = (),
    *,
    strategies: Sequence[str] = (),
    verify: bool = False,
    rows: int = 100_000,
    progress: ProofProgress = lambda phase: None,
) -> "PlanReport":
    """Say how migrations get to production over as many deploys as they need; nothing is written.

    Args:
        start: A file or folder of the Django project.
        targets: Migrations, as `migsafe.project.choose.choose` takes them; with ``config.since`` apps too, or none.
        strategies: Names of ways to go where a recipe has several; its best for the others.
        verify: Whether the plan is carried out on a throwaway server, beside the originals.
        rows: How many the tables that the change touches are to have there.

    Raises:
        MigsafeError: The project cannot be loaded, a target, rule or strategy does not exist, no migration is named, or
            no server could be had.
    """
    from migsafe.project.load import load
    from migsafe.rules import choose_rules

    rules = choose_rules(config)
    project = load(start, settings=config.settings, env=config.env, database=config.database)
    return plan_project(
        project, config, targets, rules=rules, strategies=strategies, verify=verify, rows=rows, progress=progress
    )


def plan_project(
    project: "Project",
    config: Config,
    targets: Sequence[str] = (),
    *,
    rules: "Sequence[Rule]",
    changed: "Collection[Key] | None" = None,
    strategies: Sequence[str] = (),
    verify: bool = False,
    rows: int = 100_000,
    server: "Server | None" = None,
    below: Path | None = None,
    progress: "ProofProgress" = lambda phase: None,
) -> "PlanReport":
    """Plan migrations of a project that is loaded.

    Args:
        rules: Instead of those that the configuration selects.
        changed: The migrations, instead of what is named by ``targets``.
        strategies: As ``--strategy`` names them.
        verify: Whether the plan is carried out on a throwaway server.
        rows: How many the tables that the change touches are to have there.
        server: A throwaway one, instead of one that is started for this.
        below: Paths are shown relative to this folder; None for the working directory.

    Raises:
        MigsafeError: A target or strategy does not exist, no migration is named, or no server could be had.
    """
    from migsafe.errors import UnknownTargetError
    from migsafe.plan.attempt import Attempt
    from migsafe.plan.planner import Planner
    from migsafe.planning import PlanReport
    from migsafe.project.choose import choose, named_in
    from migsafe.project.graph import History
    from migsafe.project.replay import Replay

    folder = below or Path.cwd()
    history = History(project)
    if changed is None:
        chosen = choose(history, config, named_in(config, history), targets)
        if chosen.apps and config.since is None:
            raise UnknownTargetError(
                f"{' '.join(targets)!r} is no migration" if targets else "No migration to plan is named",
                "Name one or several (0042, orders 0042, orders.0042), or give --since REF for all of a pull request.",
            )
    keys = chosen.keys if changed is None else changed
    # What is planned is looked at wherever it lies: some of it exists neither in git nor in a folder of the project.
    config = replace(config, since=None, start_after={}, initial=True, all_apps=True)
    postgres = config.postgres or oldest_supported(project)
    start = Replay(project, history, postgres).until(keys)
    linted = partial(lint_project, project, rules=rules, together=True, start=start, below=below)
    report = linted(config=config, changed=keys, history=history)
    # What is accepted of the originals names them: `Attempt` knows what that means for what takes their place.
    unmuted = replace(config, per_migration_ignores={}, baseline=None)
    replayed = list(Replay(project, history, postgres, backward=True, wanted=keys, apart=True, start=start))
    planner = Planner(
        replayed,
        report.findings,
        postgres=report.postgres,
        django=_release(project),
        strategies=strategies,
        routers=project.has_routers,
    )

    attempt = Attempt(
        project,
        history,
        replayed,
        report,
        start,
        lambda history, deploys: linted(config=unmuted, changed=deploys, deploys=deploys, history=history),
        lambda path: _shown(str(path), folder),
        read_tables(config),
    )
    plan, remaining = attempt.plan(planner)
    proof = None
    if verify:
        with _sandbox(project, config, server) as found:
            proof = _proven(plan, history, replayed, found, config, rows, progress)
    return PlanReport(
        migsafe=migsafe.__version__,
        django=project.django,
        postgres=report.postgres,
        migrations=report.migrations,
        findings=report.findings,
        suppressed=report.suppressed,
        unanalysed=report.unanalysed,
        summary=report.summary,
        folder=report.folder,
        fail_on=config.fail_on,
        rules=report.rules,
        plan=plan,
        remaining=remaining,
        proof=proof,
    )


def _proven(
    plan: "Plan",
    history: "History",
    migrations: "Sequence[ReplayedMigration]",
    server: "Server",
    config: Config,
    rows: int,
    progress: ProofProgress,
) -> "Proof":
    from migsafe.project.execute import Executor
    from migsafe.project.guard import Limits
    from migsafe.verify.proof import prove

    limits = Limits(statement=config.statement_timeout, bytes=config.size_limit)
    with Executor(history.project, history, postgres=server.version, limits=limits) as executor:
        return prove(plan, history, migrations, server, executor, rows=rows, progress=progress)


@contextmanager
def _sandbox(project: "Project", config: Config, server: "Server | None") -> "Iterator[Server]":
    """A throwaway server, with the role that the project connects as."""
    from migsafe.sandbox import open_sandbox

    with ExitStack() as stack:
        if server is None:
            server = stack.enter_context(
                open_sandbox(
                    config.sandbox,
                    config.postgres,
                    otherwise=oldest_supported(project),
                    forbidden=project.database_names,
                )
            )
        if (role := project.described.user) and role != server.user:
            server.create_role(role)
        yield server


def kept_plan(start: Path, config: Config, targets: Sequence[str] = ()) -> "Plan":
    """The plan that an earlier ``--write`` has kept.

    Args:
        start: A file or folder of the Django project.
        targets: A migration that it replaces: ``orders 0042``, ``orders.0042``; none if there is only one plan.

    Raises:
        MigsafeError: The project cannot be loaded; there is no such plan, more than one, or it cannot be read.
    """
    from migsafe.plan import keeping
    from migsafe.project.load import load

    project = load(start, settings=config.settings, env=config.env, database=config.database)
    return keeping.find(project.root, targets)


def write_plan(
    start: Path,
    config: Config,
    plan: "Plan",
    *,
    deploy: int = 1,
    force: bool = False,
    dry_run: bool = False,
    connect: bool = False,
) -> "Writing":
    """Write the files of a deploy, and keep the plan for the next ones.

    Args:
        start: A file or folder of the Django project.
        plan: For the first deploy as `plan` has made it from the same working directory; for later ones the kept one.
        force: Whether uncommitted changes may be overwritten.
        dry_run: Whether only to say what would be written.
        connect: Whether to ask the project's database what is applied, beside git and the ledger.

    Raises:
        MigsafeError: It cannot or must not be written; nothing has been changed.
    """
    from migsafe.project.load import load

    project = load(start, settings=config.settings, env=config.env, database=config.database)
    return write_plan_of(
        project, config, plan, deploy=deploy, force=force, dry_run=dry_run, connect=connect, below=Path.cwd()
    )


def write_plan_of(
    project: "Project",
    config: Config,
    plan: "Plan",
    *,
    deploy: int = 1,
    force: bool = False,
    dry_run: bool = False,
    connect: bool = False,
    below: Path,
) -> "Writing":
    """Do what `write_plan` does for a project that is loaded.

    Args:
        below: What the paths of a plan are relative to that is not kept yet.
    """
    from migsafe.history.inquiry import Inquiry
    from migsafe.plan.keeping import moved
    from migsafe.plan.write import Writer
    from migsafe.project.applied import read_applied
    from migsafe.project.graph import History

    history = History(project)
    inquiry = Inquiry(
        history,
        config,
        apps={target.partition(".")[0] for target in plan.targets},
        postgres=plan.postgres,
        recorded=read_applied(project, "plan") if connect else None,
        shown=partial(_shown, below=below),
    )
    if deploy == 1:
        plan = moved(plan, below, project.root)
    return Writer(plan, history, inquiry.past(), force=force).write(deploy, dry_run=dry_run)


def gate(
    start: Path,
    config: Config,
    *,
    dsn: str | None = None,
    allow: Sequence[str] = (),
    wait: float = 0.0,
    longest: float = LONGEST,
    patience: float = PATIENCE,
    today: date | None = None,
    waiting: "Callable[[GateReport], None]" = lambda report: None,
) -> "GateReport":
    """Say whether ``migrate`` may run now on the project's database, which is only read.

    Args:
        start: A file or folder of the Django project.
        dsn: Connection string of that database, instead of what the settings say of it.
        allow: What is approved beside the file of approvals, as ``--allow`` takes it.
        wait: Seconds to wait at most for what passes.
        longest: Seconds from which on a transaction or query is long.
        patience: Seconds that a check of a kept plan may take.
        today: For approvals that end; None for the day that it is in UTC.
        waiting: Called before each wait with the report so far.

    Raises:
        MigsafeError: The project cannot be loaded, an approval is not right, or the database cannot be asked.
    """
    from migsafe.project.load import load
    from migsafe.rules import choose_rules

    project = load(start, settings=config.settings, env=config.env, database=config.database, dsn=dsn)
    return gate_of(
        project,
        config,
        rules=choose_rules(config),
        allow=allow,
        wait=wait,
        longest=longest,
        patience=patience,
        today=today,
        waiting=waiting,
        below=Path.cwd(),
    )


def gate_of(
    project: "Project",
    config: Config,
    *,
    rules: "Sequence[Rule]",
    allow: Sequence[str] = (),
    wait: float = 0.0,
    longest: float = LONGEST,
    patience: float = PATIENCE,
    today: date | None = None,
    waiting: "Callable[[GateReport], None]" = lambda report: None,
    below: Path | None = None,
) -> "GateReport":
    """Do what `gate` does for a project that is loaded.

    Args:
        rules: Instead of those that the configuration selects.
        below: Paths are shown relative to this folder; None for the working directory.
    """
    from migsafe.errors import ServerError
    from migsafe.gate import approvals
    from migsafe.gate.deploys import Remembered
    from migsafe.project.applied import read_applied
    from migsafe.project.live import ask, read_status
    from migsafe.rules import all_rules

    passing = frozenset(rule.code for rule in rules if rule.passes)
    file = find_approvals(config, project.root)
    answers = (*map(approvals.allowed, allow), *(approvals.read(file) if file else ()))
    approvals.check(answers, {rule.code for rule in all_rules(config.plugins)})
    waited = 0.0
    recorded = read_applied(project, "gate", or_empty=True)
    question = Remembered(partial(ask, project, seconds=patience))
    look = Look(project, config, rules, recorded, read_status(project), question, below or Path.cwd())
    started = time.monotonic()
    while True:
        status = read_status(project, longest=longest)
        report = look.report(
            status,
            answers,
            today=today or datetime.now(UTC).date(),
            longest=longest,
            waited=waited,
        )
        left = wait - waited
        if report.go or left <= 0 or not all(one.code in passing for one in report.findings if report.fails(one)):
            break
        waiting(report)
        time.sleep(min(INTERVAL, left))
        waited = time.monotonic() - started
    if read_applied(project, "gate", or_empty=True) != recorded:
        raise ServerError("somebody else has migrated meanwhile", "Run the gate again.")
    return report


class Look:
    """What is pending, and what is known of it that does not pass by itself."""

    def __init__(
        self,
        project: "Project",
        config: Config,
        rules: "Sequence[Rule]",
        recorded: "Sequence[Recorded]",
        status: "ServerStatus",
        ask: "Ask",
        folder: Path,
    ) -> None:
        from migsafe.gate.clashes import Clashes
        from migsafe.gate.pending import Targets, sets, settles, sizes
        from migsafe.gate.schema import as_on_server, empty
        from migsafe.plan import keeping
        from migsafe.predeploy import PendingMigration
        from migsafe.project.graph import History
        from migsafe.project.live_schema import read_schema
        from migsafe.project.operations import Database
        from migsafe.project.replay import Replay
        from migsafe.project.stats import read_stats
        from migsafe.rules import no_lock_timeout, role_without_lock_timeout

        self.project = project
        self.rules = rules
        self.ask = ask
        self.config = replace(
            config,
            postgres=status.postgres,
            tables=sizes(read_stats(project, watch=0, measure=True, command="gate").tables, read_tables(config)),
            tables_file=None,
            since=None,
            start_after={},
            initial=True,
            all_apps=True,
        )
        self.unseen: tuple[str, ...] = ()
        self.past = self._history(config, recorded)
        self.applied = {one.key: one.applied for one in recorded}
        history = History(project, applied=self.applied)
        self.plans = keeping.all_plans(project.root)
        self.replayed: dict[Key, ReplayedMigration] = {}
        pending = history.pending
        if pending:
            live = read_schema(project)
            start = Replay(project, history, status.postgres, catalog=empty(live)).until(pending)
            catalog = as_on_server(start.session.catalog, live)
            start = start._replace(session=replace(start.session, catalog=catalog))
        self.lint = lint_project(
            project,
            self.config,
            # What the settings do not say, the server does.
            rules=[
                rule
                for rule in rules
                if rule is not no_lock_timeout.rule or role_without_lock_timeout.rule not in rules
            ],
            changed=pending,
            together=True,
            history=history,
            start=start if pending else None,
            database=Database(
                alias=project.database,
                user=status.user,
                lock_timeout=status.lock_timeout is not None,
                pooled=status.pooler is not None,
            ),
            below=folder,
            progress=self._watched,
        )
        targets = Targets(catalog, self.config.tables, status.postgres) if pending else None
        clashes = Clashes(status.postgres)
        self.pending = tuple(
            PendingMigration(
                app=one.app,
                name=one.name,
                atomic=one.atomic,
                targets=targets.of(self.replayed[one.app, one.name]) if targets else (),
                clash=clashes.of(self.replayed[one.app, one.name]),
                sets=sets(self.replayed[one.app, one.name]),
                settles=settles(self.replayed[one.app, one.name]),
            )
            for one in self.lint.migrations
        )

    def _history(self, config: Config, recorded: "Sequence[Recorded]") -> "HistoryReport":
        """What has become of what is applied; where there is no git, which images seldom have, without it."""
        from migsafe.errors import GitError

        config = replace(config, since=None)
        try:
            return history_of(self.project, config, rules=self.rules, recorded=recorded)
        except GitError as error:
            if config.sources.get("applied_ref") == "--applied-ref":
                raise
            self.unseen = (f"what git has of the applied migrations: {error.message}",)
            return history_of(self.project, replace(config, applied_ref=""), rules=self.rules, recorded=recorded)

    def _watched(self, migrations: "Iterator[ReplayedMigration]", _: int) -> "Iterator[ReplayedMigration]":
        for one in migrations:
            self.replayed[one.app, one.name] = one
            yield one

    def report(
        self,
        status: "ServerStatus",
        answers: "Sequence[Approval]",
        *,
        today: date,
        longest: float,
        waited: float,
    ) -> "GateReport":
        from migsafe.gate.approvals import approve
        from migsafe.gate.deploys import kept_deploys
        from migsafe.gate.pending import judged
        from migsafe.muting import rated
        from migsafe.predeploy import GateReport
        from migsafe.rules import GateContext, all_rules, at_gate

        status = replace(status, unseen=(*status.unseen, *self.unseen))
        keys = {one.key for one in self.pending}
        # Where nothing is applied, no code has run either, and all deploys can come at once.
        plans = self.plans if self.applied else ()
        deploys = tuple(kept_deploys(plans, keys, self.applied, self.ask))
        context = GateContext(
            status=status,
            pending=self.pending,
            deploys=deploys,
            longest=longest,
            paths={(one.app, one.name): one.path for one in self.lint.migrations},
        )
        # What could be tidied up in the history is no matter of this deploy.
        past = (one for one in self.past.findings if one.severity is not Severity.INFO)
        now = at_gate(context, self.rules) if self.pending else ()
        found = (*past, *(rated(one, self.config.severity) for one in now), *self.lint.findings)
        findings, approved, considered = approve(found, answers, today)
        suppressed = (*approved, *self.past.suppressed, *self.lint.suppressed)
        rules = {rule.code: rule for rule in all_rules(self.config.plugins)}
        codes = sorted({one.code for one in (*findings, *(one.finding for one in suppressed))})
        report = GateReport(
            migsafe=migsafe.__version__,
            django=self.project.django,
            postgres=status.postgres,
            migrations=self.lint.migrations,
            findings=findings,
            suppressed=suppressed,
            unanalysed=self.lint.unanalysed,
            summary=Summary(**Counter(one.severity.value for one in findings)),
            folder=self.lint.folder,
            fail_on=self.config.fail_on,
            rules=tuple(rules[code].described(self.config.severity) for code in codes),
            database=self.project.database,
            status=status,
            deploys=deploys,
            approvals=considered,
            waited=waited,
        )
        return replace(report, pending=judged(self.pending, report, deploys))


class _Muting:
    """What the team has accepted, for whatever has found it.

    Args:
        run: Codes of the rules that were run: of no other is it judged whether it is muted for nothing.

    Raises:
        InputError: The baseline cannot be read.
    """

    def __init__(
        self, config: Config, rules: "Sequence[Rule]", run: "Collection[str]", history: "History", folder: Path
    ) -> None:
        from migsafe.muting import baseline
        from migsafe.rules import all_rules

        self.config = config
        self.run = run
        self.history = history
        self.folder = folder
        self.accepted = baseline.read(config.baseline) if config.baseline else None
        # Not only those that run: that a rule fails is a finding of another one.
        self.rules = {rule.code: rule for rule in (*all_rules(config.plugins), *rules)}

    def with_history(
        self,
        examination: "Examination",
        past: "Past",
        findings: "Sequence[Finding]",
        migrations: "Sequence[Migration]",
        comments: "Mapping[Key, Sequence[Suppression]]",
        ignores: "Mapping[Key, Mapping[str, str]]",
    ) -> "Muted":
        """The same with findings about history beside them, some of which the ledger accepts."""
        from migsafe.muting import ledger

        own = ledger.without(examination.findings(past), past)
        beside = {(one.app, one.name): one for one in examination.beside(own.findings, migrations)}
        said = {key: tuple(examination.suppressions(one)) for key, one in beside.items()}
        codes = {
            key: {code: ignores.get(key, {})[code] for code in ignores.get(key, {}).keys() & examination.codes}
            for key in beside
        }
        return self.muted(
            [*own.findings, *findings],
            [*migrations, *beside.values()],
            {**comments, **said},
            {**ignores, **codes},
            accepted=own.suppressed,
            apps=examination.chosen.apps if self.config.since is None else (),
        )

    def muted(
        self,
        findings: "Sequence[Finding]",
        migrations: "Sequence[Migration]",
        comments: "Mapping[Key, Sequence[Suppression]]",
        ignores: "Mapping[Key, Mapping[str, str]]",
        *,
        accepted: "Sequence[Suppressed]" = (),
        apps: "Iterable[str]" = (),
    ) -> "Muted":
        """Findings without what is accepted, with the severities of the configuration.

        Args:
            comments: Those about findings, by migration.
            ignores: Reasons by migration and code.
            accepted: What is accepted already.
            apps: Those that all is known of.
        """
        from migsafe.muting import Muted, baseline, mute

        run, known = self.run, self.rules.keys()
        file = self.config.sources.get("per_migration_ignores")
        # What is ignored was not run, but for the rule that says that others fail.
        findings = [one for one in findings if not one.code.startswith(self.config.ignore)]
        shown = file and _shown(file, self.folder)
        muted = mute(findings, migrations, comments, ignores, run=run, known=known, file=shown)
        muted = Muted(muted.findings, (*accepted, *muted.suppressed))
        if self.accepted:
            muted = baseline.without(
                muted,
                self.accepted,
                looked_at={*apps, *(f"{one.app}.{one.name}" for one in migrations)},
                existing=set(map(".".join, self.history.order)),
                run=run,
                known=known,
                shown=_shown(str(self.accepted.path), self.folder),
            )
        return muted.rated(self.config.severity)

    def described(self, muted: "Muted") -> "tuple[Described, ...]":
        """The rules of findings, accepted ones too."""
        codes = {one.code for one in (*muted.findings, *(one.finding for one in muted.suppressed))}
        return tuple(self.rules[code].described(self.config.severity) for code in sorted(codes))


def _needs_past(config: Config, rules: "Sequence[Rule]") -> bool:
    """Whether it matters to a run of lint what is applied."""
    return _is_of_change(config) or any(rule.history_checks for rule in rules)


def _is_of_change(config: Config) -> bool:
    """Whether a run is about a change, and git is asked what it was before."""
    return config.since is not None and config.reference == config.since


def _summary(muted: "Muted") -> Summary:
    return Summary(**Counter(one.severity.value for one in muted.findings))


def _repository(folder: Path) -> Path | None:
    """Root of the repository that a folder is in."""
    *_, root = folders_upward(folder)
    return root if (root / ".git").exists() else None


def _folder(below: Path) -> str:
    """Where a folder is in its repository."""
    inside = below.resolve().relative_to(_repository(below) or below.resolve()).as_posix()
    return "" if inside == "." else f"{inside}/"


def _release(project: "Project") -> tuple[int, int]:
    """Feature release of Django."""
    major, minor = project.django.split(".")[:2]
    return int(major), int(minor)


def oldest_supported(project: "Project") -> int:
    """Major version of the oldest PostgreSQL that the installed Django works with."""
    version = project.connection.features.minimum_database_version
    return version[0] if version else 10


def _shown(path: str, below: Path) -> str:
    """A path as reports show it: relative to a folder where both are in one repository, or it is in that folder."""
    if not Path(path).is_relative_to(below):
        root = _repository(below)
        if root is None or not Path(path).is_relative_to(root):
            return path
    return os.path.relpath(path, below)


def _migration(
    replayed: "ReplayedMigration", checked: "Checked", path: str, postgres: int, change: "Change"
) -> Migration:
    backward: dict[int, list[Statement]] = {operation.index: [] for operation in replayed.operations}
    for operation, _, analysis in replayed.analysed(postgres, backward=True):
        backward[operation.index].append(analysis.statement)
    return Migration(
        app=replayed.app,
        name=replayed.name,
        path=path,
        atomic=replayed.atomic,
        operations=tuple(
            Operation(
                index=operation.index,
                kind=operation.kind,
                description=operation.description,
                line=operation.line,
                reversible=operation.reversible,
                opaque=operation.opaque,
                statements=statements,
                backward=tuple(backward[operation.index]),
                atomic=operation.atomic,
                source=operation.source,
            )
            for operation, statements in zip(replayed.operations, checked.statements, strict=True)
        ),
        made=change.made(replayed),
    )


def _unanalysed(replayed: "ReplayedMigration", migration: Migration) -> Iterator[Unanalysed]:
    for operation, shown in zip(replayed.operations, migration.operations, strict=True):
        unanalysed = partial(
            Unanalysed,
            app=migration.app,
            migration=migration.name,
            operation=operation.index,
            path=migration.path,
            line=operation.line,
        )
        if operation.opaque:
            unread = chain.from_iterable(function.reading.unread for function in operation.python)
            places = dict.fromkeys(f"in {one.place.function}(), line {one.place.line}: {one.reason}" for one in unread)
            yield unanalysed(kind="opaque", reason="; ".join((operation.opaque, *places)))
        if operation.unanalysed and not replayed.refuses(operation):  # a rule says that
            yield unanalysed(kind="replay", reason=operation.unanalysed)
        for number, statement in enumerate(shown.statements):
            if not statement.analysed:
                yield unanalysed(kind="sql", reason=statement.reason or "not understood", statement=number)


def stats(start: Path, config: Config, *, watch: float) -> "Stats":
    """Ask the database of the project that ``start`` is in how large its tables are: all that migsafe connects for.

    Args:
        watch: Seconds to watch which tables are in use; 0 to leave that open.

    Raises:
        MigsafeError: The project cannot be loaded, or its database cannot be asked.
    """
    from migsafe.project.load import load
    from migsafe.project.stats import read_stats

    project = load(start, settings=config.settings, env=config.env, database=config.database)
    return read_stats(project, watch=watch)


def sql(text: str, postgres: Iterable[int], *, schema: "Catalog | None" = None, transaction: bool = True) -> SqlReport:
    """Say what plain SQL would do.

    Args:
        text: Statements; what is not understood is a statement that is not analysed.
        postgres: Major versions of the server.
        schema: What exists before; None for nothing known, so that all relations the text names are taken to exist.
        transaction: Whether all run in one transaction; else each commits by itself. BEGIN, COMMIT and the like count.
    """
    from migsafe.sql.parse import parse

    parsed = parse(text)
    return SqlReport(
        results=tuple(SqlResult(major, _statements(parsed, major, schema, transaction)) for major in postgres)
    )


def schema(text: str) -> "tuple[Catalog, tuple[Statement, ...]]":
    """Read the schema that SQL makes (``pg_dump --schema-only``).

    Returns:
        The schema, and the statements that are not understood.
    """
    from migsafe.postgres.facts import NEWEST
    from migsafe.sql.parse import parse
    from migsafe.sql.session import Session

    session = Session(postgres=NEWEST)
    unknown = []
    for parsed in parse(text):
        unknown += [
            Statement(parsed.sql, parsed.line, False, action.reason, None, ())
            for action in parsed.actions
            if isinstance(action, Unknown)
        ]
        session = session.after(parsed)
    return session.catalog, tuple(unknown)


def _statements(
    statements: Iterable[Parsed], postgres: int, schema: "Catalog | None", transaction: bool
) -> tuple[Statement, ...]:
    from migsafe.sql.catalog import Catalog
    from migsafe.sql.session import Session

    session = Session(postgres=postgres, catalog=schema or Catalog(), complete=schema is not None)
    if transaction:
        session = session.begin(assumed=True)
    analysed = []
    for parsed in statements:
        session, analysis = session.run(parsed)
        analysed.append(analysis.statement)
    return tuple(analysed)


def record(
    start: Path,
    config: Config,
    targets: Sequence[str] = (),
    *,
    connect: bool = False,
    refresh: bool = False,
    progress: Progress = lambda migrations, _: migrations,
) -> "Recording":
    """Work out what the ledger of the project that ``start`` is in has to say; nothing is written.

    Args:
        targets: As for `lint`; initial and old migrations count.
        connect: Whether to ask the database what is applied; else all of the code is.
        refresh: Whether to make fingerprints anew of migrations that mean the same.
        progress: Wraps the walk over migrations whose SQL is needed.

    Raises:
        MigsafeError: The project cannot be loaded, the ledger is broken, a target does not exist, or the database
            cannot be asked.
    """
    from migsafe.history import recording
    from migsafe.project.graph import History
    from migsafe.project.load import load

    project = load(start, settings=config.settings, env=config.env, database=config.database)
    postgres = config.postgres or oldest_supported(project)
    return recording.record(
        History(project), config, targets, postgres=postgres, connect=connect, refresh=refresh, progress=progress
    )


def accept(start: Path, config: Config, app: str, name: str, reason: str) -> "Accepted":
    """Work out the ledger with a deliberate edit of an applied migration accepted; nothing is written.

    Args:
        name: Of the migration, or its beginning; also of one whose file is gone.

    Raises:
        MigsafeError: The project cannot be loaded, the ledger is broken, or there is nothing to accept.
    """
    from migsafe.history import accepting
    from migsafe.project.graph import History
    from migsafe.project.load import load

    project = load(start, settings=config.settings, env=config.env, database=config.database)
    postgres = config.postgres or oldest_supported(project)
    return accepting.accept(History(project), config, app, name, reason, postgres=postgres)
