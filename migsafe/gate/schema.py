"""The schema that pending migrations meet: what the applied ones have left, but as the server has it.

An index that somebody has built by hand, a CHECK that proves NOT NULL, a constraint that was never made or is called
otherwise: what is there counts. It gets into the catalog as everything does, as SQL.
"""

from collections.abc import Iterator, Sequence

import networkx
from msgspec.structs import replace

from migsafe.actions import (
    Action,
    AlterColumnType,
    ConstraintKind,
    CreateIndex,
    CreateTable,
    DropColumn,
    DropConstraint,
    DropIndex,
    DropNotNull,
    DropTable,
    DropView,
    SetNotNull,
    Type,
)
from migsafe.project.live_schema import LiveColumn, LiveSchema, LiveTable, LiveView
from migsafe.sql.catalog import Catalog, Table
from migsafe.sql.parse import parse
from migsafe.written.operations import quoted


def empty(live: LiveSchema) -> Catalog:
    """The schema before the first migration, where names without a schema mean what they mean on a server."""
    path = live.search_path or Catalog().search_path
    return Catalog(search_path=path, schemas=Catalog().schemas.update(path))


def as_on_server(catalog: Catalog, schema: LiveSchema) -> Catalog:
    """The schema with tables, columns, constraints, indexes and views as a server has them.

    What both have by the same name stays as the migrations have left it, but for types, NOT NULL and validity.

    Args:
        catalog: What the applied migrations have left.
    """
    live = schema.tables
    names = {one.name for one in live}
    for name, known in list(catalog.tables.items()):
        if known.kind in ("table", "partitioned table") and name not in names:
            catalog = catalog.after(DropTable(relation=name, cascade=True))
    for one in _parents_first(live):
        table = catalog.table(one.name)
        for action in _columns(table, one) if table else _parsed(_created(one)):
            catalog = catalog.after(action)
    live = tuple(one for one in live if one.name in catalog.tables)
    # Foreign keys need the tables and keys that they refer to.
    for step in (_gone, _new, _new_foreign_keys):
        for one in live:
            for action in step(catalog, one):
                catalog = catalog.after(action)
    for one in live:
        catalog = _as_valid(catalog, one)
    for action in _views(catalog, schema.views):
        catalog = catalog.after(action)
    return catalog


def _views(catalog: Catalog, live: Sequence[LiveView]) -> Iterator[Action]:
    """Those that no migration has made, and may hold on to a column or go away with it; those that are gone."""
    names = {one.name for one in live}
    for name in catalog.views:
        if name not in names:
            yield DropView(relation=name, materialized=catalog.tables[name].kind == "materialized view", cascade=True)
    for one in live:
        if one.name not in catalog.tables:
            yield from _parsed(one.sql)


def _parents_first(live: Sequence[LiveTable]) -> Iterator[LiveTable]:
    graph: networkx.DiGraph[str] = networkx.DiGraph()
    graph.add_nodes_from(one.sql for one in live)
    graph.add_edges_from((parent, one.sql) for one in live for parent in one.parents)
    tables = {one.sql: one for one in live}
    return (tables[name] for name in networkx.lexicographical_topological_sort(graph) if name in tables)


def _created(table: LiveTable) -> str:
    """What makes a table that no migration has made, but for its constraints and indexes."""
    partitioned = f" PARTITION BY {table.key}" if table.key else ""
    if table.bound:
        return f"CREATE TABLE {table.sql} PARTITION OF {table.parents[0]} {table.bound}{partitioned}"
    inherits = f" INHERITS ({', '.join(table.parents)})" if table.parents else ""
    return f"CREATE TABLE {table.sql} ({_listed(table.columns)}){inherits}{partitioned}"


def _columns(table: Table, live: LiveTable) -> Iterator[Action]:
    found = {one.name: one for one in live.columns}
    for name in table.columns.keys() - found.keys():
        yield DropColumn(relation=table.name, column=name, cascade=True)
    for name, one in found.items():
        if name not in table.columns:
            yield from _parsed(f"ALTER TABLE {live.sql} ADD COLUMN {_listed([one])}")
        elif table.columns[name].not_null != one.not_null:
            kind = SetNotNull if one.not_null else DropNotNull
            yield kind(relation=table.name, column=name)
    for action in _parsed(f"CREATE TABLE {live.sql} ({_listed(live.columns)})"):
        for column in action.columns if isinstance(action, CreateTable) else ():
            known = table.columns.get(column.name)
            if known and known.type and _spelled(known.type) != _spelled(column.type):
                yield AlterColumnType(relation=table.name, column=column.name, type=column.type)


def _spelled(type_: Type) -> tuple[object, ...]:
    """A type in the one way in which servers write it, without its schema, which they leave out where they can."""
    whole = type_.name.name == "numeric" and len(type_.modifiers) == 1
    return type_.name.name, (*type_.modifiers, *[0] * whole), type_.array


def _gone(catalog: Catalog, live: LiveTable) -> Iterator[Action]:
    table = _table(catalog, live)
    for name, constraint in table.constraints.items():
        if name not in live.constraints and constraint.kind is not ConstraintKind.NOT_NULL:
            yield DropConstraint(relation=table.name, name=name, cascade=True)
    for index in catalog.indexes(table.name):
        if index.constraint is None and index.parent is None and index.name.name not in live.indexes:
            yield DropIndex(index=index.name, cascade=True)


def _new(catalog: Catalog, live: LiveTable) -> Iterator[Action]:
    for name, definition in live.indexes.items():
        if name not in _table(catalog, live).indexes:
            for action in _parsed(definition):
                # The definition that a server gives of a partitioned index leaves out that its partitions have it too.
                yield replace(action, only=False) if isinstance(action, CreateIndex) else action
    yield from _constraints(catalog, live, foreign_keys=False)


def _new_foreign_keys(catalog: Catalog, live: LiveTable) -> Iterator[Action]:
    return _constraints(catalog, live, foreign_keys=True)


def _constraints(catalog: Catalog, live: LiveTable, *, foreign_keys: bool) -> Iterator[Action]:
    for name, definition in live.constraints.items():
        new = name not in _table(catalog, live).constraints and name not in live.inherited
        if new and definition.startswith("FOREIGN KEY") is foreign_keys:
            yield from _parsed(f"ALTER TABLE {live.sql} ADD CONSTRAINT {quoted(name)} {definition}")


def _table(catalog: Catalog, live: LiveTable) -> Table:
    return catalog.tables[live.name]


def _as_valid(catalog: Catalog, live: LiveTable) -> Catalog:
    """With constraints and indexes as valid as they are on the server."""
    table = _table(catalog, live)
    constraints = {
        name: replace(one, valid=not live.constraints[name].endswith(" NOT VALID")) if name in live.constraints else one
        for name, one in table.constraints.items()
    }
    tables = catalog.tables.insert(table.name, replace(table, constraints=constraints))
    indexes = catalog.index_map
    for index in catalog.indexes(table.name):
        if index.name.name in live.indexes:
            indexes = indexes.insert(index.name, replace(index, valid=index.name.name not in live.invalid))
    return replace(catalog, tables=tables, index_map=indexes)


def _listed(columns: Sequence[LiveColumn]) -> str:
    return ", ".join(f"{quoted(one.name)} {one.type}{' NOT NULL' * one.not_null}" for one in columns)


def _parsed(sql: str) -> Iterator[Action]:
    for statement in parse(sql):
        yield from statement.actions
