"""What ``migsafe gate`` shows: go or no-go, and what is pending there, in words that all formats share."""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace
from rich.text import Text

from migsafe.model import Report, Severity, Suppressed
from migsafe.postgres.throughput import amount, duration
from migsafe.predeploy import Considered, GateReport, GateVerdict, KeptDeploy, PendingMigration, Target
from migsafe.report.inert import one_line
from migsafe.report.page import Page, count, plain

SIGNS: Mapping[GateVerdict, tuple[str, str]] = {
    "go": ("✓", "bold green"),
    "no-go": ("✗", "bold red"),
    "allowed": ("✓", "bold yellow"),
}
"""Of each verdict, with its colour."""

NOTHING = "nothing is pending: go"

MOST_TABLES = 3
"""How many tables of a migration are listed, the worst first; JSON has all."""

WIDEST = 60
"""Columns for names of migrations and tables; what is longer stands out."""

BECAME: Mapping[str, str] = {
    "used": "allowed",
    "expired": "expired, and counts as absent",
    "unused": "not needed: nothing of that kind was found",
}
"""What has become of an approval, in words."""

HEADS = ("lock", "table", "size", "estimate")
"""What `tables` gives."""


def is_approved(suppressed: Suppressed) -> bool:
    return suppressed.by == "approval"


def headline(report: GateReport) -> str:
    """The verdict, with what it is about."""
    where = f"({report.status.database} on PostgreSQL {report.status.release})"
    if not report.pending:
        return f"{NOTHING if report.go else 'no-go, though nothing is pending'} {where}"
    migrations = count(len(report.pending), "pending migration")
    allowed = sum(one.verdict == "allowed" for one in report.pending)
    if report.go:
        return f"go: {migrations}{f', {allowed} by approval' if allowed else ''} {where}"
    number = sum(map(report.fails, report.findings))
    return f"no-go: {number} {'finding speaks' if number == 1 else 'findings speak'} against {migrations} {where}"


def summary(report: GateReport) -> str:
    """The verdict, what is pending, and how long ``--wait`` has waited."""
    if not report.pending:
        return NOTHING if report.go else "no-go, though nothing is pending"
    waited = f", after waiting {duration(report.waited).removeprefix('about ')}" if report.waited else ""
    return f"{'go' if report.go else 'no-go'}: {count(len(report.pending), 'pending migration')}{waited}"


def pending(report: Report) -> Mapping[tuple[str, str], PendingMigration]:
    """Pending migrations by app and name; none in a report of another command."""
    return {one.key: one for one in report.pending} if isinstance(report, GateReport) else {}


def codes(report: Report, migration: PendingMigration) -> tuple[str, ...]:
    """Codes of what speaks against a migration, or would if nobody answered for it."""
    approved = (one.finding for one in report.suppressed if is_approved(one))
    own = (one.code for one in approved if (one.app, one.migration) == migration.key)
    return migration.codes or tuple(dict.fromkeys(own))


def tables(migration: PendingMigration) -> list[tuple[str, str, str, str]]:
    """Lock, table, size and estimate of the tables that it is worst for."""
    return [(one.lock.value, one.relation, _size(one), _estimate(one)) for one in migration.targets[:MOST_TABLES]]


def beside(report: Report, migration: PendingMigration) -> str:
    """What the table does not say of a migration, in words."""
    python = any(one.kind == "opaque" and (one.app, one.migration) == migration.key for one in report.unanalysed)
    more = len(migration.targets) - MOST_TABLES
    said = [f"and {count(more, 'more table')}"] * (more > 0)
    said += ["Python code, whose locks nobody knows before it runs"] * python
    if migration.plan:
        said.append(f"deploy {migration.plan[1]} of plan {migration.plan[0]}")
    return "; ".join(said)


def _size(target: Target) -> str:
    if target.rows == 0:
        return "empty"
    rows = [] if target.rows is None else [amount(target.rows, "rows")]
    return ", ".join(rows + ([] if target.bytes is None else [amount(target.bytes, "bytes")])) or "size not known"


def _estimate(target: Target) -> str:
    """How long the lock that is shown lasts, at least: a weaker one may last longer."""
    estimate = target.stalls if target.stops_traffic else target.estimate
    return duration(estimate.seconds) if estimate else ""


