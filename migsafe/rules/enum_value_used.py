"""An enum's new value, used before it is there.

## What it catches
``ALTER TYPE … ADD VALUE`` and a use of that value (an UPDATE, a default, a CHECK, the condition of an index, Python
code) in the same transaction. Before PostgreSQL 12, ``ADD VALUE`` in any transaction.

## Why it hurts
PostgreSQL refuses it: "unsafe use of new value". The migration fails, and the deploy with it.

## Do this instead
Two migrations: one that adds the value, and the next that uses it.
"""

import ast
from collections.abc import Iterator
from contextlib import suppress
from textwrap import dedent

from migsafe.actions import AddColumn, AlterEnum, CreateTable
from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.rules import Context, Executed, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.sql.catalog import UserType
from migsafe.sql.effects import named
from migsafe.sql.parse import strings
from migsafe.written.operations import run_sql

rule = Rule(
    __name__,
    code="MS415",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    sized=False,
    message="Value {label} of enum {enum} {fails}",
    why="PostgreSQL refuses it, so the migration stops with an error in the middle of the deploy.",
)


@rule.on(AlterEnum)
def check(action: AlterEnum, context: Context) -> Iterator[Finding]:
    if action.old is not None or context.transaction is None:
        return
    enum = context.catalog.user_type(action.type)
    if enum is None or (context.migration.before.user_type(action.type) is None and not 12 <= context.postgres < 17):
        return  # values of a type that is as new can be used at once
    add = _code(context.operation, context) if context.operation.is_a("RunSQL") else None
    alone = run_sql(context.statement.parsed.sql, None)
    if context.fails:
        fails = f"cannot be added in a transaction: {context.fails}"
        fix = steps("Add it in a migration of its own, outside a transaction:", migration(add or alone, atomic=False))
    elif use := _use(action.label, enum, context):
        fails = "is used in the transaction that adds it, which PostgreSQL refuses"
        fix = steps(
            "1. Add it in a migration of its own:", migration(alone), "2. Use it in the next one:", migration(use)
        )
    else:
        return
    yield rule.finding(
        context, about=f"{action.type} {action.label}", label=action.label, enum=str(action.type), fails=fails, fix=fix
    )


def _use(label: str, enum: UserType, context: Context) -> str | None:
    """Code of what uses the value later in the transaction; None if nothing does."""
    for later in context.later():
        same = context.migration.transaction(later.operation, later.statement) == context.transaction
        if same and _concerns(enum, later) and label in strings(later.statement.parsed.sql):
            alone = later.operation.index == context.operation.index
            return run_sql(later.statement.parsed.sql, None) if alone else _code(later.operation, context)
    if context.migration.atomic:
        for operation in context.migration.operations[context.operation.index + 1 :]:
            if operation.source and label in _constants(operation.source):
                return _code(operation, context)
    return None


def _concerns(enum: UserType, executed: Executed) -> bool:
    """Whether an action is about a column of the enum."""
    step = executed.step
    names = [named(effect.relation) for effect in step.effects]
    if relation := getattr(step.action, "relation", None):
        names.append(relation)
    types = [column.type for name in names if (table := step.before.table(name)) for column in table.columns.values()]
    if isinstance(step.action, AddColumn):
        types.append(step.action.column.type)
    elif isinstance(step.action, CreateTable):
        types += [column.type for column in step.action.columns]
    found = (step.before.user_type(type_.name) for type_ in types)
    return any(one is not None and one.name == enum.name for one in found)


def _constants(source: str) -> set[object]:
    """The string constants in Python code."""
    with suppress(SyntaxError):
        tree = ast.parse(dedent(source))
        return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return set()


def _code(operation: ReplayedOperation, context: Context) -> str:
    """An operation as it is written, or what it sends."""
    if written := context.operation_context(operation).written:
        return str(written)
    return run_sql([statement.parsed.sql for statement in operation.forward], None)
