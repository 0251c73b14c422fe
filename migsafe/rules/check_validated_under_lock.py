"""A CHECK constraint that is validated while the table is locked.

## What it catches
``ADD CONSTRAINT … CHECK`` without NOT VALID on a table in use: ``AddConstraint``, ``AlterField`` to a positive
integer, a new column with an inline CHECK, SQL.

## Why it hurts
PostgreSQL reads every row to see whether it satisfies the constraint, and lets nobody near the table meanwhile.

## Do this instead
Add it NOT VALID (new rows are checked at once), and validate it in a later migration: the table stays usable.
"""

from collections.abc import Iterator

from migsafe.actions import AddColumn, AddConstraint, Constraint, ConstraintKind
from migsafe.model import Axis, Effect, Finding, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._columns import lacks_value
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import quoted, run_sql, separate

rule = Rule(
    __name__,
    code="MS301",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="Adding CHECK constraint {name} holds {lock} on {relation} while it reads the whole table",
    why=(
        "PostgreSQL makes sure that no existing row breaks the new condition. Until every row has been read, "
        "{requests} hangs, and they pile up until they time out."
    ),
)


@rule.on(AddConstraint)
def check(action: AddConstraint, context: Context) -> Iterator[Finding]:
    effect = context.stall
    if action.constraint.kind is ConstraintKind.CHECK and effect and not context.created_here(action.relation):
        yield _finding(action, action.constraint, effect, context)


@rule.on(AddColumn)
def check_inline(action: AddColumn, context: Context) -> Iterator[Finding]:
    if lacks_value(action, context):
        return  # one row breaks it: add_column_without_value says so
    effect = context.stall
    checks = [c for c in action.column.constraints if c.kind is ConstraintKind.CHECK]
    # A rewrite reads every row anyway: that finding is enough.
    if checks and effect and not effect.rewrites and not context.created_here(action.relation):
        yield _finding(action, checks[0], effect, context)


def _finding(action: AddConstraint | AddColumn, constraint: Constraint, effect: Effect, context: Context) -> Finding:
    name = constraint.name or f"{action.relation.name}_{'_'.join(constraint.columns)}_check"
    return rule.finding(
        context,
        relation=action.relation,
        about=name,
        name=name,
        lock=effect.lock.value,
        requests=requests(effect),
        fix=_fix(action, constraint, name, context),
    )


def _fix(action: AddConstraint | AddColumn, constraint: Constraint, name: str, context: Context) -> str:
    written = context.written
    table, quoted_name = quoted(action.relation), quoted(name)
    if written and context.operation.is_a("AddConstraint"):
        imports = "from django.contrib.postgres.operations import "
        return steps(
            "1. Add it without looking at the existing rows; new ones are checked from now on:",
            migration(str(written.calling("AddConstraintNotValid")), imports=imports + "AddConstraintNotValid"),
            "2. In a second migration, check the existing rows while everybody keeps working:",
            migration(
                f'ValidateConstraint(model_name="{context.model}", name="{name}")',
                imports=imports + "ValidateConstraint",
            ),
        )
    drop = f"ALTER TABLE {table}\nDROP CONSTRAINT {quoted_name}"
    expression = constraint.expression.sql if constraint.expression else "…"
    database = [run_sql(f"ALTER TABLE {table}\nADD CONSTRAINT {quoted_name} CHECK ({expression}) NOT VALID", drop)]
    if isinstance(action, AddColumn):
        column = action.column
        default = f" DEFAULT {column.default.sql}" if column.default else ""
        definition = f"{quoted(column.name)} {column.type}{default}{' NOT NULL' if column.not_null else ''}"
        database.insert(
            0,
            run_sql(
                f"ALTER TABLE {table}\nADD COLUMN {definition}",
                f"ALTER TABLE {table}\nDROP COLUMN {quoted(column.name)}",
            ),
        )
    state = [str(written)] if written and not context.operation.is_a("RunSQL") else []
    return steps(
        "1. Add it without looking at the existing rows; new ones are checked from now on:",
        migration(separate(database=database, state=state)) if state else migration(*database),
        "2. In a second migration, check the existing rows while everybody keeps working:",
        migration(run_sql(f"ALTER TABLE {table}\nVALIDATE CONSTRAINT {quoted_name}", None)),
    )
