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
    if old.array or new.array or new.modifiers:
        return TypeChange.REWRITE
    if (source, target) in _ZONED:
        return TypeChange.REINDEX if utc and postgres >= 12 else TypeChange.REWRITE
    return _BINARY_COERCIBLE.get((source, target), TypeChange.REWRITE)


def _only_widens(name: str, old: Type, new: Type) -> bool:
    if old.array != new.array:
        return False
    if not new.modifiers:
        return name not in {"bit", "bpchar"}
    if old.array:
        return False
    if name == "numeric":
        return bool(old.modifiers) and _number(new, 0) >= _number(old, 0) and _number(new, 1, 0) == _number(old, 1, 0)
    if name not in _WIDENS:
        return False
    if name == "interval" and isinstance(new.modifiers[0], str) and not new.modifiers[0].endswith("second"):
        return False
    full = _FULL_PRECISION.get(name)
    if full is not None and _number(new, -1, full) >= full:
        return True
    return bool(old.modifiers) and _number(new, -1) >= _number(old, -1)


def _number(type_: Type, position: int, default: int = 0) -> int:
    try:
        return int(type_.modifiers[position])
    except (IndexError, ValueError):
        return default
