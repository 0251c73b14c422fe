"""A table that is altered after rows of it were changed.

## What it catches
A table in use that is altered in the transaction in which a ``RunPython`` or SQL has changed rows of it. Rows that are
changed after the table was altered are MS601, also if it is altered once more; what PostgreSQL refuses for certain is
MS505.

## Why it hurts
The changed rows stay locked while the migration waits for its lock on the whole table, and everything else waits behind
it. If the change of the schema fails, the work on the rows is lost.

## Do this instead
One migration for the rows, with ``atomic = False``, and the next for the schema.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.locks import stops_traffic
from migsafe.rules import MigrationContext, Rule
from migsafe.rules._data import RowChange, pending, refused, row_changes
from migsafe.rules._fixes import migration, steps
from migsafe.rules._python import in_use

rule = Rule(
    __name__,
    code="MS506",
    severity=Severity.WARNING,
    axis=Axis.DATA,
    message="{kind} waits for its lock on {relation} while rows that {who} has changed are locked",
    why=(
        "Requests that change these rows wait for the transaction, and the transaction waits for all others that use"
        " the table. If the change of the schema fails, the work on the rows is lost."
    ),
)


@rule.on_migration
def check(context: MigrationContext) -> Iterator[Finding]:
    seen: set[int] = set()
    for change in row_changes(context):
        if change.operation.index in seen:
            continue
        if found := _altered_afterwards(change, context):
            seen.add(change.operation.index)
            yield found


def _altered_afterwards(change: RowChange, context: MigrationContext) -> Finding | None:
    """A table that is altered after rows of it were changed."""
    if not in_use(change.relation, context) or pending(change):
        return None
    for executed in change.after:
        if not refused(executed.step.action, change):
            continue
        action = context.action_context(executed)
        lock = action.effect(change.relation)
        if lock and stops_traffic(lock.lock) and action.waits(lock):
            code = str(action.written) if action.written else f"migrations.{action.operation.kind}(...)"
            return rule.finding(
                action,
                relation=change.relation,
                about=change.who,
                kind=executed.operation.kind,
                who=change.who,
                fix=steps("Leave the rows to this migration, and change the schema in the next one:", migration(code)),
            )
    return None
