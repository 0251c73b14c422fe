"""Changes of sequences, views, types, functions, triggers, schemas, and of the session."""

from collections.abc import Callable, Iterator
from typing import Literal, TypeVar

from msgspec.structs import replace
from rpds import HashTrieMap

from migsafe import actions
from migsafe.actions import ColumnDefinition, Constraint, ConstraintKind, Name
from migsafe.sql import names
from migsafe.sql.catalog import Catalog, Function, Sequence, Table, UserType
from migsafe.sql.changes.columns import column_dropped
from migsafe.sql.changes.storage import (
    applies,
    column_edited,
    numbered,
    relation_exists,
    sequence_moved,
    sequence_stored,
    stored,
)
from migsafe.sql.changes.tables import table_dropped, table_moved


@applies(actions.CreateSequence)
def create_sequence(catalog: Catalog, action: actions.CreateSequence) -> Catalog:
    name = catalog.qualify(action.sequence)
    if relation_exists(catalog, name):
        return catalog
    return sequence_stored(catalog, None, Sequence(name=name, owned_by=_owner(catalog, action.owned_by)))


def _owner(catalog: Catalog, owned_by: tuple[Name, str] | None) -> tuple[Name, str] | None:
    return (catalog.locate(owned_by[0]), owned_by[1]) if owned_by else None


@applies(actions.AlterSequence)
def alter_sequence(catalog: Catalog, action: actions.AlterSequence) -> Catalog:
    sequence = catalog.sequence(action.sequence)
    if sequence is None or not (action.owned_by or action.disowned):
        return catalog
    return sequence_stored(catalog, sequence, replace(sequence, owned_by=_owner(catalog, action.owned_by)))


@applies(actions.DropSequence)
def drop_sequence(catalog: Catalog, action: actions.DropSequence) -> Catalog:
    sequence = catalog.sequence(action.sequence)
    if sequence is None:
        return catalog
    catalog = sequence_stored(catalog, sequence, None)
    if action.cascade and sequence.owned_by and sequence.owned_by[0] in catalog.tables:
        # The default that takes its values goes away too.
        return column_edited(catalog, *sequence.owned_by, default=None)
    return catalog


@applies(actions.CreateView)
def create_view(catalog: Catalog, action: actions.CreateView) -> Catalog:
    name = catalog.qualify(action.relation)
    if any(_reads(catalog, catalog.locate(read), name) for read in action.reads):
        return catalog
    existing = catalog.tables.get(name)
    if existing is not None and action.replace:
        return stored(catalog, existing, _with_query(catalog, existing, action))
    if relation_exists(catalog, name):
        return catalog
    oid, catalog = numbered(catalog)
    kind: Literal["view", "materialized view"] = "materialized view" if action.materialized else "view"
    return stored(catalog, None, _with_query(catalog, Table(oid=oid, name=name, kind=kind), action))


def _reads(catalog: Catalog, relation: Name, view: Name) -> bool:
    """Whether a view would read itself."""
    table = catalog.tables.get(relation)
    return relation == view or (table is not None and any(_reads(catalog, read, view) for read in table.reads))


def _with_query(catalog: Catalog, view: Table, action: actions.CreateView) -> Table:
    return replace(
        view,
        reads=tuple(map(catalog.locate, action.reads)),
        only=tuple(map(catalog.locate, action.only)),
        locked=tuple(map(catalog.locate, action.locked)),
        base=catalog.locate(action.base) if action.base else None,
        functions=action.functions,
        reads_columns=action.reads_columns,
        grouped=action.grouped,
        query="" if action.columns else action.query,
    )


@applies(actions.CreateType)
def create_type(catalog: Catalog, action: actions.CreateType) -> Catalog:
    name = catalog.qualify(action.type)
    return _add_type(catalog, UserType(name=name, kind=action.kind, labels=action.labels, columns=action.columns))


def _add_type(catalog: Catalog, user_type: UserType) -> Catalog:
    if user_type.name in catalog.types:
        return catalog
    return replace(catalog, types=catalog.types.insert(user_type.name, user_type))


