"""UPDATE and DELETE for some of their rows at a time."""

import postgast
from google.protobuf.message import DecodeError
from postgast import pg_query_pb2 as pb

_LAST_PARAMETER = 65535


def by_keys(sql: str, key: str, placeholder: str) -> str | None:
    """Make a statement reach only rows whose key is in a list; None if it is no such UPDATE or DELETE.

    Args:
        key: The column.
        placeholder: What stands for the list: ``%(keys)s``; other percent signs are doubled.
    """
    try:
        tree = postgast.parse(sql)
    except (postgast.PgQueryError, DecodeError):
        return None
    if len(tree.stmts) != 1:
        return None
    statement = tree.stmts[0].stmt
    kind = statement.WhichOneof("node")
    if kind not in ("update_stmt", "delete_stmt"):
        return None
    node: pb.UpdateStmt | pb.DeleteStmt = getattr(statement, kind)
    if node.HasField("with_clause") or node.HasField("returning_clause"):
        return None
    alias = node.relation.alias.aliasname
    only = _condition(alias or node.relation.relname, key)
    if node.HasField("where_clause"):
        both = pb.Node()
        both.bool_expr.boolop = pb.AND_EXPR
        both.bool_expr.args.append(only)
        both.bool_expr.args.append(node.where_clause)
        node.where_clause.CopyFrom(both)
    else:
        node.where_clause.CopyFrom(only)
    text = postgast.deparse(tree).replace("%", "%%")
    return text.replace(f"${_LAST_PARAMETER}", placeholder)


def _condition(table: str, key: str) -> pb.Node:
    """``"table"."key" = ANY($65535)``."""
    names = ".".join('"' + part.replace('"', '""') + '"' for part in (table, key))
    tree = postgast.parse(f"SELECT {names} = ANY(${_LAST_PARAMETER})")
    return tree.stmts[0].stmt.select_stmt.target_list[0].res_target.val
