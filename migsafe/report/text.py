"""The report for people: what would happen, who would wait, and what to do instead."""

from collections import Counter
from itertools import groupby

import msgspec
from rich.console import Console
from rich.text import Text

from migsafe.model import Effect, Finding, Migration, Report, Severity
from migsafe.postgres.words import lasting, waiting
from migsafe.report.page import Page, count, draw, listed, plain
from migsafe.sql.layout import layout

FULL_FIXES = 3
"""How many findings of one rule in one migration show their fixes in full."""

SQL_LINES = 12
"""How many lines of a statement are shown."""

COLORS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}


def render(report: Report, *, width: int | None = None, color: bool = False) -> str:
    """Render a report.

    Args:
        width: Columns of the terminal; None when there is none.
        color: Whether to use ANSI escape sequences.
    """
    return draw(lambda console: print_report(report, console), width=width, color=color)


def print_report(report: Report, console: Console) -> None:
    """Print a report to one of rich's consoles."""
    found = {
        key: list(findings) for key, findings in groupby(report.findings, key=lambda one: (one.app, one.migration))
    }
    page = Page(console)
    for migration in report.migrations:
        if findings := found.get((migration.app, migration.name)):
            page.heading(f"{migration.app}.{migration.name}")
            _migration(page, migration, findings)
    if unanalysed := [one for one in report.unanalysed if one.kind != "opaque"]:
        page.heading("not analysed")
        for one in unanalysed:
            page.blank()
            page.place(_place(one.path, one.line))
            page.row("because", plain(one.reason))
        page.blank()
    page.text(_summary(report))


def _migration(page: Page, migration: Migration, findings: list[Finding]) -> None:
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
                _fix(page, finding.fix)
            elif number == len(group) - 1:
                page.row(
                    "fix", Text(f"The other {number} in the same way as the first; --format json has their code, too.")
                )
    page.blank()


def _finding(page: Page, migration: Migration, finding: Finding) -> None:
    page.row(finding.severity, plain(f"{finding.code} {finding.message}", "bold"), COLORS[finding.severity])
    place = _place(finding.path or migration.path, finding.line)
    operation = None if finding.operation is None else migration.operations[finding.operation]
    page.place(f"{place}  {operation.kind}" if operation else place)
    if operation and finding.statement is not None:
        lines = layout(operation.statements[finding.statement].sql, page.width).splitlines()
        if len(lines) > SQL_LINES:
            lines[SQL_LINES - 1 :] = [f"-- and {len(lines) - SQL_LINES + 1} more lines"]
        page.code("sql", "\n".join(lines), "postgresql")
    long = any(effect.rewrites or effect.scans for effect in finding.effects)
    relations: dict[tuple[Effect, str], list[str]] = {}
    for effect in finding.effects:
        alike = msgspec.structs.replace(effect, relation="")
        relations.setdefault((alike, lasting(effect, long=long)), []).append(effect.relation)
    for number, ((effect, duration), names) in enumerate(relations.items()):
        who = waiting(msgspec.structs.replace(effect, relation=listed(names)))
        page.row("" if number else "lock", plain(f"{_capitalised(who)} {duration} ({effect.lock.value})"))


def _fix(page: Page, fix: str) -> None:
    """Render Markdown as far as fixes use it: paragraphs, `code` and fenced code."""
    label = "fix"
    for number, part in enumerate(fix.split("```")):
        if number % 2:
            language, _, code = part.partition("\n")
            page.code(label, code.rstrip("\n"), language)
        elif part.strip():
            if number:
                page.blank()
            page.row(label, page.prose(part.strip()))
        label = ""


def _summary(report: Report) -> Text:
    """One line that stands alone: what was looked at, what was found, what was not."""
    statements = sum(len(operation.statements) for one in report.migrations for operation in one.operations)
    looked_at = f"{count(len(report.migrations), 'migration')}, {count(statements, 'statement')}"
    counts = [(severity, getattr(report.summary, severity)) for severity in Severity]
    found = [(count(number, severity), COLORS[severity]) for severity, number in counts if number]
    summary = Text()
    for number, (words, style) in enumerate(found):
        summary.append(", " if number else "").append(words, style)
    if found:
        affected = len({(one.app, one.migration) for one in report.findings})
        summary.append(f" in {affected} of {looked_at}" if affected < len(report.migrations) else f" in {looked_at}")
    elif report.migrations:
        summary.append(looked_at).append(", ").append("nothing dangerous", "bold green")
    else:
        summary.append("No migrations to look at")
    kinds = Counter(one.kind for one in report.unanalysed)
    if kinds["opaque"]:
        summary.append(f"; {kinds['opaque']} RunPython not run")
    if others := kinds.total() - kinds["opaque"]:
        summary.append(f"; {others} not analysed", "bold")
    if report.suppressed:
        summary.append(f"; {len(report.suppressed)} suppressed")
    skipped = [(report.skipped.initial, "initial"), (report.skipped.start_after, "up to start-after")]
    if left_out := [f"{number} {what}" for number, what in skipped if number]:
        summary.append(f"; left out: {', '.join(left_out)}")
    return summary.append(f" (Django {report.django}, PostgreSQL {report.postgres})", "dim")


def _place(path: str, line: int | None) -> str:
    return path if line is None else f"{path}:{line}"


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
