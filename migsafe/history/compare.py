"""What has changed between a migration as it was applied and as it is now."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher, unified_diff
from itertools import zip_longest

from msgspec.structs import replace

from migsafe.applied import Edit, EditKind, Fingerprint, Key, Meaning, Source, Version
from migsafe.python.layout import laid_out


def changed(was: Fingerprint, now: Fingerprint) -> bool:
    """Whether two fingerprints differ in more than the SQL, which depends on more than the migration."""
    return any(getattr(was, part) != getattr(now, part) for part in ("operations", "python", "graph", "text"))


def executes_same(was: Fingerprint, now: Fingerprint) -> bool:
    """Whether both surely execute the same, whatever SQL that is."""
    return (was.operations, was.python) == (now.operations, now.python)


def edit(
    source: Source,
    key: Key,
    was: Fingerprint,
    after: Meaning,
    *,
    before: Meaning | None = None,
    old: Version | str | None = None,
    new: Version | None = None,
    sql: tuple[str, str] | None = None,
) -> Edit | None:
    """Judge a migration that is applied; None if it is what it was.

    Args:
        was: What was applied.
        after: What it says now.
        before: What it said, if anybody has kept that.
        old: What it did, or why that is not known; None if nobody has asked.
        new: What it does; None if nobody has asked.
        sql: Fingerprints of what it executed and executes, if they can be compared (the same PostgreSQL and Django)
            though ``old`` is not known.
    """
    now = after.fingerprint
    if isinstance(old, Version) and new and old.sql and new.sql:
        sql = old.sql, new.sql
    differs = sql is not None and sql[0] != sql[1]
    if not changed(was, now) and not differs:
        return None
    kind: EditKind = "cosmetic"
    if was.python != now.python or differs or (was.operations != now.operations and sql is None):
        kind = "real"
    elif was.operations != now.operations:
        kind = "state"
    found = Edit(
        app=key[0],
        name=key[1],
        source=source,
        kind=kind,
        graph=was.graph != now.graph,
        before=before,
        after=after,
    )
    if kind == "cosmetic":
        return found
    return replace(
        found,
        operations=_operations(before, after, old, new),
        sql=_sql(old, new),
        unknown=_unknown(before, old),
    )


def _unknown(before: Meaning | None, old: Version | str | None) -> str | None:
    if before is None:
        return "nobody has kept what it was"
    if isinstance(old, str):
        return old
    if old and old.sql is None:
        return "some of its SQL is not known: it takes a database, or the routers keep it out of this one"
    return None


def _operations(
    before: Meaning | None, after: Meaning, old: Version | str | None, new: Version | None
) -> tuple[str, ...]:
    """The diff of what operations say, each under Django's own words for it, and of the code that they run."""
    if before is None:
        return ()
    was, now = _said(before, old if isinstance(old, Version) else None), _said(after, new)
    atomic = [f"atomic = {one.atomic}" if isinstance(one, Version) else "" for one in (old, new)]
    return (
        *(_diff(atomic[:1], atomic[1:]) if all(atomic) else ()),
        *_changed(was, now),
        *_diff(list(_lines(before.python)), list(_lines(after.python))),
    )


def _said(meaning: Meaning, version: Version | None) -> list[tuple[str, ...]]:
    """Lines of each operation, its description first if that is known."""
    described = [f"# {operation.description}" for operation in version.operations] if version else []
    written = [tuple(laid_out(operation)) for operation in meaning.operations or ()]
    if not written:
        return [(description,) for description in described]
    if len(described) != len(written):
        return written
    return [(description, *lines) for description, lines in zip(described, written, strict=True)]


def _changed(was: Sequence[tuple[str, ...]], now: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """The diff of operations that are not the same, those in the same place beside each other."""
    for what, first, last, start, end in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        for old, new in zip_longest(was[first:last], now[start:end], fillvalue=()) if what != "equal" else ():
            if old and new and old[0] == new[0] and old[0].startswith("# "):
                yield f" {old[0]}"
                yield from _diff(old[1:], new[1:])
            else:
                yield from _diff(old, new)


def _lines(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        yield from text.splitlines()


def _sql(old: Version | str | None, new: Version | None) -> tuple[str, ...]:
    if not isinstance(old, Version) or new is None:
        return ()
    return _diff(list(_statements(old)), list(_statements(new)))


def _statements(version: Version) -> Iterator[str]:
    for operation in version.operations:
        for statement in operation.sql:
            yield from f"{statement.rstrip(';')};".splitlines()


def _diff(was: Sequence[str], now: Sequence[str]) -> tuple[str, ...]:
    """A unified diff without its header: nobody needs file names and line numbers of what is no file."""
    lines = list(unified_diff(was, now, lineterm="", n=1))[2:]
    return tuple("  …" if line.startswith("@@") else line for line in lines[1:])
