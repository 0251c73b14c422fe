"""A trigger replaced by dropping it and making it again.

## What it catches
``DROP TRIGGER`` and ``CREATE TRIGGER`` of the same name on a table in use, on a server that has ``CREATE OR REPLACE
TRIGGER`` (PostgreSQL 14 or later).

## Why it hurts
``DROP TRIGGER`` locks out readers too, and where the two do not run in one transaction, rows that are written between
them go without the trigger. ``CREATE OR REPLACE TRIGGER`` does neither.

## Do this instead
``CREATE OR REPLACE TRIGGER`` in place of both.
"""

from collections.abc import Iterator

from migsafe.actions import CreateTrigger, DropTrigger
from migsafe.model import Axis, Finding, LockMode, Severity
from migsafe.rules import Context, Rule

rule = Rule(
    __name__,
    code="MS411",
    severity=Severity.INFO,
    axis=Axis.LOCKS,
    message="DROP TRIGGER {trigger} takes {lock} on {relation}; CREATE OR REPLACE TRIGGER would let people read{gap}",
    why=(
        "To drop a trigger PostgreSQL keeps everybody off the table, and waits for all who are reading it. To replace"
        " one it keeps off only who writes.{rows}"
    ),
)


@rule.on(DropTrigger)
def check(action: DropTrigger, context: Context) -> Iterator[Finding]:
    effect = context.effect(action.relation)
    if effect is None or context.postgres < 14 or context.created_here(action.relation) or context.is_held(effect):
        return
    relation = context.catalog.locate(action.relation)
    for later in context.later():
        other = later.step.action
        if (
            isinstance(other, CreateTrigger)
            and not other.constraint
            and other.name == action.name
            and later.step.before.locate(other.relation) == relation
        ):
            apart = later.step.held.get(effect.relation, LockMode.ACCESS_SHARE) < effect.lock
            yield rule.finding(
                context,
                relation=action.relation,
                about=action.name,
                severity=Severity.WARNING if apart else Severity.INFO,
                trigger=action.name,
                lock=effect.lock.value,
                gap=", and leave no moment without it" if apart else "",
                rows=" Rows that are written between the two statements go without the trigger." if apart else "",
                fix="Write `CREATE OR REPLACE TRIGGER` in place of `CREATE TRIGGER`, and leave the `DROP TRIGGER` out.",
            )
            return
