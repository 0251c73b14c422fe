"""SQL that makes values of a type: edge values, and a spread of as many different ones as are asked for.

Extremes are those of the type, but for time: what lies at the ends of Python's calendar breaks its arithmetic, and is
in nobody's tables. The same goes for infinities, NaN and JSON that is no object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

__all__ = ["Type", "Values", "base", "between", "digits", "literal", "text", "values", "within"]

PERIOD = 1_000_003
"""How many different values are enough; a prime, so that no other period beats with it."""

_WORDS = "(ARRAY['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heron'])"
_ALPHABET = "'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'"
_CODE = 8
"""Characters below which a text is a code, not words."""
_LONG = 2000
"""Characters of the longest text in a column without a limit: an index takes 2,700 bytes."""


class Type(msgspec.Struct, frozen=True, kw_only=True):
    """A type of the server, as its catalog has it.

    Attributes:
        name: ``pg_type.typname``.
        sql: As it is written in SQL, without modifier.
        kind: ``pg_type.typtype``.
        element: Of arrays, else 0.
        base: Of domains, else 0.
        modifier: Of domains: that of their base type; -1 if there is none.
        not_null: Of domains.
        checks: Of domains: name and condition on ``VALUE``.
        labels: Of enums.
        attributes: Of composite types: type and modifier.
        subtype: Of ranges; of multiranges the range; else 0.
        texts: That it takes, of types of which nothing else is known.
    """

    name: str
    sql: str
    kind: Literal["b", "c", "d", "e", "p", "r", "m"]
    element: int = 0
    base: int = 0
    modifier: int = -1
    not_null: bool = False
    checks: tuple[tuple[str, str], ...] = ()
    labels: tuple[str, ...] = ()
    attributes: tuple[tuple[int, int], ...] = ()
    subtype: int = 0
    texts: tuple[str, ...] = ()


class Values(msgspec.Struct, frozen=True):
    """Values of one type.

    Attributes:
        edges: SQL expressions.
        spread: From an SQL expression for a whole number ≥ 0 to one for a value, different for different numbers where
            the type has that many.
    """

    edges: tuple[str, ...]
    spread: Callable[[str], str]


def literal(text: str) -> str:
    """Quote a text for SQL, whatever ``standard_conforming_strings`` is."""
    quoted = "'" + text.replace("'", "''").replace("\\", "\\\\") + "'"
    return f"E{quoted}" if "\\" in text else quoted


def values(types: Mapping[int, Type], oid: int, modifier: int = -1, dimensions: int = 1) -> Values | None:
    """How to make values of a type; None if it is not known.

    Args:
        types: The type and all that it is made of, by oid.
        oid: Its own.
        modifier: ``pg_attribute.atttypmod``: the length, precision and so on.
        dimensions: Of arrays.
    """
    kind = types[oid]
    if kind.kind == "d":
        return values(types, kind.base, kind.modifier, dimensions)
    if kind.element:
        return _array(types, kind, modifier, dimensions)
    if kind.kind == "e":
        return _enum(kind)
    if kind.kind == "r":
        return _range(types, kind)
    if kind.kind == "m":
        return _multirange(types, kind)
    if kind.kind == "c":
        return _composite(types, kind)
    if kind.name in _WITH_MODIFIER:
        return _WITH_MODIFIER[kind.name](modifier)
    return _PLAIN.get(kind.name) or _guessed(kind)


def between(name: str, lower: str | None, upper: str | None, k: str) -> str | None:
    """SQL for the ``k``-th value between two, or on one side of one; None for types without distances.

    Args:
        name: ``pg_type.typname``.
        lower: SQL of the least value.
        upper: SQL of the greatest.
        k: SQL of a whole number ≥ 0.
    """
    if name in _WHOLE:
        low = f"ceil(({lower})::numeric)" if lower else None
        high = f"floor(({upper})::numeric)" if upper else None
        return within(name, _whole(low, high, k, 10_000 if name == "int2" else PERIOD))
    if name in ("numeric", "float4", "float8"):
        return _fraction(lower, upper, k, f"({k} % {PERIOD}) / 4.0", "1000003.0")
    if name == "date":
        return f"({_whole(lower, upper, f'({k})::int', 3_650)})"
    if name in ("timestamp", "timestamptz"):
        return _fraction(lower, upper, k, f"({k} % 31557600) * interval '1 second'", "1000003.0::float8")
    if name == "time":
        low, high = lower or "time '00:00'", upper or "time '23:59:59.999999'"
        return _fraction(low, high, k, "", "1000003.0::float8")
    if name == "interval":
        return _fraction(lower, upper, k, f"({k} % {PERIOD}) * interval '1 second'", "1000003.0::float8")
    return None


def within(name: str, number: str) -> str:
    """SQL for the value of a whole type that is next to a number, which may be beyond all; others as they are."""
    if name not in _WHOLE:
        return number
    least, most = _WHOLE[name]
    return f"greatest(least({number}, {most}), {least})::{name}"


def _whole(lower: str | None, upper: str | None, k: str, period: int = PERIOD) -> str:
    if lower and upper:
        return f"(({lower}) + {k} % greatest(({upper}) - ({lower}) + 1, 1))"
    return f"(({lower}) + {k} % {period})" if lower else f"(({upper}) - {k} % {period})"


def _fraction(lower: str | None, upper: str | None, k: str, step: str, period: str) -> str:
    if lower and upper:
        return f"(({lower}) + (({upper}) - ({lower})) * (({k} % {PERIOD + 1}) / {period}))"
    return f"(({lower}) + {step})" if lower else f"(({upper}) - {step})"


_WHOLE = {
    "int2": ("-32768", "32767"),
    "int4": ("-2147483648", "2147483647"),
    "int8": ("-9223372036854775808", "9223372036854775807"),
}


# Types with modifiers


def _text(length: int | None, cast: str) -> Values:
    edges = ["", " ", "it's 100%", "“Ünïcödé” 日本", "a\\b", "two\nlines"]
    long = min(length or _LONG, 10_000)
    quoted = [f"{literal(edge)}::{cast}" for edge in edges if length is None or len(edge) <= length]
    return Values((*quoted, f"repeat('x', {long})::{cast}"), lambda k: f"{_words(length, k)}::{cast}")


def text(most: int | None, least: int = 0, k: str = "0") -> str:
    """SQL of the ``k``-th text that has so many characters."""
    words = _words(most, k)
    return f"rpad({words}, greatest(length({words}), {least}), 'x')" if least else words


def _words(length: int | None, k: str) -> str:
    if length is None or length >= 20:
        return f"({_WORDS}[1 + ({k}) % 8] || '-' || ({k}))"
    if length >= _CODE:
        return f"to_hex({k})"
    digits = (f"substr({_ALPHABET}, (1 + ({k}) / {62**n} % 62)::int, 1)" for n in range(length))
    return f"({' || '.join(digits)})" if length else "''"


def _limited(name: str) -> Callable[[int], Values]:
    return lambda modifier: _text(modifier - 4, f"{name}({modifier - 4})") if modifier >= 4 else _text(None, "text")


def digits(modifier: int) -> tuple[int, int]:
    """Precision and scale of a ``numeric``, from its modifier."""
    return (modifier - 4) >> 16, ((modifier - 4) & 0x7FF ^ 0x400) - 0x400  # 11 bits with a sign since 15


def _numeric(modifier: int) -> Values:
    if modifier < 4:
        return Values(
            ("0", "1", "-1", "0.000001", "12345678901234567890.123456789"), lambda k: f"(({k}) / 100.0)::numeric"
        )
    precision, scale = digits(modifier)
    most = f"((10::numeric ^ {precision} - 1) / 10::numeric ^ {scale})"
    step = f"(10::numeric ^ {-scale})"
    if scale < 0:
        return Values(("0", step, f"-{step}"), lambda k: f"(({k}) % {10 ** min(precision, 9)} * {step})")
    scaled = f"(1 / 10::numeric ^ {scale})"
    units = 10 ** min(precision, 18)
    return Values(
        ("0", scaled, f"(-{scaled})", f"round({most}, {scale})", f"round(-{most}, {scale})"),
        lambda k: f"round(({k}) % {units} / 10::numeric ^ {scale}, {scale})",
    )


def _bits(modifier: int, *, varying: bool) -> Values:
    length = modifier if modifier > 0 else (64 if varying else 1)
    cast = f"varbit({length})" if varying else f"bit({length})"
    spread = min(length, 64)

    def bits(k: str) -> str:
        return f"rpad((({k})::bigint::bit({spread}))::text, {length}, '0')::{cast}"

    edges = [f"repeat('0', {length})::{cast}", f"repeat('1', {length})::{cast}"]
    return Values((*edges, f"''::{cast}") if varying else tuple(edges), bits)


def _interval(modifier: int) -> Values:
    edges = ("0", "-1 day", "1 mon", "00:00:00.000001", "100 years 11 mons 30 days 23:59:59.999999")
    return Values(
        tuple(f"interval '{edge}'" for edge in edges), lambda k: f"(({k}) % {PERIOD} * interval '1 hour 1 minute')"
    )


_WITH_MODIFIER: Mapping[str, Callable[[int], Values]] = {
    "varchar": _limited("varchar"),
    "bpchar": _limited("char"),
    "text": lambda _: _text(None, "text"),
    "citext": lambda _: _text(None, "text"),
    "numeric": _numeric,
    "bit": lambda modifier: _bits(modifier, varying=False),
    "varbit": lambda modifier: _bits(modifier, varying=True),
    "interval": _interval,
}


# Types that are the same everywhere


def _of(spread: str, *edges: str) -> Values:
    """Both as SQL, ``#`` for the number."""
    return Values(edges, lambda k: "(" + spread.replace("#", f"({k})") + ")")


