"""Which function makes actions of which kind of parse tree node, and the names in them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from postgast import pg_query_pb2 as pb

from migsafe.actions import Action, Name

Adapter = TypeVar("Adapter", bound=Callable[..., Iterable[Action]])

ADAPTERS: dict[str, Callable[[Any], Iterable[Action]]] = {}
"""By the node's field name in libpg_query's ``Node`` (``alter_table_stmt``)."""


def adapter(*kinds: str) -> Callable[[Adapter], Adapter]:
    """Register the function that makes actions of these kinds of node."""

    def register(function: Adapter) -> Adapter:
        for kind in kinds:
            ADAPTERS[kind] = function
        return function

    return register


def relation(node: pb.RangeVar) -> Name:
    return Name(node.relname, node.schemaname or None)


def strings(nodes: Iterable[pb.Node]) -> tuple[str, ...]:
    return tuple([node.string.sval for node in nodes])


def dotted(nodes: Sequence[pb.Node]) -> Name:
    """A name that the grammar keeps as a list of strings; ``pg_catalog`` is left out, as nobody writes it."""
    schema = nodes[-2].string.sval if len(nodes) > 1 else None
    return Name(nodes[-1].string.sval, None if schema == "pg_catalog" else schema)


def object_name(node: pb.Node) -> Name:
    """Name of the object of a DROP, COMMENT or RENAME, whatever kind of node its kind has."""
    kind = node.WhichOneof("node")
    if kind == "list":
        return dotted(node.list.items)
    if kind == "type_name":
        return dotted(node.type_name.names)
    if kind == "object_with_args":
        return dotted(node.object_with_args.objname)
    return Name(node.string.sval)
