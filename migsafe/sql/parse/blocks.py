"""The SQL in PL/pgSQL blocks."""

from collections.abc import Iterator
from typing import TypeAlias

from postgast import parse as parse_tree
from postgast import parse_plpgsql
from postgast import pg_query_pb2 as pb

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"

_STATEMENT = 0
_EXPRESSION = 2
"""How PL/pgSQL reads a piece of SQL (PostgreSQL's ``RawParseMode``); higher numbers are assignments."""

_POSITION = {"query": 0, "cond": 0, "exceptions": 2}
"""What is run before bodies (a loop's query), and what after; the rest is 1."""


def statements(block: str) -> Iterator[str | None]:
    """The SQL of a DO statement, in the order of the text; None where a text is only known at run time.

    Branches, loop bodies and exception handlers count once each. Conditions, assignments and the like are given as
    ``SELECT …``.

    Raises:
        PgQueryError: The block is not valid PL/pgSQL.
    """
    functions: list[Json] = [*parse_plpgsql(block)]
    return _walk(functions)


def _walk(node: Json) -> Iterator[str | None]:
    if isinstance(node, list):
        for item in node:
            yield from _walk(item)
    elif isinstance(node, dict):
        for key in sorted(node, key=lambda key: _POSITION.get(key, 1)):
            value = node[key]
            if key in {"PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors"}:
                yield from _executed(value)
            elif key == "PLpgSQL_expr" and isinstance(value, dict):
                yield _as_statement(str(value["query"]), value["parseMode"])
            elif key == "PLpgSQL_stmt_commit":
                yield "COMMIT"
            elif key == "PLpgSQL_stmt_rollback":
                yield "ROLLBACK"
            else:
                yield from _walk(value)


def _as_statement(sql: str, mode: Json) -> str:
    if mode == _STATEMENT:
        return sql
    if mode == _EXPRESSION:
        return f"SELECT {sql}"
    return f"SELECT {sql.partition('=')[2]}"


def _executed(execute: Json) -> Iterator[str | None]:
    """EXECUTE: its text if that is constant; then its parameters, or the body of the loop over it."""
    assert isinstance(execute, dict)
    for key, value in execute.items():
        if key == "query":
            expressions = tuple(_walk(value))
            yield from (_constant_text(expression) if expression else None for expression in expressions)
        else:
            yield from _walk(value)


def _constant_text(select: str) -> str | None:
    return _text(parse_tree(select).stmts[0].stmt.select_stmt.target_list[0].res_target.val)


def _text(node: pb.Node) -> str | None:
    if node.HasField("a_const") and node.a_const.HasField("sval"):
        return str(node.a_const.sval.sval)
    if node.HasField("a_expr") and node.a_expr.name[0].string.sval == "||":
        left, right = _text(node.a_expr.lexpr), _text(node.a_expr.rexpr)
        return None if left is None or right is None else left + right
    return None
