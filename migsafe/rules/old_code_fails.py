"""Code that is still running fails once the migration is applied.

## What it catches
On a real server, after the migration, code with the models from before it was asked to insert, read, update and
delete rows of each model that it touches, as Django does, and a statement was refused. It is this rule if the new
code works on the old schema, so that it can be deployed first, and no marker says that it is (``stage`` of
django-syzygy, ``safe`` of django-safemigrate); if neither works, it is MS808. It is a warning if only values are
refused that the old models allow, such as NULL, and that nobody knows the code to write.

## Why it hurts
As long as the release rolls out, servers with the old code go on using the database, and most teams migrate first.
Each of their requests that sends such a statement ends in an error; and again if the release is rolled back.

## Do this instead
Deploy the code first and migrate when the last old server is gone, or split the change so that each step works with
the code before and after it. ``migsafe lint`` says how, finding by finding.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import broken_by, refused
from migsafe.verification import Probe

rule = Rule(
    __name__,
    code="MS807",
    severity=Severity.ERROR,
    axis=Axis.COMPATIBILITY,
    message="After the migration, code that is still running cannot {what}",
    why=(
        "Until the last server has the new code, every request of the old one that does this ends in an error. The new"
        " code works before the migration."
    ),
)

FIX = (
    "Deploy the code first, and migrate when the last old server is gone. If your deploys migrate first, put the"
    " migration into the release after the code. `migsafe lint {migration}` says what each statement needs."
)


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    rollout = context.verification.rollout
    if rollout.order != "code first" or context.stage == "after":
        return
    broken: dict[str, list[Probe]] = {}
    for one in rollout.old_code:
        if one.error is not None:
            broken.setdefault(one.table, []).append(one)
    for table, probes in broken.items():
        first, what = broken_by(probes)
        yield rule.observed(
            context,
            relation=table,
            severity=None if first.writing is None else Severity.WARNING,
            what=what,
            evidence=list(refused(first.sql, first.error or "")),
            fix=FIX.format(migration=context.name),
        )
