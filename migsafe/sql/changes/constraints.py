"""Changes of constraints and indexes, which partitions get with their parent."""

from collections.abc import Iterable

from msgspec.structs import replace

from migsafe import actions
from migsafe.actions import Constraint, ConstraintKind, CreateIndex, IndexKey, Name
from migsafe.sql import names
from migsafe.sql.catalog import Catalog, Index, Table, serves_as, tablespace
from migsafe.sql.changes.storage import (
    applies,
    choose_constraint,
    choose_relation,
    column_edited,
    columns_edited,
    constraint_kept,
    index_stored,
    members,
    numbered,
    relation_exists,
    renamed_key,
    stored,
)

INDEX_LABELS = {ConstraintKind.PRIMARY_KEY: "pkey", ConstraintKind.UNIQUE: "key", ConstraintKind.EXCLUDE: "excl"}
_ORDER = {
    ConstraintKind.CHECK: 0,
    ConstraintKind.NOT_NULL: 0,
    ConstraintKind.PRIMARY_KEY: 1,
    ConstraintKind.UNIQUE: 2,
    ConstraintKind.EXCLUDE: 2,
    ConstraintKind.FOREIGN_KEY: 3,
}
"""In which CREATE TABLE and ADD COLUMN make constraints; it decides who gets a chosen name first."""


def constraints_added(catalog: Catalog, table: Name, written: Iterable[Constraint]) -> Catalog:
    """Constraints of one CREATE TABLE or ADD COLUMN; PostgreSQL makes one index of two that are alike."""
    made: list[Constraint] = []
    for constraint in sorted(written, key=lambda item: _ORDER[item.kind]):
        if constraint.kind is ConstraintKind.UNIQUE:
            twin = next((other for other in made if _same_index(constraint, other)), None)
            if twin is not None and (constraint.name is None or twin.name == constraint.name):
                continue
        made.append(constraint)
        catalog = constraint_added(catalog, table, constraint)
    return catalog


def _same_index(one: Constraint, other: Constraint) -> bool:
    if other.kind not in (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE):
        return False
    return replace(one, kind=other.kind, name=other.name) == other


def partition_adopted(catalog: Catalog, parent_name: Name, child_name: Name) -> Catalog:
    """Give a new partition the indexes, unique constraints and foreign keys of its parent, unless it has equal ones."""
    parent = catalog.tables[parent_name]
    for index in catalog.indexes(parent_name):
        catalog = _child_index_added(catalog, index, parent, child_name)
    for constraint in parent.constraints.values():
        if constraint.kind is ConstraintKind.FOREIGN_KEY:
            catalog = _child_foreign_key_added(catalog, constraint, child_name)
    return catalog


def _child_index_added(catalog: Catalog, index: Index, parent: Table, child_name: Name) -> Catalog:
    for candidate in catalog.indexes(child_name):
        if candidate.parent is None and _will_do(candidate, index):
            return index_stored(catalog, replace(candidate, parent=index.name))
    return index_cloned(catalog, index, parent, child_name, parent=index.name)


def _will_do(one: Index, other: Index) -> bool:
    """Whether an index of a partition can be part of one of its parent (``CompareIndexInfo``)."""
    return (
        [replace(key, order="") for key in one.keys] == [replace(key, order="") for key in other.keys]
        and one.include == other.include
        and one.unique == other.unique
        and one.nulls_not_distinct == other.nulls_not_distinct
        and one.method == other.method
        and one.where == other.where
        and (other.constraint is None or one.constraint is not None)
    )


def index_cloned(catalog: Catalog, index: Index, source: Table, target: Name, *, parent: Name | None) -> Catalog:
    """An index, or the constraint it belongs to, on another table under a name that PostgreSQL chooses."""
    if index.constraint is not None:
        constraint = replace(source.constraints[index.constraint], name=None, using_index=None)
        return _index_constraint_added(catalog, target, constraint, parent_index=parent, attributes=index.attributes)
    return _index_created(
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
        attributes=index.attributes,
    )


def _child_foreign_key_added(catalog: Catalog, constraint: Constraint, child_name: Name) -> Catalog:
    child = catalog.tables[child_name]
    if any(serves_as(other, constraint) for other in child.constraints.values()):
        return catalog
    if constraint.name in child.constraints:
        return constraint_added(catalog, child_name, replace(constraint, name=None))
    return constraint_added(catalog, child_name, constraint)


@applies(actions.AddConstraint)
def add_constraint(catalog: Catalog, action: actions.AddConstraint) -> Catalog:
    table = catalog.table(action.relation)
    constraint = action.constraint
    if table is None or (constraint.name is not None and constraint.name in table.constraints):
        return catalog
    return constraint_added(catalog, table.name, constraint, only=action.only)


