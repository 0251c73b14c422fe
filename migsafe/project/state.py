"""Historical models, rendered only as far as an operation needs.

Django's own `ProjectState` re-renders, for every model that an operation touches, all that is related to it. Where
models are densely related, that is nearly all models for nearly every operation. Here nothing is rendered until an
operation asks ``state.apps`` for a model. That model is rendered whole, with its bases, in an app registry of its own
(`ModelRegistry`); what its relations refer to comes from other registries, reduced to the columns that a foreign key
refers to. Registries are kept and shared between states for as long as all that they were made of is unchanged.

What operations may do with ``state.apps`` beyond that still works: reverse relations are found when they are asked for,
and anything else is answered by Django's own `StateApps`, rendered in full.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps.registry import apps as installed
from django.db.backends.utils import strip_quotes, truncate_name
from django.db.migrations.exceptions import InvalidBasesError
from django.db.migrations.state import ModelState, ProjectState, StateApps
from django.db.migrations.utils import get_references, resolve_relation
from django.db.models import NOT_PROVIDED, ManyToManyField
from django.db.models.fields.proxy import OrderWrt

if TYPE_CHECKING:
    from django.db.models import Field, Model

MAX_NAME_LENGTH = 63
"""Bytes of an identifier (``DatabaseOperations.max_name_length`` of Django's PostgreSQL backend)."""

Key = tuple[str, str]
"""App label and lower-case name of a model."""

KEPT_REGISTRIES = 400
"""How many registries are kept: what bounds memory. About 0.1 MB each."""

STUB_OPTIONS = frozenset({"db_table", "managed", "proxy", "swappable", "abstract"})
"""Meta options that matter for a model that is only referred to."""


class ModelStates(dict[Key, ModelState]):
    """Models of a project by key; shared between states until somebody takes one out.

    Operations change what they take out in place, so ``[key]`` clones a model state that other states share. `seen`
    looks without cloning.
    """

    def __init__(self, shared: "ModelStates | dict[Key, ModelState] | None" = None) -> None:
        super().__init__(shared or {})
        self._own: set[Key] = set()

    def fork(self) -> "ModelStates":
        """Return a copy; from now on both share all model states."""
        self._own.clear()
        return ModelStates(self)

    def seen(self, key: Key) -> ModelState | None:
        """The model state as it is, not to be changed."""
        return super().get(key)

    def __getitem__(self, key: Key) -> ModelState:
        state = super().__getitem__(key)
        if key not in self._own:
            state = self[key] = state.clone()
        return state

    def __setitem__(self, key: Key, state: ModelState) -> None:
        self._own.add(key)
        super().__setitem__(key, state)

    def get(self, key: Key, default: Any = None) -> Any:
        return self[key] if key in self else default  # noqa: SIM401 (it would call itself)


class HistoricalState(ProjectState):
    """A `ProjectState` that costs next to nothing to clone and renders nothing by itself."""

    models: ModelStates
    _relations: Any

    def __init__(self, registries: "Registries", models: ModelStates | None = None) -> None:
        super().__init__(models=None, real_apps=registries.real_apps)
        self.models = ModelStates() if models is None else models
        self.registries = registries

    def clone(self) -> "HistoricalState":
        return HistoricalState(self.registries, self.models.fork())

    # Django's reload methods do nothing unless "apps" is in __dict__, and for a property it never is.
    @property
    def apps(self) -> "HistoricalApps":  # type: ignore[override]
        return HistoricalApps(self)

    def find(self, key: Key) -> ModelState | None:
        """State of a model, of an app without migrations too; not to be changed."""
        return self.models.seen(key) or self.registries.unmigrated.get(key)

    def alter_field(
        self, app_label: str, model_name: str, name: str, field: "Field[Any, Any]", preserve_default: bool
    ) -> None:
        # Django's looks through all fields of all models, only to learn how much it has to render.
        if self._relations is not None:
            super().alter_field(app_label, model_name, name, field, preserve_default)
            return
        if not preserve_default:
            field = field.clone()
            field.default = NOT_PROVIDED
        self.models[app_label, model_name].fields[name] = field

    def rename_model(self, app_label: str, old_name: str, new_name: str) -> None:
        for state, *_ in list(get_references(self, (app_label, old_name.lower()))):
            self.models[state.app_label, state.name_lower]  # takes it out: Django changes what it finds in place
        super().rename_model(app_label, old_name, new_name)

    def rename_field(self, app_label: str, model_name: str, old_name: str, new_name: str) -> None:
        # Django changes the fields that name the renamed one in place, since it has rendered earlier states by then.
        for state, name, field, _ in list(get_references(self, (app_label, model_name))):
            if old_name in (getattr(field, "to_fields", None) or ()):
                self.models[state.app_label, state.name_lower].fields[name] = field.clone()
        own = self.models[app_label, model_name].fields
        for name, field in own.items():
            if old_name in (*getattr(field, "from_fields", ()), *getattr(field, "field_names", ())):
                own[name] = field.clone()
        super().rename_field(app_label, model_name, old_name, new_name)

    def referring(self, key: Key) -> Iterator[tuple[Key, list["Field[Any, Any]"]]]:
        """Models with fields that refer to a model or to a proxy of it, with those fields.

        By app and age. Django's own order comes from a set of strings: another one in each process.
        """
        aliases = {key}
        while more := {
            proxy
            for proxy, state in self.models.items()
            if state.options.get("proxy") and proxy not in aliases and aliases.intersection(_base_keys(state))
        }:
            aliases |= more
        for other, state in sorted(self.models.items(), key=lambda item: item[0][0]):
            fields = [
                field
                for field in state.fields.values()
                if field.remote_field and resolve_relation(field.remote_field.model, *other) in aliases
            ]
            if fields:
                yield other, fields


class HistoricalApps:
    """What operations get as ``state.apps``: models on demand, all else from Django's own, rendered in full."""

    def __init__(self, state: HistoricalState) -> None:
        self._state = state

    def get_model(self, app_label: str, model_name: str | None = None, require_ready: bool = True) -> "type[Model]":
        """Render a model, as `django.apps.apps.get_model` would find it.

        Raises:
            LookupError: There is no such model at this point of the history.
            InvalidBasesError: One of its bases does not exist at this point of the history.
        """
        if model_name is None:
            app_label, model_name = app_label.split(".")
        key = (app_label, model_name.lower())
        if self._state.find(key) is None:
            raise LookupError(f"App '{app_label}' doesn't have a '{model_name}' model.")
        return self._state.registries.get(self._state, key).model

    @cached_property
    def _all(self) -> StateApps:
        make: Any = StateApps  # annotated wrongly in django-stubs
        apps: StateApps = make(self._state.real_apps, dict(self._state.models))
        return apps

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._all, name)


