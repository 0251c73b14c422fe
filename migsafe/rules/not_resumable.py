"""A migration that was interrupted half-way, and cannot be run again.

## What it catches
A migration that is not atomic was stopped after each of its statements on a real server, and run again. MS604 says
the same without a server, of what it knows. If it is only after the last statement, before Django has recorded the
migration, that is no more than noted: it is a matter of milliseconds.

## Why it hurts
A deploy may end at any time: a timeout, a lost connection, a lock that was not to be had. What is committed stays,
and the next ``migrate`` begins anew and fails on it, until somebody repairs the database by hand.

## Do this instead
One operation in each migration that is not atomic, and ``IF NOT EXISTS`` and ``IF EXISTS`` in SQL. An index that is
built concurrently needs a ``DROP INDEX CONCURRENTLY IF EXISTS`` before it, since a build that fails leaves an invalid
one.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import changed, failed, few, statement

rule = Rule(
    __name__,
    code="MS809",
    severity=Severity.WARNING,
    axis=Axis.REVERSIBILITY,
    message="If the migration is interrupted after {what}, it cannot be run again",
    why=(
        "It is not atomic: what is done by then stays. The next `migrate` begins anew and fails on it, until somebody"
        " repairs the database by hand."
    ),
)


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    stuck = [(one, one.failure) for one in context.verification.interrupted if one.failure is not None]
    if not stuck:
        return
    first, failure = stuck[0]
    statements = context.verification.forward.statements if context.verification.forward else ()
    at_the_end = first.statement == len(statements) - 1
    yield rule.observed(
        context,
        operation=failure.operation,
        line=failure.line,
        what=f"statement {few([str(one.statement + 1) for one, _ in stuck], 'or')}",
        severity=Severity.INFO if at_the_end else None,
        evidence=[statement("after", first.sql), *changed("left", first.left), *failed(failure)],
        fix=f"{'L' if at_the_end else 'Make a migration of each operation; or l'}et the SQL be such that it can be run"
        " twice: `IF NOT EXISTS`, `IF EXISTS`, and `DROP INDEX CONCURRENTLY IF EXISTS` before a concurrent build."
        f" `migsafe lint {context.name}` shows how.",
    )
