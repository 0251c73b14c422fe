"""A constraint validated while its table is locked.

## What it catches
``VALIDATE CONSTRAINT`` in a transaction that has locked the table before, most often by adding the constraint NOT VALID
itself: in one migration, or in one DO block.

## Why it hurts
NOT VALID is there so that reading the table needs no strong lock. But a lock lasts until the transaction ends: in the
same transaction, the table is read under the lock that adding the constraint took, and nothing is gained.

## Do this instead
Validate in a migration of its own.
"""

from collections.abc import Iterator

from migsafe.actions import ValidateConstraint
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.locks import stops_traffic
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS304",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="Validating constraint {name} reads all of {relation} while its transaction holds {lock} on {locked}",
    why=(
        "VALIDATE alone would let everybody work. But what the same transaction did before has locked {locked}, and"
        " locks last until it ends: until every row has been read, {requests} hangs."
    ),
)


@rule.on(ValidateConstraint)
def check(action: ValidateConstraint, context: Context) -> Iterator[Finding]:
    own, effect = context.effect(action.relation), context.stall
    if effect is None or context.created_here(action.relation):
        return
    if own and stops_traffic(own.lock):
        effect = own
    validate = run_sql(f"ALTER TABLE {quoted(action.relation)}\nVALIDATE CONSTRAINT {quoted(action.name)}", None)
    if context.written and context.operation.is_a("ValidateConstraint"):
        validate = str(context.written)
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.name,
        name=action.name,
        lock=effect.lock.value,
        locked=effect.relation,
        requests=requests(effect),
        fix=steps("Take it out of this migration, and validate in a later one:", migration(validate)),
    )
