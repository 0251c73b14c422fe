"""Relations that belong together, and what the schema says of them."""

from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from migsafe import actions as a
from migsafe.actions import ConstraintKind, Expression, Name
from migsafe.postgres.facts import Role
from migsafe.postgres.functions import volatility
from migsafe.sql.calls import rule_targets
from migsafe.sql.catalog import Catalog, Column, Index, Sequence, Table, UserType, serves_as
from migsafe.sql.forms.registry import Form, Roles, Server


def with_descendants(catalog: Catalog, name: Name) -> tuple[Name, ...]:
    """A table and all that descends from it: ALTER TABLE goes down to partitions and inheriting tables."""
    table = catalog.table(name)
    if table is None:
        return (name,)
    return catalog.family(table.name)


def children(name: Name, catalog: Catalog) -> tuple[Name, ...]:
    """Its partitions, or the tables that inherit from it, without theirs."""
    return tuple(child.name for child in catalog.partitions(name))


def with_partitions(catalog: Catalog, name: Name) -> tuple[Name, ...]:
    """A table and its partitions, but not what inherits from it: foreign keys and REINDEX leave that out."""
    table = catalog.table(name)
    return (name,) if table is not None and table.kind == "table" else with_descendants(catalog, name)


def referencing_partitioned(referenced: Name, catalog: Catalog) -> Iterator[Form]:
    table = catalog.table(referenced)
    if table is not None and table.kind == "partitioned table":
        yield "references a partitioned table", {}


def altered(catalog: Catalog, name: Name, *, only: bool = False) -> Roles:
    return {Role.ALTERED: (name,) if only else with_descendants(catalog, name)}


def names_of(indexes: Iterable[Index]) -> tuple[Name, ...]:
    return tuple(index.name for index in indexes)


def is_missing(name: Name, if_exists: bool, catalog: Catalog, server: Server) -> bool:
    """Whether IF EXISTS finds nothing, so that nothing is locked."""
    return if_exists and server.complete and catalog.table(name) is None and catalog.index(name) is None


def volatile(expression: Expression, catalog: Catalog, *, inlining: bool = True) -> bool:
    """Whether it calls a volatile function; a function that nobody knows may be one.

    Args:
        inlining: After SQL functions are inlined, which may show that one is not as volatile as declared.
    """
    return any(volatile_function(name, catalog, inlining=inlining) for name in expression.functions)


def volatile_function(name: Name, catalog: Catalog, *, inlining: bool = True) -> bool:
    """Whether a function is volatile, or nobody knows; see `volatile`."""
    function = catalog.function(name)
    known = function.volatility if function is not None else volatility(name)
    if inlining and function is not None and function.inlined is not None and known == "volatile":
        return volatile(function.inlined, catalog)
    return known in (None, "volatile")


def drop_dependents(
    relation: Name, catalog: Catalog, column: str | None = None, seen: Collection[Name] = ()
) -> Iterator[Form]:
    """What CASCADE drops with a relation, or with one column of it: views, and other tables' rules and policies."""
    for view in catalog.views_reading(relation):
        # A view may read a table that has a column of the view's row type.
        if _uses(view.reads_columns, column) and view.name not in seen:
            yield from drop_view(view, catalog, (*seen, relation))
    target = catalog.locate(relation)
    for table in catalog.tables.values():
        if table.name == target:
            continue
        for rule in table.rules.values():
            if _uses(rule.reads_columns, column) and target in map(catalog.locate, rule_targets(rule)):
                yield "rule", {Role.ALTERED: (table.name,)}
        for policy in table.policies.values():
            if _uses(policy.reads_columns, column) and target in policy.reads:
                yield "policy", {Role.ALTERED: (table.name,)}
    if column is None:
        yield from lost_with_type(relation, catalog, (*seen, relation))


def _uses(columns: tuple[str, ...] | None, column: str | None) -> bool:
    return column is None or columns is None or column in columns


def drop_view(view: Table, catalog: Catalog, seen: Collection[Name] = ()) -> Iterator[Form]:
    """A view that is dropped, and what is built on it."""
    yield f"drop {view.kind}", {Role.ALTERED: (view.name,)}
    yield from drop_dependents(view.name, catalog, seen=seen)


