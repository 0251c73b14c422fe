"""A migration that fails while its tables are in use.

## What it catches
With ``--traffic``, other sessions read and wrote the tables that the migration touches, and a transaction that was
open before kept it waiting. Alone it succeeds; then it did not: a deadlock, or a lock that did not come in time.

## Why it hurts
Production is in use. The deploy stops here, on some days and not on others; or a request ends in the deadlock instead.

## Do this instead
Take one lock at a time, in transactions of their own, or all of them in the order in which running code takes them.
If it is a ``lock_timeout`` of the migration's own that ends it, that is as it should be: run it again.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import failed

rule = Rule(
    __name__,
    code="MS816",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    sized=False,
    message="Applying the migration fails while its tables are in use",
    why="It succeeds alone. In production, whether the deploy stops here is a matter of luck.",
)


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    failure = context.verification.disturbed
    if failure is not None:
        yield rule.observed(
            context,
            operation=failure.operation,
            line=failure.line,
            evidence=list(failed(failure)),
            fix="Take one lock at a time: one operation in each migration. If it is a `lock_timeout` that ends it, run"
            f" `migrate` again until it gets through; `migsafe lint {context.name}` says what it locks.",
        )
