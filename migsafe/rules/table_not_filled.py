"""A table that could not be given rows.

## What it catches
A migration was tried on a real server, and a table that it touches could not be filled with as many rows as were
asked for: what stopped it is a constraint, a trigger or a type that migsafe does not know how to satisfy.

## Why it hurts
What the migration does to rows of that table was tried on too few of them, or on none: that it went well says less.

## Do this instead
Nothing, if the rows do not matter to this migration. Else try it on a copy of real data.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import rows

rule = Rule(
    __name__,
    code="MS812",
    severity=Severity.INFO,
    axis=Axis.ANALYSIS,
    message="{relation} could not be filled: it had {rows}",
    why="What the migration does to rows of {relation} is proven for no more than these.",
)


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    if context.verification.refused is not None:  # another rule says what that leaves
        return
    for one in context.verification.filled:
        if one.reason is not None:
            yield rule.observed(
                context,
                relation=one.table,
                rows=rows(one.rows),
                evidence=[Evidence("because", one.reason)],
                fix="If the rows matter to this migration, try it on a copy of real data.",
            )
