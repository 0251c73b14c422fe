"""Somebody else has locked a table that a pending migration needs.

## What it catches
A session that holds a lock which stops the writes or reads of a table of a pending migration: another migration, an
index that is built, a LOCK TABLE; however short it has been there. And one that waits for such a lock.

## Why it hurts
The table already stands still, or is about to: the migration adds to the queue.

## Do this instead
Wait until it is over, and find out who it is: two deploys at the same time.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.locks import blocks, stops_traffic
from migsafe.rules import GateContext, Rule
from migsafe.rules._sessions import badness, ending, seen, waiting, who

rule = Rule(
    __name__,
    code="MS905",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{app}.{migration} needs {relation}, which {who} {does} ({lock})",
    why="{blocked} of {relation} wait {then} already. {waiting}",
    passes=True,
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for session in context.status.sessions:
        # Who has had a lock for long is told of as such.
        long = (session.busy or 0) >= context.longest
        held = {} if long else session.locks
        for does, then, locks in (("has locked", "for it", held), ("waits to lock", "behind it", session.waits)):
            strong = {relation: lock for relation, lock in locks.items() if stops_traffic(lock)}
            for wait in context.in_the_way(strong) if not session.vacuum else ():
                lock = strong[wait.target.relation]
                yield rule.at_gate(
                    context,
                    wait.migration,
                    relation=wait.target.relation,
                    severity=badness(wait, context.status),
                    who=who(session),
                    does=does,
                    lock=lock.value,
                    blocked=" and ".join(one for one in blocks(lock) if one != "ddl").capitalize(),
                    then=then,
                    waiting=waiting(wait, context.status),
                    evidence=seen(session),
                    fix=ending(session),
                )
