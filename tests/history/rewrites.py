"""Other ways to write a migration, and other migrations."""

import ast
import io
import shutil
import subprocess
import tokenize
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from itertools import count
from random import Random

from migsafe.history.modules import bindings
from migsafe.history.names import PARAMETERS

Rewrite = Callable[[Random, str], str]
Block = list[ast.stmt]

RUFF = shutil.which("ruff")


# Cosmetic


def comments(random: Random, text: str) -> str:
    lines = text.splitlines(keepends=True)
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(text).readline))):
        if token.type == tokenize.NEWLINE and random.random() < 0.3:
            line = lines[token.end[0] - 1]
            lines[token.end[0] - 1] = f"{line.rstrip()}  # {random.random()}\n"
    return "# checked\n" + "".join(lines)


def unparse(_random: Random, text: str) -> str:
    return ast.unparse(ast.parse(text))


def formatted(random: Random, text: str) -> str:
    if RUFF is None:
        return unparse(random, text)
    options = [f"line-length={random.choice((60, 100, 300))}", f"format.quote-style='{random.choice(QUOTES)}'"]
    options.append(f"format.skip-magic-trailing-comma={random.choice(('true', 'false'))}")
    command = [
        RUFF,
        "format",
        "--isolated",
        "--stdin-filename=x.py",
        *(f"--config={option}" for option in options),
        "-",
    ]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


QUOTES = ("single", "double", "preserve")


def docstrings(random: Random, text: str) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and random.random() < 0.7:
            if ast.get_docstring(node) is None:
                node.body.insert(0, ast.Expr(ast.Constant(f"Does {random.random()}.")))
            elif len(node.body) > 1:
                del node.body[0]
    return _text(tree)


def annotations(_random: Random, text: str) -> str:
    tree = ast.parse(text)
    for node in _functions(tree):
        node.returns = ast.Constant(None)
        for argument in node.args.args:
            argument.annotation = ast.Constant("Any")
    return _text(tree)


def imports_shuffled(random: Random, text: str) -> str:
    tree = ast.parse(text)
    places = [index for index, one in enumerate(tree.body) if _is_import(one)]
    found = [tree.body[index] for index in places]
    random.shuffle(found)
    for index, one in zip(places, found, strict=True):
        if isinstance(one, ast.Import | ast.ImportFrom):
            random.shuffle(one.names)
        tree.body[index] = one
    return _text(tree)


def import_style(random: Random, text: str) -> str:
    """Another name for what is imported, another way to import it, or the import where it is used."""
    tree = ast.parse(text)
    body: Block = []
    renamed: dict[str, ast.expr] = {}
    for one in tree.body:
        if not isinstance(one, ast.ImportFrom) or one.level or one.module == "__future__" or random.random() < 0.3:
            body.append(one)
            continue
        for alias in one.names:
            name, dotted = alias.asname or alias.name, f"{one.module}.{alias.name}"
            if name == "migrations" or random.random() < 0.5:
                body.append(ast.ImportFrom(one.module, [ast.alias(alias.name, f"{name}_of")], 0))
                renamed[name] = ast.Name(f"{name}_of")
            else:
                body.append(ast.Import([ast.alias(str(one.module))]))
                renamed[name] = ast.parse(dotted, mode="eval").body
    if renamed.keys() & {name for node in _functions(tree) for name, _ in bindings(node.body)}:
        return text
    tree.body = body
    return _text(_Replaced(renamed).visit(tree))


