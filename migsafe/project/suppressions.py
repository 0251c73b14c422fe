"""Comments in migrations that say which findings are accepted, and why: ``# migsafe: ignore[MS201]: reason``."""

import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from migsafe.model import Finding
from migsafe.project.source import OperationLine


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """One comment. Unless it names codes and a reason, it covers nothing.

    Attributes:
        codes: As they are written.
        line: Of the comment, or, in SQL, of the operation; None when that is not written in the file literally.
        operations: Indexes of the operations that it stands in or above.
        statement: Index of the statement in the operation that it stands in, if it is in SQL.
        path: Absolute path of its file, if it is in Python code.
        lines: First and last line of other code that it stands in or above (of a function that RunPython runs).
        migration: Whether it stands on or above ``class Migration``.
        shared: Whether its file is not the migration's, so that it may be there for another one.
    """

    codes: tuple[str, ...]
    reason: str
    line: int | None
    operations: tuple[int, ...] = ()
    statement: int | None = None
    path: str | None = None
    lines: tuple[int, int] = (0, -1)
    migration: bool = False
    shared: bool = False

    def covers(self, finding: Finding) -> bool:
        """Whether a finding in the same migration is accepted by it; its path may be relative to any folder."""
        if finding.code not in self.codes or not self.reason:
            return False
        if finding.operation is None:
            return self.migration
        if finding.operation in self.operations:
            return self.statement is None or finding.statement in (None, self.statement)
        if finding.line is None or finding.path is None or self.path is None:
            return False
        shown = Path(finding.path).parts
        return Path(self.path).parts[-len(shown) :] == shown and self.lines[0] <= finding.line <= self.lines[1]


def suppression_in_sql(text: str, operation: int, statement: int, line: int | None) -> Suppression | None:
    """Read a comment that belongs to a statement; None if it is not about migsafe."""
    if (said := _said(text)) is None:
        return None
    codes, reason = said
    return Suppression(codes=codes, reason=reason, line=line, operations=(operation,), statement=statement)


def suppressions(path: Path, operations: Sequence[OperationLine], *, shared: bool = False) -> Iterator[Suppression]:
    """Read the comments of a file of Python code.

    Args:
        operations: Where operations stand in it; empty where that is not known.
        shared: Whether it is another file than the migration's.
    """
    source = path.read_bytes()
    if b"migsafe:" not in source:
        return
    tokens = list(tokenize.tokenize(io.BytesIO(source).readline))
    comments = {token.start[0]: token for token in tokens if token.type == tokenize.COMMENT}
    alone = {line for line, token in comments.items() if not token.line[: token.start[1]].strip()}
    logical = list(_logical_lines(tokens))
    for line, token in comments.items():
        if (said := _said(token.string.removeprefix("#"))) is None:
            continue
        below = line
        while below in alone:
            below += 1
        inside = _at(line, ((one.line, one.end) for one in operations))
        above = _at(below, ((one.line, one.line) for one in operations)) if line in alone else ()
        own = tuple(dict.fromkeys(inside or above))
        first, last, is_class = next(
            (one for one in logical if one[0] <= line <= one[1] or (line in alone and below == one[0])), (0, -1, False)
        )
        # The list of operations is one logical line, and what stands on or above it as a whole covers nothing.
        covers_code = not own and not any(first <= one.line <= last for one in operations)
        yield Suppression(
            codes=said[0],
            reason=said[1],
            line=line,
            operations=own,
            path=str(path),
            lines=(first, last) if covers_code else (0, -1),
            migration=is_class and covers_code and not shared,
            shared=shared,
        )


def _said(comment: str) -> tuple[tuple[str, ...], str] | None:
    """Codes and reason that a comment gives, as far as it has the right form; None if it is not about migsafe."""
    about = re.fullmatch(r"\s*migsafe:(.*)", comment)
    if about is None:
        return None
    said = re.fullmatch(r"\s*ignore\s*\[([^\]]*)\]\s*(?::(.*))?", about[1])
    if said is None:
        return (), ""
    return tuple(code.strip() for code in said[1].split(",") if code.strip()), (said[2] or "").strip()


def _at(line: int, spans: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    return tuple(index for index, (first, last) in enumerate(spans) if first <= line <= last)


def _logical_lines(tokens: Iterable[tokenize.TokenInfo]) -> Iterator[tuple[int, int, bool]]:
    """First and last line of each line of code, however many lines it takes, and whether it starts ``Migration``."""
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING}
    line: list[tokenize.TokenInfo] = []
    for token in tokens:
        if token.type == tokenize.NEWLINE and line:
            words = [one.string for one in line[:2]]
            yield line[0].start[0], token.start[0], words == ["class", "Migration"]
            line = []
        elif token.type not in skipped:
            line.append(token)
