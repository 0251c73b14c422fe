"""SQL laid out for people; its meaning is not touched."""

import sqlparse
from sqlparse.tokens import Comment


def layout(sql: str, width: int) -> str:
    """Break a statement into lines, by its clauses and where they are too long.

    Lines are only broken between tokens: a long literal or name stays in one piece, however wide.

    Args:
        width: Number of characters that lines should not exceed.
    """
    statement = sqlparse.parse(sql.strip())[0]
    if statement.get_type() != "CREATE":  # sqlparse would align columns with the parenthesis, far to the right
        statement = sqlparse.parse(sqlparse.format(str(statement), reindent=True))[0]
    lines = [""]
    space = indentation = ""
    for token in statement.flatten():
        if token.is_whitespace:
            space += token.value
            continue
        before, newline, after = space.rpartition("\n")
        if newline:
            lines += [""] * (before.count("\n") + 1)
        if not lines[-1]:
            lines[-1] = indentation = after
            lines[-1] += token.value
        elif space and len(lines[-1] + space + token.value.partition("\n")[0]) > width and token.ttype not in Comment:
            lines.append(f"{indentation}    {token.value}")
        else:
            lines[-1] += space + token.value
        space = ""
    return "\n".join(line.rstrip() for line in lines)
