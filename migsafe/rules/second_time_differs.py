"""A migration that does not do the same when it is applied again.

## What it catches
On a real server, the migration was applied, unapplied and applied again, and the second time it failed, or left
another schema than the first time.

## Why it hurts
That is what happens after a rollback: the release is repaired and deployed again. An error stops the deploy; another
schema is one that no other database of yours has.

## Do this instead
Let the reverse undo all that the migration does, and name what it makes, so that it gets the same name each time.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import changed, failed

rule = Rule(
    __name__,
    code="MS805",
    severity=Severity.ERROR,
    axis=Axis.REVERSIBILITY,
    message="Applied a second time, after it was unapplied, the migration {what}",
    why="After a rollback the repaired release is deployed again: this is what it meets then.",
)

FIX = "Let the reverse undo all that the migration does, and give what it makes names of your own."


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    verification = context.verification
    differences = [one for one in verification.schema_again if not one.harmless]
    if verification.again and (failure := verification.again.failure):
        yield rule.observed(
            context,
            what="fails",
            operation=failure.operation,
            line=failure.line,
            evidence=list(failed(failure)),
            fix=FIX,
        )
    elif differences:
        yield rule.observed(
            context,
            what="leaves another schema",
            severity=Severity.WARNING,
            evidence=list(changed("schema", differences)),
            fix=FIX,
        )
