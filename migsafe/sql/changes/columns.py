"""Changes of columns."""

import re
from typing import Literal

from msgspec.structs import replace

from migsafe import actions
from migsafe.actions import (
    ColumnDefinition,
    ColumnOptions,
    Constraint,
    ConstraintKind,
    Expression,
    IndexKey,
    Name,
    Type,
)
from migsafe.sql.catalog import Catalog, Column, Index, Sequence, Table
from migsafe.sql.changes.constraints import (
    INDEX_LABELS,
    constraint_dropped,
    constraints_added,
    index_dropped,
    parts_rebuilt,
)
from migsafe.sql.changes.storage import (
    applies,
    choose_relation,
    column_edited,
    columns_edited,
    index_stored,
    members,
    renamed_key,
    sequence_stored,
    stored,
)
from migsafe.sql.names import key_columns

_SERIAL_TYPES = {
    "smallserial": "int2",
    "serial2": "int2",
    "serial": "int4",
    "serial4": "int4",
    "bigserial": "int8",
    "serial8": "int8",
}


def inherited_column(column: Column) -> Column:
    return replace(column, identity=None, local=False)


def column_added(catalog: Catalog, table_name: Name, written: ColumnDefinition) -> Catalog:
    """A column with its sequence, without its constraints."""
    serial = _SERIAL_TYPES.get(written.type.name.name) if written.type.name.schema is None else None
    default = None
    if serial is not None:
        chosen = choose_relation(catalog, table_name, written.name, "seq", constraint=False)
        sequence = Name(chosen, table_name.schema)
        catalog = sequence_stored(catalog, None, Sequence(name=sequence, owned_by=(table_name, written.name)))
        default = Expression(f"nextval('{catalog.display(sequence)}'::regclass)", functions=(Name("nextval"),))
    table = catalog.tables[table_name]
    column = table.columns.get(written.name) or Column(
        name=written.name, type=Type(Name(serial)) if serial else written.type, not_null=serial is not None
    )
    column = replace(column, default=default or column.default, local=True)
    catalog = stored(catalog, table, replace(table, columns={**table.columns, written.name: column}))
    return options_applied(catalog, table_name, written)


def options_applied(catalog: Catalog, table_name: Name, written: ColumnOptions) -> Catalog:
    """What stands beside the type of a column, without its constraints."""
    column = catalog.tables[table_name].columns.get(written.name)
    if column is None:
        return catalog
    catalog = column_edited(
        catalog,
        table_name,
        written.name,
        not_null=written.not_null or column.not_null,
        default=_default(written.default) or column.default,
        generated=written.generated or column.generated,
        expression=written.expression or column.expression,
        collation=written.collation or column.collation,
    )
    if written.identity:
        catalog = identity_added(catalog, table_name, written.name, written.identity, written.sequence)
    return catalog


def _default(written: Expression | None) -> Expression | None:
    """DEFAULT NULL is no default to PostgreSQL."""
    return None if written is not None and written.null else written


def identity_added(
    catalog: Catalog,
    table_name: Name,
    column: str,
    identity: Literal["always", "by default"],
    sequence: Name | None = None,
) -> Catalog:
    chosen = sequence.name if sequence else choose_relation(catalog, table_name, column, "seq", constraint=False)
    name = Name(chosen, table_name.schema)
    catalog = sequence_stored(catalog, None, Sequence(name=name, owned_by=(table_name, column), identity=True))
    return column_edited(catalog, table_name, column, identity=identity, not_null=True)


@applies(actions.AddColumn)
def add_column(catalog: Catalog, action: actions.AddColumn) -> Catalog:
    table = catalog.table(action.relation)
    written = action.column
    if table is None or written.name in table.columns:
        return catalog
    catalog = column_added(catalog, table.name, written)
    added = inherited_column(catalog.tables[table.name].columns[written.name])
    pending = list(catalog.partitions(table.name))
    for child in pending:
        # A child that has the column keeps its own, and so do its children.
        if written.name not in child.columns:
            catalog = stored(catalog, child, replace(child, columns={**child.columns, written.name: added}))
            pending += catalog.partitions(child.name)
    return constraints_added(catalog, table.name, written.constraints)


@applies(actions.DropColumn)
def drop_column(catalog: Catalog, action: actions.DropColumn) -> Catalog:
    table = catalog.table(action.relation)
    if table is None or action.column not in table.columns:
        return catalog
    return _column_dropped_with_children(catalog, table.name, action)


def _column_dropped_with_children(catalog: Catalog, table_name: Name, action: actions.DropColumn) -> Catalog:
    catalog = column_dropped(catalog, table_name, action.column, cascade=action.cascade)
    for child in tuple(catalog.partitions(table_name)):
        column = child.columns.get(action.column)
        if column is None or is_inherited(catalog, child, action.column):
            continue
        if action.only:
            catalog = column_edited(catalog, child.name, action.column, local=True)
        elif not column.local:
            catalog = _column_dropped_with_children(catalog, child.name, action)
    return catalog


