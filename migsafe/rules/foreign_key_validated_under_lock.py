"""A foreign key that is validated while both tables are locked.

## What it catches
``ADD … FOREIGN KEY`` without NOT VALID on a table in use whose rows already have values in the column; also one that
becomes ENFORCED (PostgreSQL 18).

## Why it hurts
PostgreSQL looks every row's value up in the other table. Nobody can write to either table meanwhile.

## Do this instead
Add it NOT VALID (new rows are checked at once), build its index concurrently, and validate it in a later migration:
both tables stay usable.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from migsafe.actions import (
    AddColumn,
    AddConstraint,
    AlterConstraint,
    Constraint,
    ConstraintKind,
    DropConstraint,
    Name,
    SetConstraints,
)
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.words import requests
from migsafe.project.operations import SqlStatement
from migsafe.rules import Context, Rule
from migsafe.rules._columns import changes_type_at_length
from migsafe.rules._fixes import concurrent_indexes, migration, steps
from migsafe.written.operations import quoted, run_sql, separate

rule = Rule(
    __name__,
    code="MS302",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="Adding foreign key {name} holds {lock} on {relation} and locks {parent} while it checks every row",
    why=(
        "PostgreSQL looks up each row of {relation} in {parent}. Until it has seen them all, {requests} hangs, "
        "and so does {parent_requests}."
    ),
)


@rule.on(AddConstraint)
def check(action: AddConstraint, context: Context) -> Iterator[Finding]:
    if action.constraint.kind is ConstraintKind.FOREIGN_KEY:
        yield from _check(action.relation, action.constraint, context)


@rule.on(AddColumn)
def check_inline(action: AddColumn, context: Context) -> Iterator[Finding]:
    if action.column.default is None:
        return  # the new column is NULL in all rows: PostgreSQL looks none of them up
    for constraint in action.column.constraints:
        if constraint.kind is ConstraintKind.FOREIGN_KEY and not (context.stall and context.stall.rewrites):
            yield from _check(action.relation, constraint, context)


@rule.on(AlterConstraint)
def check_enforced(action: AlterConstraint, context: Context) -> Iterator[Finding]:
    table = context.catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table else None
    if action.enforced and constraint is not None and constraint.references:
        # It cannot be enforced without the scan, but another one can take its place.
        new = replace(constraint, name=f"{action.name}_enforced", enforced=True, valid=True)
        yield from _check(action.relation, new, context)


def _check(relation: Name, constraint: Constraint, context: Context) -> Iterator[Finding]:
    effect, parent = context.stall, constraint.references
    if effect is None or parent is None or context.created_here(relation):
        return
    if changes_type_at_length(context):  # Django takes a foreign key off for it: that finding says what to do
        return
    child, other = context.effect(relation) or effect, context.effect(parent)
    name = constraint.name or f"{relation.name}_{'_'.join(constraint.columns)}_fkey"
    yield rule.finding(
        context,
        relation=relation,
        about=name,
        name=name,
        parent=context.display(parent),
        lock=child.lock.value,
        requests=requests(child),
        parent_requests=requests(other or effect),
        fix=_fix(relation, constraint, name, context),
    )


def _is_put_back(relation: Name, constraint: Constraint, context: Context) -> bool:
    """Whether the same foreign key was there, and valid, before the operation."""
    table = context.operation.forward[0].before.table(relation)
    parent = context.catalog.table(constraint.references) if constraint.references else None
    return any(
        other.kind is ConstraintKind.FOREIGN_KEY
        and other.valid
        and other.columns == constraint.columns
        and other.references in (constraint.references, parent and parent.name)
        for other in (table.constraints.values() if table else ())
    )


def _is_about_constraints(statement: SqlStatement) -> bool:
    """Whether a statement only takes constraints off, puts them on or has them checked."""
    return all(isinstance(one, (AddConstraint, DropConstraint, SetConstraints)) for one in statement.parsed.actions)


def _fix(relation: Name, constraint: Constraint, name: str, context: Context) -> str:
    if context.operation.is_a("RenameModel"):
        return "Leave the table the name that it has (see MS402): then Django does not touch its foreign keys."
    if context.operation.is_a("RenameField"):
        return "Leave the column the name that it has (see MS104): then Django does not touch its foreign key."
    if context.written and _is_put_back(relation, constraint, context):
        rest = [
            run_sql(statement.parsed.sql, None)
            for statement in context.operation.forward
            if not _is_about_constraints(statement)
        ]
        return steps(
            "The foreign key was there before. Django takes it off and on again, whatever changes of the field; "
            "do only what changes, in SQL:",
            migration(separate(database=rest, state=[str(context.written)])),
        )
    known = context.catalog.table(relation)
    if known is not None and known.kind == "partitioned table" and context.postgres < 18:
        return (
            "PostgreSQL before 18 knows no NOT VALID for a partitioned table. Add the foreign key NOT VALID to each"
            " partition, validate it there in a later migration, and then add it to the partitioned table: it takes"
            " those of the partitions over and reads no row."
        )
    table, parent = quoted(relation), quoted(constraint.references or "…")
    columns = ", ".join(map(quoted, constraint.columns))
    target = f" ({', '.join(map(quoted, constraint.referenced_columns))})" if constraint.referenced_columns else ""
    deferred = " DEFERRABLE INITIALLY DEFERRED" if constraint.initially_deferred else ""
    add = (
        f"ALTER TABLE {table}\nADD CONSTRAINT {quoted(name)}\n"
        f"FOREIGN KEY ({columns}) REFERENCES {parent}{target}{deferred} NOT VALID"
    )
    database = [run_sql(add, f"ALTER TABLE {table}\nDROP CONSTRAINT {quoted(name)}")]
    for action in context.actions():
        if isinstance(action, AddColumn) and action.column.name in constraint.columns:
            column = f"{quoted(action.column.name)} {action.column.type}"
            undo = f"ALTER TABLE {table}\nDROP COLUMN {quoted(action.column.name)}"
            database.insert(0, run_sql(f"ALTER TABLE {table}\nADD COLUMN {column}", undo))
    written = context.written if not context.operation.is_a("RunSQL") else None
    first = [separate(database=database, state=[str(written)])] if written else database
    indexes = concurrent_indexes(context)
    index = [
        "2. In a second migration, build its index while everybody keeps working:",
        migration(*indexes, atomic=False),
    ]
    return steps(
        "1. Add it without looking at the existing rows; new ones are checked from now on:",
        migration(*first),
        *(index if indexes else []),
        f"{3 if indexes else 2}. In a later migration, check the existing rows while everybody keeps working:",
        migration(run_sql(f"ALTER TABLE {table}\nVALIDATE CONSTRAINT {quoted(name)}", None)),
    )
