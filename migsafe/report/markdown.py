"""Markdown for job summaries: a table of all findings, and what is to be known of each, folded."""

from collections.abc import Iterable, Iterator
from itertools import filterfalse

from migsafe.applied import HistoryReport, asked
from migsafe.model import Finding, Operation, Report, Severity, Suppressed
from migsafe.planning import PlanReport
from migsafe.predeploy import GateReport, PendingMigration
from migsafe.report import gate, history, plan_markdown, verdicts
from migsafe.report.inert import without_commands
from migsafe.report.markup import code_block, escaped, fix, folded, link, prose, shortened
from migsafe.report.sentences import diff, in_ledger, locks, place, summary
from migsafe.sql.layout import layout
from migsafe.verification import Verification

LIMIT = 1024 * 1024
"""Bytes of a summary that GitHub takes: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands"""

WIDTH = 100
"""Columns for SQL."""

SIGNS = {Severity.ERROR: "❌ error", Severity.WARNING: "⚠️ warning", Severity.INFO: "ℹ️ info"}


def render(report: Report) -> str:
    """Render a report; what does not fit a summary is counted at the end."""
    if isinstance(report, PlanReport):
        return plan_markdown.render(report)
    parts = [f"## migsafe\n\n{escaped(''.join(words for words, _ in summary(report)))}\n"]
    if proofs := verdicts.proofs(report):
        rows = (
            f"| {escaped(f'{one.app}.{one.name}')} | {' | '.join(map(escaped, _proven(proofs[one.app, one.name])))} |"
            for one in report.migrations
            if (one.app, one.name) in proofs
        )
        table, left_out = _fitting(rows, LIMIT // 8)
        more = f"\nAnd {left_out} more.\n" if left_out else ""
        parts.append(f"| migration | can it be undone | which order of deploy works |\n|---|---|---|\n{table}{more}")
    if isinstance(report, HistoryReport):
        parts += _history(report)
    if isinstance(report, GateReport):
        parts += _gate(report)
    if report.findings:
        rows = (
            f"| {SIGNS[one.severity]} | {code(one)} | {escaped(about(one))} | {escaped(one.message)} |"
            for one in report.findings
        )
        table, left_out = _fitting(rows, LIMIT // 4)
        parts.append(f"|  | rule | migration | what |\n|---|---|---|---|\n{table}")
        details, untold = _fitting(_details(report), LIMIT // 2)
        parts.append(details)
        if untold:
            parts.append(f"Left out for want of room: {left_out} rows, {untold} explanations. JSON has them all.\n")
    muted = list(filterfalse(gate.is_approved, report.suppressed))
    for title, chosen in (("accepted in the ledger", filter), ("suppressed", filterfalse)):
        if several := list(chosen(in_ledger, muted)):
            listed, left_out = _fitting(map(accepted, several), LIMIT // 8)
            rest = f"\nAnd {left_out} more." if left_out else ""
            parts.append(folded(f"{len(several)} {title}", f"{listed}{rest}"))
    return without_commands("\n".join(parts))


def _history(report: HistoryReport) -> Iterator[str]:
    """What was asked, and all migrations that are not what was applied."""
    names = asked(report)
    yield "".join(f"- {source}: {escaped(name)}\n" for source, name in names.items())
    rows = (
        f"| {escaped(f'{one.app}.{one.name}')} | {escaped(history.status(one))} |"
        f"{''.join(f' {history.when(one, source)} |' for source in names)}"
        for one in report.rows
        if one.status != "unchanged"
    )
    table, left_out = _fitting(rows, LIMIT // 8)
    if names and table:
        heads = "".join(f" {source} |" for source in names)
        more = f"\nAnd {left_out} more.\n" if left_out else ""
        yield f"| migration |  |{heads}\n|---|---|{'---|' * len(names)}\n{table}{more}"
    if report.unread:
        listed, left_out = _fitting((f"- {escaped(history.unread(one))}" for one in report.unread), LIMIT // 16)
        rest = f"\nAnd {left_out} more." if left_out else ""
        yield folded(f"{len(report.unread)} not compared", f"{listed}{rest}")


def _gate(report: GateReport) -> Iterator[str]:
    """What is pending, and what there is to know beside findings."""
    rows = (f"| {' | '.join(map(escaped, cells))} |" for one in report.pending for cells in _pending(report, one))
    table, left_out = _fitting(rows, LIMIT // 8)
    more = f"\nAnd {left_out} more.\n" if left_out else ""
    if table:
        yield f"|  | migration | {' | '.join(gate.HEADS)} |\n|---|---|{'---|' * len(gate.HEADS)}\n{table}{more}"
    listed, left_out = _fitting((f"- {escaped(one)}" for one in gate.notes(report)), LIMIT // 16)
    yield f"{listed}And {left_out} more.\n" if left_out else listed


def _pending(report: GateReport, one: PendingMigration) -> Iterator[tuple[str, ...]]:
    """Rows of a migration: one for each table."""
    said = " ".join((gate.SIGNS[one.verdict][0], one.verdict, *gate.codes(report, one)))
    name = ".".join(one.key)
    rows = gate.tables(one)
    if beside := gate.beside(report, one):
        rows.append(("", beside, "", ""))
    for number, row in enumerate(rows or [("", "", "", "")]):
        yield (said, name, *row) if number == 0 else ("", "", *row)


def code(finding: Finding) -> str:
    """The code of its rule, which leads to the page about it."""
    return link(finding.code, finding.docs or "")


def about(finding: Finding) -> str:
    """A migration, or else a file, or nothing in particular."""
    return ".".join(filter(None, (finding.app, finding.migration))) or place(finding.path, finding.line)


def accepted(suppressed: Suppressed) -> str:
    """A finding that the team has accepted, as an item of a list."""
    finding = suppressed.finding
    what = finding.message if in_ledger(suppressed) else place(finding.path, finding.line)
    return f"- {code(finding)} {escaped(f'{what}: {suppressed.reason}')}"


def _details(report: Report) -> Iterator[str]:
    operations = {(one.app, one.name): one.operations for one in report.migrations}
    for finding in report.findings:
        of = operations.get((finding.app or "", finding.migration or ""), ())
        operation = None if finding.operation is None else of[finding.operation]
        title = f"{escaped(finding.code)} {escaped(finding.message)}"
        yield folded(title, "\n\n".join(told(finding, operation)))


def _proven(verification: Verification) -> tuple[str, str]:
    return verdicts.verdict(verification), verdicts.ORDERS[verification.rollout.order]


def observed(finding: Finding, *, sql: bool = True, most: int | None = None) -> Iterator[str]:
    """What was seen on a server; arguments as for `told`."""
    for one in finding.evidence:
        label = "SQL" if one.label == "sql" else one.label.capitalize()
        if one.kind == "prose":
            yield f"**{label}:** {escaped(shortened('; '.join(one.text.splitlines()), most))}"
        elif sql:
            block = sql_block(one.text, most) if one.kind == "sql" else code_block(diff(one), "diff", most)
            yield f"**{label}:**\n\n{block}"


def told(finding: Finding, operation: Operation | None, *, sql: bool = True, most: int | None = None) -> Iterator[str]:
    """All that is to be known of a finding.

    Args:
        operation: The one that it is about.
        sql: Whether SQL and diffs are shown.
        most: Characters of any block or paragraph; None for all.
    """
    where = (place(finding.path, finding.line), operation.kind if operation else "")
    if any(where):
        yield f"**Where:** {escaped(' '.join(filter(None, where)))}"
    if sql and operation and finding.statement is not None:
        # The numbers in a report that was read from a file may be anything.
        yield from (sql_block(one.sql, most) for one in operation.statements[finding.statement :][:1])
    if finding.effects:
        yield f"**Locks:** {'. '.join(escaped(shortened(one, most)) for one in locks(finding))}."
    yield from observed(finding, sql=sql, most=most)
    yield f"**Why:** {prose(shortened(finding.why, most))}"
    yield f"**Do this instead:**\n\n{fix(finding.fix, most)}"
    if finding.docs:
        yield f"**More:** {code(finding)}"


def sql_block(sql: str, most: int | None = None) -> str:
    """A statement, laid out."""
    return code_block(layout(shortened(sql, most), WIDTH), "sql", most)


def _fitting(pieces: Iterable[str], room: int) -> tuple[str, int]:
    """As many lines as there is room for, in bytes, and how many are left out."""
    taken = []
    left_out = 0
    for piece in pieces:
        room -= len(piece.encode()) + 1
        if room < 0:
            left_out += 1
        else:
            taken.append(f"{piece}\n")
    return "".join(taken), left_out
