"""A table renamed while running code still uses it.

## What it catches
A table in use that gets another name or schema (``RenameModel``, ``AlterModelTable``, SQL).

## Why it hurts
Old code asks for the old name and new code for the new one, and only one of them exists. While both releases run, one
of them fails in every query of that model.

## Do this instead
Rename the model and keep the table: ``db_table = "old name"``. Then Django has nothing to do in the database.
"""

from collections.abc import Iterator

from migsafe.actions import RenameTable, SetSchema
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, python, steps

rule = Rule(
    __name__,
    code="MS402",
    severity=Severity.ERROR,
    axis=Axis.COMPATIBILITY,
    message="Renaming table {relation} to {new} breaks code that is still running and asks for {relation}",
    why=(
        "Servers with the old release ask for {relation}, servers with the new one for {new}, and only one of the names"
        " exists. While both releases run, every request of one of them that touches this table fails."
    ),
)


@rule.on(RenameTable, SetSchema)
def check(action: RenameTable | SetSchema, context: Context) -> Iterator[Finding]:
    if context.catalog.table(action.relation) is None or context.created_here(action.relation):
        return
    # RenameModel renames the model's own table first, then its automatic many-to-many tables: one finding.
    renames = [other for other in context.actions() if isinstance(other, RenameTable)]
    if context.operation.is_a("RenameModel") and action is not renames[0]:
        return
    new = action.new_name if isinstance(action, RenameTable) else f"{action.schema}.{action.relation.name}"
    yield rule.finding(context, relation=action.relation, new=new, fix=_fix(action, context))


def _fix(action: RenameTable | SetSchema, context: Context) -> str:
    written, table = context.written, context.display(action.relation)
    meta = python("class Meta:", f'    db_table = "{table}"')
    old = written.argument("old_name", 0) if written and context.operation.is_a("RenameModel") else None
    if written and old:
        return steps(
            "Rename the model in Python only, and leave it the table that it has:",
            meta,
            "With the table's name set first, renaming the model has nothing to do in the database:",
            migration(f'migrations.AlterModelTable(name={old}, table="{table}")', str(written)),
        )
    return steps("Leave the table the name that it has. In the model:", meta)
