"""What names in a migration stand for."""

import ast
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field

from migsafe.history.modules import Definition, Module, Sources, bindings

_INNER = {
    r"django\.db\.models": (
        "aggregates|base|composite|constraints|deletion|enums|expressions|fields|files|generated|indexes|json|lookups|"
        "manager|proxy|query|query_utils|related|reverse_related"
    ),
    r"django\.db\.migrations": "base|fields|migration|models|operations|special",
    r"django\.contrib\.postgres\.fields": "array|citext|hstore|jsonb|ranges",
}
"""Packages of Django that have the names of modules below them."""

_REEXPORT = re.compile("|".join(rf"^({package})(?:\.(?:{inner}))+(?=\.\w)" for package, inner in _INNER.items()))

_MAX_ALIASES = 8


@dataclass
class Scope:
    """Names of a function, class or comprehension, inside others or at the top of a module.

    Attributes:
        names: What a local name is written as; empty until it is first written.
        imports: Names that are only imported.
        values: Names of a class that are bound once.
    """

    module: Module
    parent: "Scope | None" = None
    is_class: bool = False
    names: dict[str, str] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    values: dict[str, ast.expr] = field(default_factory=dict)

    def lookup(self, name: str) -> "Scope | None":
        """The scope that binds a name; None if that is the module."""
        scope: Scope | None = self
        while scope is not None and (
            (scope.is_class and scope is not self) or not (name in scope.names or name in scope.imports)
        ):
            scope = scope.parent
        return scope

    @classmethod
    def inside(cls, parent: "Scope", body: Iterable[ast.AST], *, is_class: bool = False) -> "Scope":
        """The scope of a body of code: what it binds, and what of that it only imports."""
        bound: dict[str, set[str]] = {}
        module = parent.module
        for name, by in bindings(body):
            imported = module.imported(by) if isinstance(by, ast.Import | ast.ImportFrom) else [(name, "")]
            bound.setdefault(name, set()).update(dotted for local, dotted in imported if local == name)
        imports = {name: dotted for name, (dotted, *others) in bound.items() if dotted and not others}
        return cls(module, parent, is_class, dict.fromkeys(bound.keys() - imports.keys(), ""), imports)

    @property
    def in_function(self) -> bool:
        """Whether code here runs later than the module is imported."""
        scope: Scope | None = self
        while scope is not None and scope.is_class:
            scope = scope.parent
        return scope is not None and scope.parent is not None


class Names:
    """Finds what expressions stand for.

    Args:
        migrations: Dotted name of the package of migrations.
    """

    def __init__(self, sources: Sources, migrations: str) -> None:
        self.sources = sources
        self.migrations = migrations

    def dotted(self, node: ast.expr, scope: Scope) -> str:
        """The name that an expression is, from its module on, as Django exports it; empty if it is no name."""
        attributes = chain(node)
        if not attributes:
            return ""
        name, *attributes = attributes
        found = scope.lookup(name)
        if found is not None:
            base = found.imports.get(name)
        else:
            alias = scope.module.definitions.get(name)
            if isinstance(alias, ast.Name | ast.Attribute) and name not in chain(alias):
                base = self.dotted(alias, Scope(scope.module))
            else:
                base = scope.module.imports.get(name) or f"{scope.module.name}.{name}"
        return as_exported(".".join([base, *attributes])) if base else ""

    def find(self, dotted: str, *, runs: bool) -> tuple[Definition, tuple[str, ...]] | str:
        """What a name stands for, if that is part of the migration, and attributes of it.

        Args:
            runs: Whether the migration runs it, or is made by it; not if it is, say, the default of a field.

        Returns:
            For what is only named, the name that counts.
        """
        found = self.sources.find(dotted)
        # Where a package has it from matters only to what runs.
        if isinstance(found, str):
            return found if runs or self._is_own(dotted) else dotted
        if self.is_part(found[0], runs=runs):
            return found
        definition, attributes = found
        there = ".".join(part for part in (definition.module.name, definition.name, *attributes) if part)
        return there if runs or self._is_own(dotted) else dotted

    def _is_own(self, dotted: str) -> bool:
        return f"{dotted}.".startswith(f"{self.migrations}.")

    def is_part(self, definition: Definition, *, runs: bool) -> bool:
        """Whether what a name of a module stands for is part of the migration."""
        module, name = definition
        if self._is_own(module.name):
            return True
        in_models = "models" in module.name.split(".")
        if not runs:
            value = module.definitions.get(name)
            return isinstance(value, ast.expr) and (not in_models or is_immutable(value))
        return not (in_models and (definition.is_class or not name))

    def member(self, dotted: str) -> tuple[ast.expr, Scope] | None:
        """The value of an attribute of a class in the packages, where that is written down: of an enumeration."""
        found = self.sources.find(dotted)
        if isinstance(found, str):
            return None
        definition, attributes = found
        node: ast.AST | None = definition.module.definitions.get(definition.name)
        for name in attributes:
            if not isinstance(node, ast.ClassDef):
                return None
            node = next((bound for one in node.body if (bound := _bound(one, name))), None)
        return (node, Scope(definition.module)) if isinstance(node, ast.expr) else None

    def value(self, node: ast.expr, scope: Scope) -> tuple[ast.expr, Scope] | None:
        """The expression that a name stands for; other expressions are their own. None if it is something else."""
        for _ in range(_MAX_ALIASES):
            if not isinstance(node, ast.Name | ast.Attribute):
                return node, scope
            here = scope.lookup(node.id) if isinstance(node, ast.Name) else None
            if here is not None and isinstance(node, ast.Name) and node.id in here.values:
                node, scope = here.values[node.id], here
                continue
            definition = self._definition(node, scope)
            value = definition and definition.module.definitions.get(definition.name)
            if definition is None or not isinstance(value, ast.expr) or definition.module.mentions(definition.name):
                return None
            node, scope = value, Scope(definition.module)
        return None

    def _definition(self, node: ast.Name | ast.Attribute, scope: Scope) -> Definition | None:
        if isinstance(node, ast.Name) and scope.lookup(node.id) is None and node.id in scope.module.definitions:
            return Definition(scope.module, node.id)
        dotted = self.dotted(node, scope)
        found = self.find(dotted, runs=False) if dotted else ""
        return None if isinstance(found, str) or found[1] else found[0]

    def text(self, node: ast.expr, scope: Scope) -> str | None:
        """The string that an expression is, if it is put together from constants."""
        match node:
            case ast.Constant(value=str(constant)):
                return constant
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                before, after = self.text(left, scope), self.text(right, scope)
                return None if before is None or after is None else before + after
            case ast.Call(func=ast.Attribute(value=inner, attr="strip"), args=[], keywords=[]):
                return None if (text := self.text(inner, scope)) is None else text.strip()
            case ast.Call(func=function, args=[inner], keywords=[]) if (
                self.dotted(function, scope) == "textwrap.dedent"
            ):
                return None if (text := self.text(inner, scope)) is None else textwrap.dedent(text)
            case ast.Name() | ast.Attribute():
                found = self.value(node, scope)
                return self.text(*found) if found else None
        return None

    def elements(self, node: ast.expr, scope: Scope) -> list[tuple[ast.expr, Scope]] | None:
        """What a list consists of; None if that is worked out."""
        match node:
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                parts = [
                    self.elements(one.value, scope) if isinstance(one, ast.Starred) else [(one, scope)]
                    for one in elements
                ]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                parts = [self.elements(left, scope), self.elements(right, scope)]
            case ast.Name() | ast.Attribute() if found := self.value(node, scope):
                parts = [self.elements(*found)]
            case _:
                return None
        return None if None in parts else [one for part in parts for one in part or ()]


