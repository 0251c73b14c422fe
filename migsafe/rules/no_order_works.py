"""A migration that works neither before the code is deployed nor after it.

## What it catches
On a real server, code with the models from before the migration had a statement refused on the schema after it, and
code with the models from after it had one refused on the schema before. It is a warning if one of them is only refused
values that its models allow, such as NULL, and that nobody knows it to write.

## Why it hurts
Code and schema do not change at the same moment: whatever is deployed first, requests fail until the other is, on
each server. Only downtime would do.

## Do this instead
Split the change over several releases, so that each step works with the code before and after it: add what is new,
write both, move the rows, read the new, and drop what is old when no running code knows it. ``migsafe lint`` says
what each finding needs.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import refusals

rule = Rule(
    __name__,
    code="MS808",
    severity=Severity.ERROR,
    axis=Axis.COMPATIBILITY,
    message="No order of deploy works: old code fails after the migration, new code fails before it",
    why=(
        "Code and schema do not change at the same moment. Whichever is deployed first, requests end in errors until"
        " the other one is, on every server."
    ),
)

FIX = (
    "It takes several releases: add what is new beside what is old, write both, move the rows, read the new, and drop"
    " the old when no running code knows it. `migsafe lint {migration}` says what each statement needs."
)


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    rollout = context.verification.rollout
    if rollout.order == "neither":
        certain = all(
            any(one.error is not None and one.writing is None for one in code)
            for code in (rollout.old_code, rollout.new_code)
        )
        evidence = [*refusals("old code", rollout.old_code), *refusals("new code", rollout.new_code)]
        yield rule.observed(
            context,
            severity=None if certain else Severity.WARNING,
            evidence=evidence,
            fix=FIX.format(migration=context.name),
        )
