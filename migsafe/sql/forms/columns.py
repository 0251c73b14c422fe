"""Forms of what is done to columns."""

from collections.abc import Iterator

from msgspec.structs import replace

from migsafe import actions as a
from migsafe.actions import ConstraintKind, Name
from migsafe.postgres.facts import Role
from migsafe.postgres.types import TypeChange, type_change
from migsafe.sql.catalog import Catalog, Column, Table
from migsafe.sql.forms.family import (
    altered,
    base_type,
    children,
    domains_of,
    drop_dependents,
    drop_sequence_used,
    indexes_given,
    is_constrained,
    is_proven,
    lost_with,
    referenced_columns,
    referencing_partitioned,
    split_by_storage,
    volatile,
    with_descendants,
    with_partitions,
)
from migsafe.sql.forms.registry import HANDLERS, Form, Roles, Server, handles


@handles(a.AddColumn)
def _add_column(action: a.AddColumn, catalog: Catalog, server: Server) -> Iterator[Form]:
    column = action.column
    visited, gaining = _gaining(action, catalog)
    roles = {Role.ALTERED: gaining}
    yield "add column", {Role.ALTERED: visited}
    if gaining or not action.if_not_exists:
        yield from _values(column, roles, catalog)
    if column.not_null:
        yield from _merged_not_null(column.name, [name for name in visited if name not in gaining], catalog)
    yield from _inline_constraints(action, gaining, catalog)


def _gaining(action: a.AddColumn, catalog: Catalog) -> tuple[tuple[Name, ...], list[Name]]:
    """Tables that ADD COLUMN visits, and those that do not have the column yet: it goes no deeper than the others."""
    visited = [action.relation]
    gaining = []
    for name in visited:
        table = catalog.table(name)
        if table is None or action.column.name not in table.columns:
            gaining.append(name)
            visited += (child.name for child in catalog.partitions(name))
    return tuple(visited), gaining


def _merged_not_null(column: str, having: list[Name], catalog: Catalog) -> Iterator[Form]:
    """Descendants that have the column already get its NOT NULL."""
    visited = list(having)
    for name in visited:
        proof = not_null_proof(column, catalog.table(name), catalog)
        yield f"add column: not null, merged{', proven' if proof else ''}", {Role.PARTITION: (name,)}
        if proof != ": already":
            visited += (child for child in children(name, catalog) if child not in visited)


def _values(column: a.ColumnDefinition, roles: Roles, catalog: Catalog) -> Iterator[Form]:
    """What it costs to give existing rows their value."""
    domains = domains_of(column.type, catalog)
    inherited = next((domain.default for domain in domains if domain.default is not None), None)
    not_null = column.not_null
    if is_constrained(column.type, catalog):
        yield "add column: constrained domain", roles
    if column.identity is not None or is_serial(column.type):
        yield "add column: identity", roles
    elif column.generated is not None:
        yield f"add column: {column.generated} generated", roles
        not_null = not_null and column.generated == "virtual"
    # NULL is a value like any other to a domain, and where it has to be cast to a length.
    elif column.default is not None and (domains or column.type.modifiers or not column.default.null):
        not_null = not_null and column.default.null
        yield f"add column: {_volatility(column.default, catalog)}default", roles
    elif column.default is None and inherited is not None and not inherited.null:
        yield f"add column: {'volatile ' * volatile(inherited, catalog)}default of a domain", roles
        if not_null:
            yield "add column: default of a domain, not null", roles
        return
    if not_null and column.identity is None and not is_serial(column.type):
        yield "add column: not null", roles


def _volatility(default: a.Expression, catalog: Catalog) -> str:
    if not volatile(default, catalog, inlining=False):
        return ""
    return "volatile " if volatile(default, catalog) else "inlined "


def is_serial(type_: a.Type) -> bool:
    return type_.name.schema is None and type_.name.name in _SERIAL


_SERIAL = frozenset({"serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"})


def _inline_constraints(action: a.AddColumn, gaining: list[Name], catalog: Catalog) -> Iterator[Form]:
    # Before 13, IF NOT EXISTS did not keep them from being added to a column that was there.
    exists = action.if_not_exists and not gaining
    prefix = "add column: exists, " if exists else "add column: "
    for constraint in action.column.constraints:
        if constraint.kind is ConstraintKind.CHECK:
            if constraint.enforced:
                own = action.only or constraint.no_inherit
                yield f"{prefix}check", altered(catalog, action.relation, only=own)
        elif constraint.kind is ConstraintKind.FOREIGN_KEY and constraint.references is not None:
            roles = _foreign_key_roles(action.relation, constraint.references, catalog)
            yield f"{prefix}references", roles
            yield from referencing_partitioned(constraint.references, catalog)
            if constraint.enforced:
                yield from _checked(prefix, action, roles)
        elif constraint.kind is not ConstraintKind.NOT_NULL:
            yield f"{prefix}unique", {Role.ALTERED: (action.relation,)}
            if constraint.nulls_not_distinct:
                yield "add unique: nulls not distinct", {}


