"""Which migration comes after which on a database that has recorded some of them, as Django's loader works it out.

Source: `MigrationLoader.build_graph` and `check_consistent_history` of Django 6.0, which goes through squashes of
squashes as well; older ones do the same for all others.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from migsafe.applied import Dependency, Graph, Key, Node


class Edge(NamedTuple):
    """One migration that comes directly before another.

    Attributes:
        owner: In whose file it is written.
        dependency: As it is written there; None if it is ``run_before`` of the parent.
    """

    child: Key
    parent: Key
    owner: Key
    dependency: Dependency | None


Parents = dict[Key, dict[Key, Edge]]


def edges(graph: Graph, recorded: Collection[Key]) -> Iterator[Edge]:
    """Edges of the graph that Django makes for a database.

    Args:
        recorded: What the table ``django_migrations`` has.
    """
    parents: Parents = {key: {} for key in graph.nodes}
    for edge in written(graph):
        # Also of a migration whose file is gone: a squash may take its place.
        parents.setdefault(edge.parent, {})
        parents.setdefault(edge.child, {})[edge.parent] = edge
    for squash in _innermost_first(graph):
        targets = set(_replaced(graph, squash.key))
        if targets <= set(recorded) or targets.isdisjoint(recorded):
            _put_in_place(squash, parents)
        else:
            _leave_out(squash, parents)
    for own in parents.values():
        yield from (edge for edge in own.values() if edge.parent in graph.nodes and edge.child in graph.nodes)


def violated(graph: Graph, recorded: Collection[Key]) -> Iterator[Edge]:
    """Edges for which Django raises InconsistentMigrationHistory: the child is recorded, the parent is not."""
    for edge in edges(graph, recorded):
        if edge.child in recorded and not counts(graph, edge.parent, recorded):
            yield edge


def counts(graph: Graph, key: Key, recorded: Collection[Key]) -> bool:
    """Whether a migration is recorded, or all that it replaces is."""
    if key in recorded:
        return True
    replaces = graph.nodes[key].replaces if key in graph.nodes else ()
    return bool(replaces) and all(one != key and counts(graph, one, recorded) for one in replaces)


def resolved(graph: Graph, app: str, name: str) -> Key | None:
    """The migration that a dependency on another app names; None if that app has none."""
    if name not in ("__first__", "__latest__") or (app, name) in graph.nodes:
        return app, name
    own = [node for node in graph.nodes.values() if node.app == app]
    if name == "__first__":
        found = [node.key for node in own if not _inside(node)]
    else:
        found = sorted({node.key for node in own} - {parent for node in own for parent in _inside(node)})
    return min(found, default=None)


def _inside(node: Node) -> list[Key]:
    return [(one.app, one.name) for one in node.dependencies if one.app == node.app and one.name != "__first__"]


def written(graph: Graph) -> Iterator[Edge]:
    """All edges as they are written, also of migrations that are replaced, and to some whose files are gone."""
    for node in graph.nodes.values():
        for one in node.dependencies:
            if one.app == node.app:
                parent = None if one.name == "__first__" else (one.app, one.name)
            else:
                parent = resolved(graph, one.app, one.name)
            if parent:
                yield Edge(node.key, parent, node.key, one)
        for app, name in node.run_before:
            child = None if app == node.app and name == "__first__" else resolved(graph, app, name)
            if child:
                yield Edge(child, node.key, node.key, None)


def _innermost_first(graph: Graph) -> list[Node]:
    found: dict[Key, Node] = {}

    def visit(node: Node) -> None:
        for key in node.replaces:
            if key != node.key and key in graph.nodes and key not in found and graph.nodes[key].replaces:
                visit(graph.nodes[key])
        found[node.key] = node

    for node in graph.nodes.values():
        if node.replaces and node.key not in found:
            visit(node)
    return list(found.values())


def _replaced(graph: Graph, squash: Key) -> Iterator[Key]:
    """What a squash replaces, in place of the squashes among that what these replace."""
    for key in graph.nodes[squash].replaces:
        if key != squash and key in graph.nodes and graph.nodes[key].replaces:
            yield from _replaced(graph, key)
        else:
            yield key


def _put_in_place(squash: Node, parents: Parents) -> None:
    """Take out what a squash replaces; what was before and after that is before and after the squash."""
    replaced = set(squash.replaces) - {squash.key}
    own = parents.get(squash.key, {})
    for key in squash.replaces:
        if key in replaced:
            for parent, edge in parents.pop(key, {}).items():
                if parent not in replaced and parent != squash.key:
                    own.setdefault(parent, edge._replace(child=squash.key))
    for child, others in parents.items():
        for key in replaced & others.keys():
            edge = others.pop(key)
            if child != squash.key:
                others.setdefault(squash.key, edge._replace(parent=squash.key))


def _leave_out(squash: Node, parents: Parents) -> None:
    """Take out a squash; what was after it is after the last of those that it replaces."""
    parents.pop(squash.key, None)
    replaced = {key for key in squash.replaces if key in parents}
    last = replaced - {parent for key in replaced for parent in parents[key]}
    for others in parents.values():
        if edge := others.pop(squash.key, None):
            for key in last:
                others.setdefault(key, edge._replace(parent=key))