_PLAIN: Mapping[str, Values] = {
    "bool": _of("# % 2 = 0", "true", "false"),
    "int2": _of("(# % 32767)::int2", "0", "1", "-1", "32767", "-32768"),
    "int4": _of("(# % 1000003)::int4", "0", "1", "-1", "2147483647", "-2147483648"),
    "int8": _of("(# % 1000003)::int8", "0", "1", "-1", "9223372036854775807", "-9223372036854775808"),
    "float4": _of("(# % 1000003 / 8.0)::float4", "0", "-1", "0.1", "3.4e38", "-3.4e38"),
    "float8": _of("(# / 8.0)::float8", "0", "-1", "0.1", "1.7e308", "-1.7e308"),
    "money": _of("(# % 1000003 / 100.0)::numeric::money", "0::money", "'-0.01'::money", "'90000000000000.00'::money"),
    "oid": _of("(# % 1000003)::oid", "0::oid", "4294967295::oid"),
    "xid": _of("(# % 1000003)::text::xid"),
    "cid": _of("(# % 1000003)::text::cid"),
    "tid": _of("('(' || # % 1000003 || ',1)')::tid"),
    "pg_lsn": _of("('0/' || to_hex(# % 1000003))::pg_lsn", "'0/0'::pg_lsn"),
    "regclass": _of("(ARRAY['pg_class', 'pg_type', 'pg_index'])[1 + # % 3]::regclass"),
    "regtype": _of("(ARRAY['int4', 'text', 'bool'])[1 + # % 3]::regtype"),
    "regproc": _of("(ARRAY['now', 'pi'])[1 + # % 2]::regproc"),
    "name": _of("('name_' || #)::name", "''::name", "repeat('x', 63)::name"),
    "char": _of("substr('abcdefghijklmnopqrstuvwxyz', (1 + # % 26)::int, 1)::\"char\"", "''::\"char\""),
    "bytea": _of("decode(md5((#)::text), 'hex')", "''::bytea", r"'\x00'::bytea", r"'\xff27005c'::bytea"),
    "uuid": _of(
        "md5((#)::text)::uuid",
        "'00000000-0000-0000-0000-000000000000'::uuid",
        "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid",
    ),
    "date": _of(
        "date '2000-01-01' + (# % 20000)::int",
        *(f"date '{day}'" for day in ("1900-01-01", "1970-01-01", "2000-02-29", "2100-12-31")),
    ),
    "time": _of(
        "time '00:00' + # % 86400000 * interval '1 millisecond'",
        "time '00:00'",
        "time '12:00'",
        "time '23:59:59.999999'",
    ),
    "timetz": _of("(time '00:00' + # % 86400 * interval '1 second')::timetz", "timetz '00:00+00'", "timetz '12:00-07'"),
    "timestamp": _of(
        "timestamp '2020-01-01' + # % 200000000 * interval '1 second'",
        *(f"timestamp '{t}'" for t in ("1900-01-01", "1970-01-01", "2000-02-29 12:00", "2100-12-31 23:59:59.999999")),
    ),
    "timestamptz": _of(
        "timestamptz '2020-01-01 00:00+00' + # % 200000000 * interval '1 second'",
        *(
            f"timestamptz '{t}+00'"
            for t in ("1900-01-01 00:00", "1970-01-01 00:00", "2000-02-29 12:00", "2100-12-31 23:59:59.999999")
        ),
    ),
    "json": _of(
        "json_build_object('id', #, 'name', 'name ' || #)", "'{}'::json", """'{"é": [null, {"a": 1.5}]}'::json"""
    ),
    "jsonb": _of(
        "jsonb_build_object('id', #, 'name', 'name ' || #)", "'{}'::jsonb", """'{"é": [null, {"a": 1.5}]}'::jsonb"""
    ),
    "jsonpath": _of("('$.a' || #)::jsonpath", "'$'::jsonpath"),
    "xml": _of("('<a>' || # || '</a>')::xml"),
    "inet": _of(
        "inet '10.0.0.0' + # % 16777216",
        "inet '0.0.0.0'",
        "inet '::1'",
        "inet '192.168.1.0/24'",
        "inet '255.255.255.255'",
    ),
    "cidr": _of("(inet '10.0.0.0' + # % 16777216)::cidr", "cidr '0.0.0.0/0'", "cidr '::/0'", "cidr '192.168.1.0/24'"),
    "macaddr": _of(
        "substr(lpad(to_hex(#), 12, '0'), 1, 12)::macaddr", "macaddr '00:00:00:00:00:00'", "macaddr 'ff:ff:ff:ff:ff:ff'"
    ),
    "macaddr8": _of("lpad(to_hex(#), 16, '0')::macaddr8", "macaddr8 '00:00:00:00:00:00:00:00'"),
    "tsvector": _of("to_tsvector('simple', 'word' || # || ' common')", "''::tsvector"),
    "tsquery": _of("plainto_tsquery('simple', 'word' || #)", "''::tsquery"),
    # Ten apart, so that no two overlap.
    "point": _of("point(# * 10, 0)", "point(0, -1)"),
    "line": _of("line(point(#, 0), point(# + 1, 1))"),
    "lseg": _of("lseg(point(# * 10, 0), point(# * 10 + 1, 1))", "lseg(point(0, -1), point(0, -1))"),
    "box": _of("box(point(# * 10, 0), point(# * 10 + 1, 1))", "box(point(0, -1), point(0, -1))"),
    "path": _of("('((' || # * 10 || ',0),(1,1))')::path", "'[(0,0)]'::path"),
    "polygon": _of("polygon(box(point(# * 10, 0), point(# * 10 + 1, 1)))", "'((0,-1))'::polygon"),
    "circle": _of("circle(point(# * 10, 0), 1)", "circle(point(0, -3), 0)"),
    # Of extensions.
    "hstore": _of("hstore('key', # ::text)", "''::hstore", "'a=>NULL'::hstore"),
    "ltree": _of("('top.n' || #)::ltree", "''::ltree"),
    "cube": _of("cube(#::float8)", "cube(0)"),
}