@applies(actions.AlterComposite)
def alter_composite(catalog: Catalog, action: actions.AlterComposite) -> Catalog:
    found = catalog.user_type(action.type)
    if found is None:
        return catalog
    typed = catalog.tables_of(found.name) if action.cascade else ()
    changed = replace(found, columns=tuple(_attributes(found.columns, action.command)))
    catalog = replace(catalog, types=catalog.types.insert(found.name, changed))
    for table in typed:
        catalog = catalog.after(replace(action.command, relation=table.name))
    return catalog


def _attributes(columns: tuple[ColumnDefinition, ...], command: actions.TableCommand) -> Iterator[ColumnDefinition]:
    for column in columns:
        if isinstance(command, actions.RenameColumn) and command.column == column.name:
            yield replace(column, name=command.new_name)
        elif isinstance(command, actions.AlterColumnType) and command.column == column.name:
            yield replace(column, type=command.type, collation=command.collation)
        elif not (isinstance(command, actions.DropColumn) and command.column == column.name):
            yield column
    if isinstance(command, actions.AddColumn):
        yield command.column


@applies(actions.AlterEnum)
def alter_enum(catalog: Catalog, action: actions.AlterEnum) -> Catalog:
    enum = catalog.user_type(action.type)
    if enum is None or action.label in enum.labels:
        return catalog
    if action.old is None:
        labels = (*enum.labels, action.label)
    else:
        labels = tuple(action.label if label == action.old else label for label in enum.labels)
    return replace(catalog, types=catalog.types.insert(enum.name, replace(enum, labels=labels)))


@applies(actions.CreateDomain)
def create_domain(catalog: Catalog, action: actions.CreateDomain) -> Catalog:
    domain = UserType(
        name=catalog.qualify(action.domain),
        kind="domain",
        base=action.type,
        not_null=action.not_null,
        default=action.default,
    )
    for constraint in action.constraints:
        domain = _constrained(catalog, domain, constraint)
    return _add_type(catalog, domain)


def _constrained(catalog: Catalog, domain: UserType, constraint: Constraint) -> UserType:
    if constraint.kind is ConstraintKind.NOT_NULL:
        return replace(domain, not_null=True)

    def taken(name: str) -> bool:
        return name in domain.constraints or Name(name, domain.name.schema) in catalog.constraint_names

    name = constraint.name or names.choose(domain.name.name, None, "check", taken)
    return replace(domain, constraints={**domain.constraints, name: replace(constraint, name=name)})


@applies(actions.AlterDomain)
def alter_domain(catalog: Catalog, action: actions.AlterDomain) -> Catalog:
    domain = catalog.user_type(action.domain)
    if domain is None:
        return catalog
    if action.change == "add constraint" and action.constraint:
        changed = _constrained(catalog, domain, action.constraint)
    elif action.change == "drop constraint":
        kept = {name: item for name, item in domain.constraints.items() if name != action.name}
        changed = replace(domain, constraints=kept)
    elif action.change == "validate" and action.name in domain.constraints:
        valid = replace(domain.constraints[action.name], valid=True)
        changed = replace(domain, constraints={**domain.constraints, action.name: valid})
    elif action.change == "default":
        changed = replace(domain, default=action.default)
    elif action.change in ("set not null", "drop not null"):
        changed = replace(domain, not_null=action.change == "set not null")
    else:
        return catalog
    return replace(catalog, types=catalog.types.insert(domain.name, changed))


@applies(actions.CreateFunction)
def create_function(catalog: Catalog, action: actions.CreateFunction) -> Catalog:
    name = catalog.qualify(action.function)
    function = Function(
        name=name,
        volatility=action.volatility,
        language=action.language,
        inlined=action.inlined,
        body=action.body,
    )
    return replace(catalog, functions=catalog.functions.insert(name, function))


@applies(actions.AlterFunction)
def alter_function(catalog: Catalog, action: actions.AlterFunction) -> Catalog:
    function = catalog.function(action.function)
    if function is None or action.volatility is None:
        return catalog
    changed = replace(function, volatility=action.volatility)
    return replace(catalog, functions=catalog.functions.insert(function.name, changed))


