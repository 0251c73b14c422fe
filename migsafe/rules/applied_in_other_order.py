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
from migsafe.rules._consistency import Edge, written

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
    for edge in sorted(written(context.graph), key=lambda one: one[:2]):
        if not {edge.child[0], edge.parent[0]} & context.apps or _was_squash(context, edge.parent):
            continue
        # By a squash one that it replaces may be meant: at best the first as a parent, the last as a child.
        child, parent = (_places(context.graph, key, recorded) for key in edge[:2])
        if child and parent and max(child) < min(parent):
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
    node = context.graph.nodes.get(key)
    if node is None or node.replaces:
        return False
    if "_squashed_" in key[1] or any(
        one.key == key and one.before and one.before.replaces for one in context.past.edits
    ):
        return True
    # Nothing of an app is recorded before its first migration.
    return node.initial and next((one for one in context.past.order if one[0] == key[0]), key) != key


def _places(graph: Graph, key: Key, recorded: Mapping[Key, int]) -> list[int]:
    """Where a migration is in the order, and all that it replaces."""
    replaces = graph.nodes[key].replaces if key in graph.nodes else ()
    own = [recorded[key]] if key in recorded else []
    return own + [place for one in replaces if one != key for place in _places(graph, one, recorded)]


def _recorded(past: Past, edge: Edge) -> Evidence:
    lines = []
    for key in (edge.child, edge.parent):
        date = past.applied.get(key, {}).get("database")
        lines.append(f"{named(key)}{f' {date:%Y-%m-%d %H:%M:%S}' if date else ''}")
    return Evidence("recorded", "\n".join(lines))


def _fix(edge: Edge) -> str:
    where = f"`{'run_before' if edge.dependency is None else 'dependencies'}` of {named(edge.owner)}"
    return (
        f"See whether the two touch the same tables. If they do not, nothing is wrong. If they do, and {where} was"
        " changed after they had been applied, put that back; if one of them was recorded with `--fake`, compare this"
        " database with one that is migrated from nothing."
    )
