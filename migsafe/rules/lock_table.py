"""A table locked by hand.

## What it catches
``LOCK TABLE`` in a mode that stops reads or writes of a table in use, where no later statement of the same transaction
takes as strong a lock on that table anyway.

## Why it hurts
The lock is held until the transaction ends: through all that comes after it in the migration. And as long as it waits
for its turn, everybody who comes later waits behind it.

## Do this instead
Leave it out. Where rows have to stay as they are, lock those rows (``select_for_update``), or use a weaker mode:
``SHARE UPDATE EXCLUSIVE`` keeps other migrations off and lets requests pass.
"""

from collections.abc import Iterator

from migsafe.actions import LockTable
from migsafe.model import Axis, Finding, LockMode, Severity
from migsafe.postgres.locks import stops_traffic
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS406",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    message="LOCK TABLE holds {lock} on {relation} until the migration ends",
    why="From this statement to the end of the transaction {requests} waits, however long the rest of it takes.",
)


@rule.on(LockTable)
def check(action: LockTable, context: Context) -> Iterator[Finding]:
    effect = next((one for one in context.own_effects if one.relation == context.display(action.relation)), None)
    if effect is None or not stops_traffic(effect.lock) or context.fails or context.created_here(action.relation):
        return
    if effect.lock <= context.held.get(effect.relation, LockMode.ACCESS_SHARE) or _needed(
        effect.relation, effect.lock, context
    ):
        return
    yield rule.finding(
        context, relation=action.relation, lock=effect.lock.value, requests=requests(effect), fix=_fix(action)
    )


def _needed(relation: str, lock: LockMode, context: Context) -> bool:
    """Whether a later statement of the transaction would take the lock by itself."""
    for later in context.later():
        if later.step.held.get(relation, LockMode.ACCESS_SHARE) < lock:
            return False  # the transaction has ended
        if any(effect.relation == relation and effect.lock >= lock for effect in later.step.effects):
            return True
    return False


def _fix(action: LockTable) -> str:
    return steps(
        "Leave it out; or, if it is there to keep other migrations and maintenance off, lock less:",
        migration(run_sql(f"LOCK TABLE {quoted(action.relation)} IN SHARE UPDATE EXCLUSIVE MODE", None)),
    )
