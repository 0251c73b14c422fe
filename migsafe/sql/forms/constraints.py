"""Forms of what is done to constraints."""

from collections.abc import Iterator

from migsafe import actions as a
from migsafe.actions import ConstraintKind, Name
from migsafe.postgres.facts import Role
from migsafe.sql.catalog import Catalog, Table
from migsafe.sql.forms.columns import not_null_proof, set_not_null
from migsafe.sql.forms.family import (
    altered,
    children,
    drop_view,
    index_family,
    indexes_given,
    indexes_of,
    is_proven,
    is_stored,
    is_validated_with,
    losing_constraint,
    referencing_partitioned,
    referring_through,
    with_descendants,
    with_partitions,
)
from migsafe.sql.forms.registry import Form, Server, handles

_ADD_CONSTRAINT = {
    ConstraintKind.CHECK: "add check",
    ConstraintKind.FOREIGN_KEY: "add foreign key",
    ConstraintKind.UNIQUE: "add unique",
    ConstraintKind.PRIMARY_KEY: "add primary key",
    ConstraintKind.EXCLUDE: "add exclude",
    ConstraintKind.NOT_NULL: "add not null",
}


@handles(a.AddConstraint)
def _add_constraint(action: a.AddConstraint, catalog: Catalog, server: Server) -> Iterator[Form]:
    constraint = action.constraint
    if constraint.kind in (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY_KEY):
        yield from _add_key(action, catalog, server)
    elif constraint.references is not None:
        yield from _add_foreign_key(action, constraint.references, catalog)
    elif constraint.kind is ConstraintKind.EXCLUDE:
        yield "add exclude", {Role.ALTERED: (action.relation,)}
        if not is_stored(action.relation, catalog):
            yield "add exclude: partitioned", {}
        yield from _on_descendants(action, catalog)
    else:
        yield from _add_inherited(action, catalog)


def _add_inherited(action: a.AddConstraint, catalog: Catalog) -> Iterator[Form]:
    """CHECK and NOT NULL, which descendants get too unless they have it."""
    constraint = action.constraint
    form = _ADD_CONSTRAINT[constraint.kind] + _unchecked(constraint)
    gaining, merged = [action.relation], list[Name]()
    for name in () if action.only or constraint.no_inherit else gaining:
        for child in catalog.partitions(name):
            (merged if constraint.name in child.constraints else gaining).append(child.name)
    for name in gaining:
        proven = constraint.kind is ConstraintKind.NOT_NULL and not_null_proof(
            constraint.columns[0], catalog.table(name), catalog
        )
        yield "add not null: proven" if proven else form, {Role.ALTERED: (name,)}
    yield "add check: merged", {Role.ALTERED: merged}
    below = [below for name in merged for below in with_descendants(catalog, name)[1:]]
    if constraint.no_inherit and not action.only:
        below += with_descendants(catalog, action.relation)[1:]
    if below:
        yield "add check: children without it", {Role.PARTITION: below}


def _unchecked(constraint: a.Constraint) -> str:
    return ": not enforced" if not constraint.enforced else ": not valid" if not constraint.valid else ""


def _add_foreign_key(action: a.AddConstraint, referenced: Name, catalog: Catalog) -> Iterator[Form]:
    constraint = action.constraint
    table = catalog.table(action.relation)
    holding = with_partitions(catalog, action.relation)
    roles = {Role.ALTERED: holding, Role.REFERENCED: with_partitions(catalog, referenced)}
    yield f"add foreign key{_unchecked(constraint)}", roles
    yield from referencing_partitioned(referenced, catalog)
    if table is not None and table.kind == "partitioned table":
        if _kept_by_partition(action, table, catalog):
            yield "attach partition: foreign key, kept", {Role.REFERENCED: roles[Role.REFERENCED]}
        if _validates_of_partition(action, table, catalog):
            yield "attach partition: foreign key, validated", {Role.REFERENCED: roles[Role.REFERENCED]}
        if not constraint.valid:
            yield "add foreign key: not valid, partitioned", roles
        if deeper := [name for name in holding[1:] if name not in children(table.name, catalog)]:
            yield "add foreign key: partitions of partitions", {Role.PARTITION: deeper}
    elif not action.only and (heirs := with_descendants(catalog, action.relation)[1:]):
        yield "add foreign key: children", {Role.PARTITION: heirs}


def _kept_by_partition(action: a.AddConstraint, table: Table, catalog: Catalog) -> bool:
    """Whether a partition has the foreign key that its parent gets, so that it becomes part of it."""
    after = catalog.after(action)
    return any(child.constraints == after.tables[child.name].constraints for child in catalog.partitions(table.name))


