"""RunPython operations: which functions they call, and what these meet. Nothing of it is run.

What a name in a migration's file stands for is looked up in the modules that are loaded anyway; what the historical
models have is read from their `ModelState`, since rendering models is what a replay costs.
"""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property, partial
from importlib.util import resolve_name
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from django.apps import apps as registry
from django.conf import settings
from django.db import connection, connections, router
from django.db.backends.utils import strip_quotes, truncate_name
from django.db.migrations.operations import RunPython, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.utils import resolve_relation
from django.db.models import (
    NOT_PROVIDED,
    DateField,
    DateTimeField,
    Field,
    FileField,
    ForeignObject,
    Manager,
    ManyToManyField,
    Model,
    OneToOneField,
    QuerySet,
    TimeField,
)

from migsafe.project.state import MAX_NAME_LENGTH, Key, Registries, automatic_table
from migsafe.python import Default, HistoricalField, HistoricalModel, HistoricalModels, PythonFunction
from migsafe.python.source import Source, source

Meet = Callable[[RunPython, ProjectState], None]

QUERY_METHODS = frozenset(dir(QuerySet))
"""Names on Django's QuerySet."""

_MODEL = frozenset((*dir(Model), "DoesNotExist", "MultipleObjectsReturned", "NotUpdated"))
_MANAGER = frozenset(dir(Manager))
_KINDS = (ForeignObject, ManyToManyField)


# Operations


def run_pythons(operation: Operation) -> Iterator[RunPython]:
    """The operation itself or those in it that run Python code."""
    if isinstance(operation, RunPython):
        yield operation
    elif isinstance(operation, SeparateDatabaseAndState):
        for nested in operation.database_operations:
            yield from run_pythons(nested)


def is_migrated(operation: Operation, app: str, alias: str) -> bool:
    """Whether the routers let an operation change a database, or ``migrate`` call the code of a RunPython."""
    model = getattr(operation, "model_name_lower", None) or getattr(operation, "name_lower", None)
    hints = getattr(operation, "hints", {"model_name": model} if model else {})
    with suppress(Exception):  # a router may need the database
        return bool(router.allow_migrate(alias, app, **hints))
    return True


def without_python(operation: Operation, meet: Meet) -> Operation:
    """The operation without the Python code in it, which is not run.

    Args:
        meet: Called with each RunPython that would have been run, and the state that it would have met.
    """
    return with_python(operation, lambda python: Nothing(partial(meet, python)))


def with_python(operation: Operation, replace: Callable[[RunPython], Operation]) -> Operation:
    """The operation with something else in the place of each RunPython that it is or has."""
    if isinstance(operation, RunPython):
        return replace(operation)
    if not any(run_pythons(operation)):
        return operation
    assert isinstance(operation, SeparateDatabaseAndState)
    changed = SeparateDatabaseAndState.__new__(type(operation))
    vars(changed).update(vars(operation))
    changed.database_operations = [with_python(nested, replace) for nested in operation.database_operations]
    return changed


