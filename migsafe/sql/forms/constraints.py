"""Forms of what is done to constraints."""

from collections.abc import Iterator

from migsafe import actions as a
from migsafe.actions import ConstraintKind, Name
from migsafe.postgres.facts import Role
from migsafe.sql.catalog import Catalog
from migsafe.sql.forms.columns import set_not_null
from migsafe.sql.forms.family import (
    altered,
    index_family,
    indexes_of,
    is_proven,
    losing_constraint,
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
        return
    form = _ADD_CONSTRAINT[constraint.kind]
    roles = dict(altered(catalog, action.relation))
    table = catalog.table(action.relation)
    if constraint.references is not None:
        children = with_descendants(catalog, action.relation)[1:]
        if children and table is not None and table.kind == "table":
            yield "add foreign key: children", {Role.PARTITION: children}
            roles[Role.ALTERED] = (table.name,)
        roles[Role.REFERENCED] = with_partitions(catalog, constraint.references)
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


def _add_key(action: a.AddConstraint, catalog: Catalog, server: Server) -> Iterator[Form]:
    constraint = action.constraint
    roles = altered(catalog, action.relation)
    table = catalog.table(action.relation)
    columns = constraint.columns
    if constraint.using_index is not None:
        index = Name(constraint.using_index, action.relation.schema)
        kept = constraint.name in (None, constraint.using_index)
        yield f"add unique: using index{', its name kept' if kept else ''}", {**roles, Role.INDEX: (index,)}
        found = catalog.index(index)
        columns = () if found is None else tuple(column for column in found.columns if column)
    else:
        yield _ADD_CONSTRAINT[constraint.kind], {Role.ALTERED: (action.relation,)}
        if children := with_descendants(catalog, action.relation)[1:]:
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
            if table is None or column is None or not is_proven(column, table):
                yield from set_not_null(a.SetNotNull(relation=action.relation, column=name), catalog, server)


@handles(a.ValidateConstraint)
def _validate_constraint(action: a.ValidateConstraint, catalog: Catalog, server: Server) -> Iterator[Form]:
    roles = dict(altered(catalog, action.relation))
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table is not None else None
    if constraint is None:
        # Whether it is a foreign key is not known; a CHECK costs the table itself the same.
        yield "validate check", roles
    elif constraint.valid:
        yield "validate: already", roles
    elif constraint.references is not None:
        yield "validate foreign key", {**roles, Role.REFERENCED: with_partitions(catalog, constraint.references)}
    else:
        yield f"validate {constraint.kind.value}", roles


@handles(a.DropConstraint)
def _drop_constraint(action: a.DropConstraint, catalog: Catalog, server: Server) -> Iterator[Form]:
    yield "drop constraint", altered(catalog, action.relation)
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table is not None else None
    if table is None or constraint is None:
        return
    family = with_descendants(catalog, action.relation)
    indexes = [
        each for index in indexes_of(constraint, table, catalog) for each in index_family(index, family, catalog)
    ]
    yield "drop constraint: index", {Role.ALTERED: family, Role.INDEX: indexes}
    yield from losing_constraint(constraint, "drop constraint", table, catalog)


@handles(a.RenameConstraint)
def _rename_constraint(action: a.RenameConstraint, catalog: Catalog, server: Server) -> Iterator[Form]:
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table is not None else None
    indexes = () if table is None or constraint is None else indexes_of(constraint, table, catalog)
    if indexes:
        yield "rename constraint: index", {Role.ALTERED: (action.relation,), Role.INDEX: indexes}
    else:
        yield "rename constraint", altered(catalog, action.relation)


@handles(a.AlterConstraint)
def _alter_constraint(action: a.AlterConstraint, catalog: Catalog, server: Server) -> Iterator[Form]:
    roles = altered(catalog, action.relation)
    table = catalog.table(action.relation)
    constraint = table.constraints.get(action.name) if table is not None else None
    referenced = constraint.references if constraint is not None else None
    if action.enforced is None:
        yield "alter constraint", roles
    elif referenced is not None:
        form = "alter constraint: enforced" if action.enforced else "alter constraint: not enforced"
        yield form, {**roles, Role.REFERENCED: with_partitions(catalog, referenced)}
