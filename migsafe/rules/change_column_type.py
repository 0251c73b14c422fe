"""A type change that rewrites or re-reads the table.

## What it catches
``ALTER COLUMN … TYPE`` on a table in use where the stored values have to be converted or checked, or indexes built
again. Widening ``varchar``, ``varchar`` to ``text`` and the like change nothing that is stored, and are not reported.

## Why it hurts
PostgreSQL converts every row, writes the table and its indexes anew, and nobody can read or write it meanwhile.
Queries of code that is still running may fail with the new type, too.

## Do this instead
Add a new column of the new type, write both, fill the old rows in batches, switch reading over, drop the old column.
"""

from collections.abc import Iterator

from migsafe.actions import AlterColumnType
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, python, quoted, run_sql, steps

rule = Rule(
    __name__,
    code="MS106",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="Changing {column} from {old} to {new} {does} {stalled} under {lock}",
    why=(
        "PostgreSQL has to go through every row to change the type. Until it is done, {requests} hangs, and they pile"
        " up until they time out. The larger the table, the longer."
    ),
)


@rule.on(AlterColumnType)
def check(action: AlterColumnType, context: Context) -> Iterator[Finding]:
    effect = context.stall
    if effect is None or context.created_here(action.relation, action.column):
        return
    table = context.catalog.table(action.relation)
    column = table.columns.get(action.column) if table else None
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.column,
        column=action.column,
        old=str(column.type) if column else "its type",
        new=str(action.type),
        does="rewrites" if effect.rewrites else "reads all of",
        stalled=effect.relation,
        lock=effect.lock.value,
        requests=requests(effect),
        fix=_fix(action, context),
    )


def _fix(action: AlterColumnType, context: Context) -> str:
    new = f"{action.column}_new"
    table = quoted(action.relation)
    written = context.written if context.operation.is_a("AlterField") else None
    field = written.call("field", 2) if written else None
    if written and field:
        name = (written.argument("name", 1) or "").strip("\"'")
        new = f"{name}_new"
        plain = field.without("db_column").without("preserve_default")
        if plain.argument("null") is None:
            plain = plain.adding("null", "True")
        add = written.calling("migrations.AddField").replacing("name", 1, f'"{new}"').replacing("field", 2, plain.code)
        first = python(f"{add.without('preserve_default')},")
    else:
        first = migration(
            run_sql(
                f"ALTER TABLE {table} ADD COLUMN {quoted(new)} {action.type}",
                f"ALTER TABLE {table} DROP COLUMN {quoted(new)}",
            )
        )
    return steps(
        "Move to a new column, one release at a time:",
        "1. Add it, and let the code write both:",
        first,
        f"2. Fill it in batches from `{action.column}`, in a migration with `atomic = False`.",
        f"3. Read `{new}` only.",
        f"4. Drop `{action.column}` when no running code knows it any more.",
    )
