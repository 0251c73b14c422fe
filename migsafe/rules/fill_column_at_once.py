"""An AlterField that fills all empty rows in one UPDATE before it sets NOT NULL.

## What it catches
``AlterField`` from ``null=True`` to ``null=False`` with a default (``default``, ``db_default``, or the one-off default
that ``makemigrations`` asks for) on a table in use. Django sends ``SET DEFAULT``, then one ``UPDATE … WHERE … IS
NULL``, then ``SET NOT NULL``.

## Why it hurts
``SET DEFAULT`` has locked the table already, so nobody can read or write it while the UPDATE goes through all rows,
even if there is nothing left to fill; and after that PostgreSQL may read it once more for ``SET NOT NULL``.

## Do this instead
Fill the rows in batches, promise NOT NULL by a CHECK constraint that is validated without a lock, and then set NOT NULL
in SQL beside the ``AlterField``.
"""

from collections.abc import Iterator

from migsafe.actions import SetDefault, Update
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._column_fixes import computed, not_null_steps
from migsafe.rules._columns import column_of
from migsafe.rules._fixes import fill_in_batches, steps

rule = Rule(
    __name__,
    code="MS109",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="AlterField fills {column} in one UPDATE of {relation} under {lock}",
    why=(
        "The UPDATE goes through the whole table and writes each row in which {column} is empty. Until the migration"
        " is done, {requests} hangs, and they pile up until they time out."
    ),
)


@rule.on(Update)
def check(action: Update, context: Context) -> Iterator[Finding]:
    if not context.operation.is_a("AlterField") or context.created_here(action.relation):
        return
    effect = context.effect(action.relation)
    if effect is None:
        return
    column = action.columns[0]
    yield rule.finding(
        context,
        relation=action.relation,
        about=column,
        column=column,
        lock=effect.lock.value,
        requests=requests(effect),
        fix=_fix(action, column, context),
    )


def _fix(action: Update, column: str, context: Context) -> str:
    defaults = (other.default.sql for other in context.actions() if isinstance(other, SetDefault))
    found, value = column_of(action.relation, column, context), next(defaults, "…")
    return steps(
        "1. Release code that always fills it, and fill the old rows in batches:",
        fill_in_batches(action.relation, column, computed(found.type, value, context) if found else value, context),
        *not_null_steps(action.relation, column, context, first=2),
    )
