"""Python code in one form for all ways to write the same."""

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import ClassVar

from migsafe.history.modules import Comprehension, Definition, Function, Module, Scoped
from migsafe.history.names import Names, Scope, as_exported, is_immutable, named
from migsafe.history.names import chain as name_and_attributes
from migsafe.history.resources import Resources
from migsafe.sql.parse.canonical import canonical

_SEES_LOCALS = frozenset({"locals", "vars", "eval", "exec", "dir", "globals"})
"""Functions that know what local variables are called."""

_SEES_GLOBALS = frozenset({"eval", "exec", "globals"})

_IMPORTERS = frozenset({"importlib.import_module", "django.utils.module_loading.import_string"})

_SKIPPED = frozenset({"ctx", "kind", "type_comment"})

_BINDS: dict[type[ast.AST], str] = {
    ast.ExceptHandler: "name",
    ast.MatchAs: "name",
    ast.MatchStar: "name",
    ast.MatchMapping: "rest",
}
"""Nodes that bind a name which is no node of its own, and where they have it."""


class Writer:
    """Writes code so that only what it does counts: definitions follow, in the order in which they are first named.

    Args:
        names: What names stand for.
        keywords: What is called with which keyword arguments (`Module.keywords`).
        folders: Where the paths of files may start that the code names.

    Attributes:
        externals: Dotted names of what is only named, in the order in which it is.
        followed: Functions, classes and statements that have been written because of their name.
        constants: Names of other values that have been.
        parameters: Functions' names with those of parameters that were taken to be no more than local.
        resources: Files that it names.
    """

    def __init__(self, names: Names, keywords: frozenset[tuple[str, str]], folders: tuple[Path, ...] = ()) -> None:
        self.names = names
        self.keywords = keywords
        self.externals: dict[str, None] = {}
        self.followed: list[ast.AST] = []
        self.constants: dict[str, ast.expr] = {}
        self.parameters: set[tuple[str, str]] = set()
        self.resources = Resources(names.sources, folders)
        self._runs = False
        self._out: list[str] = []
        self._numbers: dict[tuple[int, str], int] = {}
        self._waiting: list[tuple[int, ast.AST, Module]] = []
        self._inlined: list[ast.AST] = []
        self._labels = 0

    def text(self) -> str:
        """All that has been written, with all that it names."""
        self.follow()
        return "".join([*self._out, *(f"\n{one}" for one in self.resources.contents)])

    def follow(self) -> None:
        """Write what has been named and not been written yet."""
        while self._waiting:
            number, node, module = self._waiting.pop(0)
            self._out.append(f"\n{number}=")
            self._labels = 0
            self.followed.append(node)
            with self.running():
                self.write(node, Scope(module))

    def say(self, text: str) -> None:
        """Write a word of one's own."""
        self._out.append(text)

    @contextmanager
    def running(self, runs: bool = True) -> Iterator[None]:
        """What is written here runs, or makes the migration; or it only names what is run elsewhere."""
        outer, self._runs = self._runs, runs
        yield
        self._runs = outer

    def write(self, node: ast.AST, scope: Scope) -> None:
        """Write a node."""
        special = self._special.get(type(node))
        if special is not None:
            special(self, node, scope)
            return
        out = self._out
        out.append(f"({type(node).__name__}")
        binds = _BINDS.get(type(node))
        for name in node._fields:
            value = getattr(node, name, None)
            if value is None or name in _SKIPPED:
                continue
            if isinstance(value, ast.AST):
                out.append(f" {name}=")
                self.write(value, scope)
            elif isinstance(value, list):
                if value:
                    out.append(f" {name}=[")
                    for one in value:
                        if isinstance(one, ast.AST):
                            self.write(one, scope)
                        else:
                            out.append(_written(one))
                    out.append("]")
            else:
                out.append(f" {name}={self._label(value, scope) if name == binds else _written(value)}")
        out.append(")")

    # Constants and calls

    def _nothing(self, node: ast.AST, scope: Scope) -> None:
        pass

    def _expr(self, node: ast.Expr, scope: Scope) -> None:
        if not isinstance(node.value, ast.Constant):
            self.write(node.value, scope)

    def _constant(self, node: ast.Constant, scope: Scope) -> None:
        if isinstance(node.value, str):
            self._string(node.value, scope)
        else:
            self._out.append(_written(node.value))

    def _string(self, value: str, scope: Scope) -> None:
        self._out.append(_written(value))
        if self._runs:
            self.resources.mention(value, scope.module.path)

    def _binary(self, node: ast.BinOp, scope: Scope) -> None:
        if isinstance(node.op, ast.Add) and (text := _joined(node)) is not None:
            self._string(text, scope)
            return
        self._out.append(f"({type(node.op).__name__} ")
        self.write(node.left, scope)
        self._out.append(" ")
        self.write(node.right, scope)
        self._out.append(")")

    def _f_string(self, node: ast.JoinedStr, scope: Scope) -> None:
        if (text := _joined(node)) is not None:
            self._string(text, scope)
            return
        # How its constants are cut up depends on the version of Python.
        parts: list[ast.AST | str] = []
        for part in node.values:
            if not isinstance(part, ast.Constant):
                parts.append(part)
            elif parts and isinstance(parts[-1], str):
                parts[-1] += str(part.value)
            elif part.value:
                parts.append(str(part.value))
        if self._runs:
            pattern = "".join(part if isinstance(part, str) else "{}" for part in parts)
            self.resources.mention(pattern, scope.module.path)
        self._out.append("(f")
        for piece in parts:
            if isinstance(piece, str):
                self._out.append(_written(piece))
            else:
                self.write(piece, scope)
        self._out.append(")")

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        if scope.is_class:  # a dataclass reads them
            self._out.append("(annotated ")
            self.write(node.target, scope)
            self.write(node.annotation, scope)
            if node.value:
                self.write(node.value, scope)
            self._out.append(")")
        elif node.value:
            self.write(ast.Assign(targets=[node.target], value=node.value), scope)

    def _call(self, node: ast.Call, scope: Scope) -> None:
        kind = self.names.dotted(node.func, scope)
        keywords = node.keywords
        if kind.startswith("django."):
            node = named(node, kind)
            keywords = node.keywords
            if all(keyword.arg for keyword in keywords):  # what is unpacked may give any of them
                keywords = sorted(keywords, key=lambda keyword: str(keyword.arg))
        self._out.append("(call ")
        self.write(node.func, scope)
        for one in node.args:
            self._out.append(", ")
            self.write(one, scope)
        for keyword in keywords:
            self._out.append(f", {keyword.arg or '**'}=")
            self.write(keyword.value, scope)
        if (kind in _IMPORTERS or kind.endswith(".__import__")) and (dotted := self._imported_name(node, scope)):
            self._dotted(dotted)
        self._out.append(")")

    def _imported_name(self, node: ast.Call, scope: Scope) -> str:
        """The module that a call imports."""
        dotted = self.names.text(node.args[0], scope) if node.args else None
        if dotted is None or not dotted.startswith("."):
            return dotted or ""
        below = dotted.lstrip(".")
        package = node.args[1] if len(node.args) > 1 else next((one.value for one in node.keywords), None)
        base = self.names.text(package, scope) if package else None
        if base is None:  # __package__, or something like it
            base = scope.module.name if scope.module.is_package else scope.module.name.rpartition(".")[0]
        for _ in range(len(dotted) - len(below) - 1):
            base = base.rpartition(".")[0]
        return f"{base}.{below}"

    # What has names of its own

    def _function(self, node: Function, scope: Scope) -> None:
        arguments = node.args
        self._out.append(f"({type(node).__name__}")
        decorators = []
        if not isinstance(node, ast.Lambda):
            self._own_name(node, scope)
            decorators = node.decorator_list
        for decorator in decorators:
            self._out.append(" @")
            self.write(decorator, scope)
        for default in (*arguments.defaults, *arguments.kw_defaults):
            self._out.append(" =")
            if default:
                self.write(default, scope)
        inner = self._inner(node, scope)
        for kind, parameters in (
            ("/", arguments.posonlyargs),
            ("", arguments.args),
            ("*", [arguments.vararg] if arguments.vararg else []),
            ("k", arguments.kwonlyargs),
            ("**", [arguments.kwarg] if arguments.kwarg else []),
        ):
            for parameter in parameters:
                self._out.append(f" {kind}{self._label(parameter.arg, inner)}")
                if decorators and parameter.annotation:  # which may read it
                    self._out.append(":")
                    self.write(parameter.annotation, scope)
        self._out.append(":")
        with self.running():
            if isinstance(node, ast.Lambda):
                self.write(node.body, inner)
            else:
                self._statements(node.body, inner)
        self._out.append(")")

    def _inner(self, node: Function, scope: Scope) -> Scope:
        """The scope of a function."""
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        inside = list(chain.from_iterable(map(ast.walk, body)))
        seen = any(isinstance(one, ast.Name) and one.id in _SEES_LOCALS for one in inside)
        inner = Scope.inside(scope, body)
        for one in inside:
            if isinstance(one, ast.Global | ast.Nonlocal):
                for name in one.names:
                    inner.names.pop(name, None)
                    inner.imports.pop(name, None)
        if seen:
            inner.names = {name: f"'{name}" for name in inner.names}
        parameters = self._parameters(node, seen=seen)
        for name in parameters:
            inner.imports.pop(name, None)
        inner.names |= parameters
        return inner

    def _parameters(self, node: Function, *, seen: bool) -> dict[str, str]:
        arguments = node.args
        function = "" if isinstance(node, ast.Lambda) else node.name
        named = {}
        for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            keys = {("", one.arg), (function, one.arg)}
            by_name = arguments.kwarg is not None or one in arguments.kwonlyargs or function == "__init__"
            if seen or by_name or keys & self.keywords:
                named[one.arg] = f"'{one.arg}"
            else:
                named[one.arg] = ""
                self.parameters |= keys
        variadic = [one.arg for one in (arguments.vararg, arguments.kwarg) if one]
        return named | {name: f"'{name}" if seen else "" for name in variadic}

    def _label(self, name: str, scope: Scope) -> str:
        """What a name that is bound is written as: of local ones, a number in the order in which they appear."""
        found = scope.lookup(name)
        if found is None:
            return f"global {name}"
        if found.is_class:
            return f".{name}"
        if not found.names.get(name):
            self._labels += 1
            found.names[name] = str(self._labels)
        return found.names[name]

    def _own_name(self, node: Scoped, scope: Scope) -> None:
        """What binds a definition, unless it is what a name of the module stands for."""
        if scope.is_class or scope.lookup(node.name) or node.name in scope.module.rebound:
            self._out.append(f" {self._label(node.name, scope)}")

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        self._out.append("(class")
        self._own_name(node, scope)
        for one in (*node.decorator_list, None, *node.bases):
            self._out.append(" ")
            if one:
                self.write(one, scope)
        for keyword in node.keywords:
            self._out.append(f" {keyword.arg}=")
            self.write(keyword.value, scope)
        inner = Scope.inside(scope, node.body, is_class=True)
        self._out.append(":")
        with self.running():
            self._statements(node.body, inner)
        self._out.append(")")

    def _statements(self, body: Iterable[ast.stmt], scope: Scope) -> None:
        for one in body:
            self.write(one, scope)

    def _comprehension(self, node: Comprehension, scope: Scope) -> None:
        self._out.append(f"({type(node).__name__}")
        targets = [one.target for one in node.generators]
        inner = Scope.inside(scope, targets)
        for index, one in enumerate(node.generators):
            self._out.append(f" for{one.is_async} ")
            self.write(one.iter, inner if index else scope)
            self._out.append(" ")
            self.write(one.target, inner)
            for condition in one.ifs:
                self._out.append(" if ")
                self.write(condition, inner)
        for result in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self._out.append(" ")
            self.write(result, inner)
        self._out.append(")")

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for name, dotted in scope.module.imported(node):
            found = scope.lookup(name)
            if name not in (scope.module.imports if found is None else found.imports):
                self._out.append(f"(import {self._label(name, scope)} ")
                self._dotted(dotted)
                self._out.append(")")

    # Names

    def _name(self, node: ast.Name, scope: Scope) -> None:
        self._reference(node.id, (), scope)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> None:
        match name_and_attributes(node):
            case [name, *attributes]:
                self._reference(name, tuple(attributes), scope)
            case _:
                self._out.append("(")
                self.write(node.value, scope)
                self._out.append(f").{node.attr}")

    def _reference(self, name: str, attributes: tuple[str, ...], scope: Scope) -> None:
        found = scope.lookup(name)
        if found is None and name not in scope.module.imports:
            definition = Definition(scope.module, name)
            if definition.is_class and not self.names.is_part(definition, runs=True):
                self._dotted(".".join([scope.module.name, name, *attributes]))
            else:
                self._definition(definition, attributes, shared=scope.in_function)
            return
        imports = scope.module.imports if found is None else found.imports
        if name in imports:
            self._dotted(".".join([imports[name], *attributes]))
        elif found and name in found.values and found.values[name] not in self._inlined:
            self._inline(found.values[name], found)
            self._out.append("".join(f".{one}" for one in attributes))
        else:
            self._out.append(".".join([f"<{self._label(name, scope)}>", *attributes]))

    def _dotted(self, dotted: str) -> None:
        found = self.names.find(dotted, runs=self._runs)
        if isinstance(found, str):
            self.externals[as_exported(found)] = None
            self._out.append(f"@{as_exported(found)}")
            member = self.names.member(dotted)
            if member and is_immutable(member[0]):
                self._out.append("=")
                self.write(*member)
        elif found[0].name:
            self._definition(*found, shared=self._runs)
        else:
            self._out.append(f"@{dotted}")
            self._whole(found[0].module)

    def _definition(self, definition: Definition, attributes: tuple[str, ...], *, shared: bool) -> None:
        """Write what a name of a module stands for.

        Args:
            shared: Whether it counts which object it is, when two are made in the same way.
        """
        module, name = definition
        node = module.definitions.get(name)
        if node is None and name not in module.rebound:
            self._unknown(definition, attributes)
            return
        mentions = () if isinstance(node, ast.expr) and is_immutable(node) else module.mentions(name)
        if (
            isinstance(node, ast.expr)
            and node not in self._inlined
            and (is_immutable(node) or not (shared or mentions))
        ):
            self.constants[name] = node
            self._inline(node, Scope(module))
        elif node is not None:
            self._out.append(f"#{self._number(node, module)}")
        else:
            self._out.append(f"global {name}")
        self._out.append("".join(f".{one}" for one in attributes))
        for one in mentions:
            self._number(one, module)

    def _inline(self, value: ast.expr, scope: Scope) -> None:
        self._inlined.append(value)
        self.write(value, scope)
        self._inlined.pop()

    def _unknown(self, definition: Definition, attributes: tuple[str, ...]) -> None:
        """A builtin, a name that the module has from ``import *``, or none that is bound."""
        module, name = definition
        if name in _SEES_GLOBALS:
            self._whole(module)
        if hasattr(builtins, name) or not module.stars:
            self._out.append(".".join([f"@{name}", *attributes]))
            return
        for star in module.stars:
            found = self.names.find(".".join([star, name, *attributes]), runs=self._runs)
            if not isinstance(found, str):
                self._definition(*found, shared=self._runs)
                return
        self.externals |= dict.fromkeys(f"{star}.{name}" for star in module.stars)
        self._out.append(".".join([f"@{'|'.join(module.stars)}.{name}", *attributes]))

    def _number(self, node: ast.AST, module: Module) -> int:
        key = (id(node), module.name)
        if key not in self._numbers:
            self._numbers[key] = len(self._numbers)
            self._waiting.append((self._numbers[key], node, module))
        return self._numbers[key]

    def _whole(self, module: Module) -> None:
        for name, node in module.definitions.items():
            if name != "Migration":
                self._out.append(f" {name}=#{self._number(node, module)}")
        for one in module.rest:
            self._number(one, module)

    # SQL

    def sql(self, node: ast.expr, scope: Scope) -> None:
        """Write an argument that is SQL, a list of SQL, or has pairs of SQL and parameters in it."""
        text = self.names.text(node, scope)
        if text is not None:
            self._out.append(f"sql {_written(canonical(text))}")
            return
        elements = self.names.elements(node, scope)
        if elements is None:
            self.write(node, scope)
            return
        self._out.append("[")
        for one, where in elements:
            self._out.append(" ")
            match one:
                case ast.List(elts=[sql, *parameters]) | ast.Tuple(elts=[sql, *parameters]):
                    self._out.append("[")
                    self.sql(sql, where)
                    for parameter in parameters:
                        self.write(parameter, where)
                    self._out.append("]")
                case _:
                    self.sql(one, where)
        self._out.append("]")

    _special: ClassVar[dict[type[ast.AST], Callable[..., None]]] = {
        ast.Name: _name,
        ast.Attribute: _attribute,
        ast.Call: _call,
        ast.Constant: _constant,
        ast.JoinedStr: _f_string,
        ast.BinOp: _binary,
        ast.Expr: _expr,
        ast.Pass: _nothing,
        ast.Global: _nothing,
        ast.Nonlocal: _nothing,
        ast.AnnAssign: _annotated,
        ast.FunctionDef: _function,
        ast.AsyncFunctionDef: _function,
        ast.Lambda: _function,
        ast.ClassDef: _class,
        ast.ListComp: _comprehension,
        ast.SetComp: _comprehension,
        ast.DictComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.Import: _import,
        ast.ImportFrom: _import,
    }


def _joined(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts) if all(isinstance(part, ast.Constant) for part in parts):
            return "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            before, after = _joined(left), _joined(right)
            return None if before is None or after is None else before + after
    return None


def _written(value: object) -> str:
    # The repr of a string depends on the version of Unicode, that of a large integer may be refused.
    if isinstance(value, str):
        return f"{len(value)}:{value}"
    return hex(value) if isinstance(value, int) and not isinstance(value, bool) else repr(value)
