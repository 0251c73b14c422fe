"""Statements without what PostgreSQL writes into them when it has read them."""

import postgast
from google.protobuf.message import DecodeError
from postgast import pg_query_pb2 as pb

from migsafe.sql.parse.expressions import descendants

_TEXTS = ("text", "varchar")


def without_text_casts(statement: str) -> str:
    """The same without casts to ``text`` and ``varchar`` of any length, and to arrays of them.

    Where PostgreSQL puts them in what it has parsed depends on how it came to that: an index whose column has changed
    its type is parsed again from what was written of the first.

    Args:
        statement: SQL; returned as it is if it cannot be parsed.
    """
    try:
        tree = postgast.parse(statement)
        for node in reversed(list(descendants(tree))):  # what is within first
            if isinstance(node, pb.Node) and node.HasField("type_cast") and _is_text(node.type_cast.type_name):
                argument = pb.Node()
                argument.CopyFrom(node.type_cast.arg)
                node.CopyFrom(argument)
        return str(postgast.deparse(tree))
    except (postgast.PgQueryError, DecodeError):
        return statement


def _is_text(name: pb.TypeName) -> bool:
    return bool(name.names) and name.names[-1].string.sval in _TEXTS
