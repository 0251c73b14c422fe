"""What ``migsafe history`` shows: migrations beside what each source says, in words that all formats share."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import get_args

from rich.table import Table
from rich.text import Text

from migsafe.applied import SOURCES, HistoryReport, Row, Source, Status, Unread, asked
from migsafe.model import Report
from migsafe.report.inert import one_line
from migsafe.report.page import Page, count, plain

SIGNS: Mapping[Status, tuple[str, str]] = {
    "unchanged": ("✓", "green"),
    "edited": ("✗", "bold red"),
    "edited (state)": ("!", "bold yellow"),
    "edited (cosmetic)": ("✓", "cyan"),
    "accepted": ("✓", "cyan"),
    "missing": ("✗", "bold red"),
    "replaced": ("✓", "green"),
    "new": ("+", "bold"),
    "unknown": ("?", "bold yellow"),
}
"""Of each status, with its colour."""

DATE = len("2026-01-31")
STATUS = len("edited (cosmetic)")
LEAST = 20
"""Columns for names of migrations, at least; what is longer than there is room for is cut."""

MOST_UNREAD = 10
"""How many migrations that could not be compared are listed; JSON has all."""

UNASKED: Mapping[Source, str] = {
    "git": "not asked: --applied-ref REF",
    "ledger": "there is none: migsafe record writes one",
    "database": "not asked: --database ALIAS",
}


def rows(report: Report) -> Mapping[tuple[str, str], Row]:
    """Rows by app and migration; none in a report of another command."""
    return {(one.app, one.name): one for one in report.rows} if isinstance(report, HistoryReport) else {}


def when(row: Row, source: Source) -> str:
    """Since when it is applied there, as a date of ten characters, or that it is or is not."""
    if source not in row.applied:
        return "–"
    date: datetime | None = row.applied[source]
    return date.date().isoformat() if date else "yes"


def status(row: Row, *, short: bool = False) -> str:
    """The status, with what there is to know beside it; short for where there is little room."""
    notes = [
        f"{row.status}: {row.accepted}" if row.accepted else row.status,
        *["squashed" if short else f"replaced by {row.replaced_by}"] * bool(row.replaced_by),
        *[f"to run {row.stage} the deploy"] * (row.stage in ("before", "after")),
    ]
    return ", ".join(notes)


def line(row: Row) -> str:
    """A row in words: ``edited; git since 2026-01-31, ledger``."""
    where = [
        f"{source} since {when(row, source)}" if row.applied[source] else source
        for source in SOURCES
        if source in row.applied
    ]
    return "; ".join(filter(None, (status(row), ", ".join(where))))


def unread(one: Unread) -> str:
    return f"{one.app}.{one.name} ({one.source}): {one.reason}"


def summary(report: HistoryReport) -> str:
    """Migrations, counted by status: also those whose rows are left out."""
    statuses: Counter[Status] = Counter(row.status for row in report.rows)
    statuses.update(report.left_out)
    number = count(statuses.total(), "migration")
    counted = ", ".join(f"{statuses[one]} {one}" for one in get_args(Status) if statuses[one])
    if not asked(report):
        return f"{number}, and nobody was asked what is applied"
    return f"{number}: {counted}" if counted else number


def print_rows(page: Page, report: HistoryReport) -> None:
    """Print who was asked, and a table of the migrations of each app."""
    names = asked(report)
    page.heading("applied according to")
    for source in SOURCES:
        page.place(source, names.get(source, UNASKED[source]))
    page.blank()
    if not names:
        return
    taken = 2 + len(names) * (DATE + 2) + 2 + STATUS
    longest = max((Text(one_line(row.name)).cell_len for row in report.rows), default=0)
    width = min(longest, max(page.console.width - taken, LEAST))
    apps: dict[str, list[Row]] = {}
    for row in report.rows:
        apps.setdefault(row.app, []).append(row)
    for app, own in apps.items():
        page.heading(app)
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        table.add_column("", width=width + 2, no_wrap=True, overflow="ellipsis")
        for source in names:
            table.add_column(source, width=DATE, no_wrap=True)
        table.add_column("", overflow="fold")
        for row in own:
            sign, style = SIGNS[row.status]
            table.add_row(
                Text.assemble((sign, style), " ", one_line(row.name)),
                *(Text(when(row, source), "" if source in row.applied else "dim") for source in names),
                Text(one_line(status(row, short=True)), style if row.status != "unchanged" else "dim"),
            )
        page.console.print(table)
        page.blank()


def print_unread(page: Page, report: HistoryReport) -> None:
    """Print what could not be compared, and why."""
    if report.unread:
        page.heading("not compared")
        for one in report.unread[:MOST_UNREAD]:
            page.row("", plain(unread(one)))
        if (more := len(report.unread) - MOST_UNREAD) > 0:
            page.row("", Text(f"and {more} more; --format json has all"))
        page.blank()
