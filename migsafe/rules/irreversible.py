"""An operation that cannot be unapplied.

## What it catches
``RunPython`` without ``reverse_code``, ``RunSQL`` without ``reverse_sql``, and any other operation that says it is not reversible.

## Why it hurts
When a release goes wrong, ``migrate`` cannot go back past this migration: it stops with ``IrreversibleError``, in the worst moment.

## Do this instead
Write down how to go back. When nothing has to be undone, say so: ``RunPython.noop``, ``RunSQL.noop``.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.rules import OperationContext, Rule
from migsafe.rules._fixes import python, steps

rule = Rule(
    __name__,
    code="MS501",
    severity=Severity.WARNING,
    axis=Axis.REVERSIBILITY,
    message="{kind} cannot be unapplied: the migration has no way back",
    why="If this release has to be rolled back, `migrate` stops here with an error, and somebody has to repair the database by hand.",
)

NOOP = {
    "RunPython": ("reverse_code", "migrations.RunPython.noop"),
    "RunSQL": ("reverse_sql", "migrations.RunSQL.noop"),
}


@rule.on_operation
def check(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    if not operation.reversible:
        yield rule.finding(context, about=str(operation.index), kind=operation.kind, fix=_fix(operation, context))


def _fix(operation: ReplayedOperation, context: OperationContext) -> str:
    kind = next((kind for kind in NOOP if operation.is_a(kind)), None)
    if kind is None:
        return "Write operations in its place that say how to go back, or keep it in a migration that nothing depends on."
    argument, noop = NOOP[kind]
    written = context.written
    code = written.adding(argument, noop).code if written else f"migrations.{kind}(…, {argument}={noop})"
    return steps(
        "Write the way back, or say that nothing has to be undone (data that may stay as it is):",
        python(code + ","),
    )