def drop_sequence_used(sequence: Sequence, catalog: Catalog) -> Iterator[Form]:
    """What CASCADE takes along with a sequence: the defaults that draw from it, domains with such a one, and views."""
    yield from drop_dependents(sequence.name, catalog)
    owner: list[Name] = []
    if sequence.owned_by is not None:
        table = catalog.table(sequence.owned_by[0])
        column = table.columns.get(sequence.owned_by[1]) if table is not None else None
        if column is None:
            owner.append(sequence.owned_by[0])

    def draws(default: Expression | None) -> bool:
        # The name in a text may be that of another one: rather a table too many.
        return default is not None and any(name in default.sql for name in (sequence.name.name, *sequence.former))

    drawing = [
        table.name
        for table in catalog.tables.values()
        if any(draws(column.default) for column in table.columns.values())
    ]
    yield "drop sequence: default", {Role.ALTERED: (*owner, *drawing)}
    for domain in catalog.types.values():
        if draws(domain.default):
            yield from lost_with_type(domain.name, catalog)


def columns_of(type_: Name, catalog: Catalog) -> Iterator[tuple[Table, str]]:
    """Columns of a type, of a relation's row type, or of a domain over it, and their tables."""
    wanted = catalog.user_type(type_) or catalog.table(type_)
    for table in catalog.tables.values() if wanted is not None else ():
        if table.kind != "view":
            for column in _typed(table, wanted, catalog):
                yield table, column


def _typed(table: Table, wanted: UserType | Table | None, catalog: Catalog) -> Iterator[str]:
    """Columns of a table that have a type; of one that a query has made, those of what it reads."""
    for column in table.columns.values():
        if _is_of(column.type, wanted, catalog):
            yield column.name
    for source in filter(None, map(catalog.table, table.reads)):
        for name in _typed(source, wanted, catalog):
            if table.reads_columns is None or name in table.reads_columns:
                yield name


def _is_of(type_: a.Type, wanted: UserType | Table | None, catalog: Catalog) -> bool:
    found = catalog.user_type(type_.name)
    if found is None:
        return isinstance(wanted, Table) and catalog.table(type_.name) is wanted
    return found is wanted or (found.base is not None and _is_of(found.base, wanted, catalog))


def lost_with_type(type_: Name, catalog: Catalog, seen: Collection[Name] = ()) -> Iterator[Form]:
    """Columns that CASCADE drops with their type."""
    for table, column in columns_of(type_, catalog):
        yield "drop domain: column", {Role.ALTERED: (table.name,)}
        yield from lost_with(column, table, catalog)
        yield from drop_dependents(table.name, catalog, column, seen)


def lost_with(column: str, table: Table, catalog: Catalog) -> Iterator[Form]:
    """Indexes and foreign keys that go with a column."""
    indexes = [index for index in catalog.indexes(table.name) if index.involves(column)]
    yield "drop column: index", {Role.ALTERED: (table.name,), Role.INDEX: names_of(indexes)}
    for constraint in table.constraints_on(column):
        yield from losing_constraint(constraint, "drop column", table, catalog)
    for referrer, foreign_key in catalog.referencing(table.name):
        # A unique index, without a constraint, may be what it goes by.
        if column in referenced_columns(foreign_key, table):
            yield "drop column: referenced", {Role.REFERENCING: (referrer.name,)}


def losing_constraint(constraint: a.Constraint, command: str, table: Table, catalog: Catalog) -> Iterator[Form]:
    """The other side of a foreign key that goes away, or that needs the key that goes away."""
    if constraint.references is not None and command == "drop constraint":
        yield "drop constraint: foreign key", {Role.REFERENCED: with_partitions(catalog, constraint.references)}
    elif constraint.references is not None:
        if constraint.enforced:  # else it has no triggers there
            yield from lost_triggers(command, constraint.references, catalog)
    elif constraint.kind in (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY_KEY):
        partitions = with_partitions(catalog, table.name)
        for key in indexes_of(constraint, table, catalog):
            for index in filter(None, map(catalog.index, index_family(key, partitions, catalog))):
                referrers = tuple(referrer.name for referrer, _ in referring_through(index, catalog))
                yield f"{command}: referenced", {Role.REFERENCING: referrers}


def lost_triggers(command: str, referenced: Name, catalog: Catalog) -> Iterator[Form]:
    """A table on which the triggers of a foreign key go away, and its partitions."""
    stored, partitioned = split_by_storage(with_partitions(catalog, referenced), catalog)
    yield f"{command}: foreign key", {Role.REFERENCED: stored}
    if partitioned:
        yield f"{command}: foreign key to a partitioned table", {Role.REFERENCED: partitioned}


