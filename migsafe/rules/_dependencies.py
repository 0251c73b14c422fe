"""Which migration makes a model, and how one depends on it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from migsafe.applied import Graph, Key, ModelReference, Node
from migsafe.rules._context import HistoryContext
from migsafe.rules._fixes import python


class Unordered(NamedTuple):
    """A model that a migration refers to and that none of those before it makes.

    Attributes:
        maker: The last migration that makes it and does not come after the migration; if all do, the first.
        never: Whether it cannot be there: all that make it depend on the migration.
    """

    reference: ModelReference
    maker: Key
    never: bool


def unordered(node: Node, graph: Graph, makers: Mapping[str, Sequence[Key]]) -> Iterator[Unordered]:
    """Models of other apps that a migration refers to, where no dependency says that they are there.

    Models that no migration makes are left out: those of apps without migrations are always there, and what an
    operation of an unknown class makes nobody knows.
    """
    made = {one: makers.get(one.label, ()) for one in node.refers_to}
    # Most are in its own app or in a migration that it names.
    near = {node.key, *node.parents}
    far = [
        one
        for one in made
        if made[one] and near.isdisjoint(made[one]) and node.app not in {key[0] for key in made[one]}
    ]
    for reference in far:
        if not any(graph.comes_before(key, node.key) for key in made[reference]):
            before = [key for key in made[reference] if not graph.comes_before(node.key, key)]
            yield Unordered(reference, before[-1] if before else made[reference][0], never=not before)


def makers(context: HistoryContext) -> dict[str, list[Key]]:
    """Migrations of the graph by the models that they make, in order."""
    found: dict[str, list[Key]] = {}
    for node in context.graph.nodes.values():
        if node.replaced_by is None:
            for label in node.makes:
                found.setdefault(label, []).append(node.key)
    return found


def adding(dependency: str) -> str:
    """Code of the dependencies with one more."""
    return python("dependencies = [", "    ...,", f"    {dependency},", "]")