class Part(NamedTuple):
    """One model of a registry, reduced to what the registry needs of it."""

    key: Key
    state: ModelState


class Outline:
    """What a registry will be made of, and by which it is recognised.

    Attributes:
        parts: Its models, bases first.
        targets: The reduced registries of the models outside that its relations refer to, as far as they exist by now.
        identity: Equal for two outlines if and only if they lead to the same models.
    """

    def __init__(
        self, registries: "Registries", state: HistoricalState, key: Key, names: frozenset[str] | None
    ) -> None:
        self.parts: list[Part] = []
        self._identity: list[Any] = [key, names]
        targets: dict[Key, set[str]] = {}
        self._add(state, key, names, targets)
        own = {part.key for part in self.parts}
        self.targets = {
            target: registry
            for target, referred in targets.items()
            if target not in own and (registry := registries.find(state, target, frozenset(referred)))
        }
        self.identity = (*self._identity, *map(id, self.targets.values()))

    def _add(
        self, state: HistoricalState, key: Key, names: frozenset[str] | None, targets: dict[Key, set[str]]
    ) -> None:
        found = state.find(key)
        if found is None:
            raise InvalidBasesError(f"the base {'.'.join(key)} does not exist at this point of the history")
        for base in _base_keys(found):
            if all(base != part.key for part in self.parts):
                self._add(state, base, names, targets)
        fields, options, managers = found.fields, found.options, found.managers
        if names is not None:
            fields, managers = _referable(fields, names), []
            options = {name: value for name, value in options.items() if name in STUB_OPTIONS}
        # By identity: fields, managers and the values of options are replaced, never changed.
        self._identity += [found.name, found.bases]
        for name, field in fields.items():
            self._identity += [name, id(field)]
            for target, referred in _targets(key, field):
                targets.setdefault(target, set()).update(referred)
        for name, value in options.items():
            self._identity += [name, id(value)]
        self._identity += [id(manager) for _, manager in managers]
        self.parts.append(
            Part(key, ModelState(found.app_label, found.name, fields, dict(options), found.bases, managers))
        )


