"""The server has hardly any connections left.

## What it catches
A server on which fewer than three connections are free for a role that is no superuser, with migrations pending.

## Why it hurts
The deploy starts new processes beside the old ones, and each connects: some will be refused. And ``migrate`` may be.

## Do this instead
Wait until others are gone, or find out who has them.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import GateContext, Rule
from migsafe.rules._fixes import steps

rule = Rule(
    __name__,
    code="MS912",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    message="{used} of {most} connections are in use",
    why="New processes of the deploy, and migrate itself, may be refused.",
    passes=True,
)

FEW = 3


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    if context.pending and context.status.connections:
        used, most = context.status.connections
        if most - used < FEW:
            yield rule.at_gate(
                context,
                used=str(used),
                most=str(most),
                fix=steps(
                    "Who has them:",
                    "```sql\nSELECT usename, application_name, state, count(*)\nFROM pg_stat_activity GROUP BY 1, 2, 3"
                    " ORDER BY 4 DESC;\n```",
                ),
            )
