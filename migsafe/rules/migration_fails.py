"""A migration that cannot be applied.

## What it catches
``migrate`` was asked to apply the migration on a real server, and it ended in an error. It is a warning if it
fails only on some rows: these are made up, and satisfy what the schema before demands; whether yours satisfy what the
migration demands as well, only your database knows.

## Why it hurts
The deploy stops here. If it fails on rows only, no test that runs on an empty database can show that.

## Do this instead
Change the rows first, in a migration before, so that what this one demands holds of all of them; and look in
production whether there are such rows, with the statement that the error is about.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import failed

rule = Rule(
    __name__,
    code="MS806",
    severity=Severity.ERROR,
    axis=Axis.DATA,
    message="Applying the migration fails{when}",
    why="{why}",
)

ALWAYS = "The deploy stops here, on every database."
ON_ROWS = (
    "It succeeds on empty tables, as in your tests. These rows are made up, but the schema allows them: if production"
    " has some like them, the deploy stops here."
)


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    verification = context.verification
    failure, on_rows = verification.refused, verification.refused is not None
    if failure is None and verification.forward is not None:
        failure = verification.forward.failure
    if failure is None:
        return
    yield rule.observed(
        context,
        operation=failure.operation,
        line=failure.line,
        severity=Severity.WARNING if on_rows else None,
        when=" on some rows" if on_rows else "",
        why=ON_ROWS if on_rows else ALWAYS,
        evidence=list(failed(failure)),
        fix="Find out whether production has such rows, and change them in a migration before this one. If there can be"
        " none, say why above the operation."
        if on_rows
        else "Correct the migration; `migsafe lint` says what else may be wrong with it.",
    )
