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
from typing import NamedTuple

from migsafe.model import Axis, Effect, Finding, LockMode, Severity
from migsafe.postgres.locks import blocks
from migsafe.postgres.words import requests
from migsafe.rules import Executed, MigrationContext, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.sql.catalog import Catalog, Table
from migsafe.sql.effects import named
from migsafe.written.operations import run_sql

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


class Meeting(NamedTuple):
    """A table that is locked while another one is; ``bounded`` says whether the wait for it ends by itself."""

    executed: Executed
    first: Table
    second: Table
    related: bool
    bounded: bool


@rule.on_migration
def check(context: MigrationContext) -> Iterator[Finding]:
    meetings = list(_meetings(context))
    # A lock_timeout ends the wait; a deadlock may come before that.
    found = [one for one in meetings if one.related or not one.bounded]
    if found:
        yield _finding(next((one for one in found if one.related), found[0]), meetings, context)


def _meetings(context: MigrationContext) -> Iterator[Meeting]:
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
        pairs = [(first, second) for first in others for second in locks if second not in earlier]
        if pairs:
            related = next((pair for pair in pairs if _related(*pair, catalog)), None)
            bounded = bool(context.database.lock_timeout) or context.action_context(executed).gives_up
            yield Meeting(executed, *(related or pairs[0]), related is not None, bounded)


def _finding(meeting: Meeting, meetings: list[Meeting], context: MigrationContext) -> Finding:
    catalog = meeting.executed.step.before
    held = catalog.display(meeting.first.name)
    return rule.finding(
        context.action_context(meeting.executed),
        relation=meeting.second.name,
        about=held,
        severity=Severity.WARNING if meeting.related and not meeting.bounded else Severity.INFO,
        lock=LOCK.value,
        first=held,
        requests=requests(Effect(held, LOCK, False, False, blocks(LOCK))),
        related=" A foreign key connects them, so they are used together." if meeting.related else "",
        fix=_fix(meeting, meetings, context),
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


def _fix(meeting: Meeting, meetings: list[Meeting], context: MigrationContext) -> str:
    operation = meeting.executed.operation
    written = context.operation_context(operation).written
    code = str(written) if written else run_sql([one.parsed.sql for one in operation.forward], None)
    further = dict.fromkeys(
        f"`{one.executed.step.before.display(one.second.name)}`"
        for one in meetings
        if one.second.oid != meeting.second.oid
    )
    return steps(
        "Put it into a migration of its own, so that the locks do not meet:",
        migration(code),
        *([f"The same goes for what it does to {', '.join(further)}."] if further else []),
    )
