"""Forms of what is done to triggers, views, types, sequences and all that is no table."""

from collections.abc import Iterator

from migsafe import actions as a
from migsafe.actions import Action, Name
from migsafe.postgres.facts import Role
from migsafe.sql.catalog import Catalog, UserType
from migsafe.sql.forms.family import altered, domains_of, drop_dependents, is_missing, tables_read
from migsafe.sql.forms.registry import HANDLERS, Form, Server, handles
from migsafe.sql.forms.tables import drop_table


@handles(a.CreateTrigger)
def _create_trigger(action: a.CreateTrigger, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield ("create trigger: replace" if action.replace else "create trigger"), altered(catalog, action.relation)


@handles(a.DropTrigger)
def _drop_trigger(action: a.DropTrigger, catalog: Catalog, server: Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    missing = server.complete and (table is None or action.name not in table.triggers)
    if not (action.if_exists and missing):
        yield "drop trigger", altered(catalog, action.relation)


@handles(a.CreateView)
def _create_view(action: a.CreateView, catalog: Catalog, server: Server) -> Iterator[Form]:
    if action.materialized and action.with_data:
        yield "create materialized view", {Role.READ: tables_read(action.reads, catalog)}
    else:
        yield "create view", {Role.READ: action.reads}


@handles(a.DropView)
def _drop_view(action: a.DropView, catalog: Catalog, server: Server) -> Iterator[Form]:
    if action.cascade:
        yield from drop_dependents(action.relation, catalog)
    if not action.materialized:
        yield "no lock", {}
    elif not is_missing(action.relation, action.if_exists, catalog, server):
        yield "drop materialized view", altered(catalog, action.relation)


@handles(a.RefreshMaterializedView)
def _refresh(action: a.RefreshMaterializedView, catalog: Catalog, server: Server) -> Iterator[Form]:
    view = catalog.table(action.relation)
    reads = tables_read(view.reads, catalog) if view is not None else ()
    form = "refresh: concurrently" if action.concurrently else "refresh"
    if not action.with_data:
        form, reads = "refresh: with no data", ()
    yield form, {Role.ALTERED: (action.relation,), Role.READ: reads}
    if form == "refresh" and (view is None or view.indexes):
        yield "refresh: index", {Role.ALTERED: (action.relation,)}


@handles(a.AlterEnum)
def _alter_enum(action: a.AlterEnum, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield ("enum: add value" if action.old is None else "no lock"), {}


@handles(a.AlterDomain)
def _alter_domain(action: a.AlterDomain, catalog: Catalog, server: Server) -> Iterator[Form]:
    domain = catalog.user_type(action.domain)
    if action.change == "set not null" and domain is not None and domain.not_null:
        yield "no lock", {}
        return
    validates = action.change in ("validate", "set not null") or (
        action.change == "add constraint" and action.constraint is not None and action.constraint.valid
    )
    if not validates:
        yield "no lock", {}
        return
    yield "domain: add constraint", {Role.ALTERED: _using(action.domain, catalog)}


def _using(type_: Name, catalog: Catalog) -> tuple[Name, ...]:
    """Tables with a column of a type, or of a domain over it."""
    wanted = catalog.user_type(type_)
    return tuple(
        table.name
        for table in catalog.tables.values()
        if wanted is not None and any(_is_of(column.type, wanted, catalog) for column in table.columns.values())
    )


def _is_of(type_: a.Type, wanted: UserType, catalog: Catalog) -> bool:
    return catalog.user_type(type_.name) is wanted or wanted in domains_of(type_, catalog)


def _lock_free(*kinds: type[Action]) -> None:
    def handle(action: Action, catalog: Catalog, server: Server) -> Iterator[Form]:
        yield "no lock", {}

    for kind in kinds:
        HANDLERS[kind] = handle


_lock_free(
    a.CreateType, a.CreateDomain, a.CreateFunction, a.CreateSchema,
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
    if not action.cascade or sequence is None:
        yield "no lock", {}
        return
    owner = () if sequence.owned_by is None else (sequence.owned_by[0],)
    # The name in a default's text may be that of another one: rather a table too many.
    drawing = [
        table.name
        for table in catalog.tables.values()
        if any(column.default and sequence.name.name in column.default.sql for column in table.columns.values())
    ]
    yield "drop sequence: default", {Role.ALTERED: (*owner, *drawing)}


@handles(a.RenameObject)
def _rename_object(action: a.RenameObject, catalog: Catalog, server: Server) -> Iterator[Form]:
    if action.relation is not None:
        yield "rename trigger", altered(catalog, action.relation)
    else:
        yield "no lock", {}


@handles(a.DropObject)
def _drop_object(action: a.DropObject, catalog: Catalog, server: Server) -> Iterator[Form]:
    if action.relation is not None:
        yield ("rule" if action.kind == "rule" else "policy"), altered(catalog, action.relation)
    elif action.kind in ("type", "domain") and action.cascade:
        yield "drop domain: column", {Role.ALTERED: _using(action.name, catalog)}
    elif action.kind == "schema" and action.cascade:
        tables = [table.name for table in catalog.tables.values() if table.name.schema == action.name.name]
        for name in tables:
            yield from drop_table(a.DropTable(relation=name, cascade=True), catalog, server)
    elif action.cascade:
        yield f"drop {action.kind}: cascade", {}  # no row: what depends on it is not known
    else:
        yield "no lock", {}


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
    "CREATE POLICY": "policy",
    "ALTER POLICY": "policy",
    "CREATE RULE": "rule",
    "GRANT": "grant",
    "REVOKE": "grant",
    "CREATE STATISTICS": "create statistics",
}


_TABLES_NOT_KNOWN = frozenset(
    {
        "ALTER EXTENSION",
        "ALTER PUBLICATION",
        "ALTER SUBSCRIPTION",
        "CREATE PUBLICATION",
        "CREATE SUBSCRIPTION",
        "DROP SUBSCRIPTION",
        "REASSIGN OWNED",
        "SECURITY LABEL",
    }
)
"""Commands that lock tables of which their action says nothing."""


_NOT_IN_TRANSACTION = frozenset(
    {"CREATE DATABASE", "DROP DATABASE", "ALTER SYSTEM", "CREATE TABLESPACE", "DROP TABLESPACE"}
)


@handles(a.Other)
def _other(action: a.Other, catalog: Catalog, server: Server) -> Iterator[Form]:
    form = _OTHER_ON_TABLE.get(action.command)
    if form is not None and action.relation is not None:
        yield form, {Role.ALTERED: (action.relation,)}
        if action.reads:
            yield "policy or rule: reads", {Role.READ: action.reads}
        if action.writes:
            yield "rule: writes", {Role.REFERENCED: action.writes}
    elif action.command in _TABLES_NOT_KNOWN:
        yield action.command.lower(), {}  # no row
    else:
        yield ("no lock: not in a transaction block" if action.command in _NOT_IN_TRANSACTION else "no lock"), {}
