"""SQL laid out for people; its meaning is not touched."""

from collections.abc import Iterator
from typing import Any

import sqlparse
from sqlparse import lexer
from sqlparse.tokens import Comment, Token, Whitespace

_WITH_CLAUSES = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}


def layout(sql: str, width: int, *, clauses: bool = True) -> str:
    """Break a statement into lines, unless it fits on one.

    Lines are only broken between tokens: a long literal or name stays in one piece, however wide.

    Args:
        width: Number of characters that lines should not exceed.
        clauses: Whether each clause starts a line, as sqlparse sees clauses.
    """
    sql = sql.strip()
    if len(sql) <= width and "\n" not in sql:
        return sql
    # Of other statements sqlparse knows no clauses: it would align them with some parenthesis, far to the right.
    if clauses and sql.split(maxsplit=1)[0].upper() in _WITH_CLAUSES:
        sql = sqlparse.format(sql, reindent=True)
    lines = [""]
    space = indentation = ""
    for kind, value in _words(sql):
        if kind in Whitespace:
            space += value
            continue
        before, newline, after = space.rpartition("\n")
        if newline:
            lines += [""] * (before.count("\n") + 1)
        if not lines[-1]:
            indentation = after
            lines[-1] = after + value
        elif space and len(lines[-1] + space + value.partition("\n")[0]) > width and kind not in Comment:
            lines.append(f"{indentation}    {value}")
        else:
            lines[-1] += space + value
        space = ""
    return "\n".join(line.rstrip() for line in lines)


def _words(sql: str) -> Iterator[tuple[Any, str]]:
    """Tokens, those put together that no space parts; comments alone."""
    word = ""
    for kind, value in lexer.tokenize(sql):
        if kind in Whitespace or kind in Comment:
            if word:
                yield Token, word
            yield kind, value
            word = ""
        else:
            word += value
    if word:
        yield Token, word
