"""A plan for people, at a terminal."""

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from migsafe.model import Finding
from migsafe.planning import (
    ChangeCode,
    Check,
    Deploy,
    Phase,
    Plan,
    PlanReport,
    Proof,
    Run,
    Step,
    Strategy,
    WriteMigration,
)
from migsafe.report import plan as words
from migsafe.report.inert import one_line
from migsafe.report.page import Page, plain
from migsafe.report.sentences import place

LONGEST = len("going back")
"""Of the labels."""

LEAST = 24
"""Columns for names of steps, at least; what is longer than there is room for is cut."""

MOST_ERRORS = 6
"""How many refused queries are told; JSON has all."""


def print_plan(page: Page, report: PlanReport) -> None:
    plan = report.plan
    if not plan.targets:
        return
    if plan.is_safe and report.proof is None:
        page.text(Text.assemble(("✓", "bold green"), f" {one_line(words.safe(plan))}"))
        page.blank()
        _found(page, words.found(report))
        return
    _title(page, report)
    for deploy in plan.deploys:
        _deploy(page, deploy, plan)
    _unsolved(page, plan)
    _found(page, words.found(report))
    _strategies(page, plan.strategies)
    if plan.notes:
        page.heading("notes")
        for note in plan.notes:
            page.row("", page.prose(note))
        page.blank()
    if report.proof:
        _proof(page, report.proof, plan)


def _title(page: Page, report: PlanReport) -> None:
    well = not report.plan.unsolved and not words.found(report)
    left, right = one_line(words.title(report.plan)), words.verdict(report)
    room = page.console.width - len(left) - len(right)
    style = "bold green" if well else "bold red"
    if room > 1:
        page.text(Text.assemble((left, "bold"), " " * room, (right, style)))
    else:
        page.text(Text(left, "bold"))
        page.text(Text(right, style))
    page.blank()


def _deploy(page: Page, deploy: Deploy, plan: Plan) -> None:
    page.heading(f"Deploy {deploy.number}: {', '.join(deploy.kinds)}")
    for step in deploy.steps:
        _step(page, step, plan)
    if deploy.undo:
        page.row("going back", page.prose(deploy.undo))
    page.blank()


def _step(page: Page, step: Step, plan: Plan) -> None:
    match step:
        case WriteMigration():
            _migration(page, step, plan)
        case ChangeCode():
            _code(page, step)
        case Check():
            _check(page, step)
        case Run():
            page.place("run", step.command)
            page.row("", page.prose(step.why))
        case _:
            page.row("wait", page.prose(f"{step.what}: {step.why}" if step.why else step.what))


def _migration(page: Page, step: WriteMigration, plan: Plan) -> None:
    name, effect = one_line(".".join(step.key)), words.effect(step, plan.sizes)
    codes = f" ({', '.join(step.codes)})" if step.codes else ""
    page.row("migration", Text.assemble((name, "bold"), f"{codes}"))
    page.row("", plain(effect))
    if step.why:
        page.row("", page.prose(step.why), "")


def _code(page: Page, step: ChangeCode) -> None:
    label = "code"
    if where := place(step.path, step.line):
        page.place(label, f"{where}  {step.name}")
        label = ""
    elif step.name:
        page.row(label, plain(step.name))
        label = ""
    for said, text in (("must", step.must), ("must not", step.must_not)):
        if text:
            page.row("", page.prose(f"{said} {text}"))
    if step.diff:
        page.code("", _changed(step.diff), "diff")
    if step.by_hand:
        page.row("", page.prose(words.by_hand(step)))


def _changed(diff: str) -> str:
    """What is taken away and what is added: where that is, is said already."""
    return "\n".join(line for line in diff.splitlines()[2:] if line.startswith(("-", "+")))


def _check(page: Page, step: Check) -> None:
    page.row("check", page.prose(step.what))
    if step.sql:
        lines = step.sql.rstrip(";\n").splitlines()
        page.code("", "\n".join([*lines[:-1], f"{lines[-1]};"]), "postgresql")
    if step.command:
        page.place("", f"$ {step.command}")
    if step.expected is not None:
        page.row("", plain(words.expected(step)))


def _unsolved(page: Page, plan: Plan) -> None:
    if not plan.unsolved:
        return
    page.heading("no safe way")
    for one in plan.unsolved:
        page.blank()
        codes = f" ({', '.join(one.codes)})" if one.codes else ""
        page.row("operation", Text(one_line(f"{one.description}{codes}"), "bold red"))
        page.place("in", one.migration)
        page.row("why", page.prose(one.why))
        page.markdown("instead", one.instead)
    page.blank()


def _found(page: Page, findings: Sequence[Finding]) -> None:
    """What is still dangerous in the planned migrations."""
    if not findings:
        return
    page.heading("still found in the planned migrations")
    for one in findings:
        page.row(one.severity, Text(one_line(f"{one.code} {one.message}")))
        page.place("at", f"{one.app}.{one.migration}")
    page.blank()


def _strategies(page: Page, strategies: Sequence[Strategy]) -> None:
    if not strategies:
        return
    page.heading("strategies")
    for one in dict.fromkeys(strategies):
        chosen = " (chosen)" if one.chosen else ""
        page.row("", Text.assemble((one_line(f"--strategy {one.name}"), "bold"), chosen))
        page.row("", page.prose(one.trade_off))
    page.blank()


def _proof(page: Page, proof: Proof, plan: Plan) -> None:
    page.heading(f"Proof: PostgreSQL {proof.server}, {proof.rows:,} rows, releases before and after at once")
    phases = (*proof.phases, *proof.original)
    longest = max((len(one_line(words.name(one, plan))) for one in phases), default=0)
    lock = max((len(one.value) for phase in phases if (one := words.observed(phase))), default=5)
    taken = len("deploy 1") + lock + 3 * len("1000 ms") + 5 * 2
    width = min(longest, max(page.console.width - taken, LEAST))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", no_wrap=True)
    table.add_column("", width=width, no_wrap=True, overflow="ellipsis")
    table.add_column("locks", no_wrap=True)
    for head in ("reads", "writes", "errors"):
        table.add_column(head, justify="right", no_wrap=True)
    before = ""
    for cells, style in _rows(phases, plan):
        table.add_row(*(Text(one) for one in ("" if cells[0] == before else cells[0], *cells[1:])), style=style)
        before = cells[0]
    page.console.print(table)
    page.blank()
    for said, well in words.held(proof):
        page.text(Text.assemble(("✓" if well else "✗", "bold green" if well else "bold red"), f" {one_line(said)}"))
    refused = list(words.refused(proof.phases))
    for line in refused[:MOST_ERRORS]:
        page.row("refused", plain(line))
    for said in words.contrast(proof):
        page.text(Text(said, "bold"))
    for unproven in words.unproven(proof):
        page.row("unproven", plain(unproven))
    page.blank()


def _rows(phases: Sequence[Phase], plan: Plan) -> Iterator[tuple[tuple[str, ...], str]]:
    """Cells of the table, with the style of the row."""
    for one in phases:
        lock = words.observed(one)
        yield (
            (
                words.where(one),
                one_line(words.name(one, plan)),
                lock.value if lock else "–",
                words.waited(one.longest_read),
                words.waited(one.longest_write),
                words.errors(one),
            ),
            "" if one.deploy else "dim",
        )
