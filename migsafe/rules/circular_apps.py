"""Apps whose migrations depend on each other in a circle.

## What it catches
Two or more of the team's apps of which each needs migrations of the next: no migration depends on itself, but no app
comes before the other. Reported once, at the migration that closed the circle.

## Why it hurts
Nothing fails today. But once their histories are squashed into one migration each, the squashes depend on each other,
and Django loads none of them: ``CircularDependencyError``. An app whose migrations lead through another app back to
itself cannot even be squashed alone. Nor can one be taken out, or tested without the others.

## Do this instead
Let one of the apps come first: put what refers to the later app into that app. If the circle stays, squash in parts
that end before the migrations that close it.
"""

from collections.abc import Iterator
from itertools import pairwise

import networkx

from migsafe.applied import Graph, Key
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._fixes import shell, steps

rule = Rule(
    __name__,
    code="MS716",
    severity=Severity.INFO,
    axis=Axis.HISTORY,
    message="Apps {apps} depend on each other: {circle}",
    why=(
        "The whole history of {squashed} cannot be squashed into one migration: Django would refuse to load it"
        " (CircularDependencyError). And none of these apps can be taken out without the others."
    ),
)

Edge = tuple[Key, Key]
"""A migration, and one of another app that it depends on."""


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    graph = context.graph
    edges = _edges(graph)
    depends: networkx.DiGraph[str] = networkx.DiGraph(list(edges))
    for apps in networkx.strongly_connected_components(depends):
        if len(apps) > 1 and (circle := _first_circle(apps, edges))[0][0] in context.looked_at:
            closing, other = circle[0]
            returns = {app: key for app in sorted(apps) if (key := _first_return(app, edges, graph))}
            yield rule.in_history(
                context,
                closing,
                about=" ".join(sorted(apps)),
                apps=_listed("and", sorted(apps)),
                circle=", and ".join(f"{'.'.join(one)} depends on {'.'.join(other)}" for one, other in circle),
                squashed=_listed("or", list(returns)) if returns else f"all of {_listed('and', sorted(apps))}",
                fix=steps(*_turned_round(closing, other, context), *_squashes(returns, graph)),
            )


def _edges(graph: Graph) -> dict[tuple[str, str], list[Edge]]:
    """Dependencies between the team's apps, by both of them, in the order of the history."""
    found: dict[tuple[str, str], list[Edge]] = {}
    for key, node in graph.nodes.items():
        for parent in node.parents:
            if parent[0] != node.app and node.own and graph.nodes[parent].own:
                found.setdefault((node.app, parent[0]), []).append((key, parent))
    return found


def _first_circle(apps: set[str], edges: dict[tuple[str, str], list[Edge]]) -> list[Edge]:
    """The circle that was there first, beginning with the edge that closed it."""
    order = sorted((pair for pair in edges if apps.issuperset(pair)), key=list(edges).index)
    known: networkx.DiGraph[str] = networkx.DiGraph()
    for app, other in order:
        known.add_edge(app, other)
        if networkx.has_path(known, other, app):
            path = networkx.shortest_path(known, other, app)
            return [edges[app, other][0], *(edges[pair][0] for pair in pairwise(path))]
    raise AssertionError(f"no circle in {apps}")


def _first_return(app: str, edges: dict[tuple[str, str], list[Edge]], graph: Graph) -> Key | None:
    """The first migration of an app that depends on another app's, which depends on the app's own."""
    leaving = {edge for (one, _), found in edges.items() if one == app for edge in found}
    for key in graph.nodes:
        if key[0] == app and any(
            one == key and any(each[0] == app for each in graph.ancestors(other)) for one, other in leaving
        ):
            return key
    return None


def _turned_round(closing: Key, other: Key, context: HistoryContext) -> Iterator[str]:
    if context.is_new(closing) or not context.past.sources:
        yield (
            f"If `{'.'.join(closing)}` is not applied anywhere yet, put what it needs of {other[0]} into a migration of"
            f" {other[0]}, which depends on {closing[0]} anyway."
        )
    else:
        yield f"It is applied: leave it. From now on let {other[0]} depend on {closing[0]}, not the other way round."


def _squashes(returns: dict[str, Key], graph: Graph) -> Iterator[str]:
    """What can be squashed: up to the migration before the one that comes back to the app."""
    commands = [
        f"python manage.py squashmigrations {app} {parent[1]}"
        for app, key in returns.items()
        for parent in graph.nodes[key].parents
        if parent[0] == app and _can_be_squashed(parent, graph)
    ]
    if commands:
        yield "When you squash, do it in parts. These can be squashed:"
        yield shell(*commands)


def _can_be_squashed(last: Key, graph: Graph) -> bool:
    """Whether there is more than one up to a migration of its app, and no squash among them: Django refuses those."""
    own = [key for key in (last, *graph.ancestors(last)) if key[0] == last[0]]
    return len(own) > 1 and not any(graph.nodes[key].replaces for key in own)


def _listed(word: str, names: list[str]) -> str:
    return f" {word} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
