"""Somebody else has locked a table that a pending migration needs.

## What it catches
A session that holds a lock on a table of a pending migration which stops the table's writes or reads: another
migration, an index that is built, a LOCK TABLE; however long it has been there. And one that waits for such a lock.

## Why it hurts
The table already stands still, or is about to: the migration adds to the queue.

## Do this instead
Wait until it is over, and find out who it is: two deploys at the same time.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.locks import stops_traffic
from migsafe.rules import GateContext, Rule
from migsafe.rules._sessions import ending, seen, who

rule = Rule(
    __name__,
    code="MS905",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{migration} needs {relation}, which {who} {does} ({lock})",
    why="Reads or writes of {relation} wait already; the migration, and who comes after it, would wait too.",
    passes=True,
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for session in context.status.sessions:
        if session.vacuum:
            continue
        for does, locks in (("has locked", session.locks), ("waits to lock", session.waits)):
            strong = {relation: lock for relation, lock in locks.items() if stops_traffic(lock)}
            for migration, target, lock in context.stopped_by(strong):
                yield rule.at_gate(
                    context,
                    migration,
                    relation=target.relation,
                    about=str(session.pid),
                    who=who(session),
                    does=does,
                    lock=lock.value,
                    evidence=seen(session),
                    fix=ending(session),
                )