def split_by_storage(names: Iterable[Name], catalog: Catalog) -> tuple[tuple[Name, ...], tuple[Name, ...]]:
    """Those that have rows of their own, and partitioned tables."""
    names = tuple(names)
    stored = tuple(name for name in names if is_stored(name, catalog))
    return stored, tuple(name for name in names if name not in stored)


def is_proven(column: Column, table: Table) -> bool:
    """Whether all rows are known to have a value: a NOT NULL constraint that is NOT VALID says nothing of old rows."""
    return column.not_null and not any(
        constraint.kind is ConstraintKind.NOT_NULL and not constraint.valid
        for constraint in table.constraints_on(column.name)
    )


def referenced_columns(foreign_key: a.Constraint, table: Table) -> tuple[str, ...]:
    key = table.primary_key
    return foreign_key.referenced_columns or (key.columns if key is not None else ())


def referring_through(index: Index, catalog: Catalog) -> Iterator[tuple[Table, a.Constraint]]:
    """Foreign keys that need a unique index: of several over their columns, they go by the oldest."""
    table = catalog.tables[index.relation]
    for referrer, foreign_key in catalog.referencing(table.name):
        keys = (each for each in catalog.indexes(index.relation) if _is_key_of(foreign_key, each, table))
        if next(keys, None) == index:
            yield referrer, foreign_key


def _is_key_of(foreign_key: a.Constraint, index: Index, table: Table) -> bool:
    """Whether a foreign key could go by an index (``transformFkeyCheckAttrs``)."""
    if not foreign_key.referenced_columns:
        return index.primary
    constraint = table.constraints.get(index.constraint or "")
    immediate = constraint is None or not constraint.deferrable
    fits = set(index.columns) == set(foreign_key.referenced_columns)
    return fits and index.unique and immediate and index.where is None


def domains_of(type_: a.Type, catalog: Catalog) -> tuple[UserType, ...]:
    """The domain that a type is, and those that it is over."""
    found: list[UserType] = []
    while not type_.array:
        domain = catalog.user_type(type_.name)
        # A domain over itself is refused, but may have been written.
        if domain is None or domain.base is None or domain in found:
            break
        found.append(domain)
        type_ = domain.base
    return tuple(found)


def is_constrained(type_: a.Type, catalog: Catalog) -> bool:
    return any(domain.constraints or domain.not_null for domain in domains_of(type_, catalog))


def base_type(type_: a.Type, catalog: Catalog) -> a.Type:
    """The type that a domain stands for."""
    domains = domains_of(type_, catalog)
    return (domains[-1].base or type_) if domains else type_


def indexes_of(constraint: a.Constraint, table: Table, catalog: Catalog) -> tuple[Name, ...]:
    if not constraint.kind.is_indexed:
        return ()
    return names_of(index for index in catalog.indexes(table.name) if index.constraint == constraint.name)


def index_family(index: Name, tables: Iterable[Name], catalog: Catalog) -> tuple[Name, ...]:
    """An index and those of partitions that are part of it."""
    family = [found.name if (found := catalog.index(index)) is not None else index]
    for table in tables:
        family += (item.name for item in catalog.indexes(table) if item.parent in family)
    return tuple(family)


def indexes_given(
    action: a.Action, tables: Iterable[Name], catalog: Catalog
) -> tuple[tuple[Name, ...], tuple[Name, ...]]:
    """Partitions on which an action builds an index, and indexes that it makes part of the parent's instead."""
    after = catalog.after(action)
    built = tuple(table for table in tables if any(index.oid >= catalog.next_oid for index in after.indexes(table)))
    own = (index for table in tables for index in catalog.indexes(table) if index.parent is None)
    return built, tuple(index.name for index in own if index != after.index(index.name))


STORED = frozenset({"table", "materialized view"})


def keys_of_partitions(
    prefix: str, parent: Name, roles: Roles, catalog: Catalog, partition: Table | None = None
) -> Iterator[Form]:
    """Foreign keys from and to a partitioned table, which a partition gets and loses, unless it already has its own."""
    table = catalog.table(parent)
    own = () if partition is None else partition.constraints.values()
    for constraint in table.constraints.values() if table is not None else ():
        if constraint.references is not None:
            kept = any(serves_as(each, constraint) for each in own)
            form = f"{prefix}foreign key, kept" if kept else f"{prefix}foreign key"
            referenced = with_partitions(catalog, constraint.references)
            if form == "detach partition: foreign key" and not is_stored(constraint.references, catalog):
                yield (
                    f"{form} to a partitioned table",
                    {**roles, Role.REFERENCED: referenced[:1], Role.READ: referenced[1:]},
                )
            else:
                yield form, {**roles, Role.REFERENCED: referenced}
            if any(is_validated_with(each, constraint) for each in own):
                yield "attach partition: foreign key, validated", {Role.REFERENCED: referenced}
    for name in (parent, *catalog.ancestors(parent)):
        for referrer, foreign_key in catalog.referencing(name):
            if "concurrently" in prefix or not is_inherited(foreign_key, referrer, catalog):
                yield f"{prefix}referenced", {**roles, Role.REFERENCING: (referrer.name,)}
            elif "detach" in prefix:
                yield "detach partition: referenced, partitions", {Role.READ: (referrer.name,)}