def constraint_added(
    catalog: Catalog,
    table_name: Name,
    constraint: Constraint,
    *,
    only: bool = False,
) -> Catalog:
    """Add a constraint under its name or one that PostgreSQL would choose, with its index, and to all descendants."""
    if constraint.kind in INDEX_LABELS:
        return _index_constraint_added(catalog, table_name, constraint, only=only)
    children = () if only else tuple(catalog.partitions(table_name))
    if constraint.kind is ConstraintKind.FOREIGN_KEY:
        catalog, foreign_key = _foreign_key_added(catalog, table_name, constraint)
        for child in children:
            if child.partition_of == table_name:
                catalog = _child_foreign_key_added(catalog, foreign_key, child.name)
        return catalog
    added: Constraint | None
    if constraint.kind is ConstraintKind.NOT_NULL:
        catalog = column_edited(catalog, table_name, constraint.columns[0], not_null=True)
        added = constraint if constraint.name else None
        if added is None and (constraint.no_inherit or not constraint.valid):
            name = choose_constraint(catalog, table_name, constraint.columns[0], "not_null")
            added = replace(constraint, name=name)
    else:
        column = constraint.columns[0] if len(constraint.columns) == 1 else None
        name = constraint.name or choose_constraint(catalog, table_name, column, "check")
        added = replace(constraint, name=name)
    if added is not None:
        catalog = constraint_kept(catalog, table_name, added)
    for child in children:
        if not constraint.no_inherit and (added is None or added.name not in child.constraints):
            catalog = constraint_added(catalog, child.name, added or constraint)
    return catalog


def _foreign_key_added(catalog: Catalog, table_name: Name, constraint: Constraint) -> tuple[Catalog, Constraint]:
    assert constraint.references is not None
    target = catalog.locate(constraint.references)
    referenced = constraint.referenced_columns
    if not referenced and target in catalog.tables and (key := catalog.tables[target].primary_key):
        referenced = key.columns
    name = constraint.name or choose_constraint(catalog, table_name, names.joined(constraint.columns), "fkey")
    added = replace(constraint, name=name, references=target, referenced_columns=referenced)
    return constraint_kept(catalog, table_name, added), added


def _index_constraint_added(
    catalog: Catalog,
    table_name: Name,
    constraint: Constraint,
    *,
    only: bool = False,
    parent_index: Name | None = None,
    attributes: tuple[str, ...] = (),
) -> Catalog:
    primary = constraint.kind is ConstraintKind.PRIMARY_KEY
    if constraint.using_index is not None:
        index = catalog.index(Name(constraint.using_index, table_name.schema))
        if index is None or index.relation != table_name:
            return catalog
        name = constraint.name or index.name.name
        catalog = index_renamed(catalog, index, name)
        index = catalog.index_map[Name(name, table_name.schema)]
        columns = tuple(column for column in index.columns if column is not None)
        catalog = index_stored(catalog, replace(index, constraint=name, primary=primary))
        constraint = replace(
            constraint, columns=columns, include=index.include, nulls_not_distinct=index.nulls_not_distinct
        )
    else:
        keys = constraint.keys or tuple(IndexKey(column) for column in constraint.columns)
        attributes = attributes or names.key_columns(keys, constraint.include)
        all_columns = None if primary else names.joined(attributes)
        name = constraint.name or choose_relation(
            catalog, table_name, all_columns, INDEX_LABELS[constraint.kind], constraint=True
        )
        if relation_exists(catalog, Name(name, table_name.schema)):
            return catalog
        oid, catalog = numbered(catalog)
        catalog = index_stored(
            catalog,
            Index(
                oid=oid,
                name=Name(name, table_name.schema),
                relation=table_name,
                keys=keys,
                attributes=attributes,
                include=constraint.include,
                unique=constraint.kind is not ConstraintKind.EXCLUDE,
                primary=primary,
                valid=not (only and _is_partitioned(catalog, table_name)),
                method=constraint.method or ("gist" if constraint.without_overlaps else "btree"),
                where=constraint.where,
                nulls_not_distinct=constraint.nulls_not_distinct,
                constraint=name,
                parent=parent_index,
            ),
        )
    catalog = constraint_kept(catalog, table_name, replace(constraint, name=name))
    if primary:
        for column in constraint.columns:
            catalog = columns_edited(catalog, table_name, column, not_null=True)
    return catalog if only else _partitions_indexed(catalog, catalog.index_map[Name(name, table_name.schema)])


@applies(actions.ValidateConstraint)
def validate_constraint(catalog: Catalog, action: actions.ValidateConstraint) -> Catalog:
    return _constraints_edited(catalog, action.relation, action.name, valid=True)


