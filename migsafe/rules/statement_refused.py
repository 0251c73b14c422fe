"""A statement that the server refuses.

## What it catches
What PostgreSQL never allows inside a transaction (``VACUUM``), or outside one (``LOCK TABLE``), or what the target
version does not have yet. Concurrent index builds, enum values and indexes that are needed have rules of their own.

## Why it hurts
The migration fails, and the deploy with it.

## Do this instead
Run it where it is allowed; or say which version the server is of: ``postgres`` in the configuration.
"""

from collections.abc import Iterator

from migsafe.actions import AlterEnum
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Executed, MigrationContext, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.rules._online import is_required
from migsafe.sql.effects import IN_TRANSACTION
from migsafe.written.operations import run_sql

rule = Rule(
    __name__,
    code="MS607",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    sized=False,
    message="PostgreSQL {version} refuses this statement: {fails}",
    why="The migration stops here with an error, in the middle of the deploy.",
)


@rule.on_migration
def check(context: MigrationContext) -> Iterator[Finding]:
    for executed in context.executed:
        action = executed.step.action
        if executed.fails is None or executed.statement.parsed.dynamic:
            continue
        found = context.action_context(executed)
        # Some have rules of their own.
        if not (isinstance(action, AlterEnum) or getattr(action, "concurrently", False) or is_required(found)):
            newer = executed.fails.startswith("needs PostgreSQL")
            yield rule.finding(
                found,
                relation=getattr(action, "relation", None),
                about=executed.fails,
                severity=Severity.WARNING if newer else Severity.ERROR,
                version=str(context.postgres),
                fails=executed.fails,
                fix=_fix(executed, newer=newer),
            )
        return  # what follows it is refused too


def _fix(executed: Executed, *, newer: bool) -> str:
    if newer:
        return "If the server is newer, say so: `postgres` in `[tool.migsafe]`, or `--postgres`. Else leave it out."
    if executed.fails == IN_TRANSACTION:
        sql = run_sql(executed.statement.parsed.sql, None)
        return steps("Run it outside a transaction, in a migration of its own:", migration(sql, atomic=False))
    if not executed.statement.transaction:
        return "Run it in a transaction: without `atomic = False`."
    return "Leave it out, or write it in a way that PostgreSQL accepts."
