"""A new column whose values PostgreSQL has to compute for every row.

## What it catches
A column added to a table in use with a volatile default (``random()``, ``gen_random_uuid()``), as serial or identity,
as a stored generated column, or of a domain with constraints; before PostgreSQL 11, with any default.

## Why it hurts
The whole table and all of its indexes are written anew, and nobody can read or write it meanwhile.

## Do this instead
Add the column without the default, set the default for new rows, fill the old rows in batches.
"""

from collections.abc import Iterator

from migsafe.actions import AddColumn
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.values import sql_name
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._column_fixes import add_column, written_field
from migsafe.rules._columns import column_after
from migsafe.rules._fixes import fill_in_batches, migration, python, steps
from migsafe.sql.forms.columns import is_serial
from migsafe.sql.forms.family import base_type
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS105",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="Adding column {column} ({reason}) rewrites {relation} under {lock}",
    why=(
        "PostgreSQL computes {column} for every row and writes the table and its indexes anew. Until that is done,"
        " {requests} hangs. It also needs as much free disk space as the table already takes."
    ),
)


@rule.on(AddColumn)
def check(action: AddColumn, context: Context) -> Iterator[Finding]:
    effect = context.stall
    if effect is None or not effect.rewrites or context.created_here(action.relation):
        return
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.column.name,
        column=action.column.name,
        reason=_reason(action),
        lock=effect.lock.value,
        requests=requests(effect),
        fix=_fix(action, context),
    )


def _reason(action: AddColumn) -> str:
    column = action.column
    if column.generated:
        return f"generated, {column.generated}"
    if column.identity:
        return "identity"
    if column.default and not column.default.null:
        return f"default {column.default.sql}"
    return sql_name(column.type)


def _fix(action: AddColumn, context: Context) -> str:
    column = action.column
    if column.generated:
        return _fix_generated(action, context)
    if column.identity or is_serial(column.type):
        return _fix_sequence(action, context)
    if column.default is None or column.default.null:
        base = base_type(column.type, context.catalog)
        return steps(
            "Add it with the type that the domain stands for:",
            migration(add_column(action.relation, column.name, base)),
            "What the domain demands of values becomes a CHECK constraint, first NOT VALID, then validated (MS301).",
        )
    value = column.default.sql
    alter = f"ALTER TABLE {quoted(action.relation)}\nALTER COLUMN {quoted(column.name)}"
    add = [
        add_column(action.relation, column.name, column.type),
        run_sql(f"{alter} SET DEFAULT {value}", f"{alter} DROP DEFAULT"),
    ]
    if (found := written_field(context, "AddField")) and found[1].argument("null") is None:
        written, field = found
        plain = field.without("db_default").without("default").adding("null", "True")
        with_default = field.adding("null", "True")
        add = [
            str(written.replacing("field", 2, plain.code).without("preserve_default")),
            str(written.calling("migrations.AlterField").replacing("field", 2, with_default.code)),
        ]
    return steps(
        "1. Add the column empty, then set the default, which now counts for new rows only:",
        migration(*add),
        "2. In a second migration, fill the old rows in batches:",
        fill_in_batches(action.relation, column.name, value, context),
        *(["3. Then set it NOT NULL by way of a CHECK constraint (see MS102)."] if column.not_null else []),
    )


def _fix_generated(action: AddColumn, context: Context) -> str:
    column = action.column
    virtual = []
    if context.postgres >= 18 and (found := written_field(context, "AddField")):
        written, field = found
        code = written.replacing("field", 2, field.adding("db_persist", "False").code)
        virtual = [
            "PostgreSQL 18 can compute it when it is read, which costs nothing here:",
            python(f"{code},"),
            "Otherwise:",
        ]
    value = column.expression.sql if column.expression else "…"
    return steps(
        *virtual,
        "1. Add an ordinary column, and let the application (or a trigger) fill it whenever it saves:",
        migration(add_column(action.relation, column.name, column.type)),
        "2. In a second migration, fill the old rows in batches:",
        fill_in_batches(action.relation, column.name, value, context),
    )


def _fix_sequence(action: AddColumn, context: Context) -> str:
    """The same as serial, in steps; a column becomes an identity only once it is NOT NULL."""
    column, after = action.column, column_after(action.relation, action.column.name, context)
    table, name = quoted(action.relation), quoted(column.name)
    sequence = quoted(f"{action.relation.name}_{column.name}_seq")
    value = f"nextval('{sequence}')"
    alter = f"ALTER TABLE {table}\nALTER COLUMN {name}"
    return steps(
        "1. Add the column empty, with a sequence for new rows:",
        migration(
            add_column(action.relation, column.name, after.type if after else column.type),
            run_sql(f"CREATE SEQUENCE {sequence}\nOWNED BY {table}.{name}", f"DROP SEQUENCE {sequence} CASCADE"),
            run_sql(f"{alter} SET DEFAULT {value}", f"{alter} DROP DEFAULT"),
        ),
        "2. In a second migration, number the old rows in batches:",
        fill_in_batches(action.relation, column.name, value, context),
        "3. Then set it NOT NULL by way of a CHECK constraint (see MS102).",
    )
