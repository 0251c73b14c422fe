"""A partition detached under a lock on the whole partitioned table.

## What it catches
``DETACH PARTITION`` of a table in use without ``CONCURRENTLY``, where PostgreSQL could do it concurrently (14 or later,
and no DEFAULT partition).

## Why it hurts
PostgreSQL takes the strongest lock on the partitioned table. It waits for every query on any partition, and all that
come later wait behind it.

## Do this instead
``DETACH PARTITION … CONCURRENTLY``, in a migration of its own with ``atomic = False``.
"""

from collections.abc import Iterator

from migsafe.actions import DetachPartition
from migsafe.model import Axis, Finding, LockMode, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS409",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    message="Detaching partition {partition} takes {lock} on {relation}",
    why="While it waits for the queries that are running, and until it is done, {requests} waits too.",
)


@rule.on(DetachPartition)
def check(action: DetachPartition, context: Context) -> Iterator[Finding]:
    effect = context.effect(action.relation)
    if action.concurrently or action.finalize or effect is None or context.created_here(action.relation):
        return
    default = any(table.default_partition for table in context.catalog.partitions(action.relation))
    if context.postgres < 14 or default or effect.lock is not LockMode.ACCESS_EXCLUSIVE:
        return
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.partition.name,
        partition=context.display(action.partition),
        lock=effect.lock.value,
        requests=requests(effect),
        fix=_fix(action),
    )


def _fix(action: DetachPartition) -> str:
    detach = f"ALTER TABLE {quoted(action.relation)}\nDETACH PARTITION {quoted(action.partition)} CONCURRENTLY"
    return steps(
        "Detach it concurrently, in a migration of its own (there is no way back that PostgreSQL knows by itself):",
        migration(run_sql(detach, None), atomic=False),
    )
