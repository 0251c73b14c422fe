"""Forms of what is done to indexes."""

from collections.abc import Iterator

from migsafe import actions as a
from migsafe.actions import Name
from migsafe.postgres.facts import Role
from migsafe.sql.catalog import Catalog, Index
from migsafe.sql.forms.family import (
    STORED,
    altered,
    index_family,
    is_missing,
    is_stored,
    names_of,
    with_descendants,
    with_partitions,
)
from migsafe.sql.forms.registry import Form, Roles, Server, handles


@handles(a.CreateIndex)
def _create_index(action: a.CreateIndex, catalog: Catalog, server: Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    partitioned = table is not None and table.kind == "partitioned table"
    exists = (
        action.if_not_exists
        and action.name is not None
        and catalog.index(Name(action.name, action.relation.schema)) is not None
    )
    roles = altered(catalog, action.relation) if partitioned else {Role.ALTERED: (action.relation,)}
    if action.concurrently:
        suffix = (
            ": concurrently, exists" if exists else ": concurrently, partitioned" if partitioned else ": concurrently"
        )
    elif action.only and partitioned:
        suffix, roles = ": only", {Role.ALTERED: (action.relation,)}
    elif exists:
        suffix = ": exists"
    else:
        suffix = ""
        if partitioned and (adopted := _adopted(action, catalog)):
            served = [name for index in adopted for name in with_descendants(catalog, index.relation)]
            yield "create index: partition has it", {Role.ALTERED: served, Role.INDEX: names_of(adopted)}
            roles = {Role.ALTERED: [name for name in with_descendants(catalog, action.relation) if name not in served]}
    yield f"create index{suffix}", roles
    if partitioned:
        yield "create index: partitioned", {}
    # These only say which version has the syntax: they name no relation.
    if action.include:
        yield "create index: include", {}
    if action.nulls_not_distinct:
        yield "create index: nulls not distinct", {}


def _adopted(action: a.CreateIndex, catalog: Catalog) -> list[Index]:
    """Indexes of partitions that become part of the new one, so that none is built."""
    after = catalog.after(action)
    return [
        index
        for table in with_descendants(catalog, action.relation)
        for index in catalog.indexes(table)
        if index.parent != after.index_map[index.name].parent
    ]


@handles(a.DropIndex)
def _drop_index(action: a.DropIndex, catalog: Catalog, server: Server) -> Iterator[Form]:
    if is_missing(action.index, action.if_exists, catalog, server):
        if action.concurrently:
            yield "no lock: not in a transaction block", {}
        return
    index = catalog.index(action.index)
    table = catalog.table(index.relation) if index is not None else None
    form = "drop index"
    if action.concurrently:
        partitioned = table is not None and table.kind == "partitioned table"
        form = "drop index: concurrently, partitioned" if partitioned else "drop index: concurrently"
    if table is None:
        yield form, {Role.INDEX: (action.index,)}
        return
    family = with_descendants(catalog, table.name)
    yield form, {Role.ALTERED: family, Role.INDEX: index_family(action.index, family, catalog)}


@handles(a.RenameIndex)
def _rename_index(action: a.RenameIndex, catalog: Catalog, server: Server) -> Iterator[Form]:
    if catalog.index(action.index) is None and catalog.table(action.index) is not None:
        yield "rename table", {Role.ALTERED: (action.index,)}
    elif not is_missing(action.index, action.if_exists, catalog, server):
        yield "rename index", {Role.INDEX: (action.index,)}


_ALTER_INDEX = {
    "SetRelOptions": "set parameters",
    "ResetRelOptions": "set parameters",
    "SetStatistics": "set statistics",
    "SetTableSpace": "set tablespace",
    "AttachPartition": "attach partition",
}


@handles(a.AlterIndex)
def _alter_index(action: a.AlterIndex, catalog: Catalog, server: Server) -> Iterator[Form]:
    roles: Roles = {Role.INDEX: (action.index,)}
    if action.child is not None:
        both = (catalog.index(action.index), catalog.index(action.child))
        tables = [index.relation for index in both if index is not None]
        roles = {Role.PARENT: (action.index,), Role.PARTITION: (action.child,), Role.READ: tables}
    yield f"alter index: {_ALTER_INDEX.get(action.command, action.command)}", roles


@handles(a.Reindex)
def _reindex(action: a.Reindex, catalog: Catalog, server: Server) -> Iterator[Form]:
    if action.kind == "index" and action.target is not None:
        index = catalog.index(action.target)
        tables: tuple[Name, ...] = () if index is None else with_partitions(catalog, index.relation)
        parts = [catalog.index(name) for name in index_family(action.target, tables, catalog)]
        indexes = tuple(each.name for each in parts if each is not None and is_stored(each.relation, catalog))
        indexes = indexes or (action.target,)
    elif action.kind == "table" and action.target is not None:
        tables = with_partitions(catalog, action.target)
        stored = [table for table in tables if is_stored(table, catalog)]
        indexes = tuple(name for table in stored for name in names_of(catalog.indexes(table)))
    else:
        schema = action.target.name if action.kind == "schema" and action.target is not None else None
        found = [t for t in catalog.tables.values() if schema in (None, t.name.schema) and t.kind in STORED]
        tables = tuple(table.name for table in found)
        indexes = tuple(name for table in tables for name in names_of(catalog.indexes(table)))
    if action.concurrently:
        form = "reindex: concurrently"
    elif tables and not is_stored(tables[0], catalog):
        parents = [table for table in tables if not is_stored(table, catalog)]
        stored = [table for table in tables if table not in parents]
        yield "reindex: partitioned", {Role.PARENT: parents, Role.ALTERED: stored, Role.INDEX: indexes}
        return
    else:
        form = f"reindex {action.kind}" if action.kind in ("index", "table") else "reindex: all"
    yield form, {Role.ALTERED: tables, Role.INDEX: indexes}
