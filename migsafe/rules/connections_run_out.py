"""The server has hardly any connections left.

## What it catches
A server on which fewer than three connections are free for a role that is no superuser, with migrations pending: of
``max_connections`` without those that are reserved, or of what the role or the database may have (``CONNECTION
LIMIT``).

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
    message="{used} of {most} connections of {limit} are in use",
    why="New processes of the deploy, and migrate itself, may be refused.",
    passes=True,
)

FEW = 3


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    found = context.status.connections
    if context.pending and found and found.most - found.used < FEW:
        yield rule.at_gate(
            context,
            used=str(found.used),
            most=str(found.most),
            limit=found.of,
            fix=steps(
                "Who has them:",
                "```sql\nSELECT usename, datname, application_name, state, count(*)\nFROM pg_stat_activity"
                " GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC;\n```",
            ),
        )
