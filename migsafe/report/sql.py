"""What plain SQL would do, for people: statement by statement, versions that behave alike together."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from migsafe.model import Blocked, Effect, LockMode, SqlReport, Statement
from migsafe.postgres.locks import blocks
from migsafe.report.inert import clean
from migsafe.report.page import Page, count, draw, listed, plain, ranges
from migsafe.sql.layout import layout

COLORS: dict[Blocked, str] = {"reads": "bold red", "writes": "bold yellow"}
"""Of a lock that blocks this."""

MOST_NAMES = 5
"""How many relations are named that are locked alike."""


def render(report: SqlReport, *, width: int | None = None, color: bool = False) -> str:
    """Render a report.

    Args:
        width: Columns of the terminal; None when there is none.
        color: Whether to use ANSI escape sequences.
    """
    return draw(lambda console: print_report(report, console), width=width, color=color)


def print_report(report: SqlReport, console: Console) -> None:
    """Print a report to one of rich's consoles."""
    versions = [result.postgres for result in report.results]
    by_place = list(zip(*(result.statements for result in report.results), strict=True))
    page = Page(console, longest=max((len(_place(first)) for first, *_ in by_place), default=0))
    for variants in by_place:
        _statement(page, versions, variants)
        page.blank()
    page.text(plain(_summary(report, versions)))


def _statement(page: Page, versions: Sequence[int], variants: Sequence[Statement]) -> None:
    first = variants[0]
    page.code(_place(first), layout(first.sql, page.width), "postgresql")
    alike: dict[tuple[str, ...], tuple[list[Text], list[int]]] = {}
    for version, statement in zip(versions, variants, strict=True):
        lines = list(_lines(statement))
        _, group = alike.setdefault(tuple(line.plain for line in lines), (lines, []))
        group.append(version)
    for lines, group in alike.values():
        label = "" if len(alike) == 1 else ranges(group)
        for line in lines:
            page.row(label, line)
            label = ""


def _place(statement: Statement) -> str:
    return "" if statement.line is None else f"line {statement.line}"


def _lines(statement: Statement) -> Iterable[Text]:
    if not statement.analysed:
        yield Text.assemble(("not analysed: ", "bold yellow"), plain(statement.reason or ""))
    if statement.fails:
        yield Text.assemble(("fails: ", "bold red"), plain(statement.fails))
    elif statement.effects:
        alike: dict[tuple[LockMode, bool, bool], list[Effect]] = {}
        for effect in sorted(statement.effects, key=lambda effect: effect.lock, reverse=True):
            alike.setdefault((effect.lock, effect.rewrites, effect.scans), []).append(effect)
        for effects in alike.values():
            yield _line(effects[0], [effect.relation for effect in effects])
    elif statement.analysed:
        yield Text("locks nothing that others use", "dim")
    if held := _held(statement):
        yield held


def _held(statement: Statement) -> Text | None:
    """What others wait for meanwhile because of earlier statements, as far as it is more than this one locks itself."""
    own = {effect.relation: effect.lock for effect in statement.effects}
    held: dict[LockMode, list[str]] = {}
    for one in statement.held:
        if one.relation not in own or own[one.relation] < one.lock:
            held.setdefault(one.lock, []).append(one.relation)
    if not held:
        return None
    line = Text("meanwhile still held:")
    for number, (lock, names) in enumerate(held.items()):
        line.append("; " if number else " ").append(lock.value, _style(blocks(lock))).append(
            clean(f" on {listed(names)}")
        )
    return line.append(f"; {statement.held_more} more" if statement.held_more else "")


def _style(blocked: Iterable[Blocked]) -> str:
    return next((style for kind, style in COLORS.items() if kind in blocked), "")


def _line(effect: Effect, names: list[str]) -> Text:
    if len(names) > MOST_NAMES:
        names = [*names[: MOST_NAMES - 1], f"{len(names) - MOST_NAMES + 1} more"]
    parts = [f" on {listed(names)}", f"blocks {', '.join(effect.blocks) if effect.blocks else 'only stronger ddl'}"]
    all_of = "all of it" if len(names) == 1 else "all of them"
    if effect.rewrites:
        parts.append(f"rewrites {all_of}")
    elif effect.scans:
        parts.append(f"reads {all_of}")
    return Text.assemble((effect.lock.value, _style(effect.blocks)), plain("; ".join(parts)))


def _summary(report: SqlReport, versions: Sequence[int]) -> str:
    by_place = list(zip(*(result.statements for result in report.results), strict=True))
    parts = [count(len(by_place), "statement")]
    if fails := sum(any(statement.fails for statement in variants) for variants in by_place):
        parts.append(f"{fails} would fail")
    if unknown := sum(not variants[0].analysed for variants in by_place):
        parts.append(f"{unknown} not analysed")
    return f"{', '.join(parts)} (PostgreSQL {ranges(versions)})"