@applies(actions.AlterConstraint)
def alter_constraint(catalog: Catalog, action: actions.AlterConstraint) -> Catalog:
    changes = {
        "deferrable": action.deferrable,
        "initially_deferred": action.initially_deferred,
        "enforced": action.enforced,
        # ENFORCED checks the rows, NOT ENFORCED forgets that it did.
        "valid": action.enforced,
    }
    written = {name: value for name, value in changes.items() if value is not None}
    if action.no_inherit is not None:
        return _inheritance_altered(catalog, action.relation, action.name, no_inherit=action.no_inherit)
    return _constraints_edited(catalog, action.relation, action.name, **written)


def _inheritance_altered(catalog: Catalog, relation: Name, name: str, *, no_inherit: bool) -> Catalog:
    table = catalog.table(relation)
    constraint = table.constraints.get(name) if table else None
    if table is None or constraint is None:
        return catalog
    altered = replace(constraint, no_inherit=no_inherit)
    catalog = constraint_kept(catalog, table.name, altered)
    for child in () if no_inherit else tuple(catalog.partitions(table.name)):
        if name not in child.constraints:
            catalog = constraint_added(catalog, child.name, altered)
    return catalog


def _constraints_edited(catalog: Catalog, relation: Name, name: str, **changes: bool) -> Catalog:
    for member in members(catalog, relation):
        if name in member.constraints:
            catalog = constraint_kept(catalog, member.name, replace(member.constraints[name], **changes))
    return catalog


@applies(actions.DropConstraint)
def drop_constraint(catalog: Catalog, action: actions.DropConstraint) -> Catalog:
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table else None
    if table is None or constraint is None:
        return catalog
    if action.cascade and constraint.kind in (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE):
        for referrer, foreign_key in catalog.referencing(table.name):
            if set(foreign_key.referenced_columns) == set(constraint.columns):
                catalog = constraint_dropped(catalog, referrer.name, foreign_key)
    return constraint_dropped(catalog, table.name, constraint, only=action.only)


def constraint_dropped(catalog: Catalog, table_name: Name, constraint: Constraint, *, only: bool = False) -> Catalog:
    table = catalog.tables[table_name]
    if constraint.name not in table.constraints:
        return catalog
    constraints = {name: kept for name, kept in table.constraints.items() if name != constraint.name}
    catalog = stored(catalog, table, replace(table, constraints=constraints))
    if constraint.kind in INDEX_LABELS:
        return index_dropped(catalog, catalog.index_map[Name(constraint.name, table_name.schema)])
    if constraint.kind is ConstraintKind.NOT_NULL:
        catalog = column_edited(catalog, table_name, constraint.columns[0], not_null=False)
    for child in () if only else tuple(catalog.partitions(table_name)):
        if constraint.name in child.constraints and not constraint.no_inherit:
            inherited = child.constraints[constraint.name]
            if inherited.kind is constraint.kind:
                catalog = constraint_dropped(catalog, child.name, inherited)
    return catalog


@applies(actions.RenameConstraint)
def rename_constraint(catalog: Catalog, action: actions.RenameConstraint) -> Catalog:
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table else None
    if table is None or constraint is None:
        return catalog
    if constraint.kind in INDEX_LABELS:
        return index_renamed(catalog, catalog.index_map[Name(action.name, table.name.schema)], action.new_name)
    inherited = constraint.kind is not ConstraintKind.FOREIGN_KEY and not constraint.no_inherit
    for member in members(catalog, table.name, only=not inherited):
        if action.name in member.constraints:
            catalog = _constraint_renamed(catalog, member.name, action.name, action.new_name)
    return catalog


def _constraint_renamed(catalog: Catalog, table_name: Name, old: str, new: str) -> Catalog:
    table = catalog.tables[table_name]
    constraints = renamed_key(table.constraints, old, new, replace(table.constraints[old], name=new))
    return stored(catalog, table, replace(table, constraints=constraints))


@applies(CreateIndex)
def create_index(catalog: Catalog, action: CreateIndex) -> Catalog:
    table = catalog.table(action.relation)
    return catalog if table is None else _index_created(catalog, table.name, action)


