"""Forms of what is done to triggers, views, types, sequences and all that is no table."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from migsafe import actions as a
from migsafe.actions import Action, Name
from migsafe.postgres.facts import Role
from migsafe.sql.catalog import Catalog
from migsafe.sql.forms.family import (
    columns_of,
    drop_dependents,
    drop_sequence_used,
    drop_view,
    is_missing,
    is_stored,
    lost_with_type,
    names_of,
    row_locks,
    tables_read,
    trigger_of,
    with_descendants,
    with_partitions,
    with_trigger,
)
from migsafe.sql.forms.registry import HANDLERS, Form, Server, handles
from migsafe.sql.forms.tables import drop_table


@handles(a.CreateTrigger)
def _create_trigger(action: a.CreateTrigger, catalog: Catalog, server: Server) -> Iterator[Form]:
    form = "create trigger: replace" if action.replace else "create trigger"
    yield form, {Role.ALTERED: with_trigger(action.relation, action, catalog)}
    if action.references is not None:
        yield "create trigger: from", {Role.REFERENCED: (action.references,)}


@handles(a.DropTrigger)
def _drop_trigger(action: a.DropTrigger, catalog: Catalog, server: Server) -> Iterator[Form]:
    trigger = trigger_of(action.relation, action.name, catalog)
    if not (action.if_exists and server.complete and trigger is None):
        yield "drop trigger", {Role.ALTERED: with_trigger(action.relation, trigger, catalog)}


@handles(a.CreateRule)
def _create_rule(action: a.CreateRule, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield "rule", {Role.ALTERED: (action.relation,)}
    reads = [*action.reads]
    for each in action.actions:
        if isinstance(each, (a.Insert, a.Update, a.Delete)):
            yield "rule: writes", {Role.REFERENCED: (each.relation,)}
        if isinstance(each, (a.Insert, a.Update, a.Delete, a.Select)):
            reads += each.reads
    yield "policy or rule: reads", {Role.READ: reads}


@handles(a.CreatePolicy)
def _create_policy(action: a.CreatePolicy, catalog: Catalog, server: Server) -> Iterator[Form]:
    return _policy(action, catalog)


@handles(a.AlterPolicy)
def _alter_policy(action: a.AlterPolicy, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield from _policy(action, catalog)
    table = catalog.table(action.relation)
    policy = table.policies.get(action.name) if table is not None else None
    if policy is not None and not action.reads:
        yield "alter policy: what it read", {Role.READ: policy.reads}


def _policy(action: a.CreatePolicy | a.AlterPolicy, catalog: Catalog) -> Iterator[Form]:
    yield "policy", {Role.ALTERED: (action.relation,)}
    if action.reads:
        yield "policy or rule: reads", {Role.READ: action.reads}


@handles(a.CreateView)
def _create_view(action: a.CreateView, catalog: Catalog, server: Server) -> Iterator[Form]:
    existing = catalog.table(action.relation)
    if action.materialized and action.with_data and not (action.if_not_exists and existing is not None):
        yield "create materialized view", {Role.READ: tables_read(action.reads, catalog, action.only)}
        yield from row_locks(action.reads, action.locked, catalog)
    else:
        yield "create view", {Role.READ: action.reads}
        yield "create view: for update", {Role.READ: action.locked}
    if action.replace and existing is not None:
        yield "create view: replace", {Role.ALTERED: (existing.name,)}


@handles(a.DropView)
def _drop_view(action: a.DropView, catalog: Catalog, server: Server) -> Iterator[Form]:
    if is_missing(action.relation, action.if_exists, catalog, server):
        return
    yield ("drop materialized view" if action.materialized else "drop view"), {Role.ALTERED: (action.relation,)}
    if action.cascade:
        yield from drop_dependents(action.relation, catalog)


@handles(a.RefreshMaterializedView)
def _refresh(action: a.RefreshMaterializedView, catalog: Catalog, server: Server) -> Iterator[Form]:
    view = catalog.table(action.relation)
    reads = tables_read(view.reads, catalog) if view is not None else ()
    form = "refresh: concurrently" if action.concurrently else "refresh"
    if not action.with_data:
        form, reads = "refresh: with no data", ()
    yield form, {Role.ALTERED: (action.relation,), Role.READ: reads}
    if view is not None and action.with_data:
        yield from row_locks(view.reads, view.locked, catalog)
    if form == "refresh" and (view is None or view.indexes):
        yield "refresh: index", {Role.ALTERED: (action.relation,)}


@handles(a.AlterEnum)
def _alter_enum(action: a.AlterEnum, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield ("enum: add value" if action.old is None else "no lock"), {}


@handles(a.AlterDomain)
def _alter_domain(action: a.AlterDomain, catalog: Catalog, server: Server) -> Iterator[Form]:
    domain = catalog.user_type(action.domain)
    not_null = action.change == "set not null" or (
        action.constraint is not None and action.constraint.kind is a.ConstraintKind.NOT_NULL
    )
    if not_null and domain is not None and domain.not_null:
        yield "no lock", {}
        return
    validates = action.change in ("validate", "set not null") or (
        action.change == "add constraint" and action.constraint is not None and action.constraint.valid
    )
    if not validates:
        yield "no lock", {}
        return
    for table, column in columns_of(action.domain, catalog):
        # A materialized view's columns are those that it reads.
        views = [view.name for view in catalog.views_reading(table.name, column) if view.kind == "materialized view"]
        yield (
            "domain: add constraint",
            {Role.ALTERED: (table.name, *views) if is_stored(table.name, catalog) else views},
        )


def _using(type_: Name, catalog: Catalog) -> tuple[Name, ...]:
    return tuple(dict.fromkeys(table.name for table, _ in columns_of(type_, catalog)))


@handles(a.AlterComposite)
def _alter_composite(action: a.AlterComposite, catalog: Catalog, server: Server) -> Iterator[Form | a.Unknown]:
    yield "no lock", {}
    for table in catalog.tables_of(action.type) if action.cascade else ():
        yield from HANDLERS[type(action.command)](replace(action.command, relation=table.name), catalog, server)
    if action.cascade and isinstance(action.command, a.DropColumn):
        yield from _lost_with_attribute(action.type, action.command.column, catalog)


def _lost_with_attribute(type_: Name, attribute: str, catalog: Catalog) -> Iterator[Form]:
    """Constraints, indexes and views that may read the attribute, of columns that have the type."""
    for table, column in columns_of(type_, catalog):
        checks = [check.expression for check in table.constraints_on(column) if check.expression is not None]
        if any(attribute in check.sql for check in checks):
            yield "cascade: check", {Role.ALTERED: (table.name,)}
        for index in catalog.indexes(table.name):
            keys = [key.expression for key in index.keys if key.expression is not None]
            if any(column in key.columns and attribute in key.sql for key in keys):
                yield "cascade: index", {Role.ALTERED: (table.name,), Role.INDEX: (index.name,)}
        yield from drop_dependents(table.name, catalog, column)


def _lock_free(*kinds: type[Action]) -> None:
    def handle(action: Action, catalog: Catalog, server: Server) -> Iterator[Form]:
        yield "no lock", {}

    for kind in kinds:
        HANDLERS[kind] = handle


_lock_free(
    a.CreateType, a.CreateDomain, a.AlterFunction, a.CreateSchema,
    a.CreateCollation, a.CreateExtension, a.SetVariable, a.SetConstraints, a.Transaction,
)  # fmt: skip


@handles(a.CreateSequence)
def _create_sequence(action: a.CreateSequence, catalog: Catalog, server: Server) -> Iterator[Form]:
    return _owned_by(action.owned_by)


@handles(a.AlterSequence)
def _alter_sequence(action: a.AlterSequence, catalog: Catalog, server: Server) -> Iterator[Form]:
    return _owned_by(action.owned_by)


def _owned_by(owner: tuple[Name, str] | None) -> Iterator[Form]:
    if owner is None:
        yield "no lock", {}
    else:
        yield "sequence: owned by", {Role.READ: (owner[0],)}


@handles(a.DropSequence)
def _drop_sequence(action: a.DropSequence, catalog: Catalog, server: Server) -> Iterator[Form]:
    sequence = catalog.sequence(action.sequence)
    if action.cascade and sequence is not None:
        yield from drop_sequence_used(sequence, catalog)
    else:
        yield "no lock", {}


@handles(a.RenameObject)
def _rename_object(action: a.RenameObject, catalog: Catalog, server: Server) -> Iterator[Form]:
    if action.relation is None:
        yield "no lock", {}
    elif action.kind == "trigger":
        family = with_partitions(catalog, action.relation)
        yield "rename trigger", {Role.ALTERED: (action.relation,), Role.PARTITION: family[1:]}
    else:
        yield action.kind, {Role.ALTERED: (action.relation,)}


@handles(a.DropObject)
def _drop_object(action: a.DropObject, catalog: Catalog, server: Server) -> Iterator[Form | a.Unknown]:
    if action.relation is not None:
        table = catalog.table(action.relation)
        items = {} if table is None else table.rules if action.kind == "rule" else table.policies
        if not (action.if_exists and server.complete and action.name.name not in items):
            yield action.kind, {Role.ALTERED: (action.relation,)}
    elif action.kind == "statistics":
        table_name = catalog.statistics.get(catalog.qualify(action.name))
        yield "drop statistics", {Role.ALTERED: () if table_name is None else (table_name,)}
    elif not action.cascade:
        yield "no lock", {}
    elif action.kind in ("type", "domain"):
        yield from _drop_type(action.name, catalog, server)
    elif action.kind in ("function", "procedure", "routine", "aggregate"):
        yield from _drop_function(action.name, catalog)
    elif action.kind == "collation":
        yield from _drop_collation(action.name, catalog)
    elif action.kind == "schema":
        yield from _drop_schema(action.name.name, catalog, server)
    elif action.kind in ("publication", "event trigger"):
        yield "no lock", {}
    else:
        yield a.Unknown(reason=f"what depends on the {action.kind} {action.name} is not known")


def _drop_type(name: Name, catalog: Catalog, server: Server) -> Iterator[Form | a.Unknown]:
    for typed in catalog.tables_of(name):
        yield from drop_table(a.DropTable(relation=typed.name, cascade=True), catalog, server)
    yield from lost_with_type(name, catalog)
    yield "no lock", {}


def _drop_schema(schema: str, catalog: Catalog, server: Server) -> Iterator[Form | a.Unknown]:
    for table in catalog.tables.values():
        if table.name.schema == schema and table.kind in ("view", "materialized view"):
            yield from drop_view(table, catalog)
        elif table.name.schema == schema:
            yield from drop_table(a.DropTable(relation=table.name, cascade=True), catalog, server)
    for sequence in catalog.sequences.values():
        if sequence.name.schema == schema:
            yield from drop_sequence_used(sequence, catalog)
    for name in catalog.types:
        if name.schema == schema:
            yield from _drop_type(name, catalog, server)
    for name in catalog.functions:
        if name.schema == schema:
            yield from _drop_function(name, catalog)
    yield "no lock", {}


def _drop_function(name: Name, catalog: Catalog) -> Iterator[Form]:
    """What CASCADE takes along with a function: triggers, indexes, defaults, constraints, columns, views, policies."""
    function = catalog.function(name)
    wanted = name if function is None else function.name

    def calls(functions: Iterable[Name]) -> bool:
        return any((known.name if (known := catalog.function(each)) else each) == wanted for each in functions)

    def in_expressions(*expressions: a.Expression | None) -> bool:
        return any(each is not None and calls(each.functions) for each in expressions)

    yield "no lock", {}
    for domain in catalog.types.values():
        if any(in_expressions(check.expression) for check in domain.constraints.values()):
            yield "cascade: domain", {Role.ALTERED: _using(domain.name, catalog)}
    for table in catalog.tables.values():
        if table.kind in ("view", "materialized view") and calls(table.functions):
            yield from drop_view(table, catalog)
        for trigger in table.triggers.values():
            if calls((trigger.function, *trigger.functions)):
                yield "cascade: trigger", {Role.ALTERED: with_trigger(table.name, trigger, catalog)}
        for index in catalog.indexes(table.name):
            if in_expressions(index.where, *(key.expression for key in index.keys)):
                yield "cascade: index", {Role.ALTERED: (table.name,), Role.INDEX: (index.name,)}
        columns = table.columns.values()
        if (
            any(in_expressions(column.default, column.expression) for column in columns)
            or any(in_expressions(check.expression) for check in table.constraints.values())
            or any(calls(rule.functions) for rule in table.rules.values())
            or any(calls(policy.functions) for policy in table.policies.values())
        ):
            yield "cascade: table", {Role.ALTERED: (table.name,)}


def _drop_collation(name: Name, catalog: Catalog) -> Iterator[Form]:
    """What CASCADE takes along with a collation: columns and indexes."""
    yield "no lock", {}
    for table in catalog.tables.values():
        for column in table.columns.values():
            if column.collation is not None and column.collation.name == name.name:
                indexes = [index for index in catalog.indexes(table.name) if index.involves(column.name)]
                yield "cascade: index", {Role.ALTERED: (table.name,), Role.INDEX: names_of(indexes)}
        for index in catalog.indexes(table.name):
            if any(key.collation is not None and key.collation.name == name.name for key in index.keys):
                yield "cascade: index", {Role.ALTERED: (table.name,), Role.INDEX: (index.name,)}


@handles(a.CreateStatistics)
def _create_statistics(action: a.CreateStatistics, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield "create statistics", {Role.ALTERED: (action.relation,)}


@handles(a.Comment)
def _comment(action: a.Comment, catalog: Catalog, server: Server) -> Iterator[Form]:
    if action.relation is None:
        yield "no lock", {}
    elif action.kind == "index":
        yield "comment: index", {Role.INDEX: (action.relation,)}
    elif action.kind in ("constraint", "trigger", "policy", "rule"):
        yield "comment: constraint or trigger", {Role.ALTERED: (action.relation,)}
    else:
        yield "comment", {Role.ALTERED: (action.relation,)}


_OTHER_ON_TABLE = {
    "ALTER VIEW": "alter view",
    "GRANT": "grant",
    "REVOKE": "grant",
    "ALTER TRIGGER DEPENDS ON EXTENSION": "trigger depends on extension",
    "CREATE PUBLICATION": "publication",
    "ALTER PUBLICATION": "publication",
    "SECURITY LABEL": "security label",
    "ALTER EXTENSION ADD": "alter extension: member",
}


_NOT_KNOWN = {
    "ALTER EXTENSION": "what the extension's scripts do is not known",
    "ALTER PUBLICATION SET": "which tables the publication has until then is not known",
    "ALTER SUBSCRIPTION": "which tables the subscription has is not known",
    "CREATE SUBSCRIPTION": "which tables the subscription will have is not known",
    "DROP SUBSCRIPTION": "which tables the subscription has is not known",
    "DROP OWNED": "what the role owns is not known",
    "REASSIGN OWNED": "what the role owns is not known",
    "IMPORT FOREIGN SCHEMA": "which foreign tables it creates is not known",
}


_NOT_IN_TRANSACTION = frozenset(
    {"CREATE DATABASE", "DROP DATABASE", "ALTER SYSTEM", "CREATE TABLESPACE", "DROP TABLESPACE", "DISCARD ALL"}
)


@handles(a.Other)
def _other(action: a.Other, catalog: Catalog, server: Server) -> Iterator[Form | a.Unknown]:
    form = _OTHER_ON_TABLE.get(action.command)
    if form is not None and action.relation is not None:
        alone = form != "publication" or action.only
        yield form, {Role.ALTERED: (action.relation,) if alone else with_descendants(catalog, action.relation)}
    elif action.command in _NOT_KNOWN:
        yield a.Unknown(reason=_NOT_KNOWN[action.command])
    else:
        yield ("no lock: not in a transaction block" if action.command in _NOT_IN_TRANSACTION else "no lock"), {}
