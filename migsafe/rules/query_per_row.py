"""Python code of a migration that sends a query for each row.

## What it catches
The code of a ``RunPython`` ran on a real server, and sent the same statement, but for its values, about as often as
there are rows in a table. MS503 says the same of code that can be read, without running it.

## Why it hurts
On a thousand rows that is a second, on ten million three hours. All that time one transaction is open: what it has
changed stays locked, and VACUUM cannot clean up.

## Do this instead
One statement for many rows: ``QuerySet.update()`` with expressions, ``bulk_update()`` in batches,
``select_related()`` for what a loop reads.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import rows, statement
from migsafe.verification import Queries

rule = Rule(
    __name__,
    code="MS814",
    severity=Severity.WARNING,
    axis=Axis.DATA,
    message="Python code sends a query for each row: {times} for tables of {rows}",
    why=(
        "It takes as long as there are rows, and unless each is committed by itself, what it has changed stays locked"
        " until the last one."
    ),
)

FEWEST = 20
"""Queries that may as well be for anything else."""


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    forward = context.verification.forward
    for one in forward.queries if forward else ():
        if is_per_row(context, one):
            yield rule.observed(
                context,
                operation=one.operation,
                about=str(one.operation),
                times=f"{one.times:,}",
                rows=rows(_most(context)),
                evidence=[statement("sql", one.repeated or "")],
                fix="Let one statement change many rows: `.update()` with expressions (`F`, `Case`, `Subquery`), or"
                " `bulk_update()` of a thousand rows at a time; and read with `select_related()` or"
                " `prefetch_related()` what the loop needs of other tables.",
            )


def is_per_row(context: VerificationContext, queries: Queries) -> bool:
    """Whether one statement was sent for half of the rows of a table or more."""
    return queries.times >= max(FEWEST, _most(context) / 2)


def _most(context: VerificationContext) -> int:
    return max((one.rows for one in context.verification.filled), default=0)
