"""What the source of a migration says, so that two versions of it can be compared."""

import ast
import sys
from collections.abc import Iterable, Mapping
from copy import copy
from pathlib import Path

from migsafe.applied import Fingerprint, Key, Meaning
from migsafe.history.modules import Disk, Module, Sources, Tree, Unreadable, bindings, digest, module
from migsafe.history.normal import Scope, Writer

__all__ = ["Disk", "Tree", "Unreadable", "meaning"]

_GRAPH = ("dependencies", "run_before", "replaces", "initial")

_RUN_PYTHON = "django.db.migrations.RunPython"

_NESTING = frozenset({"django.db.migrations.SeparateDatabaseAndState"})

_SILENT = frozenset({f"{_RUN_PYTHON}.noop", "django.db.migrations.RunSQL.noop"})


def meaning(tree: Tree, file: Path, packages: Mapping[str, Path]) -> Meaning:
    """Read a migration and what it is made of.

    Args:
        file: The migration's module, absolute.
        packages: Folders of its app's package and of the package of its migrations, by dotted name.

    Raises:
        Unreadable: The file is not there, or it is no Python.
    """
    content = tree.read(file)
    if content is None:
        raise Unreadable("there is no such file")
    package = next((name for name, folder in packages.items() if folder == file.parent), "")
    own = module(content, f"{package}.{file.stem}" if package else file.stem, file)
    sources = Sources(tree, packages)
    sources.read[own.name] = own
    try:
        reading = _Reading(sources, own, package, frozenset())
        while missed := reading.parameters & (keywords := _keywords(sources)):
            reading = _Reading(sources, own, package, keywords)
            if missed <= reading.keywords:
                break
        return reading.meaning(digest(content.replace(b"\r\n", b"\n")))
    except RecursionError as error:
        raise Unreadable("it is nested too deeply") from error


def _keywords(sources: Sources) -> frozenset[tuple[str, str]]:
    return frozenset().union(*(one.keywords for one in sources.read.values()))


