"""Forms of what is done to tables as a whole."""

from collections.abc import Iterator

from migsafe import actions as a
from migsafe.actions import Name
from migsafe.postgres.facts import Role
from migsafe.sql.catalog import Catalog, Table
from migsafe.sql.forms.family import (
    altered,
    default_partition,
    drop_dependents,
    drop_sequence_used,
    is_inherited,
    is_missing,
    is_stored,
    keys_of_partitions,
    lost_triggers,
    row_locks,
    tables_read,
    triggers_from,
    with_descendants,
    with_partitions,
    with_switched_triggers,
)
from migsafe.sql.forms.indexes import alter_index
from migsafe.sql.forms.proofs import search
from migsafe.sql.forms.registry import Form, Roles, Server, handles


@handles(a.CreateTable)
def _create_table(action: a.CreateTable, catalog: Catalog, server: Server) -> Iterator[Form]:
    if action.if_not_exists and catalog.table(action.relation) is not None:
        if action.reads:
            yield "create table: as, with no data", {Role.READ: action.reads}
        return
    yield ("create table: with oids" if action.oids else "create table"), {}
    if action.access_method is not None:
        yield "create table: access method", {}
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
    if action.reads and action.with_data:
        yield "create table: as", {Role.READ: tables_read(action.reads, catalog)}
        yield from row_locks(action.reads, action.locked, catalog)
    elif action.reads:
        yield "create table: as, with no data", {Role.READ: action.reads}
        yield "create view: for update", {Role.READ: action.locked}
    if action.partition_of is not None:
        yield "create table: partition of", {Role.PARENT: (action.partition_of,)}
        form = "create table: partition of, with a default partition"
        yield from search(form, action.partition_of, action.bound, catalog)
        yield from triggers_from(action.partition_of, catalog)
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
        for sequence in catalog.sequences_of(name) if action.cascade else ():
            yield from drop_sequence_used(sequence, catalog)
        for constraint in table.constraints.values():
            if constraint.references is None or not constraint.enforced:
                continue
            if not is_inherited(constraint, table, catalog):
                yield from lost_triggers("drop table", constraint.references, catalog)
        # With CASCADE, a foreign key to what it is a partition of goes away as a whole.
        targets = (name, *catalog.ancestors(name)) if action.cascade else (name,)
        for referrer in (table for each in targets for table, _ in catalog.referencing(each)):
            yield "drop table: referenced", {Role.REFERENCING: with_partitions(catalog, referrer.name)}
        if table.partition_of is not None:
            default = default_partition(table.partition_of, catalog)
            yield "drop table: partition", {Role.PARENT: (table.partition_of,), Role.DEFAULT_PARTITION: default}