class Nothing(Operation):
    """Stands for code that is not run."""

    def __init__(self, meet: Callable[[ProjectState], None] = lambda _: None) -> None:
        self.meet = meet

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self.meet(from_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        pass


def opaque(operations: list[RunPython]) -> str | None:
    """Why the effect of operations on data is not known; None if there are none."""
    names = ", ".join(_name(_innermost(each.code)) for each in operations if each.code is not RunPython.noop)
    return f"runs Python code: {names}" if names else None


def source_of(operations: list[RunPython]) -> str | None:
    """Source of the forward functions, or None if there are none or that of one can't be had."""
    codes = [inspect.unwrap(_innermost(each.code)) for each in operations if each.code is not RunPython.noop]
    try:
        return "\n\n".join(textwrap.dedent(inspect.getsource(code)) for code in codes) or None
    except (OSError, TypeError, ValueError):
        return None


# Functions


def functions(
    operation: RunPython, models: HistoricalModels, *, several_databases: bool = False
) -> Iterator[PythonFunction]:
    """The functions that a RunPython calls: the one that unapplies it last."""
    reverse = operation.reverse_code
    for code in [operation.code] if reverse is None else [operation.code, reverse]:
        if code is not RunPython.noop:
            yield _described(code, models, reverse=code is not operation.code, several_databases=several_databases)


def _described(code: Any, models: HistoricalModels, *, reverse: bool, several_databases: bool) -> PythonFunction:
    inner = inspect.unwrap(_innermost(code))
    inner = inner if inspect.isroutine(inner) else getattr(type(inner), "__call__", inner)  # noqa: B004
    inner = getattr(inner, "__func__", inner)
    compiled = getattr(inner, "__code__", None)
    path = compiled.co_filename if isinstance(compiled, CodeType) else None
    text = source(path) if path and Path(path).exists() else None
    apps, editor = _parameters(code)
    known, real = _names(text, getattr(inner, "__globals__", {})) if text else ({}, {})
    signature, refuses = _refusal(code)
    return PythonFunction(
        name=_name(_innermost(code)),
        reverse=reverse,
        path=path if text else None,
        line=compiled.co_firstlineno if text and compiled else None,
        apps=apps,
        editor=editor,
        signature=signature,
        refuses=refuses,
        known=known,
        real_models=real,
        models=models,
        several_databases=several_databases,
    )


def _innermost(code: Any) -> Any:
    while isinstance(code, partial):
        code = code.func
    return code


def _name(code: Any) -> str:
    return getattr(code, "__qualname__", None) or type(code).__qualname__


def _refusal(code: Any) -> tuple[str, str | None]:
    """The parameters of a function, and why a call with a registry and a schema editor fails or does nothing."""
    try:
        signature = inspect.signature(code, follow_wrapped=False)
    except (TypeError, ValueError):
        return "", None
    try:
        signature.bind("apps", "schema_editor")
    except TypeError as error:
        return str(signature), str(error)
    if inspect.iscoroutinefunction(code):
        return str(signature), "it is a coroutine, which nobody awaits"
    if inspect.isgeneratorfunction(code):
        return str(signature), "it has a yield, so calling it runs nothing of it"
    return str(signature), None


def _parameters(code: Any) -> tuple[str | None, str | None]:
    """The parameters that get the registry and the schema editor; a decorator may have changed all but their names."""
    try:
        signature = inspect.signature(code)
        if inspect.unwrap(_innermost(code)) is not _innermost(code):
            names = signature.parameters
            return "apps" if "apps" in names else None, "schema_editor" if "schema_editor" in names else None
        given = signature.bind("apps", "schema_editor").arguments.items()
    except (TypeError, ValueError):
        return None, None
    found = {value: name for name, value in given if isinstance(value, str)}
    return found.get("apps"), found.get("schema_editor")


def _names(text: Source, scope: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """What names in a file stand for: things of Django's by their dotted name, and models as they are today."""
    known: dict[str, str] = {}
    real: dict[str, str] = {}
    scope = {**scope, **_imported(text.tree, str(scope.get("__package__") or ""))}
    for written in text.dotted_names:
        value = _value(written, scope)
        if isinstance(value, type) and issubclass(value, Model):
            if value is not Model and value._meta.apps is registry and not value._meta.abstract:
                real[written] = value._meta.label
        elif value is registry:
            known[written] = "django.apps.registry.apps"
        elif value is connection:
            known[written] = "django.db.connection"
        elif str(getattr(value, "__module__", "")).startswith("django."):
            known[written] = f"{value.__module__}.{getattr(value, '__qualname__', '')}"
    return known, real


def _imported(tree: ast.Module, package: str) -> dict[str, Any]:
    """What functions import when they run, as far as it is loaded already."""
    found: dict[str, Any] = {}
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=module, names=names, level=level):
                with suppress(ImportError, ValueError):
                    origin = sys.modules.get(resolve_name("." * level + (module or ""), package or None))
                    for alias in names:
                        found[alias.asname or alias.name] = getattr(origin, alias.name, None)
            case ast.Import(names=names):
                for alias in names:
                    name = alias.name if alias.asname else alias.name.partition(".")[0]
                    found[alias.asname or name] = sys.modules.get(name)
    return {name: value for name, value in found.items() if value is not None}


def _value(written: str, scope: Mapping[str, Any]) -> Any:
    first, *rest = written.split(".")
    value = scope.get(first)
    for name in rest:
        value = vars(value).get(name) if isinstance(value, ModuleType) else None
    return value


def databases(app: str) -> int:
    """In how many databases an app's models are migrated; replicas and other ways to the same one do not count."""
    found = set()
    for alias in connections:
        configured = connections.settings[alias]
        name = configured.get("NAME") or configured.get("OPTIONS", {}).get("service") or configured.get("HOST")
        with suppress(Exception):  # a router may need the database
            if not configured.get("TEST", {}).get("MIRROR") and router.allow_migrate(alias, app):
                found.add((configured.get("ENGINE"), str(name)))
    return len(found)


# Models


def introduced(before: ProjectState, after: ProjectState) -> Iterator[str]:
    """What a migration adds: lower-case ``app_label.model_name``, and ``app_label.model_name.field_name``."""
    old_states, new_states = _seen(before), _seen(after)
    for key, new in new_states.items():
        old = old_states.get(key)
        if new is old:
            continue
        label = ".".join(key)
        if old is None:
            yield label
        for name in new.fields.keys() - (old.fields.keys() if old else ()):
            yield f"{label}.{name}"


def _seen(state: ProjectState) -> dict[Key, ModelState]:
    """The models of a state as they are: taken out of it one by one, they would be cloned."""
    return dict(dict.items(state.models))


class Described:
    """Descriptions of models, kept for as long as a model does not change.

    Args:
        registries: Where the models of apps without migrations are.
    """

    def __init__(self, registries: Registries) -> None:
        self._registries = registries
        self._kept: dict[int, tuple[ModelState, HistoricalModel]] = {}

    @cached_property
    def _unmigrated(self) -> dict[str, HistoricalModel]:
        # Their relations are not known.
        return {".".join(key): _model(one, closed=False) for key, one in self._registries.unmigrated.items()}

    def models(self, state: ProjectState) -> dict[str, HistoricalModel]:
        """Describe all models of a state, by lower-case label."""
        return {**self._unmigrated, **{".".join(key): self._model(one) for key, one in _seen(state).items()}}

    def _model(self, state: ModelState) -> HistoricalModel:
        kept = self._kept.get(id(state))
        if kept is None:
            kept = self._kept[id(state)] = (state, _model(state))
        return kept[1]


def _model(state: ModelState, *, closed: bool = True) -> HistoricalModel:
    mixins = [base for base in state.bases if not isinstance(base, str)]
    bases = [".".join(resolve_relation(base, state.app_label)) for base in state.bases if isinstance(base, str)]
    proxy = bool(state.options.get("proxy"))
    fields = {name: _field(name, field, state) for name, field in state.fields.items()}
    if not any(field.primary_key for field in fields.values()) and not bases:
        fields["id"] = HistoricalField(name="id", attname="id", column="id", unique=True, primary_key=True)
    if bases and not proxy and not any(one.refers_to in bases for one in fields.values()):
        for base in bases:
            name = f"{base.rpartition('.')[2]}_ptr"
            fields[name] = HistoricalField(
                name=name,
                attname=f"{name}_id",
                column=f"{name}_id",
                refers_to=base,
                unique=True,
                query_name=state.name_lower,
                accessor=state.name_lower,
            )
    table = state.options.get("db_table") or truncate_name(f"{state.app_label}_{state.name_lower}", MAX_NAME_LENGTH)
    swappable = state.options.get("swappable")
    return HistoricalModel(
        label=f"{state.app_label}.{state.name}",
        table=strip_quotes(table),
        fields=fields,
        bases=tuple(bases),
        attributes=_MODEL.union(*map(dir, mixins)) if mixins not in ([], [Model]) else _MODEL,
        managers={name: frozenset(dir(manager)) for name, manager in state.managers}
        or ({} if bases else {"objects": _MANAGER}),
        proxy=proxy,
        managed=bool(state.options.get("managed", True)),
        closed=closed
        and not (
            any(_is_open(field) for field in state.fields.values())
            or any(hasattr(base, "__getattr__") or (issubclass(base, Model) and base is not Model) for base in mixins)
            or state.options.get("order_with_respect_to")
            or (swappable and getattr(settings, swappable, "").lower() != f"{state.app_label}.{state.name}".lower())
        ),
    )


def _field(name: str, field: "Field[Any, Any]", state: ModelState) -> HistoricalField:
    remote: Any = field.remote_field
    column: str | None = f"{name}_id" if isinstance(field, ForeignObject) and not _columnless(field) else name
    relation: dict[str, Any] = {}
    if remote is not None and isinstance(field, _KINDS):
        relation = {
            "refers_to": ".".join(resolve_relation(remote.model, state.app_label, state.name_lower)),
            "query_name": _reverse(remote.related_query_name, state) or _reverse(_related_name(remote, state), state)
            or state.name_lower,
            "accessor": _reverse(_related_name(remote, state), state)
            or (state.name_lower if isinstance(field, OneToOneField) else f"{state.name_lower}_set"),
            "to_field": getattr(remote, "field_name", None),
            "through": ".".join(resolve_relation(remote.through, state.app_label, state.name_lower))
            if getattr(remote, "through", None) is not None and not isinstance(field, ForeignObject)
            else None,
        }  # fmt: skip
    many = isinstance(field, ManyToManyField) or bool(field.many_to_many)
    attributes = [f"get_{name}_display"] if field.choices else []
    if isinstance(field, DateField):
        attributes += [f"get_next_by_{name}", f"get_previous_by_{name}"]
    kind: Any = type(field)
    follows = "get_lookup", "get_transform"
    overridden = any(getattr(kind, each) is not getattr(Field, each) for each in follows)
    unknown = remote is not None and not isinstance(field, _KINDS)
    return HistoricalField(
        name=name,
        attname=column or name,
        column=None if many or (isinstance(field, ForeignObject) and _columnless(field)) else field.db_column or column,
        many=many,
        unique=bool(field.unique) or isinstance(field, OneToOneField),
        primary_key=bool(field.primary_key),
        lookups=None if overridden or unknown else frozenset(kind.get_lookups()),
        attributes=tuple(attributes),
        kind=f"{kind.__module__}.{kind.__qualname__}",
        bases=tuple(base.__name__ for base in kind.__mro__ if issubclass(base, Field)),
        null=bool(field.null),
        blank=bool(field.blank),
        db_index=bool(vars(field).get("db_index")),
        max_length=getattr(field, "max_length", None),
        default=_default(field),
        db_default=getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED,
        generated=bool(getattr(field, "generated", False)),
        automatic=bool(getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)),
        presaved=_presaved(field),
        comment=getattr(field, "db_comment", None),
        db_constraint=bool(getattr(field, "db_constraint", True)),
        join_table=automatic_table(state, name, field) if many else None,
        **relation,
    )


