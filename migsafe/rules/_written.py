"""An operation as its author wrote it, so that a fix can be the author's own code with one thing changed."""

import ast
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True)
class Written:
    """A call in a migration file, such as ``migrations.AddIndex(model_name="order", index=…)``.

    Attributes:
        code: Its text, without the file's indentation.
        node: The syntax tree of ``code``.
    """

    code: str
    node: ast.Call

    @property
    def function(self) -> str:
        """What is called, without what stands before the last dot."""
        return self._text(self.node.func).rpartition(".")[2]

    def argument(self, name: str, position: int) -> "str | None":
        """Source of an argument, given by name or by position."""
        node = self._argument(name, position)
        if node is None:
            return None
        line = self.code.splitlines()[node.lineno - 1]
        return textwrap.dedent(_indentation(line) + self._text(node))

    def call(self, name: str, position: int) -> "Written | None":
        """An argument that is a call itself."""
        source = self.argument(name, position)
        return parse_call(source) if source else None

    def calling(self, function: str) -> "Written":
        """The same arguments given to another function."""
        return self._replaced(self.node.func, function)

    def replacing(self, name: str, position: int, value: str) -> "Written":
        """The same call with another value of an argument that it has."""
        node = self._argument(name, position)
        return self if node is None else self._replaced(node, value)

    def without(self, name: str) -> "Written":
        """The same call without a keyword argument."""
        keywords = [keyword for keyword in self.node.keywords if keyword.arg != name]
        if len(keywords) == len(self.node.keywords):
            return self
        return _parsed(ast.unparse(ast.Call(self.node.func, self.node.args, keywords)))

    def adding(self, name: str, value: str) -> "Written":
        """The same call with a keyword argument set or added."""
        if any(keyword.arg == name for keyword in self.node.keywords):
            return self.replacing(name, len(self.node.args), value)
        body = self.code[:-1].rstrip().rstrip(",")
        separator = "" if body.endswith("(") else ", "
        if "\n" in body:
            return _parsed(f"{body},\n{_indentation(body.splitlines()[-1])}{name}={value},\n)")
        return _parsed(f"{body}{separator}{name}={value})")

    def _argument(self, name: str, position: int) -> ast.expr | None:
        for keyword in self.node.keywords:
            if keyword.arg == name:
                return keyword.value
        return self.node.args[position] if position < len(self.node.args) else None

    def _text(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.code, node) or ""

    def _replaced(self, node: ast.expr, text: str) -> "Written":
        lines = self.code.encode().splitlines(keepends=True)
        offsets = [0]
        for line in lines:
            offsets.append(offsets[-1] + len(line))
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = offsets[node.lineno - 1] + node.col_offset
        end = offsets[node.end_lineno - 1] + node.end_col_offset
        code = self.code.encode()
        body = textwrap.indent(text, _indentation(lines[node.lineno - 1].decode())).lstrip()
        return _parsed((code[:start] + body.encode() + code[end:]).decode())


def parse_call(code: str) -> Written | None:
    """Read one call; None when it is something else."""
    code = code.strip()
    node = ast.parse(code, mode="eval").body
    return Written(code, node) if isinstance(node, ast.Call) else None


def _parsed(code: str) -> Written:
    call = parse_call(code)
    assert call is not None
    return call


def written(path: str, line: int) -> Written | None:
    """Find the call that starts on a line of a file; None when there is none.

    A call in a file that cannot be read any more, or was changed meanwhile, is none either.
    """
    source = _calls(path).get(line)
    return None if source is None else parse_call(source)


@lru_cache(maxsize=4)
def _calls(path: str) -> dict[int, str]:
    """The outermost call that starts on each line of a file, dedented."""
    try:
        source = Path(path).read_text(encoding="utf-8")
        tree = ast.parse(source)
    except (OSError, SyntaxError, UnicodeDecodeError):
        return {}
    lines = source.splitlines()
    calls: dict[int, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.lineno not in calls:
            text = _indentation(lines[node.lineno - 1]) + (ast.get_source_segment(source, node) or "")
            calls[node.lineno] = textwrap.dedent(text)
    return calls


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
