"""A table moved to another schema while running code still uses it.

## What it catches
``ALTER TABLE … SET SCHEMA`` of a table or view that models have, and ``ALTER SCHEMA … RENAME`` of a schema with such.

## Why it hurts
Code finds a table through the search path of its role, or under the schema that its ``db_table`` names. After the move
code that is still running finds nothing there, or another table of the same name.

## Do this instead
Move it, and leave a view of the old name behind in the same transaction: PostgreSQL passes reads and writes of such a
view on to the table. Drop the view when no running code asks for it.
"""

from collections.abc import Iterator

from migsafe.actions import Name, RenameObject, SetSchema
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS403",
    severity=Severity.ERROR,
    axis=Axis.COMPATIBILITY,
    message="Moving {relation} to schema {schema} breaks code that is still running and looks for it in {old}",
    why=(
        "Servers with the old release look for {relation} in schema {old}. Unless {schema} is on the search path of"
        " their role too, every request that touches it fails until the last of them is replaced."
    ),
)


@rule.on(SetSchema)
def check(action: SetSchema, context: Context) -> Iterator[Finding]:
    table = context.catalog.table(action.relation)
    if table is None or context.created_here(action.relation) or not context.takes_away(table.name):
        return
    old = table.name.schema or ""
    yield rule.finding(
        context, relation=action.relation, schema=action.schema, old=old, fix=_fix(table.name, action.schema)
    )


@rule.on(RenameObject)
def check_schema(action: RenameObject, context: Context) -> Iterator[Finding]:
    if action.kind != "schema":
        return
    old = action.name.name
    for name in sorted(name for name in context.catalog.tables if name.schema == old):
        if context.takes_away(name) and not context.created_here(name):
            yield rule.finding(
                context,
                relation=name,
                schema=action.new_name,
                old=old,
                fix=(
                    f"Leave the schema its name; or put `{action.new_name}` on the search path of the application's"
                    f" role beside `{old}` in an earlier deploy, if no model writes the schema in its `db_table`."
                ),
            )


def _fix(old: Name, schema: str) -> str:
    new = Name(old.name, schema)
    return steps(
        "1. Move it and leave a view in its place, in one transaction. Old code reads and writes through the view:",
        migration(
            run_sql(
                f"ALTER TABLE {quoted(old)}\nSET SCHEMA {quoted(schema)}",
                f"ALTER TABLE {quoted(new)}\nSET SCHEMA {quoted(old.schema or 'public')}",
            ),
            run_sql(f"CREATE VIEW {quoted(old)}\nAS SELECT * FROM {quoted(new)}", f"DROP VIEW {quoted(old)}"),
        ),
        "2. In the next release, when no running code asks for the old place any more:",
        migration(run_sql(f"DROP VIEW {quoted(old)}", None)),
    )
