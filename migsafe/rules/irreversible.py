"""An operation that cannot be unapplied.

## What it catches
``RunPython`` without ``reverse_code``, ``RunSQL`` without ``reverse_sql``, and any other operation that says it is
not reversible.

## Why it hurts
When a release goes wrong, ``migrate`` cannot go back past this migration: it stops with ``IrreversibleError``, in the
worst moment.

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
    message="{what} cannot be unapplied: the migration has no way back",
    why=(
        "If this release has to be rolled back, `migrate` stops here with an error, and somebody has to repair the"
        " database by hand."
    ),
)


@rule.on_operation
def check(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    if not operation.reversible:
        names = ", ".join(function.name.rpartition(".")[2] for function in operation.python)
        what = f"{operation.kind}({names})" if names else operation.kind
        yield rule.finding(context, about=str(operation.index), what=what, fix=_fix(operation, context))


def _fix(operation: ReplayedOperation, context: OperationContext) -> str:
    if operation.is_a("RunPython"):
        name = context.written.argument("code", 0) if context.written else None
        code = f"migrations.RunPython({name or '...'}, migrations.RunPython.noop),"
        return steps(
            "If nothing has to be undone, because the data may stay as it is, say so:",
            python(code),
            "Else put a function that undoes it in place of `noop`.",
        )
    if operation.is_a("RunSQL"):
        return steps(
            "Add the SQL that undoes it; or, if nothing has to be undone, `migrations.RunSQL.noop`:",
            python("migrations.RunSQL(", "    sql=...,", '    reverse_sql="...",', "),"),
        )
    return "Give it, or the operations in it, a way back; or use operations in its place that have one."
