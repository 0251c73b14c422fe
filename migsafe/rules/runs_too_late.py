"""A migration that runs after the deploy and makes what the deployed code needs.

## What it catches
A migration that the marker of django-syzygy (``stage``) or django-safemigrate (``safe``) puts after the deploy, and
that adds a column or a table of the models, gives one another name, or changes a type so that values of the new one are
not compared with the old one.

## Why it hurts
The code is there first. Django names every column of a model in every SELECT and INSERT, so each query of that model
fails ("column … does not exist") until the migration has run. A new table is only missed by code that uses it already.

## Do this instead
Let what adds something run before the deploy. For a new name no moment is right: keep the name in the database.
"""

from collections.abc import Iterator

from migsafe.actions import AddColumn, AlterColumnType, CreateTable, RenameColumn, RenameTable
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.values import Reading, reading, sql_name
from migsafe.rules import Context, Rule
from migsafe.rules._columns import follows_key, types
from migsafe.rules._fixes import steps

rule = Rule(
    __name__,
    code="MS722",
    severity=Severity.ERROR,
    axis=Axis.COMPATIBILITY,
    message="Runs after the deploy, but {does}, which the deployed code {needs}",
    why="The new code runs before this migration. Until that is done, {fails}.",
)

EARLIER = (
    "Let it run before the deploy (`Stage.PRE_DEPLOY` of syzygy, `Safe.before_deploy()` of safemigrate), apart from"
    " what has to run after it."
)


@rule.on(AddColumn)
def check_column(action: AddColumn, context: Context) -> Iterator[Finding]:
    name = f"{action.relation.name}.{action.column.name}"
    if name in context.operation.awaited and not context.created_here(action.relation):
        column, table = action.column.name, context.display(action.relation)
        yield rule.finding(
            context,
            relation=action.relation,
            about=column,
            does=f"adds column {column} to {table}",
            needs="asks for",
            fails=f"every query of {table} by it fails",
            fix=EARLIER,
        )


@rule.on(CreateTable)
def check_table(action: CreateTable, context: Context) -> Iterator[Finding]:
    # The table of a model, not those of its many-to-many fields.
    tables = [other.relation for other in context.actions() if isinstance(other, CreateTable)]
    if action.relation.name in context.operation.awaited and action.relation == tables[0]:
        table = context.display(action.relation)
        yield rule.finding(
            context,
            relation=action.relation,
            severity=Severity.WARNING,
            does=f"makes table {table}",
            needs="may use",
            fails=f"whatever uses {table} fails",
            fix=EARLIER,
        )


@rule.on(RenameColumn)
def check_column_name(action: RenameColumn, context: Context) -> Iterator[Finding]:
    # RenameModel renames columns of automatic many-to-many tables too.
    if f"{action.relation.name}.{action.new_name}" not in context.operation.awaited or context.created_here(
        action.relation, action.column
    ):
        return
    if not context.operation.is_a("RenameModel"):
        table = context.display(action.relation)
        yield rule.finding(
            context,
            relation=action.relation,
            about=action.new_name,
            does=f"gives column {action.column} of {table} the name {action.new_name}",
            needs="asks for",
            fails=f"every query of {table} by it fails; if it ran before, those of the old code would",
            fix=f'Keep the name in the database: `db_column="{action.column}"`. The migration has no SQL then.',
        )


@rule.on(RenameTable)
def check_table_name(action: RenameTable, context: Context) -> Iterator[Finding]:
    renames = [other for other in context.actions() if isinstance(other, RenameTable)]
    if action.new_name not in context.operation.awaited or context.created_here(action.relation):
        return
    if action is renames[0]:
        table = context.display(action.relation)
        yield rule.finding(
            context,
            relation=action.relation,
            does=f"gives table {table} the name {action.new_name}",
            needs="asks for",
            fails="every query of it by the new code fails; if it ran before, those of the old code would",
            fix=f'Keep the name in the database: `db_table = "{action.relation.name}"`. The migration has no SQL then.',
        )


@rule.on(AlterColumnType)
def check_type(action: AlterColumnType, context: Context) -> Iterator[Finding]:
    known = types(action, context)
    if known is None or context.migration.old_code_runs or context.created_here(action.relation, action.column):
        return
    old, new = known
    if reading(new, old) is Reading.REFUSED and not follows_key(action, context):
        table = context.display(action.relation)
        yield rule.finding(
            context,
            relation=action.relation,
            about=action.column,
            does=f"makes {sql_name(new)} of {action.column} in {table}, {sql_name(old)} until then",
            needs="compares with values of that type",
            fails=f"every query by it that looks for rows of {table} by {action.column} fails",
            fix=steps(
                "Add a new column of the new type before the deploy, write both, fill the old rows in batches, read the"
                " new one, and drop the old one after a later deploy."
            ),
        )
