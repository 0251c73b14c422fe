"""A migration that cannot be applied.

## What it catches
``migrate`` was asked to apply the migration on a real server, and it ended in an error. It is a warning if the server
lacks what the migration needs, such as an extension or another database: then it says who has it. It is one too if
the migration fails only on some rows: these are made up, and satisfy what the schema before demands; whether yours
satisfy what the migration demands as well, only your database knows. One that reaches a limit of the run
(``statement-timeout``, ``size-limit``) is stopped.

## Why it hurts
The deploy stops here. If it fails on rows only, no test that runs on an empty database can show that.

## Do this instead
Change the rows first, in a migration before, so that what this one demands holds of all of them; and look in
production whether there are such rows, with the statement that the error is about.
"""

from collections.abc import Iterator, Sequence

from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import failed, few
from migsafe.verification import Filled

rule = Rule(
    __name__,
    code="MS806",
    severity=Severity.ERROR,
    axis=Axis.DATA,
    message="Applying the migration fails{when}",
    why="{why}",
)

ALWAYS = "The deploy stops here, on every database."
LACKING = "This server lacks what the migration needs. Whether it works where production has it is not known."
AT_LIMIT = "There are but a few rows here, and no other work: in production it takes no less."
ON_ROWS = (
    "It succeeds on {others}, as in your tests. These rows are made up, but the schema allows them: if production has"
    " some like them, the deploy stops here."
)
CHANGE_ROWS = (
    "Find out whether production has such rows, and change them in a migration before this one. If there can be none,"
    " say why above the operation."
)


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    verification = context.verification
    failure, on_rows = verification.refused, verification.refused is not None
    if failure is None and verification.forward is not None:
        failure = verification.forward.failure
    if failure is None:
        return
    which, others = "all rows that were tried", "empty tables"
    if any(one.rows for one in verification.filled):
        which, others = "some rows", "others and on empty tables"
    severity, when, why, fix = (
        (Severity.WARNING, f" on {which}", ON_ROWS.format(others=others), CHANGE_ROWS)
        if on_rows
        else (None, " at a limit of this run", AT_LIMIT, failure.hint)
        if failure.limit and failure.hint
        else (Severity.WARNING, " on this server", LACKING, failure.hint)
        if failure.hint is not None
        else (None, "", ALWAYS, "Correct the migration; `migsafe lint` says what else may be wrong with it.")
    )
    yield rule.observed(
        context,
        operation=failure.operation,
        line=failure.line,
        severity=severity,
        when=when,
        why=why,
        evidence=[*failed(failure), *(_after(verification.filled) if on_rows else ())],
        fix=fix,
    )


def _after(filled: Sequence[Filled]) -> Iterator[Evidence]:
    """What all else was tried with."""
    if empty := [one.table for one in filled if one.rows == 0]:
        yield Evidence("then", f"all else was tried without rows in {few(empty)}")