def view_dropped(catalog: Catalog, view: Table) -> Catalog:
    """Drop a view or materialized view, and the views that read it."""
    if view.name not in catalog.tables:
        return catalog
    for reader in catalog.views_reading(view.name):
        catalog = view_dropped(catalog, reader)
    for index in catalog.indexes(view.name):
        catalog = index_dropped(catalog, index)
    return stored(catalog, catalog.tables[view.name], None)


def is_inherited(catalog: Catalog, table: Table, column: str) -> bool:
    return any(column in catalog.tables[parent].columns for parent in table.parents)


def orphaned(catalog: Catalog, child_name: Name) -> Catalog:
    """Make the columns that a table no longer gets from any parent its own."""
    child = catalog.tables[child_name]
    columns = {
        name: column if column.local or is_inherited(catalog, child, name) else replace(column, local=True)
        for name, column in child.columns.items()
    }
    return stored(catalog, child, replace(child, columns=columns))


def column_dropped(catalog: Catalog, table_name: Name, column: str, *, cascade: bool) -> Catalog:
    """Drop a column with all indexes and constraints that involve it, and with CASCADE the views that read it."""
    for view in catalog.views_reading(table_name, column) if cascade else ():
        catalog = view_dropped(catalog, view)
    for index in catalog.indexes(table_name):
        if index.involves(column):
            catalog = index_dropped(catalog, index)
    for constraint in catalog.tables[table_name].constraints_on(column):
        if constraint.kind not in INDEX_LABELS:
            catalog = constraint_dropped(catalog, table_name, constraint)
    for referrer, constraint in catalog.referencing(table_name):
        if column in constraint.referenced_columns:
            catalog = constraint_dropped(catalog, referrer.name, constraint)
    for sequence in catalog.sequences_of(table_name):
        if sequence.owned_by == (table_name, column):
            catalog = sequence_stored(catalog, sequence, None)
    table = catalog.tables[table_name]
    columns = {name: kept for name, kept in table.columns.items() if name != column}
    catalog = stored(catalog, table, replace(table, columns=columns))
    for kept in columns.values():
        # Before 15, without CASCADE too; since then that is an error.
        if kept.expression is not None and column in kept.expression.columns:
            catalog = column_dropped(catalog, table_name, kept.name, cascade=cascade)
    return catalog


@applies(actions.RenameColumn)
def rename_column(catalog: Catalog, action: actions.RenameColumn) -> Catalog:
    for member in members(catalog, action.relation):
        for view in catalog.views_reading(member.name, action.column):
            if view.reads_columns is not None:
                renamed = replace(view, reads_columns=(*view.reads_columns, action.new_name))
                catalog = stored(catalog, view, renamed)
        if action.column in member.columns and action.new_name not in member.columns:
            catalog = _column_renamed(catalog, member.name, action.column, action.new_name)
    return catalog


def _column_renamed(catalog: Catalog, table_name: Name, old: str, new: str) -> Catalog:
    table = catalog.tables[table_name]
    columns = renamed_key(table.columns, old, new, replace(table.columns[old], name=new))
    for column in columns.values():
        if column.expression is not None:
            columns[column.name] = replace(column, expression=_in_expression(column.expression, old, new))
    constraints = {name: _in_constraint(item, old, new) for name, item in table.constraints.items()}
    key = _in_names(table.partition_key, old, new)
    catalog = stored(catalog, table, replace(table, columns=columns, constraints=constraints, partition_key=key))
    index_map = catalog.index_map
    for index in catalog.indexes(table_name):
        if index.involves(old):
            index_map = index_map.insert(index.name, _in_index(index, old, new))
    catalog = replace(catalog, index_map=index_map)
    for sequence in catalog.sequences_of(table_name):
        if sequence.owned_by == (table_name, old):
            catalog = sequence_stored(catalog, sequence, replace(sequence, owned_by=(table_name, new)))
    for view in catalog.views_reading(table_name, old):
        if view.reads_columns is not None:
            catalog = stored(catalog, view, replace(view, reads_columns=(*view.reads_columns, new)))
    for referrer_name, constraint in [(item.name, fk) for item, fk in catalog.referencing(table_name)]:
        if old in constraint.referenced_columns:
            referrer = catalog.tables[referrer_name]
            assert constraint.name is not None
            changed = replace(constraint, referenced_columns=_in_names(constraint.referenced_columns, old, new))
            catalog = stored(
                catalog, referrer, replace(referrer, constraints={**referrer.constraints, constraint.name: changed})
            )
    return catalog


def _in_names(columns: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if column == old else column for column in columns)