@applies(actions.CreateTrigger)
def create_trigger(catalog: Catalog, action: actions.CreateTrigger) -> Catalog:
    table = catalog.table(action.relation)
    if table is None:
        return catalog
    function = catalog.function(action.function)
    trigger = replace(action, function=function.name) if function else action
    return stored(catalog, table, replace(table, triggers={**table.triggers, action.name: trigger}))


@applies(actions.DropTrigger)
def drop_trigger(catalog: Catalog, action: actions.DropTrigger) -> Catalog:
    table = catalog.table(action.relation)
    if table is None:
        return catalog
    return stored(catalog, table, replace(table, triggers=_without(table.triggers, action.name)))


Named = TypeVar("Named")


def _without(items: dict[str, Named], *names: str) -> dict[str, Named]:
    return {name: item for name, item in items.items() if name not in names}


@applies(actions.CreateRule)
def create_rule(catalog: Catalog, action: actions.CreateRule) -> Catalog:
    table = catalog.table(action.relation)
    return stored(catalog, table, replace(table, rules={**table.rules, action.name: action})) if table else catalog


@applies(actions.CreatePolicy)
def create_policy(catalog: Catalog, action: actions.CreatePolicy) -> Catalog:
    table = catalog.table(action.relation)
    if table is None:
        return catalog
    policy = replace(action, reads=tuple(map(catalog.locate, action.reads)))
    return stored(catalog, table, replace(table, policies={**table.policies, action.name: policy}))


@applies(actions.AlterPolicy)
def alter_policy(catalog: Catalog, action: actions.AlterPolicy) -> Catalog:
    table = catalog.table(action.relation)
    policy = table.policies.get(action.name) if table else None
    if table is None or policy is None:
        return catalog
    # ALTER POLICY keeps the expression that it does not name.
    columns = (policy.reads_columns, action.reads_columns)
    changed = replace(
        policy,
        reads=(*policy.reads, *map(catalog.locate, action.reads)),
        functions=(*policy.functions, *action.functions),
        reads_columns=None if None in columns else tuple(name for each in columns for name in each or ()),
    )
    return stored(catalog, table, replace(table, policies={**table.policies, action.name: changed}))


@applies(actions.CreateStatistics)
def create_statistics(catalog: Catalog, action: actions.CreateStatistics) -> Catalog:
    if action.name is None:
        return catalog
    made = catalog.statistics.insert(catalog.qualify(action.name), catalog.locate(action.relation))
    return replace(catalog, statistics=made)


@applies(actions.Plan)
def plan(catalog: Catalog, action: actions.Plan) -> Catalog:
    if action.name is None:
        return catalog
    return replace(catalog, prepared=catalog.prepared.insert(action.name, action.actions))


@applies(actions.Deallocate)
def deallocate(catalog: Catalog, action: actions.Deallocate) -> Catalog:
    left = HashTrieMap() if action.name is None else catalog.prepared.discard(action.name)
    return replace(catalog, prepared=left)


@applies(actions.CreateSchema)
def create_schema(catalog: Catalog, action: actions.CreateSchema) -> Catalog:
    return replace(catalog, schemas=catalog.schemas.insert(action.schema))


@applies(actions.CreateExtension)
def create_extension(catalog: Catalog, action: actions.CreateExtension) -> Catalog:
    return replace(catalog, extensions=catalog.extensions.insert(action.extension))


@applies(actions.CreateCollation)
def create_collation(catalog: Catalog, action: actions.CreateCollation) -> Catalog:
    if action.deterministic:
        return catalog
    known = catalog.nondeterministic_collations.insert(action.collation.name)
    return replace(catalog, nondeterministic_collations=known)


