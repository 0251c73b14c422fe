"""What each action changes in the schema.

A function takes the catalog and an action and returns the catalog after it. What the server would refuse, or what is
about a relation that is not known, changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, TypeVar

from msgspec.structs import replace
from rpds import HashTrieMap, HashTrieSet

from migsafe import actions
from migsafe.actions import (
    Action,
    ColumnDefinition,
    Constraint,
    ConstraintKind,
    CreateIndex,
    Expression,
    IndexKey,
    Name,
    Type,
)
from migsafe.sql import names
from migsafe.sql.catalog import TEMPORARY, Catalog, Column, Function, Index, Sequence, Table, UserType

Change = TypeVar("Change", bound=Callable[..., Catalog])

CHANGES: dict[type[Action], Callable[[Catalog, Any], Catalog]] = {}
"""By the action's type; actions without a function change nothing."""

_SERIAL_TYPES = {
    "smallserial": "int2",
    "serial2": "int2",
    "serial": "int4",
    "serial4": "int4",
    "bigserial": "int8",
    "serial8": "int8",
}
_INDEX_LABELS = {ConstraintKind.PRIMARY_KEY: "pkey", ConstraintKind.UNIQUE: "key", ConstraintKind.EXCLUDE: "excl"}


def _changes(kind: type[Action]) -> Callable[[Change], Change]:
    def register(function: Change) -> Change:
        CHANGES[kind] = function
        return function

    return register


# The catalog's maps, kept in step


def _store(catalog: Catalog, old: Table | None, new: Table | None) -> Catalog:
    """Put, replace (``old`` and ``new``) or remove a table, and keep what is derived from tables right."""
    steps = [(table, step) for table, step in ((old, -1), (new, 1)) if table is not None]
    moved = old is None or new is None or old.name != new.name
    tables = catalog.tables
    for table, step in steps:
        if step > 0:
            tables = tables.insert(table.name, table)
        elif moved:
            tables = tables.remove(table.name)
    changes: dict[str, Any] = {"tables": tables}
    if moved or (old and new and old.constraints is not new.constraints):
        changes.update(_constraint_links(catalog, steps))
    if moved or (old and new and old.parents != new.parents):
        changes.update(_table_links(catalog, steps))
    return replace(catalog, **changes)


def _constraint_links(catalog: Catalog, steps: list[tuple[Table, int]]) -> dict[str, Any]:
    counts, referrers = catalog.constraint_names, catalog.referrers
    for table, step in steps:
        for constraint in table.constraints.values():
            counts = _counted(counts, Name(constraint.name or "", table.name.schema), step)
        for target in {item.references for item in table.constraints.values() if item.references}:
            referrers = _linked(referrers, target, table.name, step)
    return {"constraint_names": counts, "referrers": referrers}


def _table_links(catalog: Catalog, steps: list[tuple[Table, int]]) -> dict[str, Any]:
    children, views = catalog.children, catalog.views
    for table, step in steps:
        for parent in table.parents:
            children = _linked(children, parent, table.name, step)
        if table.kind in {"view", "materialized view"}:
            views = views.insert(table.name) if step > 0 else views.remove(table.name)
    return {"children": children, "views": views}


def _counted(counts: "HashTrieMap[Name, int]", name: Name, step: int) -> "HashTrieMap[Name, int]":
    count = counts.get(name, 0) + step
    return counts.insert(name, count) if count else counts.remove(name)


def _linked(
    links: "HashTrieMap[Name, HashTrieSet[Name]]", target: Name, name: Name, step: int
) -> "HashTrieMap[Name, HashTrieSet[Name]]":
    linked = links.get(target, HashTrieSet())
    linked = linked.insert(name) if step > 0 else linked.discard(name)
    return links.insert(target, linked) if linked else links.discard(target)


def _store_index(catalog: Catalog, index: Index) -> Catalog:
    catalog = replace(catalog, index_map=catalog.index_map.insert(index.name, index))
    table = catalog.tables[index.relation]
    if index.name.name in table.indexes:
        return catalog
    return _store(catalog, table, replace(table, indexes=(*table.indexes, index.name.name)))


def _store_sequence(catalog: Catalog, old: Sequence | None, new: Sequence | None) -> Catalog:
    """Put, replace or remove a sequence."""
    sequences, owned = catalog.sequences, catalog.owned
    if old is not None:
        sequences = sequences.remove(old.name)
        owned = _linked(owned, old.owned_by[0], old.name, -1) if old.owned_by else owned
    if new is not None:
        sequences = sequences.insert(new.name, new)
        owned = _linked(owned, new.owned_by[0], new.name, 1) if new.owned_by else owned
    return replace(catalog, sequences=sequences, owned=owned)


def _numbered(catalog: Catalog) -> tuple[int, Catalog]:
    return catalog.next_oid, replace(catalog, next_oid=catalog.next_oid + 1)


def _relation_exists(catalog: Catalog, name: Name) -> bool:
    """Tables, views, indexes, sequences and composite types share one space of names."""
    if name in catalog.tables or name in catalog.index_map or name in catalog.sequences:
        return True
    user_type = catalog.types.get(name)
    return user_type is not None and user_type.kind == "composite"


def _choose_relation(catalog: Catalog, table: Name, columns: str | None, label: str, *, constraint: bool) -> str:
    def taken(chosen: str) -> bool:
        name = Name(chosen, table.schema)
        return _relation_exists(catalog, name) or (constraint and name in catalog.constraint_names)

    return names.choose(table.name, columns, label, taken)


def _choose_constraint(catalog: Catalog, table: Name, columns: str | None, label: str) -> str:
    return names.choose(
        table.name, columns, label, lambda chosen: Name(chosen, table.schema) in catalog.constraint_names
    )


def _family(catalog: Catalog, name: Name) -> Iterator[Table]:
    """A table and all that are partitions of it or inherit from it, at any depth."""
    yield catalog.tables[name]
    for child in catalog.children.get(name, ()):
        yield from _family(catalog, child)


def _renamed_key(items: dict[str, Any], old: str, new: str, value: Any) -> dict[str, Any]:
    return {new if key == old else key: value if key == old else item for key, item in items.items()}


# Tables


