"""Forms of what is done to tables as a whole."""

from collections.abc import Iterable, Iterator

from migsafe import actions as a
from migsafe.actions import Name
from migsafe.postgres.facts import Role
from migsafe.sql.catalog import Catalog
from migsafe.sql.forms.family import (
    altered,
    ancestors,
    default_partition,
    drop_dependents,
    is_missing,
    keys_of_partitions,
    searched_partitions,
    tables_read,
    with_descendants,
    with_partitions,
)
from migsafe.sql.forms.indexes import alter_index
from migsafe.sql.forms.registry import Form, Server, handles


@handles(a.CreateTable)
def _create_table(action: a.CreateTable, catalog: Catalog, server: Server) -> Iterator[Form]:
    if action.if_not_exists and catalog.table(action.relation) is not None:
        return
    yield "create table", {}
    references = [constraint.references for constraint in action.constraints]
    columns = (*action.columns, *action.options)
    references += [constraint.references for column in columns for constraint in column.constraints]
    for referenced in references:
        if referenced is not None and referenced != action.relation:
            yield "create table: references", {Role.REFERENCED: with_partitions(catalog, referenced)}
    if action.like:
        yield "create table: like", {Role.READ: action.like}
    if action.inherits:
        yield "create table: inherits", {Role.PARENT: action.inherits}
    if action.reads:
        yield "create table: as", {Role.READ: tables_read(action.reads, catalog)}
    if action.partition_of is not None:
        default = searched_partitions(action.partition_of, catalog)
        form = "create table: partition of, with a default partition" if default else "create table: partition of"
        yield form, {Role.PARENT: (action.partition_of,), Role.DEFAULT_PARTITION: default}
        yield from keys_of_partitions("create table: partition of, ", action.partition_of, {}, catalog)


@handles(a.DropTable)
def drop_table(action: a.DropTable, catalog: Catalog, server: Server) -> Iterator[Form]:
    if is_missing(action.relation, action.if_exists, catalog, server):
        return
    yield "drop table", altered(catalog, action.relation)
    for name in with_descendants(catalog, action.relation):
        table = catalog.table(name)
        if table is None:
            continue
        yield from drop_dependents(name, catalog)
        for constraint in table.constraints.values():
            if constraint.references is not None:
                yield "drop table: foreign key", {Role.REFERENCED: with_partitions(catalog, constraint.references)}
        for referrer, _ in catalog.referencing(name):
            yield "drop table: referenced", {Role.REFERENCING: with_partitions(catalog, referrer.name)}
        if table.partition_of is not None:
            default = default_partition(table.partition_of, catalog)
            yield "drop table: partition", {Role.PARENT: (table.partition_of,), Role.DEFAULT_PARTITION: default}


@handles(a.RenameTable)
def _rename_table(action: a.RenameTable, catalog: Catalog, server: Server) -> Iterator[Form]:
    if catalog.table(action.relation) is None and catalog.sequence(action.relation) is not None:
        yield "no lock", {}
    elif not is_missing(action.relation, action.if_exists, catalog, server):
        yield "rename table", {Role.ALTERED: (action.relation,)}


@handles(a.SetSchema)
def _set_schema(action: a.SetSchema, catalog: Catalog, server: Server) -> Iterator[Form]:
    if not is_missing(action.relation, action.if_exists, catalog, server):
        yield "set schema", {Role.ALTERED: (action.relation,)}


@handles(a.Truncate)
def _truncate(action: a.Truncate, catalog: Catalog, server: Server) -> Iterator[Form]:
    family = list(with_descendants(catalog, action.relation))
    for name in family if action.cascade else ():
        for referenced in (name, *ancestors(name, catalog)):
            for referrer, _ in catalog.referencing(referenced):
                family += (each for each in with_descendants(catalog, referrer.name) if each not in family)
    yield "truncate", {Role.ALTERED: family}


_ALTER_TABLE = {
    "SetStatistics": "set statistics",
    "SetOptions": "set column options",
    "ResetOptions": "set column options",
    "SetStorage": "set storage",
    "SetCompression": "set compression",
    "ChangeOwner": "owner",
    "ClusterOn": "cluster on",
    "DropCluster": "set without cluster",
    "SetLogged": "set logged",
    "SetUnLogged": "set logged",
    "SetTableSpace": "set tablespace",
    "SetAccessMethod": "set access method",
    "DropOids": "set without oids",
    "ReplicaIdentity": "replica identity",
    "EnableRowSecurity": "row level security",
    "DisableRowSecurity": "row level security",
    "ForceRowSecurity": "row level security",
    "NoForceRowSecurity": "row level security",
    **dict.fromkeys(
        (
            f"{switch}{what}Trig{who}"
            for switch in ("Enable", "Disable")
            for what in ("", "Always", "Replica")
            for who in ("", "All", "User")
        ),
        "enable trigger",
    ),
    "AddInherit": "inherit",
    "DropInherit": "no inherit",
}


_LIGHT_PARAMETERS = frozenset(
    {
        "fillfactor",
        "toast_tuple_target",
        "parallel_workers",
        "log_autovacuum_min_duration",
        "vacuum_index_cleanup",
        "vacuum_truncate",
        "vacuum_max_eager_freeze_failure_rate",
    }
)
"""Storage parameters that take the weak lock, beside ``autovacuum_*`` (``reloptions.c``)."""


def _of_index(action: a.AlterTable) -> a.AlterIndex:
    """ALTER TABLE takes the name of an index, too."""
    return a.AlterIndex(index=action.relation, command=action.command, options=action.options, tablespace=action.to)


@handles(a.AlterTable)
def _alter_table(action: a.AlterTable, catalog: Catalog, server: Server) -> Iterator[Form]:
    if catalog.table(action.relation) is None and catalog.index(action.relation) is not None:
        yield from alter_index(_of_index(action), catalog, server)
        return
    if action.command in ("SetRelOptions", "ResetRelOptions"):
        light = all(o.startswith(("autovacuum_", "toast.")) or o in _LIGHT_PARAMETERS for o in action.options)
        form = "set parameters" if light else "set parameters: others"
    else:
        form = _ALTER_TABLE.get(action.command, f"alter table: {action.command}")
    table = catalog.table(action.relation)
    if form == "set logged" and table is not None and table.unlogged == (action.command == "SetUnLogged"):
        form = "set logged: already"
    recurses = form in ("set statistics", "set storage", "enable trigger")
    roles: dict[Role, Iterable[Name]] = {
        Role.ALTERED: with_descendants(catalog, action.relation) if recurses else (action.relation,)
    }
    if action.target is not None:
        roles[Role.PARENT] = roles[Role.INDEX] = (action.target,)
        if form == "replica identity":
            form = "replica identity: index"
    yield form, roles