PARAMETERS = {
    "AddConstraint": ("model_name", "constraint"),
    "AddField": ("model_name", "name", "field", "preserve_default"),
    "AddIndex": ("model_name", "index"),
    "AlterField": ("model_name", "name", "field", "preserve_default"),
    "AlterIndexTogether": ("name", "index_together"),
    "AlterModelManagers": ("name", "managers"),
    "AlterModelOptions": ("name", "options"),
    "AlterModelTable": ("name", "table"),
    "AlterModelTableComment": ("name", "table_comment"),
    "AlterOrderWithRespectTo": ("name", "order_with_respect_to"),
    "AlterUniqueTogether": ("name", "unique_together"),
    "CreateModel": ("name", "fields", "options", "bases", "managers"),
    "DeleteModel": ("name",),
    "RemoveConstraint": ("model_name", "name"),
    "RemoveField": ("model_name", "name"),
    "RemoveIndex": ("model_name", "name"),
    "RenameField": ("model_name", "old_name", "new_name"),
    "RenameIndex": ("model_name", "new_name", "old_name", "old_fields"),
    "RenameModel": ("old_name", "new_name"),
    "RunPython": ("code", "reverse_code", "atomic", "hints", "elidable"),
    "RunSQL": ("sql", "reverse_sql", "state_operations", "hints", "elidable"),
    "SeparateDatabaseAndState": ("database_operations", "state_operations"),
}
"""What Django's operations take, in the order in which they take it: it is said with or without the names."""


def named(node: ast.Call, kind: str) -> ast.Call:
    """A call with the names of all arguments, if it is one of an operation of Django's."""
    package, _, name = kind.rpartition(".")
    parameters = PARAMETERS.get(name, ()) if package == "django.db.migrations" else ()
    if len(node.args) > len(parameters) or any(isinstance(one, ast.Starred) for one in node.args):
        return node
    by_position = [ast.keyword(name, value) for name, value in zip(parameters, node.args, strict=False)]
    return ast.Call(func=node.func, args=[], keywords=[*by_position, *node.keywords])


def chain(node: ast.expr) -> list[str]:
    """A name and the attributes after it; empty for other expressions."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.insert(0, node.attr)
        node = node.value
    return [node.id, *attributes] if isinstance(node, ast.Name) else []


def as_exported(dotted: str) -> str:
    """A dotted name, as Django exports it where people import it from."""
    if not dotted.startswith("django."):
        return dotted
    return _REEXPORT.sub(lambda match: next(filter(None, match.groups())), dotted)


def _bound(statement: ast.stmt, name: str) -> ast.AST | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=bound)], value=value) if bound == name:
            return value
        case ast.ClassDef(name=bound) if bound == name:
            return statement
    return None


def is_immutable(node: ast.expr) -> bool:
    """Whether an expression is a value that is the same wherever it is made."""
    match node:
        case ast.Constant() | ast.JoinedStr():
            return True
        case ast.Tuple(elts=elements):
            return all(map(is_immutable, elements))
        case ast.UnaryOp(operand=operand):
            return is_immutable(operand)
        case ast.BinOp(left=left, right=right):
            return is_immutable(left) and is_immutable(right)
    return False
