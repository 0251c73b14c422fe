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

from migsafe.actions import SetNotNull, Update
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._column_fixes import not_null_steps
from migsafe.rules._fixes import steps

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
    fills = any(isinstance(other, Update) for other in context.actions())
    if fills and context.operation.is_a("AlterField"):  # fill_column_at_once says so
        return
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.column,
        column=action.column,
        lock=effect.lock.value,
        requests=requests(effect),
        fix=steps(*not_null_steps(action.relation, action.column, context)),
    )
