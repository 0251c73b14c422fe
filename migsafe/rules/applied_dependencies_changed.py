"""An applied migration that has got another place in the graph.

## What it catches
``dependencies``, ``run_before``, ``replaces`` or ``initial`` of a migration that git or the ledger says is applied have
changed. It is an info as long as nothing comes of it: what it depends on now is applied wherever it is, and what it no
longer names still comes before it. It is an error if Django will take the migration as not applied.

## Why it hurts
Where it is applied, it is not run again. New databases apply migrations in the new order: what has always been
there before this one may no longer be, and it fails, or does something else. A new ``replaces`` makes Django believe
that it has to run again.

## Do this instead
Put it back as it was. What has to be in order goes into the ``dependencies`` of new migrations.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from migsafe.applied import SOURCES, Edit, Graph, Key
from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._applied import accept, applied, asked, named, restore
from migsafe.rules._consistency import counts, resolved
from migsafe.rules._evidence import listed
from migsafe.rules._fixes import pair, steps

rule = Rule(
    __name__,
    code="MS704",
    severity=Severity.WARNING,
    axis=Axis.HISTORY,
    message="{it} is applied ({places}), and {what}",
    why="{consequence}",
)

ATTRIBUTES = ("dependencies", "run_before", "replaces")
ORDER = list(Severity)

CONSEQUENCES = {
    Severity.ERROR: (
        "A migration that replaces others is applied for Django where all of these are; any other where it is recorded"
        " itself. By that, this one is not applied any more: `migrate` will run it again, or what it replaces."
    ),
    Severity.WARNING: (
        "Databases that have it do not run it again. New ones apply migrations in another order: what has always been"
        " there before this one, or after it, may no longer be."
    ),
    Severity.INFO: (
        "Nothing comes of it: what it depends on is applied wherever it is and comes before it as ever, and it counts"
        " as applied as it did."
    ),
}


class Change(NamedTuple):
    """What is written no longer (``-``), or since then (``+``)."""

    attribute: str
    sign: str
    key: Key


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    edits: defaultdict[Key, list[Edit]] = defaultdict(list)
    for edit in context.past.edits:
        if edit.graph and edit.app in context.apps:
            edits[edit.key].append(edit)
    for key, several in sorted(edits.items()):
        several.sort(key=lambda one: (one.before is None, SOURCES.index(one.source)))
        yield _finding(context, key, several)


def _finding(context: HistoryContext, key: Key, edits: list[Edit]) -> Finding:
    edit = edits[0]
    sources = [one.source for one in edits]
    changes = _changes(edit)
    known = edit.before is not None
    severity = min(
        (_severity(context, edit, change) for change in changes),
        key=ORDER.index,
        default=Severity.INFO if known else Severity.WARNING,
    )
    node = context.graph.nodes.get(key)
    return rule.in_history(
        context,
        key,
        severity=severity,
        it=named(key),
        places=context.past.where(sources),
        what=_what(changes, known=known),
        consequence=CONSEQUENCES[severity],
        evidence=[
            *applied(context.past, key, sources),
            *[Evidence("changed", "\n".join(map(_line, changes)), "diff")] * bool(changes),
            *([Evidence("unknown", edit.unknown)] if edit.unknown and not known else []),
        ],
        fix="Nothing has to be done."
        if severity is Severity.INFO
        else steps(restore(context.past, node.path if node else None, sources), accept(key)),
    )


def _changes(edit: Edit) -> list[Change]:
    changes = []
    for attribute in ATTRIBUTES:
        before: Sequence[Key] = getattr(edit.before, attribute, ())
        after: Sequence[Key] = getattr(edit.after, attribute)
        if edit.before is not None:
            changes += [Change(attribute, "-", key) for key in before if key not in after]
            changes += [Change(attribute, "+", key) for key in after if key not in before]
    return changes


def _what(changes: list[Change], *, known: bool) -> str:
    if not known:
        return "its place in the graph has changed; what it was is not known"
    what = listed(list(dict.fromkeys(change.attribute for change in changes)) or ["initial"])
    return f"its {what} changed"


def _line(change: Change) -> str:
    return f"{change.sign}{change.attribute}: {pair(change.key)}"


def _severity(context: HistoryContext, edit: Edit, change: Change) -> Severity:
    graph, added = context.graph, change.sign == "+"
    has = {source: context.past.by_source[source] for source in context.past.applied.get(edit.key, {})}
    if change.attribute == "replaces":
        return Severity.ERROR if _runs_again(context, edit, added=added) else Severity.INFO
    other = _named(graph, edit.key, change.key)
    if other is None or not any(app == other[0] for app, _ in graph.nodes):
        harmless = True  # an app without migrations, or one that has been taken out
    elif change.attribute == "run_before":
        harmless = added or _comes_before(context, edit.key, other)
    elif added:
        # Only a database has apps that nobody has asked for.
        knows = [source for source in has if source == "database" or other[0] in context.apps]
        harmless = all(counts(graph, other, has[source]) for source in knows)
    else:
        harmless = _comes_before(context, other, edit.key)
    return Severity.INFO if harmless else Severity.WARNING


def _runs_again(context: HistoryContext, edit: Edit, *, added: bool) -> bool:
    """Whether Django takes a migration as not applied because of what it replaces now, or no longer does."""
    recorded = [context.past.by_source[source] for source in asked(context.past)]
    replaced = edit.before.replaces if edit.before else ()
    if added:
        new = set(edit.after.replaces) - set(replaced)
        return not all(counts(context.graph, one, keys) for keys in recorded if edit.key in keys for one in new)
    # A squash that has only counted as applied is recorded itself by the first `migrate` that finds it.
    return any(edit.key not in keys and keys.issuperset(replaced) for keys in recorded)


def _named(graph: Graph, key: Key, written: Key) -> Key | None:
    """The migration that a dependency names, which may be the first of whatever app a setting names."""
    app, name = written
    if app.startswith("settings."):
        app = graph.swappable.get(app.removeprefix("settings."), "").partition(".")[0]
    return None if app == key[0] and name == "__first__" else resolved(graph, app, name)


def _comes_before(context: HistoryContext, key: Key, other: Key) -> bool:
    """Whether one migration, or the squash that stands for it, comes before another on a new database."""
    graph = context.graph
    first, then = (_standing(context, one) for one in (key, other))
    return then not in graph.nodes or first == then or graph.comes_before(first, then)


def _standing(context: HistoryContext, key: Key) -> Key:
    if node := context.graph.nodes.get(key):
        return node.replaced_by or key
    squashes = [node.key for node in context.graph.nodes.values() if key in node.replaces]
    # One that has become a normal migration says no longer what it replaced.
    former = [one.key for one in context.past.edits if one.before and key in one.before.replaces]
    return next(iter(squashes + former), key)
