"""An autovacuum that prevents wraparound is at work on a table that a pending migration needs.

## What it catches
An autovacuum "to prevent wraparound" that holds a lock which conflicts with one that a pending migration takes on the
same table. Other autovacuums give way as soon as somebody waits for them. Where the role may not see what autovacuum
does, that of a table which is older than ``autovacuum_freeze_max_age`` is taken to be one.

## Why it hurts
It does not give way, and on a large table it takes hours. The migration waits for it, and everybody who comes after
waits behind the migration.

## Do this instead
Let it finish: ending it only puts off what has to be done. ``pg_stat_progress_vacuum`` says how far it is.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import GateContext, Rule
from migsafe.rules._fixes import steps
from migsafe.rules._sessions import badness, lasting, seen, waiting

rule = Rule(
    __name__,
    code="MS903",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{app}.{migration} would wait for an autovacuum of {relation} that prevents wraparound{since}",
    why="It does not give way. {waiting}",
    passes=True,
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for session in context.status.sessions:
        for wait in context.in_the_way(session.locks) if session.wraparound else ():
            yield rule.at_gate(
                context,
                wait.migration,
                relation=wait.target.relation,
                severity=badness(wait, context.status),
                since=f", at work for {lasting(session.transaction)}" if session.transaction else "",
                waiting=waiting(wait, context.status),
                evidence=seen(session),
                fix=steps(
                    "Let it finish, and see how far it is:",
                    f"```sql\nSELECT * FROM pg_stat_progress_vacuum WHERE pid = {session.pid};\n```",
                ),
            )
