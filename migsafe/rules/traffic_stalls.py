"""Requests that had to wait for long while the migration ran.

## What it catches
With ``--traffic``, other sessions read and wrote the tables that the migration touches, as running code does, on a
real server: one of them had to wait for a lock for a second or more, or was refused.

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
from migsafe.rules._evidence import refused, some, statement
from migsafe.verification import Stall

rule = Rule(
    __name__,
    code="MS811",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    sized=False,
    message="While the migration ran, {kind} of {relation} {what}",
    why="{who} in production waits as these did, and for longer where tables are larger and transactions are long.",
)

LONG = 1.0
"""Seconds."""


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    for one in context.verification.traffic:
        if one.errors or (one.lock is not None and one.seconds >= LONG):
            yield rule.observed(
                context,
                relation=one.table,
                about=one.kind,
                kind=one.kind,
                what=_what(one),
                who=f"Every request that {'saves to' if one.kind == 'writes' else 'touches'} {one.table}",
                evidence=list(_evidence(one)),
                fix="Put `SET LOCAL lock_timeout = '2s'` before the statement, so that nobody waits for long behind it,"
                " and run the migration again when it gives up.",
            )


def _what(stall: Stall) -> str:
    if stall.errors:
        return "were refused"
    return f"waited up to {stall.seconds:.1f} s for {stall.lock.value if stall.lock else 'a lock'}"


def _evidence(stall: Stall) -> Iterator[Evidence]:
    if stall.errors:
        yield from refused(stall.sql, "\n".join(some(stall.errors)))
    elif stall.sql:
        yield statement("sql", stall.sql)
