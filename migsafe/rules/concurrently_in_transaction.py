"""CONCURRENTLY inside a transaction.

## What it catches
An index built, dropped or rebuilt CONCURRENTLY, or a partition detached so, in a migration that runs in a
transaction.

## Why it hurts
PostgreSQL refuses: the migration fails, and the deploy with it.

## Do this instead
Set ``atomic = False`` on the migration, and leave nothing else in it.
"""

from collections.abc import Iterator

from migsafe.actions import CreateIndex, DetachPartition, DropIndex, Name, Reindex
from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.rules import Context, OperationContext, Rule
from migsafe.rules._fixes import migration, run_sql, steps

rule = Rule(
    __name__,
    code="MS203",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{what} fails: {fails}",
    why="PostgreSQL refuses the statement, so the migration stops with an error in the middle of the deploy.",
)


@rule.on(CreateIndex, DropIndex, Reindex, DetachPartition)
def check(action: CreateIndex | DropIndex | Reindex | DetachPartition, context: Context) -> Iterator[Finding]:
    if not action.concurrently or not context.statement.transaction or context.fails is None:
        return
    relation: Name | None = None
    match action:
        case CreateIndex():
            what, name, relation = "Building index", action.name or "", action.relation
        case DropIndex():
            index = context.catalog.index(action.index)
            what, name, relation = "Dropping index", action.index.name, index.relation if index else None
        case Reindex():
            what, name = f"Rebuilding {action.kind}", str(action.target or "")
        case DetachPartition():
            what, name, relation = "Detaching partition", str(action.partition), action.relation
    what = f"{what} {name} CONCURRENTLY"
    code = str(context.written) if context.written else run_sql(context.statement.parsed.sql, None)
    yield rule.finding(context, relation=relation, about=name, what=what, fails=context.fails, fix=_fix(code))


@rule.on_operation
def check_operation(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    if context.migration.refuses(operation):
        code = str(context.written) if context.written else f"{operation.kind}(...)"
        fails = "it cannot run inside a transaction, and the migration is one"
        yield rule.finding(context, about=str(operation.index), what=operation.kind, fails=fails, fix=_fix(code))


def _fix(operation: str) -> str:
    return steps(
        "Run it outside a transaction, in a migration of its own (then nothing else is left half done if it fails):",
        migration(operation, atomic=False),
    )
