"""Changes of tables and partitions."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from migsafe import actions
from migsafe.actions import ColumnOptions, Constraint, ConstraintKind, Name
from migsafe.sql.calls import rule_targets
from migsafe.sql.catalog import TEMPORARY, Catalog, Column, Index, Table, tablespace
from migsafe.sql.changes.columns import (
    column_added,
    column_dropped,
    identity_added,
    inherited_column,
    options_applied,
    orphaned,
)
from migsafe.sql.changes.constraints import (
    constraint_added,
    constraint_dropped,
    constraints_added,
    index_cloned,
    index_renamed,
    partition_adopted,
)
from migsafe.sql.changes.storage import (
    applies,
    index_stored,
    numbered,
    relation_exists,
    sequence_moved,
    sequence_stored,
    stored,
)


@applies(actions.CreateTable)
def create_table(catalog: Catalog, action: actions.CreateTable) -> Catalog:
    temporary = action.temporary or action.relation.schema == TEMPORARY
    name = Name(action.relation.name, TEMPORARY) if temporary else catalog.qualify(action.relation)
    if relation_exists(catalog, name):
        return catalog
    parents = (action.partition_of,) if action.partition_of else action.inherits
    known = [parent for parent in map(catalog.table, parents) if parent is not None]
    if action.partition_of and not known:
        return catalog
    of_type = catalog.user_type(action.of_type) if action.of_type else None
    oid, catalog = numbered(catalog)
    table = Table(
        oid=oid,
        name=name,
        kind="foreign table" if action.foreign else "partitioned table" if action.partition_by else "table",
        columns=_inherited(known),
        partition_of=known[0].name if action.partition_of else None,
        partition_key=action.partition_key,
        default_partition=action.default_partition,
        bound=action.bound,
        inherits=() if action.partition_of else tuple(parent.name for parent in known),
        temporary=temporary,
        unlogged=action.unlogged,
        tablespace=tablespace(action.tablespace) or (known[0].tablespace if action.partition_of else None),
        access_method=_access_method(action.access_method) or (known[0].access_method if action.partition_of else None),
        oids=action.oids,
        of_type=of_type.name if of_type is not None else None,
        reads=tuple(map(catalog.locate, action.reads)),
        reads_columns=action.reads_columns,
    )
    catalog = stored(catalog, None, table)
    for parent in known:
        for constraint in parent.constraints.values():
            inherited = constraint.kind in (ConstraintKind.CHECK, ConstraintKind.NOT_NULL)
            if inherited and not constraint.no_inherit and constraint.name not in catalog.tables[name].constraints:
                catalog = constraint_added(catalog, name, _without_rows(constraint))
    for liked in action.like:
        catalog = _like(catalog, name, liked, frozenset(action.like_including))
    for column in (*(of_type.columns if of_type is not None else ()), *action.columns):
        catalog = column_added(catalog, name, column)
    for options in action.options:
        catalog = options_applied(catalog, name, options)
    written = [*_inline(action.columns), *_inline(action.options), *action.constraints]
    catalog = constraints_added(catalog, name, map(_without_rows, written))
    return partition_adopted(catalog, known[0].name, name) if action.partition_of else catalog


def _inherited(parents: Iterable[Table]) -> dict[str, Column]:
    """The columns of all parents; those of the same name are one."""
    columns: dict[str, Column] = {}
    for parent in parents:
        kept = {name for c in parent.constraints.values() if _is_own_not_null(c) for name in c.columns}
        for column in map(inherited_column, parent.columns.values()):
            if column.name in kept:
                column = replace(column, not_null=False)
            other = columns.setdefault(column.name, column)
            columns[column.name] = replace(other, not_null=column.not_null or other.not_null)
    return columns


def _is_own_not_null(constraint: Constraint) -> bool:
    return constraint.kind is ConstraintKind.NOT_NULL and constraint.no_inherit


def _without_rows(constraint: Constraint) -> Constraint:
    """NOT VALID says nothing of a table that has no rows yet."""
    return replace(constraint, valid=constraint.enforced)


def _inline(columns: Iterable[ColumnOptions]) -> Iterator[Constraint]:
    return (constraint for column in columns for constraint in column.constraints)


def _like(catalog: Catalog, name: Name, liked: Name, including: frozenset[str]) -> Catalog:
    """``LIKE``; its columns come before those that stand beside it.

    A default that takes its values from a sequence of the other table stays when that sequence is dropped.
    """
    source = catalog.table(liked)
    if source is None:
        return catalog
    columns = {}
    for column in source.columns.values():
        generated = "generated" in including
        columns[column.name] = replace(
            column,
            local=True,
            default=column.default if "defaults" in including else None,
            identity=None,
            generated=column.generated if generated else None,
            expression=column.expression if generated else None,
        )
    table = catalog.tables[name]
    catalog = stored(catalog, table, replace(table, columns={**table.columns, **columns}))
    if "constraints" in including:
        for constraint in source.constraints.values():
            if constraint.kind is ConstraintKind.CHECK:
                catalog = constraint_added(catalog, name, _without_rows(constraint))
    if table.kind == "foreign table":
        return catalog
    if "identity" in including:
        for column in source.columns.values():
            if column.identity:
                catalog = identity_added(catalog, name, column.name, column.identity)
    if "indexes" in including:
        for index in catalog.indexes(source.name):
            catalog = index_cloned(catalog, index, source, name, parent=None)
    return catalog


@applies(actions.DropTable)
def drop_table(catalog: Catalog, action: actions.DropTable) -> Catalog:
    table = catalog.table(action.relation)
    return catalog if table is None else table_dropped(catalog, table, cascade=action.cascade)


@applies(actions.DropView)
def drop_view(catalog: Catalog, action: actions.DropView) -> Catalog:
    table = catalog.table(action.relation)
    return catalog if table is None else table_dropped(catalog, table, cascade=action.cascade)


def _without_queries_of(catalog: Catalog, target: Name) -> Catalog:
    """Without the rules and policies of other tables that name a table."""
    for table in catalog.tables.values():
        rules = {n: rule for n, rule in table.rules.items() if target not in map(catalog.locate, rule_targets(rule))}
        policies = {name: policy for name, policy in table.policies.items() if target not in policy.reads}
        if len(rules) < len(table.rules) or len(policies) < len(table.policies):
            catalog = stored(catalog, table, replace(table, rules=rules, policies=policies))
    return catalog


def _columns_of_rows(catalog: Catalog, table: Table) -> list[tuple[Name, str]]:
    """Columns whose type is the row type of a table."""
    return [
        (other.name, column.name)
        for other in catalog.tables.values()
        for column in other.columns.values()
        if column.type.name.name == table.name.name and catalog.locate(column.type.name) == table.name
    ]


def table_dropped(catalog: Catalog, table: Table, *, cascade: bool) -> Catalog:
    for target in (table.name, *catalog.ancestors(table.name)) if cascade else (table.name,):
        for referrer, constraint in catalog.referencing(target):
            if referrer.name != table.name and constraint.name in catalog.tables[referrer.name].constraints:
                catalog = constraint_dropped(catalog, referrer.name, constraint)
    if cascade:
        catalog = _without_queries_of(catalog, table.name)
        for view in catalog.views_reading(table.name):
            if view.name in catalog.tables:
                catalog = table_dropped(catalog, view, cascade=True)
        for other, column in _columns_of_rows(catalog, table):
            catalog = column_dropped(catalog, other, column, cascade=True)
    for child in tuple(catalog.partitions(table.name)):
        if child.name in catalog.tables:
            catalog = table_dropped(catalog, child, cascade=cascade)
    if table.name not in catalog.tables:  # a view that reads a column of its own row type
        return catalog
    table = catalog.tables[table.name]
    index_map = catalog.index_map
    for index in table.indexes:
        index_map = index_map.remove(Name(index, table.name.schema))
    for sequence in catalog.sequences_of(table.name):
        catalog = sequence_stored(catalog, sequence, None)
    return stored(replace(catalog, index_map=index_map), table, None)


@applies(actions.RenameTable)
def rename_table(catalog: Catalog, action: actions.RenameTable) -> Catalog:
    table = catalog.table(action.relation)
    if table is None:
        # ALTER TABLE also renames indexes and sequences.
        if index := catalog.index(action.relation):
            return index_renamed(catalog, index, action.new_name)
        if sequence := catalog.sequence(action.relation):
            return sequence_moved(catalog, sequence, Name(action.new_name, sequence.name.schema))
        return catalog
    return table_moved(catalog, table, Name(action.new_name, table.name.schema))


def table_moved(catalog: Catalog, table: Table, new: Name) -> Catalog:
    """Give a table another name or schema; constraints and indexes keep their names."""
    old = table.name
    if old == new or relation_exists(catalog, new):
        return catalog
    referring = catalog.referencing(old)
    children = tuple(catalog.partitions(old))
    views = catalog.views_reading(old)
    sequences = catalog.sequences_of(old)
    catalog = stored(catalog, table, replace(table, name=new))
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
        catalog = stored(catalog, referrer, replace(referrer, constraints=constraints))
    for child in children:
        child = catalog.tables[child.name]
        catalog = stored(
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
        catalog = stored(catalog, view, replace(view, reads=tuple(new if read == old else read for read in view.reads)))
    for sequence in sequences:
        assert sequence.owned_by is not None
        owned = replace(sequence, name=Name(sequence.name.name, new.schema), owned_by=(new, sequence.owned_by[1]))
        catalog = sequence_stored(catalog, sequence, owned)
    return catalog


@applies(actions.SetSchema)
def set_schema(catalog: Catalog, action: actions.SetSchema) -> Catalog:
    if table := catalog.table(action.relation):
        return table_moved(catalog, table, Name(table.name.name, action.schema))
    if sequence := catalog.sequence(action.relation):
        return sequence_moved(catalog, sequence, Name(sequence.name.name, action.schema))
    return catalog


def _access_method(name: str | None) -> str | None:
    return None if name == "heap" else name


_SETTINGS: dict[str, Callable[[actions.AlterTable], dict[str, Any]]] = {
    "SetLogged": lambda _: {"unlogged": False},
    "SetUnLogged": lambda _: {"unlogged": True},
    "SetTableSpace": lambda action: {"tablespace": tablespace(action.to)},
    "SetAccessMethod": lambda action: {"access_method": _access_method(action.to)},
    "ChangeOwner": lambda action: {"owner": action.to},
    "DropOids": lambda _: {"oids": False},
    "AddOf": lambda action: {"of_type": action.target},
    "DropOf": lambda _: {"of_type": None},
}
"""Commands that set what a table is, not what it consists of."""


@applies(actions.MoveAll)
def move_all(catalog: Catalog, action: actions.MoveAll) -> Catalog:
    for found in catalog.in_tablespace(action.tablespace, action.kind):
        if isinstance(found, Index):
            catalog = index_stored(catalog, replace(found, tablespace=tablespace(action.to)))
        else:
            catalog = stored(catalog, found, replace(found, tablespace=tablespace(action.to)))
    return catalog


@applies(actions.AlterTable)
def alter_table(catalog: Catalog, action: actions.AlterTable) -> Catalog:
    table = catalog.table(action.relation)
    if table is None:
        return catalog
    if action.command in _SETTINGS:
        return stored(catalog, table, replace(table, **_SETTINGS[action.command](action)))
    parent = catalog.table(action.target) if action.target else None
    if action.command in ("ClusterOn", "DropCluster"):
        return stored(catalog, table, replace(table, clustered=action.command == "ClusterOn"))
    if "Trig" in action.command:
        return stored(catalog, table, replace(table, triggers=_switched(table.triggers, action)))
    if parent is None:
        return catalog
    if action.command == "AddInherit" and parent.name not in catalog.family(table.name):
        return stored(catalog, table, replace(table, inherits=(*table.inherits, parent.name)))
    if action.command == "DropInherit":
        inherits = tuple(name for name in table.inherits if name != parent.name)
        return orphaned(stored(catalog, table, replace(table, inherits=inherits)), table.name)
    return catalog


def _switched(
    triggers: dict[str, actions.CreateTrigger], action: actions.AlterTable
) -> dict[str, actions.CreateTrigger]:
    enabled = action.command.startswith("Enable")
    return {
        name: replace(trigger, enabled=enabled) if action.trigger in (None, name) else trigger
        for name, trigger in triggers.items()
    }


@applies(actions.Maintenance)
def cluster(catalog: Catalog, action: actions.Maintenance) -> Catalog:
    table = catalog.table(action.relation) if action.relation and action.index else None
    return catalog if table is None else stored(catalog, table, replace(table, clustered=True))


@applies(actions.AttachPartition)
def attach_partition(catalog: Catalog, action: actions.AttachPartition) -> Catalog:
    parent, child = catalog.table(action.relation), catalog.table(action.partition)
    if parent is None or child is None or parent.name in catalog.family(child.name):
        return catalog
    columns = {name: replace(column, local=False) for name, column in child.columns.items()}
    attached = replace(
        child, partition_of=parent.name, default_partition=action.default, bound=action.bound, columns=columns
    )
    return partition_adopted(stored(catalog, child, attached), parent.name, child.name)


@applies(actions.DetachPartition)
def detach_partition(catalog: Catalog, action: actions.DetachPartition) -> Catalog:
    child = catalog.table(action.partition)
    if child is None:
        return catalog
    for index in catalog.indexes(child.name):
        catalog = index_stored(catalog, replace(index, parent=None))
    detached = replace(child, partition_of=None, default_partition=False, bound=None)
    return orphaned(stored(catalog, child, detached), child.name)


@applies(actions.RenameIndex)
def rename_index(catalog: Catalog, action: actions.RenameIndex) -> Catalog:
    index = catalog.index(action.index)
    if index is None:
        table = catalog.table(action.index)
        # ALTER INDEX also renames tables.
        return catalog if table is None else table_moved(catalog, table, Name(action.new_name, table.name.schema))
    return index_renamed(catalog, index, action.new_name)