@_changes(actions.CreateTable)
def create_table(catalog: Catalog, action: actions.CreateTable) -> Catalog:
    temporary = action.temporary or action.relation.schema == TEMPORARY
    name = Name(action.relation.name, TEMPORARY) if temporary else catalog.qualify(action.relation)
    if _relation_exists(catalog, name):
        return catalog
    parents = (action.partition_of,) if action.partition_of else action.inherits
    known = [parent for parent in map(catalog.table, parents) if parent is not None]
    if action.partition_of and not known:
        return catalog
    oid, catalog = _numbered(catalog)
    table = Table(
        oid=oid,
        name=name,
        kind="foreign table" if action.foreign else "partitioned table" if action.partition_by else "table",
        columns={column.name: _inherited(column) for parent in known for column in parent.columns.values()},
        partition_of=known[0].name if action.partition_of else None,
        default_partition=action.default_partition,
        inherits=() if action.partition_of else tuple(parent.name for parent in known),
        temporary=temporary,
        reads=tuple(map(catalog.locate, action.reads)),
    )
    catalog = _store(catalog, None, table)
    for parent in known:
        for constraint in parent.constraints.values():
            inherited = constraint.kind in (ConstraintKind.CHECK, ConstraintKind.NOT_NULL)
            if inherited and not constraint.no_inherit and constraint.name not in catalog.tables[name].constraints:
                catalog = _add_constraint(catalog, name, constraint)
    for liked in action.like:
        catalog = _like(catalog, name, liked, frozenset(action.like_including))
    for column in action.columns:
        catalog = _add_column(catalog, name, column)
    catalog = _add_written(catalog, name, [*_inline(action.columns), *action.constraints])
    return _adopt(catalog, known[0].name, name) if action.partition_of else catalog


def _inline(columns: Iterable[ColumnDefinition]) -> Iterator[Constraint]:
    return (constraint for column in columns for constraint in column.constraints)


def _inherited(column: Column) -> Column:
    return replace(column, identity=None) if column.identity else column


_ORDER = {
    ConstraintKind.CHECK: 0,
    ConstraintKind.NOT_NULL: 0,
    ConstraintKind.PRIMARY_KEY: 1,
    ConstraintKind.UNIQUE: 2,
    ConstraintKind.EXCLUDE: 2,
    ConstraintKind.FOREIGN_KEY: 3,
}
"""In which CREATE TABLE and ADD COLUMN make constraints; it decides who gets a chosen name first."""


def _add_written(catalog: Catalog, table: Name, written: list[Constraint]) -> Catalog:
    """Constraints of one CREATE TABLE or ADD COLUMN; PostgreSQL makes one index of two that are alike."""
    made: list[Constraint] = []
    for constraint in sorted(written, key=lambda item: _ORDER[item.kind]):
        if constraint.kind is ConstraintKind.UNIQUE:
            twin = next((other for other in made if _same_index(constraint, other)), None)
            if twin is not None and (constraint.name is None or twin.name == constraint.name):
                continue
        made.append(constraint)
        catalog = _add_constraint(catalog, table, constraint)
    return catalog


def _same_index(one: Constraint, other: Constraint) -> bool:
    if other.kind not in (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE):
        return False
    return replace(one, kind=other.kind, name=other.name) == other


def _like(catalog: Catalog, name: Name, liked: Name, including: frozenset[str]) -> Catalog:
    """``LIKE``; its columns come before those that stand beside it."""
    source = catalog.table(liked)
    if source is None:
        return catalog
    columns = {}
    for column in source.columns.values():
        generated = "generated" in including
        columns[column.name] = replace(
            column,
            default=column.default if "defaults" in including else None,
            identity=None,
            generated=column.generated if generated else None,
            expression=column.expression if generated else None,
        )
    table = catalog.tables[name]
    catalog = _store(catalog, table, replace(table, columns={**table.columns, **columns}))
    if "identity" in including:
        for column in source.columns.values():
            if column.identity:
                catalog = _add_identity(catalog, name, column.name, column.identity)
    if "constraints" in including:
        for constraint in source.constraints.values():
            if constraint.kind is ConstraintKind.CHECK:
                catalog = _add_constraint(catalog, name, constraint)
    if "indexes" in including:
        for index in catalog.indexes(source.name):
            catalog = _clone_index(catalog, index, source, name, parent=None)
    return catalog


@_changes(actions.DropTable)
def drop_table(catalog: Catalog, action: actions.DropTable) -> Catalog:
    table = catalog.table(action.relation)
    return catalog if table is None else _drop_table(catalog, table, cascade=action.cascade)


@_changes(actions.DropView)
def drop_view(catalog: Catalog, action: actions.DropView) -> Catalog:
    table = catalog.table(action.relation)
    return catalog if table is None else _drop_table(catalog, table, cascade=action.cascade)


def _drop_table(catalog: Catalog, table: Table, *, cascade: bool) -> Catalog:
    for referrer, constraint in catalog.referencing(table.name):
        if referrer.name != table.name:
            catalog = _drop_constraint(catalog, referrer.name, constraint)
    if cascade:
        for view in catalog.views_reading(table.name):
            if view.name in catalog.tables:
                catalog = _drop_table(catalog, view, cascade=True)
    for child in tuple(catalog.partitions(table.name)):
        if child.name in catalog.tables:
            catalog = _drop_table(catalog, child, cascade=cascade)
    table = catalog.tables[table.name]
    index_map = catalog.index_map
    for index in table.indexes:
        index_map = index_map.remove(Name(index, table.name.schema))
    for sequence in catalog.sequences_of(table.name):
        catalog = _store_sequence(catalog, sequence, None)
    return _store(replace(catalog, index_map=index_map), table, None)


@_changes(actions.RenameTable)
def rename_table(catalog: Catalog, action: actions.RenameTable) -> Catalog:
    table = catalog.table(action.relation)
    if table is None:
        # ALTER TABLE also renames indexes and sequences.
        if index := catalog.index(action.relation):
            return _rename_index(catalog, index, action.new_name)
        if sequence := catalog.sequence(action.relation):
            return _move_sequence(catalog, sequence, Name(action.new_name, sequence.name.schema))
        return catalog
    return _move_table(catalog, table, Name(action.new_name, table.name.schema))


