"""A default that is computed once and put into every existing row.

## What it catches
``AddField`` with ``unique=True`` and a default, and with a callable default (``uuid.uuid4``) on a UUID field: Django
calls it once, and PostgreSQL puts that one value into all rows.

## Why it hurts
A unique constraint is violated as soon as the table has two rows, so the deploy fails. Without one it goes through, and
all old rows share an identifier.

## Do this instead
Add the column nullable, without default and without ``unique=True``. Give each row its own value in batches, then make
the column unique and NOT NULL.
"""

from collections.abc import Iterator

from migsafe.actions import AddColumn
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._column_fixes import add_nullable, written_field
from migsafe.rules._columns import is_literal, is_unique, same_everywhere
from migsafe.rules._fixes import fill_in_batches, steps

rule = Rule(
    __name__,
    code="MS115",
    severity=Severity.ERROR,
    axis=Axis.DATA,
    message="Every row of {relation} gets the same {column}{consequence}",
    why=(
        "The default is computed once, when the migration runs, and all rows that exist get that value: two of them"
        " are enough to {harm}. Tests with an empty table do not show it."
    ),
)


@rule.on(AddColumn)
def check(action: AddColumn, context: Context) -> Iterator[Finding]:
    if not same_everywhere(action, context) or context.created_here(action.relation):
        return
    unique = is_unique(action, context)
    if not unique and not _is_callable_uuid(action, context):
        return
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.column.name,
        severity=Severity.ERROR if unique else Severity.WARNING,
        column=action.column.name,
        consequence=", so making it unique fails from the second row on" if unique else "",
        harm="break the constraint" if unique else "be taken for each other",
        fix=_fix(action, context, unique=unique),
    )


def _is_callable_uuid(action: AddColumn, context: Context) -> bool:
    found = written_field(context, "AddField")
    default = found[1].argument("default") if found else None
    return action.column.type.name.name == "uuid" and default is not None and not is_literal(default)


def _fix(action: AddColumn, context: Context, *, unique: bool) -> str:
    column = action.column
    value = "gen_random_uuid()" if column.type.name.name == "uuid" else "…"
    last = [each for each in ("unique (see MS303)" if unique else "", "NOT NULL (see MS102)" * column.not_null) if each]
    return steps(
        "1. Add it nullable and without a default; let the code give it to new rows:",
        add_nullable(action, context, "unique", "default", "db_default"),
        "2. In a second migration, give each old row its own, in batches:",
        fill_in_batches(action.relation, column.name, value, context),
        *([f"3. Make it {' and '.join(last)}."] if last else []),
    )
