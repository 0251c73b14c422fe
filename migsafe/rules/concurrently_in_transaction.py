"""CONCURRENTLY inside a transaction.

## What it catches
An index built, dropped or rebuilt CONCURRENTLY, or a partition detached so, in a migration that runs in a
transaction; also in one text with other statements, since PostgreSQL carries such a text out as one transaction.

## Why it hurts
PostgreSQL refuses: the migration fails, and the deploy with it.

## Do this instead
Set ``atomic = False`` on the migration, and leave nothing else in it. Give ``RunSQL`` a list with one statement each.
"""

from collections.abc import Iterator

from migsafe.actions import CreateIndex, DetachPartition, DropIndex, Reindex
from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.rules import Context, OperationContext, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.rules._online import Online, online
from migsafe.sql.effects import IN_TRANSACTION
from migsafe.written.operations import literals, run_sql

rule = Rule(
    __name__,
    code="MS203",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    sized=False,
    message="{what} fails: {fails}",
    why="PostgreSQL refuses the statement, so the migration stops with an error in the middle of the deploy.",
)


@rule.on(CreateIndex, DropIndex, Reindex, DetachPartition)
def check(action: Online, context: Context) -> Iterator[Finding]:
    if not action.concurrently or context.fails != IN_TRANSACTION or _is_refused_already(context):
        return
    what, relation = online(action, context)
    fails = IN_TRANSACTION
    if context.statement.text is not None:
        fails += ", and several statements in one text are one"
    yield rule.finding(
        context, relation=relation, about=what, what=f"{what} CONCURRENTLY", fails=fails, fix=_fix(_code(context))
    )


@rule.on_operation
def check_operation(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    if context.migration.refuses(operation) and operation.is_a("NotInTransactionMixin"):
        code = str(context.written) if context.written else f"{operation.kind}(...)"
        fails = "it cannot run inside a transaction, and the migration is one"
        yield rule.finding(context, about=str(operation.index), what=operation.kind, fails=fails, fix=_fix(code))


def _is_refused_already(context: Context) -> bool:
    """Whether an earlier statement of the same text is refused, so that this one is never tried."""
    text = context.statement.text
    refused = (each.statement for each in context.executed if each.fails == IN_TRANSACTION)
    return text is not None and next(each for each in refused if each.text == text) is not context.statement


def _code(context: Context) -> str:
    """The operation, with a list in place of a text with several statements."""
    written, number = context.written, context.statement.text
    if number is None:
        return str(written) if written else run_sql(context.statement.parsed.sql, None)
    statements = [other.parsed.sql for other in context.operation.forward if other.text == number]
    if written and written.argument("sql", 0) and context.operation.is_a("RunSQL"):
        return str(written.replacing("sql", 0, literals(statements)))
    return run_sql(statements, None)


def _fix(operation: str) -> str:
    return steps(
        "Run it outside a transaction, in a migration of its own (then nothing else is left half done if it fails):",
        migration(operation, atomic=False),
    )