def _move_table(catalog: Catalog, table: Table, new: Name) -> Catalog:
    """Give a table another name or schema; constraints and indexes keep their names."""
    old = table.name
    if old == new or _relation_exists(catalog, new):
        return catalog
    referring = catalog.referencing(old)
    children = tuple(catalog.partitions(old))
    views = catalog.views_reading(old)
    sequences = catalog.sequences_of(old)
    catalog = _store(catalog, table, replace(table, name=new))
    for index in map(catalog.index_map.__getitem__, [Name(name, old.schema) for name in table.indexes]):
        moved = replace(index, name=Name(index.name.name, new.schema), relation=new)
        index_map = catalog.index_map.remove(index.name).insert(moved.name, moved)
        for child in children if index.name != moved.name else ():
            for part in (index_map[Name(name, child.name.schema)] for name in child.indexes):
                if part.parent == index.name:
                    index_map = index_map.insert(part.name, replace(part, parent=moved.name))
        catalog = replace(catalog, index_map=index_map)
    for referrer_name, constraint in [(referrer.name, constraint) for referrer, constraint in referring]:
        referrer = catalog.tables[new if referrer_name == old else referrer_name]
        assert constraint.name is not None
        constraints = {**referrer.constraints, constraint.name: replace(constraint, references=new)}
        catalog = _store(catalog, referrer, replace(referrer, constraints=constraints))
    for child in children:
        child = catalog.tables[child.name]
        catalog = _store(
            catalog,
            child,
            replace(
                child,
                partition_of=new if child.partition_of == old else child.partition_of,
                inherits=tuple(new if parent == old else parent for parent in child.inherits),
            ),
        )
    for view in views:
        view = catalog.tables[view.name]
        catalog = _store(catalog, view, replace(view, reads=tuple(new if read == old else read for read in view.reads)))
    for sequence in sequences:
        assert sequence.owned_by is not None
        owned = replace(sequence, name=Name(sequence.name.name, new.schema), owned_by=(new, sequence.owned_by[1]))
        catalog = _store_sequence(catalog, sequence, owned)
    return catalog


@_changes(actions.SetSchema)
def set_schema(catalog: Catalog, action: actions.SetSchema) -> Catalog:
    if table := catalog.table(action.relation):
        return _move_table(catalog, table, Name(table.name.name, action.schema))
    if sequence := catalog.sequence(action.relation):
        return _move_sequence(catalog, sequence, Name(sequence.name.name, action.schema))
    return catalog


@_changes(actions.AlterTable)
def alter_table(catalog: Catalog, action: actions.AlterTable) -> Catalog:
    table = catalog.table(action.relation)
    parent = catalog.table(action.target) if action.target else None
    if table is None or parent is None:
        return catalog
    if action.command == "AddInherit":
        return _store(catalog, table, replace(table, inherits=(*table.inherits, parent.name)))
    if action.command == "DropInherit":
        inherits = tuple(name for name in table.inherits if name != parent.name)
        return _store(catalog, table, replace(table, inherits=inherits))
    return catalog


# Partitions


@_changes(actions.AttachPartition)
def attach_partition(catalog: Catalog, action: actions.AttachPartition) -> Catalog:
    parent, child = catalog.table(action.relation), catalog.table(action.partition)
    if parent is None or child is None:
        return catalog
    attached = replace(child, partition_of=parent.name, default_partition=action.default)
    return _adopt(_store(catalog, child, attached), parent.name, child.name)


@_changes(actions.DetachPartition)
def detach_partition(catalog: Catalog, action: actions.DetachPartition) -> Catalog:
    child = catalog.table(action.partition)
    if child is None:
        return catalog
    for index in catalog.indexes(child.name):
        catalog = _store_index(catalog, replace(index, parent=None))
    return _store(catalog, child, replace(child, partition_of=None, default_partition=False))


def _adopt(catalog: Catalog, parent_name: Name, child_name: Name) -> Catalog:
    """Give a new partition the indexes, unique constraints and foreign keys of its parent, unless it has equal ones."""
    parent = catalog.tables[parent_name]
    for index in catalog.indexes(parent_name):
        catalog = _child_index(catalog, index, parent, child_name)
    for constraint in parent.constraints.values():
        if constraint.kind is ConstraintKind.FOREIGN_KEY:
            catalog = _child_foreign_key(catalog, constraint, child_name)
    return catalog


def _child_index(catalog: Catalog, index: Index, parent: Table, child_name: Name) -> Catalog:
    for candidate in catalog.indexes(child_name):
        if candidate.parent is None and _alike(candidate, index):
            return _store_index(catalog, replace(candidate, parent=index.name))
    return _clone_index(catalog, index, parent, child_name, parent=index.name)


def _alike(one: Index, other: Index) -> bool:
    return (
        one.keys == other.keys
        and one.include == other.include
        and one.unique == other.unique
        and one.method == other.method
        and one.where == other.where
        and (one.constraint is None) == (other.constraint is None)
    )


def _clone_index(catalog: Catalog, index: Index, source: Table, target: Name, *, parent: Name | None) -> Catalog:
    """An index, or the constraint it belongs to, on another table under a name that PostgreSQL chooses."""
    if index.constraint is not None:
        constraint = replace(source.constraints[index.constraint], name=None, using_index=None)
        return _add_constraint(catalog, target, constraint, parent_index=parent)
    return _create_index(
        catalog,
        target,
        CreateIndex(
            name=None,
            relation=target,
            keys=index.keys,
            include=index.include,
            unique=index.unique,
            method=index.method,
            where=index.where,
            nulls_not_distinct=index.nulls_not_distinct,
        ),
        parent=parent,
    )


def _child_foreign_key(catalog: Catalog, constraint: Constraint, child_name: Name) -> Catalog:
    child = catalog.tables[child_name]
    anonymous = replace(constraint, name=None)
    if any(replace(other, name=None) == anonymous for other in child.constraints.values()):
        return catalog
    if constraint.name in child.constraints:
        return _add_constraint(catalog, child_name, anonymous)
    return _add_constraint(catalog, child_name, constraint)


# Columns


def _add_column(catalog: Catalog, table_name: Name, written: ColumnDefinition) -> Catalog:
    """A column with its sequence, without its constraints."""
    table = catalog.tables[table_name]
    serial = _SERIAL_TYPES.get(written.type.name.name) if written.type.name.schema is None else None
    default = written.default
    if serial is not None:
        chosen = _choose_relation(catalog, table_name, written.name, "seq", constraint=False)
        sequence = Name(chosen, table_name.schema)
        catalog = _store_sequence(catalog, None, Sequence(name=sequence, owned_by=(table_name, written.name)))
        default = Expression(f"nextval('{catalog.display(sequence)}'::regclass)", functions=(Name("nextval"),))
    inherited = table.columns.get(written.name)
    column = Column(
        name=written.name,
        type=Type(Name(serial)) if serial else written.type,
        not_null=written.not_null or serial is not None or (inherited is not None and inherited.not_null),
        default=_default(default) or (inherited.default if inherited else None),
        generated=written.generated,
        expression=written.expression,
        collation=written.collation,
    )
    catalog = _store(catalog, table, replace(table, columns={**table.columns, written.name: column}))
    if written.identity:
        catalog = _add_identity(catalog, table_name, written.name, written.identity)
    return catalog


def _default(written: Expression | None) -> Expression | None:
    """DEFAULT NULL is no default to PostgreSQL."""
    return None if written is not None and written.null else written


