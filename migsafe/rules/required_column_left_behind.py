"""A field taken out of the models whose column stays NOT NULL.

## What it catches
``SeparateDatabaseAndState`` that removes a field from the state alone, while its column is NOT NULL and the database
has no default for it; or a field whose column is dropped after the deploy only, as the marker of django-syzygy or
django-safemigrate says.

## Why it hurts
New code does not know the column, so it gives no value, and each of its INSERTs fails with "null value in column …
violates not-null constraint". It is the first of two deploys that was meant to be safe.

## Do this instead
Let the column be NULL (or give it a default) before new code runs: in the same migration, or, if that runs after the
deploy, in one before it. Drop it in the next release, or after the deploy.
"""

from migsafe.actions import DropColumn, Name
from migsafe.model import Axis, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.rules import Context, Found, OperationContext, Pending, Rule
from migsafe.rules._columns import still_needed
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS116",
    severity=Severity.ERROR,
    axis=Axis.COMPATIBILITY,
    message="{column} leaves the models but stays NOT NULL without a default: new code cannot insert into {relation}",
    why=(
        "The new release does not know {column} any more and gives no value for it, so every one of its saves of a new"
        " row in {relation} ends in an error{until}."
    ),
)


@rule.on_operation
def check(operation: ReplayedOperation, context: OperationContext) -> Found:
    for forgotten in operation.forgets:
        name, _, column = forgotten.rpartition(".")
        table = context.migration.after.table(Name(name))
        if table is None or column not in table.columns or not table.columns[column].needs_value:
            continue
        fix = _fix(context, *([str(context.written)] if context.written else []), table=table.name, column=column)
        finding = rule.finding(context, relation=table.name, about=column, column=column, until="", fix=fix)
        yield Pending(finding, (table.oid, column)) if context.change.several else finding


@rule.on(DropColumn)
def check_later(action: DropColumn, context: Context) -> Found:
    """The column stays until the migration runs, which is after the deploy."""
    if context.migration.old_code_runs or not context.removes(action.relation.name, action.column):
        return
    table = context.migration.before.table(action.relation)
    column = table.columns.get(action.column) if table else None
    if column and column.needs_value and not context.created_here(action.relation, action.column):
        yield rule.finding(
            context,
            relation=action.relation,
            about=action.column,
            column=action.column,
            until=", until this migration has run",
            fix=_fix(context, table=action.relation, column=action.column),
        )


rule.on_end(still_needed)


def _fix(context: OperationContext, *operations: str, table: Name, column: str) -> str:
    alter = f"ALTER TABLE {quoted(table)}\nALTER COLUMN {quoted(column)}"
    relax = run_sql(f"{alter} DROP NOT NULL", f"{alter} SET NOT NULL")
    where = "the same migration" if context.migration.old_code_runs else "a migration that runs before the deploy"
    return steps(f"Let it be NULL before new code runs, in {where}:", migration(relax, *operations))
