"""The page of the lock table, ``docs/locks.md``."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType

import msgspec

from migsafe.model import LockMode
from migsafe.postgres.facts import FACTS, Fact, Role, fact
from migsafe.postgres.locks import blocks, conflicts
from migsafe.postgres.rows import columns, constraints, data, indexes, objects, partitions, tables
from migsafe.report.page import ranges
from migsafe.sql.catalog import Catalog
from migsafe.sql.forms import HANDLERS, Server
from migsafe.sql.parse import parse

SUBJECTS = (columns, constraints, indexes, tables, partitions, objects, data)

OBSERVED = Path(__file__).with_name("observed.json")
"""On which servers all rows were last observed, and which rows these were; ``make.py observed`` writes it."""

INTRODUCTION = """\
# What PostgreSQL locks

The lock table, in which migsafe looks everything up (`migsafe/postgres/rows`), written by `python docs/make.py locks`.
{observed}

- A form is a command and, after a colon, what makes it cost differently. Versions without its syntax are left out.
  A statement may have several forms: then the strongest lock on each relation counts. *as …* names the form whose locks
  come along with those of this one.
- **locks** are held to the end of the transaction, on the table that the statement is about (for a type or domain: the
  tables that use it) unless something else is named. Locks on indexes that keep nobody waiting are left out.
- **blocks** is what other sessions cannot do meanwhile: *reads* (SELECT), *writes* (INSERT, UPDATE, DELETE), *ddl*
  (schema changes, VACUUM). A statement that waits for its lock already keeps those waiting that come after it. Rows
  that a statement changes are locked besides, against others that change them.
- **rewrites** and **reads all of** say why it can take long: while the locks are held, storage is written anew, or
  every row is read.
- Last stands the source: a page of PostgreSQL's manual, or its release notes, and what to look for there.

## Lock modes

✗ says that two sessions cannot hold these modes on one relation at the same time.

{modes}
"""


def page() -> str:
    parts = [INTRODUCTION.format(observed=_observed(), modes=_modes())]
    parts += [_subject(module) for module in SUBJECTS]
    return "\n".join(parts)


def digest() -> str:
    """Changes whenever a row does."""
    return hashlib.sha256(msgspec.json.encode(FACTS)).hexdigest()[:16]


def _observed() -> str:
    observed = json.loads(OBSERVED.read_text())
    when = "" if observed["rows"] == digest() else ", before the latest changes to rows,"
    return (
        f"`tests/postgres/test_facts.py` asks real servers about each of its {len(FACTS)} rows and versions."
        f"\nLast observed{when} on PostgreSQL {', '.join(observed['servers'].values())}."
    )


def _modes() -> str:
    short = {mode: "".join(word[0] for word in mode.value.split()) for mode in LockMode}
    head = ["", "", *short.values(), "blocks"]
    rows = [
        [a.value, short[a], *("✗" if conflicts(a, b) else "" for b in LockMode), ", ".join(blocks(a))] for a in LockMode
    ]
    return _table(head, rows)


def _subject(module: ModuleType) -> str:
    title = module.__name__.rpartition(".")[2].capitalize()
    forms: dict[str, list[Fact]] = {}
    for row in module.ROWS:
        forms.setdefault(row.form, []).append(row)
    rows = [cells for facts in forms.values() for cells in _form(facts)]
    head = ["form", "PostgreSQL", "locks", "rewrites", "reads all of"]
    return f"## {title}\n\n{_table(head, rows)}\n"


def _form(rows: Sequence[Fact]) -> Iterable[Sequence[str]]:
    """A line for each group of versions that behave alike."""
    alike: dict[tuple[str, ...], list[Fact]] = {}
    for row in rows:
        alike.setdefault(_cost(row), []).append(row)
    shown: set[str] = set()
    for (condition, *cost), group in alike.items():
        name = "" if shown else f"**{rows[0].form}**"
        statements = [probe.statement for row in group for probe in row.probes if probe.statement not in shown]
        sources = [row.source for row in group if row.source not in shown]
        shown.update(statements, sources)
        lines = [name, *_examples(list(dict.fromkeys(statements))), f"*{condition}*" if condition else ""]
        lines += [f"<sub>{source}</sub>" for source in dict.fromkeys(sources)]
        versions = ranges(version for row in group for version in range(row.since, row.until + 1))
        yield "<br>".join(filter(None, lines)).replace("</details><br>", "</details>"), versions, *cost


def _examples(statements: Sequence[str]) -> Iterable[str]:
    yield from map(_code, statements[:1])
    if more := statements[1:]:
        yield f"<details><summary>{len(more)} more</summary>{'<br>'.join(map(_code, more))}</details>"


def _code(statement: str) -> str:
    return f"`{' '.join(statement.split())}`"


def _cost(row: Fact) -> tuple[str, str, str, str]:
    """Conditions, locks with what they block, rewrites and scans."""
    if row.fails:
        return row.fails, "*refused*", "", ""
    locks = [*(f"as *{form}*" for form in _bases(row)), *_locks(row)]
    return (
        "" if row.transaction else "not in a transaction block",
        "<br>".join(locks) or "none",
        ", ".join(map(_name, (*row.rewrites, *row.copies))),
        ", ".join(map(_name, row.scans)),
    )


def _locks(row: Fact) -> Iterable[str]:
    by_mode: dict[LockMode, list[str]] = {}
    for role, mode in row.locks:
        by_mode.setdefault(mode, []).append(_name(role))
    for role, mode in row.indexes:
        if blocks(mode):
            by_mode.setdefault(mode, []).append(f"indexes of {_name(role)}")
    for mode, names in sorted(by_mode.items(), reverse=True):
        yield mode.value if names == ["table"] else f"{mode.value} on {', '.join(names)}"
        if blocks(mode):
            yield f"<sub>blocks {', '.join(blocks(mode))}</sub>"


def _name(role: Role) -> str:
    if role in (Role.REFERENCED, Role.REFERENCING):
        return f"{role.value} table"
    return {Role.ALTERED: "table", Role.READ: "queried tables"}.get(role, role.value.replace("_", " "))


def _bases(row: Fact) -> Sequence[str]:
    """Forms that the first probe has besides, and that cost something which the row does not say."""
    catalog = Catalog()
    for parsed in parse(row.probes[0].setup):
        for action in parsed.actions:
            catalog = catalog.after(action)
    own = dict(row.locks)
    bases = []
    for action in parse(row.probes[0].statement)[0].actions:
        for form, roles in HANDLERS[type(action)](action, catalog, Server(row.until, complete=True, utc=False)):
            other = None if form == row.form else fact(form, row.until)
            if other is not None and (
                any(
                    roles.get(role) and (role not in own or own[role] < mode)
                    for role, mode in other.locks
                    if role is not Role.INDEX or Role.ALTERED not in row.rewrites  # which locks them
                )
                or any(roles.get(role) and role not in row.scans for role in other.scans)
            ):
                bases.append(form)
    return bases


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
