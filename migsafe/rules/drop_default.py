"""A default dropped that running code relies on.

## What it catches
``DROP DEFAULT``, ``DROP IDENTITY`` and ``DROP EXPRESSION`` on a column whose values running code leaves to the
database: its field has a ``db_default`` (or is an ``AutoField`` or ``GeneratedField``), or the models do not have it.
Quiet if code gives the value itself, as it does with ``default``.

## Why it hurts
Until the last process of the previous release is gone, each of its INSERTs leaves the column out. If it is NOT NULL,
they fail; otherwise they leave rows without a value.

## Do this instead
Two deploys: first change the models only (``SeparateDatabaseAndState``), then, when all running code gives the value,
drop the default.
"""

from collections.abc import Iterator

from migsafe.actions import AlterGenerated, AlterIdentity, DropDefault
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._columns import column_after
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import run_sql, separate

rule = Rule(
    __name__,
    code="MS117",
    severity=Severity.ERROR,
    axis=Axis.COMPATIBILITY,
    message="Dropping the {what} of {column} breaks code that is still running: {consequence}",
    why=(
        "Servers with the old release save new rows of {relation} without a value for {column}, since the database has"
        " one. From the moment it has none until the last of them is replaced, {failure}; and again if the release is"
        " rolled back."
    ),
)


@rule.on(DropDefault, AlterIdentity, AlterGenerated)
def check(action: DropDefault | AlterIdentity | AlterGenerated, context: Context) -> Iterator[Finding]:
    if f"{action.relation.name}.{action.column}" not in context.operation.left_to_database:
        return
    before = context.migration.before.table(action.relation)
    old = before.columns.get(action.column) if before else None
    new = column_after(action.relation, action.column, context)
    if old is None or new is None or context.created_here(action.relation, action.column):
        return
    what = _what(action)
    # A default that the migration itself has set, or sets again.
    if what is None or new.default or new.identity or new.generated:
        return
    if not (old.default or old.identity or old.generated):
        return
    fails, table = new.needs_value, context.display(action.relation)
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.column,
        severity=Severity.ERROR if fails else Severity.WARNING,
        column=action.column,
        what=what,
        consequence=("it cannot insert into " if fails else "it leaves that empty in new rows of ") + table,
        failure="every such request fails" if fails else "these rows have none, and nobody is told",
        fix=_fix(context),
    )


def _what(action: DropDefault | AlterIdentity | AlterGenerated) -> str | None:
    match action:
        case DropDefault():
            return "default"
        case AlterIdentity():
            return "identity" if action.change == "drop" else None
        case AlterGenerated():
            return "expression" if action.expression is None else None


def _fix(context: Context) -> str:
    drop = migration(run_sql(context.statement.parsed.sql, None))
    if context.written is None or not context.operation.is_a("AlterField"):
        return "Run it in a later release, when all code that runs gives the column a value."
    return steps(
        "1. In this release, change the models only:",
        migration(separate(database=[], state=[str(context.written)])),
        "2. In the next release, when all running code gives it a value:",
        drop,
    )
