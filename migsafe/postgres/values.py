"""What a change of a column's type does to the values in it, and to queries that were written for the old type.

Source: PostgreSQL manual, 8 Data Types, 9 Functions and Operators, and CREATE CAST; ``tests/postgres/test_values.py``
asks real servers. Nothing is said of types that are not listed here.
"""

import enum
from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from migsafe.actions import Name, Type


class Misfit(enum.Enum):
    """What becomes of a value that the new type has no place for."""

    REFUSED = "refused"
    """The statement fails."""
    CUT = "cut"
    """It is shortened or rounded, and nobody is told."""


class Reading(enum.Enum):
    """What becomes of queries that compare a column with a value of its old type."""

    SAME = "same"
    OTHER = "other"
    """They run, but what is read are values of another kind."""
    REFUSED = "refused"
    """There is no operator: each of them fails."""


class _Kind(NamedTuple):
    """Types of one ``family`` can be compared; clients read values of one ``kind`` alike."""

    family: str
    kind: str


_KINDS = {
    **dict.fromkeys(("int2", "int4", "int8"), _Kind("number", "integer")),
    "numeric": _Kind("number", "numeric"),
    **dict.fromkeys(("float4", "float8"), _Kind("number", "float")),
    **dict.fromkeys(("text", "varchar", "bpchar", "citext"), _Kind("text", "text")),
    "bool": _Kind("bool", "bool"),
    "date": _Kind("moment", "date"),
    "timestamp": _Kind("moment", "timestamp"),
    "timestamptz": _Kind("moment", "timestamptz"),
    "time": _Kind("time", "time"),
    "timetz": _Kind("time", "timetz"),
    "interval": _Kind("interval", "interval"),
    "uuid": _Kind("uuid", "uuid"),
    **dict.fromkeys(("json", "jsonb"), _Kind("json", "json")),
    "bytea": _Kind("bytea", "bytea"),
    **dict.fromkeys(("inet", "cidr"), _Kind("network", "network")),
}
_CAST = {"time", "interval"}
"""One is cast to the other where they are compared."""
_READ_AS_TEXT = ("jsonb", "inet", "cidr")
"""What Django's PostgreSQL backend has its clients read as text."""
_DIGITS = {"int2": 5, "int4": 10, "int8": 19}
"""Of the largest value."""
_BITS = {"int2": 15, "int4": 31, "int8": 63}
_EXACT = {"float4": 6, "float8": 15}
"""Decimal digits that are always kept."""
_EXACT_INTEGERS = {"float4": 1, "float8": 2}
"""How many of the integer types it can hold, from the smallest on."""
_LONGEST = {"bool": 5, "int2": 6, "int4": 11, "int8": 20, "uuid": 36}
"""Characters of the longest text that stands for a value."""
_FULL_PRECISION = 6
_INFINITE = 1_000_000


def misfits(old: Type, new: Type, *, cast: bool) -> frozenset[Misfit]:
    """Say what may become of values when a column's type changes; empty when every value is kept.

    Args:
        cast: Whether USING casts them explicitly (``x::varchar(3)``), which shortens what assigning refuses.
    """
    if old.array and new.array:
        return misfits(replace(old, array=False), replace(new, array=False), cast=cast)
    source, target = _kind(old), _kind(new)
    if source is None or target is None or old == new:
        return frozenset()
    if target.family == "text" and not new.array:
        return _too_long(old, new, cast=cast)
    if (source.family == "text" and not old.array) or (source.kind == "json" and target.family in ("number", "bool")):
        return frozenset({Misfit.REFUSED})
    if source.family == target.family == "number":
        return frozenset(_numbers(old, new))
    loses = (
        (source.family == "moment" and target.kind in ("date", "time", "timetz") and source.kind != target.kind)
        or (source.family in ("moment", "time") and _precision(new) < _precision(old) and source.kind != "date")
        or (source.kind == "integer" and target.kind == "bool")
        or (old.name.name == "inet" and new.name.name == "cidr")
    )
    return frozenset({Misfit.CUT} if loses else ())


def fitting(column: str, old: Type, new: Type) -> str | None:
    """SQL that is true of a value for which the new type has a place; None where there is no simple one.

    Args:
        column: Its name, quoted.
    """
    source, target = _kind(old), _kind(new)
    if source is None or target is None or old.array or new.array:
        return None
    limit = _length(new)
    if target.family == "text" and limit:
        return f"char_length({column if source.family == 'text' else f'{column}::text'}) <= {limit}"
    if not source.family == target.family == "number":
        return None
    if new.name.name in _DIGITS:
        largest = 2 ** _BITS[new.name.name] - 1
        within = f"{column} BETWEEN {-largest - 1} AND {largest}"
        return f"{within} AND {column} = trunc({column})" if _places(old)[1] else within
    if new.name.name != "numeric" or not new.modifiers:
        return None
    whole, fraction = _places(new)
    within = f"abs({column}) < 1{'0' * whole}"
    number = f"{column}::numeric" if source.kind == "float" else column
    return f"{within} AND {number} = round({number}, {fraction})" if fraction < _places(old)[1] else within


