"""Forms of DML, LOCK TABLE and maintenance."""

from collections.abc import Iterable, Iterator

from migsafe import actions as a
from migsafe.actions import Name
from migsafe.postgres.facts import Role
from migsafe.sql.catalog import Catalog
from migsafe.sql.forms.family import (
    STORED,
    ancestors,
    is_stored,
    referenced_columns,
    tables_read,
    with_descendants,
    with_partitions,
)
from migsafe.sql.forms.registry import Form, Roles, Server, handles


def _inserted(catalog: Catalog, name: Name) -> Roles:
    """The table and its partitions, but not what inherits from it; through a view, the tables that it reads."""
    table = catalog.table(name)
    if table is not None and table.kind == "view":
        return _written(catalog, name)
    return {Role.ALTERED: with_partitions(catalog, name)}


def _written(catalog: Catalog, name: Name) -> Roles:
    """The table and all that descends from it; through a view, the tables that it reads."""
    return {Role.ALTERED: tables_read((name,), catalog)}


@handles(a.Insert)
def _insert(action: a.Insert, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield "insert", _inserted(catalog, action.relation)
    yield "partition constraint", {Role.PARENT: ancestors(action.relation, catalog)}
    yield from _checked(action.relation, None, "insert", catalog)
    yield from _reading(action.reads, catalog)


@handles(a.Update)
def _update(action: a.Update, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield ("update: filtered" if action.filtered else "update"), _written(catalog, action.relation)
    yield "partition constraint", {Role.PARENT: ancestors(action.relation, catalog)}
    yield from _checked(action.relation, action.columns, "update", catalog)
    yield from _looked_up(action.relation, action.columns, "update", catalog)
    yield from _reading(action.reads, catalog)


@handles(a.Delete)
def _delete(action: a.Delete, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield ("delete: filtered" if action.filtered else "delete"), _written(catalog, action.relation)
    form = "partition constraint: delete" if is_stored(action.relation, catalog) else "partition constraint"
    yield form, {Role.PARENT: ancestors(action.relation, catalog)}
    yield from _looked_up(action.relation, None, "delete", catalog)
    yield from _reading(action.reads, catalog)


def _checked(relation: Name, columns: Iterable[str] | None, command: str, catalog: Catalog) -> Iterator[Form]:
    """Tables in which foreign keys are looked up at once; deferred ones wait for the end of the transaction."""
    table = catalog.table(relation)
    for constraint in () if table is None else table.constraints.values():
        touched = columns is None or not set(columns).isdisjoint(constraint.columns)
        if constraint.references is not None and touched and not constraint.initially_deferred:
            yield f"{command}: foreign key", {Role.REFERENCED: (constraint.references,)}


def _looked_up(relation: Name, columns: Iterable[str] | None, command: str, catalog: Catalog) -> Iterator[Form]:
    """Tables whose rows refer to those that are changed: they are looked up at once, or changed too."""
    for name in with_descendants(catalog, relation):
        table = catalog.table(name)
        if table is None:
            continue
        for referrer, foreign_key in catalog.referencing(name):
            if columns is not None and set(columns).isdisjoint(referenced_columns(foreign_key, table)):
                continue
            change = foreign_key.on_delete if columns is None else foreign_key.on_update
            if change not in ("no action", "restrict"):
                yield f"{command}: cascade", {Role.REFERENCING: (referrer.name,)}
            elif not foreign_key.initially_deferred:
                yield f"{command}: referenced", {Role.REFERENCING: (referrer.name,)}


def _reading(reads: Iterable[Name], catalog: Catalog) -> Iterator[Form]:
    if reads:
        yield "select", {Role.READ: tables_read(reads, catalog)}


@handles(a.Select)
def _select(action: a.Select, catalog: Catalog, server: Server) -> Iterator[Form]:
    form = "select" if action.for_update is None else "select: for update"
    yield form, {Role.READ: tables_read(action.reads, catalog)}


@handles(a.Copy)
def _copy(action: a.Copy, catalog: Catalog, server: Server) -> Iterator[Form]:
    if action.into:
        yield "copy: from", _inserted(catalog, action.relation)
        yield "partition constraint", {Role.PARENT: ancestors(action.relation, catalog)}
    else:
        yield "select", {Role.READ: (action.relation,)}


@handles(a.LockTable)
def _lock_table(action: a.LockTable, catalog: Catalog, server: Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    if table is not None and table.kind == "view":
        yield "lock table: view", {}
    yield f"lock table: {action.mode.lower()}", {Role.ALTERED: tables_read((action.relation,), catalog)}


@handles(a.Maintenance)
def _maintenance(action: a.Maintenance, catalog: Catalog, server: Server) -> Iterator[Form]:
    if action.relation is not None:
        tables = with_descendants(catalog, action.relation)
    else:
        tables = tuple(table.name for table in catalog.tables.values() if table.kind in STORED)
    if action.command == "analyze":
        if parents := [table for table in tables if not is_stored(table, catalog)]:
            yield "analyze: partitioned", {Role.PARENT: parents}
        tables = tuple(table for table in tables if is_stored(table, catalog))
    yield ("vacuum: full" if action.full else action.command), {Role.ALTERED: tables}