def _add_identity(
    catalog: Catalog, table_name: Name, column: str, identity: Literal["always", "by default"]
) -> Catalog:
    chosen = _choose_relation(catalog, table_name, column, "seq", constraint=False)
    sequence = Sequence(name=Name(chosen, table_name.schema), owned_by=(table_name, column), identity=True)
    return _edit_column(_store_sequence(catalog, None, sequence), table_name, column, identity=identity, not_null=True)


def _edit_column(catalog: Catalog, table_name: Name, column: str, **changes: Any) -> Catalog:
    table = catalog.tables[table_name]
    if column not in table.columns:
        return catalog
    columns = {**table.columns, column: replace(table.columns[column], **changes)}
    return _store(catalog, table, replace(table, columns=columns))


def _edit_columns(catalog: Catalog, relation: Name, column: str, **changes: Any) -> Catalog:
    """Change a column of a table and of its descendants."""
    table = catalog.table(relation)
    for member in tuple(_family(catalog, table.name)) if table else ():
        catalog = _edit_column(catalog, member.name, column, **changes)
    return catalog


@_changes(actions.AddColumn)
def add_column(catalog: Catalog, action: actions.AddColumn) -> Catalog:
    table = catalog.table(action.relation)
    written = action.column
    if table is None or written.name in table.columns:
        return catalog
    catalog = _add_column(catalog, table.name, written)
    added = _inherited(catalog.tables[table.name].columns[written.name])
    for child in tuple(_family(catalog, table.name))[1:]:
        if written.name not in child.columns:
            child = catalog.tables[child.name]
            catalog = _store(catalog, child, replace(child, columns={**child.columns, written.name: added}))
    return _add_written(catalog, table.name, list(written.constraints))


@_changes(actions.DropColumn)
def drop_column(catalog: Catalog, action: actions.DropColumn) -> Catalog:
    table = catalog.table(action.relation)
    for member in tuple(_family(catalog, table.name)) if table else ():
        if action.column in member.columns:
            catalog = _drop_column(catalog, member.name, action.column, cascade=action.cascade)
    return catalog


def _drop_column(catalog: Catalog, table_name: Name, column: str, *, cascade: bool) -> Catalog:
    """Drop a column with all indexes and constraints that involve it."""
    for index in catalog.indexes(table_name):
        if index.involves(column):
            catalog = _drop_index(catalog, index)
    for constraint in catalog.tables[table_name].constraints_on(column):
        if constraint.kind not in _INDEX_LABELS:
            catalog = _drop_constraint(catalog, table_name, constraint)
    for referrer, constraint in catalog.referencing(table_name):
        if column in constraint.referenced_columns:
            catalog = _drop_constraint(catalog, referrer.name, constraint)
    for sequence in catalog.sequences_of(table_name):
        if sequence.owned_by == (table_name, column):
            catalog = _store_sequence(catalog, sequence, None)
    table = catalog.tables[table_name]
    columns = {name: kept for name, kept in table.columns.items() if name != column}
    catalog = _store(catalog, table, replace(table, columns=columns))
    if cascade:
        for kept in columns.values():
            if kept.expression is not None and column in kept.expression.columns:
                catalog = _drop_column(catalog, table_name, kept.name, cascade=True)
    return catalog


@_changes(actions.RenameColumn)
def rename_column(catalog: Catalog, action: actions.RenameColumn) -> Catalog:
    table = catalog.table(action.relation)
    for member in tuple(_family(catalog, table.name)) if table else ():
        if action.column in member.columns and action.new_name not in member.columns:
            catalog = _rename_column(catalog, member.name, action.column, action.new_name)
    return catalog


def _rename_column(catalog: Catalog, table_name: Name, old: str, new: str) -> Catalog:
    table = catalog.tables[table_name]
    columns = _renamed_key(table.columns, old, new, replace(table.columns[old], name=new))
    for column in columns.values():
        if column.expression is not None:
            columns[column.name] = replace(column, expression=_in_expression(column.expression, old, new))
    constraints = {name: _in_constraint(item, old, new) for name, item in table.constraints.items()}
    catalog = _store(catalog, table, replace(table, columns=columns, constraints=constraints))
    index_map = catalog.index_map
    for index in catalog.indexes(table_name):
        if index.involves(old):
            index_map = index_map.insert(index.name, _in_index(index, old, new))
    catalog = replace(catalog, index_map=index_map)
    for sequence in catalog.sequences_of(table_name):
        if sequence.owned_by == (table_name, old):
            catalog = _store_sequence(catalog, sequence, replace(sequence, owned_by=(table_name, new)))
    for referrer_name, constraint in [(item.name, fk) for item, fk in catalog.referencing(table_name)]:
        if old in constraint.referenced_columns:
            referrer = catalog.tables[referrer_name]
            assert constraint.name is not None
            changed = replace(constraint, referenced_columns=_in_names(constraint.referenced_columns, old, new))
            catalog = _store(
                catalog, referrer, replace(referrer, constraints={**referrer.constraints, constraint.name: changed})
            )
    return catalog


def _in_names(columns: tuple[str, ...], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if column == old else column for column in columns)


def _in_expression(expression: Expression, old: str, new: str) -> Expression:
    """The columns of the expression; its text stays as it was written."""
    return replace(
        expression,
        columns=_in_names(expression.columns, old, new),
        not_null=_in_names(expression.not_null, old, new),
    )


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


@_changes(actions.AlterColumnType)
def alter_column_type(catalog: Catalog, action: actions.AlterColumnType) -> Catalog:
    return _edit_columns(catalog, action.relation, action.column, type=action.type, collation=action.collation)


@_changes(actions.SetNotNull)
def set_not_null(catalog: Catalog, action: actions.SetNotNull) -> Catalog:
    return _edit_columns(catalog, action.relation, action.column, not_null=True)


@_changes(actions.DropNotNull)
def drop_not_null(catalog: Catalog, action: actions.DropNotNull) -> Catalog:
    table = catalog.table(action.relation)
    for member in tuple(_family(catalog, table.name)) if table else ():
        for constraint in member.constraints_on(action.column):
            if constraint.kind is ConstraintKind.NOT_NULL:
                catalog = _drop_constraint(catalog, member.name, constraint)
    return _edit_columns(catalog, action.relation, action.column, not_null=False)


@_changes(actions.SetDefault)
def set_default(catalog: Catalog, action: actions.SetDefault) -> Catalog:
    return _edit_columns(catalog, action.relation, action.column, default=_default(action.default))


@_changes(actions.DropDefault)
def drop_default(catalog: Catalog, action: actions.DropDefault) -> Catalog:
    return _edit_columns(catalog, action.relation, action.column, default=None)


