"""An index dropped that a constraint or a foreign key needs.

## What it catches
``DROP INDEX`` of an index that a constraint, a foreign key or the index of a partitioned table requires, DROP of a key
that a foreign key refers to, and the drop of the only index that a foreign key's own columns have (``RemoveIndex``,
``AlterField`` to ``db_index=False``, SQL), if there is none at the end of the history either.

## Why it hurts
PostgreSQL refuses to drop what is required: the migration fails. Without an index on its own columns, a foreign key
works, but each DELETE of a row that it refers to reads the whole table, with the row locked.

## Do this instead
Drop the constraint in place of its index, and foreign keys first. Keep an index that starts with the columns of each
foreign key.
"""

from collections.abc import Callable, Iterator, Sequence

from migsafe.actions import Constraint, ConstraintKind, DropConstraint, DropIndex, Name
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Pending, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.rules._foreign_keys import is_indexed
from migsafe.rules._online import is_required
from migsafe.sql.catalog import Catalog, Index
from migsafe.sql.effects import named
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS208",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    sized=False,
    message="Dropping {what} of {relation} {hurts}",
    why="{why}",
)


@rule.on(DropIndex)
def check(action: DropIndex, context: Context) -> Iterator[Finding | Pending]:
    index = context.catalog.index(action.index)
    if index is None:
        return
    if is_required(context):
        yield _refused(f"index {action.index.name}", index.relation, context, _instead(index, context))
    elif not context.created_here(index.relation):
        yield from _unindexed(action, index, context)


@rule.on(DropConstraint)
def check_constraint(action: DropConstraint, context: Context) -> Iterator[Finding]:
    if is_required(context):
        fix = "Drop the foreign keys that refer to it in a migration before."
        yield _refused(f"constraint {action.name}", action.relation, context, fix)


def _refused(what: str, relation: Name, context: Context, fix: str) -> Finding:
    return rule.finding(
        context,
        relation=relation,
        about=what,
        what=what,
        hurts=f"fails: {context.fails}",
        why="PostgreSQL refuses the statement, so the migration stops with an error in the middle of the deploy.",
        fix=fix,
    )


def _instead(index: Index, context: Context) -> str:
    if index.constraint is not None:
        sql = (
            f"ALTER TABLE {quoted(named(context.display(index.relation)))}\nDROP CONSTRAINT {quoted(index.constraint)}"
        )
        return steps("Drop the constraint; its index goes with it:", migration(run_sql(sql, None)))
    if index.parent is not None:
        return f"Drop `{context.display(index.parent)}`, the index of the partitioned table; this one goes with it."
    return "Drop the foreign keys that refer to its columns in a migration before."


def _unindexed(action: DropIndex, index: Index, context: Context) -> Iterator[Pending]:
    # Django takes a foreign key off while it changes the field: what counts is what the migration leaves.
    table = context.migration.after.table(index.relation)
    after = context.catalog.after(action)
    for constraint in table.constraints.values() if table else ():
        if constraint.kind is not ConstraintKind.FOREIGN_KEY or constraint.references is None:
            continue
        if is_indexed(constraint, index.relation, context.catalog) and not is_indexed(
            constraint, index.relation, after
        ):
            parent = context.display(constraint.references)
            finding = rule.finding(
                context,
                relation=index.relation,
                about=f"{index.name.name} {constraint.name}",
                severity=Severity.WARNING,
                what=f"index {index.name.name}",
                hurts=f"leaves foreign key {constraint.name} without an index",
                why=(
                    f"Whenever a row of {parent} is deleted, PostgreSQL looks for rows of"
                    f" {context.display(index.relation)} that refer to it. Without the index it reads the whole table"
                    " for each of them."
                ),
                fix=_keep(constraint),
            )
            yield Pending(finding, (index.relation, constraint))


def _keep(constraint: Constraint) -> str:
    columns = ", ".join(f"`{column}`" for column in constraint.columns)
    return f"Keep it, or first build another index that starts with {columns}."


@rule.on_end
def at_end(pending: Sequence[Pending], end: Callable[[], Catalog]) -> Iterator[Finding]:
    for one in pending:
        relation, constraint = one.about
        table = end().table(relation)
        if table is not None and constraint.name in table.constraints and not is_indexed(constraint, relation, end()):
            yield one.finding
