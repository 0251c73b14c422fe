"""SQL in one form for all texts that PostgreSQL reads alike."""

import re
from collections.abc import Iterator
from functools import lru_cache

import postgast
from google.protobuf.message import DecodeError, Message
from postgast import pg_query_pb2 as pb

_PLACES = frozenset({"location", "name_location", "stmt_location", "stmt_len", "list_start", "list_end"}) | {
    "rexpr_list_start",
    "rexpr_list_end",
}
"""Fields of parse trees that say where in the text something stands."""

_COMMENTS = frozenset({pb.SQL_COMMENT, pb.C_COMMENT})

_PARAMETER = re.compile(r"%s|%\(\w+\)s")

_SPACE_IS_SPACE = frozenset({"plpgsql", "sql"})
"""Languages of functions in which it does not matter how code is laid out."""


@lru_cache(maxsize=1024)
def canonical(sql: str) -> str:
    """Write SQL so that layout, comments, the case of keywords and ways to quote do not count.

    That is the parse tree, or, for text that is no SQL, its tokens. Not to be executed or shown.
    """
    try:
        tree = _parsed(sql)
    except (postgast.PgQueryError, DecodeError, UnicodeEncodeError):
        return _tokens(sql)
    for raw in tree.stmts:
        _lay_out(raw.stmt)
    return "".join(_written(tree.stmts))


def _parsed(sql: str) -> pb.ParseResult:
    try:
        return postgast.parse(sql)
    except postgast.PgQueryError:
        # With its parameters put in, it may be SQL: as if they were columns.
        if "%" not in sql:
            raise
        return postgast.parse(_PARAMETER.sub(r'"\g<0>"', sql))


def _written(value: object) -> Iterator[str]:
    if isinstance(value, Message):
        if isinstance(value, pb.Node):  # only says which kind of node it has
            (_field, value), *_ = value.ListFields() or [(None, value)]
            assert isinstance(value, Message)
        yield f"({value.DESCRIPTOR.name}"
        for field, part in value.ListFields():
            if field.name not in _PLACES:
                yield f" {field.name}="
                yield from _written(part)
        yield ")"
    elif isinstance(value, str):
        yield f"{len(value)}:{value}"
    elif isinstance(value, bool | int | float | bytes):
        yield repr(value)
    else:
        yield "["
        for part in value:  # type: ignore[attr-defined] # a repeated field
            yield from _written(part)
        yield "]"


def _lay_out(statement: pb.Node) -> None:
    kind = statement.WhichOneof("node")
    if kind == "do_stmt":
        options = [option.def_elem for option in statement.do_stmt.args]
    elif kind == "create_function_stmt":
        options = [option.def_elem for option in statement.create_function_stmt.options]
    else:
        return
    languages = [option.arg.string.sval for option in options if option.defname == "language"]
    if not _SPACE_IS_SPACE.issuperset(languages or (["plpgsql"] if kind == "do_stmt" else ["sql"])):
        return
    for option in options:
        if option.defname == "as":
            bodies = [item.string for item in option.arg.list.items] or [option.arg.string]
            for body in bodies:
                body.sval = _tokens(body.sval)


def _tokens(text: str) -> str:
    try:
        source = text.encode()
        tokens = postgast.scan(text).tokens
    except (postgast.PgQueryError, DecodeError, UnicodeEncodeError):
        return text
    return " ".join(source[token.start : token.end].decode() for token in tokens if token.token not in _COMMENTS)
