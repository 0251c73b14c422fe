"""Rules for people, one in full or all of them as a table, and as JSON."""

from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from migsafe.model import Axis, Described
from migsafe.report.page import Page, count, draw, plain
from migsafe.report.text import COLORS

ABOUT = {
    Axis.LOCKS: "what it does to traffic",
    Axis.COMPATIBILITY: "what it does to code that is still running",
    Axis.REVERSIBILITY: "whether there is a way back",
    Axis.DATA: "what it does to rows",
    Axis.HISTORY: "whether migrations fit together, and are what was applied",
    Axis.ANALYSIS: "what migsafe could not do, or was told not to say",
}
"""What the axes mean."""

MUTE = "# migsafe: ignore[{code}]: why it does no harm here"

ROOM = 40
"""Columns that summaries need to stand beside the rest of a table; with fewer they stand below it."""

UNLIMITED = 10_000
"""Columns where nothing is wrapped."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What ``migsafe rules`` shows; its encoding is the JSON format.

    Attributes:
        version: Of the JSON contract; only raised when something is removed or changes its meaning.
    """

    version: int = 1
    rules: tuple[Described, ...]


def table(rules: Rules, *, width: int | None = None, color: bool = False) -> str:
    """All rules in a few columns.

    Args:
        width: Columns of the terminal; None when there is none: then each rule has one line, however long, for grep.
        color: Whether to use ANSI escape sequences.
    """
    return draw(lambda console: _print_table(rules.rules, console, width), width=width, color=color)


def _print_table(rules: tuple[Described, ...], console: Console, width: int | None) -> None:
    grid = Table.grid(padding=(0, 2, 0, 0))
    facts = [(rule.code, rule.name, rule.severity, rule.axis) for rule in rules]
    taken = sum(max(map(len, column)) + 2 for column in zip(*facts, strict=True))
    below = width is not None and console.width - taken < ROOM
    for _ in range(1 if below else 4):
        grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for rule in rules:
        severity = Text(rule.severity, COLORS[rule.severity])
        if below:
            about = Text.assemble(rule.name, "\n", severity, f", {rule.axis}: ", plain(rule.summary))
            grid.add_row(plain(rule.code, "bold"), about)
        else:
            grid.add_row(plain(rule.code, "bold"), rule.name, severity, Text(rule.axis), plain(rule.summary))
    if width is None:
        console.width = UNLIMITED
    console.print(grid)
    Page(console).text(Text(count(len(rules), "rule")))


def explanation(rules: Sequence[Described], *, width: int | None = None, color: bool = False) -> str:
    """All that there is to say of some rules; the arguments are those of `table`."""
    return draw(lambda console: _print_explanation(rules, Page(console)), width=width, color=color)


def _print_explanation(rules: Sequence[Described], page: Page) -> None:
    for number, rule in enumerate(rules):
        if number:
            page.blank()
        page.heading(f"{rule.code} {rule.name}")
        page.blank()
        page.text(page.prose(f"{rule.summary}."))
        page.blank()
        configured = rule.severity is not rule.default_severity
        page.row(
            "severity",
            Text.assemble(
                (rule.severity, COLORS[rule.severity]),
                f" (configured; its own is {rule.default_severity})" * configured,
            ),
        )
        page.row("about", Text(f"{rule.axis}: {ABOUT[rule.axis]}"))
        page.markdown("catches", rule.catches)
        page.markdown("why", rule.why)
        page.markdown("instead", rule.instead)
        if rule.suppressable:
            page.code("mute", MUTE.format(code=rule.code), "python")
        if rule.docs:
            page.code("docs", rule.docs, "text")