def _validates_of_partition(action: a.AddConstraint, table: Table, catalog: Catalog) -> bool:
    """Whether a partition has the foreign key that its parent gets, but with rows that were not checked."""
    after = catalog.after(action).tables[table.name].constraints.items()
    added = [constraint for name, constraint in after if name not in table.constraints]
    held = [own for child in catalog.partitions(table.name) for own in child.constraints.values()]
    return any(is_validated_with(own, constraint) for own in held for constraint in added)


def _add_key(action: a.AddConstraint, catalog: Catalog, server: Server) -> Iterator[Form]:
    constraint = action.constraint
    columns = constraint.columns
    if constraint.using_index is not None:
        index = Name(constraint.using_index, action.relation.schema)
        kept = constraint.name in (None, constraint.using_index)
        roles = {Role.ALTERED: (action.relation,), Role.INDEX: (index,)}
        yield f"add unique: using index{', its name kept' if kept else ''}", roles
        yield "add unique: using index, children", {Role.PARTITION: with_descendants(catalog, action.relation)[1:]}
        found = catalog.index(index)
        columns = () if found is None else tuple(column for column in found.columns if column)
    else:
        yield _ADD_CONSTRAINT[constraint.kind], {Role.ALTERED: (action.relation,)}
        yield from _on_descendants(action, catalog)
        if constraint.include:
            yield "add unique: include", {}
        if constraint.nulls_not_distinct:
            yield "add unique: nulls not distinct", {}
        if constraint.without_overlaps:
            yield "add unique: without overlaps", {}
    if constraint.kind is ConstraintKind.PRIMARY_KEY:
        for name in columns:
            yield from _key_column(action, name, catalog, server)


def _on_descendants(action: a.AddConstraint, catalog: Catalog) -> Iterator[Form]:
    """What a constraint with an index does on partitions, which get one too, and on tables that inherit."""
    below = () if action.only else with_descendants(catalog, action.relation)[1:]
    if not is_stored(action.relation, catalog):
        built, taken = indexes_given(action, below, catalog)
        yield "add unique: partitions", {Role.PARTITION: built}
        if action.constraint.deferrable:
            yield "add unique: partitions, deferrable", {Role.PARTITION: built}
        served = tuple(name for name in below if name not in built)
        yield "add unique: partition has it", {Role.PARTITION: served, Role.INDEX: taken}
    elif below:
        yield "add unique: children", {Role.PARTITION: below}


def _key_column(action: a.AddConstraint, name: str, catalog: Catalog, server: Server) -> Iterator[Form]:
    """A column of a primary key becomes NOT NULL; ONLY leaves that of partitions to whoever calls."""
    table = catalog.table(action.relation)
    column = table.columns.get(name) if table is not None else None
    if table is not None and column is not None and is_proven(column, table):
        if is_stored(table.name, catalog) and not action.only:
            yield "add primary key: already not null", {Role.PARTITION: with_descendants(catalog, table.name)[1:]}
        return
    partitions = with_partitions(catalog, action.relation)[1:] if action.only else ()
    if not partitions:
        yield from set_not_null(a.SetNotNull(relation=action.relation, column=name, only=action.only), catalog, server)
        return
    yield f"set not null{not_null_proof(name, table, catalog)}", {Role.ALTERED: (action.relation,)}
    already = all(not_null_proof(name, catalog.table(each), catalog) == ": already" for each in partitions)
    yield f"add primary key: only{'' if already else ', nullable partitions'}", {Role.PARTITION: partitions}


