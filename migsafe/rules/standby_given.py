"""The database is a standby.

## What it catches
A server that is in recovery: a read replica, or one that has taken over the name of the primary.

## Why it hurts
Nothing can be migrated there, and what it says of sessions and locks is not what the primary knows.

## Do this instead
Let ``migrate`` and the gate connect to the primary.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import GateContext, Rule

rule = Rule(
    __name__,
    code="MS916",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{database} is on a standby, which takes no migrations",
    why="Every statement that changes something is refused there.",
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    if context.status.recovery:
        yield rule.at_gate(
            context,
            database=context.status.database,
            fix="Name the alias of the primary: `migsafe gate --database ALIAS`.",
        )
