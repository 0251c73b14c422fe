"""Forms of what is done to indexes."""

from collections.abc import Iterator

from migsafe import actions as a
from migsafe.actions import Name
from migsafe.postgres.facts import Role
from migsafe.sql.catalog import Catalog, Table, tablespace
from migsafe.sql.forms.family import (
    STORED,
    index_family,
    indexes_given,
    is_missing,
    is_stored,
    names_of,
    referring_through,
    with_descendants,
    with_partitions,
)
from migsafe.sql.forms.registry import Form, Roles, Server, handles


@handles(a.CreateIndex)
def _create_index(action: a.CreateIndex, catalog: Catalog, server: Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    partitioned = table is not None and table.kind == "partitioned table"
    tables = with_descendants(catalog, action.relation) if partitioned and not action.only else (action.relation,)
    form = "create index: concurrently" if action.concurrently else "create index"
    if partitioned and action.concurrently:
        yield "create index: concurrently, partitioned", {}
    elif table is not None and _keeps_what_exists(action, table, catalog):
        yield (
            ("create index: concurrently, exists" if action.concurrently else "create index: exists"),
            {Role.ALTERED: tables},
        )
    elif partitioned:
        built, taken = indexes_given(action, tables[1:], catalog)
        yield form, {Role.ALTERED: built}
        yield "create index: partitioned", {Role.ALTERED: tables, Role.INDEX: taken}
    else:
        yield form, {Role.ALTERED: tables}
    # These only say which version has the syntax: they name no relation.
    if action.only:
        yield "create index: only", {}
    if action.include:
        yield "create index: include", {}
    if action.nulls_not_distinct:
        yield "create index: nulls not distinct", {}


def _keeps_what_exists(action: a.CreateIndex, table: Table, catalog: Catalog) -> bool:
    """Whether IF NOT EXISTS finds something of that name, be it an INVALID index or no index at all."""
    if not action.if_not_exists or action.name is None:
        return False
    name = Name(action.name, table.name.schema)
    return any(each(name) is not None for each in (catalog.index, catalog.table, catalog.sequence))


@handles(a.DropIndex)
def _drop_index(action: a.DropIndex, catalog: Catalog, server: Server) -> Iterator[Form]:
    if action.concurrently and action.several:
        yield "drop index: concurrently, several", {}
    if action.concurrently and action.cascade:
        yield "drop index: concurrently, cascade", {}
    if is_missing(action.index, action.if_exists, catalog, server):
        if action.concurrently:
            yield "no lock: not in a transaction block", {}
        return
    index = catalog.index(action.index)
    table = catalog.table(index.relation) if index is not None else None
    if index is not None and index.constraint is not None:
        yield "drop index: constraint", {}
    elif index is not None and index.parent is not None:
        yield "drop index: partition", {}
    elif index is not None and not action.cascade and any(referring_through(index, catalog)):
        yield "drop index: referenced", {}
    form = "drop index"
    if action.concurrently:
        partitioned = table is not None and table.kind == "partitioned table"
        form = "drop index: concurrently, partitioned" if partitioned else "drop index: concurrently"
    if table is None:
        yield form, {Role.INDEX: (action.index,)}
        return
    family = with_partitions(catalog, table.name)
    yield form, {Role.ALTERED: family, Role.INDEX: index_family(action.index, family, catalog)}


@handles(a.RenameIndex)
def _rename_index(action: a.RenameIndex, catalog: Catalog, server: Server) -> Iterator[Form]:
    if catalog.index(action.index) is None and catalog.table(action.index) is not None:
        yield "rename table", {Role.ALTERED: (action.index,)}
    elif not is_missing(action.index, action.if_exists, catalog, server):
        yield "rename index", {Role.INDEX: (action.index,)}


_LIGHT_PARAMETERS = {
    "fillfactor": "set parameters",
    "vacuum_cleanup_index_scale_factor": "set parameters: vacuum_cleanup_index_scale_factor",
    "deduplicate_items": "set parameters: deduplicate_items",
}
_ALTER_INDEX = {
    "SetStatistics": "set statistics",
    "SetTableSpace": "set tablespace",
    "ChangeOwner": "owner",
    "DependsOnExtension": "depends on extension",
}


@handles(a.AlterIndex)
def alter_index(action: a.AlterIndex, catalog: Catalog, server: Server) -> Iterator[Form]:
    if is_missing(action.index, action.if_exists, catalog, server):
        return
    index = catalog.index(action.index)
    roles: Roles = {Role.INDEX: (action.index,)}
    if action.child is not None:
        child = catalog.index(action.child)
        tables = [each.relation for each in (index, child) if each is not None]
        yield (
            "alter index: attach partition",
            {Role.PARENT: (action.index,), Role.PARTITION: (action.child,), Role.READ: tables},
        )
    elif action.command in ("SetRelOptions", "ResetRelOptions"):
        if index is not None and not is_stored(index.relation, catalog):
            yield "alter index: set parameters, partitioned", {}
        for option in action.options:
            yield f"alter index: {_LIGHT_PARAMETERS.get(option, 'set parameters: others')}", roles
    elif action.command == "SetTableSpace" and index is not None and index.tablespace == tablespace(action.tablespace):
        yield "alter index: set tablespace, already", roles
    else:
        yield f"alter index: {_ALTER_INDEX.get(action.command, action.command)}", roles


@handles(a.Reindex)
def _reindex(action: a.Reindex, catalog: Catalog, server: Server) -> Iterator[Form]:
    if action.tablespace is not None:
        yield "reindex: tablespace", {}
    if action.kind == "database" and action.target is None:
        yield "reindex: database, without a name", {}
    index = catalog.index(action.target) if action.kind == "index" and action.target is not None else None
    table = index.relation if index is not None else action.target if action.kind == "table" else None
    if table is not None and not is_stored(table, catalog):
        yield from _reindex_partitioned(action, table, catalog)
        return
    if action.kind == "index" and action.target is not None:
        tables: tuple[Name, ...] = () if table is None else (table,)
        indexes: tuple[Name, ...] = (action.target,)
    elif table is not None:
        tables, indexes = (table,), names_of(catalog.indexes(table))
    else:
        schema = action.target.name if action.kind == "schema" and action.target is not None else None
        found = [t for t in catalog.tables.values() if schema in (None, t.name.schema) and t.kind in STORED]
        tables = tuple(table.name for table in found)
        indexes = tuple(name for table in tables for name in names_of(catalog.indexes(table)))
    if action.concurrently:
        form = "reindex: concurrently"
    else:
        form = f"reindex {action.kind}" if action.kind in ("index", "table") else "reindex: all"
        if action.kind == "table" and not indexes and catalog.table(tables[0]) is not None:
            form = "reindex table: no indexes"
    yield form, {Role.ALTERED: tables, Role.INDEX: indexes}


def _reindex_partitioned(action: a.Reindex, table: Name, catalog: Catalog) -> Iterator[Form]:
    family = with_partitions(catalog, table)
    stored = [name for name in family if is_stored(name, catalog)]
    concurrently = ", concurrently" if action.concurrently else ""
    if action.kind == "table":
        indexes = tuple(name for each in stored for name in names_of(catalog.indexes(each)))
        roles = {Role.PARENT: (table,), Role.PARTITION: family[1:], Role.ALTERED: stored, Role.INDEX: indexes}
        yield f"reindex: partitioned{concurrently}", roles
        return
    assert action.target is not None
    found = [catalog.index(name) for name in index_family(action.target, family, catalog)]
    rebuilt = [index for index in found if index is not None and index.relation in stored]
    between = [index for index in found[1:] if index is not None and index not in rebuilt]
    # Online, the index that is named is locked less than those below it.
    named, below = [action.target], list(names_of(rebuilt))
    roles = {
        Role.PARENT: [table, *named] if action.concurrently else [table],
        Role.ALTERED: [index.relation for index in rebuilt],
        Role.INDEX: below if action.concurrently else named + below,
        Role.PARTITION: names_of(between),
    }
    yield f"reindex index: partitioned{concurrently}", roles
