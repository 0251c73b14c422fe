"""A session idles in a transaction that a pending migration would wait for.

## What it catches
A session that has been in a transaction for some seconds (``migsafe gate --longest``) and does nothing: its state is
``idle in transaction``. Where it holds a lock that conflicts with one that a pending migration needs on the same
table, or where a pending migration does something CONCURRENTLY in its database, which waits for all older
transactions.

## Why it hurts
Nobody knows when it goes on: a shell that somebody left open, a worker that waits for another service. The migration
waits for it, and everybody who comes after waits behind the migration.

## Do this instead
End it. ``idle_in_transaction_session_timeout`` ends such sessions by itself.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import GateContext, Rule
from migsafe.rules._fixes import steps
from migsafe.rules._sessions import ending, lasting, seen, who
from migsafe.rules.long_transaction import IDLE

rule = Rule(
    __name__,
    code="MS902",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{migration} would wait for {who}, which idles in a transaction since {seconds}",
    why="It needs {relation}, and {behind} until that transaction ends.",
    passes=True,
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for session, migration, target in context.waits_for_sessions():
        if (session.state or "").startswith(IDLE):
            yield rule.at_gate(
                context,
                migration,
                relation=target.relation,
                about=str(session.pid),
                who=who(session),
                seconds=lasting(session.transaction or 0),
                behind=target.behind,
                evidence=seen(session),
                fix=steps(
                    ending(session),
                    "So that it does not come to that again:",
                    f"```sql\nALTER ROLE {session.user or '…'} SET idle_in_transaction_session_timeout = '1min';\n```",
                ),
            )
