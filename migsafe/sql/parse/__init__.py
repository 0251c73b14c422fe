"""Text → statements and what they do, by PostgreSQL's own grammar (libpg_query 18).

The only package that imports ``postgast``. Offsets in parse trees count bytes of UTF-8.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache

import postgast
from google.protobuf.message import DecodeError
from msgspec.structs import replace
from postgast import pg_query_pb2 as pb

from migsafe.actions import Action, Parsed, Unknown
from migsafe.sql.parse import blocks, commands, data, tables  # noqa: F401 (they register adapters)
from migsafe.sql.parse.registry import ADAPTERS

__all__ = ["parse", "strings"]

_TOO_DEEP = "nested too deeply to be analysed"


@lru_cache(maxsize=1024)
def parse(text: str) -> tuple[Parsed, ...]:
    """Split a text into its statements and say what each of them does.

    Never raises: a statement that is not understood has an `Unknown` among its actions, and the others of the text are
    still parsed.
    """
    try:
        source = text.encode()
    except UnicodeEncodeError:
        return (_refused(text, "not valid Unicode"),)
    if b"\0" in source:
        return (_refused(text, "PostgreSQL refuses text with a NUL character"),)
    try:
        tree = postgast.parse(text)
    except (postgast.PgQueryError, DecodeError):
        statements = list(_one_by_one(source))
    else:
        statements = list(_parsed(source, tree.stmts))
    return tuple(_with_comments(source, statements) if b"--" in source else statements)


def strings(sql: str) -> frozenset[str]:
    """The string constants in a statement, those in dollar quotes (the body of a DO block) looked into."""
    source = sql.encode(errors="replace")
    try:
        tokens = postgast.scan(source.decode()).tokens
    except postgast.PgQueryError:
        return frozenset()
    found: set[str] = set()
    for token in tokens:
        if token.token == pb.SCONST:
            text = source[token.start : token.end].decode()
            if text.startswith("$"):
                delimiter = text.index("$", 1) + 1
                found |= strings(text[delimiter:-delimiter])
            else:
                found.add(text[text.index("'") + 1 : -1].replace("''", "'"))
    return frozenset(found)


def _refused(text: str, reason: str) -> Parsed:
    return Parsed(sql=text.strip(), line=1, actions=(Unknown(reason=reason),))


def _parsed(source: bytes, statements: Iterable[pb.RawStmt], line: int = 1) -> Iterator[Parsed]:
    counted = 0
    for raw in statements:
        start = raw.stmt_location
        end = start + raw.stmt_len if raw.stmt_len else len(source)
        start, end = _trimmed(source, start, end)
        line += source.count(b"\n", counted, start)
        counted = start
        sql = source[start:end].decode()
        is_block = raw.stmt.HasField("do_stmt")
        actions = blocks.block(raw.stmt.do_stmt, sql) if is_block else _actions(raw.stmt)
        yield Parsed(sql=sql, line=line, actions=tuple(actions), dynamic=is_block)


def _actions(node: pb.Node) -> Iterable[Action]:
    kind = node.WhichOneof("node")
    if kind not in ADAPTERS:
        return (Unknown(reason=f"{str(kind).removesuffix('_stmt').replace('_', ' ').upper()} is not analysed"),)
    try:
        return tuple(ADAPTERS[kind](getattr(node, kind)))
    except LookupError:
        # The grammar takes more than PostgreSQL then understands: COMMENT ON COLUMN without a table.
        return (Unknown(reason="a form that PostgreSQL's grammar allows, but without a meaning"),)


def _trimmed(source: bytes, start: int, end: int) -> tuple[int, int]:
    """Bounds without the space and comments around a statement."""
    text = source[start:end]
    if b"--" in text or b"/*" in text:
        tokens = [token for token in postgast.scan(text.decode()).tokens if token.token not in _COMMENTS]
        return (start + tokens[0].start, start + tokens[-1].end) if tokens else (start, start)
    end = start + len(text.rstrip())
    return end - len(text.strip()), end


def _with_comments(source: bytes, statements: list[Parsed]) -> list[Parsed]:
    """Give each comment to one statement: nothing follows it on its line, so lines tell to which."""
    if not statements or b"--" not in source:
        return statements
    first = [one.line for one in statements]
    line = 1
    counted = 0
    with suppress(postgast.PgQueryError):  # text that is no SQL
        for token in postgast.scan(source.decode()).tokens:
            if token.token == pb.SQL_COMMENT:
                line += source.count(b"\n", counted, token.start)
                counted = token.start
                number = bisect_right(first, line)
                begun = statements[number - 1] if number else None
                if begun is not None and (line <= begun.line + begun.sql.count("\n") or number == len(first)):
                    number -= 1
                owner = statements[number]
                comment = source[token.start : token.end].decode().removeprefix("--").strip()
                statements[number] = replace(owner, comments=(*owner.comments, comment))
    return statements


_COMMENTS = frozenset({pb.SQL_COMMENT, pb.C_COMMENT})


# Texts with a syntax error in them


def _one_by_one(source: bytes) -> Iterator[Parsed]:
    for start, end in _split(source):
        line = source.count(b"\n", 0, start) + 1
        text = source[start:end].decode()
        if text.startswith("\\"):
            yield Parsed(sql=text, line=line, actions=(Unknown(reason="a command of psql, not SQL"),))
            continue
        try:
            tree = postgast.parse(text)
        except postgast.PgQueryError as error:
            yield Parsed(sql=text, line=line, actions=(Unknown(reason=error.message),))
        except DecodeError:
            yield Parsed(sql=text, line=line, actions=(Unknown(reason=_TOO_DEEP),))
        else:
            yield from _parsed(source[start:end], tree.stmts, line)


def _split(source: bytes) -> Iterator[tuple[int, int]]:
    """Bounds of statements, as far as PostgreSQL's scanner can tell; psql commands end with their line."""
    readable = source
    bounds = []
    tokens = None
    while tokens is None:
        try:
            tokens = postgast.scan(readable.decode()).tokens
        except postgast.PgQueryError as error:
            before = readable.decode()[: max(error.cursorpos - 1, 0)].encode()
            line = before.rfind(b"\n") + 1
            if readable.startswith(b"\\", line):
                # Not SQL: \restrict and a key that starts with a digit.
                line_end = len(readable[line:].split(b"\n", 1)[0]) + line
                bounds.append((line, line_end))
                readable = readable[:line] + b" " * (line_end - line) + readable[line_end:]
            else:
                # An unterminated quote or comment: all from there on belongs to the statement that it stands in.
                readable = before
    start, end, depth = -1, 0, 0
    for token in tokens:
        if token.token == pb.ASCII_59 and depth <= 0:
            if start >= 0:
                bounds.append((start, end))
            start = -1
        elif token.token not in _COMMENTS:
            depth += (token.token == pb.ASCII_40) - (token.token == pb.ASCII_41)
            start, end = token.start if start < 0 else start, token.end
    if start >= 0:
        bounds.append((start, end))
    if len(readable) < len(source):
        start = readable.find(b";", end) + 1
        if start == 0 and bounds:
            start, _end = bounds.pop()
    for begin, end in sorted(bounds):
        yield from _without_psql(source, *_trimmed(source, begin, end))
    if len(readable) < len(source):
        yield len(source) - len(source[start:].lstrip()), len(source.rstrip())


def _without_psql(source: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    while source.startswith(b"\\", start, end):
        newline = source.find(b"\n", start, end)
        command_end = end if newline == -1 else newline
        yield start, command_end
        start, end = _trimmed(source, command_end, end)
    if start < end:
        yield start, end