def _foreign_key_roles(relation: Name, referenced: Name, catalog: Catalog) -> dict[Role, tuple[Name, ...]]:
    holding = with_partitions(catalog, relation)
    return {Role.ALTERED: holding, Role.PARTITION: holding[1:], Role.REFERENCED: with_partitions(catalog, referenced)}


def _checked(prefix: str, action: a.AddColumn, roles: Roles) -> Iterator[Form]:
    """Whether rows are checked against REFERENCES, which a column without values does not need."""
    column = action.column
    null = column.default is not None and column.default.null
    values = column.default is not None or column.generated is not None or is_serial(column.type)
    if values or action.beside_values:
        form = ", with a null default" if null else ", with a default" if values else ", beside a default"
        yield f"{prefix}references{' checked' if 'exists' in prefix else form}", roles
    if roles[Role.PARTITION]:
        yield f"{prefix}references, partitions", roles


@handles(a.DropColumn)
def _drop_column(action: a.DropColumn, catalog: Catalog, server: Server) -> Iterator[Form]:
    losing = catalog.losing_column(action.relation, action.column, only=action.only)
    visited = [action.relation, *(child.name for name in losing for child in catalog.partitions(name))]
    yield "drop column", {Role.ALTERED: visited}
    for name in losing:
        table = catalog.table(name)
        if table is None or action.column not in table.columns:
            continue
        yield from lost_with(action.column, table, catalog)
        if action.cascade:
            yield from drop_dependents(name, catalog, action.column)
            for sequence in catalog.sequences_of(name):
                if sequence.owned_by == (name, action.column):
                    yield from drop_sequence_used(sequence, catalog)
        for column in table.columns.values():
            if _is_generated_from(column, action.column):
                if not action.cascade:
                    yield "drop column: generated from it", {Role.ALTERED: (name,)}
                yield from lost_with(column.name, table, catalog)


def _is_generated_from(column: Column, source: str) -> bool:
    return column.generated is not None and column.expression is not None and source in column.expression.columns


def _simple(kind: type[a.TableCommand], form: str) -> None:
    """Register a command that has one form."""

    def handle(action: a.TableCommand, catalog: Catalog, server: Server) -> Iterator[Form]:
        yield form, altered(catalog, action.relation, only=action.only)

    HANDLERS[kind] = handle


_simple(a.RenameColumn, "rename column")


_simple(a.SetDefault, "set default")


_simple(a.DropDefault, "drop default")


