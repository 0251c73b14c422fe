"""Batches that all run in one transaction.

## What it catches
A ``RunPython`` in an atomic migration that writes the rows of a table in use in batches: ``bulk_update()``, or
``update()`` and ``delete()`` in a loop over ranges or lists of primary keys.

## Why it hurts
Batches are of use only if each commits by itself. In one transaction all rows stay locked until the last batch is done,
dead rows cannot be cleaned up meanwhile, and if it fails, nothing of it is kept.

## Do this instead
Set ``atomic = False`` on the migration, with nothing else in it, and write the loop so that it can be run again.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.rules import OperationContext, Rule
from migsafe.rules._fixes import steps
from migsafe.rules._python import alone, at, forward, in_use, table, who

rule = Rule(
    __name__,
    code="MS504",
    severity=Severity.WARNING,
    axis=Axis.DATA,
    sized=True,
    message="{who} writes {relation} in batches, but all of them in one transaction",
    why=(
        "A row that a batch has written stays locked until the migration commits: requests that change it wait for all"
        " batches that follow. If the last one fails, the work of all is lost."
    ),
)


@rule.on_operation
def check(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    if not operation.atomic:
        return
    seen = set()
    for function in forward(operation):
        for write in function.reading.writes:
            relation = table(write)
            in_batches = write.kind == "bulk_update" or (
                write.kind in ("update", "delete") and write.rows == "batch" and write.repeated
            )
            if in_batches and relation not in seen and in_use(relation, context):
                seen.add(relation)
                yield rule.finding(
                    at(function, write.place, context),
                    relation=relation,
                    about=function.name,
                    who=who(function, write.place, context),
                    fix=steps("Let each batch commit by itself, in a migration of its own:", alone(context)),
                )