def reading(old: Type, new: Type) -> Reading:
    """Say what becomes of queries that were written for the old type; `Reading.SAME` where that is not known."""
    source, target = _kind(old), _kind(new)
    if source is None or target is None:
        return Reading.SAME
    if old.array and new.array:
        return reading(replace(old, array=False), replace(new, array=False)) if source != target else Reading.SAME
    if source.family == "text" and not old.array:  # clients send it as a literal that takes any type
        as_text = target.family == "text" or new.name.name in _READ_AS_TEXT
        return Reading.SAME if as_text and not new.array else Reading.OTHER
    if old.array != new.array or (source.family != target.family and {source.kind, target.kind} != _CAST):
        return Reading.REFUSED
    return Reading.SAME if source.kind == target.kind else Reading.OTHER


def _kind(type_: Type) -> _Kind | None:
    return _KINDS.get(type_.name.name) if type_.name.schema in (None, "pg_catalog") else None


def _too_long(old: Type, new: Type, *, cast: bool) -> frozenset[Misfit]:
    limit = _length(new)
    if limit is None or _longest(old) <= limit:
        return frozenset()
    return frozenset({Misfit.CUT if cast else Misfit.REFUSED})


def _longest(type_: Type) -> int:
    name = type_.name.name
    if type_.array:
        return _INFINITE
    if name == "numeric" and type_.modifiers:
        whole, fraction = _places(type_)
        return max(whole, 1) + 1 + (fraction + 1 if fraction else 0)
    return _LONGEST.get(name) or _length(type_) or _INFINITE


def _length(type_: Type) -> int | None:
    if type_.name.name not in ("varchar", "bpchar") or not type_.modifiers:
        return None
    return int(type_.modifiers[0])


def _numbers(old: Type, new: Type) -> Iterator[Misfit]:
    source, target = old.name.name, new.name.name
    whole, fraction = _places(old)
    if target in _EXACT:
        if _is_rounded(source, target, whole + fraction):
            yield Misfit.CUT
        if (target == "float4" and source == "float8") or (whole == _INFINITE and source == "numeric"):
            yield Misfit.REFUSED
    elif target in _DIGITS:
        if fraction:
            yield Misfit.CUT
        # An integer type does not hold every number with as many digits as its largest.
        if whole > _DIGITS[target] - (source not in _DIGITS):
            yield Misfit.REFUSED
    else:
        room, kept = _places(new)
        if source in _EXACT or kept < fraction:
            yield Misfit.CUT
        # Rounding up may need one digit more.
        if room < whole or (kept < fraction and room == whole and new.modifiers):
            yield Misfit.REFUSED


def _is_rounded(source: str, target: str, digits: int) -> bool:
    """Whether a floating-point type has not all the digits."""
    if source in _DIGITS:
        return list(_DIGITS).index(source) >= _EXACT_INTEGERS[target]
    if source in _EXACT:
        return _EXACT[source] > _EXACT[target]
    return digits > _EXACT[target]


def _places(type_: Type) -> tuple[int, int]:
    """Digits before and after the decimal point."""
    name = type_.name.name
    if name in _DIGITS:
        return _DIGITS[name], 0
    if name != "numeric" or not type_.modifiers:
        return _INFINITE, _INFINITE
    precision, scale = int(type_.modifiers[0]), int(type_.modifiers[1]) if len(type_.modifiers) > 1 else 0
    return precision - scale, scale


def _precision(type_: Type) -> int:
    """Digits of seconds."""
    return int(type_.modifiers[-1]) if type_.modifiers else _FULL_PRECISION


_SQL_NAMES = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "bool": "boolean",
    "float4": "real",
    "float8": "double precision",
    "bpchar": "char",
    "timestamptz": "timestamp{} with time zone",
    "timetz": "time{} with time zone",
}


def sql_name(type_: Type) -> str:
    """The type as people and Django write it: ``bigint``, ``timestamp(3) with time zone``."""
    name = type_.name
    written = _SQL_NAMES.get(name.name, name.name + "{}") if name.schema in (None, "pg_catalog") else f"{name}{{}}"
    if "{}" not in written:
        written += "{}"
    modifiers = str(Type(Name(""), type_.modifiers))
    return written.replace("{}", modifiers) + "[]" * type_.array