@handles(a.RenameTable)
def _rename_table(action: a.RenameTable, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield from _if_table(action.relation, action.if_exists, "rename table", catalog, server)


@handles(a.SetSchema)
def _set_schema(action: a.SetSchema, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield from _if_table(action.relation, action.if_exists, "set schema", catalog, server)


def _if_table(relation: Name, if_exists: bool, form: str, catalog: Catalog, server: Server) -> Iterator[Form]:
    if _is_sequence(relation, catalog):
        yield "no lock", {}
    elif not is_missing(relation, if_exists, catalog, server):
        yield form, {Role.ALTERED: (relation,)}


def _is_sequence(name: Name, catalog: Catalog) -> bool:
    """ALTER TABLE takes sequences, too; they are not reported."""
    return catalog.table(name) is None and catalog.index(name) is None and catalog.sequence(name) is not None


@handles(a.Truncate)
def _truncate(action: a.Truncate, catalog: Catalog, server: Server) -> Iterator[Form]:
    if action.only and not is_stored(action.relation, catalog):
        yield "truncate: only, partitioned", {}
    family = list((action.relation,) if action.only else with_descendants(catalog, action.relation))
    together = {name for each in action.together for name in with_descendants(catalog, each)}
    for name in family:
        parents = catalog.ancestors(name)
        yield "truncate: partition", {Role.PARENT: parents}
        # A foreign key to a partitioned table refers to its partitions, too.
        referrers = {
            table.name
            for each in (name, *parents)
            for table, foreign_key in catalog.referencing(each)
            if action.cascade or foreign_key.enforced
        }
        if not action.cascade and referrers - together - set(family):
            yield "truncate: referenced", {}
        for referrer in sorted(referrers) if action.cascade else ():
            family += (each for each in with_partitions(catalog, referrer) if each not in family)
    yield "truncate", {Role.ALTERED: family}


@handles(a.MoveAll)
def _move_all(action: a.MoveAll, catalog: Catalog, server: Server) -> Iterator[Form]:
    found = () if action.tablespace == action.to else catalog.in_tablespace(action.tablespace, action.kind)
    names = tuple(each.name for each in found)
    if action.kind == "index":
        yield "alter index: set tablespace", {Role.INDEX: names}
    else:
        yield "set tablespace", {Role.ALTERED: names}


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
    **dict.fromkeys(("EnableRule", "EnableAlwaysRule", "EnableReplicaRule", "DisableRule"), "rule"),
    "GenericOptions": "foreign table options",
    "AlterColumnGenericOptions": "foreign table options",
    "AddInherit": "inherit",
    "DropInherit": "no inherit",
    "AddOf": "of",
    "DropOf": "of",
    "DependsOnExtension": "depends on extension",
}
_NOTHING_IF_ALREADY = frozenset({"owner", "set access method", "set logged", "set tablespace"})
_PARTITIONED_DIFFER = frozenset({"cluster on", "set access method", "set logged", "set without cluster"})
_PARAMETERS = {
    **dict.fromkeys(
        (
            "fillfactor",
            "parallel_workers",
            "log_autovacuum_min_duration",
            "autovacuum_enabled",
            "autovacuum_analyze_scale_factor",
            "autovacuum_analyze_threshold",
            "autovacuum_freeze_max_age",
            "autovacuum_freeze_min_age",
            "autovacuum_freeze_table_age",
            "autovacuum_multixact_freeze_max_age",
            "autovacuum_multixact_freeze_min_age",
            "autovacuum_multixact_freeze_table_age",
            "autovacuum_vacuum_cost_delay",
            "autovacuum_vacuum_cost_limit",
            "autovacuum_vacuum_scale_factor",
            "autovacuum_vacuum_threshold",
        ),
        "set parameters",
    ),
    "toast_tuple_target": "set parameters: toast_tuple_target",
    "vacuum_index_cleanup": "set parameters: vacuum_truncate",
    "vacuum_truncate": "set parameters: vacuum_truncate",
    "autovacuum_vacuum_insert_scale_factor": "set parameters: autovacuum_vacuum_insert_threshold",
    "autovacuum_vacuum_insert_threshold": "set parameters: autovacuum_vacuum_insert_threshold",
    "autovacuum_vacuum_max_threshold": "set parameters: autovacuum_vacuum_max_threshold",
    "vacuum_max_eager_freeze_failure_rate": "set parameters: autovacuum_vacuum_max_threshold",
}


@handles(a.AlterTable)
def _alter_table(action: a.AlterTable, catalog: Catalog, server: Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    if _is_sequence(action.relation, catalog):
        yield "no lock", {}
    elif table is None and catalog.index(action.relation) is not None:
        yield from alter_index(_of_index(action), catalog, server)
    elif action.command in ("SetRelOptions", "ResetRelOptions"):
        # A table without storage has no TOAST table, whose parameters are ignored.
        own = any(not option.startswith("toast.") for option in action.options)
        if action.command == "SetRelOptions" and own and not is_stored(action.relation, catalog):
            yield "set parameters: partitioned", {}
        for option in action.options:
            # Those of the TOAST table cost the same.
            form = _PARAMETERS.get(option.removeprefix("toast."), "set parameters: others")
            yield form, {Role.ALTERED: (action.relation,)}
    else:
        form = _ALTER_TABLE.get(action.command, f"alter table: {action.command}")
        yield _variant(form, action, table, catalog), _roles(form, action, catalog)
        if form == "inherit":
            yield "inherit: children", {Role.PARTITION: with_descendants(catalog, action.relation)[1:]}
        if action.command == "SetAccessMethod" and action.to is None:
            yield "set access method: default", {}


def _variant(form: str, action: a.AlterTable, table: Table | None, catalog: Catalog) -> str:
    if form == "replica identity" and action.target is not None:
        return "replica identity: index"
    if form == "set without oids" and (table is None or table.oids):
        return "set without oids: rewrite"
    if table is not None and table.kind == "partitioned table" and form in _PARTITIONED_DIFFER:
        return f"{form}: partitioned"
    if form in _NOTHING_IF_ALREADY and table is not None and catalog.after(action).table(action.relation) == table:
        return f"{form}: already"
    return form


def _roles(form: str, action: a.AlterTable, catalog: Catalog) -> Roles:
    family: tuple[Name, ...] = (action.relation,)
    if form == "enable trigger":
        family = with_switched_triggers(action, catalog)
    elif not action.only and form in ("set statistics", "set storage"):
        family = with_descendants(catalog, action.relation)
    if action.target is None:
        return {Role.ALTERED: family}
    if form == "inherit":
        below = with_descendants(catalog, action.relation)[1:]
        return {Role.ALTERED: family, Role.PARENT: (action.target,), Role.READ: below}
    if action.command not in ("ClusterOn", "ReplicaIdentity"):
        return {Role.ALTERED: family, Role.PARENT: (action.target,)}
    index = Name(action.target.name, catalog.locate(action.relation).schema)  # it is where its table is
    return {Role.ALTERED: family, Role.INDEX: (index,)}


def _of_index(action: a.AlterTable) -> a.AlterIndex:
    """ALTER TABLE takes the name of an index, too."""
    return a.AlterIndex(index=action.relation, command=action.command, options=action.options, tablespace=action.to)
