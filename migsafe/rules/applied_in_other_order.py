"""A migration that was recorded before one that it depends on.

## What it catches
Two migrations in the order in which the database has recorded them, where the first directly depends on the second:
dependencies were changed after the fact, or one of them was recorded without being run (``migrate --fake``).

## Why it hurts
Django is content, since both are applied. But a new database gets them the other way around: if the order matters, its
schema or its data are not what production has, and nobody has ever run that order.

## Do this instead
Find out which of the two orders is meant. If dependencies were changed, put them back. If the order does not matter to
what they do, nothing is wrong.
"""

from collections.abc import Iterator, Mapping

from migsafe.applied import Graph, Key, Past
from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._applied import named
from migsafe.rules._consistency import Edge, edges

rule = Rule(
    __name__,
    code="MS707",
    severity=Severity.WARNING,
    axis=Axis.HISTORY,
    message="{places} has recorded {child} before {parent}, on which it depends",
    why=(
        "Both are applied, so Django is content. But a new database gets them the other way around, which nobody has"
        " run so far: if the order matters, it ends up different from this one."
    ),
)


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    past = context.past
    recorded: dict[Key, int] = {}
    for number, key in enumerate(past.order):
        recorded.setdefault(key, number)  # some tables have a row twice
    for edge in sorted(edges(context.graph, recorded), key=lambda one: one[:2]):
        if not {edge.child[0], edge.parent[0]} & context.apps or _was_squash(context, edge.parent):
            continue
        child, parent = recorded.get(edge.child), _since(context.graph, edge.parent, recorded)
        if child is not None and parent is not None and child < parent:
            yield rule.in_history(
                context,
                edge.owner if edge.owner[0] in context.apps else edge.child,
                about=f"{named(edge.child)} {named(edge.parent)}",
                places=past.where(["database"]),
                child=named(edge.child),
                parent=named(edge.parent),
                evidence=[_recorded(past, edge)],
                fix=_fix(edge),
            )


def _was_squash(context: HistoryContext, key: Key) -> bool:
    """Whether a migration seems to be a squash that says no longer what it replaces: Django records these late."""
    node = context.graph.nodes[key]
    if node.replaces:
        return False
    if "_squashed_" in key[1] or any(
        one.key == key and one.before and one.before.replaces for one in context.past.edits
    ):
        return True
    # Nothing of an app is recorded before its first migration.
    return node.initial and next((one for one in context.past.order if one[0] == key[0]), key) != key


def _since(graph: Graph, key: Key, recorded: Mapping[Key, int]) -> int | None:
    """From which place on a migration counts as recorded; a squash does as soon as all that it replaces is."""
    replaces = graph.nodes[key].replaces if key in graph.nodes else ()
    places = [_since(graph, one, recorded) for one in replaces if one != key]
    known = [place for place in places if place is not None]
    found = [recorded[key]] if key in recorded else []
    if known and len(known) == len(places):
        found.append(max(known))
    return min(found, default=None)


def _recorded(past: Past, edge: Edge) -> Evidence:
    lines = []
    for key in (edge.child, edge.parent):
        date = past.applied.get(key, {}).get("database")
        lines.append(f"{named(key)}{f' {date:%Y-%m-%d %H:%M:%S}' if date else ''}")
    return Evidence("recorded", "\n".join(lines))


def _fix(edge: Edge) -> str:
    written = f"`{'run_before' if edge.dependency is None else 'dependencies'}` of {named(edge.owner)}"
    return (
        f"See whether the two touch the same tables. If they do not, nothing is wrong. If they do, and {written} was"
        " changed after they had been applied, put that back; if one of them was recorded with `--fake`, compare this"
        " database with one that is migrated from nothing."
    )
