"""A migration that Django refuses to unapply.

## What it catches
``migrate`` was asked to unapply the migration on a real server, and Django refused: an operation in it has no
reverse. MS501 says the same without a server, of each operation.

## Why it hurts
When a release goes wrong, ``migrate`` cannot go back past this migration, in the worst moment.

## Do this instead
Write down how to go back. When nothing has to be undone, say so: ``RunPython.noop``, ``RunSQL.noop``.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.rules import Rule, VerificationContext

rule = Rule(
    __name__,
    code="MS802",
    severity=Severity.WARNING,
    axis=Axis.REVERSIBILITY,
    message="The migration has no way back",
    why=(
        "If this release has to be rolled back, `migrate` stops here with an error, and somebody has to repair the"
        " database by hand."
    ),
)

REFUSED = "IrreversibleError"
"""What Django raises then (``django.db.migrations.exceptions``)."""


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    verification = context.verification
    backward = verification.backward
    if verification.verdict != "irreversible" or (backward and is_broken(context)):
        return
    failure = backward.failure if backward else None
    known = failure is not None and context.operation(failure.operation) is not None
    evidence = [] if known or not verification.why else [Evidence("because", verification.why)]
    yield rule.observed(
        context,
        operation=failure.operation if failure else None,
        line=failure.line if failure else None,
        evidence=evidence,
        fix="Give each operation a way back: `reverse_code` of `RunPython`, `reverse_sql` of `RunSQL`; or, if nothing"
        " has to be undone, `migrations.RunPython.noop` or `migrations.RunSQL.noop`.",
    )


def is_broken(context: VerificationContext) -> bool:
    """Whether there is a way back, and it fails."""
    backward = context.verification.backward
    failure = backward.failure if backward else None
    return failure is not None and not failure.error.startswith(REFUSED)
