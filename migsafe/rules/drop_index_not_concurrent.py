"""An index dropped without CONCURRENTLY.

## What it catches
``DROP INDEX`` of an index on a table in use (``RemoveIndex``, ``AlterField`` to ``db_index=False``, SQL).
Quiet where the migration has locked the table before, as Django does to drop a unique constraint with its second index.

## Why it hurts
It needs the table for itself for a moment. Getting that moment takes as long as the longest query that is running,
and everything that comes after it queues up behind.

## Do this instead
Drop it concurrently, in a migration with ``atomic = False``: ``RemoveIndexConcurrently``, or SQL with CONCURRENTLY.
"""

from collections.abc import Iterator

from migsafe.actions import DropIndex
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import GIVE_UP, quoted, run_sql, separate

rule = Rule(
    __name__,
    code="MS202",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    message="Dropping index {index} takes {lock} on {relation}",
    why=(
        "The drop itself is quick, but it has to wait for every query on {relation} that is still running, and from"
        " then on {requests} queues up behind it. One slow report is enough to stop everything."
    ),
)


@rule.on(DropIndex)
def check(action: DropIndex, context: Context) -> Iterator[Finding]:
    index = context.catalog.index(action.index)
    if action.concurrently or context.fails or index is None or context.created_here(index.relation):
        return
    table = context.catalog.table(index.relation)
    partitioned = table is not None and table.kind == "partitioned table"
    if partitioned and context.gives_up:
        return
    effect = context.effect(index.relation)
    if effect is None or "reads" not in effect.blocks or not context.waits(effect):
        return
    yield rule.finding(
        context,
        relation=index.relation,
        about=action.index.name,
        index=action.index.name,
        lock=effect.lock.value,
        requests=requests(effect),
        fix=_fix_of_partitioned(action) if partitioned else _fix(action, context),
    )


def _fix_of_partitioned(action: DropIndex) -> str:
    return steps(
        "An index of a partitioned table cannot be dropped concurrently. Give up soon if it cannot have its lock, and"
        " try again later:",
        migration(run_sql([GIVE_UP, f"DROP INDEX {quoted(action.index)}"], None)),
    )


def _fix(action: DropIndex, context: Context) -> str:
    written = context.written
    if written and context.operation.is_a("RemoveIndex"):
        operation = str(written.calling("RemoveIndexConcurrently"))
        imports = "from django.contrib.postgres.operations import RemoveIndexConcurrently"
    else:
        operation = run_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(action.index)}", None)
        if written and not context.operation.is_a("RunSQL"):
            operation = separate(database=[operation], state=[str(written)])
        imports = ""
    return steps(
        "Drop it in a migration of its own, outside a transaction:", migration(operation, atomic=False, imports=imports)
    )
