"""Python code in one form for all ways to write the same."""

import ast
import builtins
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import ClassVar, Literal

from migsafe.history.modules import (
    Comprehension,
    Definition,
    Function,
    Module,
    Scoped,
    Sources,
    bindings,
)
from migsafe.history.resources import Resources
from migsafe.sql.parse.canonical import canonical

Mode = Literal["data", "code"]
"""Whether names are only written down, as in a field, or what they stand for is run."""

_REEXPORTS = re.compile(
    r"^(django\.db\.models)(?:\.(?:aggregates|base|constraints|deletion|enums|expressions|fields|files|generated|"
    r"indexes|json|lookups|manager|proxy|query|query_utils|related|related_descriptors))+(?=\.\w+$)"
    r"|^(django\.db\.migrations)(?:\.(?:base|fields|migration|models|operations|special))+(?=\.\w+$)"
    r"|^(django\.contrib\.postgres\.fields)\.(?:array|citext|hstore|jsonb|ranges)(?=\.\w+$)"
)
"""Django's modules whose names can be had from a package of theirs."""

_SEES_NAMES = frozenset({"locals", "vars", "eval", "exec", "dir", "globals"})
"""Functions that know what local variables are called."""

_SEES_GLOBALS = frozenset({"eval", "exec", "globals", "vars"})

_SKIPPED = frozenset({"ctx", "kind", "type_comment"})


@dataclass
class Scope:
    """Names of a function, class or comprehension, inside others or at the top of a module."""

    module: Module
    parent: "Scope | None" = None
    is_class: bool = False
    names: dict[str, str] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)

    def lookup(self, name: str) -> "Scope | None":
        """The scope that binds a name; None if that is the module."""
        scope: Scope | None = self
        while scope is not None and (
            (scope.is_class and scope is not self) or not (name in scope.names or name in scope.imports)
        ):
            scope = scope.parent
        return scope

    @property
    def in_function(self) -> bool:
        scope: Scope | None = self
        while scope is not None and scope.is_class:
            scope = scope.parent
        return scope is not None and scope.parent is not None


