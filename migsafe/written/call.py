"""An operation as its author wrote it, so that a fix can be the author's own code with one thing changed."""

import ast
import io
import textwrap
import tokenize
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

WIDTH = 68
"""Characters on a line of an operation, so that a migration's code with it makes about 80."""


@dataclass(frozen=True)
class Written:
    """A call in a migration file, such as ``migrations.AddIndex(model_name="order", index=…)``.

    Attributes:
        code: Its text, without the file's indentation.
        node: The syntax tree of ``code``.
    """

    code: str
    node: ast.Call

    @cached_property
    def _lines(self) -> list[bytes]:
        return self.code.encode().splitlines(keepends=True)

    def __str__(self) -> str:
        """The code, with one argument on a line where lines would be too long, if no comment would get lost."""
        tokens = tokenize.generate_tokens(io.StringIO(self.code).readline)
        commented = "#" in self.code and any(token.type == tokenize.COMMENT for token in tokens)
        return self.code if commented else self._folded(self.node, 0)

    @property
    def function(self) -> str:
        """Source of what is called: ``models.CharField``."""
        return self._text(self.node.func)

    def argument(self, name: str, position: int | None = None) -> str | None:
        """Source of an argument, given by name or by position."""
        node = self._argument(name, position)
        return None if node is None else self._text(node)

    def call(self, name: str, position: int | None = None) -> "Written | None":
        """An argument that is a call itself."""
        source = self.argument(name, position)
        return parse_call(source) if source else None

    def calling(self, function: str) -> "Written":
        """The same arguments given to another function."""
        return self._replaced(self.node.func, function)

    def replacing(self, name: str, position: int | None, value: str) -> "Written":
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
            return self.replacing(name, None, value)
        body = self.code[:-1].rstrip().rstrip(",")
        separator = "" if body.endswith("(") else ", "
        if "\n" in body:
            return _parsed(f"{body},\n{_indentation(body.splitlines()[-1])}{name}={value},\n)")
        return _parsed(f"{body}{separator}{name}={value})")

    def _argument(self, name: str, position: int | None) -> ast.expr | None:
        for keyword in self.node.keywords:
            if keyword.arg == name:
                return keyword.value
        return None if position is None or position >= len(self.node.args) else self.node.args[position]

    def _folded(self, node: ast.expr, indentation: int) -> str:
        text = self._text(node)
        fits = max(map(len, text.splitlines())) + indentation <= WIDTH
        if fits or not isinstance(node, ast.Call) or not (node.args or node.keywords):
            return text
        inner = " " * 4
        arguments = [self._folded(argument, 4) for argument in node.args]
        arguments += [
            (f"{keyword.arg}=" if keyword.arg else "**") + self._folded(keyword.value, 4 + len(keyword.arg or "") + 2)
            for keyword in node.keywords
        ]
        body = ",\n".join(textwrap.indent(argument, inner) for argument in arguments)
        return f"{self._text(node.func)}(\n{body},\n)"

    def laid_out(self, width: int) -> str:
        """The code with lines of so many characters at the most, as black does it: what is longer goes one per line."""
        return self._laid_out(self.node, width, 0, 0)

    def _laid_out(self, node: ast.expr, width: int, depth: int, before: int) -> str:
        text = self._text(node)
        first, *others = text.split("\n")
        # A comma comes after it.
        if depth + before + len(first) < width and all(depth + len(line) < width for line in others):
            return text
        parts: list[tuple[str, ast.expr]] = []
        match node:
            case ast.Call():
                start, end = f"{self._text(node.func)}(", ")"
                parts += [("", one) for one in node.args]
                parts += [(f"{one.arg}=" if one.arg else "**", one.value) for one in node.keywords]
            case ast.List():
                start, end = "[", "]"
                parts += [("", one) for one in node.elts]
        if not parts or "#" in text or any(isinstance(one, ast.GeneratorExp) for _, one in parts):
            return text
        lines = [prefix + self._laid_out(one, width, depth + 4, len(prefix)) for prefix, one in parts]
        return "\n".join([start, *(textwrap.indent(f"{line},", " " * 4) for line in lines), end])

    def _text(self, node: ast.expr) -> str:
        """Source of a part, without its indentation."""
        return _segment(self._lines, node)

    def _replaced(self, node: ast.expr, text: str) -> "Written":
        lines = self._lines
        offsets = [0]
        for line in lines:
            offsets.append(offsets[-1] + len(line))
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = offsets[node.lineno - 1] + node.col_offset
        end = offsets[node.end_lineno - 1] + node.end_col_offset
        code = self.code.encode()
        body = textwrap.indent(text, _indentation(lines[node.lineno - 1].decode())).lstrip()
        return _parsed((code[:start] + body.encode() + code[end:]).decode())


