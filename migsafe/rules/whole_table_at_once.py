"""Python code of a migration that handles a whole table in one statement.

## What it catches
The code of a ``RunPython`` ran on a real server, and one statement read or changed all rows of a table that had some.
MS505 says which code changes all rows, without running it.

## Why it hurts
What is read whole is in memory whole. What is changed in all rows is locked in all rows until the transaction ends,
and each row is written anew.

## Do this instead
``iterator()`` for what is read, and batches that commit by themselves for what is changed.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import few
from migsafe.rules.query_per_row import is_per_row

rule = Rule(
    __name__,
    code="MS815",
    severity=Severity.INFO,
    axis=Axis.DATA,
    message="Python code reads or changes all rows of {what} in one statement",
    why="The statement is as large as the table: in memory if it reads, in locked rows if it changes them.",
)


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    forward = context.verification.forward
    for one in forward.queries if forward else ():
        if one.whole_tables and not is_per_row(context, one):
            yield rule.observed(
                context,
                operation=one.operation,
                about=str(one.operation),
                relation=one.whole_tables[0] if len(one.whole_tables) == 1 else None,
                what=few(one.whole_tables),
                fix="Read with `.iterator()`; change a few thousand rows at a time, in a migration with `atomic ="
                " False` and a `transaction.atomic()` for each batch.",
            )
