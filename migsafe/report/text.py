"""The report for people: what would happen, who would wait, and what to do instead."""

from collections.abc import Sequence
from itertools import filterfalse

from rich.console import Console
from rich.text import Text

from migsafe.applied import HistoryReport
from migsafe.model import Finding, Migration, Report, Severity, Suppressed
from migsafe.planning import PlanReport
from migsafe.predeploy import GateReport
from migsafe.report import gate, history, plan_text, verdicts
from migsafe.report.inert import one_line
from migsafe.report.page import Page, draw, plain
from migsafe.report.sentences import Kind, diff, in_ledger, locks, place, summary
from migsafe.sql.layout import layout
from migsafe.verification import Verification, VerifyReport

FULL_FIXES = 3
"""How many findings of one rule in one migration show their fixes in full."""

SQL_LINES = 12
"""How many lines of a statement are shown."""

EVIDENCE_LINES = 6
"""The same of one that a server has executed: it is there to be recognised, and laid out without regard to clauses."""

MOST_SUPPRESSED = 5
"""How many suppressed findings are listed; of more, the summary says the number."""

MOST_UNREACHED = 10
"""The same for migrations that could not be tried."""

COLORS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}
MOST_NAMES = 45
"""Columns for names of migrations; longer ones stand out."""

SIGNS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFO: "✓", None: "✓"}
"""Of a migration that was verified, by the worst that was found in it."""

STYLES: dict[Kind, str] = {
    **{severity.value: style for severity, style in COLORS.items()},
    "fine": "bold green",
    "open": "bold",
    "versions": "dim",
}


def render(report: Report, *, width: int | None = None, color: bool = False) -> str:
    """Render a report.

    Args:
        width: Columns of the terminal; None when there is none.
        color: Whether to use ANSI escape sequences.
    """
    return draw(lambda console: print_report(report, console), width=width, color=color)


def print_report(report: Report, console: Console) -> None:
    """Print a report to one of rich's consoles."""
    if isinstance(report, PlanReport):
        plan_text.print_plan(Page(console, longest=plan_text.LONGEST), report)
    elif isinstance(report, GateReport):
        gate.print_head(Page(console), report)
        if not report.pending and not report.findings:
            return
        _print_findings(Page(console), gate.reasons(report))
        gate.print_tail(Page(console), report)
    else:
        _print_findings(Page(console), report)
    Page(console).text(Text.assemble(*((words, STYLES.get(kind, "")) for words, kind in summary(report))))


def _print_findings(page: Page, report: Report) -> None:
    if isinstance(report, HistoryReport):
        history.print_rows(page, report)
    of: dict[tuple[str | None, str | None], list[Finding]] = {(one.app, one.name): [] for one in report.migrations}
    others: dict[str, list[Finding]] = {}
    for finding in report.findings:
        where = of.get((finding.app, finding.migration))
        (others.setdefault(_about(report, finding), []) if where is None else where).append(finding)
    proofs = verdicts.proofs(report)
    names = min(max((len(".".join(key)) for key in proofs if not of.get(key)), default=0), MOST_NAMES)
    quiet = False
    for migration in report.migrations:
        key = (migration.app, migration.name)
        if findings := of[key]:
            if quiet:
                page.blank()
            page.heading(f"{migration.app}.{migration.name}")
            if key in proofs:
                _verdict(page, migration, proofs[key], findings, names)
            _findings(page, migration, findings)
        elif key in proofs:
            _verdict(page, migration, proofs[key], (), names)
        quiet = key in proofs and not findings
    if quiet:
        page.blank()
    if isinstance(report, VerifyReport):
        _went_wrong(page, report)
    for title, findings in others.items():
        page.heading(title)
        _findings(page, None, findings)
    if isinstance(report, HistoryReport):
        history.print_unread(page, report)
    _suppressed(page, "accepted in the ledger", list(filter(in_ledger, report.suppressed)))
    muted = list(filterfalse(in_ledger, report.suppressed))
    _suppressed(page, "suppressed", muted if len(muted) <= MOST_SUPPRESSED else [])


