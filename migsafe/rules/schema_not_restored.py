"""A way back that leaves another schema than there was.

## What it catches
On a real server, the migration was applied and unapplied, and the schema is not what it was: an index or constraint
is left behind, a default or a column's type has not come back. That the columns are in another order is no finding.

## Why it hurts
Django believes that the migration is not applied, but part of it is. Applying it again may fail ("already exists"),
and what is left goes on working: a forgotten constraint refuses rows, a forgotten index costs writes.

## Do this instead
Let the reverse undo all that the migration does: ``reverse_sql`` for each ``RunSQL``, every object by name.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import changed

rule = Rule(
    __name__,
    code="MS804",
    severity=Severity.WARNING,
    axis=Axis.REVERSIBILITY,
    message="Unapplying the migration does not bring back the schema: {what}",
    why=(
        "After a rollback Django takes the migration for not applied, but part of it still is. What is left goes on"
        " working, and may be in the way when the migration is applied again."
    ),
)


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    differences = [one for one in context.verification.schema if not one.harmless]
    if differences:
        first, *others = differences
        done = "is left behind" if first.before is None else "is gone" if first.after is None else "is not as before"
        more = f", and {len(others)} more" if others else ""
        yield rule.observed(
            context,
            what=f"{first.kind} {first.name} {done}{more}",
            evidence=list(changed("schema", differences)),
            fix="Let the reverse undo all of it. A `RunSQL` needs a `reverse_sql` that drops what it makes, by name,"
            " and makes what it drops.",
        )
