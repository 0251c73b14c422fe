"""The models that a data migration meets, as far as code can name their parts."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import msgspec

from migsafe.actions import Name


class Default(msgspec.Struct, frozen=True):
    """What a field gives to rows for which code names no value.

    Attributes:
        code: Python source of a plain value; None for a function, or an object.
        function: Dotted name of the function that is called for each row, or None.
    """

    code: str | None = None
    function: str | None = None


class HistoricalField(msgspec.Struct, frozen=True, kw_only=True):
    """A field as a `ModelState` has it.

    Attributes:
        kind: Dotted name of its class (``django.db.models.fields.CharField``).
        bases: Names of that class and those above it, without their modules, most derived first.
        attname: The attribute that has the column's value (``customer_id``).
        column: None for many-to-many fields.
        refers_to: Lower-case ``app_label.model_name`` that a relation leads to.
        query_name: How queries of the other model reach back, None when they can't.
        accessor: The attribute by which instances of the other model reach back, None when they can't.
        lookups: Lookups and transforms that may follow it in a keyword; None when anything may.
        attributes: What else it gives instances (``get_status_display``).
        default: None if it has none.
        db_default: Whether the database has a default for it (Django 5.0).
        generated: Whether the database computes it (GeneratedField).
        automatic: Whether ``auto_now`` or ``auto_now_add`` gives it a value.
        presaved: Whether saving a row that is there gives it a value (``auto_now``, a ``pre_save()`` of its own).
        comment: On its column (``db_comment``).
        db_constraint: Whether a relation is a foreign key in the database.
        to_field: Name of the field that a relation refers to; None for the primary key.
        through: Lower-case label of the model that a many-to-many field names; None for the automatic one.
        join_table: The automatic table of a many-to-many field.
    """

    name: str
    attname: str
    kind: str = ""
    bases: tuple[str, ...] = ()
    null: bool = False
    blank: bool = False
    db_index: bool = False
    max_length: int | None = None
    default: Default | None = None
    db_default: bool = False
    generated: bool = False
    automatic: bool = False
    presaved: bool = False
    comment: str | None = None
    db_constraint: bool = True
    to_field: str | None = None
    through: str | None = None
    join_table: str | None = None
    column: str | None = None
    refers_to: str | None = None
    many: bool = False
    unique: bool = False
    primary_key: bool = False
    query_name: str | None = None
    accessor: str | None = None
    lookups: frozenset[str] | None = None
    attributes: tuple[str, ...] = ()


class HistoricalModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model at one point of the history.

    Attributes:
        label: ``app_label.ModelName``.
        table: Name of its table, unquoted, as ``db_table`` has it.
        bases: Lower-case labels of its bases that are models.
        attributes: What instances have of Django's ``Model`` and of bases that are no models.
        managers: Names on each manager, by its own name.
        closed: Whether all its names are known; not if the class of a field may add others.
        managed: Whether migrations make its table.
    """

    label: str
    managed: bool = True
    table: str
    fields: Mapping[str, HistoricalField]
    bases: tuple[str, ...] = ()
    attributes: frozenset[str] = frozenset()
    managers: Mapping[str, frozenset[str]] = {}
    proxy: bool = False
    closed: bool = True

    @property
    def key(self) -> str:
        return self.label.lower()

    @property
    def name(self) -> str:
        return self.label.rpartition(".")[2]

    @property
    def relation(self) -> Name:
        """Its table, with the schema that people hide in ``db_table``: ``shop"."order``."""
        schema, _, name = self.table.rpartition('"."')
        return Name(name, schema or None)


class Step(NamedTuple):
    """What a name in a query leads to: a field of the model, or back along that of another."""

    owner: HistoricalModel
    field: HistoricalField
    reverse: bool = False

    @property
    def leads_to(self) -> str | None:
        """Label of the model behind a relation."""
        return self.owner.key if self.reverse else self.field.refers_to


class Path(NamedTuple):
    """How far names like ``customer__email__iexact`` could be followed.

    Attributes:
        steps: The fields on the way.
        missing: The model that does not have the next name, and that name; None when nothing is amiss.
    """

    steps: tuple[Step, ...]
    missing: tuple[HistoricalModel, str] | None = None


