"""A generated column that is computed anew for every row.

## What it catches
``ALTER COLUMN … SET EXPRESSION`` (PostgreSQL 17 and later) on a table in use, where it writes the table anew or reads
all of it. Virtual columns that may be NULL cost nothing.

## Why it hurts
PostgreSQL computes the column for every row and writes the table and its indexes anew, and nobody can read or write it
meanwhile.

## Do this instead
Add an ordinary column, let a trigger or the application fill it, fill the old rows in batches, then swap the names.
"""

from collections.abc import Iterator

from migsafe.actions import AlterGenerated
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._column_fixes import add_column
from migsafe.rules._columns import column_of
from migsafe.rules._fixes import migration, steps

rule = Rule(
    __name__,
    code="MS108",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="SET EXPRESSION on {column} {does} {relation} under {lock}",
    why=(
        "PostgreSQL computes {column} for every row. Until that is done, {requests} hangs, and they pile up until they"
        " time out. The larger the table, the longer."
    ),
)


@rule.on(AlterGenerated)
def check(action: AlterGenerated, context: Context) -> Iterator[Finding]:
    effect = context.stall
    if effect is None or context.created_here(action.relation):
        return
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.column,
        column=action.column,
        does="rewrites" if effect.rewrites else "reads all of",
        lock=effect.lock.value,
        requests=requests(effect),
        fix=_fix(action, context),
    )


def _fix(action: AlterGenerated, context: Context) -> str:
    column = column_of(action.relation, action.column, context)
    new = f"{action.column}_new"
    if column is None:
        return "Move to a new column, filled by a trigger and in batches, instead."
    return steps(
        "1. Add an ordinary column, with a trigger (or code) that fills it by the new expression:",
        migration(add_column(action.relation, new, column.type)),
        "2. Fill the old rows in batches, in a migration with `atomic = False`.",
        f"3. In one short transaction, rename `{action.column}` and give `{new}` its name.",
        f"4. Drop the old `{action.column}`.",
    )