class _Reading:
    """A migration's class, its parts each written to where they count."""

    def __init__(self, sources: Sources, own: Module, package: str, keywords: frozenset[tuple[str, str]]) -> None:
        self.sources = sources
        self.keywords = keywords
        self.package = package
        folders = (own.path.parent, *sources.packages.values())
        self.graph, self.state, self.code = (Writer(sources, package, keywords, folders) for _ in range(3))
        self.keys: dict[str, list[Key]] = {name: [] for name in _GRAPH}
        self.operations: list[str] | None = []
        self.calls: list[str] = []
        migration = self._class(own)
        if migration is None:
            self.operations = None
            made = own.definitions.get("Migration")
            self._worked_out([*([made] if made else []), *own.rest], Scope(own))
        else:
            self._migration(*migration)
            if own.rest:
                if any(own.mentions("Migration")):
                    self.operations = None
                self._worked_out(own.rest, Scope(own))
        self._texts = [writer.text() for writer in (self.graph, self.state, self.code)]

    @property
    def parameters(self) -> set[tuple[str, str]]:
        return self.graph.parameters | self.state.parameters | self.code.parameters

    def meaning(self, text: str) -> Meaning:
        graph, state, code = self._texts
        files = [one.path for one in self.sources.read.values()]
        named = [path for writer in (self.graph, self.state, self.code) for path in writer.resources.files()]
        return Meaning(
            fingerprint=Fingerprint(
                operations=digest(state), python=digest(code) if code else "", graph=digest(graph), text=text
            ),
            operations=None if self.operations is None else tuple(self.operations),
            python=(*self.calls, *(_source(node) for node in self.code.followed)),
            dependencies=tuple(self.keys["dependencies"]),
            run_before=tuple(self.keys["run_before"]),
            replaces=tuple(self.keys["replaces"]),
            files=tuple(dict.fromkeys(map(str, [*files, *named]))),
        )

    def _class(self, own: Module) -> tuple[ast.ClassDef, Module] | None:
        """The class that Django looks for, where it is written."""
        name, where = "Migration", own
        if name in own.imports:
            found = self.sources.find(own.imports[name])
            if found is None or found[1]:
                return None
            where, name = found[0]
        node = where.definitions.get(name)
        return (node, where) if isinstance(node, ast.ClassDef) else None

    def _migration(self, node: ast.ClassDef, where: Module) -> None:
        outer = Scope(where)
        scope = Scope(where, outer, is_class=True, names={name: "." for name, _ in bindings(node.body)})
        plain = [self.state.resolved(base, outer) for base in node.bases] == ["django.db.migrations.Migration"]
        made_by = [] if plain else node.bases
        for one in (*made_by, *node.keywords, *node.decorator_list):
            self._runs("base", one, outer)
        attributes: dict[str, ast.expr] = {}
        rest: list[ast.stmt] = []
        for statement in node.body:
            match statement:
                case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.AnnAssign(value=None):
                    pass
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                ) if name not in attributes:
                    attributes[name] = value
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self._runs("method", statement, scope)
                case _:
                    rest.append(statement)
        if plain and _is_true(attributes.get("atomic")):
            del attributes["atomic"]
        self._attributes(attributes, scope)
        if any(name == "operations" for name, _ in bindings(rest)) or not (plain or "operations" in attributes):
            self.operations = None
        if rest:
            self._worked_out(node.body, scope)

    def _attributes(self, attributes: dict[str, ast.expr], scope: Scope) -> None:
        for name, value in sorted(attributes.items()):
            if name in _GRAPH:
                self._graph(name, value, scope)
            elif name == "operations":
                self._operations(value, scope)
            else:
                self.state.say(f"\n{name}=")
                with self.state.reading("code"):
                    self.state.write(value, scope)

    def _runs(self, what: str, node: ast.AST, scope: Scope) -> None:
        self.code.say(f"\n{what} ")
        with self.code.reading("code"):
            self.code.write(node, scope)

    # Graph

    def _graph(self, name: str, value: ast.expr, scope: Scope) -> None:
        if name == "initial":
            self.graph.say("\ninitial=")
            self.graph.write(value, scope)
            return
        elements = self._elements(value, scope)
        if elements is None:
            self.graph.say(f"\n{name}=")
            with self.graph.reading("code"):
                self.graph.write(value, scope)
            return
        unknown = []
        for one, where in elements:
            if key := self._key(one, where):
                self.keys[name].append(key)
            else:
                unknown.append((one, where))
        keys = self.keys[name]
        for key in keys if name == "replaces" else sorted(set(keys)):
            self.graph.say(f"\n{name} {key[0]!r} {key[1]!r}")
        for one, where in unknown:
            self.graph.say(f"\n{name}=")
            with self.graph.reading("code"):
                self.graph.write(one, where)

    def _key(self, node: ast.expr, scope: Scope) -> Key | None:
        match node:
            case ast.Tuple(elts=[app, name]) | ast.List(elts=[app, name]):
                label, migration = self.graph.constant(app, scope), self.graph.constant(name, scope)
                return (label, migration) if label and migration else None
            case ast.Call(func=function, args=[ast.Attribute() as setting], keywords=[]) if (
                self.graph.resolved(function, scope) == "django.db.migrations.swappable_dependency"
            ):
                dotted = self.graph.resolved(setting, scope)
                if dotted.startswith("django.conf.settings."):
                    return dotted.removeprefix("django.conf."), "__first__"
        return None

    # Operations

    def _elements(self, node: ast.expr, scope: Scope) -> list[tuple[ast.expr, Scope]] | None:
        """What a list consists of, as far as that is written down."""
        match node:
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                found = []
                for one in elements:
                    if isinstance(one, ast.Starred):
                        inner = self._elements(one.value, scope)
                        if inner is None:
                            return None
                        found += inner
                    else:
                        found.append((one, scope))
                return found
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                before, after = self._elements(left, scope), self._elements(right, scope)
                return None if before is None or after is None else before + after
            case ast.Name() | ast.Attribute():
                there = self.state.expression(node, scope)
                return self._elements(*there) if there else None
        return None

    def _operations(self, value: ast.expr, scope: Scope) -> None:
        elements = self._elements(value, scope)
        if elements is None:
            self.operations = None
            self._worked_out([value], scope)
            return
        for one, where in elements:
            self.state.say("\noperation ")
            self._operation(one, where)
            if self.operations is not None:
                self.operations.append(_source(one))

    def _operation(self, node: ast.expr, scope: Scope) -> None:
        if isinstance(node, ast.Name | ast.Attribute) and (found := self.state.expression(node, scope)):
            node, scope = found
        kind = self.state.resolved(node.func, scope) if isinstance(node, ast.Call) else ""
        if not isinstance(node, ast.Call) or not kind:
            self.operations = None
            self._worked_out([node], scope)
        elif kind.startswith("django.") and not self._is_ours(kind):
            self._django(node, kind, scope)
        elif (there := self.sources.find(kind)) and not isinstance(
            there[0].module.definitions.get(there[0].name), ast.ClassDef
        ):
            self.operations = None
            self._worked_out([node], scope)
        else:
            self.state.say("code")
            self.calls.append(_source(node))
            with self.code.reading("code"):
                self.code.say("\noperation ")
                self._arguments(self.code, node, kind, scope)

    def _is_ours(self, kind: str) -> bool:
        """Whether a class is part of the migration, though its name begins as Django's: in Django's own apps."""
        found = self.sources.find(kind)
        return found is not None and f"{found[0].module.name}.".startswith(f"{self.package}.")

    def _django(self, node: ast.Call, kind: str, scope: Scope) -> None:
        if kind in _NESTING and self._nested(node, scope):
            return
        if kind == _RUN_PYTHON:
            node = self._without_code(node, scope)
        self._arguments(self.state, node, kind, scope)

    def _nested(self, node: ast.Call, scope: Scope) -> bool:
        named = dict(zip(("database_operations", "state_operations"), node.args, strict=False))
        named |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        lists = {name: self._elements(value, scope) for name, value in sorted(named.items())}
        if any(elements is None for elements in lists.values()) or None in {one.arg for one in node.keywords}:
            return False
        self.state.say("separate")
        for name, elements in lists.items():
            self.state.say(f"\n {name}")
            for one, where in elements or ():
                self.state.say("\n  ")
                self._operation(one, where)
        return True

    def _without_code(self, node: ast.Call, scope: Scope) -> ast.Call:
        """The rest of a RunPython, its code written to where it counts."""
        codes = [keyword.value for keyword in node.keywords if keyword.arg == "code"] or node.args[:1]
        if any(isinstance(one, ast.Starred) for one in node.args) or None in {one.arg for one in node.keywords}:
            codes = [node]
        for code in codes:
            if self.code.resolved(code, scope) not in _SILENT if isinstance(code, ast.Name | ast.Attribute) else True:
                self._runs("function", code, scope)
        args = [ast.Constant(None), *node.args[1:]] if node.args else []
        keywords = [keyword for keyword in node.keywords if keyword.arg != "code"]
        return ast.Call(func=node.func, args=args, keywords=keywords)

    def _arguments(self, writer: Writer, node: ast.Call, kind: str, scope: Scope) -> None:
        name = kind.rpartition(".")[2]
        if not name.endswith("RunSQL"):
            with writer.reading("code" if name == "RunPython" or writer is self.code else "data"):
                writer.write(node, scope)
            return
        with writer.reading("code"):
            writer.write(node.func, scope)
            for index, one in enumerate(node.args):
                writer.say(", ")
                self._sql_argument(writer, one, scope, is_sql=index < 2)
            for keyword in sorted(node.keywords, key=lambda one: one.arg or ""):
                writer.say(f", {keyword.arg}=")
                self._sql_argument(writer, keyword.value, scope, is_sql=keyword.arg not in {None, "hints", "elidable"})

    def _sql_argument(self, writer: Writer, node: ast.expr, scope: Scope, *, is_sql: bool) -> None:
        if is_sql:
            writer.sql(node, scope)
        else:
            writer.write(node, scope)

    # What is worked out when the module is imported

    def _worked_out(self, nodes: Iterable[ast.AST], scope: Scope) -> None:
        nodes = list(nodes)
        trial = Writer(self.sources, self.package, self.keywords, ())
        for writer in (trial, self.state, self.code):
            if writer is not self.code or _may_run(trial):
                with writer.reading("code"):
                    for node in nodes:
                        writer.say("\nimport time ")
                        writer.write(node, scope)
            if writer is trial:
                trial.text()


def _may_run(writer: Writer) -> bool:
    """Whether code that has been written may make operations that run Python code."""
    if any(isinstance(node, ast.ClassDef) for node in writer.followed):
        return True
    return any(
        name.startswith(_RUN_PYTHON)
        or not (name.startswith("django.") or name.partition(".")[0] in sys.stdlib_module_names)
        for name in writer.externals
    )


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _source(node: ast.AST) -> str:
    """Code laid out in one way, without docstrings at its top."""
    match node:
        case (
            ast.FunctionDef(body=[ast.Expr(value=ast.Constant()), *body])
            | ast.ClassDef(body=[ast.Expr(value=ast.Constant()), *body])
        ):
            bare = copy(node)
            bare.body = body or [ast.Pass()]
            return ast.unparse(bare)
    return ast.unparse(node)