@dataclass(frozen=True, eq=False)
class HistoricalModels:
    """All models at one point of the history.

    Attributes:
        by_key: By lower-case ``app_label.model_name``.
        by_luck: What is here only because a migration happens to come earlier in the order, though this one does not
            depend on it: lower-case ``app_label.model_name[.field_name]`` → that migration's ``app.name``.
        query_methods: Names on Django's QuerySet.
    """

    by_key: Mapping[str, HistoricalModel]
    by_luck: Mapping[str, str] = field(default_factory=dict)
    query_methods: frozenset[str] = frozenset()

    def get(self, key: str) -> HistoricalModel | None:
        return self.by_key.get(key.lower())

    def is_through(self, key: str) -> bool:
        """Whether Django makes a model of this name for a many-to-many field."""
        return key in self._throughs

    def is_closed(self, model: HistoricalModel) -> bool:
        """Whether all names of a model are known."""
        return all(one.closed for one in self.lineage(model)) and len(self._unknown_bases(model)) == 0

    def lineage(self, model: HistoricalModel) -> Iterator[HistoricalModel]:
        """The model and all models that it inherits from."""
        yield model
        for base in model.bases:
            if parent := self.get(base):
                yield from self.lineage(parent)

    def queried(self, model: HistoricalModel) -> Mapping[str, Step]:
        """What queries of a model may name."""
        return self._names(model)[0]

    def attributes(self, model: HistoricalModel) -> Mapping[str, Step | None]:
        """What instances of a model, and the model itself, have; None for what is no field."""
        return self._names(model)[1]

    def primary_key(self, model: HistoricalModel) -> HistoricalField | None:
        return next((one for each in self.lineage(model) for one in each.fields.values() if one.primary_key), None)

    def follow(self, model: HistoricalModel, name: str, *, extra: frozenset[str] | None = frozenset()) -> Path:
        """Follow a name in a query, as ``Query.names_to_path`` does.

        Args:
            extra: Names that annotations gave to the query, which may hide anything; None when that is not known.
        """
        steps: list[Step] = []
        first, *rest = name.split("__")
        if extra is None or first == "pk" or any(f"{name}__".startswith(f"{each}__") for each in extra):
            return Path(())
        current: HistoricalModel | None = model
        for part in (first, *rest):
            if current is None or not self.is_closed(current):
                break
            if part == "pk":
                return Path(tuple(steps))
            step = self.queried(current).get(part)
            if step is None:
                if steps and self._may_follow(steps[-1], part):
                    break
                return Path(tuple(steps), (current, part))
            steps.append(step)
            if step.leads_to is None:
                return self._after_value(tuple(steps), rest[len(steps) - 1 :], current)
            current = self.get(step.leads_to)
        return Path(tuple(steps))

    def _after_value(self, steps: tuple[Step, ...], rest: list[str], model: HistoricalModel) -> Path:
        """Look at the first name behind a plain field: what a transform makes of it has lookups of its own."""
        if rest and not self._may_follow(steps[-1], rest[0]):
            return Path(steps, (model, "__".join((steps[-1].field.name, rest[0]))))
        return Path(steps)

    def _may_follow(self, step: Step, part: str) -> bool:
        return step.field.lookups is None or part in step.field.lookups

    @cached_property
    def _cache(self) -> dict[str, tuple[dict[str, Step], dict[str, Step | None]]]:
        return {}

    def _names(self, model: HistoricalModel) -> tuple[dict[str, Step], dict[str, Step | None]]:
        if model.key in self._cache:
            return self._cache[model.key]
        queried: dict[str, Step] = {}
        attributes: dict[str, Step | None] = {}
        for one in self.lineage(model):
            attributes.update(dict.fromkeys((*one.attributes, *one.managers)))
            for own in one.fields.values():
                step = Step(one, own)
                for name in (own.name, own.attname):
                    queried.setdefault(name, step)
                    attributes[name] = step
                attributes.update(dict.fromkeys(own.attributes))
            for step in self._referring.get(self._concrete(one), ()):
                if step.field.query_name:
                    queried.setdefault(step.field.query_name, step)
                if step.field.accessor:
                    attributes.setdefault(step.field.accessor, step)
        self._cache[model.key] = queried, attributes
        return queried, attributes

    def _concrete(self, model: HistoricalModel) -> str:
        while model.proxy and model.bases and (base := self.get(model.bases[0])):
            model = base
        return model.key

    @cached_property
    def _referring(self) -> Mapping[str, list[Step]]:
        """Relations by the label of the model, proxies aside, that they lead to."""
        found: defaultdict[str, list[Step]] = defaultdict(list)
        for model in self.by_key.values():
            for one in model.fields.values():
                if one.refers_to and (target := self.get(one.refers_to)):
                    found[self._concrete(target)].append(Step(model, one, reverse=True))
        return found

    @cached_property
    def _throughs(self) -> frozenset[str]:
        return frozenset(
            f"{model.key}_{one.name}".lower()
            for model in self.by_key.values()
            for one in model.fields.values()
            if one.many
        )

    def _unknown_bases(self, model: HistoricalModel) -> list[str]:
        return [base for one in self.lineage(model) for base in one.bases if self.get(base) is None]
