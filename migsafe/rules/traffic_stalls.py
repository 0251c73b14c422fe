"""Requests that had to wait for long while the migration ran.

## What it catches
With ``--traffic``, other sessions read and wrote the tables that the migration touches, as running code does, on a
real server: one of them had to wait for a lock for two seconds or more, or was refused. (One second is on purpose: a
transaction that was open before keeps the migration waiting that long, to show who waits behind it; the report says
that for each table.)

## Why it hurts
These tables had a thousand rows or so. What is a second there is longer in production, where tables are larger and
transactions longer, and every request that comes meanwhile waits as well.

## Do this instead
Give up soon and try again: a ``lock_timeout`` lets nobody wait for long behind a migration that waits itself.
``migsafe lint`` says how to take a weaker lock, or hold it for less.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import some, statement

rule = Rule(
    __name__,
    code="MS811",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    sized=False,
    message="While the migration ran, {kind} of {relation} {what}",
    why="{who} in production waits as these did, and for longer where tables are larger and transactions are long.",
)

LONG = 2.0
"""Seconds. One of them is on purpose: the migration has to wait that long for a transaction that was open before it."""


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    # What old code cannot do on the new schema is said by other rules.
    broken = {one.table for one in context.verification.rollout.old_code if one.error is not None}
    for one in context.verification.traffic:
        errors = () if one.table in broken else one.errors
        if errors or (one.lock is not None and one.seconds >= LONG):
            waited = f"waited up to {one.seconds:.1f} s for {one.lock.value if one.lock else 'a lock'}"
            sql = [statement("sql", one.sql)] if one.sql else []
            yield rule.observed(
                context,
                relation=one.table,
                about=one.kind,
                kind=one.kind,
                what="were refused" if errors else waited,
                who=f"Every request that {'saves to' if one.kind == 'writes' else 'touches'} {one.table}",
                evidence=[*sql, *[Evidence("refused", "\n".join(some(errors)))] * bool(errors)],
                fix="Put `SET LOCAL lock_timeout = '2s'` before the statement, so that nobody waits for long behind it,"
                " and run the migration again when it gives up.",
            )
