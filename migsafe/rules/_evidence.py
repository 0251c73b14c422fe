"""What was seen on a server, in the words of a report."""

from collections.abc import Iterable, Iterator, Sequence

from migsafe.model import Evidence
from migsafe.verification import Failure, Probe, SchemaDifference

MOST = 8
"""How many things of a kind a finding shows; JSON has them all."""

DOES = {"insert": "insert into", "select": "read", "update": "update", "delete": "delete from"}


LONGEST = 2000
"""Characters of a statement: one that inserts many rows may have millions."""


def statement(label: str, sql: str) -> Evidence:
    """A statement, as much of it as is worth reading."""
    return Evidence(label, sql if len(sql) <= LONGEST else f"{sql[:LONGEST]} …", "sql")


def failed(failure: Failure) -> Iterator[Evidence]:
    """Where something stopped, and why."""
    if failure.sql is not None:
        yield statement("sql", failure.sql)
    yield Evidence("raised", failure.error)


def refused(sql: str | None, error: str) -> Iterator[Evidence]:
    """A statement and what the server said to it."""
    if sql is not None:
        yield statement("sql", sql)
    yield Evidence("refused", error)


def changed(label: str, differences: Sequence[SchemaDifference]) -> Iterator[Evidence]:
    """What is not the same in two schemas."""
    if differences:
        yield Evidence(label, "\n".join(some([change(one) for one in differences])))


def change(one: SchemaDifference) -> str:
    """``index shop_idx is left behind: CREATE INDEX …``."""
    if one.before is None:
        return f"{one.kind} {one.name} is new: {one.after}"
    if one.after is None:
        return f"{one.kind} {one.name} is gone: {one.before}"
    return f"{one.kind} {one.name}: {one.before} became {one.after}"


def some(lines: Sequence[str]) -> list[str]:
    """As many lines as are worth reading."""
    return [*lines[:MOST], *[f"and {len(lines) - MOST} more"] * (len(lines) > MOST)]


def refusals(label: str, probes: Iterable[Probe]) -> Iterator[Evidence]:
    """The first statement of a release's code that is refused, and all that it cannot do any more."""
    broken = [one for one in probes if one.error is not None]
    if broken:
        first, what = broken_by(broken)
        yield Evidence(label, f"cannot {what}")
        yield from refused(first.sql, first.error or "")


def broken_by(probes: Sequence[Probe]) -> tuple[Probe, str]:
    """Of probes that fail, the one to show, and what code cannot do: what fails with any value, if there is such."""
    certain = [one for one in probes if one.writing is None]
    first = (certain or probes)[0]
    return first, can(certain) if certain else f"{can(probes)} with {first.writing}"


def can(probes: Sequence[Probe]) -> str:
    """``insert into, read or update shop_order``: what was tried, by table."""
    tables: dict[str, dict[str, None]] = {}
    for one in probes:
        tables.setdefault(one.table, {})[DOES[one.action]] = None
    return "; ".join(some([f"{listed(list(actions), 'or')} {table}" for table, actions in tables.items()]))


def listed(words: Sequence[str], last: str = "and") -> str:
    """``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def few(words: Sequence[str], last: str = "and") -> str:
    """The same of as many as are worth reading: ``a, b and 4 more``."""
    return listed([*words[:MOST], f"{len(words) - MOST} more"] if len(words) > MOST else words, last)


def rows(number: int) -> str:
    """``1,000 rows``."""
    return "1 row" if number == 1 else f"{number:,} rows"
