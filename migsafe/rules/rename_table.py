"""A table renamed while running code still uses it.

## What it catches
A table or view of the models that gets another name (``RenameModel``, ``AlterModelTable``, SQL), unless something of
the old name, such as a view, takes its place in the same migration.

## Why it hurts
Old code asks for the old name and new code for the new one, and only one of them exists. While both releases run, one
of them fails in every query of that model.

## Do this instead
Rename the model and keep the table: ``db_table = "old name"``. Then Django has nothing to do in the database. If the
table has to have another name, leave a view of the old name behind, in the same transaction: PostgreSQL passes reads
and writes of such a view on to the table.
"""

from collections.abc import Iterator

from migsafe.actions import Name, RenameTable
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, python, steps
from migsafe.written.operations import quoted, run_sql, separate

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


@rule.on(RenameTable)
def check(action: RenameTable, context: Context) -> Iterator[Finding]:
    if context.created_here(action.relation) or not context.takes_away(context.catalog.locate(action.relation)):
        return
    # Django renames the model's own table first, then its automatic many-to-many tables: one finding.
    if context.operation.is_a("ModelOperation") and action is not _renames(context)[0]:
        return
    yield rule.finding(context, relation=action.relation, new=action.new_name, fix=_fix(action, context))


def _renames(context: Context) -> list[RenameTable]:
    return [other for other in context.actions() if isinstance(other, RenameTable)]


def _fix(action: RenameTable, context: Context) -> str:
    written, table = context.written, context.display(action.relation)
    old = written.argument("old_name", 0) if written and context.operation.is_a("RenameModel") else None
    if written and old:
        return steps(
            "Rename the model in Python only, and leave it the table that it has:",
            python("class Meta:", f'    db_table = "{table}"'),
            "With the table's name set first, renaming the model has nothing to do in the database:",
            migration(f'migrations.AlterModelTable(name={old}, table="{table}")', str(written)),
        )
    renames = _renames(context) if context.operation.is_a("AlterModelTable") else [action]
    database = [sql for rename in renames for sql in _leaving_a_view(rename)]
    table = f'migrations.AlterModelTable(name="{context.model}", table="{action.new_name}")'
    state = str(written) if written and context.operation.is_a("AlterModelTable") else table
    return steps(
        "Best leave the table the name that it has. If it has to have another one, leave a view of the old name in the"
        " same transaction; old code reads and writes through it:",
        migration(separate(database=database, state=[state])),
        "In the next release, when no running code asks for the old name any more:",
        migration(*(run_sql(f"DROP VIEW {quoted(rename.relation)}", None) for rename in renames)),
    )


def _leaving_a_view(rename: RenameTable) -> tuple[str, str]:
    old, new = quoted(rename.relation), quoted(Name(rename.new_name, rename.relation.schema))
    back = f"ALTER TABLE {new}\nRENAME TO {quoted(rename.relation.name)}"
    return (
        run_sql(f"ALTER TABLE {old}\nRENAME TO {quoted(rename.new_name)}", back),
        run_sql(f"CREATE VIEW {old}\nAS SELECT * FROM {new}", f"DROP VIEW {old}"),
    )