class Writer:
    """Writes code so that only what it does counts: definitions follow, in the order in which they are first named.

    Attributes:
        externals: Dotted names from outside of the packages.
        followed: Definitions that have been written, in order.
        parameters: Functions' names with those of parameters that were taken to be no more than local.
    """

    def __init__(
        self, sources: Sources, migrations: str, keywords: frozenset[tuple[str, str]], folders: tuple[Path, ...]
    ) -> None:
        self.sources = sources
        self.migrations = migrations
        self.keywords = keywords
        self.externals: set[str] = set()
        self.followed: list[ast.AST] = []
        self.parameters: set[tuple[str, str]] = set()
        self.resources = Resources(sources.tree, folders)
        self.mode: Mode = "data"
        self._out: list[str] = []
        self._numbers: dict[tuple[int, str], int] = {}
        self._waiting: list[tuple[int, ast.AST, Module]] = []
        self._inlined: list[ast.AST] = []
        self._labels = 0

    # What it is asked for

    def text(self) -> str:
        """All that has been written, with all that it names."""
        while self._waiting:
            number, node, module = self._waiting.pop(0)
            self._out.append(f"\n{number}=")
            self._labels = 0
            self.followed.append(node)
            with self.reading("code"):
                # Expressions belong to no function, yet what they share is one object wherever it is named.
                self.write(node, Scope(module, parent=None))
        return "".join(self._out) + "".join(f"\n{one}" for one in self.resources.contents())

    def say(self, text: str) -> None:
        """Write a word of one's own."""
        self._out.append(text)

    @contextmanager
    def reading(self, mode: Mode) -> Iterator[None]:
        outer, self.mode = self.mode, mode
        yield
        self.mode = outer

    def statements(self, body: Iterable[ast.stmt], scope: Scope) -> None:
        for one in body:
            self.write(one, scope)

    # Nodes

    def write(self, node: ast.AST, scope: Scope) -> None:
        special = self._special.get(type(node))
        if special is not None:
            special(self, node, scope)
            return
        out = self._out
        out.append(f"({type(node).__name__}")
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
                            out.append(_constant(one))
                    out.append("]")
            else:
                out.append(f" {name}={_constant(value)}")
        out.append(")")

    def _nothing(self, node: ast.AST, scope: Scope) -> None:
        pass

    def _expr(self, node: ast.Expr, scope: Scope) -> None:
        if not isinstance(node.value, ast.Constant):
            self.write(node.value, scope)

    def _constant(self, node: ast.Constant, scope: Scope) -> None:
        if isinstance(node.value, str):
            self._string(node.value, scope)
        else:
            self._out.append(_constant(node.value))

    def _string(self, value: str, scope: Scope) -> None:
        self._out.append(_constant(value))
        if self.mode == "code":
            self.resources.mention(value, scope.module.path)

    def _binary(self, node: ast.BinOp, scope: Scope) -> None:
        if isinstance(node.op, ast.Add) and (text := self._joined(node)) is not None:
            self._string(text, scope)
            return
        self._out.append(f"({type(node.op).__name__} ")
        self.write(node.left, scope)
        self._out.append(" ")
        self.write(node.right, scope)
        self._out.append(")")

    def _joined(self, node: ast.expr) -> str | None:
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                before, after = self._joined(left), self._joined(right)
                return None if before is None or after is None else before + after
        return None

    def _f_string(self, node: ast.JoinedStr, scope: Scope) -> None:
        parts: list[ast.expr] = []
        for part in node.values:
            match part, parts[-1:]:
                case ast.Constant(value=""), _:
                    pass
                case ast.Constant(value=str(after)), [ast.Constant(value=str(before))]:
                    parts[-1] = ast.Constant(before + after)
                case _:
                    parts.append(part)
        if all(isinstance(part, ast.Constant) for part in parts):
            self._string("".join(str(part.value) for part in parts if isinstance(part, ast.Constant)), scope)
            return
        if self.mode == "code":
            pattern = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
            self.resources.mention(pattern, scope.module.path)
        self._out.append("(f")
        for part in parts:
            if isinstance(part, ast.Constant):
                self._out.append(_constant(part.value))
            else:
                self.write(part, scope)
        self._out.append(")")

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        if scope.is_class:
            self._out.append("(annotated ")
            self.write(node.target, scope)
            self.write(node.annotation, scope)
            if node.value:
                self.write(node.value, scope)
            self._out.append(")")
        elif node.value:
            self.write(ast.Assign(targets=[node.target], value=node.value), scope)

    def _call(self, node: ast.Call, scope: Scope) -> None:
        keywords = node.keywords
        if keywords and self.resolved(node.func, scope).startswith("django."):
            named = [keyword for keyword in keywords if keyword.arg]
            if len(named) == len(keywords):  # what is unpacked may give any of them
                keywords = sorted(named, key=lambda keyword: str(keyword.arg))
        self._out.append("(call ")
        self.write(node.func, scope)
        if node.args or keywords:
            self.write_arguments(node.args, keywords, scope)
        self._out.append(")")

    def write_arguments(self, args: Iterable[ast.expr], keywords: Iterable[ast.keyword], scope: Scope) -> None:
        for one in args:
            self._out.append(", ")
            self.write(one, scope)
        for keyword in keywords:
            self._out.append(f", {keyword.arg or '**'}=")
            self.write(keyword.value, scope)

    # Scopes

    def _function(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, Function)
        arguments = node.args
        decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
        self._out.append(f"({type(node).__name__}")
        if not isinstance(node, ast.Lambda):
            self._own_name(node, scope)
        for decorator in decorators:
            self._out.append(" @")
            self.write(decorator, scope)
        parameters = [*arguments.posonlyargs, *arguments.args]
        for default in (*arguments.defaults, *arguments.kw_defaults):
            self._out.append(" =")
            if default:
                self.write(default, scope)
        inner = self._inner(node, scope)
        for kind, found in (
            ("/" if arguments.posonlyargs else "", parameters[: len(arguments.posonlyargs)]),
            ("", parameters[len(arguments.posonlyargs) :]),
            ("*", [arguments.vararg] if arguments.vararg else []),
            ("k", arguments.kwonlyargs),
            ("**", [arguments.kwarg] if arguments.kwarg else []),
        ):
            for parameter in found:
                self._out.append(f" {kind}{self._label(parameter.arg, inner)}")
                if decorators and parameter.annotation:
                    self._out.append(":")
                    self.write(parameter.annotation, scope)
        if decorators and not isinstance(node, ast.Lambda) and node.returns:
            self._out.append(" ->")
            self.write(node.returns, scope)
        self._out.append(":")
        with self.reading("code"):
            if isinstance(node, ast.Lambda):
                self.write(node.body, inner)
            else:
                self.statements(node.body, inner)
        self._out.append(")")

    def _own_name(self, node: Scoped, scope: Scope) -> None:
        """What binds a definition, unless it is what a name of the module stands for."""
        if scope.is_class or scope.lookup(node.name) or node.name in scope.module.rebound:
            self._out.append(f" {self._label(node.name, scope)}")

    def _inner(self, node: Function, scope: Scope) -> Scope:
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        arguments = node.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        variadic = [one.arg for one in (arguments.vararg, arguments.kwarg) if one]
        bound: dict[str, list[ast.AST]] = {}
        for name, by in bindings(body):
            bound.setdefault(name, []).append(by)
        inside = list(chain.from_iterable(map(ast.walk, body)))
        elsewhere = {name for one in inside if isinstance(one, ast.Global | ast.Nonlocal) for name in one.names}
        sees = {one.id for one in inside if isinstance(one, ast.Name)} & _SEES_NAMES
        inner = Scope(scope.module, scope)
        function = "" if isinstance(node, ast.Lambda) else node.name
        for one in named:
            public = (
                arguments.kwarg is not None
                or one in arguments.kwonlyargs
                or function == "__init__"
                or {("", one.arg), (function, one.arg)} & self.keywords
            )
            if public or sees:
                inner.names[one.arg] = f"'{one.arg}"
            else:
                inner.names[one.arg] = ""
                self.parameters |= {("", one.arg), (function, one.arg)}
        inner.names |= {name: f"'{name}" if sees else "" for name in variadic}
        for name in bound.keys() - elsewhere - inner.names.keys():
            dotted = {
                found
                for by in bound[name]
                for local, found in (
                    scope.module.imported(by) if isinstance(by, ast.Import | ast.ImportFrom) else [(name, "")]
                )
                if local == name
            }
            if len(dotted) == 1 and "" not in dotted:
                inner.imports[name] = dotted.pop()
            else:
                inner.names[name] = f"'{name}" if sees else ""
        if sees & _SEES_GLOBALS:
            self._whole(scope.module)
        return inner

    def _label(self, name: str, scope: Scope) -> str:
        """What a local name is called; numbers in the order in which they appear."""
        found = scope.lookup(name)
        if found is None:
            return f"global {name}"
        if found.is_class:
            return f".{name}"
        if not found.names.get(name):
            self._labels += 1
            found.names[name] = str(self._labels)
        return found.names[name]

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        self._out.append("(class")
        self._own_name(node, scope)
        for one in (*node.decorator_list, *node.bases):
            self._out.append(" ")
            self.write(one, scope)
        for keyword in node.keywords:
            self._out.append(f" {keyword.arg}=")
            self.write(keyword.value, scope)
        inner = Scope(scope.module, scope, is_class=True, names={name: "." for name, _ in bindings(node.body)})
        self._out.append(":")
        with self.reading("code"):
            self.statements(node.body, inner)
        self._out.append(")")

    def _comprehension(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, Comprehension)
        self._out.append(f"({type(node).__name__}")
        targets = [one.target for one in node.generators]
        inner = Scope(scope.module, scope, names={name: "" for name, _ in bindings(targets)})
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

    def _named(self, node: ast.AST, scope: Scope) -> None:
        """What binds a name that is not a node of its own."""
        name = getattr(node, "rest" if isinstance(node, ast.MatchMapping) else "name", None)
        self._out.append(f"({type(node).__name__}")
        if name:
            self._out.append(f" {self._label(name, scope)}")
        for child in ast.iter_child_nodes(node):
            self._out.append(" ")
            self.write(child, scope)
        self._out.append(")")

    def _import(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.Import | ast.ImportFrom)
        for name, dotted in scope.module.imported(node):
            found = scope.lookup(name)
            if found is not None and name in found.imports:
                continue
            if found is None and name in scope.module.imports:
                continue
            self._out.append(f"(import {self._label(name, scope)} ")
            self._dotted(dotted)
            self._out.append(")")

    # Names

    def _name(self, node: ast.Name, scope: Scope) -> None:
        self._reference(node.id, (), scope)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> None:
        attributes: list[str] = []
        base: ast.expr = node
        while isinstance(base, ast.Attribute):
            attributes.insert(0, base.attr)
            base = base.value
        if isinstance(base, ast.Name):
            self._reference(base.id, tuple(attributes), scope)
        else:
            self._out.append("(")
            self.write(base, scope)
            self._out.append(f").{'.'.join(attributes)}")

    def _reference(self, name: str, attributes: tuple[str, ...], scope: Scope) -> None:
        found = scope.lookup(name)
        if found is not None and name in found.imports:
            self._dotted(".".join([found.imports[name], *attributes]))
        elif found is not None:
            self._out.append(".".join([f"<{self._label(name, scope)}>", *attributes]))
        elif name in scope.module.imports:
            self._dotted(".".join([scope.module.imports[name], *attributes]))
        else:
            self.definition(Definition(scope.module, name), attributes, in_function=scope.in_function)

    def resolved(self, node: ast.expr, scope: Scope) -> str:
        """The dotted name that an expression stands for, in the form in which names are compared; "" if it has none."""
        attributes: list[str] = []
        while isinstance(node, ast.Attribute):
            attributes.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        found = scope.lookup(node.id)
        if found is not None:
            base = found.imports.get(node.id)
        else:
            alias = scope.module.definitions.get(node.id)
            if isinstance(alias, ast.Name | ast.Attribute) and not attributes and alias is not node:
                return self.resolved(alias, Scope(scope.module))
            base = scope.module.imports.get(node.id) or f"{scope.module.name}.{node.id}"
        return _as_exported(".".join([base, *attributes])) if base else ""

    def _dotted(self, dotted: str) -> None:
        found = self.sources.find(dotted)
        if found is None or not self._follows(found[0]):
            dotted = _as_exported(dotted)
            self.externals.add(dotted)
            self._out.append(f"@{dotted}")
            return
        definition, attributes = found
        if definition.name:
            self.definition(definition, attributes, in_function=self.mode == "code")
        else:
            self._out.append(f"@{dotted}")
            self._whole(definition.module)

    def _follows(self, definition: Definition) -> bool:
        """Whether what a name stands for is part of the migration, rather than only named by it."""
        module, name = definition
        if f"{module.name}.".startswith(f"{self.migrations}."):
            return True
        in_models = "models" in module.name.split(".")
        node = module.definitions.get(name)
        if self.mode == "data":
            return isinstance(node, ast.expr) and not in_models
        return not (in_models and (isinstance(node, ast.ClassDef) or not name))

    def definition(self, definition: Definition, attributes: tuple[str, ...] = (), *, in_function: bool) -> None:
        """Write what a name of a module stands for."""
        module, name = definition
        node = module.definitions.get(name)
        tail = f".{'.'.join(attributes)}" if attributes else ""
        if node is None and name not in module.rebound:
            self._unknown(module, name, attributes)
            return
        if isinstance(node, ast.expr) and (_immutable(node) or not in_function) and node not in self._inlined:
            self._inlined.append(node)
            self.write(node, Scope(module))
            self._inlined.pop()
            self._out.append(tail)
        elif node is not None:
            self._out.append(f"#{self._number(node, module)}{tail}")
        else:
            self._out.append(f"global {name}{tail}")
        if not (node is not None and _immutable(node)):
            for one in module.mentions(name):
                self._number(one, module)

    def _unknown(self, module: Module, name: str, attributes: tuple[str, ...]) -> None:
        for star in module.stars:
            if (found := self.sources.find(".".join([star, name, *attributes]))) and self._follows(found[0]):
                self.definition(*found, in_function=self.mode == "code")
                return
        if not hasattr(builtins, name) and not _is_dunder(name):
            self.externals |= {f"{star}.{name}" for star in module.stars}
        self._out.append(".".join([f"@{'|'.join(module.stars)}:{name}" if module.stars else f"@{name}", *attributes]))

    def _number(self, node: ast.AST, module: Module) -> int:
        key = (id(node), module.name)
        if key not in self._numbers:
            self._numbers[key] = len(self._numbers)
            self._waiting.append((self._numbers[key], node, module))
        return self._numbers[key]

    def _whole(self, module: Module) -> None:
        for node in (*module.definitions.values(), *module.rest):
            self._number(node, module)

    # SQL

    def sql(self, node: ast.expr, scope: Scope) -> None:
        """Write an argument that is SQL, a list of SQL, or has pairs of SQL and parameters in it."""
        text = self.constant(node, scope)
        if text is not None:
            self._out.append(f"sql {_constant(canonical(text))}")
            return
        match node:
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                self._out.append("[")
                for one in elements:
                    match one:
                        case ast.List(elts=[sql, *parameters]) | ast.Tuple(elts=[sql, *parameters]):
                            self._out.append(" [")
                            self.sql(sql, scope)
                            for parameter in parameters:
                                self.write(parameter, scope)
                            self._out.append("]")
                        case _:
                            self._out.append(" ")
                            self.sql(one, scope)
                self._out.append("]")
            case ast.Name() | ast.Attribute() if (found := self.expression(node, scope)) and found[0] is not node:
                self.sql(found[0], found[1])
            case _:
                self.write(node, scope)

    def constant(self, node: ast.expr, scope: Scope) -> str | None:
        """The text that an expression is, if it is put together from constants."""
        match node:
            case ast.Constant(value=str(constant)):
                return constant
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                before, after = self.constant(left, scope), self.constant(right, scope)
                return None if before is None or after is None else before + after
            case ast.Call(func=ast.Attribute(value=inner, attr="strip"), args=[], keywords=[]):
                return None if (text := self.constant(inner, scope)) is None else text.strip()
            case ast.Call(func=function, args=[inner], keywords=[]) if (
                self.resolved(function, scope) == "textwrap.dedent"
            ):
                return None if (text := self.constant(inner, scope)) is None else textwrap.dedent(text)
            case ast.Name() | ast.Attribute():
                found = self.expression(node, scope)
                return self.constant(*found) if found and found[0] is not node else None
        return None

    def expression(self, node: ast.expr, scope: Scope) -> tuple[ast.expr, Scope] | None:
        """The expression that a name stands for, if it is one that is part of the migration."""
        for _ in range(_MAX_NAMES):
            if not isinstance(node, ast.Name | ast.Attribute):
                return node, scope
            found: Definition | None = None
            if isinstance(node, ast.Name) and scope.lookup(node.id) is None and node.id in scope.module.definitions:
                found = Definition(scope.module, node.id)
            elif (
                (dotted := self.resolved(node, scope))
                and (there := self.sources.find(dotted))
                and not there[1]
                and self._follows(there[0])
            ):
                found = there[0]
            if found is None or any(found.module.mentions(found.name)):
                return None
            value = found.module.definitions.get(found.name)
            if not isinstance(value, ast.expr):
                return None
            node, scope = value, Scope(found.module)
        return None

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
        ast.ExceptHandler: _named,
        ast.MatchAs: _named,
        ast.MatchStar: _named,
        ast.MatchMapping: _named,
        ast.Import: _import,
        ast.ImportFrom: _import,
    }


_MAX_NAMES = 8


def _as_exported(dotted: str) -> str:
    if not dotted.startswith("django."):
        return dotted
    return _REEXPORTS.sub(lambda match: match[1] or match[2] or match[3], dotted)


def _constant(value: object) -> str:
    if isinstance(value, str):
        return f"{len(value)}:{value}"
    if isinstance(value, bool) or value is None or value is ...:
        return str(value)
    return hex(value) if isinstance(value, int) else repr(value)


def _immutable(node: ast.AST) -> bool:
    match node:
        case ast.Constant() | ast.JoinedStr():
            return True
        case ast.Tuple(elts=elements):
            return all(map(_immutable, elements))
        case ast.UnaryOp(operand=operand):
            return _immutable(operand)
        case ast.BinOp(left=left, right=right):
            return _immutable(left) and _immutable(right)
        case ast.Name() | ast.Attribute():
            return False
    return False


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")
