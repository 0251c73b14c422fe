"""Action + schema + PostgreSQL version → effects, by the lock table.

Each type of action has one function here that says which forms of `facts.FACTS` it has, and which relations play which
role. What that costs is for the table to say.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec

from migsafe import actions as a
from migsafe.actions import Action, ConstraintKind, Expression, Name, Parsed
from migsafe.model import Effect, LockMode, Statement
from migsafe.postgres import facts
from migsafe.postgres.facts import Role
from migsafe.postgres.functions import volatility
from migsafe.postgres.locks import blocks
from migsafe.postgres.types import TypeChange, type_change
from migsafe.sql.catalog import Catalog, Column, Index, Table, UserType

_IN_TRANSACTION = "cannot run inside a transaction block"

Roles = Mapping[Role, Iterable[Name]]
Form = tuple[str, Roles]
"""A form of `facts.FACTS`, and the relations in each role."""


class Step(msgspec.Struct, frozen=True):
    """One action of a statement.

    Attributes:
        before: The schema that it meets: as the statement's earlier actions left it.
        effects: Its own, strongest per relation.
        forms: Rows of `facts.FACTS` that they come from.
    """

    action: Action
    before: Catalog
    effects: tuple[Effect, ...]
    forms: tuple[str, ...]


class Analysis(msgspec.Struct, frozen=True):
    """A statement as reports show it, and its steps as rules need them."""

    statement: Statement
    steps: tuple[Step, ...]


class _Cost:
    """Effects on one relation while they add up."""

    __slots__ = ("lock", "rewrites", "scans")

    def __init__(self) -> None:
        self.lock = LockMode.ACCESS_SHARE
        self.rewrites = False
        self.scans = False


def analyse(
    parsed: Parsed, before: Catalog, postgres: int, *, transaction: bool, complete: bool = True, utc: bool = False
) -> Analysis:
    """Say what a statement would do.

    Args:
        parsed: The statement.
        before: The schema it runs against.
        postgres: Major version of the server, 10 to 18.
        transaction: Whether it runs inside a transaction block.
        complete: Whether ``before`` is the whole schema; if not, what DROP IF EXISTS names is taken to exist.
        utc: Whether the session's TimeZone is known to be UTC.

    Returns:
        Effects on relations that exist before the statement. A relation that ``before`` does not know is reported as
        written: the statement can only run if it exists.
    """
    server = _Server(postgres, complete, utc)
    steps: list[Step] = []
    total: dict[str, _Cost] = {}
    reason = fails = None
    catalog = before
    for number, action in enumerate(parsed.actions):
        if number:
            catalog = catalog.after(parsed.actions[number - 1])
        handler = _HANDLERS.get(type(action))
        if isinstance(action, a.Unknown) or handler is None:
            reason = reason or (
                action.reason if isinstance(action, a.Unknown) else f"{type(action).__name__} is not known"
            )
            steps.append(Step(action, catalog, (), ()))
            continue
        forms: list[str] = []
        own: dict[str, _Cost] = {}
        for form, roles in handler(action, catalog, server):
            try:
                fact = facts.fact(form, postgres)
            except KeyError:
                reason = reason or f"no facts about {form!r}"
                continue
            forms.append(form)
            if fact is None:
                fails = fails or f"needs PostgreSQL {facts.first_version(form)}"
            elif fact.fails or (transaction and not fact.transaction):
                fails = fails or fact.fails or _IN_TRANSACTION
            else:
                _add(own, fact, roles, catalog, before, postgres)
        _merge(total, own)
        steps.append(Step(action, catalog, _effects(own), tuple(forms)))
    statement = Statement(
        sql=parsed.sql,
        line=parsed.line,
        analysed=reason is None,
        reason=reason,
        fails=fails,
        effects=() if fails else _effects(total),
    )
    return Analysis(statement, tuple(steps))


class _Server(msgspec.Struct, frozen=True):
    postgres: int
    complete: bool
    utc: bool


def _add(
    costs: dict[str, _Cost], fact: facts.Fact, roles: Roles, catalog: Catalog, before: Catalog, postgres: int
) -> None:
    for role, lock in fact.locks:
        for name in roles.get(role, ()):
            table = catalog.table(name)
            if table is None:
                _raise(costs, catalog, name, before, lock, role in fact.rewrites, role in fact.scans)
            elif table.kind not in ("view", "foreign table"):
                stored = table.kind != "partitioned table"
                rewrites = stored and role in fact.rewrites
                _raise(costs, catalog, table.name, before, lock, rewrites, stored and role in fact.scans)
                if rewrites:
                    for index in catalog.indexes(table.name):
                        _raise(costs, catalog, index.name, before, LockMode.ACCESS_EXCLUSIVE, True, False)
    for role, lock in fact.indexes:
        for name in roles.get(role, ()):
            by_query = lock <= LockMode.ROW_EXCLUSIVE
            if by_query and postgres < facts.QUERIES_LOCK_PARTITIONED_INDEXES and not _is_stored(name, catalog):
                continue
            for index in catalog.indexes(name):
                _raise(costs, catalog, index.name, before, lock, False, False)


def _raise(
    costs: dict[str, _Cost], catalog: Catalog, name: Name, before: Catalog, lock: LockMode, rewrites: bool, scans: bool
) -> None:
    known = catalog.table(name) or catalog.index(name)
    if known is not None and known.oid >= before.next_oid:
        return
    if isinstance(known, Index) and rewrites:
        rewrites = _is_stored(known.relation, catalog)
    key = catalog.display(name)
    cost = costs.get(key)
    if cost is None:
        cost = costs[key] = _Cost()
    cost.lock = max(cost.lock, lock)
    cost.rewrites |= rewrites
    cost.scans |= scans


def _is_stored(name: Name, catalog: Catalog) -> bool:
    table = catalog.table(name)
    return table is None or table.kind != "partitioned table"


def _merge(total: dict[str, _Cost], own: dict[str, _Cost]) -> None:
    for key, cost in own.items():
        known = total.setdefault(key, cost)
        if known is not cost:
            known.lock = max(known.lock, cost.lock)
            known.rewrites |= cost.rewrites
            known.scans |= cost.scans


def _effects(costs: dict[str, _Cost]) -> tuple[Effect, ...]:
    return tuple(
        Effect(relation, cost.lock, cost.rewrites, cost.scans, blocks(cost.lock))
        for relation, cost in sorted(costs.items())
    )


# What each action is


A = TypeVar("A", bound=Action)
_Handler = Callable[[A, Catalog, _Server], Iterator[Form]]
_HANDLERS: dict[type[Action], Callable[..., Iterator[Form]]] = {}


def _handles(kind: type[A]) -> Callable[[_Handler[A]], _Handler[A]]:
    def register(function: _Handler[A]) -> _Handler[A]:
        _HANDLERS[kind] = function
        return function

    return register


def _family(catalog: Catalog, name: Name) -> tuple[Name, ...]:
    """A table and all that descends from it: ALTER TABLE goes down to partitions and inheriting tables."""
    table = catalog.table(name)
    if table is None:
        return (name,)
    family = [table.name]
    for member in family:
        family += (child.name for child in catalog.partitions(member))
    return tuple(family)


def _with_partitions(catalog: Catalog, name: Name) -> tuple[Name, ...]:
    """A table and its partitions, but not what inherits from it: foreign keys and REINDEX leave that out."""
    table = catalog.table(name)
    return (name,) if table is not None and table.kind == "table" else _family(catalog, name)


def _altered(catalog: Catalog, name: Name) -> Roles:
    return {Role.ALTERED: _family(catalog, name)}


def _names(indexes: Iterable[Index]) -> tuple[Name, ...]:
    return tuple(index.name for index in indexes)


def _is_missing(name: Name, if_exists: bool, catalog: Catalog, server: _Server) -> bool:
    """Whether IF EXISTS finds nothing, so that nothing is locked."""
    return if_exists and server.complete and catalog.table(name) is None and catalog.index(name) is None


def _volatile(expression: Expression, catalog: Catalog) -> bool:
    """Whether it calls a volatile function; a function that nobody knows may be one."""
    for name in expression.functions:
        function = catalog.function(name)
        known = function.volatility if function is not None else volatility(name)
        if known in (None, "volatile"):
            return True
    return False


@_handles(a.AddColumn)
def _add_column(action: a.AddColumn, catalog: Catalog, server: _Server) -> Iterator[Form]:
    roles = _altered(catalog, action.relation)
    table = catalog.table(action.relation)
    yield "add column", roles
    column = action.column
    if action.if_not_exists and table is not None and column.name in table.columns:
        return
    domains = _domains(column.type, catalog)
    default = next((each for each in (column.default, *(domain.default for domain in domains)) if each), None)
    has_default = default is not None and not default.null
    if _is_constrained(column.type, catalog):
        yield "add column: constrained domain", roles
    if column.identity is not None or column.type.name.name in _SERIAL:
        yield "add column: identity", roles
        has_default = True
    elif column.generated is not None:
        yield f"add column: {column.generated} generated", roles
        has_default = True
        if column.generated == "virtual" and column.not_null:
            yield "add column: not null", roles
    elif default is not None and has_default:
        yield ("add column: volatile default" if _volatile(default, catalog) else "add column: default"), roles
    elif column.not_null:
        yield "add column: not null", roles
    for constraint in column.constraints:
        if constraint.kind is ConstraintKind.CHECK:
            yield "add column: check", roles
        elif constraint.kind is ConstraintKind.FOREIGN_KEY and constraint.references is not None:
            form = "add column: references, with a default" if has_default else "add column: references"
            yield form, {**roles, Role.REFERENCED: _with_partitions(catalog, constraint.references)}
        elif constraint.kind is not ConstraintKind.NOT_NULL:
            yield "add column: unique", roles


_SERIAL = frozenset({"serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"})


@_handles(a.DropColumn)
def _drop_column(action: a.DropColumn, catalog: Catalog, server: _Server) -> Iterator[Form]:
    yield "drop column", _altered(catalog, action.relation)
    for name in _family(catalog, action.relation):
        table = catalog.table(name)
        if table is None:
            return
        columns = [action.column]
        if action.cascade:
            columns += (each.name for each in table.columns.values() if _is_generated_from(each, action.column))
            yield from _drop_dependents(name, catalog)
        for column in columns:
            indexes = [index for index in catalog.indexes(name) if index.involves(column)]
            yield "drop column: index", {Role.ALTERED: (name,), Role.INDEX: _names(indexes)}
            for constraint in table.constraints_on(column):
                yield from _losing(constraint, "drop column", table, catalog)


def _is_generated_from(column: Column, source: str) -> bool:
    return column.generated is not None and column.expression is not None and source in column.expression.columns


def _drop_dependents(relation: Name, catalog: Catalog) -> Iterator[Form]:
    """What CASCADE takes along of the views on a relation: of these only materialized ones are reported."""
    for view in catalog.views_reading(relation):
        if view.kind == "materialized view":
            yield "drop materialized view", {Role.ALTERED: (view.name,)}
        yield from _drop_dependents(view.name, catalog)


def _losing(constraint: a.Constraint, command: str, table: Table, catalog: Catalog) -> Iterator[Form]:
    """The other side of a foreign key that goes away, or that needs the key that goes away."""
    if constraint.references is not None:
        yield f"{command}: foreign key", {Role.REFERENCED: _with_partitions(catalog, constraint.references)}
    elif constraint.kind in (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY_KEY):
        for referrer, foreign_key in catalog.referencing(table.name):
            if _refers_to(foreign_key, constraint, table):
                yield f"{command}: referenced", {Role.REFERENCING: (referrer.name,)}


def _refers_to(foreign_key: a.Constraint, key: a.Constraint, table: Table) -> bool:
    columns = foreign_key.referenced_columns
    if not columns:
        return key.kind is ConstraintKind.PRIMARY_KEY
    return set(columns) == set(key.columns)


def _simple(kind: type[Action], form: str) -> None:
    """Register an action on one table that has one form."""

    def handle(action: Action, catalog: Catalog, server: _Server) -> Iterator[Form]:
        relation: Name = action.relation  # type: ignore[attr-defined]
        if not _is_missing(relation, getattr(action, "if_exists", False), catalog, server):
            only = getattr(action, "only", False)
            yield form, {Role.ALTERED: (relation,)} if only else _altered(catalog, relation)

    _HANDLERS[kind] = handle


_simple(a.RenameColumn, "rename column")
_simple(a.SetDefault, "set default")
_simple(a.DropDefault, "drop default")
_simple(a.DropNotNull, "drop not null")


@_handles(a.CreateTrigger)
def _create_trigger(action: a.CreateTrigger, catalog: Catalog, server: _Server) -> Iterator[Form]:
    yield ("create trigger: replace" if action.replace else "create trigger"), _altered(catalog, action.relation)


@_handles(a.DropTrigger)
def _drop_trigger(action: a.DropTrigger, catalog: Catalog, server: _Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    missing = server.complete and (table is None or action.name not in table.triggers)
    if not (action.if_exists and missing):
        yield "drop trigger", _altered(catalog, action.relation)


@_handles(a.SetNotNull)
def _set_not_null(action: a.SetNotNull, catalog: Catalog, server: _Server) -> Iterator[Form]:
    for name in _family(catalog, action.relation):
        table = catalog.table(name)
        form = "set not null"
        if table is not None:
            column = table.columns.get(action.column)
            if column is not None and _is_proven(column, table):
                form = "set not null: already"
            elif any(
                constraint.valid
                and constraint.expression is not None
                and action.column in constraint.expression.not_null
                for constraint in table.constraints.values()
            ):
                form = "set not null: proven by a check"
        yield form, {Role.ALTERED: (name,)}


def _is_proven(column: Column, table: Table) -> bool:
    """Whether all rows are known to have a value: a NOT NULL constraint that is NOT VALID says nothing of old rows."""
    return column.not_null and not any(
        constraint.kind is ConstraintKind.NOT_NULL and not constraint.valid
        for constraint in table.constraints_on(column.name)
    )


@_handles(a.AlterColumnType)
def _alter_column_type(action: a.AlterColumnType, catalog: Catalog, server: _Server) -> Iterator[Form]:
    yield "alter column type", _altered(catalog, action.relation)
    for name in _family(catalog, action.relation):
        yield from _alter_type_of(name, action, catalog, server)


def _alter_type_of(name: Name, action: a.AlterColumnType, catalog: Catalog, server: _Server) -> Iterator[Form]:
    altered = {Role.ALTERED: (name,)}
    table = catalog.table(name)
    column = table.columns.get(action.column) if table is not None else None
    if table is None or column is None:
        # The old type is not known: nothing says that the change is free.
        yield "alter column type: rewrite", altered
        return
    change = _type_change(column.type, action, catalog, server)
    collation = action.collation or (None if column.type != action.type else column.collation)
    rebuilt = change is TypeChange.REINDEX or collation != column.collation
    if change is TypeChange.REWRITE:
        yield "alter column type: rewrite", altered
    for index in catalog.indexes(name):
        if index.involves(action.column):
            plain = all(key.column is not None for key in index.keys) and index.where is None
            form = "alter column type: index kept" if plain and not rebuilt else "alter column type: index rebuilt"
            yield form, {Role.ALTERED: (name,), Role.INDEX: (index.name,)}
    suffix = " checked" if change is not TypeChange.FREE else ""
    for constraint in table.constraints_on(action.column):
        if constraint.kind is ConstraintKind.CHECK:
            if constraint.valid:
                yield "alter column type: check", altered
        elif constraint.references is not None:
            yield (
                f"alter column type: foreign key{suffix}",
                {Role.ALTERED: (name,), Role.REFERENCED: _with_partitions(catalog, constraint.references)},
            )
    for referrer, foreign_key in catalog.referencing(name):
        if action.column in _referenced_columns(foreign_key, table):
            yield (
                f"alter column type: referenced{',' if suffix else ''}{suffix}",
                {Role.ALTERED: (name,), Role.REFERENCING: (referrer.name,)},
            )


def _referenced_columns(foreign_key: a.Constraint, table: Table) -> tuple[str, ...]:
    key = table.primary_key
    return foreign_key.referenced_columns or (key.columns if key is not None else ())


def _type_change(old: a.Type, action: a.AlterColumnType, catalog: Catalog, server: _Server) -> TypeChange:
    """The dearest of the casts from the old type to the new."""
    path: tuple[a.Type, ...] = (action.type,)
    if action.using is not None:
        if action.using.casts is None or action.using.columns != (action.column,):
            return TypeChange.REWRITE
        path = (*action.using.casts, action.type)
    changes = [TypeChange.FREE]
    for new in path:
        if _is_constrained(new, catalog) and new != old:
            return TypeChange.REWRITE
        changes.append(type_change(_base(old, catalog), _base(new, catalog), server.postgres, utc=server.utc))
        old = new
    return max(changes, key=list(TypeChange).index)


def _domains(type_: a.Type, catalog: Catalog) -> tuple[UserType, ...]:
    """The domain that a type is, and those that it is over."""
    found = None if type_.array else catalog.user_type(type_.name)
    return () if found is None or found.base is None else (found, *_domains(found.base, catalog))


def _is_constrained(type_: a.Type, catalog: Catalog) -> bool:
    return any(domain.constraints or domain.not_null for domain in _domains(type_, catalog))


def _base(type_: a.Type, catalog: Catalog) -> a.Type:
    """The type that a domain stands for."""
    domains = _domains(type_, catalog)
    return (domains[-1].base or type_) if domains else type_


@_handles(a.AlterIdentity)
def _alter_identity(action: a.AlterIdentity, catalog: Catalog, server: _Server) -> Iterator[Form]:
    yield f"alter identity: {action.change}", _altered(catalog, action.relation)


@_handles(a.AlterGenerated)
def _alter_generated(action: a.AlterGenerated, catalog: Catalog, server: _Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    column = table.columns.get(action.column) if table is not None else None
    if action.expression is None:
        form = "drop expression"
    elif column is not None and column.generated == "virtual":
        form = "set expression: virtual, not null" if column.not_null else "set expression: virtual"
    else:
        form = "set expression"
    yield form, _altered(catalog, action.relation)


_ADD_CONSTRAINT = {
    ConstraintKind.CHECK: "add check",
    ConstraintKind.FOREIGN_KEY: "add foreign key",
    ConstraintKind.UNIQUE: "add unique",
    ConstraintKind.PRIMARY_KEY: "add primary key",
    ConstraintKind.EXCLUDE: "add exclude",
    ConstraintKind.NOT_NULL: "add not null",
}


@_handles(a.AddConstraint)
def _add_constraint(action: a.AddConstraint, catalog: Catalog, server: _Server) -> Iterator[Form]:
    constraint = action.constraint
    if constraint.kind in (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY_KEY):
        yield from _add_key(action, catalog, server)
        return
    form = _ADD_CONSTRAINT[constraint.kind]
    roles = dict(_altered(catalog, action.relation))
    table = catalog.table(action.relation)
    if constraint.references is not None:
        children = _family(catalog, action.relation)[1:]
        if children and table is not None and table.kind == "table":
            yield "add foreign key: children", {Role.PARTITION: children}
            roles[Role.ALTERED] = (table.name,)
        roles[Role.REFERENCED] = _with_partitions(catalog, constraint.references)
        if not constraint.valid and table is not None and table.kind == "partitioned table":
            yield "add foreign key: not valid, partitioned", roles
        referenced = catalog.table(constraint.references)
        if referenced is not None and referenced.kind == "partitioned table":
            yield "references a partitioned table", {}
    if not constraint.enforced:
        form += ": not enforced"
    elif not constraint.valid:
        form += ": not valid"
    yield form, roles


def _add_key(action: a.AddConstraint, catalog: Catalog, server: _Server) -> Iterator[Form]:
    constraint = action.constraint
    roles = _altered(catalog, action.relation)
    table = catalog.table(action.relation)
    columns = constraint.columns
    if constraint.using_index is not None:
        index = Name(constraint.using_index, action.relation.schema)
        yield "add unique: using index", {**roles, Role.INDEX: (index,)}
        found = catalog.index(index)
        columns = () if found is None else tuple(column for column in found.columns if column)
    else:
        yield _ADD_CONSTRAINT[constraint.kind], {Role.ALTERED: (action.relation,)}
        if children := _family(catalog, action.relation)[1:]:
            partitioned = table is not None and table.kind == "partitioned table"
            yield f"add unique: {'partitions' if partitioned else 'children'}", {Role.PARTITION: children}
        if constraint.include:
            yield "add unique: include", roles
        if constraint.nulls_not_distinct:
            yield "add unique: nulls not distinct", roles
        if constraint.without_overlaps:
            yield "add unique: without overlaps", roles
    if constraint.kind is ConstraintKind.PRIMARY_KEY:
        for name in columns:
            column = table.columns.get(name) if table is not None else None
            if table is None or column is None or not _is_proven(column, table):
                yield from _set_not_null(a.SetNotNull(relation=action.relation, column=name), catalog, server)


@_handles(a.ValidateConstraint)
def _validate_constraint(action: a.ValidateConstraint, catalog: Catalog, server: _Server) -> Iterator[Form]:
    roles = dict(_altered(catalog, action.relation))
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table is not None else None
    if constraint is None:
        # Whether it is a foreign key is not known; a CHECK costs the table itself the same.
        yield "validate check", roles
    elif constraint.valid:
        yield "validate: already", roles
    elif constraint.references is not None:
        yield "validate foreign key", {**roles, Role.REFERENCED: _with_partitions(catalog, constraint.references)}
    else:
        yield f"validate {constraint.kind.value}", roles


@_handles(a.DropConstraint)
def _drop_constraint(action: a.DropConstraint, catalog: Catalog, server: _Server) -> Iterator[Form]:
    if _is_missing(action.relation, action.if_exists, catalog, server):
        return
    yield "drop constraint", _altered(catalog, action.relation)
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table is not None else None
    if table is None or constraint is None:
        return
    family = _family(catalog, action.relation)
    indexes = [
        each for index in _indexes_of(constraint, table, catalog) for each in _index_family(index, family, catalog)
    ]
    yield "drop constraint: index", {Role.ALTERED: family, Role.INDEX: indexes}
    yield from _losing(constraint, "drop constraint", table, catalog)


def _indexes_of(constraint: a.Constraint, table: Table, catalog: Catalog) -> tuple[Name, ...]:
    if constraint.kind not in (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY_KEY, ConstraintKind.EXCLUDE):
        return ()
    return _names(index for index in catalog.indexes(table.name) if index.constraint == constraint.name)


@_handles(a.RenameConstraint)
def _rename_constraint(action: a.RenameConstraint, catalog: Catalog, server: _Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table is not None else None
    indexes = () if table is None or constraint is None else _indexes_of(constraint, table, catalog)
    if indexes:
        yield "rename constraint: index", {Role.ALTERED: (action.relation,), Role.INDEX: indexes}
    else:
        yield "rename constraint", _altered(catalog, action.relation)


@_handles(a.AlterConstraint)
def _alter_constraint(action: a.AlterConstraint, catalog: Catalog, server: _Server) -> Iterator[Form]:
    roles = _altered(catalog, action.relation)
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table is not None else None
    referenced = constraint.references if constraint is not None else None
    if action.enforced is None:
        yield "alter constraint", roles
    elif referenced is not None:
        form = "alter constraint: enforced" if action.enforced else "alter constraint: not enforced"
        yield form, {**roles, Role.REFERENCED: _with_partitions(catalog, referenced)}


# Indexes


@_handles(a.CreateIndex)
def _create_index(action: a.CreateIndex, catalog: Catalog, server: _Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    partitioned = table is not None and table.kind == "partitioned table"
    exists = (
        action.if_not_exists
        and action.name is not None
        and catalog.index(Name(action.name, action.relation.schema)) is not None
    )
    roles = _altered(catalog, action.relation) if partitioned else {Role.ALTERED: (action.relation,)}
    if action.concurrently:
        suffix = (
            ": concurrently, exists" if exists else ": concurrently, partitioned" if partitioned else ": concurrently"
        )
    elif action.only and partitioned:
        suffix, roles = ": only", {Role.ALTERED: (action.relation,)}
    else:
        suffix = ": exists" if exists else ""
    yield f"create index{suffix}", roles
    if partitioned:
        yield "create index: partitioned", {}
    # These only say which version has the syntax: they name no relation.
    if action.include:
        yield "create index: include", {}
    if action.nulls_not_distinct:
        yield "create index: nulls not distinct", {}


@_handles(a.DropIndex)
def _drop_index(action: a.DropIndex, catalog: Catalog, server: _Server) -> Iterator[Form]:
    if _is_missing(action.index, action.if_exists, catalog, server):
        if action.concurrently:
            yield "no lock: not in a transaction block", {}
        return
    index = catalog.index(action.index)
    table = catalog.table(index.relation) if index is not None else None
    form = "drop index"
    if action.concurrently:
        partitioned = table is not None and table.kind == "partitioned table"
        form = "drop index: concurrently, partitioned" if partitioned else "drop index: concurrently"
    if table is None:
        yield form, {Role.INDEX: (action.index,)}
        return
    family = _family(catalog, table.name)
    yield form, {Role.ALTERED: family, Role.INDEX: _index_family(action.index, family, catalog)}


def _index_family(index: Name, tables: Iterable[Name], catalog: Catalog) -> tuple[Name, ...]:
    """An index and those of partitions that are part of it."""
    family = [found.name if (found := catalog.index(index)) is not None else index]
    for table in tables:
        family += (item.name for item in catalog.indexes(table) if item.parent in family)
    return tuple(family)


@_handles(a.RenameIndex)
def _rename_index(action: a.RenameIndex, catalog: Catalog, server: _Server) -> Iterator[Form]:
    if not _is_missing(action.index, action.if_exists, catalog, server):
        yield "rename index", {Role.INDEX: (action.index,)}


_ALTER_INDEX = {
    "SetRelOptions": "set parameters",
    "ResetRelOptions": "set parameters",
    "SetStatistics": "set statistics",
    "SetTableSpace": "set tablespace",
    "AttachPartition": "attach partition",
}


@_handles(a.AlterIndex)
def _alter_index(action: a.AlterIndex, catalog: Catalog, server: _Server) -> Iterator[Form]:
    roles: Roles = {Role.INDEX: (action.index,)}
    if action.child is not None:
        both = (catalog.index(action.index), catalog.index(action.child))
        tables = [index.relation for index in both if index is not None]
        roles = {Role.PARENT: (action.index,), Role.PARTITION: (action.child,), Role.READ: tables}
    yield f"alter index: {_ALTER_INDEX.get(action.command, action.command)}", roles


@_handles(a.Reindex)
def _reindex(action: a.Reindex, catalog: Catalog, server: _Server) -> Iterator[Form]:
    if action.kind == "index" and action.target is not None:
        index = catalog.index(action.target)
        tables: tuple[Name, ...] = () if index is None else _with_partitions(catalog, index.relation)
        parts = [catalog.index(name) for name in _index_family(action.target, tables, catalog)]
        indexes = tuple(each.name for each in parts if each is not None and _is_stored(each.relation, catalog))
        indexes = indexes or (action.target,)
    elif action.kind == "table" and action.target is not None:
        tables = _with_partitions(catalog, action.target)
        stored = [table for table in tables if _is_stored(table, catalog)]
        indexes = tuple(name for table in stored for name in _names(catalog.indexes(table)))
    else:
        schema = action.target.name if action.kind == "schema" and action.target is not None else None
        found = [t for t in catalog.tables.values() if schema in (None, t.name.schema) and t.kind in _STORED]
        tables = tuple(table.name for table in found)
        indexes = tuple(name for table in tables for name in _names(catalog.indexes(table)))
    if action.concurrently:
        form = "reindex: concurrently"
    elif tables and not _is_stored(tables[0], catalog):
        parents = [table for table in tables if not _is_stored(table, catalog)]
        stored = [table for table in tables if table not in parents]
        yield "reindex: partitioned", {Role.PARENT: parents, Role.ALTERED: stored, Role.INDEX: indexes}
        return
    else:
        form = f"reindex {action.kind}" if action.kind in ("index", "table") else "reindex: all"
    yield form, {Role.ALTERED: tables, Role.INDEX: indexes}


_STORED = frozenset({"table", "materialized view"})


# Tables


@_handles(a.CreateTable)
def _create_table(action: a.CreateTable, catalog: Catalog, server: _Server) -> Iterator[Form]:
    if action.if_not_exists and catalog.table(action.relation) is not None:
        return
    yield "create table", {}
    references = [constraint.references for constraint in action.constraints]
    references += [constraint.references for column in action.columns for constraint in column.constraints]
    for referenced in references:
        if referenced is not None and referenced != action.relation:
            yield "create table: references", {Role.REFERENCED: _with_partitions(catalog, referenced)}
    if action.like:
        yield "create table: like", {Role.READ: action.like}
    if action.inherits:
        yield "create table: inherits", {Role.PARENT: action.inherits}
    if action.reads:
        yield "create table: as", {Role.READ: _tables_read(action.reads, catalog)}
    if action.partition_of is not None:
        default = _default_partition(action.partition_of, catalog)
        form = "create table: partition of, with a default partition" if default else "create table: partition of"
        yield form, {Role.PARENT: (action.partition_of,), Role.DEFAULT_PARTITION: default}
        yield from _keys_of_partitions("create table: partition of, ", action.partition_of, {}, catalog)


def _keys_of_partitions(prefix: str, parent: Name, roles: Roles, catalog: Catalog) -> Iterator[Form]:
    """Foreign keys from and to a partitioned table, which a partition gets and loses."""
    table = catalog.table(parent)
    for constraint in table.constraints.values() if table is not None else ():
        if constraint.references is not None:
            yield f"{prefix}foreign key", {**roles, Role.REFERENCED: _with_partitions(catalog, constraint.references)}
    for referrer, _ in catalog.referencing(parent):
        yield f"{prefix}referenced", {**roles, Role.REFERENCING: (referrer.name,)}


def _default_partition(parent: Name, catalog: Catalog) -> tuple[Name, ...]:
    return tuple(partition.name for partition in catalog.partitions(parent) if partition.default_partition)


@_handles(a.DropTable)
def _drop_table(action: a.DropTable, catalog: Catalog, server: _Server) -> Iterator[Form]:
    if _is_missing(action.relation, action.if_exists, catalog, server):
        return
    yield "drop table", _altered(catalog, action.relation)
    for name in _family(catalog, action.relation):
        table = catalog.table(name)
        if table is None:
            continue
        yield from _drop_dependents(name, catalog)
        for constraint in table.constraints.values():
            if constraint.references is not None:
                yield "drop table: foreign key", {Role.REFERENCED: _with_partitions(catalog, constraint.references)}
        for referrer, _ in catalog.referencing(name):
            yield "drop table: referenced", {Role.REFERENCING: _with_partitions(catalog, referrer.name)}
        if table.partition_of is not None:
            default = _default_partition(table.partition_of, catalog)
            yield "drop table: partition", {Role.PARENT: (table.partition_of,), Role.DEFAULT_PARTITION: default}


@_handles(a.RenameTable)
def _rename_table(action: a.RenameTable, catalog: Catalog, server: _Server) -> Iterator[Form]:
    if catalog.table(action.relation) is None and catalog.sequence(action.relation) is not None:
        yield "no lock", {}
    elif not _is_missing(action.relation, action.if_exists, catalog, server):
        yield "rename table", {Role.ALTERED: (action.relation,)}


@_handles(a.SetSchema)
def _set_schema(action: a.SetSchema, catalog: Catalog, server: _Server) -> Iterator[Form]:
    if not _is_missing(action.relation, action.if_exists, catalog, server):
        yield "set schema", {Role.ALTERED: (action.relation,)}


@_handles(a.Truncate)
def _truncate(action: a.Truncate, catalog: Catalog, server: _Server) -> Iterator[Form]:
    family = list(_family(catalog, action.relation))
    for name in family:
        if action.cascade:
            family += (t.name for t, _ in catalog.referencing(name) if t.name not in family)
    yield "truncate", {Role.ALTERED: family}


@_handles(a.AttachPartition)
def _attach_partition(action: a.AttachPartition, catalog: Catalog, server: _Server) -> Iterator[Form]:
    default = _default_partition(action.relation, catalog)
    yield "attach partition", {Role.PARENT: (action.relation,), Role.PARTITION: _family(catalog, action.partition)}
    if default:
        yield "attach partition: with a default partition", {Role.DEFAULT_PARTITION: default}
    yield from _keys_of_partitions("attach partition: ", action.relation, {}, catalog)


@_handles(a.DetachPartition)
def _detach_partition(action: a.DetachPartition, catalog: Catalog, server: _Server) -> Iterator[Form]:
    default = _default_partition(action.relation, catalog)
    roles: Roles = {
        Role.PARENT: (action.relation,),
        Role.PARTITION: (action.partition,),
        Role.DEFAULT_PARTITION: default,
    }
    if action.concurrently and default:
        yield "detach partition: concurrently, with a default partition", roles
    elif action.concurrently:
        yield "detach partition: concurrently", roles
    else:
        yield "detach partition", roles
        if default:
            yield "detach partition: with a default partition", roles
        indexes = [index.name for index in catalog.indexes(action.partition) if index.parent is not None]
        if indexes:
            yield "detach partition: index", {**roles, Role.INDEX: indexes}
        if below := _family(catalog, action.partition)[1:]:
            yield "detach partition: partitioned", {Role.PARTITION: below}
        yield from _keys_of_partitions("detach partition: ", action.relation, roles, catalog)


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


@_handles(a.AlterTable)
def _alter_table(action: a.AlterTable, catalog: Catalog, server: _Server) -> Iterator[Form]:
    if action.command in ("SetRelOptions", "ResetRelOptions"):
        light = all(o.startswith(("autovacuum_", "toast.")) or o in _LIGHT_PARAMETERS for o in action.options)
        form = "set parameters" if light else "set parameters: others"
    else:
        form = _ALTER_TABLE.get(action.command, f"alter table: {action.command}")
    recurses = action.column is not None or form == "enable trigger"
    roles: dict[Role, Iterable[Name]] = {
        Role.ALTERED: _family(catalog, action.relation) if recurses else (action.relation,)
    }
    if action.target is not None:
        roles[Role.PARENT] = roles[Role.INDEX] = (action.target,)
        if form == "replica identity":
            form = "replica identity: index"
    yield form, roles


# Everything else


def _tables_read(names: Iterable[Name], catalog: Catalog) -> tuple[Name, ...]:
    """Relations that a query locks: those it names, their descendants, and those behind views."""
    found: list[Name] = []
    pending = list(names)
    for name in pending:
        table = catalog.table(name)
        if table is not None and table.kind == "view":
            pending += table.reads
        found += _family(catalog, name)
    return tuple(found)


@_handles(a.CreateView)
def _create_view(action: a.CreateView, catalog: Catalog, server: _Server) -> Iterator[Form]:
    if action.materialized and action.with_data:
        yield "create materialized view", {Role.READ: _tables_read(action.reads, catalog)}
    else:
        yield "create view", {Role.READ: action.reads}


@_handles(a.DropView)
def _drop_view(action: a.DropView, catalog: Catalog, server: _Server) -> Iterator[Form]:
    if action.cascade:
        yield from _drop_dependents(action.relation, catalog)
    if not action.materialized:
        yield "no lock", {}
    elif not _is_missing(action.relation, action.if_exists, catalog, server):
        yield "drop materialized view", _altered(catalog, action.relation)


@_handles(a.RefreshMaterializedView)
def _refresh(action: a.RefreshMaterializedView, catalog: Catalog, server: _Server) -> Iterator[Form]:
    view = catalog.table(action.relation)
    reads = _tables_read(view.reads, catalog) if view is not None else ()
    form = "refresh: concurrently" if action.concurrently else "refresh"
    if not action.with_data:
        form, reads = "refresh: with no data", ()
    yield form, {Role.ALTERED: (action.relation,), Role.READ: reads}


@_handles(a.AlterEnum)
def _alter_enum(action: a.AlterEnum, catalog: Catalog, server: _Server) -> Iterator[Form]:
    yield ("enum: add value" if action.old is None else "no lock"), {}


@_handles(a.AlterDomain)
def _alter_domain(action: a.AlterDomain, catalog: Catalog, server: _Server) -> Iterator[Form]:
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
    return catalog.user_type(type_.name) is wanted or wanted in _domains(type_, catalog)


def _lock_free(*kinds: type[Action]) -> None:
    def handle(action: Action, catalog: Catalog, server: _Server) -> Iterator[Form]:
        yield "no lock", {}

    for kind in kinds:
        _HANDLERS[kind] = handle


_lock_free(
    a.CreateType, a.CreateDomain, a.CreateFunction, a.CreateSchema,
    a.CreateCollation, a.CreateExtension, a.SetVariable, a.SetConstraints, a.Transaction,
)  # fmt: skip


@_handles(a.CreateSequence)
def _create_sequence(action: a.CreateSequence, catalog: Catalog, server: _Server) -> Iterator[Form]:
    return _owned_by(action.owned_by)


@_handles(a.AlterSequence)
def _alter_sequence(action: a.AlterSequence, catalog: Catalog, server: _Server) -> Iterator[Form]:
    return _owned_by(action.owned_by)


def _owned_by(owner: tuple[Name, str] | None) -> Iterator[Form]:
    if owner is None:
        yield "no lock", {}
    else:
        yield "sequence: owned by", {Role.READ: (owner[0],)}


@_handles(a.DropSequence)
def _drop_sequence(action: a.DropSequence, catalog: Catalog, server: _Server) -> Iterator[Form]:
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


@_handles(a.RenameObject)
def _rename_object(action: a.RenameObject, catalog: Catalog, server: _Server) -> Iterator[Form]:
    if action.relation is not None:
        yield "rename trigger", _altered(catalog, action.relation)
    else:
        yield "no lock", {}


@_handles(a.DropObject)
def _drop_object(action: a.DropObject, catalog: Catalog, server: _Server) -> Iterator[Form]:
    if action.relation is not None:
        yield ("rule" if action.kind == "rule" else "policy"), _altered(catalog, action.relation)
    elif action.kind in ("type", "domain") and action.cascade:
        yield "drop domain: column", {Role.ALTERED: _using(action.name, catalog)}
    elif action.kind == "schema" and action.cascade:
        tables = [table.name for table in catalog.tables.values() if table.name.schema == action.name.name]
        for name in tables:
            yield from _drop_table(a.DropTable(relation=name, cascade=True), catalog, server)
    elif action.cascade:
        yield f"drop {action.kind}: cascade", {}  # no row: what depends on it is not known
    else:
        yield "no lock", {}


@_handles(a.Comment)
def _comment(action: a.Comment, catalog: Catalog, server: _Server) -> Iterator[Form]:
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


@_handles(a.Other)
def _other(action: a.Other, catalog: Catalog, server: _Server) -> Iterator[Form]:
    form = _OTHER_ON_TABLE.get(action.command)
    if form is not None and action.relation is not None:
        yield form, {Role.ALTERED: (action.relation,)}
    elif action.command in _TABLES_NOT_KNOWN:
        yield action.command.lower(), {}  # no row
    else:
        yield ("no lock: not in a transaction block" if action.command in _NOT_IN_TRANSACTION else "no lock"), {}


def _written(catalog: Catalog, name: Name) -> Roles:
    """The table and all that descends from it; through a view, the tables that it reads."""
    return {Role.ALTERED: _tables_read((name,), catalog)}


@_handles(a.Insert)
def _insert(action: a.Insert, catalog: Catalog, server: _Server) -> Iterator[Form]:
    roles = _written(catalog, action.relation)
    yield "insert", roles
    yield from _checked(action.relation, None, "insert", catalog)
    yield from _reading(action.reads, catalog)


@_handles(a.Update)
def _update(action: a.Update, catalog: Catalog, server: _Server) -> Iterator[Form]:
    yield ("update: filtered" if action.filtered else "update"), _written(catalog, action.relation)
    yield from _checked(action.relation, action.columns, "update", catalog)
    yield from _looked_up(action.relation, action.columns, "update", catalog)
    yield from _reading(action.reads, catalog)


@_handles(a.Delete)
def _delete(action: a.Delete, catalog: Catalog, server: _Server) -> Iterator[Form]:
    yield ("delete: filtered" if action.filtered else "delete"), _written(catalog, action.relation)
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
    for name in _family(catalog, relation):
        table = catalog.table(name)
        if table is None:
            continue
        for referrer, foreign_key in catalog.referencing(name):
            if columns is not None and set(columns).isdisjoint(_referenced_columns(foreign_key, table)):
                continue
            change = foreign_key.on_delete if columns is None else foreign_key.on_update
            if change not in ("no action", "restrict"):
                yield f"{command}: cascade", {Role.REFERENCING: (referrer.name,)}
            elif not foreign_key.initially_deferred:
                yield f"{command}: referenced", {Role.REFERENCING: (referrer.name,)}


def _reading(reads: Iterable[Name], catalog: Catalog) -> Iterator[Form]:
    if reads:
        yield "select", {Role.READ: _tables_read(reads, catalog)}


@_handles(a.Select)
def _select(action: a.Select, catalog: Catalog, server: _Server) -> Iterator[Form]:
    form = "select" if action.for_update is None else "select: for update"
    yield form, {Role.READ: _tables_read(action.reads, catalog)}


@_handles(a.Copy)
def _copy(action: a.Copy, catalog: Catalog, server: _Server) -> Iterator[Form]:
    if action.into:
        yield "copy: from", _altered(catalog, action.relation)
    else:
        yield "select", {Role.READ: (action.relation,)}


@_handles(a.LockTable)
def _lock_table(action: a.LockTable, catalog: Catalog, server: _Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    if table is not None and table.kind == "view":
        yield "lock table: view", {}
    yield f"lock table: {action.mode.lower()}", {Role.ALTERED: _tables_read((action.relation,), catalog)}


@_handles(a.Maintenance)
def _maintenance(action: a.Maintenance, catalog: Catalog, server: _Server) -> Iterator[Form]:
    if action.relation is not None:
        tables = _family(catalog, action.relation)
    else:
        tables = tuple(table.name for table in catalog.tables.values() if table.kind in _STORED)
    yield ("vacuum: full" if action.full else action.command), {Role.ALTERED: tables}
