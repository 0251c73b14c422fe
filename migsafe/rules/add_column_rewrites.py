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
from migsafe.rules._fixes import fill_in_batches, migration, python, quoted, run_sql, steps

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
    table, name = quoted(action.relation), quoted(column.name)
    drop = f"ALTER TABLE {table}\nDROP COLUMN {name}"
    written = context.written if context.operation.is_a("AddField") else None
    field = written.call("field", 2) if written else None
    value = column.expression or column.default
    fill = fill_in_batches(action.relation, column.name, value.sql if value else "…", context)
    if column.generated:
        virtual = []
        if context.postgres >= 18 and written and field:
            code = written.replacing("field", 2, field.adding("db_persist", "False").code)
            virtual = [
                "PostgreSQL 18 can compute it when it is read, which costs nothing here:",
                python(f"{code},"),
                "Otherwise:",
            ]
        return steps(
            *virtual,
            "1. Add an ordinary column, and let the application (or a trigger) fill it whenever it saves:",
            migration(run_sql(f"ALTER TABLE {table}\nADD COLUMN {name} {sql_name(column.type)}", drop)),
            "2. In a second migration, fill the old rows in batches:",
            fill,
        )
    if not value:
        return steps(
            "Add the column as a plain nullable one, give it its default or sequence in a second statement (that counts"
            " for new rows only), and fill the old rows in batches:",
            fill,
        )
    add = [run_sql(f"ALTER TABLE {table}\nADD COLUMN {name} {sql_name(column.type)}", drop)]
    if written and field and field.argument("null") is None:
        plain = field.without("db_default").without("default").adding("null", "True")
        with_default = field.adding("null", "True")
        add = [
            str(written.replacing("field", 2, plain.code).without("preserve_default")),
            str(written.calling("migrations.AlterField").replacing("field", 2, with_default.code)),
        ]
    else:
        add.append(
            run_sql(
                f"ALTER TABLE {table}\nALTER COLUMN {name} SET DEFAULT {value.sql}",
                f"ALTER TABLE {table}\nALTER COLUMN {name} DROP DEFAULT",
            )
        )
    return steps(
        "1. Add the column empty, then set the default, which now counts for new rows only:",
        migration(*add),
        "2. In a second migration, fill the old rows in batches:",
        fill,
        *(["3. Then set it NOT NULL by way of a CHECK constraint (see MS102)."] if column.not_null else []),
    )