def _presaved(field: "Field[Any, Any]") -> bool:
    """Whether saving a row that is there gives the field a value."""
    own = type(field).pre_save
    if own in (DateField.pre_save, DateTimeField.pre_save, TimeField.pre_save):
        return bool(getattr(field, "auto_now", False))
    return own not in (Field.pre_save, FileField.pre_save)


def _default(field: "Field[Any, Any]") -> Default | None:
    if not field.has_default():
        return None
    value = field.default
    if callable(value):
        name = getattr(value, "__qualname__", None)
        return Default(function=f"{value.__module__}.{name}" if name else type(value).__qualname__)
    plain = value is None or isinstance(value, str | bytes | bool | int | float)
    return Default(code=repr(value) if plain else None)


def _columnless(field: "Field[Any, Any]") -> bool:
    """Whether a relation has no column of its own, as a plain ForeignObject."""
    return type(field).get_attname is Field.get_attname


def _related_name(remote: Any, state: ModelState) -> str | None:
    name: str | None = remote.related_name or state.options.get("default_related_name")
    return name


def _reverse(name: str | None, state: ModelState) -> str | None:
    if not name:
        return None
    return name % {"class": state.name_lower, "model_name": state.name_lower, "app_label": state.app_label.lower()}


def _is_open(field: "Field[Any, Any]") -> bool:
    """Whether the class of a field may give models more than the field."""
    return any(
        "contribute_to_class" in vars(kind) and not kind.__module__.startswith("django.")
        for kind in type(field).__mro__
    )
