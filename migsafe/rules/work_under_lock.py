"""Data changed while tables are locked.

## What it catches
An UPDATE, DELETE, INSERT … SELECT, COPY or ANALYZE, a table or materialized view made of a query, or Python code, after
an operation of the same transaction has locked a table in use so that reads or writes of it wait.

## Why it hurts
A lock lasts until the transaction ends. Adding a column takes a moment, but what comes after it in the same migration
makes that moment as long as itself: the table is out of use until all of it is done.

## Do this instead
One migration that changes the schema, the next that changes the data.
"""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from migsafe.actions import (
    Action,
    Copy,
    CreateTable,
    CreateView,
    Delete,
    Insert,
    Maintenance,
    Merge,
    SetConstraints,
    SetVariable,
    Update,
)
from migsafe.model import Axis, Effect, Finding, LockMode, Severity
from migsafe.postgres.locks import blocks, stops_traffic
from migsafe.postgres.words import requests
from migsafe.project.operations import ReplayedOperation
from migsafe.rules import Context, MigrationContext, OperationContext, Rule
from migsafe.rules._data import reaches_all
from migsafe.rules._fixes import migration, steps
from migsafe.rules._python import changes_many, forward, sent
from migsafe.sql.catalog import Catalog
from migsafe.sql.effects import named
from migsafe.written.operations import run_sql

rule = Rule(
    __name__,
    code="MS601",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    message="{work} runs while the migration holds {lock} on {relation}{others}",
    why=(
        "What ran before it in the same transaction has locked {relation}, and the lock lasts until the migration ends."
        " Until then {requests} waits, however long this takes."
    ),
)


@rule.on_migration
def check(context: MigrationContext) -> Iterator[Finding]:
    found = set()
    for executed in context.executed:
        operation, step = executed.operation, executed.step
        # What Django does with data to change a field is for the rules about that.
        if operation.index in found or operation.is_a("FieldOperation") or executed.fails:
            continue
        if (work := _work(step.action, context, step.before)) and (held := _held(step.held, context, step.before)):
            found.add(operation.index)
            whole = isinstance(step.action, Update | Delete) and reaches_all(step.action)
            yield _finding(context.action_context(executed), held, work, whole=whole)
    for operation in context.migration.operations:
        held = _held_before(operation, context) if context.migration.atomic and operation.opaque else {}
        if held and operation.index not in found and not _only_sets(operation):
            whole = any(map(changes_many, forward(operation)))
            yield _finding(context.operation_context(operation), held, _named(operation), whole=whole)


def _finding(context: OperationContext, held: Mapping[str, LockMode], work: str, *, whole: bool = False) -> Finding:
    worst = max(held, key=lambda relation: held[relation])
    effect = Effect(worst, held[worst], False, False, blocks(held[worst]))
    finding = rule.finding(
        context,
        relation=named(worst),
        about=str(context.operation.index),
        severity=Severity.ERROR if whole else Severity.WARNING,
        work=work,
        lock=effect.lock.value,
        others=f" and {len(held) - 1} more" if len(held) > 1 else "",
        requests=requests(effect),
        fix=steps(
            "Put it into a migration of its own, after the one that changes the schema:", migration(_code(context))
        ),
    )
    others = [one for one in finding.effects if one.relation != worst]
    return finding if len(others) < len(finding.effects) else replace(finding, effects=(*others, effect))


def _code(context: OperationContext) -> str:
    if isinstance(context, Context) and (len(context.operation.forward) > 1 or not context.written):
        return run_sql(context.statement.parsed.sql, None)
    return str(context.written) if context.written else f"{context.operation.kind}(...)"


def _named(operation: ReplayedOperation) -> str:
    return ", ".join(f"{function.name.rpartition('.')[2]}()" for function in forward(operation)) or "Python code"


def _only_sets(operation: ReplayedOperation) -> bool:
    """Whether its code does nothing but SET: deferred checks that this brings forward run under the lock anyway."""
    readings = [function.reading for function in forward(operation)]
    return bool(readings) and all(
        reading.complete
        and not (reading.models or reading.real or reading.writes)
        and reading.sql
        and all(isinstance(action, SetConstraints | SetVariable) for code in reading.sql for action in sent(code))
        for reading in readings
    )


def _work(action: Action, context: MigrationContext, catalog: Catalog) -> str | None:
    """What may take long: by how many rows there are, not by what it locks."""
    match action:
        case Update() | Delete() | Merge() if not context.is_created(action.relation, catalog) or action.reads:
            return f"{type(action).__name__.upper()} of {catalog.display(action.relation)}"
        case Insert(reads=(_, *_)):
            return f"INSERT … SELECT into {catalog.display(action.relation)}"
        case Copy() if not context.is_created(action.relation, catalog) or action.into:
            return f"COPY of {catalog.display(action.relation)}"
        case Maintenance(command="analyze"):
            return f"ANALYZE of {catalog.display(action.relation)}" if action.relation else "ANALYZE"
        case CreateTable(reads=(_, *_), with_data=True) | CreateView(materialized=True, with_data=True):
            return f"Filling {action.relation} by a query"
    return None


def _held(modes: Mapping[str, LockMode], context: MigrationContext, catalog: Catalog) -> dict[str, LockMode]:
    """Locks on tables in use that stop reads or writes."""
    return {
        relation: mode
        for relation, mode in sorted(modes.items())
        if stops_traffic(mode)
        and catalog.index(named(relation)) is None
        and not context.is_created(named(relation), catalog)
    }


def _held_before(operation: ReplayedOperation, context: MigrationContext) -> dict[str, LockMode]:
    """What is locked when the code of an operation begins, in an atomic migration."""
    before = [one for one in context.executed if not one.statement.deferred and one.operation.index < operation.index]
    if not before:
        return {}
    last = before[-1]
    modes = dict(last.step.held)
    for effect in (effect for one in before if one.statement is last.statement for effect in one.step.effects):
        modes[effect.relation] = max(effect.lock, modes.get(effect.relation, effect.lock))
    return _held(modes, context, last.step.before)
