"""A data migration that a squash could leave out.

## What it catches
A ``RunPython`` that only changes or deletes rows that are there, without ``elidable``. Quiet if
it says ``elidable=False``: then somebody has thought about it.

## Why it hurts
On a new database there are no such rows. ``squashmigrations`` keeps the operation all the same, and with it every model
and field that it needs, so that little can be optimized away.

## Do this instead
``elidable=True``, once you know that every database has run it before the squash is made.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.rules import OperationContext, Rule
from migsafe.rules._fixes import python, steps
from migsafe.rules._python import forward

rule = Rule(
    __name__,
    code="MS513",
    severity=Severity.INFO,
    axis=Axis.DATA,
    message="{kind}({name}) only changes rows that exist, and is not elidable",
    why="On a new database it has nothing to do, but a squash has to keep it, and cannot optimize across it.",
)


@rule.on_operation
def check(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    functions = tuple(forward(operation))
    decided = context.written is not None and context.written.argument("elidable", 4) is not None
    if operation.elidable or decided or len(functions) != 1 or not operation.is_a("RunPython"):
        return
    reading = functions[0].reading
    kinds = {write.kind for write in reading.writes}
    if kinds and kinds <= {"update", "delete", "save", "bulk_update"} and reading.complete and not reading.sql:
        written = str(context.written.adding("elidable", "True")) if context.written else "elidable=True"
        yield rule.finding(
            context,
            about=functions[0].name,
            kind=operation.kind,
            name=functions[0].name.rpartition(".")[2],
            fix=steps("Let `squashmigrations` leave it out:", python(f"{written},")),
        )
