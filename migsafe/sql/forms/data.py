"""Forms of DML, LOCK TABLE and maintenance."""

from collections.abc import Collection, Iterable, Iterator

from migsafe import actions as a
from migsafe.actions import Action, Name
from migsafe.postgres import facts
from migsafe.postgres.facts import Role
from migsafe.sql.calls import reached, replaced, rewritten
from migsafe.sql.catalog import Catalog
from migsafe.sql.forms.family import (
    is_stored,
    names_of,
    referenced_columns,
    row_locks,
    tables_read,
    with_descendants,
    with_partitions,
)
from migsafe.sql.forms.registry import Form, Roles, Server, handles


def _written(relation: Name, event: str, only: bool, catalog: Catalog) -> Roles:
    """Views down to the table that is changed, and its descendants; INSERT only goes to partitions."""
    passed = list(reached(relation, catalog))
    if not passed:
        return {Role.ALTERED: (relation,)}
    *views, table = passed
    # ONLY of a view says nothing.
    only = any(table.name in view.only for view in views) if views else only
    descendants = with_partitions if event == "insert" else with_descendants
    family = (table.name,) if only else descendants(catalog, table.name)
    return {Role.ALTERED: (*(view.name for view in views), *family)}


def _changes(
    action: a.Insert | a.Update | a.Delete | a.Merge, form: str, event: str, catalog: Catalog, *, only: bool = False
) -> Iterator[Form]:
    """The change itself, or what stands in for it; and what the statement and the views on the way read."""
    passed = list(reached(action.relation, catalog))
    instead = replaced(action.relation, event, catalog)
    if instead is not None:
        relations, done = instead
        yield "replaced", {Role.ALTERED: [table.name for table in relations]}
        *_, last = relations
        if done and event != "insert" and last.kind == "view":
            yield from _reading((action.relation,), catalog)
        elif done and event != "insert":
            yield "replaced: rows", {Role.ALTERED: (last.name,)}
    else:
        yield form, _written(action.relation, event, only, catalog)
        for view in passed:
            yield from _reading([name for name in view.reads if name != view.base], catalog)
        stored = is_stored(action.relation, catalog)
        form = "partition constraint: delete" if event == "delete" and stored else "partition constraint"
        yield form, {Role.PARENT: catalog.ancestors(action.relation)}
    yield from _reading(action.reads, catalog)


