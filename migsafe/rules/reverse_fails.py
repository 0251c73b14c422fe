"""A migration that claims to be reversible, and fails when it is unapplied.

## What it catches
``migrate`` was asked to unapply the migration on a real server, with rows in the tables, and it ended in an error:
SQL that is refused, a function that raises, a NOT NULL column that would have to come back without values.

## Why it hurts
A way back was written, or Django made one, so everybody counts on it. It fails when it is used for the first time,
and that is while a release is being rolled back.

## Do this instead
Correct the reverse. A column that is to be dropped can come back if it is made nullable, or gets a ``db_default``, in
a migration before. If there is no way back, say so by leaving the reverse out.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import failed
from migsafe.rules.no_way_back import is_broken

rule = Rule(
    __name__,
    code="MS803",
    severity=Severity.WARNING,
    axis=Axis.REVERSIBILITY,
    message="Unapplying the migration fails, though it has a way back",
    why=(
        "If this release has to be rolled back, `migrate` stops here with an error that nobody expects, and somebody"
        " has to repair the database by hand."
    ),
)


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    backward = context.verification.backward
    if backward is None or backward.failure is None or not is_broken(context):
        return
    failure = backward.failure
    yield rule.observed(
        context,
        operation=failure.operation,
        line=failure.line,
        about=str(failure.operation),
        evidence=list(failed(failure)),
        fix=_fix(failure.error),
    )


def _fix(error: str) -> str:
    if "null value" in error or "NotNullViolation" in error:
        return (
            "The column cannot come back NOT NULL into rows that have no value for it. Make it nullable, or give it a"
            " `db_default`, in a migration before the one that drops it: code that runs in between needs that, too."
        )
    return "Correct the reverse, and verify it again. If nothing has to be undone, `noop` says so."
