"""The shapes of code that fixes are written in: Markdown with fenced Python and SQL."""

import textwrap

from sqlparse import lexer
from sqlparse.tokens import Keyword

from migsafe.actions import CreateIndex, Name
from migsafe.rules._context import Context
from migsafe.sql.layout import layout

WIDTH = 50
"""Characters of SQL on a line: with the code around it that makes less than 80."""


def quoted(name: Name | str) -> str:
    """A name as an SQL identifier, quoted the way Django does."""
    if isinstance(name, str):
        name = Name(name)
    parts = [name.name] if name.schema is None else [name.schema, name.name]
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def concurrently(sql: str) -> str:
    """The same CREATE INDEX or DROP INDEX statement with CONCURRENTLY."""
    before, found = "", False
    for kind, value in lexer.tokenize(sql):
        before += value
        if not found and kind in Keyword and value.upper() == "INDEX":
            before += " CONCURRENTLY"
            found = True
    return before


def concurrent_indexes(context: Context) -> list[str]:
    """The indexes that an operation builds, each as a RunSQL that builds it concurrently."""
    return [
        run_sql(concurrently(statement.parsed.sql), f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(action.name or '…')}")
        for statement in context.operation.forward
        for action in statement.parsed.actions
        if isinstance(action, CreateIndex) and not action.concurrently
    ]


def steps(*parts: str) -> str:
    """Join prose and code, one paragraph each."""
    return "\n\n".join(part.strip("\n") for part in parts)


def python(*code: str) -> str:
    """Fence Python code."""
    return "```python\n" + "\n".join(code) + "\n```"


def migration(*operations: str, atomic: bool = True, imports: str = "") -> str:
    """Fence the body of a migration that has these operations."""
    body = "".join(textwrap.indent(operation, " " * 4) + ",\n" for operation in operations)
    head = f"{imports}\n\n" if imports else ""
    switch = "" if atomic else "atomic = False\n"
    return python(f"{head}{switch}operations = [\n{body}]")


def run_sql(sql: str, reverse: str | None) -> str:
    """A RunSQL; ``reverse`` None stands for nothing to undo."""
    undo = "migrations.RunSQL.noop" if reverse is None else _literal(reverse)
    return f"migrations.RunSQL(\n    sql={_literal(sql)},\n    reverse_sql={undo},\n)"


def separate(*, database: list[str], state: list[str]) -> str:
    """A SeparateDatabaseAndState."""
    text = "migrations.SeparateDatabaseAndState(\n"
    for name, operations in (("database_operations", database), ("state_operations", state)):
        if operations:
            body = "".join(textwrap.indent(operation, " " * 8) + ",\n" for operation in operations)
            text += f"    {name}=[\n{body}    ],\n"
    return text + ")"


def _literal(sql: str) -> str:
    """SQL as a Python string literal, on one line without backslashes if that is possible."""
    line = " ".join(sql.split("\n"))
    quote = next((quote for quote in "\"'" if quote not in line), None)
    if len(line) <= WIDTH and quote and "\\" not in line:
        return f"{quote}{line}{quote}"
    return '"""\n' + textwrap.indent(layout(sql, WIDTH, clauses=False), " " * 8) + '\n    """'
