"""Something that migsafe could not look into.

## What it catches
SQL that is not understood, or whose effects are not known: a syntax error, dynamic SQL in a DO block, an unknown
function. An operation whose SQL Django cannot make without a database. Python code in ``RunPython`` is not run either,
but that alone is no finding: reports count it.

## Why it hurts
Whatever it does to traffic or to running code, no rule has seen it, and those for what comes after it may miss what it
made.

## Do this instead
Make it readable: plain SQL in place of dynamic SQL, an operation that does not query the database. If that cannot be,
look at it yourself, and say so in a suppression with a reason.
"""

from msgspec.structs import replace

from migsafe.model import Axis, Severity
from migsafe.rules import MigrationContext, Rule
from migsafe.rules._fixes import python, steps
from migsafe.rules._rule import Found

rule = Rule(
    __name__,
    code="MS001",
    severity=Severity.WARNING,
    axis=Axis.ANALYSIS,
    message="{what} could not be analysed: {reason}",
    why="What it does to traffic and to running code is not known, so nothing else is said about it here.",
)

_FIX = steps(
    "Write it so that it can be read without running it. If it has to stay as it is, find out what it locks and for how"
    " long, and write that down above the operation:",
    python(f"# migsafe: ignore[{rule.code}]: takes SHARE on a table of 200 rows"),
)


@rule.on_migration
def check(context: MigrationContext) -> Found:
    for operation, statements in zip(context.migration.operations, context.statements, strict=True):
        here = context.operation_context(operation)
        if operation.unanalysed and not context.migration.refuses(operation):  # another rule says that
            yield rule.finding(
                here, about=operation.unanalysed, what="the operation", reason=operation.unanalysed, fix=_FIX
            )
        for number, statement in enumerate(statements):
            if not statement.analysed:
                reason = statement.reason or "not understood"
                found = rule.finding(here, about=statement.sql, what="the statement", reason=reason, fix=_FIX)
                yield replace(found, statement=number)
