"""What the source of a migration says, so that two versions of it can be compared."""

import ast
import sys
from collections.abc import Iterable, Mapping
from copy import copy
from pathlib import Path
from typing import NamedTuple

from migsafe.applied import Fingerprint, Key, Meaning
from migsafe.history.modules import Disk, Module, Sources, Tree, Unreadable, bindings, digest, module, names_in
from migsafe.history.names import Names, Scope, named
from migsafe.history.normal import Writer

__all__ = ["Disk", "Tree", "Unreadable", "meaning"]

_GRAPH = ("dependencies", "run_before", "replaces", "initial")

_RUN_PYTHON = "django.db.migrations.RunPython"


_PLACE = ("django.conf.settings", "django.db.connection", "django.VERSION", "os.environ", "os.getenv", "sys.version")
"""What is not the same wherever a migration is imported, so that SQL from one place does not speak for all."""

_WIDTH = 100
"""Characters of a line of source, its indentation apart."""


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
    names = Names(sources, package)
    try:
        reading = _Reading(names, own, frozenset())
        # Whether a parameter is called by its name is known when all is read that the migration uses.
        while (parameters := reading.parameters) and parameters & (keywords := _keywords(sources)):
            reading = _Reading(names, own, keywords)
        return reading.meaning(digest(content.replace(b"\r\n", b"\n")))
    except RecursionError as error:
        raise Unreadable("it is nested too deeply") from error


def _keywords(sources: Sources) -> frozenset[tuple[str, str]]:
    return frozenset().union(*(one.keywords for one in sources.read.values()))