@_changes(actions.AlterIdentity)
def alter_identity(catalog: Catalog, action: actions.AlterIdentity) -> Catalog:
    table = catalog.table(action.relation)
    column = table.columns.get(action.column) if table else None
    if table is None or column is None:
        return catalog
    if action.change == "add":
        if column.identity is not None or action.identity is None:
            return catalog
        return _add_identity(catalog, table.name, column.name, action.identity)
    if column.identity is None:
        return catalog
    if action.change == "set":
        identity = action.identity or column.identity
        return _edit_column(catalog, table.name, column.name, identity=identity)
    for sequence in catalog.sequences_of(table.name):
        if sequence.identity and sequence.owned_by == (table.name, column.name):
            catalog = _store_sequence(catalog, sequence, None)
    return _edit_column(catalog, table.name, column.name, identity=None)


@_changes(actions.AlterGenerated)
def alter_generated(catalog: Catalog, action: actions.AlterGenerated) -> Catalog:
    if action.expression is not None:
        return _edit_columns(catalog, action.relation, action.column, expression=action.expression)
    return _edit_columns(catalog, action.relation, action.column, generated=None, expression=None)


# Constraints


@_changes(actions.AddConstraint)
def add_constraint(catalog: Catalog, action: actions.AddConstraint) -> Catalog:
    table = catalog.table(action.relation)
    constraint = action.constraint
    if table is None or (constraint.name is not None and constraint.name in table.constraints):
        return catalog
    return _add_constraint(catalog, table.name, constraint, only=action.only)


def _add_constraint(
    catalog: Catalog,
    table_name: Name,
    constraint: Constraint,
    *,
    only: bool = False,
    parent_index: Name | None = None,
) -> Catalog:
    """Add a constraint under its name or one that PostgreSQL would choose, with its index, and to all descendants."""
    if constraint.kind in _INDEX_LABELS:
        return _add_index_constraint(catalog, table_name, constraint, only=only, parent_index=parent_index)
    children = () if only else tuple(catalog.partitions(table_name))
    if constraint.kind is ConstraintKind.FOREIGN_KEY:
        catalog, foreign_key = _add_foreign_key(catalog, table_name, constraint)
        for child in children:
            if child.partition_of == table_name:
                catalog = _child_foreign_key(catalog, foreign_key, child.name)
        return catalog
    added: Constraint | None
    if constraint.kind is ConstraintKind.NOT_NULL:
        catalog = _edit_column(catalog, table_name, constraint.columns[0], not_null=True)
        added = constraint if constraint.name else None
    else:
        column = constraint.columns[0] if len(constraint.columns) == 1 else None
        name = constraint.name or _choose_constraint(catalog, table_name, column, "check")
        added = replace(constraint, name=name)
    if added is not None:
        catalog = _keep(catalog, table_name, added)
    for child in children:
        if not constraint.no_inherit and (added is None or added.name not in child.constraints):
            catalog = _add_constraint(catalog, child.name, added or constraint)
    return catalog


def _keep(catalog: Catalog, table_name: Name, constraint: Constraint) -> Catalog:
    table = catalog.tables[table_name]
    assert constraint.name is not None
    return _store(catalog, table, replace(table, constraints={**table.constraints, constraint.name: constraint}))


def _add_foreign_key(catalog: Catalog, table_name: Name, constraint: Constraint) -> tuple[Catalog, Constraint]:
    assert constraint.references is not None
    target = catalog.locate(constraint.references)
    referenced = constraint.referenced_columns
    if not referenced and target in catalog.tables and (key := catalog.tables[target].primary_key):
        referenced = key.columns
    name = constraint.name or _choose_constraint(catalog, table_name, names.joined(constraint.columns), "fkey")
    added = replace(constraint, name=name, references=target, referenced_columns=referenced)
    return _keep(catalog, table_name, added), added


def _add_index_constraint(
    catalog: Catalog, table_name: Name, constraint: Constraint, *, only: bool, parent_index: Name | None
) -> Catalog:
    primary = constraint.kind is ConstraintKind.PRIMARY_KEY
    if constraint.using_index is not None:
        index = catalog.index(Name(constraint.using_index, table_name.schema))
        if index is None or index.relation != table_name:
            return catalog
        name = constraint.name or index.name.name
        catalog = _rename_index(catalog, index, name)
        index = catalog.index_map[Name(name, table_name.schema)]
        columns = tuple(column for column in index.columns if column is not None)
        catalog = _store_index(catalog, replace(index, constraint=name, primary=primary))
        constraint = replace(
            constraint, columns=columns, include=index.include, nulls_not_distinct=index.nulls_not_distinct
        )
    else:
        keys = constraint.keys or tuple(IndexKey(column) for column in constraint.columns)
        all_columns = None if primary else names.joined(names.key_columns(keys, constraint.include))
        name = constraint.name or _choose_relation(
            catalog, table_name, all_columns, _INDEX_LABELS[constraint.kind], constraint=True
        )
        if _relation_exists(catalog, Name(name, table_name.schema)):
            return catalog
        oid, catalog = _numbered(catalog)
        catalog = _store_index(
            catalog,
            Index(
                oid=oid,
                name=Name(name, table_name.schema),
                relation=table_name,
                keys=keys,
                include=constraint.include,
                unique=constraint.kind is not ConstraintKind.EXCLUDE,
                primary=primary,
                valid=not (only and any(catalog.partitions(table_name))),
                method=constraint.method or ("gist" if constraint.without_overlaps else "btree"),
                where=constraint.where,
                nulls_not_distinct=constraint.nulls_not_distinct,
                constraint=name,
                parent=parent_index,
            ),
        )
    catalog = _keep(catalog, table_name, replace(constraint, name=name))
    if primary:
        for column in constraint.columns:
            catalog = _edit_columns(catalog, table_name, column, not_null=True)
    return catalog if only else _index_partitions(catalog, catalog.index_map[Name(name, table_name.schema)])


@_changes(actions.ValidateConstraint)
def validate_constraint(catalog: Catalog, action: actions.ValidateConstraint) -> Catalog:
    return _edit_constraints(catalog, action.relation, action.name, valid=True)


@_changes(actions.AlterConstraint)
def alter_constraint(catalog: Catalog, action: actions.AlterConstraint) -> Catalog:
    changes = {
        "deferrable": action.deferrable,
        "initially_deferred": action.initially_deferred,
        "enforced": action.enforced,
        # ENFORCED checks the rows, NOT ENFORCED forgets that it did.
        "valid": action.enforced,
    }
    written = {name: value for name, value in changes.items() if value is not None}
    return _edit_constraints(catalog, action.relation, action.name, **written)


