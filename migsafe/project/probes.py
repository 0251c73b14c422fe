"""What code of one release does on the schema of another: tried on a server, and undone.

Django's ORM does it with historical models: it names all columns that the code knows, as running code does, and its
collector goes to the tables that a delete cascades to. What fails counts only if the same works on the schema of the
code's own release. There, too, are the rows that the values are from.

Which values code writes cannot be known. It is taken to write what is in its own rows, its fields' defaults, and where
the other schema has another type of column or NOT NULL, what its fields allow: NULL, the longest, the largest. So a new
CHECK, UNIQUE or foreign key is held against code only if the migration had to change rows for it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from operator import is_
from typing import Any, NamedTuple
from warnings import catch_warnings

from django.db import DatabaseError, IntegrityError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.state import ModelState, ProjectState, StateApps
from django.db.migrations.utils import resolve_relation
from django.db.models import NOT_PROVIDED, Field, ForeignKey, Model, ProtectedError, RestrictedError
from django.db.models.deletion import Collector

from migsafe.project.attempts import Schema, automatic
from migsafe.project.graph import Key
from migsafe.project.load import connecting_code
from migsafe.project.state import automatic_table, relation, table_of
from migsafe.project.values import extremes, made_up
from migsafe.verification import Probe, ProbeAction

ACTIONS: tuple[ProbeAction, ...] = ("select", "insert", "update", "delete")

ROWS = 5
"""How many rows of a table are written again."""

UNRELATED = ("08", "40", "53", "55P03", "57")
"""SQLSTATEs, or their classes, that say nothing of the code: connection, deadlock, resources, timeouts."""

RAISED = "P0001"
"""SQLSTATE of RAISE EXCEPTION: triggers refuse what they think that nobody does."""

Models = Mapping[Key, Sequence[ProbeAction]]
"""What to try with which models."""


class Touched(NamedTuple):
    """Models that a migration has to do with.

    Attributes:
        old: Those of the state before it.
        new: Those of the state after it.
    """

    old: Models
    new: Models


def touched(before: ProjectState, after: ProjectState, tables: Collection[str] = ()) -> Touched:
    """Find the models that a migration has to do with: that differ in the states, or whose tables it has touched.

    With them those that inherit from them; and, to delete only, those to which they refer on either side: deleting
    cascades to what code knows, and is refused for the sake of what it does not know.

    Args:
        tables: What it has locked or changed; ``schema.name`` outside of ``public``.
    """
    old, new = _changed(before, after, tables), _changed(after, before, tables)
    referred = old.referred | new.referred
    return Touched(old.models(before, referred), new.models(after, referred))


class _Changed(NamedTuple):
    """Models of one state.

    Attributes:
        whole: Those that differ in the other state, or whose tables were touched.
        referred: Those that they refer to.
    """

    whole: list[Key]
    referred: set[Key]

    def models(self, state: ProjectState, referred: set[Key]) -> Models:
        deleted = [key for key in state.models if key in referred and key not in self.whole]
        return {**dict.fromkeys(self.whole, ACTIONS), **dict.fromkeys(deleted, ("delete",))}


def _changed(state: ProjectState, other: ProjectState, tables: Collection[str]) -> _Changed:
    models = state.models
    changed = {
        key
        for key, model in models.items()
        if relation(table_of(model)) in tables or not _is_same(model, other.models.get(key))
    }
    while more := {key for key in models if key not in changed and changed.intersection(_bases(models[key]))}:
        changed |= more
    referred = {target for key in changed for target in _referred(models[key])}
    through = []
    for made, key, name, field, table in _through_models(state):
        if relation(table) in tables or (key in changed and not _has(other.models.get(key), name, field, table)):
            through.append(made)
            referred |= {key, _target(field, key)}
    return _Changed([key for key in models if key in changed] + through, {_concrete(models, key) for key in referred})


def _is_same(model: ModelState, other: ModelState | None) -> bool:
    if other is None:
        return False
    # States share the fields that no operation has changed; to compare all would take its time.
    shared = all(map(is_, model.fields.values(), other.fields.values()))
    return (shared and _without_fields(model) == _without_fields(other)) or model == other


def _without_fields(model: ModelState) -> tuple[object, ...]:
    return model.name, list(model.fields), model.options, model.bases, model.managers


def _has(model: ModelState | None, name: str, field: "Field[Any, Any]", table: str) -> bool:
    """Whether a model has the same many-to-many field, with the same table."""
    theirs = model.fields.get(name) if model else None
    if model is None or theirs is None or automatic_table(model, name, theirs) != table:
        return False
    return theirs is field or theirs.deconstruct()[1:] == field.deconstruct()[1:]


def _bases(model: ModelState) -> set[Key]:
    return {resolve_relation(base, model.app_label) for base in model.bases if isinstance(base, str)}


def _referred(model: ModelState) -> Iterator[Key]:
    yield from _bases(model)
    for field in model.fields.values():
        if field.remote_field and not field.many_to_many:
            yield _target(field, (model.app_label, model.name_lower))


def _target(field: Any, key: Key) -> Key:
    return resolve_relation(field.remote_field.model, *key)


def _concrete(models: Mapping[Key, ModelState], key: Key) -> Key:
    """What a proxy stands for."""
    while (model := models.get(key)) and model.options.get("proxy"):
        key = min(_bases(model))
    return key


def probe(
    connection: BaseDatabaseWrapper, state: ProjectState, models: Models, *, home: BaseDatabaseWrapper
) -> tuple[Probe, ...]:
    """Try what the models of one release do on the schema of another; nothing of it stays.

    Models without a table of their own (proxies, swapped ones) are left out, as are unmanaged ones that have none.

    Args:
        connection: To a database with the schema of the other release. Its timeouts count. Some inserts have a reason
            without the rights of a superuser.
        state: The models of the release.
        models: A side of `touched`.
        home: To a database with the release's own schema and rows. For a table that is empty there, values are made up.
    """
    with connecting_code(), catch_warnings(action="ignore"):  # Django's, of values that are not what fields expect
        rendered = rendered_models(state, models)
        schemas = Schema(connection, rendered.values()), Schema(home, rendered.values())
        trials = {key: _Trial(model, *schemas) for key, model in rendered.items()}
        found = [
            (trial, trial.probe(action)) for key, trial in trials.items() if trial.applies for action in models[key]
        ]
    # Nothing works on a table that is not there: that reading it fails is enough where there are no values to write.
    return tuple(probe for trial, probe in found if probe.reason is None or trial.has_table)


def rendered_models(state: ProjectState, models: Iterable[Key]) -> dict[Key, type[Model]]:
    """The models, with all of the state rendered anew if need be.

    Django hands rendered models on from state to state, and re-renders only what is close to a change: a cascade would
    meet models that are no more, or as they were once.
    """
    # Of a swapped model, Django does not make the automatic tables' models.
    keys = [key for key in models if key[1] in state.apps.all_models[key[0]]]
    if not _is_current(state.apps, keys):
        del state.apps
    return {key: state.apps.get_model(*key) for key in keys}


def _is_current(apps: StateApps, keys: Iterable[Key]) -> bool:
    """Whether models, all that refers to them, and what that refers to are the registry's own."""

    def is_own(model: type[Model]) -> bool:
        return apps.all_models[model._meta.app_label].get(model._meta.model_name or "") is model

    pending = {apps.get_model(*key) for key in keys}
    seen: set[type[Model]] = set()
    while pending:
        model = pending.pop()
        seen.add(model)
        relations = [field for field in model._meta.get_fields(include_hidden=True) if field.is_relation]
        if not all(is_own(one.related_model) for one in relations if isinstance(one.related_model, type)):
            return False
        pending |= {one.related_model for one in relations if one.auto_created and not one.concrete} - seen
    return True