def parse_call(code: str) -> Written | None:
    """Read one call; None when it is something else."""
    node = ast.parse(code, mode="eval").body
    return Written(code, node) if isinstance(node, ast.Call) else None


def _parsed(code: str) -> Written:
    call = parse_call(code)
    assert call is not None
    return call


def hinted(code: str, hints: str) -> str:
    """An operation with hints for routers in each RunSQL and RunPython of it that has none.

    Args:
        hints: Source of a dict.
    """
    lines = code.encode().splitlines(keepends=True)
    calls = [node for node in asks_routers(ast.parse(code, mode="eval")) if hints_of(node) is None]
    for node in sorted(calls, key=lambda one: (one.end_lineno, one.end_col_offset), reverse=True):
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        last = lines[node.end_lineno - 1]
        before, after = last[: node.end_col_offset - 1], last[node.end_col_offset - 1 :]
        body = b"".join(lines[: node.end_lineno - 1]) + before
        if body.rstrip().endswith(b","):
            before += f"    hints={hints},\n{before.decode()}".encode()
        else:
            before += f", hints={hints}".encode()
        lines[node.end_lineno - 1] = before + after
    return b"".join(lines).decode()


def asks_routers(tree: ast.AST) -> list[ast.Call]:
    """The calls of RunSQL and RunPython: what routers decide by their hints alone."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [node for node in calls if ast.unparse(node.func).rpartition(".")[2] in ("RunSQL", "RunPython")]


def hints_of(call: ast.Call) -> ast.expr | None:
    """What a RunSQL or RunPython tells routers, if it tells them anything."""
    given = (keyword.value for keyword in call.keywords if keyword.arg == "hints")
    return call.args[3] if len(call.args) > 3 else next(given, None)


def written(path: str, line: int) -> Written | None:
    """Find the call that starts on a line of a file; None when there is none.

    A call in a file that cannot be read any more, or was changed meanwhile, is none either.
    """
    lines, calls = _calls(path)
    node = calls.get(line)
    return None if node is None else parse_call(_segment(lines, node))


@lru_cache(maxsize=4)
def _calls(path: str) -> tuple[list[bytes], dict[int, ast.Call]]:
    """The lines of a file, and the outermost call that starts on each."""
    try:
        source = Path(path).read_bytes()
        tree = ast.parse(source)
    except (OSError, SyntaxError, ValueError):
        return [], {}
    calls: dict[int, ast.Call] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            calls.setdefault(node.lineno, node)
    return source.splitlines(keepends=True), calls


def _segment(lines: list[bytes], node: ast.expr) -> str:
    """What `ast.get_source_segment` gives, dedented: that one splits the whole source each time."""
    assert node.end_lineno is not None
    *before, last = lines[node.lineno - 1 : node.end_lineno]
    text = b"".join((*before, last[: node.end_col_offset])).decode()
    start = lines[node.lineno - 1][: node.col_offset].decode()
    return textwrap.dedent(_indentation(start + "x") + text[len(start) :]).lstrip()


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
