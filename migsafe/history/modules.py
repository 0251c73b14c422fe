"""Python modules as they are written somewhere: what their names stand for. Nothing is imported."""

import ast
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple, Protocol

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Scoped = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Tree(Protocol):
    """Files as they are, or as they were in a commit; paths are absolute, those of the working tree."""

    def read(self, path: Path) -> bytes | None:
        """Content of a file; None if there is none."""

    def names(self, folder: Path) -> frozenset[str]:
        """Names of the files and folders in a folder; empty if there is none."""


class Disk:
    """The working tree; what is in a folder is asked once."""

    def __init__(self) -> None:
        self._names: dict[Path, frozenset[str]] = {}

    def read(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except (OSError, ValueError):
            return None

    def names(self, folder: Path) -> frozenset[str]:
        if folder not in self._names:
            try:
                self._names[folder] = frozenset(one.name for one in folder.iterdir())
            except (OSError, ValueError):
                self._names[folder] = frozenset()
        return self._names[folder]


class Unreadable(Exception):
    """A file is not there, or no Python.

    Args:
        reason: Why, as one sentence without its end.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Definition(NamedTuple):
    """A name of a module, or with ``""`` the module itself."""

    module: "Module"
    name: str

    @property
    def is_class(self) -> bool:
        return isinstance(self.module.definitions.get(self.name), ast.ClassDef)


@dataclass(eq=False)
class Module:
    """What the top of a module says.

    Attributes:
        definitions: What names stand for that are bound once: a function, a class or an expression.
        imports: What imported names stand for, with dots.
        stars: Modules all of whose names are imported.
        rest: Statements that do something else when the module is imported, in order.
        rebound: Names that these bind.
        global_names: Names that functions bind.
    """

    name: str
    path: Path
    tree: ast.Module
    is_package: bool
    global_names: frozenset[str] = frozenset()
    definitions: dict[str, Scoped | ast.expr] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    rest: list[ast.stmt] = field(default_factory=list)
    rebound: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        statements = list(_top(self.tree.body))
        # How often each name is bound; import a.b and import a.c bind the same.
        bound: dict[str, list[str]] = {name: ["", ""] for name in self.global_names}
        for one in statements:
            if isinstance(one, ast.Import | ast.ImportFrom):
                for name, dotted in self.imported(one):
                    if dotted not in bound.get(name, ()):
                        bound.setdefault(name, []).append(dotted)
            else:
                for name in set(_bound_at_top(one)):
                    bound.setdefault(name, []).append("")
        once = frozenset(name for name, ways in bound.items() if len(ways) == 1)
        for one in statements:
            self._index(one, once)
        self.rebound = frozenset(name for one in self.rest for name, _ in bindings([one]))

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the module."""
        return tuple(ast.walk(self.tree))

    def _index(self, one: ast.stmt, once: frozenset[str]) -> None:
        match one:
            case ast.Import() | ast.ImportFrom():
                for name, dotted in self.imported(one):
                    if name == "*":
                        self.stars.append(dotted)
                    elif name in once:
                        self.imports[name] = dotted
                    else:
                        self.rest.append(one)
                        return
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name) if name in once:
                self.definitions[name] = one
            case ast.Assign(targets=targets, value=value) if all(
                isinstance(target, ast.Name) and target.id in once for target in targets
            ):
                for target in targets:
                    assert isinstance(target, ast.Name)
                    self._assign(target.id, value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if name in once:
                self._assign(name, value)
            case ast.AnnAssign(value=None):
                pass
            case _:
                self.rest.append(one)

    def _assign(self, name: str, value: ast.expr) -> None:
        match value:
            case ast.Call(func=function, args=[ast.Constant(value=str(dotted))], keywords=[]) if ast.unparse(
                function
            ) in _IMPORTERS and not dotted.startswith("."):
                self.imports[name] = dotted
            case _:
                self.definitions[name] = value

    def imported(self, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
        """Names that an import binds, and what they stand for."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        elif node.module != "__future__":
            parts = self.name.split(".")
            level = node.level - self.is_package
            base = parts[: len(parts) - level] if node.level else []
            prefix = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield alias.asname or alias.name, prefix if alias.name == "*" else f"{prefix}.{alias.name}"

    @cached_property
    def keywords(self) -> frozenset[tuple[str, str]]:
        """What is called with which keyword arguments: last part of the name, or ``""`` if that may be any function."""
        return frozenset(self._keywords())

    def _keywords(self) -> Iterator[tuple[str, str]]:
        unpacks = False
        for call in self.nodes:
            if isinstance(call, ast.Call):
                match call.func:
                    case ast.Attribute(attr=name):
                        pass
                    case ast.Name(id=name) if name in self.imports:
                        name = self.imports[name].rpartition(".")[2]
                    case ast.Name(id=name) if isinstance(self.definitions.get(name), Scoped):
                        pass
                    case _:
                        name = ""
                name = "" if name in {"partial", "partialmethod"} else name
                yield from ((name, keyword.arg) for keyword in call.keywords if keyword.arg)
                unpacks = unpacks or any(keyword.arg is None for keyword in call.keywords)
        if unpacks:
            for node in self.nodes:
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
                    yield "", node.value

    def mentions(self, name: str) -> tuple[ast.stmt, ...]:
        """Statements of the rest that have to do with a name."""
        return tuple(one for one in self.rest if name in names_in(one))


_IMPORTERS = frozenset({"import_module", "importlib.import_module"})


class Sources:
    """The modules of some packages, as a tree has them.

    Args:
        packages: Folder of each, by dotted name.

    Attributes:
        read: Modules that have been read, by dotted name.
    """

    def __init__(self, tree: Tree, packages: Mapping[str, Path]) -> None:
        self.read_file = tree.read
        self.names = cache(tree.names)
        self.packages = packages
        self.read: dict[str, Module] = {}
        self._missing: set[str] = set()

    def module(self, dotted: str) -> Module | None:
        """A module; None if it is not in the packages, not there, or no Python."""
        if dotted not in self.read and dotted not in self._missing:
            found = self._module(dotted)
            if found is None:
                self._missing.add(dotted)
            else:
                self.read[dotted] = found
        return self.read.get(dotted)

    def _module(self, dotted: str) -> Module | None:
        package = self.package(dotted)
        if package is None:
            return None
        path = self.packages[package].joinpath(*dotted[len(package) + 1 :].split("."))
        is_package = path.name in self.names(path.parent) and "__init__.py" in self.names(path)
        if is_package:
            path /= "__init__.py"
        elif f"{path.name}.py" in self.names(path.parent):
            path = path.with_name(f"{path.name}.py")
        else:
            return None
        content = self.read_file(path)
        try:
            return content if content is None else module(content, dotted, path, is_package=is_package)
        except Unreadable:
            return None

    def folder(self, dotted: str) -> Path | None:
        """The folder of a package inside the packages, or None."""
        package = self.package(dotted)
        if package is None or dotted == package:
            return None if package is None else self.packages[package]
        folder = self.packages[package].joinpath(*dotted[len(package) + 1 :].split("."))
        return folder if folder.name and folder.name in self.names(folder.parent) else None

    def package(self, dotted: str) -> str | None:
        """The innermost of the packages that a dotted name is in."""
        inside = [one for one in self.packages if dotted == one or dotted.startswith(f"{one}.")]
        return max(inside, key=len, default=None)

    def find(self, dotted: str, depth: int = 0) -> "tuple[Definition, tuple[str, ...]] | str":
        """Where a dotted name is defined in the packages, and which attributes of that it means.

        Returns:
            For what is not defined there, its name where it may be.
        """
        package = self.package(dotted)
        if package is None or depth > _MAX_REEXPORTS:
            return dotted
        here, name = self.module(package), package
        rest = dotted[len(package) + 1 :].split(".") if dotted != package else []
        while rest:
            part, *after = rest
            if here is not None:
                if part in here.imports and here.imports[part] != f"{name}.{part}":
                    return self.find(".".join([here.imports[part], *after]), depth + 1)
                if part in here.definitions or part in here.rebound:
                    return Definition(here, part), tuple(after)
            inner = self.module(f"{name}.{part}")
            if inner is None and here is not None and here.stars:
                found = [self.find(".".join([star, *rest]), depth + 1) for star in here.stars]
                return next((one for one in found if not isinstance(one, str)), "|".join(map(str, found)))
            here, name, rest = inner, f"{name}.{part}", after
        return dotted if here is None else (Definition(here, ""), ())


_MAX_REEXPORTS = 8


@lru_cache(maxsize=256)
def module(content: bytes, name: str, path: Path, *, is_package: bool = False) -> Module:
    """Read a module.

    Raises:
        Unreadable: It is no Python.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = ast.parse(content)
        except SyntaxError as error:
            raise Unreadable(f"line {error.lineno}: {error.msg}" if error.lineno else error.msg) from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise Unreadable(str(error) or "it is nested too deeply") from error
    return Module(name, path, tree, is_package, _global_names(tree) if b"global" in content else frozenset())


def _global_names(tree: ast.Module) -> frozenset[str]:
    return frozenset(name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names)


def digest(text: str | bytes) -> str:
    """A hash of 16 hexadecimal digits."""
    content = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    return blake2b(content, digest_size=8).hexdigest()


def bindings(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    """Names that code binds in its own scope, each with the node that does."""
    todo = list(nodes)
    while todo:
        node = todo.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node
                todo += node.decorator_list
                continue
            case ast.Lambda():
                continue
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                for inner in ast.walk(node):
                    if isinstance(inner, ast.NamedExpr):
                        yield inner.target.id, inner
                continue
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                for alias in names:
                    yield alias.asname or alias.name.partition(".")[0], node
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name, node
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name, node
            case ast.MatchMapping(rest=str(name)):
                yield name, node
        todo += ast.iter_child_nodes(node)


def _top(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements at the top of a module, but for those that mean nothing when it is imported."""
    for one in body:
        match one:
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                continue
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), orelse=[]):
                if all(map(_is_import, one.body)):
                    yield from one.body
                    continue
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if (
                len(names) == len(values) and all(isinstance(name, ast.Name) for name in names)
            ) and not any(isinstance(node, ast.Name | ast.Starred) for value in values for node in ast.walk(value)):
                for name, value in zip(names, values, strict=True):
                    yield ast.Assign(targets=[name], value=value)
                continue
        yield one


def _is_import(one: ast.stmt) -> bool:
    return isinstance(one, ast.Import | ast.ImportFrom)


def _bound_at_top(one: ast.stmt) -> Iterator[str]:
    match one:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=[ast.Name(id=name)]):
            yield name
        case _:
            yield from (name for name, _ in bindings([one]))


@lru_cache(maxsize=256)
def names_in(node: ast.AST) -> frozenset[str]:
    """Names that code reads or binds."""
    read = (inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))
    return frozenset({*read, *(name for name, _ in bindings([node]))})
