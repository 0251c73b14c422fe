"""A Python file with its syntax tree."""

import ast
from functools import cached_property, lru_cache
from pathlib import Path

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Source:
    """A file's text and tree."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.tree = ast.parse(text)

    @cached_property
    def functions(self) -> dict[str, FunctionNode]:
        """Functions at the top of the module, by name; those that are bound once."""
        found: dict[str, list[FunctionNode]] = {}
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.setdefault(node.name, []).append(node)
        return {name: nodes[0] for name, nodes in found.items() if len(nodes) == 1}

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        """Values of names that the module's top level assigns once."""
        found: dict[str, list[ast.expr]] = {}
        for node in ast.walk(self.tree):
            match node:
                case ast.Global(names=names):
                    for name in names:
                        found.setdefault(name, []).extend((ast.Constant(None), ast.Constant(None)))
        for statement in self.tree.body:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    found.setdefault(name, []).append(value)
        return {name: values[0] for name, values in found.items() if len(values) == 1}

    @cached_property
    def attributes_read(self) -> frozenset[str]:
        """All attributes that the file reads of anything, and all its strings, since ``getattr`` takes one."""
        return self._attributes(ast.Load) | self._strings

    @cached_property
    def attributes_assigned(self) -> frozenset[str]:
        """All attributes that the file sets, and what it calls ``setattr`` with."""
        named = {
            node.args[1].value
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "setattr"
            and len(node.args) > 1
            and isinstance(node.args[1], ast.Constant)
            and isinstance(node.args[1].value, str)
        }
        return self._attributes(ast.Store) | named

    @cached_property
    def dotted_names(self) -> frozenset[str]:
        """All names, and names with attributes of theirs (``models.functions.Lower``), that are read."""
        found = (node for node in ast.walk(self.tree) if isinstance(node, ast.Name | ast.Attribute))
        return frozenset(name for node in found if (name := ast.unparse(node)).replace(".", "").isidentifier())

    def _attributes(self, context: type[ast.expr_context]) -> frozenset[str]:
        found = (node for node in ast.walk(self.tree) if isinstance(node, ast.Attribute))
        return frozenset(node.attr for node in found if isinstance(node.ctx, context))

    @cached_property
    def _strings(self) -> frozenset[str]:
        found = (node.value for node in ast.walk(self.tree) if isinstance(node, ast.Constant))
        return frozenset(value for value in found if isinstance(value, str))

    def function_at(self, line: int) -> FunctionNode | None:
        """The function that starts on a line, decorators included; None if there is none or more than one."""
        found = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, FunctionNode) and line in (node.lineno, first_line(node))
        ]
        return found[0] if len(found) == 1 else None

    def text(self, node: ast.stmt | ast.expr | FunctionNode) -> list[str]:
        """The lines on which a node stands."""
        return self.lines[first_line(node) - 1 : node.end_lineno]


def first_line(node: ast.stmt | ast.expr) -> int:
    decorators = getattr(node, "decorator_list", None)
    return decorators[0].lineno if decorators else node.lineno


@lru_cache(maxsize=16)
def source(path: str) -> Source | None:
    """Read a Python file; None when that cannot be done."""
    try:
        return Source(Path(path).read_bytes().decode())
    except (OSError, SyntaxError, ValueError):
        return None
