"""A NOT NULL column that code which is still running does not fill.

## What it catches
A column added NOT NULL to a table that is in use, whose default the database does not keep. Django's ``AddField``
with ``default=`` does that: it fills the existing rows and then drops the default. So does a change that adds the
column nullable, fills it and sets it NOT NULL, in one migration or in several that are deployed together.

## Why it hurts
During a rollout the previous release keeps inserting rows. It does not know the column, so it gives no value, and
each of these INSERTs fails with "null value in column … violates not-null constraint". After a rollback all of them
do.

## Do this instead
Let the database keep the default: ``db_default`` (Django 5.0+), or ``ALTER COLUMN … SET DEFAULT`` in the same
migration. Drop it in a later release if it is not wanted.
"""

from migsafe.actions import AddColumn, ConstraintKind, Name, SetDefault, SetNotNull
from migsafe.model import Axis, Severity
from migsafe.rules import Context, Found, Pending, Rule
from migsafe.rules._column_fixes import COMPUTED, computed, written_field
from migsafe.rules._columns import (
    column_after,
    column_of,
    is_literal,
    is_unique,
    lacks_value,
    same_everywhere,
    still_needed,
)
from migsafe.rules._fixes import python, steps
from migsafe.written.operations import quoted, run_sql

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

EMPTY = {
    **dict.fromkeys(("text", "varchar", "citext"), "''"),
    **dict.fromkeys(("int2", "int4", "int8", "numeric", "float8"), "0"),
    "bool": "false",
    "jsonb": "'{}'",
}


@rule.on(AddColumn)
def check(action: AddColumn, context: Context) -> Found:
    if not action.column.not_null or action.column.default is None or context.created_here(action.relation):
        return
    # Where the migration fails anyway, a rule of its own says so.
    if lacks_value(action, context) or (is_unique(action, context) and same_everywhere(action, context)):
        return
    yield from _check(action.relation, action.column.name, _fix(action, context), context)


@rule.on(SetNotNull)
def check_later(action: SetNotNull, context: Context) -> Found:
    """The same in several steps."""
    if context.created_here(action.relation, action.column) and not context.created_here(action.relation):
        fix = "Let a release run in which the code always fills it, and set it NOT NULL in the next one."
        if _takes_one_value(action, context):
            alter = f"ALTER TABLE {quoted(action.relation)}\nALTER COLUMN {quoted(action.column)}"
            fix = steps(
                f"{fix} Or give it a default that the database keeps until no old code runs any more:",
                python(run_sql(f"{alter} SET DEFAULT {_value(action, context)}", f"{alter} DROP DEFAULT") + ","),
            )
        yield from _check(action.relation, action.column, fix, context)


def _takes_one_value(action: SetNotNull, context: Context) -> bool:
    """Whether a default could do for many rows: it is not unique, and refers to no row of another table."""
    table = context.migration.after.table(action.relation)
    return table is None or not any(
        constraint.references
        or (constraint.kind in (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY_KEY) and len(constraint.columns) == 1)
        for constraint in table.constraints_on(action.column)
    )


def _value(action: SetNotNull, context: Context) -> str:
    """What the operation fills the column with, or else a value that its type always has."""
    column = column_of(action.relation, action.column, context)
    defaults = (other.default.sql for other in context.actions() if isinstance(other, SetDefault))
    if column is None:
        return next(defaults, "…")
    return computed(column.type, next(defaults, {**COMPUTED, **EMPTY}.get(column.type.name.name, "…")), context)


def _check(relation: Name, name: str, fix: str, context: Context) -> Found:
    if not context.migration.old_code_runs:
        return
    table, column = context.catalog.table(relation), column_after(relation, name, context)
    if table is None or column is None or not column.needs_value:
        return
    finding = rule.finding(context, relation=relation, about=name, column=name, fix=fix)
    yield Pending(finding, (table.oid, name)) if context.change.several else finding


rule.on_end(still_needed)


def _fix(action: AddColumn, context: Context) -> str:
    found = written_field(context, "AddField")
    default = found[1].argument("default") if found else None
    if context.django >= (5, 0) and found and default and is_literal(default):
        written, field = found
        code = written.replacing("field", 2, field.adding("db_default", default).code).without("preserve_default")
        return steps(
            "Let the database keep the default. Write `db_default` in the model, and in the migration:",
            python(f"{code},"),
        )
    name = quoted(action.column.name)
    assert action.column.default is not None
    value = computed(action.column.type, action.column.default.sql, context)
    keep = f"ALTER TABLE {quoted(action.relation)}\nALTER COLUMN {name} SET DEFAULT {value}"
    return steps(
        "Let the database keep the default until no old code runs any more: add this to the same migration, right after"
        " the operation.",
        python(run_sql(keep, None) + ","),
    )
