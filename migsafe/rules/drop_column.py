"""A column dropped while running code still uses it.

## What it catches
A column dropped in the same change that removes its field from the models.

## Why it hurts
Django names every column of a model in every SELECT and INSERT. Until the last process of the previous release is
gone, each query of that model fails with "column … does not exist". A rollback of the release does not bring the data
back.

## Do this instead
Two deploys: first take the field out of the models only (``SeparateDatabaseAndState``), then, when no code knows it
any more, drop the column.
"""

from collections.abc import Iterator

from migsafe.actions import DropColumn, DropTable
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import later, migration, steps
from migsafe.written.operations import GIVE_UP, quoted, run_sql, separate

rule = Rule(
    __name__,
    code="MS103",
    severity=Severity.ERROR,
    axis=Axis.COMPATIBILITY,
    message=(
        "Dropping column {column} breaks code that is still running: it selects {column} in every query of {relation}"
    ),
    why=(
        "Servers with the old release ask for {column} each time they load or save a row of {relation}. From the moment"
        " it is gone until the last of them is replaced, every such request fails. Rolling back does not bring the data"
        " back."
    ),
)


@rule.on(DropColumn)
def check(action: DropColumn, context: Context) -> Iterator[Finding]:
    if context.created_here(action.relation, action.column) or not context.leaves_models(
        action.relation.name, action.column
    ):
        return
    if _has_new_name(action, context):
        return  # running code asks for the old one: rename_column says so
    if any(isinstance(other, DropTable) and other.relation == action.relation for other in context.migration_actions()):
        return
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.column,
        column=action.column,
        fix=_fix(action, context),
    )


def _has_new_name(action: DropColumn, context: Context) -> bool:
    """Whether the migration itself has given the table a column of that name by renaming one."""
    table = context.catalog.table(action.relation)
    before = next((one for one in context.migration.before.tables.values() if table and one.oid == table.oid), None)
    return before is not None and action.column not in before.columns


def _fix(action: DropColumn, context: Context) -> str:
    table, name = quoted(action.relation), quoted(action.column)
    state = f'migrations.RemoveField(model_name="{context.model}", name="{action.column}")'
    if context.written and context.operation.is_a("RemoveField"):
        state = str(context.written)
    found = context.catalog.table(action.relation)
    column = found.columns.get(action.column) if found else None
    relax: list[str] = []
    if column and column.needs_value:
        alter = f"ALTER TABLE {table}\nALTER COLUMN {name}"
        relax = [run_sql(f"{alter} DROP NOT NULL", f"{alter} SET NOT NULL")]
    again = f"ALTER TABLE {table}\nADD COLUMN {name} {column.type}" if column else None
    return steps(
        *([] if relax else later(context)),
        "1. In this release, take the field out of the models and leave the column"
        + (" (new code does not fill it, so it must not be NOT NULL):" if relax else ":"),
        migration(separate(database=relax, state=[state])),
        "2. In the next release, when no running code knows it any more:",
        migration(run_sql([GIVE_UP, f"ALTER TABLE {table}\nDROP COLUMN {name}"], again)),
    )
