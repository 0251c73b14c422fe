"""What the rules about data migrations ask of the code that was read, and how their fixes change it."""

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from migsafe.actions import Name
from migsafe.project.operations import ReplayedOperation
from migsafe.python import Place, PythonFunction, RawSql, Write
from migsafe.python.source import FunctionNode, source
from migsafe.rules._context import MigrationContext, OperationContext
from migsafe.rules._fixes import migration, python, steps
from migsafe.sql.parse import parse


def forward(operation: ReplayedOperation) -> Iterator[PythonFunction]:
    """The functions that apply it."""
    return (function for function in operation.python if not function.reverse)


def changes_many(function: PythonFunction) -> bool:
    """Whether it goes through the rows of a whole table to change them, as far as one can see."""
    return any(
        write.kind == "bulk_update" or write.rows in ("all", "unfilled") or (write.kind == "save" and write.loop)
        for write in function.reading.writes
        if write.kind in ("update", "delete", "save", "bulk_update")
    )


def table(write: Write) -> Name:
    """The table that a call writes to; ``db_table`` may hold a schema in quotes."""
    schema, found, name = write.table.partition('"."')
    return Name(name, schema) if found else Name(write.table)


def in_use(relation: Name, context: MigrationContext) -> bool:
    """Whether a table has been there before the change, so that it has rows that others use."""
    return context.catalog.table(relation) is not None and not context.created_here(relation)


def is_here(function: PythonFunction, context: MigrationContext) -> bool:
    """Whether the code stands in the migration's own file."""
    return function.path == context.migration.path


def line(function: PythonFunction, place: Place, context: MigrationContext) -> int | None:
    """Where code stands, if that is in the migration's file."""
    return place.line if is_here(function, context) and place.line else None


def at(function: PythonFunction, place: Place, context: OperationContext) -> OperationContext:
    """The context for a finding about code."""
    return replace(context, code_line=line(function, place, context))


def who(function: PythonFunction, place: Place, context: MigrationContext) -> str:
    """The function in which something stands, as messages name it."""
    name = place.function.rpartition(".")[2]
    shown = "a lambda" if name == "<lambda>" else f"{name}()"
    if is_here(function, context) or function.path is None:
        return shown
    return f"{shown} ({Path(function.path).name}:{place.line})"


def sent(code: RawSql) -> Iterator[object]:
    """The actions of SQL that code sends."""
    for parsed in parse(code.sql):
        yield from parsed.actions


def alone(context: OperationContext, code: str = "") -> str:
    """The operation in a migration of its own that is not atomic, with changed code above it."""
    operation = str(context.written) if context.written else f"migrations.{context.operation.kind}(...)"
    return migration(operation, atomic=False, imports=code and code + "\n")


def batched(function: PythonFunction, place: Place, loop: list[str], context: OperationContext) -> str:
    """Instructions to put a loop over batches in the place of the statement on a line.

    Args:
        loop: Lines of the loop.
    """
    code = _replaced(function, place.line, loop)
    if code is None:
        return steps(
            "Go through the rows in batches, each in a transaction of its own:",
            python(*loop),
            "and set `atomic = False` on the migration, with nothing else in it.",
        )
    return steps("Go through the rows in batches, each in a transaction of its own:", alone(context, code))


def _replaced(function: PythonFunction, number: int, by: list[str]) -> str | None:
    """The function's source with other lines in the place of the statement on a line; None if it is not in it."""
    text = source(function.path) if function.path else None
    node = text.function_at(function.line) if text and function.line else None
    if text is None or node is None or isinstance(node, ast.Lambda):
        return None
    statement = _statement(node, number)
    if statement is None:
        return None
    lines = text.text(node)
    start, end = statement.lineno - first(node), (statement.end_lineno or statement.lineno) - first(node) + 1
    indentation = lines[start][: statement.col_offset]
    changed = [*lines[:start], *(indentation + each for each in by), *lines[end:]]
    return textwrap.dedent("\n".join(changed))


def first(node: FunctionNode) -> int:
    """The line on which a function starts, decorators included."""
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return min((one.lineno for one in decorators), default=node.lineno)


def _statement(node: ast.AST, number: int) -> ast.stmt | None:
    """The innermost statement that starts on a line."""
    found = [one for one in ast.walk(node) if isinstance(one, ast.stmt) and one.lineno == number]
    return found[-1] if found else None


def body(function: PythonFunction, number: int) -> list[str] | None:
    """Lines of the body of the loop on a at, without indentation; None if there is no such loop."""
    text = source(function.path) if function.path else None
    node = text.function_at(function.line) if text and function.line else None
    loop = _statement(node, number) if node else None
    if text is None or not isinstance(loop, ast.For):
        return None
    start = loop.body[0].lineno - 1
    return textwrap.dedent("\n".join(text.lines[start : loop.end_lineno])).splitlines()
