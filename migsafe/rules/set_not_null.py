"""SET NOT NULL that reads the whole table.

## What it catches
``ALTER COLUMN … SET NOT NULL`` (``AlterField`` from ``null=True`` to ``null=False``) on a table that is in use, where
PostgreSQL has no valid CHECK constraint that proves the column to hold no NULL.

## Why it hurts
PostgreSQL reads every row to make sure, and lets nobody near the table meanwhile.

## Do this instead
Add ``CHECK (column IS NOT NULL)`` as NOT VALID, validate it in a later migration (the table stays usable), then set
NOT NULL: from PostgreSQL 12 on, the valid CHECK is proof enough. Drop the CHECK afterwards.
"""

from collections.abc import Iterator

from migsafe.actions import AddConstraint, ConstraintKind, SetNotNull
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, quoted, run_sql, separate, steps

rule = Rule(
    __name__,
    code="MS102",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="SET NOT NULL on {column} holds {lock} on {relation} while it reads the whole table",
    why=(
        "PostgreSQL reads every row to make sure that none is empty. Until it has, {requests} hangs, and they "
        "pile up until they time out. The larger the table, the longer."
    ),
)


@rule.on(SetNotNull)
def check(action: SetNotNull, context: Context) -> Iterator[Finding]:
    effect = context.stall
    if effect is None or context.created_here(action.relation):
        return
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.column,
        column=action.column,
        lock=effect.lock.value,
        requests=requests(effect),
        fix=_fix(action, context),
    )


def _fix(action: SetNotNull, context: Context) -> str:
    written = context.written
    field = written.argument("name", 1) if written and context.operation.is_a("AlterField") else None
    name = f"{action.relation.name}_{action.column}_not_null"[:63]
    table, column = quoted(action.relation), quoted(action.column)
    drop = f"ALTER TABLE {table}\nDROP CONSTRAINT {quoted(name)}"
    alter = f"ALTER TABLE {table}\nALTER COLUMN {column}"
    set_not_null = run_sql(f"{alter} SET NOT NULL", f"{alter} DROP NOT NULL")
    if written and field:
        keyword = "condition" if context.django >= (5, 1) else "check"
        field = field.strip("\"'")
        add = (
            "AddConstraintNotValid(\n"
            f'    model_name="{context.model}",\n'
            "    constraint=models.CheckConstraint(\n"
            f"        {keyword}=models.Q({field}__isnull=False),\n"
            f'        name="{name}",\n'
            "    ),\n"
            ")"
        )
        validate = f'ValidateConstraint(model_name="{context.model}", name="{name}")'
        change = str(written)
        if any(
            isinstance(other, AddConstraint) and other.constraint.kind is ConstraintKind.FOREIGN_KEY
            for other in context.actions()
        ):
            # Django takes a foreign key off and puts it back on, checking every row, whatever changes of the field.
            change = separate(database=[set_not_null], state=[change])
        last = [change, f'migrations.RemoveConstraint(model_name="{context.model}", name="{name}")']
        imports = "from django.contrib.postgres.operations import "
    else:
        add = run_sql(
            f"ALTER TABLE {table}\nADD CONSTRAINT {quoted(name)} CHECK ({column} IS NOT NULL) NOT VALID", drop
        )
        validate = run_sql(f"ALTER TABLE {table}\nVALIDATE CONSTRAINT {quoted(name)}", None)
        last = [set_not_null, run_sql(drop, None)]
        imports = ""
    if context.postgres < 12:
        third = (
            "3. On PostgreSQL 12 or later the valid CHECK is proof enough. On older servers leave it at that and keep"
            " the CHECK."
        )
    else:
        third = "3. In a third migration, with the CHECK as proof, nothing is read any more:"
    return steps(
        "1. Promise it without looking at the rows:",
        migration(add, imports=imports and imports + "AddConstraintNotValid"),
        "2. In a second migration, check the rows while everybody keeps working:",
        migration(validate, imports=imports and imports + "ValidateConstraint"),
        third,
        *([] if context.postgres < 12 else [migration(*last)]),
    )
