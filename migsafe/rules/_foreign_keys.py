"""What rules ask about foreign keys."""

from collections.abc import Iterator

from migsafe.actions import AddColumn, AddConstraint, Constraint, ConstraintKind, CreateTable, Name
from migsafe.rules._context import Context
from migsafe.sql.catalog import Catalog


def is_indexed(foreign_key: Constraint, relation: Name, catalog: Catalog) -> bool:
    """Whether an index finds the rows that refer to a row: one that starts with the foreign key's columns."""
    columns = set(foreign_key.columns)
    return any(
        set(index.columns[: len(columns)]) == columns
        and index.method in ("btree", "hash")
        and (index.where is None or index.where.sql in (f"{column} IS NOT NULL" for column in columns))
        for index in catalog.indexes(relation)
    )


def added_foreign_keys(action: AddConstraint | AddColumn | CreateTable, context: Context) -> Iterator[Constraint]:
    """The foreign keys that an action gives its table, under the names that they get."""
    if context.fails:
        return
    before = context.catalog.table(action.relation)
    after = context.catalog.after(action).table(action.relation)
    for name, constraint in after.constraints.items() if after else ():
        if constraint.kind is ConstraintKind.FOREIGN_KEY and not (before and name in before.constraints):
            yield constraint
