"""A type change of a column that something else is made of.

## What it catches
``ALTER COLUMN … TYPE``, even one that changes nothing, of a column that a view, a materialized view, a generated
column, a trigger (``UPDATE OF``), a policy or the partition key uses.

## Why it hurts
PostgreSQL refuses ("cannot alter type of a column used by a view or rule"), and the deploy stops. Where views are made
by hand, or by another team, only production has them.

## Do this instead
Drop what uses the column and create it again, in the same migration as the change.
"""

from collections.abc import Iterator, Sequence

from migsafe.actions import AlterColumnType
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._column_fixes import drop_view
from migsafe.rules._columns import surely_reads, views_above
from migsafe.rules._fixes import migration, steps
from migsafe.sql.catalog import Table

rule = Rule(
    __name__,
    code="MS110",
    severity=Severity.ERROR,
    axis=Axis.COMPATIBILITY,
    message="PostgreSQL {refuses} to change the type of {column} in {relation}: {user} {uses} it",
    why=(
        "As long as {user} uses it, ALTER COLUMN … TYPE on {column} is an error, whatever the type. The deploy stops"
        " there; what other migrations have done before stays done."
    ),
)


@rule.on(AlterColumnType)
def check(action: AlterColumnType, context: Context) -> Iterator[Finding]:
    table = context.catalog.table(action.relation)
    if table is None or not table.columns:
        return
    views = views_above(table.name, action.column, context.catalog)
    others = list(_others(action.column, table))
    users = [*(f"{view.kind} {context.display(view.name)}" for view in views), *others]
    sure = bool(others) or surely_reads(views, table, action.column, context.catalog)
    if users:
        yield rule.finding(
            context,
            relation=action.relation,
            about=action.column,
            severity=Severity.ERROR if sure else Severity.WARNING,
            column=action.column,
            refuses="refuses" if sure else "may refuse",
            user=users[0],
            uses="uses" if sure else "may use",
            fix=_fix(views, users, context),
        )


def _others(column: str, table: Table) -> Iterator[str]:
    for other in table.columns.values():
        if other.expression is not None and column in other.expression.columns:
            yield f"generated column {other.name}"
    for trigger in table.triggers.values():
        if column in trigger.columns:
            yield f"trigger {trigger.name}"
    for policy in table.policies.values():
        if column in (policy.reads_columns or ()):
            yield f"policy {policy.name}"
    if column in table.partition_key:
        yield "the partition key"


def _fix(views: Sequence[Table], users: Sequence[str], context: Context) -> str:
    if "the partition key" in users:
        return (
            "The column that a table is partitioned by keeps its type. Make a new partitioned table and move the rows."
        )
    others = [user for user in users if not any(user.endswith(context.display(view.name)) for view in views)]
    if others or not context.written or not all(view.query for view in views):
        return f"Drop {', '.join(users)} before, and create again after it, in the same migration."
    down = [drop_view(view, context.catalog) for view in reversed(views)]
    up = [drop_view(view, context.catalog, undo=True) for view in views]
    return steps(
        "Drop what reads the column and create it again, in one transaction:",
        migration(*down, str(context.written), *up),
    )