@handles(a.Insert)
def _insert(action: a.Insert, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield from _changes(action, "insert", "insert", catalog)
    yield from _arbiters(action, catalog)
    yield from _checked(action.relation, None, "insert", catalog)
    if action.conflict == "update":
        yield from _looked_up(action.relation, action.updates, "update", catalog)


def _arbiters(action: a.Insert, catalog: Catalog) -> Iterator[Form]:
    target = [table.name for table in reached(action.relation, catalog)][-1:]
    for name in target if action.arbiter or action.inferred else ():
        # The planner opens one index after the other, until it finds the constraint that is named.
        indexes = catalog.indexes(name)
        ends = [place for place, index in enumerate(indexes, 1) if index.constraint == action.arbiter]
        searched = indexes[: ends[0]] if action.arbiter and ends else indexes
        yield "insert: on conflict", {Role.INDEX: names_of(searched)}


@handles(a.Update)
def _update(action: a.Update, catalog: Catalog, server: Server) -> Iterator[Form]:
    form = "update: filtered" if action.filtered else "update"
    yield from _changes(action, form, "update", catalog, only=action.only)
    yield from _checked(action.relation, action.columns, "update", catalog)
    yield from _looked_up(action.relation, action.columns, "update", catalog)


@handles(a.Delete)
def _delete(action: a.Delete, catalog: Catalog, server: Server) -> Iterator[Form]:
    form = "delete: filtered" if action.filtered else "delete"
    yield from _changes(action, form, "delete", catalog, only=action.only)
    yield from _looked_up(action.relation, None, "delete", catalog)


@handles(a.Merge)
def _merge(action: a.Merge, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield from _changes(action, "merge", "update", catalog, only=action.only)
    if "insert" in action.commands:
        yield from _checked(action.relation, None, "insert", catalog)
    if "update" in action.commands:
        yield from _checked(action.relation, action.columns, "update", catalog)
        yield from _looked_up(action.relation, action.columns, "update", catalog)
    if "delete" in action.commands:
        yield from _looked_up(action.relation, None, "delete", catalog)


def _checked(relation: Name, columns: Iterable[str] | None, command: str, catalog: Catalog) -> Iterator[Form]:
    """Tables in which foreign keys are looked up at once; deferred ones wait for the end of the transaction."""
    for table in reached(relation, catalog):
        for constraint in table.constraints.values():
            touched = columns is None or not set(columns).isdisjoint(constraint.columns)
            if constraint.references is not None and touched and not constraint.initially_deferred:
                yield f"{command}: foreign key", {Role.REFERENCED: with_partitions(catalog, constraint.references)}


def _looked_up(
    relation: Name, columns: Iterable[str] | None, command: str, catalog: Catalog, seen: Collection[Name] = ()
) -> Iterator[Form]:
    """Tables whose rows refer to those that are changed: they are looked up at once, or changed too, and so on."""
    for name in tables_read((relation,), catalog):
        table = catalog.table(name)
        if table is None or name in seen:
            continue
        for referrer, foreign_key in catalog.referencing(name):
            if columns is not None and set(columns).isdisjoint(referenced_columns(foreign_key, table)):
                continue
            change = foreign_key.on_delete if columns is None else foreign_key.on_update
            if change not in ("no action", "restrict"):
                yield f"{command}: cascade", {Role.REFERENCING: with_partitions(catalog, referrer.name)}
                deletes = columns is None and change == "cascade"
                further, set_ = ("delete", None) if deletes else ("update", foreign_key.columns)
                yield from _looked_up(referrer.name, set_, further, catalog, (*seen, name))
            elif not foreign_key.initially_deferred:
                yield f"{command}: referenced", {Role.REFERENCING: with_partitions(catalog, referrer.name)}


def _reading(reads: Collection[Name], catalog: Catalog, only: Collection[Name] = ()) -> Iterator[Form]:
    if reads:
        yield "select", {Role.READ: tables_read(reads, catalog, only)}
        yield from row_locks(reads, (), catalog)
    for name in reads:
        if not is_stored(name, catalog):
            yield "partition constraint", {Role.PARENT: catalog.ancestors(name)}


@handles(a.Select)
def _select(action: a.Select, catalog: Catalog, server: Server) -> Iterator[Form]:
    if not action.reads:
        yield "select", {}
    yield from _reading([name for name in action.reads if name not in action.locked], catalog, action.only)
    if action.locked:
        yield "select: for update", {Role.READ: tables_read(action.locked, catalog, action.only)}


@handles(a.Plan)
def _plan(action: a.Plan, catalog: Catalog, server: Server) -> Iterator[Form]:
    for each in action.actions:
        # A prepared statement is rewritten when it is executed.
        for made in rewritten(each, catalog) if action.command == "explain" else (each,):
            yield from _planned(made, action.command, catalog)


def _planned(action: Action, command: str, catalog: Catalog) -> Iterator[Form]:
    reads: Collection[Name] = getattr(action, "reads", ())
    only: Collection[Name] = getattr(action, "only", ()) if isinstance(action, a.Select) else ()
    parsed = command in ("prepare", "create function")
    if parsed:
        # Nobody looks for descendants yet.
        only = [name for read in reads for name in tables_read((read,), catalog)]
    if isinstance(action, (a.Insert, a.Update, a.Delete, a.Merge)):
        if parsed:
            yield f"{command}: insert", _written(action.relation, "insert", True, catalog)
        else:
            yield from _planned_change(action, catalog)
    locked = action.locked if isinstance(action, a.Select) else ()
    if locked:
        yield f"{command}: select for update", {Role.READ: tables_read(locked, catalog, only)}
    others = [name for name in reads if name not in locked]
    if others:
        yield f"{command}: select", {Role.READ: tables_read(others, catalog, only)}


def _planned_change(action: a.Insert | a.Update | a.Delete | a.Merge, catalog: Catalog) -> Iterator[Form]:
    """EXPLAIN of a change: what stands in for it, and what the views on the way read."""
    event = "insert" if isinstance(action, a.Insert) else "delete" if isinstance(action, a.Delete) else "update"
    instead = replaced(action.relation, event, catalog)
    if instead is not None:
        relations, _ = instead
        yield "replaced", {Role.ALTERED: [table.name for table in relations]}
        read = list(relations[-1].reads)
    else:
        only = not isinstance(action, a.Insert) and action.only
        form = "explain: insert" if event == "insert" else "explain: update"
        yield form, _written(action.relation, event, only, catalog)
        read = [name for view in reached(action.relation, catalog) for name in view.reads if name != view.base]
    if read:
        yield "explain: select", {Role.READ: tables_read(read, catalog)}
    if isinstance(action, a.Insert) and instead is None:
        yield from _arbiters(action, catalog)


@handles(a.CreateFunction)
def _create_function(action: a.CreateFunction, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield "no lock", {}
    for each in action.body if action.language == "sql" else ():
        yield from _planned(each, "create function", catalog)


@handles(a.Execute)
def _execute(action: a.Execute, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield "no lock", {}


@handles(a.Deallocate)
def _deallocate(action: a.Deallocate, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield "no lock", {}


@handles(a.Copy)
def _copy(action: a.Copy, catalog: Catalog, server: Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    if action.into:
        yield "copy: from", {Role.ALTERED: with_partitions(catalog, action.relation)}
        yield "partition constraint", {Role.PARENT: catalog.ancestors(action.relation)}
        yield from _checked(action.relation, None, "insert", catalog)
    elif table is not None and table.kind == "partitioned table":
        yield "copy: to, partitioned", {}
    else:
        yield "copy: to", {Role.READ: (action.relation,)}


@handles(a.LockTable)
def _lock_table(action: a.LockTable, catalog: Catalog, server: Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    if table is not None and table.kind == "view":
        yield "lock table: view", {}
    elif table is not None and table.kind == "materialized view":
        yield "lock table: materialized view", {}
    only = (action.relation,) if action.only else ()
    yield f"lock table: {action.mode.lower()}", {Role.ALTERED: tables_read((action.relation,), catalog, only)}


@handles(a.Maintenance)
def _maintenance(action: a.Maintenance, catalog: Catalog, server: Server) -> Iterator[Form]:
    if action.command == "cluster":
        yield from _cluster(action, catalog)
        return
    command = "vacuum: full" if action.full else action.command
    if action.relation is None:
        tables = tuple(table.name for table in catalog.tables.values() if table.kind in _MAINTAINED)
    else:
        tables = _maintained(action.relation, action.only, catalog, server)
    analyzed = tables if action.command == "analyze" or action.analyze else ()
    for name in tables:
        form = command if is_stored(name, catalog) else f"{command}, partitioned"
        yield form, {Role.ALTERED: (name,)}
    for name in analyzed:
        if action.command == "vacuum" and is_stored(name, catalog):
            yield "vacuum: analyze", {Role.ALTERED: (name,)}
        yield "analyze: children", {Role.PARTITION: with_descendants(catalog, name)[1:]}


_MAINTAINED = frozenset({"table", "partitioned table", "materialized view"})


def _maintained(relation: Name, only: bool, catalog: Catalog, server: Server) -> tuple[Name, ...]:
    inherited = server.postgres >= facts.MAINTENANCE_OF_CHILDREN
    if only:
        return (relation,)
    return with_descendants(catalog, relation) if inherited else with_partitions(catalog, relation)


def _cluster(action: a.Maintenance, catalog: Catalog) -> Iterator[Form]:
    if action.relation is None:
        clustered = [table.name for table in catalog.tables.values() if table.clustered]
        yield "cluster: all", {Role.ALTERED: clustered}
        return
    table = catalog.table(action.relation)
    if table is not None and table.kind == "partitioned table":
        yield "cluster: partitioned", {Role.ALTERED: with_descendants(catalog, action.relation)}
    else:
        yield "cluster", {Role.ALTERED: (action.relation,)}