def _edit_constraints(catalog: Catalog, relation: Name, name: str, **changes: bool) -> Catalog:
    table = catalog.table(relation)
    for member in tuple(_family(catalog, table.name)) if table else ():
        if name in member.constraints:
            catalog = _keep(catalog, member.name, replace(member.constraints[name], **changes))
    return catalog


@_changes(actions.DropConstraint)
def drop_constraint(catalog: Catalog, action: actions.DropConstraint) -> Catalog:
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table else None
    if table is None or constraint is None:
        return catalog
    if action.cascade and constraint.kind in (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE):
        for referrer, foreign_key in catalog.referencing(table.name):
            if set(foreign_key.referenced_columns) == set(constraint.columns):
                catalog = _drop_constraint(catalog, referrer.name, foreign_key)
    return _drop_constraint(catalog, table.name, constraint)


def _drop_constraint(catalog: Catalog, table_name: Name, constraint: Constraint) -> Catalog:
    table = catalog.tables[table_name]
    if constraint.name not in table.constraints:
        return catalog
    constraints = {name: kept for name, kept in table.constraints.items() if name != constraint.name}
    catalog = _store(catalog, table, replace(table, constraints=constraints))
    if constraint.kind in _INDEX_LABELS:
        return _drop_index(catalog, catalog.index_map[Name(constraint.name, table_name.schema)])
    if constraint.kind is ConstraintKind.NOT_NULL:
        catalog = _edit_column(catalog, table_name, constraint.columns[0], not_null=False)
    for child in tuple(catalog.partitions(table_name)):
        if constraint.name in child.constraints and not constraint.no_inherit:
            inherited = child.constraints[constraint.name]
            if inherited.kind is constraint.kind:
                catalog = _drop_constraint(catalog, child.name, inherited)
    return catalog


@_changes(actions.RenameConstraint)
def rename_constraint(catalog: Catalog, action: actions.RenameConstraint) -> Catalog:
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table else None
    if table is None or constraint is None:
        return catalog
    if constraint.kind in _INDEX_LABELS:
        return _rename_index(catalog, catalog.index_map[Name(action.name, table.name.schema)], action.new_name)
    inherited = constraint.kind is not ConstraintKind.FOREIGN_KEY and not constraint.no_inherit
    for member in tuple(_family(catalog, table.name)) if inherited else (table,):
        if action.name in member.constraints:
            catalog = _rename_constraint(catalog, member.name, action.name, action.new_name)
    return catalog


def _rename_constraint(catalog: Catalog, table_name: Name, old: str, new: str) -> Catalog:
    table = catalog.tables[table_name]
    constraints = _renamed_key(table.constraints, old, new, replace(table.constraints[old], name=new))
    return _store(catalog, table, replace(table, constraints=constraints))


# Indexes


@_changes(CreateIndex)
def create_index(catalog: Catalog, action: CreateIndex) -> Catalog:
    table = catalog.table(action.relation)
    return catalog if table is None else _create_index(catalog, table.name, action)


def _create_index(catalog: Catalog, table_name: Name, action: CreateIndex, *, parent: Name | None = None) -> Catalog:
    chosen = action.name or _choose_relation(
        catalog,
        table_name,
        names.joined(names.key_columns(action.keys, action.include)),
        "idx",
        constraint=False,
    )
    name = Name(chosen, table_name.schema)
    if _relation_exists(catalog, name):
        return catalog
    oid, catalog = _numbered(catalog)
    index = Index(
        oid=oid,
        name=name,
        relation=table_name,
        keys=action.keys,
        include=action.include,
        unique=action.unique,
        valid=not (action.only and any(catalog.partitions(table_name))),
        method=action.method,
        where=action.where,
        nulls_not_distinct=action.nulls_not_distinct,
        parent=parent,
    )
    catalog = _store_index(catalog, index)
    return catalog if action.only else _index_partitions(catalog, index)


def _index_partitions(catalog: Catalog, index: Index) -> Catalog:
    table = catalog.tables[index.relation]
    if table.kind == "partitioned table":
        for child in tuple(catalog.partitions(index.relation)):
            catalog = _child_index(catalog, index, table, child.name)
    return catalog


@_changes(actions.DropIndex)
def drop_index(catalog: Catalog, action: actions.DropIndex) -> Catalog:
    index = catalog.index(action.index)
    return catalog if index is None or index.constraint is not None else _drop_index(catalog, index)


def _drop_index(catalog: Catalog, index: Index) -> Catalog:
    """Drop an index, the constraint that it belongs to, and those of partitions that are part of it."""
    if index.name not in catalog.index_map:
        return catalog
    catalog = replace(catalog, index_map=catalog.index_map.remove(index.name))
    table = catalog.tables[index.relation]
    constraints = {name: kept for name, kept in table.constraints.items() if name != index.constraint}
    indexes = tuple(name for name in table.indexes if name != index.name.name)
    catalog = _store(catalog, table, replace(table, indexes=indexes, constraints=constraints))
    for child in tuple(catalog.partitions(index.relation)):
        for part in catalog.indexes(child.name):
            if part.parent == index.name:
                catalog = _drop_index(catalog, part)
    return catalog


@_changes(actions.RenameIndex)
def rename_index(catalog: Catalog, action: actions.RenameIndex) -> Catalog:
    index = catalog.index(action.index)
    if index is None:
        table = catalog.table(action.index)
        # ALTER INDEX also renames tables.
        return catalog if table is None else _move_table(catalog, table, Name(action.new_name, table.name.schema))
    return _rename_index(catalog, index, action.new_name)


def _rename_index(catalog: Catalog, index: Index, new_name: str) -> Catalog:
    """Rename an index and the constraint that it belongs to."""
    old, new = index.name, Name(new_name, index.name.schema)
    if old == new or _relation_exists(catalog, new):
        return catalog
    constraint = new_name if index.constraint is not None else None
    renamed = replace(index, name=new, constraint=constraint)
    index_map = catalog.index_map.remove(old).insert(new, renamed)
    table = catalog.tables[index.relation]
    for child in catalog.partitions(table.name):
        for part in catalog.indexes(child.name):
            if part.parent == old:
                index_map = index_map.insert(part.name, replace(part, parent=new))
    catalog = replace(catalog, index_map=index_map)
    indexes = tuple(new_name if name == old.name else name for name in table.indexes)
    catalog = _store(catalog, table, replace(table, indexes=indexes))
    if index.constraint is None:
        return catalog
    return _rename_constraint(catalog, table.name, index.constraint, new_name)