def _guessed(kind: Type) -> Values | None:
    if not kind.texts:
        return None
    texts = f"(ARRAY[{', '.join(map(literal, kind.texts))}])"
    return Values((), lambda k: f"{texts}[1 + ({k}) % {len(kind.texts)}]::{kind.sql}")


# Types made of others


def _array(types: Mapping[int, Type], kind: Type, modifier: int, dimensions: int) -> Values | None:
    element = values(types, kind.element, modifier)
    if element is None:
        return None
    cast = f"::{base(types, kind.element)}[]"

    def spread(k: str) -> str:
        items = f"ARRAY[{element.spread(k)}, {element.spread(f'({k}) + 1')}, {element.spread(f'({k}) + 2')}]{cast}"
        items = f"({items})[1 : (1 + ({k}) % 3)::int]"
        for _ in range(dimensions - 1):
            items = f"ARRAY[{items}, {items}]"
        return items

    def nested(edge: str) -> str:
        return "ARRAY[" * max(dimensions, 1) + edge + "]" * max(dimensions, 1) + cast

    return Values((f"'{{}}'{cast}", *(nested(edge) for edge in element.edges[:3])), spread)


def base(types: Mapping[int, Type], oid: int) -> str:
    """How to write the type that a domain rests on, so that its conditions are not checked yet."""
    kind = types[oid]
    if kind.kind == "d":
        return base(types, kind.base)
    return f"{base(types, kind.element)}[]" if kind.element else kind.sql


