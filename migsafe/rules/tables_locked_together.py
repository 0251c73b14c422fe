"""Two tables locked one after the other in one transaction.

## What it catches
An operation that takes ACCESS EXCLUSIVE on a table in use while the migration holds it on another one, which that
operation does not need. With a ``lock_timeout``, which ends the wait, only tables that a foreign key connects.

## Why it hurts
The first table stays out of use while the migration waits for the second: as long as the longest query on that one
takes. A transaction that uses both tables the other way round makes it a deadlock, and PostgreSQL ends one of the two
with an error. Tables that a foreign key connects are used together all the time.

## Do this instead
A migration for each table.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Effect, Finding, LockMode, Severity
from migsafe.postgres.locks import blocks
from migsafe.postgres.words import requests
from migsafe.project.operations import ReplayedOperation
from migsafe.rules import Executed, MigrationContext, Rule
from migsafe.rules._fixes import migration, run_sql, steps
from migsafe.sql.catalog import Catalog, Table
from migsafe.sql.effects import named

rule = Rule(
    __name__,
    code="MS602",
    severity=Severity.INFO,
    axis=Axis.LOCKS,
    message="{lock} is held on {first} while the migration waits for {relation}",
    why=(
        "Queries that are still running on {relation} make the migration wait, and all the while {requests} waits too."
        " If one of those then needs {first}, it is a deadlock, and ends in an error for one of the two.{related}"
    ),
)

LOCK = LockMode.ACCESS_EXCLUSIVE
STORES = ("table", "partitioned table")


@rule.on_migration
def check(context: MigrationContext) -> Iterator[Finding]:
    own: dict[int, set[int]] = {}
    for executed in context.executed:
        own.setdefault(executed.operation.index, set()).update(one.oid for one in _locks(executed, context))
    for executed in context.executed:
        catalog, locks = executed.step.before, _locks(executed, context)
        if not locks:
            continue
        held = [name for name, mode in sorted(executed.step.held.items()) if mode is LOCK]
        earlier = [table for name in held if (table := _in_use(name, context, catalog))]
        others = [one for one in earlier if one.oid not in own[executed.operation.index]]
        fresh = [one for one in locks if one not in earlier]
        if others and fresh:
            pairs = [(first, second) for first in others for second in fresh]
            related = next((pair for pair in pairs if _related(*pair, catalog)), None)
            # A lock_timeout ends the wait; a deadlock may come before that.
            bounded = context.database.lock_timeout or context.action_context(executed).gives_up
            if related or not bounded:
                severity = Severity.WARNING if related and not bounded else Severity.INFO
                pair = related or pairs[0]
                yield _finding(executed, *pair, related=related is not None, severity=severity, context=context)
            return


def _finding(
    executed: Executed,
    first: Table,
    second: Table,
    *,
    related: bool,
    severity: Severity,
    context: MigrationContext,
) -> Finding:
    held = executed.step.before.display(first.name)
    return rule.finding(
        context.action_context(executed),
        relation=second.name,
        about=held,
        severity=severity,
        lock=LOCK.value,
        first=held,
        requests=requests(Effect(held, LOCK, False, False, blocks(LOCK))),
        related=" A foreign key connects them, so they are used together." if related else "",
        fix=_fix(executed.operation, context),
    )


def _locks(executed: Executed, context: MigrationContext) -> list[Table]:
    """Tables in use that an action locks."""
    step = executed.step
    locked = [one.relation for one in step.effects if one.lock is LOCK]
    return [table for name in locked if (table := _in_use(name, context, step.before))]


def _in_use(relation: str, context: MigrationContext, catalog: Catalog) -> Table | None:
    table = catalog.table(named(relation))
    if table is None or table.kind not in STORES or context.is_created(table.name, catalog):
        return None
    return table


def _related(first: Table, second: Table, catalog: Catalog) -> bool:
    """Whether a foreign key connects two tables."""
    return any(
        referrer.oid == other.oid
        for one, other in ((first, second), (second, first))
        for referrer, _ in catalog.referencing(one.name)
    )


def _fix(operation: ReplayedOperation, context: MigrationContext) -> str:
    written = context.operation_context(operation).written
    code = str(written) if written else run_sql([one.parsed.sql for one in operation.forward], None)
    return steps("Put it into a migration of its own, so that the locks do not meet:", migration(code))
