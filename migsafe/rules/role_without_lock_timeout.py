"""The role that migrates waits for locks as long as it takes.

## What it catches
A pending migration that stops the reads or writes of a table, where the session that looks, and so one of ``migrate``
with the same settings, has no ``lock_timeout``: neither from the role, the database and the server, nor from OPTIONS,
nor from the migration itself.

## Why it hurts
What is quiet at this moment need not be when the migration gets there. Without a limit it waits for as long as any
query runs, and everybody who comes after waits behind it.

## Do this instead
Give the role that migrates a ``lock_timeout`` of a few seconds, and run ``migrate`` again when it gives up.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import GateContext, Rule
from migsafe.rules._fixes import steps
from migsafe.written.operations import quoted

rule = Rule(
    __name__,
    code="MS909",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    message="{user} has no lock_timeout, and {what} {relation}",
    why="If somebody uses it just then, the migration waits, and everybody who comes after waits behind it.",
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    stopping = [
        (migration, target)
        for migration in context.pending
        for target in migration.targets
        if target.stops_traffic and "lock_timeout" not in migration.sets
    ]
    if context.status.lock_timeout is None and stopping:
        migration, target = stopping[0]
        yield rule.at_gate(
            context,
            relation=target.relation,
            user=context.status.user,
            what=f"{migration.app}.{migration.name} locks",
            fix=steps(
                "Set it for the role that runs migrations:",
                f"```sql\nALTER ROLE {quoted(context.status.user)} SET lock_timeout = '5s';\n```",
            ),
        )
