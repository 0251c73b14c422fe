"""What rules say of migrations that are applied: where they are, since when, and how to get back what they were."""

import shlex
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from migsafe.applied import SOURCES, Key, Past, Source
from migsafe.model import Evidence
from migsafe.rules._context import HistoryContext
from migsafe.rules._fixes import shell, steps


def named(key: Key) -> str:
    """``orders.0002_status``."""
    return ".".join(key)


def recording(*keys: Key) -> str:
    """How to record migrations by hand, which Django itself refuses."""
    rows = ",\n    ".join(f"({_literal(app)}, {_literal(name)}, now())" for app, name in keys)
    return f"```sql\nINSERT INTO django_migrations (app, name, applied) VALUES\n    {rows};\n```"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def asked(past: Past) -> Iterator[Source]:
    """The sources that say of any migration that it is applied."""
    return (source for source, keys in past.by_source.items() if keys)


def applied(past: Past, key: Key, sources: Collection[Source]) -> tuple[Evidence, ...]:
    """Since when a migration is applied, where that is known."""
    dates: Mapping[Source, datetime | None] = past.applied.get(key, {})
    lines = [
        f"{past.where([source])} since {date:%Y-%m-%d}"
        for source in SOURCES
        if source in sources and (date := dates.get(source))
    ]
    return (Evidence("applied", "\n".join(lines)),) if lines else ()


def restore(past: Past, path: str | None, sources: Collection[Source]) -> str:
    """How to get a file back as it was applied."""
    if path is None:
        return "Put the file back as it was."
    file = shlex.quote(path)
    if past.ref and "git" in sources:
        return steps("Put the file back as it was:", shell(f"git checkout {shlex.quote(past.ref)} -- {file}"))
    return steps(
        "Put the file back as it was. If git has it, this shows the commits that changed it, and its text before each:",
        shell(f"git log --follow --patch -- {file}"),
    )


def new_migration(app: str, *, by_hand: bool | None) -> str:
    """How to make the migration that brings a change to databases that are there.

    Args:
        by_hand: Whether it is one that ``makemigrations`` cannot find in the models; None if that is not known.
    """
    find, empty = f"python manage.py makemigrations {app}", f"python manage.py makemigrations {app} --empty"
    if by_hand is None:
        return steps(
            "Make the change in a new migration. Django writes what has changed in models:",
            shell(find),
            "Python code and SQL go into an empty one:",
            shell(empty),
        )
    if by_hand:
        return steps("Make the change in a new migration, which is empty at first:", shell(empty))
    return steps("Make the change in a new migration:", shell(find))


def accept(key: Key) -> str:
    """How to say that it is meant."""
    app, name = key
    return steps(
        "If it is deliberate and every database has been seen to, say so in the ledger:",
        shell(f'migsafe accept {app} {shlex.quote(name)} --reason "…"'),
    )


def gone_with_squash(context: HistoryContext, key: Key) -> bool:
    """Whether a migration is no longer there because it was squashed, and all that has it has the squash as well.

    That is a squash that still says what it replaces, or said so where it is applied, or is called as
    ``squashmigrations`` calls one.
    """
    past, nodes = context.past, context.graph.nodes
    sources = past.applied.get(key, {})
    squashes = [(node.key, node.replaces) for node in nodes.values() if key in node.replaces]
    squashes += [(edit.key, edit.before.replaces) for edit in past.edits if edit.before and key in edit.before.replaces]
    for squash, replaces in squashes:
        if all(squash in keys or keys.issuperset(replaces) for keys in map(past.by_source.__getitem__, sources)):
            return True
    return any(is_called_after(one, key) and sources.keys() <= past.applied.get(one, {}).keys() for one in nodes)


def is_called_after(squash: Key, key: Key) -> bool:
    """Whether a migration has the name that ``squashmigrations`` gives to one that replaces another, and others."""
    if squash[0] != key[0]:
        return False
    first, squashed, last = squash[1].partition("_squashed_")
    return bool(squashed) and first <= key[1] <= f"{last}\uffff"
