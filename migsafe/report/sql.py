"""What plain SQL would do, for people: statement by statement, versions that behave alike together."""

from collections.abc import Iterable, Sequence

from rich.console import Console

from migsafe.model import Effect, SqlReport, Statement
from migsafe.report.page import Page, count, draw, listed, plain, ranges
from migsafe.sql.layout import layout


def render(report: SqlReport, *, width: int | None = None, color: bool = False) -> str:
    """Render a report.

    Args:
        width: Columns of the terminal; None when there is none.
        color: Whether to use ANSI escape sequences.
    """
    return draw(lambda console: print_report(report, console), width=width, color=color)


def print_report(report: SqlReport, console: Console) -> None:
    """Print a report to one of rich's consoles."""
    page = Page(console)
    versions = [result.postgres for result in report.results]
    for variants in zip(*(result.statements for result in report.results), strict=True):
        _statement(page, versions, variants)
        page.blank()
    page.text(plain(_summary(report, versions)))


def _statement(page: Page, versions: Sequence[int], variants: Sequence[Statement]) -> None:
    first = variants[0]
    page.code("" if first.line is None else f"line {first.line}", layout(first.sql, page.width), "postgresql")
    alike: dict[Statement, list[int]] = {}
    for version, statement in zip(versions, variants, strict=True):
        alike.setdefault(statement, []).append(version)
    for statement, group in alike.items():
        label = "" if len(alike) == 1 else ranges(group)
        for line in _lines(statement):
            page.row(label, plain(line))
            label = ""


def _lines(statement: Statement) -> Iterable[str]:
    if not statement.analysed:
        yield f"not analysed: {statement.reason}"
    if statement.fails:
        yield f"fails: {statement.fails}"
    elif statement.effects:
        alike: dict[tuple[object, ...], list[Effect]] = {}
        for effect in sorted(statement.effects, key=lambda effect: effect.lock, reverse=True):
            alike.setdefault((effect.lock, effect.rewrites, effect.scans), []).append(effect)
        for effects in alike.values():
            yield _line(effects[0], [effect.relation for effect in effects])
    elif statement.analysed:
        yield "locks no table or index that exists before"


def _line(effect: Effect, names: list[str]) -> str:
    parts = [f"{effect.lock.value} on {listed(names)}"]
    parts.append(f"blocks {', '.join(effect.blocks)}" if effect.blocks else "blocks neither reads, writes nor ddl")
    parts += ["rewrites all"] * effect.rewrites + ["scans all"] * effect.scans
    return "; ".join(parts)


def _summary(report: SqlReport, versions: Sequence[int]) -> str:
    by_place = list(zip(*(result.statements for result in report.results), strict=True))
    parts = [count(len(by_place), "statement")]
    if fails := sum(any(statement.fails for statement in variants) for variants in by_place):
        parts.append(f"{fails} would fail")
    if unknown := sum(not variants[0].analysed for variants in by_place):
        parts.append(f"{unknown} not analysed")
    return f"{', '.join(parts)} (PostgreSQL {ranges(versions)})"
