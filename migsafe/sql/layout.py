"""SQL laid out for people; its meaning is not touched."""

import sqlparse
from sqlparse import lexer
from sqlparse.tokens import Comment, Whitespace


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
    # sqlparse aligns the columns of CREATE with its parenthesis, far to the right.
    if clauses and not sql.upper().startswith("CREATE"):
        sql = sqlparse.format(sql, reindent=True)
    lines = [""]
    space = indentation = ""
    for kind, value in lexer.tokenize(sql):
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