@_changes(actions.AlterIndex)
def alter_index(catalog: Catalog, action: actions.AlterIndex) -> Catalog:
    index = catalog.index(action.index)
    child = catalog.index(action.child) if action.child else None
    if index is None or child is None or action.command != "AttachPartition":
        return catalog
    catalog = _store_index(catalog, replace(child, parent=index.name))
    parts = [part for table in catalog.partitions(index.relation) for part in catalog.indexes(table.name)]
    attached = {part.relation for part in parts if part.parent == index.name and part.valid}
    complete = all(table.name in attached for table in catalog.partitions(index.relation))
    return _store_index(catalog, replace(index, valid=complete)) if complete else catalog


@_changes(actions.Reindex)
def reindex(catalog: Catalog, action: actions.Reindex) -> Catalog:
    index = catalog.index(action.target) if action.kind == "index" and action.target else None
    if index is None or catalog.tables[index.relation].kind == "partitioned table":
        return catalog
    return _store_index(catalog, replace(index, valid=True))


# Sequences


@_changes(actions.CreateSequence)
def create_sequence(catalog: Catalog, action: actions.CreateSequence) -> Catalog:
    name = catalog.qualify(action.sequence)
    if _relation_exists(catalog, name):
        return catalog
    return _store_sequence(catalog, None, Sequence(name=name, owned_by=_owner(catalog, action.owned_by)))


def _owner(catalog: Catalog, owned_by: tuple[Name, str] | None) -> tuple[Name, str] | None:
    return (catalog.locate(owned_by[0]), owned_by[1]) if owned_by else None


@_changes(actions.AlterSequence)
def alter_sequence(catalog: Catalog, action: actions.AlterSequence) -> Catalog:
    sequence = catalog.sequence(action.sequence)
    if sequence is None or not (action.owned_by or action.disowned):
        return catalog
    return _store_sequence(catalog, sequence, replace(sequence, owned_by=_owner(catalog, action.owned_by)))


@_changes(actions.DropSequence)
def drop_sequence(catalog: Catalog, action: actions.DropSequence) -> Catalog:
    sequence = catalog.sequence(action.sequence)
    if sequence is None:
        return catalog
    catalog = _store_sequence(catalog, sequence, None)
    if action.cascade and sequence.owned_by and sequence.owned_by[0] in catalog.tables:
        # The default that takes its values goes away too.
        return _edit_column(catalog, *sequence.owned_by, default=None)
    return catalog


def _move_sequence(catalog: Catalog, sequence: Sequence, new: Name) -> Catalog:
    if _relation_exists(catalog, new):
        return catalog
    return _store_sequence(catalog, sequence, replace(sequence, name=new))


# Views, types, functions, triggers


@_changes(actions.CreateView)
def create_view(catalog: Catalog, action: actions.CreateView) -> Catalog:
    name = catalog.qualify(action.relation)
    reads = tuple(map(catalog.locate, action.reads))
    existing = catalog.tables.get(name)
    if existing is not None and action.replace:
        return _store(catalog, existing, replace(existing, reads=reads))
    if _relation_exists(catalog, name):
        return catalog
    oid, catalog = _numbered(catalog)
    kind: Literal["view", "materialized view"] = "materialized view" if action.materialized else "view"
    return _store(catalog, None, Table(oid=oid, name=name, kind=kind, reads=reads))


@_changes(actions.CreateType)
def create_type(catalog: Catalog, action: actions.CreateType) -> Catalog:
    return _add_type(catalog, UserType(name=catalog.qualify(action.type), kind=action.kind, labels=action.labels))


def _add_type(catalog: Catalog, user_type: UserType) -> Catalog:
    if user_type.name in catalog.types:
        return catalog
    return replace(catalog, types=catalog.types.insert(user_type.name, user_type))


@_changes(actions.AlterEnum)
def alter_enum(catalog: Catalog, action: actions.AlterEnum) -> Catalog:
    enum = catalog.user_type(action.type)
    if enum is None or action.label in enum.labels:
        return catalog
    if action.old is None:
        labels = (*enum.labels, action.label)
    else:
        labels = tuple(action.label if label == action.old else label for label in enum.labels)
    return replace(catalog, types=catalog.types.insert(enum.name, replace(enum, labels=labels)))


@_changes(actions.CreateDomain)
def create_domain(catalog: Catalog, action: actions.CreateDomain) -> Catalog:
    domain = UserType(
        name=catalog.qualify(action.domain),
        kind="domain",
        base=action.type,
        not_null=action.not_null,
        default=action.default,
    )
    for constraint in action.constraints:
        domain = _constrained(catalog, domain, constraint)
    return _add_type(catalog, domain)


def _constrained(catalog: Catalog, domain: UserType, constraint: Constraint) -> UserType:
    if constraint.kind is ConstraintKind.NOT_NULL:
        return replace(domain, not_null=True)

    def taken(name: str) -> bool:
        return name in domain.constraints or Name(name, domain.name.schema) in catalog.constraint_names

    name = constraint.name or names.choose(domain.name.name, None, "check", taken)
    return replace(domain, constraints={**domain.constraints, name: replace(constraint, name=name)})


@_changes(actions.AlterDomain)
def alter_domain(catalog: Catalog, action: actions.AlterDomain) -> Catalog:
    domain = catalog.user_type(action.domain)
    if domain is None:
        return catalog
    if action.change == "add constraint" and action.constraint:
        changed = _constrained(catalog, domain, action.constraint)
    elif action.change == "drop constraint":
        kept = {name: item for name, item in domain.constraints.items() if name != action.name}
        changed = replace(domain, constraints=kept)
    elif action.change == "validate" and action.name in domain.constraints:
        valid = replace(domain.constraints[action.name], valid=True)
        changed = replace(domain, constraints={**domain.constraints, action.name: valid})
    elif action.change in ("set not null", "drop not null"):
        changed = replace(domain, not_null=action.change == "set not null")
    else:
        return catalog
    return replace(catalog, types=catalog.types.insert(domain.name, changed))


@_changes(actions.CreateFunction)
def create_function(catalog: Catalog, action: actions.CreateFunction) -> Catalog:
    name = catalog.qualify(action.function)
    function = Function(name=name, volatility=action.volatility, language=action.language)
    return replace(catalog, functions=catalog.functions.insert(name, function))


@_changes(actions.CreateTrigger)
def create_trigger(catalog: Catalog, action: actions.CreateTrigger) -> Catalog:
    table = catalog.table(action.relation)
    if table is None:
        return catalog
    return _store(catalog, table, replace(table, triggers=table.triggers | {action.name}))


@_changes(actions.DropTrigger)
def drop_trigger(catalog: Catalog, action: actions.DropTrigger) -> Catalog:
    table = catalog.table(action.relation)
    if table is None:
        return catalog
    return _store(catalog, table, replace(table, triggers=table.triggers - {action.name}))


# Schemas, extensions, objects of any kind


