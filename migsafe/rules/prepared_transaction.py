"""A prepared transaction holds a lock that a pending migration needs.

## What it catches
A transaction in ``pg_prepared_xacts`` that holds a lock which conflicts with one that a pending migration takes on
the same table, or that something CONCURRENTLY waits for there. Only those that are as old as a long transaction
(``migsafe gate --longest``).

## Why it hurts
No session has it any more: it stays, with its locks, until somebody ends it by name, also over a restart of the
server.

## Do this instead
Ask whoever prepared it (a transaction manager, ``PREPARE TRANSACTION``) to commit it or to roll it back.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import GateContext, Rule
from migsafe.rules._fixes import steps
from migsafe.rules._sessions import badness, holding, lasting, waiting

rule = Rule(
    __name__,
    code="MS904",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{app}.{migration} would wait for the prepared transaction {name} of {owner}, {age} old",
    why="That keeps its locks until somebody ends it. {waiting}",
    passes=True,
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for one in context.status.prepared:
        for wait in context.in_the_way(one.locks) if one.age >= context.longest else ():
            name = one.name.replace("'", "''")
            yield rule.at_gate(
                context,
                wait.migration,
                relation=wait.target.relation,
                about=one.name,
                severity=badness(wait, context.status),
                name=one.name,
                owner=one.owner,
                age=lasting(one.age),
                waiting=waiting(wait, context.status),
                evidence=holding(one.locks),
                fix=steps(
                    "One of these, in the database itself; whoever prepared it knows which:",
                    f"```sql\nCOMMIT PREPARED '{name}';\nROLLBACK PREPARED '{name}';\n```",
                ),
            )
