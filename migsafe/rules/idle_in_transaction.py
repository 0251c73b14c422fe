"""A session idles in a transaction that a pending migration would wait for.

## What it catches
A session that has been in a transaction for some seconds (``migsafe gate --longest``) and does nothing: its state is
``idle in transaction``. Where it holds a lock that conflicts with one that a pending migration needs, or has a
snapshot (an open cursor, REPEATABLE READ) or a lock that something CONCURRENTLY waits for, as in
[MS901](MS901.md).

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
from migsafe.rules._sessions import IDLE, and_others, badness, ending, seen, since, waiting, who
from migsafe.written.operations import quoted

rule = Rule(
    __name__,
    code="MS902",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{app}.{migration} would wait for {who}, idle in {since}{others}",
    why="{waiting}",
    passes=True,
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for waits in context.waits_for_sessions():
        idle = [(wait, session) for wait, session in waits if (session.state or "").startswith(IDLE)]
        if idle:
            (wait, session), *more = idle
            others = [one for _, one in more]
            role = quoted(session.user) if session.user else "…"
            yield rule.at_gate(
                context,
                wait.migration,
                relation=wait.target.relation,
                severity=badness(wait, context.status),
                who=who(session),
                since=since(session),
                others=and_others(len(others)),
                waiting=waiting(wait, context.status),
                evidence=seen(session, others),
                fix=steps(
                    ending(session, *others),
                    "So that it does not come to that again:",
                    f"```sql\nALTER ROLE {role} SET idle_in_transaction_session_timeout = '1min';\n```",
                ),
            )