@applies(actions.DropObject)
def drop_object(catalog: Catalog, action: actions.DropObject) -> Catalog:
    if action.kind == "schema":
        return _drop_schema(catalog, action)
    if action.kind == "extension":
        return replace(catalog, extensions=catalog.extensions.discard(action.name.name))
    if action.kind == "collation":
        known = catalog.nondeterministic_collations.discard(action.name.name)
        return replace(catalog, nondeterministic_collations=known)
    if action.kind in ("function", "procedure", "routine", "aggregate"):
        function = catalog.function(action.name)
        return replace(catalog, functions=catalog.functions.remove(function.name)) if function else catalog
    if action.kind in ("type", "domain"):
        return _drop_type(catalog, action)
    if action.kind == "statistics":
        return replace(catalog, statistics=catalog.statistics.discard(catalog.qualify(action.name)))
    table = catalog.table(action.relation) if action.relation else None
    if table is None:
        return catalog
    changed = replace(
        table,
        rules=_without(table.rules, action.name.name) if action.kind == "rule" else table.rules,
        policies=_without(table.policies, action.name.name) if action.kind == "policy" else table.policies,
    )
    return stored(catalog, table, changed)


def _drop_type(catalog: Catalog, action: actions.DropObject) -> Catalog:
    user_type = catalog.user_type(action.name)
    if user_type is None:
        return catalog
    return _type_dropped(catalog, user_type) if action.cascade else _types_without(catalog, user_type)


def _type_dropped(catalog: Catalog, user_type: UserType) -> Catalog:
    """With the tables and columns of it, and the domains over it."""
    for typed in catalog.tables_of(user_type.name):
        catalog = table_dropped(catalog, typed, cascade=True)
    for table, column in _columns_of_type(catalog, user_type):
        catalog = column_dropped(catalog, table, column, cascade=True)
    over = _domains_over(catalog, user_type)
    catalog = _types_without(catalog, user_type)
    for domain in over:
        catalog = _type_dropped(catalog, domain)
    return catalog


def _types_without(catalog: Catalog, user_type: UserType) -> Catalog:
    return replace(catalog, types=catalog.types.discard(user_type.name))


def _domains_over(catalog: Catalog, user_type: UserType) -> list[UserType]:
    return [each for each in catalog.types.values() if each.base and catalog.user_type(each.base.name) == user_type]


def _columns_of_type(catalog: Catalog, user_type: UserType) -> list[tuple[Name, str]]:
    return [
        (table.name, column.name)
        for table in catalog.tables.values()
        for column in table.columns.values()
        if catalog.user_type(column.type.name) == user_type
    ]


def _drop_schema(catalog: Catalog, action: actions.DropObject) -> Catalog:
    schema = action.name.name
    if action.cascade:
        for table in [table for table in catalog.tables.values() if table.name.schema == schema]:
            if table.name in catalog.tables:
                catalog = table_dropped(catalog, table, cascade=True)
        for sequence in [sequence for name, sequence in catalog.sequences.items() if name.schema == schema]:
            catalog = sequence_stored(catalog, sequence, None)
        for user_type in [user_type for name, user_type in catalog.types.items() if name.schema == schema]:
            catalog = _type_dropped(catalog, user_type)
        for name in [name for name in catalog.functions if name.schema == schema]:
            catalog = replace(catalog, functions=catalog.functions.remove(name))
    return replace(catalog, schemas=catalog.schemas.discard(schema))


@applies(actions.RenameObject)
def rename_object(catalog: Catalog, action: actions.RenameObject) -> Catalog:
    rename = _RENAMES.get(action.kind)
    return catalog if rename is None else rename(catalog, action)


def _rename_sequence(catalog: Catalog, action: actions.RenameObject) -> Catalog:
    sequence = catalog.sequence(action.name)
    if sequence is None:
        return catalog
    return sequence_moved(catalog, sequence, Name(action.new_name, sequence.name.schema))