@_changes(actions.CreateSchema)
def create_schema(catalog: Catalog, action: actions.CreateSchema) -> Catalog:
    return replace(catalog, schemas=catalog.schemas.insert(action.schema))


@_changes(actions.CreateExtension)
def create_extension(catalog: Catalog, action: actions.CreateExtension) -> Catalog:
    return replace(catalog, extensions=catalog.extensions.insert(action.extension))


@_changes(actions.DropObject)
def drop_object(catalog: Catalog, action: actions.DropObject) -> Catalog:
    if action.kind == "schema":
        return _drop_schema(catalog, action)
    if action.kind == "extension":
        return replace(catalog, extensions=catalog.extensions.discard(action.name.name))
    if action.kind in ("function", "procedure", "routine"):
        function = catalog.function(action.name)
        return replace(catalog, functions=catalog.functions.remove(function.name)) if function else catalog
    if action.kind in ("type", "domain"):
        return _drop_type(catalog, action)
    return catalog


def _drop_type(catalog: Catalog, action: actions.DropObject) -> Catalog:
    user_type = catalog.user_type(action.name)
    if user_type is None:
        return catalog
    for table, column in _columns_of_type(catalog, user_type) if action.cascade else ():
        catalog = _drop_column(catalog, table, column, cascade=True)
    return replace(catalog, types=catalog.types.remove(user_type.name))


def _columns_of_type(catalog: Catalog, user_type: UserType) -> list[tuple[Name, str]]:
    return [
        (table.name, column.name)
        for table in catalog.tables.values()
        for column in table.columns.values()
        if catalog.user_type(column.type.name) == user_type
    ]


def _drop_schema(catalog: Catalog, action: actions.DropObject) -> Catalog:
    schema = action.name.name
    if action.cascade:
        for table in [table for table in catalog.tables.values() if table.name.schema == schema]:
            if table.name in catalog.tables:
                catalog = _drop_table(catalog, table, cascade=True)
        for sequence in [sequence for name, sequence in catalog.sequences.items() if name.schema == schema]:
            catalog = _store_sequence(catalog, sequence, None)
        for user_type in [user_type for name, user_type in catalog.types.items() if name.schema == schema]:
            for table_name, column in _columns_of_type(catalog, user_type):
                catalog = _drop_column(catalog, table_name, column, cascade=True)
            catalog = replace(catalog, types=catalog.types.remove(user_type.name))
        for name in [name for name in catalog.functions if name.schema == schema]:
            catalog = replace(catalog, functions=catalog.functions.remove(name))
    return replace(catalog, schemas=catalog.schemas.discard(schema))


@_changes(actions.RenameObject)
def rename_object(catalog: Catalog, action: actions.RenameObject) -> Catalog:
    rename = _RENAMES.get(action.kind)
    return catalog if rename is None else rename(catalog, action)


def _rename_sequence(catalog: Catalog, action: actions.RenameObject) -> Catalog:
    sequence = catalog.sequence(action.name)
    if sequence is None:
        return catalog
    return _move_sequence(catalog, sequence, Name(action.new_name, sequence.name.schema))


def _rename_type(catalog: Catalog, action: actions.RenameObject) -> Catalog:
    user_type = catalog.user_type(action.name)
    if user_type is None:
        return catalog
    new = Name(action.new_name, user_type.name.schema)
    using = _columns_of_type(catalog, user_type)
    types = catalog.types.remove(user_type.name).insert(new, replace(user_type, name=new))
    catalog = replace(catalog, types=types)
    for table, column in using:
        old = catalog.tables[table].columns[column].type
        catalog = _edit_column(catalog, table, column, type=replace(old, name=new))
    return catalog


def _rename_trigger(catalog: Catalog, action: actions.RenameObject) -> Catalog:
    table = catalog.table(action.relation) if action.relation else None
    if table is None or action.name.name not in table.triggers:
        return catalog
    triggers = table.triggers - {action.name.name} | {action.new_name}
    return _store(catalog, table, replace(table, triggers=triggers))


def _rename_schema(catalog: Catalog, action: actions.RenameObject) -> Catalog:
    old, new = action.name.name, action.new_name
    for table in [table for table in catalog.tables.values() if table.name.schema == old]:
        catalog = _move_table(catalog, catalog.tables[table.name], Name(table.name.name, new))
    for sequence in [sequence for name, sequence in catalog.sequences.items() if name.schema == old]:
        catalog = _move_sequence(catalog, sequence, Name(sequence.name.name, new))
    for user_type in [user_type for name, user_type in catalog.types.items() if name.schema == old]:
        moved = replace(user_type, name=Name(user_type.name.name, new))
        catalog = replace(catalog, types=catalog.types.remove(user_type.name).insert(moved.name, moved))
    for function in [function for name, function in catalog.functions.items() if name.schema == old]:
        kept = replace(function, name=Name(function.name.name, new))
        catalog = replace(catalog, functions=catalog.functions.remove(function.name).insert(kept.name, kept))
    return replace(catalog, schemas=catalog.schemas.discard(old).insert(new))


def _rename_function(catalog: Catalog, action: actions.RenameObject) -> Catalog:
    function = catalog.function(action.name)
    if function is None:
        return catalog
    renamed = replace(function, name=Name(action.new_name, function.name.schema))
    return replace(catalog, functions=catalog.functions.remove(function.name).insert(renamed.name, renamed))


_RENAMES: dict[str, Callable[[Catalog, actions.RenameObject], Catalog]] = {
    "sequence": _rename_sequence,
    "type": _rename_type,
    "domain": _rename_type,
    "trigger": _rename_trigger,
    "schema": _rename_schema,
    "function": _rename_function,
    "procedure": _rename_function,
    "routine": _rename_function,
}


# Session and transaction


@_changes(actions.SetVariable)
def set_variable(catalog: Catalog, action: actions.SetVariable) -> Catalog:
    if action.name != "search_path":
        return catalog
    schemas = (part.strip().strip('"') for part in (action.value or "public").split(","))
    # Nothing here tells which role "$user" is; an empty path leaves only names that have their schema.
    path = tuple(schema for schema in schemas if schema and schema != "$user") or ("public",)
    return replace(catalog, search_path=path, session_path=catalog.session_path if action.local else path)


@_changes(actions.Transaction)
def transaction(catalog: Catalog, action: actions.Transaction) -> Catalog:
    if action.command == "begin":
        return replace(catalog, begun=replace(catalog, begun=None))
    if action.command == "rollback" and catalog.begun is not None:
        return catalog.begun
    if action.command in ("commit", "rollback"):
        return replace(catalog, begun=None, search_path=catalog.session_path)
    return catalog
