"""The report for people: what would happen, who would wait, and what to do instead."""

import re

from rich.console import Console
from rich.text import Text

from migsafe.model import Finding, Migration, Report, Severity
from migsafe.report.inert import one_line
from migsafe.report.page import Page, draw, plain
from migsafe.report.sentences import Kind, fix_parts, locks, place, summary
from migsafe.sql.layout import layout

FULL_FIXES = 3
"""How many findings of one rule in one migration show their fixes in full."""

SQL_LINES = 12
"""How many lines of a statement are shown."""

MOST_SUPPRESSED = 5
"""How many suppressed findings are listed; of more, the summary says the number."""

COLORS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}
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
    page = Page(console)
    of: dict[tuple[str | None, str | None], list[Finding]] = {(one.app, one.name): [] for one in report.migrations}
    others: list[Finding] = []
    for finding in report.findings:
        of.get((finding.app, finding.migration), others).append(finding)
    for migration in report.migrations:
        if findings := of[migration.app, migration.name]:
            page.heading(f"{migration.app}.{migration.name}")
            _findings(page, migration, findings)
    if others:
        page.heading("project")
        _findings(page, None, others)
    if 0 < len(report.suppressed) <= MOST_SUPPRESSED:
        page.heading("suppressed")
        for suppressed in report.suppressed:
            page.blank()
            page.place("at", f"{place(suppressed.finding.path, suppressed.finding.line)}  {suppressed.finding.code}")
            page.row("because", plain(suppressed.reason))
        page.blank()
    page.text(Text.assemble(*((words, STYLES.get(kind, "")) for words, kind in summary(report))))


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
                markdown(page, "fix", finding.fix)
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
        lines = layout(operation.statements[finding.statement].sql, page.width).splitlines()
        if len(lines) > SQL_LINES:
            lines[SQL_LINES - 1 :] = [f"-- and {len(lines) - SQL_LINES + 1} more lines"]
        page.code("sql", "\n".join(lines), "postgresql")
    for number, sentence in enumerate(locks(finding)):
        page.row("" if number else "lock", plain(sentence))


def markdown(page: Page, label: str, text: str) -> None:
    """Print Markdown as far as fixes and rules use it: paragraphs, lists, `code` and fenced code."""
    for number, (part, language) in enumerate(fix_parts(text)):
        if language is not None:
            page.code(label, part, language)
        else:
            if number:
                page.blank()
            # Lines of a paragraph are joined, those that begin a paragraph or an item stay.
            page.row(label, page.prose(re.sub(r"(?<!\n)\n(?!\n|[-*] |\d+\. )", " ", part)))
        label = ""
