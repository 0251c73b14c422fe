"""A NOT NULL column for which existing rows have no value.

## What it catches
A column added NOT NULL without a default to a table in use.

## Why it hurts
If the table has a single row, PostgreSQL refuses: "column … contains null values". It shows where there is data, which
is production.

## Do this instead
Add it with a default that the database keeps, or nullable: then let the code fill it, fill the old rows in batches, and
set it NOT NULL.
"""

from collections.abc import Iterator

from migsafe.actions import AddColumn
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._column_fixes import add_nullable
from migsafe.rules._columns import lacks_value
from migsafe.rules._fixes import steps

rule = Rule(
    __name__,
    code="MS107",
    severity=Severity.ERROR,
    axis=Axis.DATA,
    message="Adding {column} NOT NULL without a default fails if {relation} has a row",
    why=(
        "Existing rows get NULL in {column}, which it does not allow, so PostgreSQL refuses and the deploy stops. It"
        " works wherever {relation} is empty: on a developer's machine and in tests."
    ),
)


@rule.on(AddColumn)
def check(action: AddColumn, context: Context) -> Iterator[Finding]:
    if lacks_value(action, context) and not context.created_here(action.relation):
        yield rule.finding(
            context,
            relation=action.relation,
            about=action.column.name,
            column=action.column.name,
            fix=steps(
                "1. Add it nullable (or with `db_default`, if one value is right for all rows):",
                add_nullable(action, context),
                "2. Release the code that always fills it, and fill the old rows in batches.",
                "3. Set it NOT NULL by way of a CHECK constraint (see MS102).",
            ),
        )
