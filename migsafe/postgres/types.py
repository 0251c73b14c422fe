"""Which changes of a column's type PostgreSQL makes without writing the table anew.

Source: PostgreSQL manual, ALTER TABLE, Notes: no rewrite when the old type is binary coercible to the new one, or a
cast that only enforces the type modifier has nothing to enforce. ``tests/postgres/test_types.py`` asks real servers.
"""

import enum

from migsafe.actions import Type


class TypeChange(enum.Enum):
    """What a type change costs; a CHECK on the column or an expression in an index makes even a free one scan."""

    FREE = "free"
    REINDEX = "reindex"
    """The table stays; indexes on the column are built anew, since the new type sorts by other rules."""
    REWRITE = "rewrite"


_BINARY_COERCIBLE = {
    ("varchar", "text"): TypeChange.FREE,
    ("text", "varchar"): TypeChange.FREE,
    ("varchar", "citext"): TypeChange.REINDEX,
    ("text", "citext"): TypeChange.REINDEX,
    ("citext", "text"): TypeChange.REINDEX,
    ("citext", "varchar"): TypeChange.REINDEX,
    ("bit", "varbit"): TypeChange.REINDEX,
    ("cidr", "inet"): TypeChange.FREE,
    ("xml", "text"): TypeChange.FREE,
    ("xml", "varchar"): TypeChange.FREE,
    ("int4", "oid"): TypeChange.REINDEX,
    ("oid", "int4"): TypeChange.REINDEX,
}
_OID_ALIASES = (
    "regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper", "regoperator", "regproc",
    "regprocedure", "regrole", "regtype",
)  # fmt: skip
for _alias in _OID_ALIASES:
    _BINARY_COERCIBLE[_alias, "oid"] = _BINARY_COERCIBLE["oid", _alias] = TypeChange.FREE
    _BINARY_COERCIBLE[_alias, "int4"] = _BINARY_COERCIBLE["int4", _alias] = TypeChange.REINDEX
_WIDENS = frozenset({"varchar", "varbit", "time", "timetz", "timestamp", "timestamptz", "interval"})
"""Types whose one modifier only limits, so that a larger limit changes no value."""

_FULL_PRECISION = {"time": 6, "timetz": 6, "timestamp": 6, "timestamptz": 6, "interval": 6}
_ZONED = {("timestamp", "timestamptz"), ("timestamptz", "timestamp")}


def type_change(old: Type, new: Type, postgres: int, *, utc: bool = False) -> TypeChange:
    """Say what it costs to turn a column of type ``old`` into ``new`` by an implicit or written cast.

    Args:
        old: A built-in type (or ``citext``); for a domain, the type it stands for.
        new: Likewise, and a domain without constraints.
        postgres: Major version.
        utc: Whether the session's TimeZone is known to be UTC, which alone lets timestamp and timestamptz be the same.
    """
    if old == new:
        return TypeChange.FREE
    source, target = old.name.name, new.name.name
    if source == target:
        return TypeChange.FREE if _only_widens(target, old, new) else TypeChange.REWRITE
    if old.array or new.array:
        return TypeChange.REWRITE
    if (source, target) in _ZONED:
        kept = utc and postgres >= 12 and _is_full_precision(target, new)
        return TypeChange.REINDEX if kept else TypeChange.REWRITE
    if new.modifiers:
        return TypeChange.REWRITE
    return _BINARY_COERCIBLE.get((source, target), TypeChange.REWRITE)


def _only_widens(name: str, old: Type, new: Type) -> bool:
    if old.array != new.array:
        return False
    if not new.modifiers:
        return True
    if old.array:
        return False
    if name == "numeric":
        return bool(old.modifiers) and _number(new, 0) >= _number(old, 0) and _number(new, 1, 0) == _number(old, 1, 0)
    if name not in _WIDENS:
        return False
    if name == "interval":
        finer = _least_field(new) <= _least_field(old)
        coarse = _least_field(old) > 0
        return finer and (coarse or _is_full_precision(name, new) or _widens_number(old, new))
    return _is_full_precision(name, new) or _widens_number(old, new)


def _widens_number(old: Type, new: Type) -> bool:
    return bool(old.modifiers) and _number(new, -1) >= _number(old, -1)


def _is_full_precision(name: str, type_: Type) -> bool:
    full = _FULL_PRECISION.get(name)
    return full is not None and _number(type_, -1, full) >= full


_FIELDS = ("second", "minute", "hour", "day", "month", "year")


def _least_field(interval: Type) -> int:
    """The finest field that an interval keeps; below seconds is for the precision to say."""
    fields = [str(modifier).rpartition(" ")[2] for modifier in interval.modifiers]
    return min((_FIELDS.index(field) for field in fields if field in _FIELDS), default=0)


def _number(type_: Type, position: int, default: int = 0) -> int:
    try:
        return int(type_.modifiers[position])
    except (IndexError, ValueError):
        return default