class _Reading:
    """A migration, its parts each written to where they count."""

    def __init__(self, names: Names, own: Module, keywords: frozenset[tuple[str, str]]) -> None:
        self.names = names
        self.keywords = keywords
        packages = names.sources.packages.values()
        folders = (own.path.parent, *packages, *(folder / "fixtures" for folder in packages))
        self.graph, self.state, self.code = (Writer(names, keywords, folders) for _ in range(3))
        self.keys: dict[str, list[Key]] = {name: [] for name in _GRAPH}
        self.operations: list[str] | None = []
        self.calls: list[str] = []
        where = [own]
        if migration := self._class(own):
            self._migration(*migration)
            where = [own, migration[1]] if migration[1] is not own else where
        else:
            self._worked_out([ast.Name("Migration")], Scope(own))
        if migration is None or any(one.mentions("Migration") for one in where):
            self.operations = None
        for one in where:
            if one.rest:
                self._worked_out(one.rest, Scope(one))
        self.texts = [writer.text() for writer in (self.graph, self.state, self.code)]

    @property
    def parameters(self) -> set[tuple[str, str]]:
        """Parameters that were taken to be no more than local."""
        return self.graph.parameters | self.state.parameters | self.code.parameters

    def meaning(self, text: str) -> Meaning:
        graph, state, code = self.texts
        files = [one.path for one in self.names.sources.read.values()]
        named = [path for writer in (self.graph, self.state, self.code) for path in writer.resources.files]
        return Meaning(
            fingerprint=Fingerprint(
                operations=digest(state), python=digest(code) if code else "", graph=digest(graph), text=text
            ),
            operations=None if self.operations is None else tuple(self.operations),
            python=(*_with_names(self.calls, self.code), *map("# {}".format, self.code.resources.contents)),
            dependencies=tuple(self.keys["dependencies"]),
            run_before=tuple(self.keys["run_before"]),
            replaces=tuple(self.keys["replaces"]),
            files=tuple(dict.fromkeys(map(str, [*files, *named]))),
        )

    def _class(self, own: Module) -> tuple[ast.ClassDef, Module] | None:
        """The class that Django looks for, where it is written."""
        name, where = "Migration", own
        if name in own.imports:
            found = self.names.sources.find(own.imports[name])
            if isinstance(found, str) or found[1]:
                return None
            where, name = found[0]
        node = where.definitions.get(name)
        return (node, where) if isinstance(node, ast.ClassDef) else None

    def _migration(self, node: ast.ClassDef, where: Module) -> None:
        outer = Scope(where)
        plain = [self.names.dotted(base, outer) for base in node.bases] == ["django.db.migrations.Migration"]
        attributes: dict[str, ast.expr] = {}
        methods, rest = [], []
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
                    methods.append(statement)
                case _:
                    rest.append(statement)
        again = {name for name, _ in bindings(rest)}
        scope = Scope.inside(outer, node.body, is_class=True)
        scope.values |= {name: value for name, value in attributes.items() if name not in again}
        for one in (*([] if plain else node.bases), *node.keywords, *node.decorator_list):
            self._runs("base", one, outer)
        for method in methods:
            self._runs("method", method, scope)
        if plain and _is_true(attributes.get("atomic")):
            del attributes["atomic"]
        self._attributes(attributes, scope, runs=bool(methods or rest or node.decorator_list) or not plain)
        if "operations" in again or not (plain or "operations" in attributes):
            self.operations = None
        if rest:
            self._worked_out((one for one in node.body if not self._is_graph(one, rest)), scope)
        if again & set(_GRAPH):
            self._at_import(self.graph, node.body, scope)

    def _is_graph(self, statement: ast.stmt, rest: Iterable[ast.stmt]) -> bool:
        """Whether a statement in the class says what the graph is, and nothing else there asks for that."""
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                return name in _GRAPH and not any(name in names_in(one) for one in rest)
        return False

    def _attributes(self, attributes: dict[str, ast.expr], scope: Scope, *, runs: bool) -> None:
        """What the class says.

        Args:
            runs: Whether something in it may use attributes that Django does not know.
        """
        for name, value in sorted(attributes.items()):
            if name in _GRAPH:
                self._graph(name, value, scope)
            elif name == "operations":
                self._operations(value, scope)
            else:
                self._as_code(self.state, name, value, scope, runs=runs)

    def _as_code(self, writer: Writer, what: str, node: ast.AST, scope: Scope, *, runs: bool = True) -> None:
        writer.say(f"\n{what}=")
        with writer.running(runs):
            writer.write(node, scope)

    def _runs(self, what: str, node: ast.AST, scope: Scope) -> None:
        self._as_code(self.code, what, node, scope)

    # Graph

    def _graph(self, name: str, value: ast.expr, scope: Scope) -> None:
        elements = None if name == "initial" else self.names.elements(value, scope)
        if elements is None:
            self._as_code(self.graph, name, value, scope)
            return
        keys = [(self._key(one, where), one, where) for one, where in elements]
        self.keys[name] = [key for key, _one, _where in keys if key]
        # Only in a squash their order counts: it is the one in which they are recorded.
        for app, migration in self.keys[name] if name == "replaces" else sorted(set(self.keys[name])):
            self.graph.say(f"\n{name} {app!r} {migration!r}")
        for key, one, where in keys:
            if key is None:
                self._as_code(self.graph, name, one, where)

    def _key(self, node: ast.expr, scope: Scope) -> Key | None:
        match node:
            case ast.Tuple(elts=[app, name]) | ast.List(elts=[app, name]):
                label, migration = self.names.text(app, scope), self.names.text(name, scope)
                return (label, migration) if label and migration else None
            case ast.Call(func=function, args=[setting], keywords=[]) if (
                self.names.dotted(function, scope) == "django.db.migrations.swappable_dependency"
            ):
                dotted = self.names.dotted(setting, scope)
                if dotted.startswith("django.conf.settings."):
                    return dotted.removeprefix("django.conf."), "__first__"
        return None

    # Operations

    def _operations(self, value: ast.expr, scope: Scope) -> None:
        elements = self.names.elements(value, scope)
        if elements is None:
            self.operations = None
            self._worked_out([value], scope)
            return
        for one, where in elements:
            begin = _Mark.of(self.state)
            self.state.say("\noperation ")
            self._operation(one, where)
            self.state.follow()
            if self.operations is not None:
                self.operations.append("\n".join(_with_names([_source(one)], self.state, begin)))

    def _operation(self, node: ast.expr, scope: Scope) -> None:
        node, scope = self.names.value(node, scope) or (node, scope)
        kind = self.names.dotted(node.func, scope) if isinstance(node, ast.Call) else ""
        found = self.names.find(kind, runs=True) if kind else ""
        if not isinstance(node, ast.Call) or not kind:
            self._worked_out_operation(node, scope)
        elif isinstance(found, str) and found.startswith("django."):
            self._django(named(node, kind), kind, scope)
        elif not isinstance(found, str) and not isinstance(
            found[0].module.definitions.get(found[0].name), ast.ClassDef
        ):
            self._worked_out_operation(node, scope)
        else:
            self.state.say("code")
            self.calls.append(_source(node))
            self.code.say("\noperation ")
            self._call(self.code, node, kind, scope)

    def _worked_out_operation(self, node: ast.expr, scope: Scope) -> None:
        self.operations = None
        self._worked_out([node], scope)

    def _django(self, node: ast.Call, kind: str, scope: Scope) -> None:
        if kind == "django.db.migrations.SeparateDatabaseAndState" and self._nested(node, scope):
            return
        if kind == _RUN_PYTHON:
            node = self._without_code(node, scope)
        self._call(self.state, node, kind, scope)

    def _nested(self, node: ast.Call, scope: Scope) -> bool:
        lists = [(keyword.arg, self.names.elements(keyword.value, scope)) for keyword in node.keywords]
        if node.args or any(name is None or elements is None for name, elements in lists):
            return False
        self.state.say("separate")
        for name, elements in sorted(lists):
            self.state.say(f"\n {name}")
            self._listed(elements or [])
        return True

    def _listed(self, operations: list[tuple[ast.expr, Scope]]) -> None:
        for one, where in operations:
            self.state.say("\n  ")
            self._operation(one, where)

    def _without_code(self, node: ast.Call, scope: Scope) -> ast.Call:
        """The rest of a RunPython, its code written to where it counts."""
        if node.args or any(keyword.arg is None for keyword in node.keywords):
            self._runs("function", node, scope)
            return node
        for keyword in node.keywords:
            if keyword.arg == "code" and self.names.dotted(keyword.value, scope) != f"{_RUN_PYTHON}.noop":
                self._runs("function", keyword.value, scope)
        return ast.Call(func=node.func, args=[], keywords=[one for one in node.keywords if one.arg != "code"])

    def _call(self, writer: Writer, node: ast.Call, kind: str, scope: Scope) -> None:
        name = kind.rpartition(".")[2]
        if name.endswith("RunSQL"):
            with writer.running():
                self._run_sql(writer, node, scope)
        elif name == "RunPython" or writer is self.code:
            with writer.running():
                writer.write(node, scope)
        else:
            with writer.running(runs=False):
                writer.write(node, scope)

    def _run_sql(self, writer: Writer, node: ast.Call, scope: Scope) -> None:
        writer.write(node.func, scope)
        for one in node.args:
            writer.say(", ")
            writer.sql(one, scope)
        for keyword in sorted(node.keywords, key=lambda one: one.arg or ""):
            writer.say(f", {keyword.arg}=")
            elements = self.names.elements(keyword.value, scope) if keyword.arg == "state_operations" else None
            if elements is None:
                writer.sql(keyword.value, scope)
            else:
                self._listed(elements)

    # What is worked out when the module is imported

    def _worked_out(self, nodes: Iterable[ast.AST], scope: Scope) -> None:
        nodes = tuple(nodes)
        trial = Writer(self.names, self.keywords)
        self._at_import(trial, nodes, scope)
        trial.text()
        self._at_import(self.state, nodes, scope)
        if _may_run_code(trial):
            self._at_import(self.code, nodes, scope)

    def _at_import(self, writer: Writer, nodes: Iterable[ast.AST], scope: Scope) -> None:
        for node in nodes:
            self._as_code(writer, "import", node, scope)


