"""CONCURRENTLY where PostgreSQL does not support it.

## What it catches
An index built CONCURRENTLY on a partitioned table, one of its indexes dropped so, ``DROP INDEX CONCURRENTLY`` of
several indexes or with CASCADE, and what the server's version does not have yet.

## Why it hurts
PostgreSQL refuses: the migration fails, and the deploy with it.

## Do this instead
Make the index ``ON ONLY`` the partitioned table, build it concurrently on each partition, and put them together with
``ALTER INDEX … ATTACH PARTITION``. Drop one index at a time.
"""

from collections.abc import Iterator

from migsafe.actions import CreateIndex, DetachPartition, DropIndex, Name, Reindex
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, partition_indexes, steps
from migsafe.rules._online import Online, is_required, online
from migsafe.sql.effects import IN_TRANSACTION
from migsafe.written.operations import GIVE_UP, quoted, run_sql

rule = Rule(
    __name__,
    code="MS205",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    sized=False,
    message="{what} CONCURRENTLY fails: {fails}",
    why="PostgreSQL refuses the statement, so the migration stops with an error in the middle of the deploy.",
)


@rule.on(CreateIndex, DropIndex, Reindex, DetachPartition)
def check(action: Online, context: Context) -> Iterator[Finding]:
    if action.concurrently and context.fails not in (None, IN_TRANSACTION) and not is_required(context):
        what, relation = online(action, context)
        fix = _fix(action, relation, context)
        yield rule.finding(context, relation=relation, about=what, what=what, fails=str(context.fails), fix=fix)


def _fix(action: Online, relation: Name | None, context: Context) -> str:
    table = context.catalog.table(relation) if relation else None
    partitioned = table is not None and table.kind == "partitioned table"
    match action:
        case CreateIndex() if partitioned:
            return partition_indexes(action, context)
        case DropIndex() if partitioned:
            return steps(
                "There is no way to drop it concurrently. Give up soon if it cannot have its lock, so that nobody"
                " queues up behind it for long, and try again:",
                migration(run_sql([GIVE_UP, f"DROP INDEX {quoted(action.index)}"], None)),
            )
        case DropIndex():
            indexes = [other.index for other in context.statement.parsed.actions if isinstance(other, DropIndex)]
            return steps(
                "Drop one index at a time; a constraint that needs one has to be dropped in place of it:",
                migration(
                    *(run_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(index)}", None) for index in indexes),
                    atomic=False,
                ),
            )
        case Reindex() if partitioned:
            return "Rebuild the indexes of each partition CONCURRENTLY instead."
        case DetachPartition():
            return "Detach it without CONCURRENTLY, with a `lock_timeout`; or empty and drop the DEFAULT partition."
    return "Build a new index concurrently, drop the old one concurrently, and give the new one its name."
