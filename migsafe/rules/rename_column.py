"""A column renamed while running code still uses it.

## What it catches
A column of a table in use that gets another name (``RenameField``, ``AlterField`` with another ``db_column``, SQL).
Quiet if a column has the old name again when the migration is done.

## Why it hurts
Old code asks for the old name and new code for the new one, and only one of them exists. Whichever release runs at
the wrong side of the migration fails in every query of that model.

## Do this instead
Rename the field and keep the column: ``db_column="old name"``. Then Django has nothing to do in the database.
"""

from collections.abc import Iterator

from migsafe.actions import RenameColumn
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import steps

rule = Rule(
    __name__,
    code="MS104",
    severity=Severity.ERROR,
    axis=Axis.COMPATIBILITY,
    message="Renaming column {column} to {new} breaks code that is still running: it asks {relation} for {column}",
    why=(
        "Servers with the old release ask for {column}, servers with the new one for {new}, and only one of the names"
        " exists. While both releases run, every request of one of them that touches {relation} fails."
    ),
)


@rule.on(RenameColumn)
def check(action: RenameColumn, context: Context) -> Iterator[Finding]:
    # RenameModel renames the columns of automatic many-to-many tables too: the renamed table is the finding.
    if context.created_here(action.relation, action.column) or context.operation.is_a("RenameModel"):
        return
    renamed = context.migration.old_code_runs and context.operation.is_a("FieldOperation")
    if not renamed and not context.leaves_models(action.relation.name, action.column):
        return
    if _is_answered(action, context):
        return
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.column,
        column=action.column,
        new=action.new_name,
        fix=_fix(action, context),
    )


def _is_answered(action: RenameColumn, context: Context) -> bool:
    """Whether nobody asks for the old name, which the migration itself has given, or whoever asks gets an answer."""
    table, before, after = context.catalog.table(action.relation), context.migration.before, context.migration.after
    if table is None:
        return False
    old, new = (next((one for one in each.tables.values() if one.oid == table.oid), None) for each in (before, after))
    if old is not None and action.column not in old.columns:
        return True
    return context.migration.atomic and new is not None and action.column in new.columns


def _fix(action: RenameColumn, context: Context) -> str:
    written = context.written
    field = written.argument("new_name", 2) if written and context.operation.is_a("RenameField") else None
    name = field.strip("\"'") if field else action.new_name
    return steps(
        f'Rename it in Python only: give field `{name}` in the model `db_column="{action.column}"`, and let '
        "`makemigrations` write this migration again. It will have no SQL.",
        "If the column itself has to have another name: add a new column, write both, fill the old rows in batches, "
        "read the new one, and drop the old one, each in a release of its own.",
    )