class ModelRegistry(StateApps):
    """An app registry for one model with its bases, rendered from an `Outline`; relations lead into others.

    Attributes:
        model: The model that it was made for.
        state: The last state that it was used for: where reverse relations are looked up.
        searched: Whether reverse relations were asked for, so that it holds for `state` only.
    """

    def __init__(self, registries: "Registries", state: HistoricalState, outline: Outline) -> None:
        super().__init__([], {})
        self.registries = registries
        self.state = state
        self.outline = outline
        self.searched = False
        self._render(outline)
        app_label, model_name = outline.parts[-1].key
        self.model: type[Model] = self.all_models[app_label][model_name]

    def _render(self, outline: Outline) -> None:
        borrowed = []
        for (app_label, model_name), registry in outline.targets.items():
            if model_name not in self.all_models[app_label]:
                self.register_model(app_label, registry.model)
                borrowed.append((registry.model, set(vars(registry.model))))
        for part in outline.parts:
            if part.key[1] not in self.all_models[part.key[0]]:
                part.state.render(self)
        # Rendering has hung reverse accessors on the borrowed models, which would keep this registry alive.
        for model, attributes in borrowed:
            for name in set(vars(model)) - attributes:
                delattr(model, name)

    def clear_cache(self) -> None:
        """Do nothing: there are no caches yet when models register themselves, and `_search` clears them."""

    def get_models(self, include_auto_created: bool = False, include_swapped: bool = False) -> "list[type[Model]]":
        """Models of this registry and those that refer to it: what Django asks a registry to find reverse relations."""
        if not self.searched:
            self.searched = True
            self._search()
        return [
            model
            for _, models in sorted(self.all_models.items())
            for model in models.values()
            if model._meta.apps is self
        ]

    def _search(self) -> None:
        """Render the models that refer to this one, and to those in turn that do so by a key of their own."""
        rendered = {part.key for part in self.outline.parts}
        pending = [self.outline.parts[-1].key]
        while pending:
            for key, fields in self.state.referring(pending.pop()):
                if key in rendered:
                    continue
                rendered.add(key)
                if any(field.unique for field in fields):
                    pending.append(key)
                try:
                    outline = Outline(self.registries, self.state, key, None)
                except InvalidBasesError:
                    continue
                self.all_models[key[0]].pop(key[1], None)
                self._render(outline)
        for model in self.get_models():
            options: Any = model._meta
            options._expire_cache()


class Registries:
    """All registries that are kept.

    Args:
        real_apps: Labels of installed apps without migrations: their models are those of today.
    """

    def __init__(self, real_apps: Iterable[str]) -> None:
        self.real_apps = set(real_apps)
        self._kept: OrderedDict[tuple[Any, ...], ModelRegistry] = OrderedDict()
        self._open: set[Key] = set()

    @cached_property
    def unmigrated(self) -> dict[Key, ModelState]:
        """Models of apps without migrations, without relations, as Django treats them too (`StateApps`)."""
        states = [
            ModelState.from_model(model, exclude_rels=True)
            for app in self.real_apps
            for model in installed.get_app_config(app).get_models()
        ]
        return {(state.app_label, state.name_lower): state for state in states}

    def get(self, state: HistoricalState, key: Key, names: frozenset[str] | None = None) -> ModelRegistry:
        """Return the registry of a model, rendered if need be.

        Args:
            names: Fields to which it is reduced, besides its primary key; None for the whole model.

        Raises:
            InvalidBasesError: One of its bases does not exist in this state.
        """
        outline = Outline(self, state, key, names)
        registry = self._kept.get(outline.identity)
        if registry is None or (registry.searched and registry.state is not state):
            registry = self._kept[outline.identity] = ModelRegistry(self, state, outline)
            if len(self._kept) > KEPT_REGISTRIES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(outline.identity)
        registry.state = state
        return registry

    def find(self, state: HistoricalState, key: Key, names: frozenset[str]) -> ModelRegistry | None:
        """Return the reduced registry of a model, or None if there is no such model or it can't be rendered as yet."""
        if state.find(key) is None or key in self._open:
            return None
        self._open.add(key)
        try:
            return self.get(state, key, names)
        except InvalidBasesError:
            return None
        finally:
            self._open.discard(key)

    def forget(self) -> None:
        """Drop all registries: an operation that failed may have left a rendered field changed."""
        self._kept.clear()


