"""An autovacuum that prevents wraparound is at work on a table that a pending migration needs.

## What it catches
An autovacuum "to prevent wraparound" that holds a lock which conflicts with one that a pending migration takes on the
same table. Other autovacuums give way as soon as somebody waits for them.

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
from migsafe.rules._sessions import lasting, seen

rule = Rule(
    __name__,
    code="MS903",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{migration} would wait for an autovacuum of {relation} that prevents wraparound, at work since {seconds}",
    why="It does not give way to the migration, and {behind} until it is done.",
    passes=True,
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for session in context.status.sessions:
        if session.wraparound:
            for migration, target, _ in context.stopped_by(session.locks):
                yield rule.at_gate(
                    context,
                    migration,
                    relation=target.relation,
                    seconds=lasting(session.transaction or 0),
                    behind=target.behind,
                    evidence=seen(session),
                    fix=steps(
                        "Let it finish, and see how far it is:",
                        f"```sql\nSELECT * FROM pg_stat_progress_vacuum WHERE pid = {session.pid};\n```",
                    ),
                )
