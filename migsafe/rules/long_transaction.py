"""A transaction has been open for long, and a pending migration would wait for it.

## What it catches
A session that has been in a transaction for some seconds (``migsafe gate --longest``) and works: where it holds a
lock that conflicts with one that a pending migration needs on the same table, or where a pending migration does
something CONCURRENTLY in its database, which waits for all older transactions.

## Why it hurts
The migration waits for it, and everybody who comes after waits behind the migration: a table that nobody uses for
long stands still because of one slow report.

## Do this instead
Wait until it is over (``migsafe gate --wait 10m``), or end it. Let ``migrate`` give up soon (``lock_timeout``) and
try again.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import GateContext, Rule
from migsafe.rules._sessions import ending, lasting, seen, who

rule = Rule(
    __name__,
    code="MS901",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{migration} would wait for {who}, in a transaction since {seconds}",
    why="It needs {relation}, and {behind} until that transaction ends.",
    passes=True,
)

IDLE = "idle in transaction"


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for session, migration, target in context.waits_for_sessions():
        if not (session.state or "").startswith(IDLE) and not session.vacuum:
            yield rule.at_gate(
                context,
                migration,
                relation=target.relation,
                about=str(session.pid),
                who=who(session),
                seconds=lasting(session.transaction or 0),
                behind=target.behind,
                evidence=seen(session),
                fix=ending(session),
            )