def line(report: Report, migration: PendingMigration) -> str:
    """A pending migration in words: ``go; SHARE on orders_order, 300 rows, 8 kB``."""
    verdict = " ".join((migration.verdict, *codes(report, migration)))
    locks = (", ".join(filter(None, (f"{lock} on {table}", *sizes))) for lock, table, *sizes in tables(migration))
    return "; ".join(filter(None, (verdict, *locks, beside(report, migration))))


def plans(report: GateReport) -> Iterator[tuple[bool | None, str]]:
    """What was asked about kept plans, each with whether it is well; None if only people can tell."""
    for deploy in report.deploys:
        name = f"deploy {deploy.number} of plan {deploy.plan}"
        if deploy.together:
            yield False, f"{name}: {_listed(deploy)} of an earlier deploy is pending, too"
        for answer in deploy.answers:
            given = answer.error or f"{answer.given}{'' if answer.holds else f' instead of {answer.expected}'}"
            yield answer.holds, f"{name}: {answer.what}: {given}"
        for what in deploy.untold:
            yield None, f"{name}: no query tells whether {what}"


def _listed(deploy: KeptDeploy) -> str:
    return ", ".join(map(".".join, deploy.together))


def approval(considered: Considered) -> str:
    """An approval in words, with who answers for it."""
    one = considered.approval
    about = f"{one.code} of {one.migration}" if one.migration else one.code
    until = f"until {one.until.isoformat()}" if one.until else ""
    return f"{about}: {one.reason} ({', '.join(filter(None, (one.by, until, one.source)))})"


def notes(report: Report) -> Iterator[str]:
    """What there is to know beside findings: about plans, approvals, and what was not seen."""
    if isinstance(report, GateReport):
        yield from (said for _, said in plans(report))
        for one in report.approvals:
            yield f"approval {one.status}: {approval(one)}"
        yield from (f"not seen: {one}" for one in report.status.unseen)


def reasons(report: GateReport) -> GateReport:
    """The report with the findings that make it a no-go, and no others."""
    return replace(
        report,
        findings=tuple(filter(report.fails, report.findings)),
        suppressed=tuple(one for one in report.suppressed if not is_approved(one)),
    )


def print_head(page: Page, report: GateReport) -> None:
    """Print the verdict, and what is pending with what it does."""
    sign, style = SIGNS["go" if report.go else "no-go"]
    page.text(Text.assemble((f"{sign} {one_line(headline(report))}", style)))
    if report.pending or report.findings:
        page.blank()
    if not report.pending:
        return
    page.heading("pending")
    names = min(max(len(".".join(one.key)) for one in report.pending), WIDEST)
    rows = [row for one in report.pending for row in tables(one)]
    widths = [min(max((len(row[column]) for row in rows), default=0), WIDEST) for column in range(len(HEADS))]
    for one in report.pending:
        sign, style = SIGNS[one.verdict]
        name = f"{one_line('.'.join(one.key)):<{names}}"
        said = one_line(" ".join((one.verdict, *codes(report, one))))
        page.text(Text.assemble((sign, style), f" {name}  ", (said, style)))
        for row in tables(one):
            cells = (f"{one_line(cell):<{width}}" for cell, width in zip(row, widths, strict=True))
            page.text(Text(f"    {'  '.join(cells)}".rstrip()))
        if more := beside(report, one):
            page.text(Text(f"    {one_line(more)}", "dim"))
    page.blank()


def print_tail(page: Page, report: GateReport) -> None:
    """Print what was asked about plans, who answers for what, what is no reason against it, and what was not seen."""
    if asked := list(plans(report)):
        page.heading("plans")
        for well, said in asked:
            sign, style = {True: SIGNS["go"], False: SIGNS["no-go"], None: ("?", "bold yellow")}[well]
            page.text(Text.assemble((sign, style), f" {one_line(said)}"))
        page.blank()
    if report.approvals:
        page.heading("approvals")
        for status, words in BECAME.items():
            for considered in (one for one in report.approvals if one.status == status):
                page.row(status, plain(f"{approval(considered)}{'' if status == 'used' else f': {words}'}"))
        page.blank()
    others = [one for one in report.findings if not report.fails(one) and one.severity is not Severity.INFO]
    if others:
        page.heading("no reason against it")
        for finding in others:
            where = f"{finding.app}.{finding.migration}: " if finding.migration else ""
            page.row(finding.severity, Text(one_line(f"{finding.code} {where}{finding.message}")))
        page.blank()
    if report.status.unseen:
        page.heading("not seen")
        for unseen in report.status.unseen:
            page.row("", plain(unseen))
        page.blank()