def locals_renamed(random: Random, text: str) -> str:
    tree = ast.parse(text)
    called = {keyword.arg for call in ast.walk(tree) if isinstance(call, ast.Call) for keyword in call.keywords}
    for node in _functions(tree):
        inside = list(ast.walk(node))
        if any(isinstance(one, ast.Global | ast.Nonlocal | ast.Lambda) for one in inside) or _nests(node):
            continue
        mine = [name for name, by in bindings(node.body) if isinstance(by, ast.Name)]
        if node.args.kwarg is None:
            mine += [argument.arg for argument in node.args.args if argument.arg not in called]
        names = {name: f"{name}_{random.randrange(100)}" for name in mine if random.random() < 0.7}
        for one in inside:
            if isinstance(one, ast.Name) and one.id in names:
                one.id = names[one.id]
            elif isinstance(one, ast.arg) and one.arg in names:
                one.arg = names[one.arg]
    return _text(tree)


def definitions_shuffled(random: Random, text: str) -> str:
    tree = ast.parse(text)
    places = [index for index, one in enumerate(tree.body) if isinstance(one, ast.FunctionDef)]
    found = [tree.body[index] for index in places]
    random.shuffle(found)
    for index, one in zip(places, found, strict=True):
        tree.body[index] = one
    return _text(tree)


