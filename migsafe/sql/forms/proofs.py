"""Whether PostgreSQL sees from CHECK constraints that no row can be against a partition's bound, so that it reads none.

Less than PostgreSQL can prove, never more: keys of one column, compared with constants that mean the same in every
session.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from migsafe.actions import Bound, Comparison, Constant, Name
from migsafe.postgres.facts import Role
from migsafe.sql.catalog import Catalog, Column, Table
from migsafe.sql.forms.family import is_proven, searched_partitions
from migsafe.sql.forms.registry import Form

_Value = Any
"""Of one column, so that two of them can be compared."""


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("depends on the session's TimeZone")
    return found


def _local(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError("its offset is ignored")
    return found


_READ: dict[str, Callable[[str], _Value]] = {
    "int2": int,
    "int4": int,
    "int8": int,
    "date": date.fromisoformat,
    "timestamp": _local,
    "timestamptz": _instant,
    "text": str,
    "varchar": str,
}
_COLLATED = frozenset({"text", "varchar"})
"""What comes first is for the collation to say."""


def is_within(table: Table, parent: Table, bound: Bound | None, catalog: Catalog) -> bool:
    """Whether all rows of a table are known to belong into a partition with that bound, and into its ancestors."""
    if bound is None or not _keeps(table, parent.partition_key, bound):
        return False
    above = catalog.table(parent.partition_of) if parent.partition_of is not None else None
    return parent.partition_of is None or (above is not None and is_within(table, above, parent.bound, catalog))


def is_outside(table: Table, parent: Table, bound: Bound | None) -> bool:
    """Whether no row of a default partition can belong into a new partition."""
    column = _column(table, parent.partition_key)
    if column is None or bound is None or not bound.known:
        return False
    lower, upper = (_single(column, end) for end in (bound.lower, bound.upper))
    return any(
        (lower is not None and _implies(column, comparison, "<", lower))
        or (upper is not None and _implies(column, comparison, ">=", upper))
        for comparison in _comparisons(table, column)
    )


def search(form: str, parent: Name, bound: Bound | None, catalog: Catalog) -> Iterator[Form]:
    """The default partition and those below it, which are read for rows that belong into a new partition."""
    known = catalog.table(parent)
    searched = searched_partitions(parent, catalog)
    outside = [
        name
        for name in searched
        if known is not None and (table := catalog.table(name)) is not None and is_outside(table, known, bound)
    ]
    if rest := [name for name in searched if name not in outside]:
        yield form, {Role.DEFAULT_PARTITION: rest}
    if outside:
        yield f"{form}, proven", {Role.DEFAULT_PARTITION: outside}


def _keeps(table: Table, key: tuple[str, ...], bound: Bound) -> bool:
    column = _column(table, key)
    if column is None or not bound.known:
        return False
    comparisons = tuple(_comparisons(table, column))
    if bound.values:
        allowed = {_read(column, value) for value in bound.values if value is not None}
        chosen = [
            {_read(column, value) for value in comparison.values}
            for comparison in comparisons
            if comparison.operator == "="
        ]
        nulls = None in bound.values or _has_no_nulls(table, column)
        return nulls and None not in allowed and any(values <= allowed for values in chosen)
    if len(bound.lower) != 1 or not _has_no_nulls(table, column):
        return False
    for operator, ends in ((">=", bound.lower), ("<", bound.upper)):
        end = _single(column, ends)
        unbounded = ends == (None,)
        proven = end is not None and any(_implies(column, each, operator, end) for each in comparisons)
        if not unbounded and not proven:
            return False
    return True


def _column(table: Table, key: tuple[str, ...]) -> Column | None:
    column = table.columns.get(key[0]) if len(key) == 1 else None
    return column if column is not None and column.collation is None else None


def _comparisons(table: Table, column: Column) -> Iterator[Comparison]:
    for constraint in table.constraints.values():
        if constraint.valid and constraint.expression is not None:
            yield from (each for each in constraint.expression.comparisons if each.column == column.name)


def _has_no_nulls(table: Table, column: Column) -> bool:
    return is_proven(column, table) or any(
        constraint.valid and constraint.expression is not None and column.name in constraint.expression.not_null
        for constraint in table.constraints.values()
    )


def _single(column: Column, ends: tuple[Constant | None, ...]) -> _Value | None:
    return _read(column, ends[0]) if len(ends) == 1 and ends[0] is not None else None


def _read(column: Column, constant: Constant) -> _Value | None:
    """The value, if it is of the column's type and every session takes it for the same."""
    type_ = column.type.name
    if column.type.array or type_.name not in _READ or constant.type not in (None, type_):
        return None
    if column.type.modifiers and type_.name not in _COLLATED:
        return None
    try:
        return _READ[type_.name](constant.text)
    except ValueError:
        return None


def _implies(column: Column, comparison: Comparison, operator: str, end: _Value) -> bool:
    """Whether ``column comparison`` leaves no row for which ``column operator end`` is false."""
    values = [_read(column, value) for value in comparison.values]
    if None in values:
        return False
    if column.type.name.name in _COLLATED:
        return comparison.operator == operator and values == [end]
    written = comparison.operator
    if operator == ">=":
        return written in (">=", ">", "=") and all(value >= end for value in values)
    if written in ("<", "<=", "="):
        return all(value < end or (value == end and written == "<") for value in values)
    return False
