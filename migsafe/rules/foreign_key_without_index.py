"""A foreign key whose own columns have no index.

## What it catches
A foreign key (``ForeignKey(db_index=False)``, SQL) that no index starts with, if there is none at the end of the
history either.

## Why it hurts
PostgreSQL indexes what a foreign key refers to, but not the column itself. Whenever a row of the other table is
deleted, it reads this whole table to find rows that refer to it, while the row is locked.

## Do this instead
Build an index that starts with the foreign key's columns, concurrently. Leave it out if rows of the other table are
never deleted.
"""

from collections.abc import Callable, Iterator, Sequence

from migsafe.actions import AddColumn, AddConstraint, Constraint, ConstraintKind, CreateTable, Name
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Pending, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.rules._foreign_keys import added_foreign_keys, is_indexed
from migsafe.sql.catalog import Catalog
from migsafe.written.operations import build, quoted

rule = Rule(
    __name__,
    code="MS308",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    sized=False,
    message="Foreign key {name} of {relation} ({columns}) has no index",
    why=(
        "Whenever a row of {parent} is deleted, PostgreSQL looks for rows of {relation} that refer to it, and without"
        " an index it reads the whole table for each of them."
    ),
)


@rule.on(AddConstraint, AddColumn, CreateTable)
def check(action: AddConstraint | AddColumn | CreateTable, context: Context) -> Iterator[Pending]:
    for key in added_foreign_keys(action, context):
        if is_indexed(key, action.relation, context.migration.after) or _was_there(key, action.relation, context):
            continue
        finding = rule.finding(
            context,
            relation=action.relation,
            about=str(key.name),
            severity=Severity.INFO
            if isinstance(action, CreateTable) or context.created_here(action.relation)
            else None,
            name=str(key.name),
            columns=", ".join(key.columns),
            parent=context.display(key.references) if key.references else "",
            fix=_fix(key, action.relation),
        )
        yield Pending(finding, (action.relation, key))


@rule.on_end
def at_end(pending: Sequence[Pending], end: Callable[[], Catalog]) -> Iterator[Finding]:
    for one in pending:
        relation, key = one.about
        table = end().table(relation)
        if table is not None and key.name in table.constraints and not is_indexed(key, relation, end()):
            yield one.finding


def _was_there(key: Constraint, relation: Name, context: Context) -> bool:
    """Whether the table had a foreign key over these columns before the migration: Django takes them off and on."""
    table = context.migration.before.table(relation)
    return table is not None and any(
        other.kind is ConstraintKind.FOREIGN_KEY and other.columns == key.columns
        for other in table.constraints.values()
    )


def _fix(key: Constraint, relation: Name) -> str:
    name = Name(f"{relation.name}_{'_'.join(key.columns)}_idx", relation.schema)
    columns = ", ".join(map(quoted, key.columns))
    sql = f"CREATE INDEX CONCURRENTLY {quoted(name.name)}\nON {quoted(relation)} ({columns})"
    return steps(
        "Leave `db_index=False` out if the table is new. Else build an index in a migration of its own, outside a"
        " transaction:",
        migration(build(name, sql), atomic=False),
    )