def _enum(kind: Type) -> Values | None:
    if not kind.labels:
        return None
    labels = f"(ARRAY[{', '.join(map(literal, kind.labels))}])"
    edges = tuple(f"{literal(label)}::{kind.sql}" for label in kind.labels)
    return Values(edges, lambda k: f"{labels}[1 + ({k}) % {len(kind.labels)}]::{kind.sql}")


def _range(types: Mapping[int, Type], kind: Type) -> Values | None:
    bound = values(types, kind.subtype)
    if bound is None:
        return None
    name = types[kind.subtype].name
    step = {"date": "1", "timestamp": "interval '1 hour'", "timestamptz": "interval '1 hour'"}.get(name)

    def spread(k: str) -> str:
        """Next to each other, so that no two overlap."""
        if name in ("date", "int4", "int8", "numeric", "float8", "float4"):
            low = f"(date '2000-01-01' + (({k}) % 200000 * 5)::int)" if name == "date" else f"(({k}) % 200000000 * 10)"
            cast = types[kind.subtype].sql
            return f"{kind.sql}(({low})::{cast}, ({low} + {step or 7})::{cast})"
        if step:
            low = f"({name} '2020-01-01' + ({k}) % {PERIOD} * interval '2 hours')"
            return f"{kind.sql}({low}, {low} + {step})"
        low = bound.spread(k)
        return f"{kind.sql}({low}, {low}, '[]')"

    return Values((f"'empty'::{kind.sql}", f"{kind.sql}(NULL, NULL)"), spread)


def _multirange(types: Mapping[int, Type], kind: Type) -> Values | None:
    part = values(types, kind.subtype)
    if part is None:
        return None
    return Values(
        (f"'{{}}'::{kind.sql}",), lambda k: f"{kind.sql}({part.spread(f'({k}) * 2')}, {part.spread(f'({k}) * 2 + 1')})"
    )


def _composite(types: Mapping[int, Type], kind: Type) -> Values | None:
    parts = [values(types, oid, modifier) for oid, modifier in kind.attributes]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or not known:
        return None
    nothing = ", ".join(["NULL"] * len(known))
    return Values(
        (f"ROW({nothing})::{kind.sql}",), lambda k: f"ROW({', '.join(part.spread(k) for part in known)})::{kind.sql}"
    )
