"""A prepared transaction holds a lock that a pending migration needs.

## What it catches
A transaction in ``pg_prepared_xacts`` that holds a lock which conflicts with one that a pending migration takes on
the same table, or any one in the database where a migration does something CONCURRENTLY: that waits for all older
transactions. Only those that are as old as a long transaction (``migsafe gate --longest``).

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
from migsafe.rules._sessions import holding, lasting

rule = Rule(
    __name__,
    code="MS904",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{migration} would wait for the prepared transaction {name} of {owner}, {age} old",
    why="It holds its locks until somebody ends it, and {behind} until then.",
    passes=True,
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for one in context.status.prepared:
        if one.age < context.longest:
            continue
        for migration, target in context.in_the_way(one.locks):
            name = one.name.replace("'", "''")
            yield rule.at_gate(
                context,
                migration,
                relation=target.relation,
                about=one.name,
                name=one.name,
                owner=one.owner,
                age=lasting(one.age),
                behind=target.behind,
                evidence=holding(one.locks),
                fix=steps(
                    "Whoever prepared it knows which:",
                    f"```sql\nCOMMIT PREPARED '{name}';\nROLLBACK PREPARED '{name}';\n```",
                ),
            )
