"""A foreign key dropped, which locks the table that it refers to.

## What it catches
``DROP CONSTRAINT`` of a foreign key, and the drop of a column or table with foreign keys (``RemoveField``,
``DeleteModel``, ``db_constraint=False``, SQL), or with CASCADE of one that others refer to.

## Why it hurts
PostgreSQL takes the strongest lock on **both** tables, since the triggers that check the key are on both. The other
table is often the busier one: while the migration waits for the queries that run on it, every new one queues up.

## Do this instead
Drop the foreign key alone, in a migration that gives up soon (``lock_timeout``) and can be tried again; the rest after
that.
"""

from collections.abc import Iterator

from migsafe.actions import AddConstraint, Constraint, ConstraintKind, DropColumn, DropConstraint, DropTable, Name
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.sql.catalog import Table
from migsafe.sql.effects import named
from migsafe.written.operations import BEFORE_DEADLOCK, quoted, run_sql

rule = Rule(
    __name__,
    code="MS307",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    message="Dropping {what} takes {lock} on {others} too",
    why=(
        "The drop itself is quick, but it has to wait for every query on {other} that is still running, and from then"
        " on {requests} queues up behind it."
    ),
)

Drop = DropConstraint | DropColumn | DropTable


@rule.on(DropConstraint, DropColumn, DropTable)
def check(action: Drop, context: Context) -> Iterator[Finding]:
    table = context.catalog.table(action.relation)
    if table is None or context.fails or context.gives_up or context.created_here(action.relation):
        return
    # What Django takes off and puts on again is for the rule about adding it.
    if any(isinstance(one, AddConstraint) and one.constraint.references for one in context.actions()):
        return
    keys = list(_foreign_keys(action, table, context))
    dropped = {
        context.catalog.locate(one.relation) for one in context.migration_actions() if isinstance(one, DropTable)
    }
    locked = {}
    for relation, key in keys:
        for other in (relation, key.references):
            effect = context.effect(other) if other else None
            if other and effect and "reads" in effect.blocks and other not in {table.name, *dropped}:
                locked[other] = effect
    others = {other: effect for other, effect in locked.items() if not context.created_here(other)}
    if not others:
        return
    first, effect = next(iter(others.items()))
    yield rule.finding(
        context,
        relation=action.relation,
        about=getattr(action, "name", getattr(action, "column", "")),
        what=_what(action, context),
        lock=effect.lock.value,
        others=" and ".join(map(context.display, others)),
        other=context.display(first),
        requests=requests(effect),
        fix=_fix(keys, context),
    )


def _foreign_keys(action: Drop, table: Table, context: Context) -> Iterator[tuple[Name, Constraint]]:
    """The foreign keys that go away, each with its table."""
    for key in table.constraints.values():
        if key.kind is ConstraintKind.FOREIGN_KEY and (
            isinstance(action, DropTable)
            or (isinstance(action, DropConstraint) and key.name == action.name)
            or (isinstance(action, DropColumn) and action.column in key.columns)
        ):
            yield table.name, key
    after = context.catalog.after(action) if action.cascade else None
    for referrer, key in context.catalog.referencing(table.name) if after else ():
        left = after.tables.get(referrer.name) if after else None
        if referrer.name != table.name and (left is None or key.name not in left.constraints):
            yield referrer.name, key


def _what(action: Drop, context: Context) -> str:
    table = context.display(action.relation)
    match action:
        case DropConstraint():
            return f"constraint {action.name} of {table}"
        case DropColumn():
            return f"column {action.column} of {table}"
        case DropTable():
            return f"table {table}"


def _fix(keys: list[tuple[Name, Constraint]], context: Context) -> str:
    drops = [
        f"ALTER TABLE {quoted(named(context.display(relation)))}\nDROP CONSTRAINT {quoted(key.name or '…')}"
        for relation, key in keys
    ]
    only = context.operation.is_a("RunSQL") and len(list(context.actions())) == len(drops) == 1
    each = "each foreign key" if len(drops) > 1 else "the foreign key"
    return steps(
        "Give up soon if it cannot have its locks, and try again later:"
        if only
        else f"Before, in a migration of its own that gives up soon if it cannot have its locks, drop {each}:",
        *(migration(run_sql([BEFORE_DEADLOCK, drop], None)) for drop in drops),
    )
