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
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, run_sql, steps

rule = Rule(
    __name__,
    code="MS203",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{kind} {name} CONCURRENTLY fails: {fails}",
    why="PostgreSQL refuses the statement, so the migration stops with an error in the middle of the deploy.",
)


@rule.on(CreateIndex, DropIndex, Reindex, DetachPartition)
def check(action: CreateIndex | DropIndex | Reindex | DetachPartition, context: Context) -> Iterator[Finding]:
    if not action.concurrently or not context.statement.transaction or context.fails is None:
        return
    relation: Name | None = None
    match action:
        case CreateIndex():
            kind, name, relation = "Building index", action.name or "", action.relation
        case DropIndex():
            index = context.catalog.index(action.index)
            kind, name, relation = "Dropping index", action.index.name, index.relation if index else None
        case Reindex():
            kind, name = f"Rebuilding {action.kind}", str(action.target or "")
        case DetachPartition():
            kind, name, relation = "Detaching partition", str(action.partition), action.relation
    yield rule.finding(
        context, relation=relation, about=name, kind=kind, name=name, fails=context.fails, fix=_fix(context)
    )


def _fix(context: Context) -> str:
    operation = str(context.written) if context.written else run_sql(context.statement.parsed.sql, None)
    return steps(
        "Run it outside a transaction, in a migration of its own (then nothing else is left half done if it fails):",
        migration(operation, atomic=False),
    )
