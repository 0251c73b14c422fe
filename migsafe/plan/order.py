"""Which operations have to keep their order."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import msgspec

from migsafe.actions import AddConstraint, CreateIndex, DropDefault, SetDefault, Update
from migsafe.plan.recipe import Work
from migsafe.python import HistoricalField

FIELD_OPERATIONS = ("AddField", "AlterField", "RemoveField", "RenameField")
ONLY_COLUMNS = ("AddIndex", "AddConstraint")


class Touched(msgspec.Struct, frozen=True):
    """What an operation is about: models as lower-case ``app.model``, fields as ``app.model.field``.

    Attributes:
        changes: Models as a whole, and fields.
        needs: Fields that it refers to, which have to be there as they are.
    """

    changes: frozenset[str]
    needs: frozenset[str] = frozenset()


def touched(work: Work) -> Touched | None:
    """What an operation is about; None if that is not known, so that nothing may pass it."""
    operation = work.operation
    if operation.opaque:
        return _by_python(work)
    if not operation.models:
        return _by_sql(work)
    if work.kind in FIELD_OPERATIONS:
        places = {"old_name": 1, "new_name": 2} if work.kind == "RenameField" else {"name": 1}
        fields = frozenset(name for place in places.items() if (name := _argument(work, *place)))
        if fields:
            both = [one for name in fields for one in (work.field_before(name), work.field_after(name)) if one]
            return Touched(frozenset(f"{work.label}.{name}" for name in fields), _referred(work, both))
    if work.kind in ONLY_COLUMNS and (columns := _columns(work)):
        return Touched(frozenset(f"{work.label}.{name}" for name in columns))
    own = frozenset(operation.models)
    model = work.model_after or work.model_before
    return Touched(own, _referred(work, model.fields.values()) if model else frozenset())


def _argument(work: Work, name: str, position: int) -> str | None:
    source = work.written.argument(name, position) if work.written else None
    return source.strip("\"'") if source else None


def _referred(work: Work, fields: Iterable[HistoricalField]) -> frozenset[str]:
    """What relations of the operation's model refer to."""
    needs = set()
    for field in fields:
        target = work.before.get(field.refers_to) or work.after.get(field.refers_to) if field.refers_to else None
        if target:
            key = work.before.primary_key(target) or work.after.primary_key(target)
            needs.add(f"{target.key}.{field.to_field or (key.name if key else 'id')}")
    return frozenset(needs)


def _columns(work: Work) -> frozenset[str]:
    """Fields of the columns that an index or a constraint is about; none if that is not certain."""
    model = work.model_after
    names = {field.column: name for name, field in model.fields.items()} if model else {}
    columns: set[str | None] = set()
    for _, action in work.actions():
        match action:
            case CreateIndex(keys=keys, include=include, where=where):
                columns |= {key.column for key in keys} | {*include, *(where.columns if where else ())}
                columns |= {column for key in keys if key.expression for column in key.expression.columns}
                columns -= {None}
            case AddConstraint(constraint=constraint):
                columns |= {*constraint.columns, *constraint.include}
            case _:
                return frozenset()
    return frozenset(names[column] for column in columns) if columns <= names.keys() else frozenset()


def _by_sql(work: Work) -> Touched | None:
    """Fields whose defaults SQL sets, and that it fills; None if it does anything else."""
    changes, needs = set(), set()
    for _, action in work.actions():
        if not isinstance(action, SetDefault | DropDefault | Update):
            return None
        table, models = work.catalog.locate(action.relation), work.before.by_key.values()
        model = next((one for one in models if work.catalog.locate(one.relation) == table and not one.proxy), None)
        columns = action.columns if isinstance(action, Update) else (action.column,)
        names = {field.column: f"{model.key}.{name}" for name, field in model.fields.items()} if model else {}
        if not names.keys() >= set(columns) or (isinstance(action, Update) and action.reads):
            return None
        changes |= {names[column] for column in columns}
        needs |= {name for column, name in names.items() if isinstance(action, Update)} - changes
    return Touched(frozenset(changes), frozenset(needs)) if changes else None


