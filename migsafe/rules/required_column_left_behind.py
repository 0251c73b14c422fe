"""A field taken out of the models whose column stays NOT NULL.

## What it catches
``SeparateDatabaseAndState`` that removes a field from the state alone, while its column is NOT NULL and the database
has no default for it.

## Why it hurts
New code does not know the column, so it gives no value, and each of its INSERTs fails with "null value in column …
violates not-null constraint". It is the first of two deploys that was meant to be safe.

## Do this instead
In the same migration, let the column be NULL (or give it a default). Drop it in the next release.
"""

from migsafe.actions import Name
from migsafe.model import Axis, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.rules import Found, OperationContext, Pending, Rule
from migsafe.rules._columns import needs_value, still_needed
from migsafe.rules._fixes import migration, quoted, run_sql, steps

rule = Rule(
    __name__,
    code="MS116",
    severity=Severity.ERROR,
    axis=Axis.COMPATIBILITY,
    message="{column} leaves the models but stays NOT NULL without a default: new code cannot insert into {relation}",
    why=(
        "The new release does not know {column} any more and gives no value for it, so every one of its saves of a new"
        " row in {relation} ends in an error."
    ),
)


@rule.on_operation
def check(operation: ReplayedOperation, context: OperationContext) -> Found:
    for forgotten in operation.forgets:
        name, _, column = forgotten.rpartition(".")
        table = context.migration.after.table(Name(name))
        if table is None or column not in table.columns or not needs_value(table.columns[column]):
            continue
        finding = rule.finding(
            context, relation=table.name, about=column, column=column, fix=_fix(Name(name), column, context)
        )
        yield Pending(finding, (table.oid, column)) if context.change.several else finding


rule.on_end(still_needed)


def _fix(table: Name, column: str, context: OperationContext) -> str:
    alter = f"ALTER TABLE {quoted(table)}\nALTER COLUMN {quoted(column)}"
    relax = run_sql(f"{alter} DROP NOT NULL", f"{alter} SET NOT NULL")
    return steps(
        "Let it be NULL before new code runs, in the same migration:",
        migration(relax, *([str(context.written)] if context.written else [])),
    )
