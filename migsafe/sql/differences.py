"""How two schemas differ, by the names of what is in them: the order in which it was made does not count."""

from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from migsafe.actions import Constraint, ConstraintKind, Expression, RenameColumn, RenameConstraint, RenameTable
from migsafe.sql.catalog import Catalog, Column, Index, Table
from migsafe.sql.names import made_of


def differences(one: Catalog, other: Catalog, kept: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Say in words what differs, sorted.

    Args:
        kept: Names of the first that stand for others of the second: ``table``, ``table.column`` or
            ``table.constraint``.
    """
    first, second = dict(_facts(_renamed(one, kept or {}))), dict(_facts(other))
    found = []
    for what in sorted(first.keys() | second.keys()):
        left, right = first.get(what), second.get(what)
        if left != right:
            found.append(f"{' '.join(what)}: {_shown(left)} instead of {_shown(right)}")
    return tuple(found)


def _renamed(catalog: Catalog, kept: Mapping[str, str]) -> Catalog:
    """The schema with the names that it would have if none were kept: of what is in tables first, then of these."""
    tables = {catalog.display(table.name): table for table in catalog.tables.values()}
    for old, new in sorted(kept.items(), key=lambda item: item[0] in tables):
        if old in tables:
            name = new.removeprefix(f"{tables[old].name.schema}.")
            catalog = catalog.after(RenameTable(relation=tables[old].name, new_name=name))
            continue
        table, within = next(
            ((one, old.removeprefix(f"{name}.")) for name, one in tables.items() if old.startswith(f"{name}.")),
            (None, ""),
        )
        if table is not None and within in table.columns:
            name = new.rpartition(".")[2]
            catalog = catalog.after(RenameColumn(relation=table.name, column=within, new_name=name))
        elif table is not None:
            name = new.rpartition(".")[2]
            catalog = catalog.after(RenameConstraint(relation=table.name, name=within, new_name=name))
    return catalog


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    return str(value) if isinstance(value, str) else repr(value)


def _facts(catalog: Catalog) -> Iterator[tuple[tuple[str, ...], object]]:
    for table in catalog.tables.values():
        name = catalog.display(table.name)
        yield (table.kind, name), _text(_of_table(table))
        for column in table.columns.values():
            yield ("column", f"{name}.{column.name}"), _text(_of_column(column))
        for constraint in table.constraints.values():
            if not _goes_without_saying(constraint, table):
                yield ("constraint", f"{constraint.name} on {name}"), _text(replace(constraint, using_index=None))
        for trigger in table.triggers.values():
            yield ("trigger", f"{trigger.name} on {name}"), _text(trigger)
    for index in catalog.index_map.values():
        yield ("index", catalog.display(index.name)), _text(_of_index(index, catalog))
    for sequence in catalog.sequences.values():
        yield ("sequence", catalog.display(sequence.name)), _text((sequence.owned_by, sequence.identity))
    for type_ in catalog.types.values():
        yield ("type", catalog.display(type_.name)), _text(type_)
    for function in catalog.functions.values():
        yield ("function", catalog.display(function.name)), _text(function.volatility)


def _goes_without_saying(constraint: Constraint, table: Table) -> bool:
    """Whether it is the NOT NULL of a column as ``SET NOT NULL`` makes it, which the column says already."""
    return (
        constraint.kind is ConstraintKind.NOT_NULL
        and constraint.valid
        and not constraint.no_inherit
        and constraint.name == made_of(table.name.name, constraint.columns[0], "not_null")
    )


def _of_table(table: Table) -> tuple[object, ...]:
    return (
        table.partition_of,
        table.partition_key,
        table.bound,
        table.inherits,
        table.unlogged,
        table.tablespace,
        table.query,
        sorted(table.rules),
        sorted(table.policies),
    )


def _of_column(column: Column) -> tuple[object, ...]:
    return (
        column.type,
        column.not_null,
        _sql(column.default),
        column.identity,
        column.generated,
        _sql(column.expression),
        column.collation,
    )


def _of_index(index: Index, catalog: Catalog) -> tuple[object, ...]:
    return (
        catalog.display(index.relation),
        index.keys,
        index.include,
        index.unique,
        index.primary,
        index.valid,
        index.method,
        _sql(index.where),
        index.nulls_not_distinct,
        index.constraint,
        index.tablespace,
    )


def _sql(expression: Expression | None) -> str | None:
    return None if expression is None else expression.sql


def _text(value: object) -> str:
    """What is compared and shown: everything frozen has a JSON form."""
    return msgspec.json.encode(value, enc_hook=str).decode()
