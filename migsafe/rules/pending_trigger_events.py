"""A change of the schema that fails because of rows that were changed before.

## What it catches
``ALTER TABLE``, ``CREATE INDEX``, ``TRUNCATE`` or ``DROP TABLE`` in the transaction in which a ``RunPython`` or SQL has
inserted rows with a foreign key into the same table, has given them another value of it, or has deleted rows to which
others refer. Django's foreign keys are checked at the end of the transaction (``DEFERRABLE INITIALLY DEFERRED``).

## Why it hurts
With the first such row the check is pending, and PostgreSQL refuses: "cannot ALTER TABLE … because it has pending
trigger events". Tests with empty tables do not show it, the deploy does.

## Do this instead
Two migrations: one for the rows, one for the schema.
"""

from collections.abc import Iterator

from migsafe.actions import CreateIndex, DropTable, Truncate
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import MigrationContext, Rule
from migsafe.rules._data import pending, refused, row_changes, still_pending
from migsafe.rules._fixes import migration, steps

rule = Rule(
    __name__,
    code="MS505",
    severity=Severity.ERROR,
    axis=Axis.DATA,
    message="{command} {relation} fails as soon as {who} has {done} in the same transaction",
    why=(
        "Django's foreign keys are checked when the transaction ends. Until then PostgreSQL refuses to change the"
        " table: it has pending trigger events."
    ),
)

DONE = {"insert": "inserted a row", "update": "changed a foreign key of it", "delete": "deleted a row of it"}


@rule.on_migration
def check(context: MigrationContext) -> Iterator[Finding]:
    seen = set()
    for change in row_changes(context):
        keys: frozenset[str] = frozenset() if change.relation in seen else pending(change)
        for executed in change.after:
            keys = still_pending(keys, executed.step.action)
            if keys and refused(executed.step.action, change):
                seen.add(change.relation)
                action = context.action_context(executed)
                code = str(action.written) if action.written else f"migrations.{action.operation.kind}(...)"
                yield rule.finding(
                    action,
                    relation=change.relation,
                    command=_command(executed.step.action),
                    who=change.who,
                    done=DONE[change.kind],
                    fix=steps(
                        "Leave the rows to this migration, and change the schema in the next one:", migration(code)
                    ),
                )
                break


def _command(action: object) -> str:
    match action:
        case CreateIndex():
            return "CREATE INDEX on"
        case Truncate():
            return "TRUNCATE"
        case DropTable():
            return "DROP TABLE"
    return "ALTER TABLE"
