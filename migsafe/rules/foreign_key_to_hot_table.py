"""A foreign key to a table that is hot.

## What it catches
A foreign key to a table that the configuration calls hot, also from a table that is made in the same migration
(``CreateModel`` with a ``ForeignKey``) and with NOT VALID.

## Why it hurts
To put its triggers there, PostgreSQL locks the table that is referred to against writes. It waits until every
transaction that has written to it is over, and who wants to write after that waits too; then the lock lasts until the
migration ends.

## Do this instead
Set a ``lock_timeout`` before, so that the migration gives up soon and can be tried again, and do nothing else in it.
"""

from collections.abc import Iterator

from migsafe.actions import AddColumn, AddConstraint, CreateTable
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.locks import stops_traffic
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.rules._foreign_keys import added_foreign_keys
from migsafe.written.operations import GIVE_UP, run_sql

rule = Rule(
    __name__,
    code="MS306",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    message="Foreign key {name} of {relation} takes {lock} on {parent}, which is hot",
    why=(
        "It has to wait for every transaction that has written to {parent}, and from then on until the migration ends"
        " {requests} waits."
    ),
)


@rule.on(AddConstraint, AddColumn, CreateTable)
def check(action: AddConstraint | AddColumn | CreateTable, context: Context) -> Iterator[Finding]:
    # If rows are checked, that is a finding of its own, which names both tables.
    if context.gives_up or (context.stall and not context.created_here(action.relation)):
        return
    for key in added_foreign_keys(action, context):
        parent = key.references
        if parent is None or not context.size(parent).hot or context.created_here(parent):
            continue
        effect = context.effect(parent)
        if effect and stops_traffic(effect.lock):
            code = str(context.written) if context.written else run_sql(context.statement.parsed.sql, None)
            yield rule.finding(
                context,
                relation=action.relation,
                about=str(key.name),
                name=str(key.name),
                lock=effect.lock.value,
                parent=context.display(parent),
                requests=requests(effect),
                fix=steps(
                    "Give up soon if it cannot have its locks, and do nothing else in this migration:",
                    migration(run_sql(GIVE_UP, None), code),
                ),
            )