def _in_expression(expression: Expression, old: str, new: str) -> Expression:
    return replace(
        expression,
        sql=column_renamed_in(expression.sql, old, new),
        columns=_in_names(expression.columns, old, new),
        not_null=_in_names(expression.not_null, old, new),
        comparisons=tuple(replace(each, column=new) if each.column == old else each for each in expression.comparisons),
    )


_WORDS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[^\W\d][\w$]*""")
_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")


def column_renamed_in(sql: str, old: str, new: str) -> str:
    """The text of an expression, as deparsed, with another name for a column; and for all else of that name."""
    before, after = ('"{}"'.format(name.replace('"', '""')) for name in (old, new))
    after = new if _PLAIN.fullmatch(new) else after

    def word(match: re.Match[str]) -> str:
        return after if match[0] in (old, before) else match[0]

    return _WORDS.sub(word, sql) if old in sql else sql


def _in_constraint(constraint: Constraint, old: str, new: str) -> Constraint:
    if old not in constraint.columns and old not in constraint.include:
        return constraint
    return replace(
        constraint,
        columns=_in_names(constraint.columns, old, new),
        include=_in_names(constraint.include, old, new),
        expression=constraint.expression and _in_expression(constraint.expression, old, new),
        keys=tuple(_in_key(key, old, new) for key in constraint.keys),
        where=constraint.where and _in_expression(constraint.where, old, new),
    )


def _in_key(key: IndexKey, old: str, new: str) -> IndexKey:
    return replace(
        key,
        column=new if key.column == old else key.column,
        expression=key.expression and _in_expression(key.expression, old, new),
    )


def _in_index(index: Index, old: str, new: str) -> Index:
    return replace(
        index,
        keys=tuple(_in_key(key, old, new) for key in index.keys),
        include=_in_names(index.include, old, new),
        where=index.where and _in_expression(index.where, old, new),
    )


@applies(actions.AlterColumnType)
def alter_column_type(catalog: Catalog, action: actions.AlterColumnType) -> Catalog:
    catalog = columns_edited(catalog, action.relation, action.column, type=action.type, collation=action.collation)
    for member in members(catalog, action.relation):
        for index in catalog.indexes(member.name):
            if index.involves(action.column):
                index = replace(index, attributes=key_columns(index.keys, index.include))
                catalog = index_stored(catalog, index)
                if index.parent is None and member.kind == "partitioned table":
                    catalog = parts_rebuilt(catalog, index)
    return catalog


@applies(actions.SetNotNull)
def set_not_null(catalog: Catalog, action: actions.SetNotNull) -> Catalog:
    return columns_edited(catalog, action.relation, action.column, only=action.only, not_null=True)


@applies(actions.DropNotNull)
def drop_not_null(catalog: Catalog, action: actions.DropNotNull) -> Catalog:
    for member in members(catalog, action.relation, only=action.only):
        for constraint in member.constraints_on(action.column):
            if constraint.kind is ConstraintKind.NOT_NULL:
                catalog = constraint_dropped(catalog, member.name, constraint, only=action.only)
    return columns_edited(catalog, action.relation, action.column, only=action.only, not_null=False)


@applies(actions.SetDefault)
def set_default(catalog: Catalog, action: actions.SetDefault) -> Catalog:
    return _default_changed(catalog, action, _default(action.default))


@applies(actions.DropDefault)
def drop_default(catalog: Catalog, action: actions.DropDefault) -> Catalog:
    return _default_changed(catalog, action, None)


def _default_changed(
    catalog: Catalog, action: actions.SetDefault | actions.DropDefault, default: Expression | None
) -> Catalog:
    return columns_edited(catalog, action.relation, action.column, only=action.only, default=default)


@applies(actions.AlterIdentity)
def alter_identity(catalog: Catalog, action: actions.AlterIdentity) -> Catalog:
    table = catalog.table(action.relation)
    column = table.columns.get(action.column) if table else None
    if table is None or column is None:
        return catalog
    if action.change == "add":
        if column.identity is not None or action.identity is None:
            return catalog
        return identity_added(catalog, table.name, column.name, action.identity, action.sequence)
    if column.identity is None:
        return catalog
    if action.change == "set":
        identity = action.identity or column.identity
        return column_edited(catalog, table.name, column.name, identity=identity)
    for sequence in catalog.sequences_of(table.name):
        if sequence.identity and sequence.owned_by == (table.name, column.name):
            catalog = sequence_stored(catalog, sequence, None)
    return column_edited(catalog, table.name, column.name, identity=None)


@applies(actions.AlterGenerated)
def alter_generated(catalog: Catalog, action: actions.AlterGenerated) -> Catalog:
    if action.expression is not None:
        return columns_edited(catalog, action.relation, action.column, expression=action.expression)
    return columns_edited(catalog, action.relation, action.column, generated=None, expression=None)
