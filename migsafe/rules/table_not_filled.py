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
from migsafe.rules._evidence import few, rows, some
from migsafe.verification import Filled

rule = Rule(
    __name__,
    code="MS812",
    severity=Severity.INFO,
    axis=Axis.ANALYSIS,
    message="{what} could not be filled",
    why="What the migration does to rows is proven for no more than those that there were.",
)


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    verification = context.verification
    short = [one for one in verification.filled if one.reason is not None]
    if not short or verification.refused is not None:  # that no rows could be had is then said with what it refuses
        return
    yield rule.observed(
        context,
        relation=short[0].table if len(short) == 1 else None,
        what=few([one.table for one in short]),
        evidence=[Evidence("because", "\n".join(some(list(map(_said, short)))))],
        fix="If the rows matter to this migration, try it on a copy of real data.",
    )


def _said(filled: Filled) -> str:
    return f"{filled.table} has {rows(filled.rows)}: {filled.reason}"
