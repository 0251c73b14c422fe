"""An app with a long history, most of which one squash could stand for.

## What it catches
An app of which 100 or more migrations can be squashed into one, in a run about all of its migrations: not with
``--since`` or for single ones. Only those count that one squash can stand for: they come one after the other, everybody
who was asked has applied them, none is a squash already, and no migration of another app has to run between them.

## Why it hurts
Every new database, and so every test run that makes one, carries all of them out, and Django works out the models
between any two. That took some 50 ms each in a project with 55 models, 120 ms in wagtail: 5 to 12 s for 100.

## Do this instead
``squashmigrations``. Deploy the squash beside the old files, and delete these when every database has all of them.
"""

from collections.abc import Iterator, Sequence

from migsafe.applied import Graph, Key
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._evidence import some
from migsafe.rules._fixes import shell, steps

rule = Rule(
    __name__,
    code="MS715",
    severity=Severity.INFO,
    axis=Axis.HISTORY,
    message="One squash could stand for {number} of the {all} migrations of {app}",
    why="Every new database carries all of them out: tests too, each time they make one.",
)

MANY = 100
"""`migrate` takes 5 s for them, at 46 ms each (the 153 of scenarios/shop on PostgreSQL 16; wagtail's 193: 118 ms)."""


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    for app in sorted(context.apps):
        keys = [node.key for node in context.graph.nodes.values() if node.app == app and node.replaced_by is None]
        if len(keys) < MANY or len(context.graph.leaf_nodes[app]) > 1 or not context.is_whole(app):
            continue
        squashed = _longest(keys, context)
        if len(squashed) >= MANY:
            yield rule.in_history(
                context,
                app,
                path=context.graph.nodes[squashed[-1]].path,
                number=str(len(squashed)),
                all=str(len(keys)),
                fix=_fix(app, squashed, context, start=squashed[0] != keys[0]),
            )


def _longest(keys: Sequence[Key], context: HistoryContext) -> Sequence[Key]:
    """The longest part of an app's history that `squashmigrations` can make one migration of."""
    longest: Sequence[Key] = ()
    for start, end in enumerate(_ends(keys, context)):
        # What is not on the way from the first to the last is not squashed.
        while end - start > max(len(longest), MANY - 1):
            if _is_whole(keys[start:end], context.graph, first=start == 0):
                longest = keys[start:end]
                break
            end -= 1
    return longest


def _ends(keys: Sequence[Key], context: HistoryContext) -> Sequence[int]:
    """How far a squash that begins with each of some migrations could go."""
    graph, past = context.graph, context.past
    between: dict[int, int] = {}
    for earlier, later in _between(keys, graph):
        between[earlier] = min(later, between.get(earlier, later))
    ends = []
    end = len(keys)
    for place, key in reversed([*enumerate(keys)]):
        end = min(end, between.get(place, end))
        if graph.nodes[key].replaces or len(past.applied.get(key, ())) < len(past.sources):
            end = place
        ends.append(end)
    return ends[::-1]


def _is_whole(part: Sequence[Key], graph: Graph, *, first: bool) -> bool:
    """Whether a part of the history has one last migration and, unless it is the first one, one to begin with."""
    reached = {part[0]}
    for key in part[1:]:
        if not first and reached.isdisjoint(graph.nodes[key].parents):
            return False
        reached.add(key)
    return all(graph.comes_before(key, part[-1]) for key in part[:-1])


def _between(keys: Sequence[Key], graph: Graph) -> Iterator[tuple[int, int]]:
    """Of each migration of another app that runs between some: the last one before it, and the first one after it."""
    places = {key: place for place, key in enumerate(keys)}
    order = [key for key, node in graph.nodes.items() if node.replaced_by is None]
    last: dict[Key, int] = {}
    first: dict[Key, int] = {}
    for key in order:
        last[key] = places.get(key, max((last[parent] for parent in graph.nodes[key].parents), default=-1))
    for key in reversed(order):
        here = places.get(key, first.get(key, len(keys)))
        for parent in graph.nodes[key].parents:
            first[parent] = min(here, first.get(parent, len(keys)))
    for key in order:
        if key not in places and last[key] >= 0 and first.get(key, len(keys)) < len(keys):
            yield last[key], first[key]


def _fix(app: str, squashed: Sequence[Key], context: HistoryContext, *, start: bool) -> str:
    nodes = [context.graph.nodes[key] for key in squashed]
    kept = sum(one.kept for one in nodes)
    separate = [one.name for one in nodes if not one.atomic]
    names = [name for _, name in (*squashed[:1], squashed[-1])][not start :]
    keeps = "First set `elidable=True` on those that a new database does not need:"
    return steps(
        *[f"It keeps {kept} RunPython and RunSQL operations and cannot optimize across them. {keeps}"] * bool(kept),
        shell(f"python manage.py squashmigrations {app} {' '.join(names)}"),
        *[f"Not atomic, so the squash cannot be either: {', '.join(some(separate))}."] * bool(separate),
        "Deploy it, and keep the old files until every database has all of them.",
    )
