"""A statement that did more on a server than migsafe had predicted.

## What it catches
On a real server, a statement took a stronger lock, rewrote or read more than ``migsafe lint`` says of it. It is a bug
of migsafe.

## Why it hurts
What lint says of this migration is too little: somebody may have to wait who was not warned.

## Do this instead
Go by what was observed; and please report it, with the statement and the version of PostgreSQL.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import statement

rule = Rule(
    __name__,
    code="MS810",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    message="On {relation} a statement did more than migsafe predicts: {observed}, not {predicted}",
    why="What `migsafe lint` says of this migration is too little. That is a bug of migsafe, not of the migration.",
)

ISSUES = "https://github.com/migsafe/django-migsafe/issues"


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    for run in context.verification.compared:
        for one in run.differences:
            if one.exceeds:
                executed = run.statements[one.statement]
                yield rule.observed(
                    context,
                    operation=executed.operation,
                    relation=one.relation,
                    about=f"{run.direction} {one.observed}",
                    observed=one.observed,
                    predicted=one.predicted,
                    evidence=[statement("sql", executed.sql)],
                    fix=f"Go by what was observed, and please report it at {ISSUES} with the statement.",
                )
