"""A NOT NULL column that code which is still running does not fill.

## What it catches
A column added NOT NULL to a table that is in use, whose default the database does not keep. Django's ``AddField``
with ``default=`` does that: it fills the existing rows and then drops the default.

## Why it hurts
During a rollout the previous release keeps inserting rows. It does not know the column, so it gives no value, and
each of these INSERTs fails with "null value in column … violates not-null constraint". After a rollback all of them
do.

## Do this instead
Let the database keep the default: ``db_default`` (Django 5.0+), or ``ALTER COLUMN … SET DEFAULT`` in the same
migration. Drop it in a later release if it is not wanted.
"""

from collections.abc import Iterator

from migsafe.actions import AddColumn
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._columns import column_after, is_literal, is_unique, lacks_value, needs_value, same_everywhere
from migsafe.rules._fixes import python, quoted, run_sql, steps

rule = Rule(
    __name__,
    code="MS101",
    severity=Severity.ERROR,
    axis=Axis.COMPATIBILITY,
    message=(
        "New column {column} is NOT NULL and has no default in the database: code that is still running cannot insert "
        "into {relation}"
    ),
    why=(
        "While the new release rolls out, servers with the old code go on saving rows in {relation}. They do not know"
        " {column}, so every one of these saves ends in an error, until the last old server is gone; and again if the"
        " release is rolled back."
    ),
)

COMPUTED = {"timestamptz": "now()", "timestamp": "now()", "date": "now()", "uuid": "gen_random_uuid()"}


@rule.on(AddColumn)
def check(action: AddColumn, context: Context) -> Iterator[Finding]:
    if not action.column.not_null or action.column.default is None or context.created_here(action.relation):
        return
    # Where the migration fails anyway, a rule of its own says so.
    if lacks_value(action, context) or (is_unique(action, context) and same_everywhere(action, context)):
        return
    column = column_after(action.relation, action.column.name, context)
    if column is None or not needs_value(column):
        return
    yield rule.finding(
        context,
        relation=action.relation,
        about=column.name,
        column=column.name,
        fix=_fix(action, context),
    )


def _fix(action: AddColumn, context: Context) -> str:
    written = context.written
    field = written.call("field", 2) if written and context.operation.is_a("AddField") else None
    default = field.argument("default") if field else None
    if context.django >= (5, 0) and written and field and default and is_literal(default):
        code = written.replacing("field", 2, field.adding("db_default", default).code).without("preserve_default")
        return steps(
            "Let the database keep the default. Write `db_default` in the model, and in the migration:",
            python(f"{code},"),
        )
    name = quoted(action.column.name)
    assert action.column.default is not None
    value = action.column.default.sql
    if default and not is_literal(default):
        # A function of Python's, whose value for the old rows is no default for new ones.
        value = COMPUTED.get(action.column.type.name.name, value)
    keep = f"ALTER TABLE {quoted(action.relation)}\nALTER COLUMN {name} SET DEFAULT {value}"
    return steps(
        "Let the database keep the default until no old code runs any more: add this to the same migration, right after"
        " the operation.",
        python(run_sql(keep, None) + ","),
    )