@handles(a.DropNotNull)
def _drop_not_null(action: a.DropNotNull, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield "drop not null", altered(catalog, action.relation, only=action.only)
    if action.only:
        yield "drop not null: only", {Role.PARTITION: children(action.relation, catalog)}


@handles(a.SetNotNull)
def set_not_null(action: a.SetNotNull, catalog: Catalog, server: Server) -> Iterator[Form]:
    visited = [action.relation]
    for name in visited:
        table = catalog.table(name)
        proof = not_null_proof(action.column, table, catalog)
        yield f"set not null{proof}", {Role.ALTERED: (name,)}
        if action.only:
            partitions = with_partitions(catalog, name)[1:]
            if partitions and proof != ": already":
                yield "set not null: only, partitions", {Role.PARTITION: partitions}
            return
        if proof != ": already":
            visited += children(name, catalog)
        elif table is not None:
            kind = "partitions" if name == action.relation and table.kind == "partitioned table" else "children"
            yield f"set not null: already, {kind}", {Role.PARTITION: with_descendants(catalog, name)[1:]}


def not_null_proof(column_name: str, table: Table | None, catalog: Catalog) -> str:
    """What spares the scan, as forms say it."""
    column = table.columns.get(column_name) if table is not None else None
    if table is None or column is None:
        return ""
    if is_proven(column, table):
        return ": already"
    if _is_row(column.type, catalog):  # a row may be null without having only nulls
        return ""
    proven = any(
        constraint.valid and constraint.expression is not None and column_name in constraint.expression.not_null
        for constraint in table.constraints.values()
    )
    return ": proven by a check" if proven else ""


def _is_row(type_: a.Type, catalog: Catalog) -> bool:
    base = base_type(type_, catalog)
    made = catalog.user_type(base.name)
    return not base.array and (catalog.table(base.name) is not None if made is None else made.kind == "composite")


@handles(a.AlterColumnType)
def _alter_column_type(action: a.AlterColumnType, catalog: Catalog, server: Server) -> Iterator[Form]:
    family = with_descendants(catalog, action.relation)
    yield "alter column type", {Role.ALTERED: family}
    for name in family:
        yield from _alter_type_of(name, action, catalog, server)
    # An index made on ONLY a partitioned table is made on its partitions, too.
    built, _ = indexes_given(action, family, catalog)
    yield "alter column type: index rebuilt", {Role.ALTERED: built}


def _alter_type_of(name: Name, action: a.AlterColumnType, catalog: Catalog, server: Server) -> Iterator[Form]:
    altered = {Role.ALTERED: (name,)}
    table = catalog.table(name)
    column = table.columns.get(action.column) if table is not None else None
    if table is None or column is None:
        # The old type is not known: nothing says that the change is free.
        yield "alter column type: rewrite", altered
        return
    change = _type_change(column.type, action, catalog, server)
    rebuilt = change is TypeChange.REINDEX or action.collation != column.collation
    if change is TypeChange.REWRITE and column.generated != "virtual":
        yield "alter column type: rewrite", altered
    for index in catalog.indexes(name):
        if index.involves(action.column):
            plain = all(key.column is not None for key in index.keys) and index.where is None
            # A partitioned index has no storage that its parts could keep.
            kept = plain and not rebuilt and index.parent is None
            # What replaces one may get another name.
            kept = kept or catalog.after(action).index(index.name) is None
            form = "alter column type: index kept" if kept else "alter column type: index rebuilt"
            yield form, {Role.ALTERED: (name,), Role.INDEX: (index.name,)}
    root = catalog.table(action.relation)
    for constraint in table.constraints_on(action.column):
        inherited = root.constraints.get(constraint.name or "", constraint) if root is not None else constraint
        # Those of descendants are made anew from the one that they inherit.
        if constraint.kind is ConstraintKind.CHECK and constraint.valid and inherited.valid:
            yield "alter column type: check", altered
    yield from _made_anew(action.column, table, catalog, free=change is TypeChange.FREE and not server.rewritten)


def _made_anew(column: str, table: Table, catalog: Catalog, *, free: bool) -> Iterator[Form]:
    """Foreign keys from and to a column that gets other values, or the same ones of another type."""
    altered = {Role.ALTERED: (table.name,)}
    for constraint in table.constraints_on(column):
        if constraint.references is not None:
            form = "alter column type: foreign key"
            if not constraint.enforced:
                form += ", not enforced"
            elif constraint.valid and not free:
                form += " checked"
            referenced = with_partitions(catalog, constraint.references)
            stored, partitioned = split_by_storage(referenced, catalog) if constraint.enforced else (referenced, ())
            yield form, {**altered, Role.REFERENCED: stored}
            if partitioned:
                yield "alter column type: foreign key to a partitioned table", {Role.REFERENCED: partitioned}
    for referrer, foreign_key in catalog.referencing(table.name):
        if column in referenced_columns(foreign_key, table):
            checked = ", checked" if foreign_key.valid and not free else ""
            yield f"alter column type: referenced{checked}", {**altered, Role.REFERENCING: (referrer.name,)}


def _type_change(old: a.Type, action: a.AlterColumnType, catalog: Catalog, server: Server) -> TypeChange:
    """The dearest of the casts from the old type to the new."""
    path: tuple[a.Type, ...] = (action.type,)
    if action.using is not None:
        if action.using.casts is None or action.using.columns != (action.column,):
            return TypeChange.REWRITE
        path = (*action.using.casts, action.type)
    changes = [TypeChange.FREE]
    for new in path:
        if new != old:
            if is_constrained(new, catalog):
                return TypeChange.REWRITE
            base = base_type(old, catalog)
            if domains_of(old, catalog):
                # Of a domain's value PostgreSQL does not know the modifier.
                base = replace(base, modifiers=())
            changes.append(type_change(base, base_type(new, catalog), server.postgres, utc=server.utc))
        old = new
    return max(changes, key=list(TypeChange).index)


@handles(a.AlterIdentity)
def _alter_identity(action: a.AlterIdentity, catalog: Catalog, server: Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    column = table.columns.get(action.column) if table is not None else None
    yield f"alter identity: {action.change}", {Role.ALTERED: (action.relation,)}
    unchanged = (action.change == "set" and action.identity is None) or (
        action.change == "drop" and column is not None and column.identity is None
    )
    if table is not None and table.kind == "partitioned table" and not unchanged:
        yield "alter identity: partitions", {Role.PARTITION: with_descendants(catalog, action.relation)[1:]}


@handles(a.AlterGenerated)
def _alter_generated(action: a.AlterGenerated, catalog: Catalog, server: Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    column = table.columns.get(action.column) if table is not None else None
    if action.expression is None:
        form = "drop expression"
    elif column is not None and column.generated == "virtual":
        form = "set expression: virtual, not null" if column.not_null else "set expression: virtual"
    else:
        form = "set expression"
    roles = altered(catalog, action.relation, only=action.only)
    yield form, roles
    for name in roles[Role.ALTERED] if action.expression is not None else ():
        member = catalog.table(name)
        if member is not None:
            yield from _made_anew(action.column, member, catalog, free=False)
