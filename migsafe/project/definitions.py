"""How the models of two releases differ, and where the project defines them."""

import ast
import inspect
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter
from django.db.models import ManyToManyField

from migsafe.project.state import Key, column_of, relation, table_of

if TYPE_CHECKING:
    from django.db.models import Field

POSITIONS = {"to": 0, "on_delete": 1}
"""Arguments of relations that people write without their names."""

NAMED = ("indexes", "constraints")
"""Options that are lists of what has names."""

_MOVED = "django.db.models."


class SetArgument(msgspec.Struct, frozen=True, kw_only=True):
    """An argument of a field's call in a class body.

    Attributes:
        position: Where it may stand without its name.
        value: Python source; None takes the argument away.
        imports: What ``value`` needs.
    """

    field: str
    argument: str
    value: str | None
    position: int | None = None
    imports: tuple[str, ...] = ()


class SetClass(msgspec.Struct, frozen=True, kw_only=True):
    """Another class for a field: ``models.IntegerField``."""

    field: str
    value: str


class SetField(msgspec.Struct, frozen=True, kw_only=True):
    """A whole field; ``value`` None takes it away."""

    field: str
    value: str | None
    imports: tuple[str, ...] = ()


class SetName(msgspec.Struct, frozen=True, kw_only=True):
    """Another name for a field that else stays as it is."""

    field: str
    value: str


class SetOption(msgspec.Struct, frozen=True, kw_only=True):
    """An option of a model's Meta; ``value`` None takes it away."""

    option: str
    value: str | None
    imports: tuple[str, ...] = ()


class SetElement(msgspec.Struct, frozen=True, kw_only=True):
    """An index or constraint in a list of Meta, by its ``name=``; ``value`` None takes it away."""

    option: str
    name: str
    value: str | None
    imports: tuple[str, ...] = ()


Edit = SetArgument | SetClass | SetField | SetName | SetOption | SetElement
"""One thing that changes in the class of a model."""


class ModelEdits(msgspec.Struct, frozen=True):
    """How the definition of a model changes.

    Attributes:
        label: Lower-case ``app_label.model_name``.
        edits: In order; those of one field or option follow each other.
    """

    label: str
    edits: tuple[Edit, ...]


class Definition(msgspec.Struct, frozen=True):
    """Where a model, or a field of it, is defined.

    Attributes:
        path: Absolute path.
        name: Of the class, dotted if it lies in another.
        line: 1-based line of the field, or of the class.
    """

    path: str
    name: str
    line: int


def defined(label: str, field: str | None = None) -> Definition | None:
    """Find the class that defines a model, or a field that it may have from an abstract one; None if nobody has it."""
    try:
        model = apps.get_model(label)
    except LookupError:
        return None
    for base in model.__mro__:
        with suppress(OSError, TypeError, SyntaxError):
            path = inspect.getsourcefile(base)
            if path and (line := _line(Path(path), base.__qualname__, field)):
                return Definition(str(Path(path).resolve()), base.__qualname__, line)
    return None


def sharing(field: str, definition: Definition) -> set[str]:
    """Lower-case labels of the models that have a field as one class defines it."""
    models = [
        model._meta
        for model in apps.get_models(include_auto_created=True)
        if any(one.name == field for one in (*model._meta.local_fields, *model._meta.local_many_to_many))
    ]
    return {one.label_lower for one in models if defined(one.label_lower, field) == definition}


def _line(path: Path, name: str, field: str | None) -> int | None:
    """Where a class, or a field in it, begins."""
    body: list[ast.stmt] = ast.parse(path.read_bytes()).body
    line = None
    for part in name.split("."):
        classes = [one for one in body if isinstance(one, ast.ClassDef) and one.name == part]
        body, line = (classes[-1].body, classes[-1].lineno) if classes else ([], None)
    if field is None:
        return line
    for one in body:
        targets = one.targets if isinstance(one, ast.Assign) else [one.target] if isinstance(one, ast.AnnAssign) else []
        if any(isinstance(target, ast.Name) and target.id == field for target in targets):
            return one.lineno
    return None


def edits(before: ProjectState, after: ProjectState, labels: set[str]) -> Iterator[ModelEdits]:
    """What changes in the definitions of models from one release to the next.

    Args:
        labels: Models to look at: lower-case ``app_label.model_name``.
    """
    for label in sorted(labels):
        old, new = _model(before, label), _model(after, label)
        if old and new and (found := tuple(_edits(old, new))):
            yield ModelEdits(label, found)


def differences(one: ProjectState, other: ProjectState, kept: Mapping[str, str]) -> tuple[str, ...]:
    """Say in words how two states differ, sorted.

    Args:
        kept: Names of tables and columns of the first that stand for others of the second (`Way.keeps`).
    """
    first, second = _models(one), _models(other)
    found = [
        f"model {'.'.join(key)} is only {'in the plan' if key in first else 'in the original'}"
        for key in first.keys() ^ second.keys()
    ]
    found += [
        f"model {'.'.join(key)}: {described(edit)}"
        for key in first.keys() & second.keys()
        for edit in _edits(first[key], second[key], kept)
    ]
    return tuple(sorted(found))


