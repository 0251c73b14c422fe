"""The report for people: what would happen, who would wait, and what to do instead."""

import io
from collections import Counter
from collections.abc import Iterable
from itertools import groupby

import msgspec
from rich.console import Console
from rich.style import Style
from rich.syntax import ANSISyntaxTheme, Syntax
from rich.text import Text

from migsafe.model import Effect, Finding, Migration, Report, Severity
from migsafe.postgres.words import lasting, waiting
from migsafe.sql.layout import layout

PLAIN_WIDTH = 100
"""Columns where there is no terminal."""

WIDEST = 120
"""Longer lines are hard to read."""

GUTTER = 9
"""Columns for labels."""

FULL_FIXES = 3
"""How many findings of one rule in one migration show their fixes in full."""

SQL_LINES = 12
"""How many lines of a statement are shown."""

COLORS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}

# The terminal's own colours, and of these only such as can be read on light and on dark ground.
_THEME = ANSISyntaxTheme(
    {
        ("Keyword",): Style(color="magenta"),
        ("Literal", "String"): Style(color="green"),
        ("Literal", "Number"): Style(color="cyan"),
        ("Comment",): Style(dim=True),
    }
)
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def render(report: Report, *, width: int | None = None, color: bool = False) -> str:
    """Render a report.

    Args:
        width: Columns of the terminal; None when there is none.
        color: Whether to use ANSI escape sequences.
    """
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=min(width or PLAIN_WIDTH, WIDEST),
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
        _environ={},
    )
    print_report(report, console)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def print_report(report: Report, console: Console) -> None:
    """Print a report to one of rich's consoles."""
    found = {
        key: list(findings) for key, findings in groupby(report.findings, key=lambda one: (one.app, one.migration))
    }
    page = _Page(console)
    for migration in report.migrations:
        if findings := found.get((migration.app, migration.name)):
            page.heading(f"{migration.app}.{migration.name}")
            _migration(page, migration, findings)
    if unanalysed := [one for one in report.unanalysed if one.kind != "opaque"]:
        page.heading("not analysed")
        for one in unanalysed:
            page.blank()
            page.place(_place(one.path, one.line))
            page.row("because", _text(one.reason))
        page.blank()
    page.text(_summary(report))


class _Page:
    """Rows with a label in the gutter. All text goes through `Text`, never through rich's markup."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.width = console.width - GUTTER

    def blank(self) -> None:
        self._line(Text())

    def heading(self, title: str) -> None:
        line = "─" * max(self.console.width - len(title) - 4, 2)
        self._line(Text.assemble(("── ", "dim"), (_clean(title), "bold"), (f" {line}", "dim")))

    def text(self, text: Text) -> None:
        for line in text.wrap(self.console, self.console.width):
            self._line(line)

    def prose(self, text: str) -> Text:
        """Text with `code` in it; where there are no colours the backticks stay."""
        result = Text()
        for number, part in enumerate(_clean(text).split("`")):
            if number % 2:
                result.append(part if self.console.color_system else f"`{part}`", "cyan")
            else:
                result.append(part)
        return result

    def row(self, label: str, text: Text, style: str = "dim") -> None:
        """Prose, wrapped."""
        self._lines(label, text.wrap(self.console, self.width), style)

    def place(self, text: str) -> None:
        """A place that editors and terminals can follow: it must not be wrapped."""
        self._lines("at", [_text(text)], "dim")

    def code(self, label: str, code: str, language: str) -> None:
        """Code, whose lines are never wrapped: it is there to be copied."""
        text = Syntax("", language, theme=_THEME).highlight(_clean(code)) if self.console.color_system else _text(code)
        text.rstrip()
        self._lines(label, text.split("\n", allow_blank=True), "dim")

    def _lines(self, label: str, lines: Iterable[Text], style: str) -> None:
        for line in lines:
            line.rstrip()
            # soft_wrap: what is too long here has to stay in one piece.
            self._line(Text.assemble((f"{label:<{GUTTER}}", style), line))
            label = ""

    def _line(self, text: Text) -> None:
        if self.console.color_system:
            self.console.print(text, soft_wrap=True)
        else:  # rich takes as long to render plain text
            self.console.file.write(f"{text.plain.rstrip()}\n")


def _migration(page: _Page, migration: Migration, findings: list[Finding]) -> None:
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.code, []).append(finding)
    for group in groups.values():
        for number, finding in enumerate(group):
            page.blank()
            _finding(page, migration, finding)
            if number == 0:
                page.row("why", _text(finding.why))
            if number == 0 or len(group) <= FULL_FIXES:
                _fix(page, finding.fix)
            elif number == len(group) - 1:
                page.row(
                    "fix", Text(f"The other {number} in the same way as the first; --format json has their code, too.")
                )
    page.blank()


def _finding(page: _Page, migration: Migration, finding: Finding) -> None:
    page.row(finding.severity, _text(f"{finding.code} {finding.message}", "bold"), COLORS[finding.severity])
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
        who = waiting(msgspec.structs.replace(effect, relation=_listed(names)))
        page.row("" if number else "lock", _text(f"{_capitalised(who)} {duration} ({effect.lock.value})"))


def _fix(page: _Page, fix: str) -> None:
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
    looked_at = f"{_count(len(report.migrations), 'migration')}, {_count(statements, 'statement')}"
    counts = [(severity, getattr(report.summary, severity)) for severity in Severity]
    found = [(_count(number, severity), COLORS[severity]) for severity, number in counts if number]
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
    return summary.append(f" (Django {report.django}, PostgreSQL {report.postgres})", "dim")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 or noun == Severity.INFO else f"{number} {noun}s"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _place(path: str, line: int | None) -> str:
    return path if line is None else f"{path}:{line}"


def _text(text: str, style: str = "") -> Text:
    return Text(_clean(text), style)


def _clean(text: str) -> str:
    """Make control characters visible: a terminal must not obey what stands in somebody's SQL."""
    return text.translate(_CONTROL)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
