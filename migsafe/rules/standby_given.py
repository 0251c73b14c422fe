"""The database is a standby, or takes no changes for another reason.

## What it catches
A server that is in recovery: a read replica, or one that was the primary until a failover. And one whose
``default_transaction_read_only`` is on, for all or for the database: managed services set it when the disk is full.
That of a role does not count: the one that looks may be meant to only read.

## Why it hurts
Nothing can be migrated there. What a standby says of sessions and locks is not what the primary knows.

## Do this instead
Let ``migrate`` and the gate connect to the primary; make room on the disk.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import GateContext, Rule

rule = Rule(
    __name__,
    code="MS916",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{database} takes no migrations: {reason}",
    why="Every statement that changes something is refused there.",
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    status = context.status
    if status.recovery:
        reason, fix = "its server is a standby", "Name the alias of the primary: `migsafe gate --database ALIAS`."
    elif status.read_only:
        reason = "default_transaction_read_only is on"
        fix = (
            "Find out who has set it, and why; managed services do when the disk is full:\n\n```sql\n"
            "SELECT source, sourcefile FROM pg_settings WHERE name = 'default_transaction_read_only';\n```"
        )
    else:
        return
    yield rule.at_gate(context, database=status.database, reason=reason, fix=fix)
