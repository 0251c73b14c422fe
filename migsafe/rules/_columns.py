"""What rules ask of columns and of changes to them."""

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence

from migsafe.actions import (
    AddColumn,
    AddConstraint,
    AlterColumnType,
    Comment,
    Constraint,
    ConstraintKind,
    CreateIndex,
    Name,
    RenameColumn,
    Type,
)
from migsafe.model import Finding
from migsafe.rules._context import Context, OperationContext
from migsafe.rules._rule import Pending
from migsafe.sql.catalog import Catalog, Column, Table
from migsafe.sql.forms.columns import is_serial
from migsafe.sql.forms.family import base_type, domains_of, volatile


def column_of(relation: Name, name: str, context: OperationContext) -> Column | None:
    """A column as it is before the action; None if it is not known."""
    table = context.catalog.table(relation)
    return table.columns.get(name) if table else None


def column_after(relation: Name, name: str, context: OperationContext) -> Column | None:
    """A column as the migration leaves it."""
    table = context.migration.after.table(relation)
    return table.columns.get(name) if table else None


def types(action: AlterColumnType, context: Context) -> tuple[Type, Type] | None:
    """The old and the new type of a column, those of domains being what they stand for; None if not known."""
    column = column_of(action.relation, action.column, context)
    if column is None:
        return None
    return base_type(column.type, context.catalog), base_type(action.type, context.catalog)


def is_same_type(action: AlterColumnType, context: Context) -> bool:
    """Whether type and collation stay what they are."""
    column = column_of(action.relation, action.column, context)
    return column is not None and (column.type, column.collation) == (action.type, action.collation)


def only_comment(action: AlterColumnType, context: Context) -> bool:
    """Whether Django writes the type that the column has, since its comment changes."""
    return is_same_type(action, context) and any(isinstance(other, Comment) for other in context.actions())


def changes_type_at_length(context: Context) -> bool:
    """Whether the operation changes a type, and that takes long."""
    return any(
        isinstance(executed.step.action, AlterColumnType) and context.action_context(executed).stall
        for executed in context.executed
        if executed.operation is context.operation
    )


def follows_key(action: AlterColumnType, context: Context) -> bool:
    """Whether it is the type of the key referred to that changes: one finding, about the key, says it for all."""
    first = next(other for other in context.actions() if isinstance(other, AlterColumnType))
    return context.operation.is_a("AlterField") and action is not first


def is_new_name(action: AlterColumnType, context: Context) -> bool:
    """Whether the migration has given the column another name: running code asks for the old one."""
    return any(
        isinstance(other, RenameColumn) and (other.relation, other.new_name) == (action.relation, action.column)
        for other in context.migration_actions()
    )


def same_everywhere(action: AddColumn, context: OperationContext) -> bool:
    """Whether all existing rows get the same value, and it is not NULL."""
    column = action.column
    if column.default is None or column.default.null or column.identity or column.generated:
        return False
    return not volatile(column.default, context.catalog)


def is_unique(action: AddColumn, context: OperationContext) -> bool:
    """Whether the migration makes the new column unique by itself."""
    constraints = [(action.relation, constraint) for constraint in action.column.constraints]
    for other in context.migration_actions():
        if isinstance(other, AddConstraint):
            constraints.append((other.relation, other.constraint))
        elif isinstance(other, CreateIndex) and other.unique and other.where is None:
            columns = tuple(key.column or "" for key in other.keys)
            constraints.append((other.relation, Constraint(kind=ConstraintKind.UNIQUE, columns=columns)))
    return any(
        relation == action.relation
        and constraint.kind in (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY_KEY)
        and constraint.columns == (action.column.name,)
        for relation, constraint in constraints
    )


def still_needed(pending: Sequence[Pending], end: Callable[[], Catalog]) -> Iterator[Finding]:
    """Those findings whose column, given by the table's ``oid`` and its name, needs a value in the end."""
    needed = {
        (table.oid, name)
        for table in end().tables.values()
        for name, column in table.columns.items()
        if column.needs_value
    }
    yield from (one.finding for one in pending if one.about in needed)


def lacks_value(action: AddColumn, context: OperationContext) -> bool:
    """Whether the new column is NOT NULL and existing rows get NULL in it."""
    column = action.column
    if not column.not_null or column.identity or column.generated or is_serial(column.type):
        return False
    if column.default is not None:
        return column.default.null
    return not any(domain.default for domain in domains_of(column.type, context.catalog))


def is_literal(source: str) -> bool:
    """Whether Python source is a constant."""
    try:
        ast.literal_eval(source)
    except ValueError:
        return False
    return True


def surely_reads(views: Iterable[Table], table: Table, column: str, catalog: Catalog) -> bool:
    """Whether one of the views reads that column, and not one of the same name of another table."""
    return any(table.name in view.reads and _means(view, table, column, catalog) for view in views)


def _means(view: Table, table: Table, column: str, catalog: Catalog) -> bool:
    others = [catalog.table(name) for name in view.reads if name != table.name]
    known = view.reads_columns is not None or not others
    return known and all(other is not None and other.columns and column not in other.columns for other in others)


def views_above(table: Name, column: str, catalog: Catalog) -> tuple[Table, ...]:
    """Views that read a column, and views that read those; each after what it reads."""
    found = {view.name: view for view in catalog.views_reading(table, column)}
    for name in (pending := list(found)):
        for view in catalog.views_reading(name):
            found.pop(view.name, None)
            found[view.name] = view
            pending.append(view.name)
    return tuple(found.values())