def described(edit: Edit) -> str:
    """An edit in words."""
    match edit:
        case SetArgument(field=field, argument=argument, value=value):
            return f"{field} should have {argument}={value}" if value else f"{field} should not have {argument}"
        case SetClass(field=field, value=value):
            return f"{field} should be a {value}"
        case SetField(field=field, value=value):
            return f"{field} should be {value}" if value else f"{field} should not be there"
        case SetName(field=field, value=value):
            return f"{field} should be called {value}"
        case SetOption(option=option, value=value):
            return f"{option} should be {value}"
        case SetElement(option=option, name=name, value=value):
            return f"{name} in {option} should be {value}" if value else f"{name} should not be in {option}"


def _models(state: ProjectState) -> dict[Key, ModelState]:
    """As they are: taken out of a historical state one by one, they would be cloned."""
    return dict(dict.items(state.models))


def _model(state: ProjectState, label: str) -> ModelState | None:
    app, _, name = label.partition(".")
    return _models(state).get((app, name))


def _edits(old: ModelState, new: ModelState, kept: Mapping[str, str] | None = None) -> Iterator[Edit]:
    """What makes the old model the new one."""
    names = kept or {}
    table, end = relation(table_of(old)), relation(table_of(new))
    same_table = names.get(table) == end
    renamed = _renamed(old, new)
    for name in dict.fromkeys((*old.fields, *new.fields)):
        if name in renamed:
            yield SetName(field=name, value=renamed[name])
        if name in renamed or name in renamed.values():
            continue
        before, after = old.fields.get(name), new.fields.get(name)
        if before is after:
            continue
        if after is None:
            yield SetField(field=name, value=None)
        elif before is None:
            source, imports = _source(after)
            yield SetField(field=name, value=source, imports=imports)
        else:
            column, ends = f"{table}.{column_of(name, before)}", f"{end}.{column_of(name, after)}"
            ignored = "db_column" if names.get(column) == ends or (same_table and column in names) else None
            if isinstance(before, ManyToManyField) and getattr(before, "db_table", None) in names:
                ignored = "db_table"
            yield from _field_edits(name, before, after, ignored)
    for option in sorted(old.options.keys() | new.options.keys()):
        if same_table and option == "db_table":
            continue
        yield from _option_edits(option, old.options.get(option), new.options.get(option))
    if old.bases != new.bases:
        yield SetOption(option="bases", value=repr(new.bases))


def _renamed(old: ModelState, new: ModelState) -> dict[str, str]:
    """Fields of which only the name differs: old name → new name."""
    gone = [name for name in old.fields if name not in new.fields]
    come = [name for name in new.fields if name not in old.fields]
    pairs = {}
    for name in gone:
        same = [one for one in come if _same(old.fields[name].deconstruct()[1:], new.fields[one].deconstruct()[1:])]
        if len(same) == 1:
            come.remove(same[0])
            pairs[name] = same[0]
    return pairs


def _field_edits(name: str, before: "Field[Any, Any]", after: "Field[Any, Any]", ignored: str | None) -> Iterator[Edit]:
    _, old_path, old_arguments, old = before.deconstruct()
    _, new_path, new_arguments, new = after.deconstruct()
    if list(old_arguments) != list(new_arguments):
        source, imports = _source(after)
        yield SetField(field=name, value=source, imports=imports)
        return
    if old_path != new_path:
        yield SetClass(field=name, value=new_path.replace(_MOVED, "models."))
    for argument in sorted(old.keys() | new.keys()):
        if argument == ignored or _same(old.get(argument, _Missing), new.get(argument, _Missing)):
            continue
        value, imports = _source(new[argument]) if argument in new else (None, ())
        yield SetArgument(field=name, argument=argument, value=value, position=POSITIONS.get(argument), imports=imports)


def _option_edits(option: str, before: Any, after: Any) -> Iterator[Edit]:
    if option in NAMED:
        old = {one.name: one for one in before or ()}
        new = {one.name: one for one in after or ()}
        for name in dict.fromkeys((*old, *new)):
            if not _same(old.get(name), new.get(name)):
                value, imports = _source(new[name]) if name in new else (None, ())
                yield SetElement(option=option, name=name, value=value, imports=imports)
    elif not _same(before or None, after or None):
        value, imports = _source(after) if after else (None, ())
        yield SetOption(option=option, value=value, imports=imports)


class _Missing:
    """Stands for an argument that is not given."""


def _same(one: Any, other: Any) -> bool:
    return one is other or bool(_deep(one) == _deep(other))


def _deep(value: Any) -> Any:
    detector: Any = MigrationAutodetector
    return detector.deep_deconstruct(detector.__new__(detector), value)


def _source(value: Any) -> tuple[str, tuple[str, ...]]:
    try:
        text, imports = MigrationWriter.serialize(value)
    except ValueError:  # what Django cannot write into a migration either
        return repr(value), ()
    return text, tuple(sorted(imports))
