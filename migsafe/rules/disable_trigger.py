"""Triggers switched off for everybody.

## What it catches
``DISABLE TRIGGER`` on a table in use that is not followed by ``ENABLE TRIGGER`` in the same transaction.

## Why it hurts
A trigger is off for all sessions, not only for the migration. What it keeps true is not kept for any row that anybody
writes meanwhile. ``DISABLE TRIGGER ALL`` switches foreign keys off too: rows that refer to nothing get in, and nothing
finds them later.

## Do this instead
Enable it again in the same transaction: nobody else can write to the table until then.
"""

from collections.abc import Iterator

from migsafe.actions import AlterTable
from migsafe.model import Axis, Finding, LockMode, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS410",
    severity=Severity.WARNING,
    axis=Axis.DATA,
    message="{triggers} of {relation} stays off for everybody",
    why=(
        "Code that is still running goes on writing to {relation}, and for none of its rows the trigger runs.{keys}"
        " What is missed then, nobody makes up for later."
    ),
)

KEYS = " Foreign keys are kept by triggers too: rows that refer to nothing get in."
SWITCHES = {"DisableTrig": "", "DisableTrigAll": "ALL", "DisableTrigUser": "USER"}


@rule.on(AlterTable)
def check(action: AlterTable, context: Context) -> Iterator[Finding]:
    if action.command not in SWITCHES or context.created_here(action.relation) or _enabled_again(action, context):
        return
    everything = action.command == "DisableTrigAll"
    trigger = action.trigger or SWITCHES[action.command]
    yield rule.finding(
        context,
        relation=action.relation,
        about=trigger,
        severity=Severity.ERROR if everything else Severity.WARNING,
        triggers=f"Trigger {action.trigger}" if action.trigger else "Every trigger",
        keys=KEYS if everything else "",
        fix=_fix(action, context),
    )


def _enabled_again(action: AlterTable, context: Context) -> bool:
    relation = context.catalog.locate(action.relation)
    for later in context.later():
        if later.step.held.get(context.display(relation), LockMode.ACCESS_SHARE) < LockMode.SHARE_ROW_EXCLUSIVE:
            return False  # the transaction has ended
        other = later.step.action
        if isinstance(other, AlterTable) and later.step.before.locate(other.relation) == relation:
            enabled = other.command.startswith("Enable") and "Trig" in other.command
            if enabled and (other.trigger == action.trigger or other.command in ("EnableTrigAll", "EnableTrigUser")):
                return True
    return False


def _fix(action: AlterTable, context: Context) -> str:
    trigger = quoted(action.trigger) if action.trigger else SWITCHES[action.command]
    switch = f"ALTER TABLE {quoted(action.relation)}"
    return steps(
        "If it is to be off for what this migration does only, enable it again in the same transaction:",
        migration(
            run_sql(f"{switch}\nDISABLE TRIGGER {trigger}", None), run_sql(f"{switch}\nENABLE TRIGGER {trigger}", None)
        ),
        "If it is not needed any more, drop it.",
    )