def _through_models(state: ProjectState) -> "Iterator[tuple[Key, Key, str, Field[Any, Any], str]]":
    """Models that Django makes for many-to-many fields: each, the model with the field, the field, and the table."""
    for key, model in state.models.items():
        for name, field in model.fields.items():
            if table := automatic_table(model, name, field):
                yield (model.app_label, f"{model.name}_{name}".lower()), key, name, field, table


class _NoRow(Exception):
    """There is nothing to update or delete."""


class _Variant(NamedTuple):
    """An object that code may write.

    Attributes:
        values: By attribute.
        row: The row of its own schema that it is put in the place of.
    """

    values: Mapping[str, Any]
    row: Model | None


class _Try(NamedTuple):
    prepare: Callable[[Schema], Any]
    act: Callable[[Schema, Any], object]
    writing: str | None = None


class _Doubt(NamedTuple):
    """Why a failure is not held against the code.

    Attributes:
        open: Whether code may well do what was tried; else what was tried was no good.
    """

    reason: str
    open: bool = False


class _Trial:
    """A model of one release, on the schema of the other and on its own."""

    def __init__(self, model: type[Model], other: Schema, own: Schema) -> None:
        self.model = model
        self.other = other
        self.own = own
        meta = model._meta
        self.applies = not meta.proxy and not meta.swapped and (meta.managed or own.has(meta.db_table))
        self.has_table = other.has(meta.db_table)

    def probe(self, action: ProbeAction) -> Probe:
        meta = self.model._meta
        done = partial(Probe, model=meta.label, table=relation(meta.db_table), action=action)
        try:
            tries = list(self._tries(action))
        except Exception as error:  # of a field's own code, or of its own schema
            return done(reason=f"no row to try it with: {_message(error)}")
        sql, worked, doubts, unlikely = None, False, [], None
        for one in tries:
            attempt = self.other.attempt(one.prepare, one.act)
            sql = attempt.sql or sql
            if attempt.error is None:
                worked = True
                if action != "insert":
                    break
            elif doubt := self._doubt(attempt.error, one):
                doubts.append(doubt)
            elif one.writing is None:
                return done(sql=attempt.sql, error=_message(attempt.error))
            else:
                unlikely = unlikely or done(sql=attempt.sql, error=_message(attempt.error), writing=one.writing)
        if unlikely:
            return unlikely
        reasons = [doubt.reason for doubt in doubts if doubt.open or not worked]
        return done(sql=sql, reason=reasons[0] if reasons else None)

    def _tries(self, action: ProbeAction) -> Iterator[_Try]:
        if action == "select":
            yield _Try(lambda _: self.model, _select)
        elif action == "insert":
            for variant in (self._fresh, *self._kept):
                yield _Try(partial(self._make, variant), Schema.insert)
            for variant, writing in self._extreme():
                yield _Try(partial(self._make, variant), Schema.insert, writing)
        else:
            for variant in (*self._kept[:1], self._fresh):
                yield _Try(partial(self._stored, variant), _update if action == "update" else _delete)

    @cached_property
    def _kept(self) -> list[_Variant]:
        """Rows as they are."""
        fields = _written(self.model)
        rows = self.own.rows(self.model, ROWS)
        return [_Variant({field.attname: getattr(row, field.attname) for field in fields}, row) for row in rows]

    @cached_property
    def _fresh(self) -> _Variant:
        """A new object as code makes it, which does not give what has a default."""
        given = [field for field in _written(self.model) if not self._is_left_out(field)]
        if self._kept:
            values, row = self._kept[0]
            return _Variant({field.attname: values[field.attname] for field in given}, row)
        return _Variant({field.attname: made_up(field, self._related) for field in given}, None)

    def _extreme(self) -> Iterator[tuple[_Variant, str]]:
        """What fields allow, where the other schema has another type of column, or NOT NULL, and what that is."""
        values, row = self._kept[0] if self._kept else self._fresh
        for field in _written(self.model):
            at = (field.model._meta.db_table, str(field.column))
            own, other = self.own.columns.get(at), self.other.columns.get(at)
            if own and other and own != other and not field.primary_key:
                for value in extremes(field, self.own.connection):
                    yield _Variant({**values, field.attname: value}, row), f"{_kind(value)} in {field.name}"

    def _is_left_out(self, field: "Field[Any, Any]") -> bool:
        return (
            field in automatic(self.model)
            or bool(field.remote_field and field.remote_field.parent_link)
            or field.has_default()
            or getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED
        )

    def _related(self, field: "ForeignKey[Any, Any]") -> Any:
        rows = self.own.rows(field.related_model, 1)
        return getattr(rows[0], field.target_field.attname) if rows else None

    def _make(self, variant: _Variant, schema: Schema) -> Model:
        instance = self.model(**variant.values)
        if instance.pk is None:
            schema.restart(self.model)
        if variant.row is not None:
            schema.make_room(variant.row)
        return instance

    def _stored(self, variant: _Variant, schema: Schema) -> Model:
        """A row to update or delete: the one of this schema, or one that is put there."""
        instance = self.model(**variant.values)
        try:
            found = None if instance.pk is None else schema.load(instance)
        except Exception:  # if rows cannot be loaded here, what was loaded at home will do
            return instance
        if found is not None:
            return found
        instance = self._make(variant, schema)
        try:
            schema.insert(instance)
        except Exception as error:
            raise _NoRow(f"no row to try it with: {_message(error)}") from error
        return instance

    def _doubt(self, error: Exception, tried: _Try) -> _Doubt | None:
        """Why a failure is not held against the code; None if it is."""
        if isinstance(error, _NoRow | ProtectedError | RestrictedError) or _sqlstate(error).startswith(UNRELATED):
            return _Doubt(_message(error))
        if at_home := self.own.attempt(tried.prepare, tried.act).error:
            return _Doubt(f"on the schema of its own release, too: {_message(at_home)}")
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if isinstance(error, IntegrityError) and name:
            other, own = self.other.constraints(name), self.own.constraints(name)
            if other.keys() & own.keys():
                return _Doubt(f"with the rows at hand: {_message(error)}")
            if not all(other.values()):
                return _Doubt(f"whether code writes such rows is not known: {_message(error)}", open=True)
        if _sqlstate(error) == RAISED:
            return _Doubt(f"whether code does this is not known: {_message(error)}", open=True)
        return None


def _kind(value: object) -> str:
    """An extreme value in words."""
    if value is None:
        return "NULL"
    return f"{len(value)} characters" if isinstance(value, str) else str(value)


def _select(schema: Schema, model: type[Model]) -> None:
    list(model._base_manager.using(schema.alias)[:1])


def _update(schema: Schema, instance: Model) -> None:
    instance.save_base(force_update=True, using=schema.alias)


def _delete(schema: Schema, instance: Model) -> None:
    collector = Collector(using=schema.alias, origin=instance)
    collector.collect([instance])
    collector.delete()


def _written(model: type[Model]) -> "list[Field[Any, Any]]":
    """Fields whose columns INSERT names."""
    return [field for field in model._meta.concrete_fields if not getattr(field, "generated", False)]


def _sqlstate(error: Exception) -> str:
    return getattr(error.__cause__, "sqlstate", None) or getattr(error.__cause__, "pgcode", None) or ""


def _message(error: Exception) -> str:
    """First line of what the server said, or of what Python raised."""
    line = next(iter(str(error.args[0] if error.args else error).strip().splitlines()), "")
    return line if isinstance(error, DatabaseError | _NoRow) else f"{type(error).__name__}: {line}"