def is_inherited(foreign_key: a.Constraint, table: Table, catalog: Catalog) -> bool:
    """Whether it is part of one of the parent's, which is all that the referenced table knows of."""
    parent = catalog.table(table.partition_of) if table.partition_of is not None else None
    return parent is not None and any(serves_as(foreign_key, own) for own in parent.constraints.values())


def is_validated_with(own: a.Constraint, foreign_key: a.Constraint) -> bool:
    """Whether a partition's foreign key is part of its parent's but for its old rows, which were not checked."""
    return not own.valid and foreign_key.valid and serves_as(replace(own, valid=True), foreign_key)


def triggers_from(parent: Name, catalog: Catalog) -> Iterator[Form]:
    """The other tables of constraint triggers that a partition gets with its parent's."""
    table = catalog.table(parent)
    for trigger in table.triggers.values() if table is not None else ():
        if trigger.row and trigger.references is not None:
            yield "create trigger: from", {Role.REFERENCED: (trigger.references,)}


def default_partition(parent: Name, catalog: Catalog) -> tuple[Name, ...]:
    return tuple(partition.name for partition in catalog.partitions(parent) if partition.default_partition)


def searched_partitions(parent: Name, catalog: Catalog) -> tuple[Name, ...]:
    """Where rows may be that belong into a new partition: the default partition and those below it."""
    return tuple(name for default in default_partition(parent, catalog) for name in with_descendants(catalog, default))


def tables_read(names: Iterable[Name], catalog: Catalog, only: Collection[Name] = ()) -> tuple[Name, ...]:
    """Relations that a query locks: those it names, what views read, and descendants but for those in ``only``."""
    found: list[Name] = []
    for name in names:
        table = catalog.table(name)
        if table is None and catalog.sequence(name) is not None:
            continue
        found += (name,) if name in only else with_descendants(catalog, name)
        if table is not None and table.kind == "view":
            found += tables_read(table.reads, catalog, table.only)
    return tuple(found)


def row_locks(reads: Iterable[Name], locked: Iterable[Name], catalog: Catalog) -> Iterator[Form]:
    """FOR UPDATE and its like in a query that is carried out, or in a view that it reads."""
    if locked:
        yield "select: for update", {Role.READ: tables_read(locked, catalog)}
    for name in reads:
        view = catalog.table(name)
        if view is not None and view.kind == "view":
            yield from row_locks(view.reads, view.locked, catalog)


def is_stored(name: Name, catalog: Catalog) -> bool:
    table = catalog.table(name)
    return table is None or table.kind != "partitioned table"


def trigger_of(relation: Name, name: str, catalog: Catalog) -> a.CreateTrigger | None:
    table = catalog.table(relation)
    return table.triggers.get(name) if table is not None else None


def with_trigger(relation: Name, trigger: a.CreateTrigger | None, catalog: Catalog) -> tuple[Name, ...]:
    """The table, and the partitions that have the trigger too; one that is not known may be for rows."""
    return (relation,) if trigger is not None and not trigger.row else with_partitions(catalog, relation)


def with_switched_triggers(action: a.AlterTable, catalog: Catalog) -> tuple[Name, ...]:
    """What ENABLE or DISABLE TRIGGER goes down to: partitions, if there are triggers for rows."""
    table = catalog.table(action.relation)
    if action.only:
        return (action.relation,)
    if action.trigger is not None or table is None:
        trigger = trigger_of(action.relation, action.trigger or "", catalog)
        return with_trigger(action.relation, trigger, catalog)
    for_rows = any(trigger.row for trigger in table.triggers.values())
    has_keys = any(key.references for key in table.constraints.values()) or catalog.referencing(table.name)
    return with_partitions(catalog, action.relation) if for_rows or has_keys else (action.relation,)
