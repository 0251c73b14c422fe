"""A replication slot that nobody reads from keeps WAL, and a pending migration writes much.

## What it catches
A slot in ``pg_replication_slots`` that is not active and keeps WAL, where a pending migration writes a table anew or
builds an index of one, if that is not known to be small.

## Why it hurts
The server keeps all WAL from where the slot stands, also that of the migration, until somebody reads it. Where
``max_slot_wal_keep_size`` (since 13) sets no limit, the disk fills up, and the server stops. Where it does, the server
gives the slot up, and its reader has to begin anew.

## Do this instead
Bring its reader back, or drop the slot if there is none any more.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.throughput import amount
from migsafe.rules import GateContext, Rule
from migsafe.rules._fixes import steps

rule = Rule(
    __name__,
    code="MS907",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    message="Replication slot {slot} is not active and keeps {size} of WAL; {app}.{migration} adds {relation}",
    why="If nobody reads from the slot, {end}.",
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for slot in (one for one in context.status.slots if not one.active and one.retained is not None):
        for migration, target in context.writing_much():
            name = slot.name.replace("'", "''")
            limit = slot.limit
            yield rule.at_gate(
                context,
                migration,
                relation=target.relation,
                about=slot.name,
                slot=slot.name,
                size=amount(slot.retained or 0, "bytes"),
                end=f"its reader loses it at {amount(limit, 'bytes')}" if limit is not None else "the disk fills up",
                fix=steps(
                    "Start whatever reads from it. If that is gone for good:",
                    f"```sql\nSELECT pg_drop_replication_slot('{name}');\n```",
                ),
            )
            break