def _rename_type(catalog: Catalog, action: actions.RenameObject) -> Catalog:
    user_type = catalog.user_type(action.name)
    if user_type is None:
        return catalog
    new = Name(action.new_name, user_type.name.schema)
    using = _columns_of_type(catalog, user_type)
    typed = catalog.tables_of(user_type.name)
    over = _domains_over(catalog, user_type)
    types = catalog.types.remove(user_type.name).insert(new, replace(user_type, name=new))
    for domain in over:
        assert domain.base is not None
        types = types.insert(domain.name, replace(domain, base=replace(domain.base, name=new)))
    catalog = replace(catalog, types=types)
    for member in typed:
        catalog = stored(catalog, member, replace(member, of_type=new))
    for table, column in using:
        old = catalog.tables[table].columns[column].type
        catalog = column_edited(catalog, table, column, type=replace(old, name=new))
    return catalog


def _rename_on_table(catalog: Catalog, action: actions.RenameObject) -> Catalog:
    table = catalog.table(action.relation) if action.relation else None
    if table is None:
        return catalog
    attribute = {"trigger": "triggers", "rule": "rules", "policy": "policies"}[action.kind]
    items = getattr(table, attribute)
    old = action.name.name
    if old not in items:
        return catalog
    renamed = {**_without(items, old), action.new_name: replace(items[old], name=action.new_name)}
    return stored(catalog, table, replace(table, **{attribute: renamed}))


def _rename_schema(catalog: Catalog, action: actions.RenameObject) -> Catalog:
    old, new = action.name.name, action.new_name
    for table in [table for table in catalog.tables.values() if table.name.schema == old]:
        catalog = table_moved(catalog, catalog.tables[table.name], Name(table.name.name, new))
    for sequence in [sequence for name, sequence in catalog.sequences.items() if name.schema == old]:
        catalog = sequence_moved(catalog, sequence, Name(sequence.name.name, new))
    for user_type in [user_type for name, user_type in catalog.types.items() if name.schema == old]:
        moved = replace(user_type, name=Name(user_type.name.name, new))
        catalog = replace(catalog, types=catalog.types.remove(user_type.name).insert(moved.name, moved))
    for function in [function for name, function in catalog.functions.items() if name.schema == old]:
        kept = replace(function, name=Name(function.name.name, new))
        catalog = replace(catalog, functions=catalog.functions.remove(function.name).insert(kept.name, kept))
    return replace(catalog, schemas=catalog.schemas.discard(old).insert(new))


def _rename_function(catalog: Catalog, action: actions.RenameObject) -> Catalog:
    function = catalog.function(action.name)
    if function is None:
        return catalog
    renamed = replace(function, name=Name(action.new_name, function.name.schema))
    for table in catalog.tables.values():
        calling = {name: item for name, item in table.triggers.items() if item.function == function.name}
        if calling:
            changed = {name: replace(item, function=renamed.name) for name, item in calling.items()}
            catalog = stored(catalog, table, replace(table, triggers={**table.triggers, **changed}))
    return replace(catalog, functions=catalog.functions.remove(function.name).insert(renamed.name, renamed))


def _rename_statistics(catalog: Catalog, action: actions.RenameObject) -> Catalog:
    old = catalog.qualify(action.name)
    table = catalog.statistics.get(old)
    if table is None:
        return catalog
    renamed = catalog.statistics.discard(old).insert(Name(action.new_name, old.schema), table)
    return replace(catalog, statistics=renamed)


_RENAMES: dict[str, Callable[[Catalog, actions.RenameObject], Catalog]] = {
    "sequence": _rename_sequence,
    "type": _rename_type,
    "domain": _rename_type,
    "trigger": _rename_on_table,
    "rule": _rename_on_table,
    "policy": _rename_on_table,
    "schema": _rename_schema,
    "statistics": _rename_statistics,
    "function": _rename_function,
    "procedure": _rename_function,
    "routine": _rename_function,
    "aggregate": _rename_function,
}


@applies(actions.SetVariable)
def set_variable(catalog: Catalog, action: actions.SetVariable) -> Catalog:
    if action.name != "search_path":
        return catalog
    schemas = (part.strip().strip('"') for part in (action.value or "public").split(","))
    # Nothing here tells which role "$user" is; an empty path leaves only names that have their schema.
    path = tuple(schema for schema in schemas if schema and schema != "$user") or ("public",)
    return replace(catalog, search_path=path)