def _by_python(work: Work) -> Touched | None:
    """The models that Python code names, if all of it could be read."""
    readings = [function.reading for function in work.operation.python]
    if not readings or not all(reading.complete for reading in readings) or any(one.sql for one in readings):
        return None
    used = {use.label for reading in readings for use in reading.models}
    used |= {write.model for reading in readings for write in reading.writes}
    return Touched(frozenset(label.lower() for label in used)) if used else None


def about_same_model(one: Touched | None, other: Touched | None) -> bool:
    """Whether two operations may be about rows of the same model."""
    if one is None or other is None:
        return True
    first, second = ({_parts(label)[0] for label in each.changes} for each in (one, other))
    return not first.isdisjoint(second)


def settled(works: Sequence[Work]) -> list[Work]:
    """The same, but options that name a field which is not there yet come after the operation that brings it.

    makemigrations has them first; in a deploy of their own they would be models that Django cannot query.
    """
    order = list(works)
    for work in works:
        if work.kind != "AlterModelOptions" or not (named := _named(work)):
            continue
        for other in order[order.index(work) + 1 :]:
            model = other.after.get(work.label)
            if model is None or other.migration is not work.migration:
                break
            if named <= model.fields.keys():
                order.remove(work)
                order.insert(order.index(other) + 1, work)
                break
    return order


def _named(work: Work) -> set[str]:
    """Fields that options name and the model does not have, after which the operation would have to come."""
    source = work.written.argument("options", 1) if work.written else None
    try:
        options = ast.literal_eval(source or "{}")
        latest = options.get("get_latest_by") or ()
        texts = [*(options.get("ordering") or ()), *([latest] if isinstance(latest, str) else latest)]
        names = {one.lstrip("-").partition("__")[0] for one in texts}
    except (ValueError, AttributeError, TypeError):  # expressions, constants
        return set()
    return names - {*work.model_after.fields, "pk", "?", "_order"} if work.model_after else set()


def kept(items: Sequence[Touched | None]) -> Iterator[tuple[int, int]]:
    """Pairs of operations of which the first has to stay before the second.

    What follows from others is left out, so that the number of pairs does not grow with its square.
    """
    order = _Order()
    for number, item in enumerate(items):
        before = order.barrier(number) if item is None else order.add(number, item)
        yield from ((other, number) for other in sorted(before))


class _Order:
    """The last operations that are about each model and field."""

    def __init__(self) -> None:
        self._barrier: int | None = None
        self._whole: dict[str, int] = {}
        self._fields: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._needing: defaultdict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))

    def barrier(self, number: int) -> set[int]:
        before = set() if self._barrier is None else {self._barrier}
        before |= {*self._whole.values(), *(one for fields in self._fields.values() for one in fields.values())}
        before |= {one for fields in self._needing.values() for several in fields.values() for one in several}
        for known in (self._whole, self._fields, self._needing):
            known.clear()
        self._barrier = number
        return before

    def add(self, number: int, item: Touched) -> set[int]:
        before: set[int | None] = {self._barrier}
        for label in item.needs:
            model, field = _parts(label)
            before |= {self._whole.get(model), self._fields[model].get(field)}
        for label in item.changes:
            model, field = _parts(label)
            before.add(self._whole.get(model))
            if field:
                before |= {self._fields[model].get(field), *self._needing[model][field]}
            else:
                before |= {*self._fields[model].values(), *chain.from_iterable(self._needing[model].values())}
        for label in item.needs:
            model, field = _parts(label)
            self._needing[model][field].append(number)
        for label in item.changes:
            model, field = _parts(label)
            if field:
                self._fields[model][field] = number
                self._needing[model].pop(field, None)
            else:
                self._whole[model] = number
                self._fields[model].clear()
                self._needing[model].clear()
        return {one for one in before if one is not None and one != number}


def _parts(label: str) -> tuple[str, str]:
    app, model, *field = label.split(".")
    return f"{app}.{model}", "".join(field)