def _may_run_code(writer: Writer) -> bool:
    """Whether operations that run Python code may be made by what has been written, or others in another place."""
    classes = (node.name for node in writer.followed if isinstance(node, ast.ClassDef))
    return any(name != "Migration" for name in classes) or any(
        name == "django.db.migrations"
        or name.startswith((_RUN_PYTHON, *_PLACE))
        or not (name.startswith("django.") or name.partition(".")[0] in sys.stdlib_module_names)
        for name in writer.externals
        if name != "django.conf.settings.AUTH_USER_MODEL"
    )


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


class _Mark(NamedTuple):
    """How far a writer has come."""

    followed: int
    constants: int
    externals: int

    @classmethod
    def of(cls, writer: Writer) -> "_Mark":
        return cls(len(writer.followed), len(writer.constants), len(writer.externals))


_BEGIN = _Mark(0, 0, 0)


def _with_names(sources: list[str], writer: Writer, begin: _Mark = _BEGIN) -> list[str]:
    """Sources, with those of what has been written because of its name; what comes from elsewhere is named."""
    constants = list(writer.constants.items())[begin.constants :]
    found = [
        *sources,
        *(f"{name} = {_source(value)}" for name, value in constants),
        *map(_source, writer.followed[begin.followed :]),
    ]
    said = "\n".join(found)
    elsewhere = [name for name in list(writer.externals)[begin.externals :] if not name.startswith("django.")]
    return [*found, *(f"# {name}" for name in elsewhere if "." in name and name not in said)]


def _source(node: ast.AST) -> str:
    """Code laid out in one way, without the docstring at its top."""
    match node:
        case (
            ast.FunctionDef(body=[ast.Expr(value=ast.Constant()), *body])
            | ast.ClassDef(body=[ast.Expr(value=ast.Constant()), *body])
        ):
            bare = copy(node)
            bare.body = body or [ast.Pass()]
            return ast.unparse(bare)
        case ast.expr():
            return "\n".join(_laid_out(node))
    return ast.unparse(node)


def _laid_out(node: ast.expr, before: str = "", after: str = "") -> list[str]:
    """Lines of an expression: if it is too long for one, one for each part, so that a diff shows which has changed."""
    text = f"{before}{ast.unparse(node)}{after}"
    match node:
        case _ if len(text) <= _WIDTH:
            return [text]
        case ast.Call(func=function, args=args, keywords=keywords):
            begin, end = f"{ast.unparse(function)}(", ")"
            parts = [("", one) for one in args] + [(f"{one.arg}=" if one.arg else "**", one.value) for one in keywords]
        case ast.List(elts=elements):
            begin, end, parts = "[", "]", [("", one) for one in elements]
        case ast.Tuple(elts=elements):
            begin, end, parts = "(", ")", [("", one) for one in elements]
        case ast.Dict(keys=keys, values=values):
            begin, end = "{", "}"
            parts = [(f"{ast.unparse(key)}: " if key else "**", value) for key, value in zip(keys, values, strict=True)]
        case _:
            return [text]
    lines = [f"    {line}" for name, part in parts for line in _laid_out(part, name, ",")]
    return [f"{before}{begin}", *lines, f"{end}{after}"]
