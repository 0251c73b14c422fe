"""A unique, primary key or exclusion constraint whose index is built while the table is locked.

## What it catches
``ADD … UNIQUE``, ``PRIMARY KEY`` or ``EXCLUDE`` on a table in use: ``UniqueConstraint``, ``unique_together``,
``unique=True``, ``ExclusionConstraint``, SQL; also ``USING INDEX`` where PostgreSQL has to read the table all the
same.

## Why it hurts
The constraint needs an index, and while PostgreSQL builds it nobody can read or write the table.

## Do this instead
Build a unique index concurrently, then turn it into the constraint with ``USING INDEX``, which takes a moment. There
is no such way for exclusion constraints.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from migsafe.actions import AddColumn, AddConstraint, Constraint, ConstraintKind, Name
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._columns import lacks_value, same_everywhere
from migsafe.rules._fixes import concurrent_indexes, migration, steps
from migsafe.written.definitions import index_of, using_index
from migsafe.written.operations import build, create_index, index_name, quoted, run_sql, separate

rule = Rule(
    __name__,
    code="MS303",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="Adding {kind} constraint {name} holds {lock} on {relation} until its index is built",
    why=(
        "The constraint needs an index over all rows of {relation}. Until PostgreSQL has built it, {requests} hangs,"
        " and they pile up until they time out. If two rows are found to be in conflict, the migration fails after all"
        " that."
    ),
)


@rule.on(AddConstraint)
def check(action: AddConstraint, context: Context) -> Iterator[Finding]:
    if action.constraint.kind.is_indexed:
        yield from _check(action.relation, action.constraint, context)


@rule.on(AddColumn)
def check_inline(action: AddColumn, context: Context) -> Iterator[Finding]:
    if same_everywhere(action, context) or lacks_value(action, context):
        return  # rows break it: same_value_in_every_row and add_column_without_value say so
    for constraint in action.column.constraints:
        # A rewrite builds all indexes anyway: that finding is enough.
        if constraint.kind.is_indexed and not (context.stall and context.stall.rewrites):
            yield from _check(action.relation, constraint, context)


def _check(relation: Name, constraint: Constraint, context: Context) -> Iterator[Finding]:
    effect = context.stall
    if effect is None or context.created_here(relation):
        return
    # What PostgreSQL calls it (ChooseIndexName in src/backend/commands/indexcmds.c), truncation aside.
    suffix = {ConstraintKind.UNIQUE: "key", ConstraintKind.PRIMARY_KEY: "pkey", ConstraintKind.EXCLUDE: "excl"}
    columns = () if constraint.kind is ConstraintKind.PRIMARY_KEY else constraint.columns
    name = constraint.name or "_".join((relation.name, *columns, suffix[constraint.kind]))
    yield rule.finding(
        context,
        relation=relation,
        about=name,
        kind=constraint.kind.value,
        name=name,
        lock=effect.lock.value,
        requests=requests(effect),
        fix=_fix(relation, constraint, name, context),
    )


def _fix(relation: Name, constraint: Constraint, name: str, context: Context) -> str:
    table = quoted(relation)
    if constraint.kind is ConstraintKind.EXCLUDE:
        return (
            "PostgreSQL has no way to build an exclusion constraint without this lock. Add it while"
            f" {context.display(relation)} is small or hardly used, with a `lock_timeout`; or copy the rows to a new"
            " table that has it from the start."
        )
    unique = constraint.kind is ConstraintKind.UNIQUE
    if constraint.using_index:
        columns = ", ".join(f"`{column}`" for column in constraint.columns) or "the columns"
        return (
            f"PostgreSQL reads the table to make sure that {columns} hold no NULL. Set them NOT NULL first (see MS102)."
        )
    named = replace(constraint, name=name)
    index = index_of(relation, named)
    written = context.written if not context.operation.is_a("RunSQL") else None
    added = [
        action.column
        for action in context.actions()
        if isinstance(action, AddColumn) and action.column.name in constraint.columns
    ]
    constrain = run_sql(using_index(relation, named), f"ALTER TABLE {table}\nDROP CONSTRAINT {quoted(name)}")
    first: list[str] = []
    if added:
        column = f"ALTER TABLE {table}\nADD COLUMN {quoted(added[0].name)} {added[0].type}"
        first = [run_sql(column, f"ALTER TABLE {table}\nDROP COLUMN {quoted(added[0].name)}")]
    return steps(
        *(["1. Add the column without the constraint:", migration(*first)] if first else []),
        f"{2 if first else 1}. Build the index in a migration of its own, outside a transaction:",
        migration(
            build(index_name(index), create_index(index, concurrently=True)),
            *concurrent_indexes(context),
            atomic=False,
        ),
        f"{3 if first else 2}. In a later migration, make it the constraint, which takes a moment"
        + (":" if unique else " once the columns are NOT NULL (see MS102):"),
        migration(separate(database=[constrain], state=[str(written)]) if written else constrain),
    )