def _index_created(
    catalog: Catalog,
    table_name: Name,
    action: CreateIndex,
    *,
    parent: Name | None = None,
    attributes: tuple[str, ...] = (),
) -> Catalog:
    attributes = attributes or names.key_columns(action.keys, action.include)
    chosen = action.name or choose_relation(catalog, table_name, names.joined(attributes), "idx", constraint=False)
    name = Name(chosen, table_name.schema)
    if relation_exists(catalog, name):
        return catalog
    oid, catalog = numbered(catalog)
    index = Index(
        oid=oid,
        name=name,
        relation=table_name,
        keys=action.keys,
        attributes=attributes,
        include=action.include,
        unique=action.unique,
        valid=not (action.only and _is_partitioned(catalog, table_name)),
        method=action.method,
        where=action.where,
        nulls_not_distinct=action.nulls_not_distinct,
        parent=parent,
        tablespace=tablespace(action.tablespace),
    )
    catalog = index_stored(catalog, index)
    return catalog if action.only else _partitions_indexed(catalog, index)


def _is_partitioned(catalog: Catalog, table: Name) -> bool:
    """Whether it has partitions; an index on it ONLY is invalid until they have theirs."""
    return catalog.tables[table].kind == "partitioned table" and any(catalog.partitions(table))


def _partitions_indexed(catalog: Catalog, index: Index) -> Catalog:
    table = catalog.tables[index.relation]
    if table.kind == "partitioned table":
        for child in tuple(catalog.partitions(index.relation)):
            catalog = _child_index_added(catalog, index, table, child.name)
    return catalog


def parts_rebuilt(catalog: Catalog, index: Index) -> Catalog:
    """Make the parts of a partitioned index anew, as a change of type does: on all partitions, under default names."""
    old = catalog.index_map
    for child in tuple(catalog.partitions(index.relation)):
        for part in catalog.indexes(child.name):
            if part.parent == index.name:
                catalog = index_dropped(catalog, part)
    # What could become part of it is gone at that moment, too.
    tables = catalog.family(index.relation)
    free = [each for table in tables for each in catalog.indexes(table) if each.parent is None]
    for each in free:
        catalog = index_stored(catalog, replace(each, parent=each.name))
    index = replace(index, valid=True)
    catalog = _partitions_indexed(catalog, index)
    for each in (*free, index):
        catalog = index_stored(catalog, replace(each, parent=None))
    for table in tables:
        for each in catalog.indexes(table):
            if each.name in old:
                catalog = index_stored(catalog, replace(each, oid=old[each.name].oid))
    return catalog


@applies(actions.DropIndex)
def drop_index(catalog: Catalog, action: actions.DropIndex) -> Catalog:
    index = catalog.index(action.index)
    return catalog if index is None or index.constraint is not None else index_dropped(catalog, index)


def index_dropped(catalog: Catalog, index: Index) -> Catalog:
    """Drop an index, the constraint that it belongs to, and those of partitions that are part of it."""
    if index.name not in catalog.index_map:
        return catalog
    catalog = replace(catalog, index_map=catalog.index_map.remove(index.name))
    table = catalog.tables[index.relation]
    constraints = {name: kept for name, kept in table.constraints.items() if name != index.constraint}
    indexes = tuple(name for name in table.indexes if name != index.name.name)
    catalog = stored(catalog, table, replace(table, indexes=indexes, constraints=constraints))
    for child in tuple(catalog.partitions(index.relation)):
        for part in catalog.indexes(child.name):
            if part.parent == index.name:
                catalog = index_dropped(catalog, part)
    return catalog


def index_renamed(catalog: Catalog, index: Index, new_name: str) -> Catalog:
    """Rename an index and the constraint that it belongs to."""
    old, new = index.name, Name(new_name, index.name.schema)
    if old == new or relation_exists(catalog, new):
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
    catalog = stored(catalog, table, replace(table, indexes=indexes))
    if index.constraint is None:
        return catalog
    return _constraint_renamed(catalog, table.name, index.constraint, new_name)


@applies(actions.AlterIndex)
def alter_index(catalog: Catalog, action: actions.AlterIndex) -> Catalog:
    index = catalog.index(action.index)
    child = catalog.index(action.child) if action.child else None
    if index is not None and action.command == "SetTableSpace":
        return index_stored(catalog, replace(index, tablespace=tablespace(action.tablespace)))
    if index is None or child is None:
        return catalog
    catalog = index_stored(catalog, replace(child, parent=index.name))
    parts = [part for table in catalog.partitions(index.relation) for part in catalog.indexes(table.name)]
    attached = {part.relation for part in parts if part.parent == index.name and part.valid}
    complete = all(table.name in attached for table in catalog.partitions(index.relation))
    return index_stored(catalog, replace(index, valid=complete)) if complete else catalog


@applies(actions.Reindex)
def reindex(catalog: Catalog, action: actions.Reindex) -> Catalog:
    index = catalog.index(action.target) if action.kind == "index" and action.target else None
    if index is None or catalog.tables[index.relation].kind == "partitioned table":
        return catalog
    return index_stored(catalog, replace(index, valid=True))
