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
    graph, past = context.graph, context.past
    between = tuple(_between(keys, graph))
    longest: Sequence[Key] = ()
    for start, key in enumerate(keys):
        if len(keys) - start <= len(longest):
            break
        end = start
        while (
            end < len(keys)
            and not graph.nodes[keys[end]].replaces
            and len(past.applied.get(keys[end], ())) == len(past.sources)
        ):
            end += 1
        end = min([end, *(later for earlier, later in between if start <= earlier)])
        # What is not on the way from the first to the last is not squashed.
        while end - start > max(len(longest), MANY - 1):
            part = keys[start:end]
            before = graph.ancestors(part[-1])
            if before.issuperset(part[:-1]) and (start == 0 or all(key in graph.ancestors(one) for one in part[1:])):
                longest = part
                break
            end -= 1
    return longest


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