def has_table(state: ProjectState, table: str) -> bool:
    """Whether a model or an automatic many-to-many field has a table."""
    return any(
        (table_of(model) == table and not model.options.get("proxy"))
        or any(automatic_table(model, *one) == table for one in model.fields.items())
        for model in state.models.values()
    )


def field_of(state: ProjectState, table: str, column: str) -> "Field[Any, Any] | None":
    """The field that a model has for a column of its table."""
    for model in state.models.values():
        if table_of(model) == table and not model.options.get("proxy"):
            fields = [(name, field) for name, field in model.fields.items() if not field.many_to_many]
            if model.options.get("order_with_respect_to"):
                fields.append(("_order", OrderWrt()))
            return next((field for name, field in fields if column_of(name, field) == column), None)
    return None


def column_of(name: str, field: "Field[Any, Any]") -> str:
    """The column of a field, which is none of a many-to-many one."""
    return field.db_column or (f"{name}_id" if field.remote_field else name)


def automatic_table(model: ModelState, name: str, field: "Field[Any, Any]") -> str | None:
    """The table that Django makes for a many-to-many field (`ManyToManyField._get_m2m_db_table`).

    None if it does not: the field has a ``through`` model, or is no many-to-many field.
    """
    if not isinstance(field, ManyToManyField) or field.remote_field.through is not None:
        return None
    return strip_quotes(vars(field)["db_table"] or truncate_name(f"{table_of(model)}_{name}", MAX_NAME_LENGTH))


def table_of(model: ModelState) -> str:
    """The table of a model."""
    return strip_quotes(
        model.options.get("db_table") or truncate_name(f"{model.app_label}_{model.name_lower}", MAX_NAME_LENGTH)
    )


def relation(table: str) -> str:
    """Name of a table as reports have it, of `Options.db_table`, in which people hide a schema: ``shop"."order``."""
    return strip_quotes(table).replace('"."', ".").removeprefix("public.")


def tables_of(state: ProjectState) -> dict[str, str]:
    """Tables of models, without their schemas, by lower-case ``app_label.model_name``."""
    return {f"{app}.{name}": table_of(model).rpartition('"')[2] for (app, name), model in state.models.items()}


def inherited(state: ProjectState) -> dict[str, frozenset[str]]:
    """Tables of models → those of their ancestors (multi-table inheritance); ``schema.name`` outside of ``public``."""

    def above(model: ModelState) -> Iterator[ModelState]:
        for parent in filter(None, map(state.models.get, _base_keys(model))):
            yield from (() if parent.options.get("proxy") else (parent,))
            yield from above(parent)

    return {
        relation(table_of(model)): frozenset(relation(table_of(one)) for one in above(model))
        for model in state.models.values()
        if not model.options.get("proxy") and model.options.get("managed", True)
    }


def choices_of(state: ProjectState) -> dict[str, dict[str, tuple[str, ...]]]:
    """What fields with ``choices`` can have, as text, by table (``schema.name`` outside of ``public``) and column."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for model in state.models.values():
        for name, field in model.fields.items():
            if field.choices and not field.many_to_many:
                values = tuple(str(value) for value, _ in field.flatchoices if value is not None)
                found.setdefault(relation(table_of(model)), {})[column_of(name, field)] = values
    return found


def _base_keys(state: ModelState) -> list[Key]:
    return [resolve_relation(base, state.app_label) for base in state.bases if isinstance(base, str)]


def _referable(fields: "dict[str, Field[Any, Any]]", names: frozenset[str]) -> "dict[str, Field[Any, Any]]":
    """Reduce fields to the primary key, its parts if it is a CompositePrimaryKey, and the given ones."""
    kept = set(names)
    for name, field in fields.items():
        if field.primary_key:
            kept |= {name, *getattr(field, "field_names", ())}
    return {name: field for name, field in fields.items() if name in kept}


def _targets(key: Key, field: "Field[Any, Any]") -> Iterator[tuple[Key, list[str]]]:
    """Models that a field refers to, with the fields of theirs that it refers to by name."""
    remote = field.remote_field
    if not remote:
        return
    to_fields = [name for name in getattr(field, "to_fields", None) or () if name]
    yield resolve_relation(remote.model, *key), to_fields
    if through := getattr(remote, "through", None):
        yield resolve_relation(through, *key), []