@handles(a.ValidateConstraint)
def _validate_constraint(action: a.ValidateConstraint, catalog: Catalog, server: Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table is not None else None
    if constraint is None:
        # Whether it is a foreign key is not known; a CHECK costs the table itself the same.
        yield "validate check", altered(catalog, action.relation)
    elif constraint.valid:
        yield "validate: already", {Role.ALTERED: (action.relation,)}
    elif constraint.references is not None:
        holding = with_partitions(catalog, action.relation)
        referenced = with_partitions(catalog, constraint.references)
        if not any(is_stored(name, catalog) for name in holding):
            referenced = ()  # there is nothing to check
        yield "validate foreign key", {Role.ALTERED: holding, Role.REFERENCED: referenced[:1]}
        if below := referenced[1:]:
            yield "validate foreign key: partitions", {Role.PARTITION: below}
    else:
        form = f"validate {constraint.kind.value}"
        own = action.only or constraint.no_inherit
        for name in (action.relation,) if own else with_descendants(catalog, action.relation):
            member = catalog.table(name)
            inherited = member.constraints.get(action.name) if member is not None else None
            valid = inherited is not None and inherited.valid
            yield "validate: already" if valid else form, {Role.ALTERED: (name,)}


def _is_inherited(constraint: a.Constraint) -> bool:
    return constraint.kind in (ConstraintKind.CHECK, ConstraintKind.NOT_NULL) and not constraint.no_inherit


def _with_inherited(constraint: a.Constraint, relation: Name, only: bool, catalog: Catalog) -> tuple[Name, ...]:
    """A table and the descendants that DROP CONSTRAINT visits."""
    if not _is_inherited(constraint):
        return with_partitions(catalog, relation)
    return (relation, *children(relation, catalog)) if only else with_descendants(catalog, relation)


@handles(a.DropConstraint)
def _drop_constraint(action: a.DropConstraint, catalog: Catalog, server: Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table is not None else None
    if table is None or constraint is None:
        # One that is not known may be a NOT NULL, which descendants have too.
        own = with_partitions(catalog, action.relation) if action.if_exists else ()
        yield "drop constraint", {Role.ALTERED: own or with_descendants(catalog, action.relation)}
        return
    yield "drop constraint", {Role.ALTERED: _with_inherited(constraint, action.relation, action.only, catalog)}
    if action.cascade and constraint.kind is ConstraintKind.PRIMARY_KEY:
        for view in catalog.views_reading(table.name):
            if view.grouped:  # by the key, perhaps, to show other columns
                yield from drop_view(view, catalog)
    family = with_partitions(catalog, action.relation)
    indexes = [
        each for index in indexes_of(constraint, table, catalog) for each in index_family(index, family, catalog)
    ]
    yield "drop constraint: index", {Role.ALTERED: family, Role.INDEX: indexes}
    keys = filter(None, map(catalog.index, indexes_of(constraint, table, catalog)))
    if not action.cascade and any(any(referring_through(key, catalog)) for key in keys):
        yield "drop constraint: required", {}
    yield from losing_constraint(constraint, "drop constraint", table, catalog)


@handles(a.RenameConstraint)
def _rename_constraint(action: a.RenameConstraint, catalog: Catalog, server: Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table is not None else None
    indexes = () if table is None or constraint is None else indexes_of(constraint, table, catalog)
    if indexes:
        yield "rename constraint: index", {Role.ALTERED: (action.relation,), Role.INDEX: indexes}
    else:
        inherited = constraint is None or _is_inherited(constraint)
        yield "rename constraint", altered(catalog, action.relation, only=action.only or not inherited)


@handles(a.AlterConstraint)
def _alter_constraint(action: a.AlterConstraint, catalog: Catalog, server: Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table is not None else None
    if action.no_inherit is not None:
        yield from _alter_inheritance(action, constraint, catalog)
    elif action.enforced is None:
        as_it_was = constraint is not None and (constraint.deferrable, constraint.initially_deferred) == (
            action.deferrable,
            action.initially_deferred,
        )
        family = with_partitions(catalog, action.relation)
        if as_it_was and len(family) > 1:
            yield "alter constraint: as it was", {Role.ALTERED: (action.relation,), Role.PARTITION: family[1:]}
        else:
            yield "alter constraint", {Role.ALTERED: family}
    elif constraint is not None and constraint.references is not None:
        if constraint.enforced is action.enforced:
            yield "alter constraint", {Role.ALTERED: (action.relation,)}
            return
        roles = {
            Role.ALTERED: with_partitions(catalog, action.relation),
            Role.REFERENCED: with_partitions(catalog, constraint.references),
        }
        yield f"alter constraint: {'enforced' if action.enforced else 'not enforced'}", roles


def _alter_inheritance(action: a.AlterConstraint, constraint: a.Constraint | None, catalog: Catalog) -> Iterator[Form]:
    if constraint is not None and constraint.no_inherit is action.no_inherit:
        yield "alter constraint", {Role.ALTERED: (action.relation,)}
        return
    yield "alter constraint: inheritance", {Role.ALTERED: (action.relation, *children(action.relation, catalog))}
    # A constraint whose name PostgreSQL chose is not known: then it is taken to be new to the children.
    if not action.no_inherit:
        column = constraint.columns[0] if constraint is not None else ""
        visited = [*children(action.relation, catalog)]
        for name in visited:
            if not not_null_proof(column, catalog.table(name), catalog):
                yield "add not null", {Role.ALTERED: (name,)}
                visited += children(name, catalog)