def constants_extracted(random: Random, text: str) -> str:
    tree = ast.parse(text)
    migration = _migration(tree)
    extracted: Block = []

    class Extract(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.expr:
            if not isinstance(node.value, str | int) or random.random() < 0.6:
                return node
            name = _free("CONSTANT", text, len(extracted))
            extracted.append(ast.Assign([ast.Name(name)], node))
            return ast.Name(name)

        def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
            return node

    for one in migration.body:
        if isinstance(one, ast.Assign):
            Extract().visit(one)
    index = tree.body.index(migration)
    tree.body[index:index] = extracted
    return _text(tree)


def arguments_named(_random: Random, text: str) -> str:
    tree = ast.parse(text)
    for call in _operations(tree):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name in PARAMETERS and not any(isinstance(one, ast.Starred) for one in call.args):
            named = zip(PARAMETERS[name], call.args, strict=False)
            call.keywords = [*call.keywords, *(ast.keyword(name, value) for name, value in named)]
            call.args = []
    return _text(tree)


def unused(random: Random, text: str) -> str:
    tree = ast.parse(text)
    places = [index for index, one in enumerate(tree.body) if not _is_import(one)]
    name = _free("unused", text)
    more = f"import decimal as {name}", f"def {name}(): return 1", f"{name} = 5"
    tree.body.insert(random.choice(places[1:] or places), ast.parse(random.choice(more)).body[0])
    return _text(tree)


COSMETIC: tuple[Rewrite, ...] = (
    comments, unparse, formatted, docstrings, annotations, imports_shuffled, import_style, locals_renamed,
    definitions_shuffled, constants_extracted, arguments_named, unused,
)  # fmt: skip


# Semantic


class Editable:
    """A migration that can be edited in many places, each time to one that says something else."""

    def __init__(self, text: str) -> None:
        self.tree = ast.parse(text)
        migration = _migration(self.tree)
        graph = [one for one in migration.body if isinstance(one, ast.Assign) and _names(one) <= GRAPH]
        forwards = {
            call.args[0].id
            for call in _operations(self.tree)
            if isinstance(call.func, ast.Attribute) and call.func.attr == "RunPython"
            if call.args and isinstance(call.args[0], ast.Name)
        }
        self._graph = _ids(graph)
        self._forwards = _ids([one for one in _functions(self.tree) if one.name in forwards])
        nowhere = [one for one in ast.walk(self.tree) if isinstance(one, ast.arg) or _is_docstring(one)]
        nowhere += [target for one in migration.body if isinstance(one, ast.Assign) for target in one.targets]
        parts = [one for one in self.tree.body if isinstance(one, ast.ClassDef | ast.FunctionDef | ast.Assign)]
        # The order of dependencies is none.
        ordered = {id(one.value) for one in graph if _names(one) <= {"dependencies", "run_before"}}
        counts = _ids(parts) - _ids(nowhere) - ordered
        self.places = [
            index for index, node in enumerate(ast.walk(self.tree)) if id(node) in counts and _edit(node) is not None
        ]

    def edited(self, place: int) -> tuple[str, str]:
        """Its text after an edit, and what that surely changes: ``graph``, ``python`` or ````."""
        node = next(one for index, one in enumerate(ast.walk(self.tree)) if index == place)
        tree = deepcopy(self.tree)
        edit = _edit(node)
        assert edit is not None
        edit(next(one for index, one in enumerate(ast.walk(tree)) if index == place))
        changes = "graph" if id(node) in self._graph else "python" if id(node) in self._forwards else ""
        return _text(tree), changes


GRAPH = {"dependencies", "run_before", "replaces", "initial"}


def _edit(node: ast.AST) -> Callable[[ast.AST], None] | None:
    match node:
        case ast.Constant(value=bool(value)):
            return lambda one: setattr(one, "value", not value)
        case ast.Constant(value=int(number)):
            return lambda one: setattr(one, "value", number + 1)
        case ast.Constant(value=str(value)):
            return lambda one: setattr(one, "value", f"{value}x")
        case ast.Attribute(attr=name):
            return lambda one: setattr(one, "attr", f"{name}x")
        case ast.keyword(arg=str(name)):
            return lambda one: setattr(one, "arg", f"{name}x")
        case ast.Call(args=[first, second, *_]) if ast.dump(first) != ast.dump(second):
            return _swap_arguments
        case ast.List(elts=[first, second, *_]) if ast.dump(first) != ast.dump(second):
            return _swap_elements
        case ast.List(elts=[_, *_]) | ast.Tuple(elts=[_, *_]):
            return lambda one: one.elts.pop()  # type: ignore[attr-defined]
        case ast.Compare(ops=[ast.Eq()]):
            return lambda one: setattr(one, "ops", [ast.NotEq()])
        case ast.If():
            return lambda one: setattr(one, "test", ast.Constant(1))
        case ast.For() | ast.With():
            return lambda one: one.body.append(ast.Return(ast.Constant(1)))  # type: ignore[attr-defined]
        case ast.FunctionDef(body=[_, _, *_]):
            return lambda one: one.body.pop()  # type: ignore[attr-defined]
    return None


def _swap_arguments(node: ast.AST) -> None:
    assert isinstance(node, ast.Call)
    node.args[:2] = node.args[1::-1]


def _swap_elements(node: ast.AST) -> None:
    assert isinstance(node, ast.List)
    node.elts[:2] = node.elts[1::-1]


# Syntax trees


def _text(tree: ast.Module) -> str:
    return ast.unparse(ast.fix_missing_locations(tree))


def _ids(nodes: Iterable[ast.AST]) -> set[int]:
    return {id(inner) for node in nodes for inner in ast.walk(node)}


def _is_docstring(one: ast.AST) -> bool:
    return isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)


def _free(prefix: str, text: str, index: int = 0) -> str:
    """A name that a text does not have, another one for each index."""
    number = next(number for number in count() if f"{prefix}_{number}_" not in text)
    return f"{prefix}_{number}_{index}"


def _is_import(one: ast.stmt) -> bool:
    return isinstance(one, ast.Import | ast.ImportFrom)


def _names(node: ast.Assign) -> set[str]:
    return {target.id for target in node.targets if isinstance(target, ast.Name)}


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    yield from (one for one in tree.body if isinstance(one, ast.FunctionDef))


def _nests(node: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.FunctionDef | ast.ClassDef) and one is not node for one in ast.walk(node))


def _migration(tree: ast.Module) -> ast.ClassDef:
    return next(one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == "Migration")


def _operations(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(_migration(tree)):
        match node:
            case ast.Assign(targets=[ast.Name(id="operations")], value=ast.List(elts=elements)):
                yield from (one for one in elements if isinstance(one, ast.Call))


class _Replaced(ast.NodeTransformer):
    def __init__(self, names: dict[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return deepcopy(self.names.get(node.id, node))
