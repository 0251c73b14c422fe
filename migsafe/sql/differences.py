"""How two schemas differ, by the names of what is in them: the order in which it was made does not count."""

from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from migsafe.actions import Constraint, ConstraintKind, Expression
from migsafe.sql.catalog import Catalog, Column, Index, Table
from migsafe.sql.names import made_of


def differences(one: Catalog, other: Catalog, kept: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Say in words what differs, sorted.

    Args:
        kept: Names of the first that stand for others of the second: ``table`` or ``table.column``.
    """
    names = kept or {}
    first, second = dict(_facts(one, names)), dict(_facts(other, {}))
    found = []
    for what in sorted(first.keys() | second.keys()):
        left, right = first.get(what), second.get(what)
        if left != right:
            found.append(f"{' '.join(what)}: {_shown(left)} instead of {_shown(right)}")
    return tuple(found)


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    return str(value) if isinstance(value, str) else repr(value)


def _facts(catalog: Catalog, kept: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], object]]:
    for table in catalog.tables.values():
        name = kept.get(catalog.display(table.name), catalog.display(table.name))
        yield (table.kind, name), _text(_of_table(table))
        for column in table.columns.values():
            called = kept.get(f"{catalog.display(table.name)}.{column.name}", f"{name}.{column.name}")
            yield ("column", called), _text(_of_column(column))
        for constraint in table.constraints.values():
            if _goes_without_saying(constraint, table):
                continue
            yield (
                ("constraint", f"{constraint.name} on {name}"),
                _text(_of_constraint(constraint, table, catalog, kept)),
            )
        for trigger in table.triggers.values():
            yield ("trigger", f"{trigger.name} on {name}"), _text(trigger)
    for index in catalog.index_map.values():
        yield ("index", catalog.display(index.name)), _text(_of_index(index, catalog, kept))
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


def _of_constraint(constraint: Constraint, table: Table, catalog: Catalog, kept: Mapping[str, str]) -> object:
    def called(column: str, relation: Table | None) -> str:
        full = kept.get(f"{catalog.display(relation.name)}.{column}") if relation else None
        return full.rpartition(".")[2] if full else column

    target = catalog.table(constraint.references) if constraint.references else None
    return replace(
        constraint,
        using_index=None,
        columns=tuple(called(column, table) for column in constraint.columns),
        referenced_columns=tuple(called(column, target) for column in constraint.referenced_columns),
        references=None,
    ), (kept.get(catalog.display(target.name), catalog.display(target.name)) if target else constraint.references)


def _of_index(index: Index, catalog: Catalog, kept: Mapping[str, str]) -> tuple[object, ...]:
    relation = catalog.display(index.relation)
    keys = tuple(
        replace(key, column=kept[f"{relation}.{key.column}"].rpartition(".")[2])
        if f"{relation}.{key.column}" in kept
        else key
        for key in index.keys
    )
    return (
        kept.get(relation, relation),
        keys,
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