def _suppressed(page: Page, title: str, several: Sequence[Suppressed]) -> None:
    if not several:
        return
    page.heading(title)
    for one in several:
        finding = one.finding
        page.blank()
        if in_ledger(one):
            page.row(finding.code, Text(one_line(finding.message)))
        where = place(finding.path, finding.line)
        page.place("at", where if in_ledger(one) else f"{where}  {finding.code}")
        page.row("because", plain(one.reason))
    page.blank()


def _about(report: Report, finding: Finding) -> str:
    """What a finding is about that no migration of the report has."""
    if finding.migration:
        return f"{finding.app}.{finding.migration}"
    if finding.app:
        return f"app {finding.app}"
    return "server" if isinstance(report, GateReport) else "project"


def _verdict(page: Page, migration: Migration, proof: Verification, findings: Sequence[Finding], names: int) -> None:
    """What was proven of a migration: one line, if there is nothing to object to."""
    worst = min((one.severity for one in findings), key=list(Severity).index, default=None)
    what, *rest = verdicts.line(proof, atomic=migration.atomic)
    name = "" if findings else f"{f'{migration.app}.{migration.name}':<{names}}  "
    line = Text.assemble(
        (SIGNS[worst], COLORS[worst] if worst else "bold green"),
        f" {one_line(name)}",
        (what, "bold" if findings else ""),
    )
    for part in rest:
        if len(line) + len(part) + len(" · ") > page.console.width:
            if not findings:
                break
            page.text(line)
            line = Text(f"  {part}")
        else:
            line.append(f" · {part}")
    page.text(line)
    before = ""
    for label, said in verdicts.notes(proof):
        page.row("" if label == before else label, plain(said))
        before = label


def _went_wrong(page: Page, report: VerifyReport) -> None:
    """What kept the walk from doing all that was asked for."""
    if report.signals:
        page.heading("signals")
        for handler, error in report.signals.items():
            page.row("failed", plain(f"{handler}: {error}"))
        page.row("because", Text("It may count on a later schema. Here the migrations go on; migrate would stop."))
        page.blank()
    if report.unreached:
        page.heading("not reached")
        more = len(report.unreached) - MOST_UNREACHED
        for name in (*report.unreached[:MOST_UNREACHED], *[f"and {more} more"] * (more > 0)):
            page.row("", plain(name))
        page.row("because", Text("A migration before them cannot be applied."))
        page.blank()


def _findings(page: Page, migration: Migration | None, findings: list[Finding]) -> None:
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.code, []).append(finding)
    for group in groups.values():
        for number, finding in enumerate(group):
            page.blank()
            _finding(page, migration, finding)
            if number == 0:
                page.row("why", plain(finding.why))
            if number == 0 or len(group) <= FULL_FIXES:
                page.markdown("fix", finding.fix)
            elif number == len(group) - 1:
                page.row(
                    "fix", Text(f"The other {number} in the same way as the first; --format json has their code, too.")
                )
        if docs := group[0].docs:
            page.place("docs", docs)
    page.blank()


def _finding(page: Page, migration: Migration | None, finding: Finding) -> None:
    page.row(finding.severity, Text(one_line(f"{finding.code} {finding.message}"), "bold"), COLORS[finding.severity])
    where = place(finding.path, finding.line)
    operation = migration.operations[finding.operation] if migration and finding.operation is not None else None
    if where or operation:
        page.place("at", f"{where}  {operation.kind}" if operation else where)
    if operation and finding.statement is not None:
        _sql(page, "sql", operation.statements[finding.statement].sql)
    for number, sentence in enumerate(locks(finding)):
        page.row("" if number else "lock", plain(sentence))
    for one in finding.evidence:
        if one.kind == "sql":
            _sql(page, one.label, one.text, most=EVIDENCE_LINES)
        elif one.kind == "diff":
            page.code(one.label, diff(one), "diff")
        else:
            page.row(one.label, plain(one.text))


def _sql(page: Page, label: str, sql: str, most: int = SQL_LINES) -> None:
    lines = layout(sql, page.width, clauses=most == SQL_LINES).splitlines()
    if len(lines) > most:
        lines[most - 1 :] = [f"-- and {len(lines) - most + 1} more lines"]
    page.code(label, "\n".join(lines), "postgresql")
