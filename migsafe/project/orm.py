"""What code of a release sends to the server, as Django's ORM makes it from the models of the release.

Rows are samples: each is known as it is before a change, and as the change makes it. So whatever fields the models of a
release have, there are values for them that belong together, and that the constraints of both schemas allow.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.operations import AddField, AlterField, RenameField, RenameModel
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, Field, ForeignKey, Model, QuerySet
from django.db.models.deletion import Collector
from django.db.models.sql import InsertQuery, UpdateQuery

from migsafe.project.attempts import without_receivers
from migsafe.project.graph import History
from migsafe.project.graph import Key as GraphKey
from migsafe.project.load import connecting_code
from migsafe.project.offline import installed
from migsafe.project.probes import rendered_models, touched
from migsafe.project.state import Key, relation
from migsafe.project.values import NoValueError, made_up

KEY = "\ufdd0"
"""Where the literal of a primary key goes in a statement."""

COLUMNS = """
SELECT name, attname, attrelid::bigint, attnum
FROM unnest(%s::text[]) name JOIN pg_attribute ON attrelid = to_regclass(name)
WHERE attnum > 0 AND NOT attisdropped
"""

State = ProjectState
"""Of models, for those who do not know Django."""

AnyField: TypeAlias = "Field[Any, Any]"
AnyModel: TypeAlias = type[Model]


def state_after(history: History, keys: Iterable[GraphKey], before: ProjectState) -> ProjectState:
    """Models that the project has after some migrations, without a database."""
    state = ProjectState({key: model.clone() for key, model in before.models.items()}, before.real_apps)
    for key in keys:
        history.migration(key).mutate_state(state, preserve=False)
    return state


class Sample(NamedTuple):
    """A row.

    Attributes:
        key: Literal of its primary key.
        before: As it is before the change; None if its table is new.
        after: As the change makes it; None if its table is gone then, or if that is not known.
        written: As code of the end writes it, if that has values for fields that the change leaves NULL.
    """

    key: str
    before: Model | None
    after: Model | None
    written: Model | None = None

    @property
    def by_code(self) -> Model | None:
        """As code of the end writes it."""
        return self.written or self.after


class Line(NamedTuple):
    """A model through all releases.

    Attributes:
        before: As it is before the change; None if it is new.
        after: As it is at the end; None if it is gone then.
        successors: Names of its fields → those that they are at the end.
    """

    before: AnyModel | None
    after: AnyModel | None
    successors: Mapping[str, str]

    @property
    def name(self) -> str:
        """As people call it: ``app_label.ModelName``."""
        return self.any._meta.label

    @property
    def any(self) -> AnyModel:
        found = self.before or self.after
        assert found is not None
        return found

    @property
    def filled(self) -> tuple[str, ...]:
        """Its first columns that may be NULL and may not be at the end."""
        old, new = _fields(self.before), _fields(self.after)
        return tuple(
            str(field.column)
            for name, field in old.items()
            if field.null and (successor := new.get(self.successors.get(name, ""))) and not successor.null
        )

    @property
    def left_null(self) -> frozenset[str]:
        """Names of fields at the end that are NULL in rows of code that does not know them."""
        return frozenset(
            name
            for name, field in _fields(self.after).items()
            if field.null and getattr(field, "db_default", NOT_PROVIDED) is NOT_PROVIDED
        )

    @property
    def table(self) -> str:
        """Its first one, as reports have it."""
        return relation(self.any._meta.db_table)

    @property
    def columns_after(self) -> dict[str, str]:
        """Columns of its fields at the end, without those of its parents."""
        return {name: str(field.column) for name, field in _fields(self.after).items()}

    @property
    def table_after(self) -> str | None:
        return relation(self.after._meta.db_table) if self.after else None

    def is_above(self, other: "Line") -> bool:
        """Whether the other one inherits from it, before the change."""
        return bool(self.before and other.before and self.before in other.before._meta.get_parent_list())

    def refers_to(self, others: Collection["Line"]) -> bool:
        """Whether it has a foreign key to one of the others, before the change."""
        models = [other.before for other in others]
        return any(field.related_model in models for field in _fields(self.before).values() if field.is_relation)

    def in_release(self, state: ProjectState) -> Key | None:
        """What it is called in a release; None if that does not have it."""
        for model in (self.after, self.before):
            if (
                model
                and (key := (model._meta.app_label, str(model._meta.model_name)))[1] in state.apps.all_models[key[0]]
            ):
                return key
        return None


class Code(NamedTuple):
    """Statements that code of a release has for a model. `KEY` stands for the row's.

    Attributes:
        release: Its name.
        table: Which it uses, as reports have it.
        fields: Those that it gives a value when it saves, as they are called at the end, or before if they go.
        columns: What it names in an UPDATE.
        reads: All columns of some rows, and of one.
        inserts: By sample; None for one that it has no values for.
        updates: The same.
        returned: Where in what INSERT returns the key is; None if the sample brings its own.
        deletes: Of one row, in a transaction, with what else goes with it.
        reason: Why some are missing.
    """

    release: str
    model: str
    table: str
    fields: frozenset[str]
    reads: tuple[str, ...]
    inserts: tuple[str | None, ...] = ()
    updates: tuple[str | None, ...] = ()
    returned: int | None = None
    deletes: tuple[str, ...] = ()
    reason: str | None = None


class Final(NamedTuple):
    """Statements that make a row what it has to be.

    Attributes:
        sql: One that does.
        delete: Together with `insert`, another way.
    """

    sql: str
    delete: str
    insert: str


class Lineage:
    """Models from before a change to its end, and what code of each release sends for them.

    Args:
        before: State of the project before the change, and a connection to such a database.
        after: The same of its end.
        tables: What the change has locked; ``schema.name`` outside of ``public``.
        computed: As `computed_fields` has them.
    """

    def __init__(
        self,
        before: tuple[ProjectState, BaseDatabaseWrapper],
        after: tuple[ProjectState, BaseDatabaseWrapper],
        tables: Collection[str],
        computed: Collection[tuple[str, str]] = (),
    ) -> None:
        self._computed = computed
        self._before, self._home = before
        self._after, self._end = after
        self.lines = tuple(self._lines(tables))

    def _lines(self, tables: Collection[str]) -> Iterator[Line]:
        with connecting_code():
            changed = touched(self._before, self._after, tables)
            old, new = (
                {
                    key: model
                    for key, model in rendered_models(state, side).items()
                    if _is_used(model) and "insert" in side[key]
                }
                for state, side in ((self._before, changed.old), (self._after, changed.new))
            )
            places = _places(self._home, old.values()), _places(self._end, new.values())
        by_oid = {_oid(places[1], model): key for key, model in new.items()}
        for key, model in old.items():
            table = model._meta.db_table
            other = by_oid.get(_oid(places[0], model)) or (key if key in new else None)
            successor = new.pop(other) if other in new else None
            if table in {at for at, _ in places[0]}:
                yield Line(model, successor, _successors(model, successor, *places))
        for model in new.values():
            yield Line(None, model, {})

    def keys(self, line: Line, number: int, *, new: bool = False) -> tuple[str, ...]:
        """Literals of the keys of some rows, of all parts of the table; always the same of the same rows.

        A third of them has a NULL that the end does not allow, if there are as many.

        Args:
            new: Of the end, instead of before.
        """
        connection, model = (self._end, line.after) if new else (self._home, line.before)
        if model is None or not _has_one_key(model):
            return ()
        table, column = map(connection.ops.quote_name, (model._meta.db_table, str(model._meta.pk.column)))
        with connecting_code(), installed(connection), connection.cursor() as cursor:
            part = (
                f"SELECT quote_literal({column}::text) FROM {table} WHERE {{}} ORDER BY md5({column}::text) LIMIT {{}}"
            )
            empty = " OR ".join(f"{connection.ops.quote_name(one)} IS NULL" for one in line.filled) or "false"
            found = []
            for condition, most in ((empty, number // 3), (f"NOT ({empty})", number)):
                cursor.execute(part.format(condition, most))
                found.append([key for (key,) in cursor.fetchall()])
        without, others = found
        for at, key in enumerate(without):
            others.insert(3 * at, key)
        return tuple(others[:number])

    def take(self, line: Line, keys: Sequence[str]) -> frozenset[str]:
        """Remove rows from both databases; say which could be, since nothing refers to them."""
        sides = [(at, _delete_of(at, one)) for at, one in ((self._home, line.before), (self._end, line.after)) if one]
        with connecting_code(), ExitStack() as stack:
            cursors = [(stack.enter_context(connection.cursor()), delete) for connection, delete in sides]
            for cursor, _ in cursors:
                cursor.execute("BEGIN; SET CONSTRAINTS ALL IMMEDIATE")
            gone = frozenset(key for key in keys if _removed(cursors, key))
            for cursor, _ in cursors:
                cursor.execute("COMMIT")
            return gone

    def restart(self) -> None:
        """Let new rows before the change have keys that none had: rows may have been given keys past the sequence."""
        with connecting_code(), installed(self._home), self._home.cursor() as cursor:
            for line in self.lines:
                if line.before is None or (field := line.before._meta.auto_field) is None:
                    continue
                table, column = map(self._home.ops.quote_name, (line.before._meta.db_table, str(field.column)))
                cursor.execute(
                    f"SELECT setval(s, coalesce(max({column}), 0) + 1, false)"
                    f" FROM {table}, pg_get_serial_sequence(%s, %s) s GROUP BY s",
                    [table, field.column],
                )

    def close(self) -> None:
        """Close the connections, so that the databases can be copied; they open again when they are needed."""
        self._home.close()
        self._end.close()

    def samples(self, line: Line, keys: Sequence[str], *, known: bool) -> tuple[Sample, ...]:
        """Rows by their keys.

        Args:
            keys: Literals.
            known: Whether the change was carried out with them.
        """
        before = _rows(self._home, line.before, keys) if line.before else {}
        after = _rows(self._end, line.after, keys) if line.after and known else {}
        return tuple(Sample(key, before.get(key), after.get(key)) for key in keys if key in before or key in after)

    def insertable(self, line: Line, samples: Sequence[Sample]) -> tuple[Sample, ...]:
        """Those that can be inserted without any of the others that are gone, which they may refer to.

        Args:
            samples: Those that are in no database.
        """
        kept = list(samples)
        with connecting_code(), without_receivers():
            for connection, model, side in ((self._home, line.before, 0), (self._end, line.after, 1)):
                if model is None:
                    continue
                with installed(connection):
                    compiler = _Compiler("", model, line, connection, first=not side)
                    kept = [
                        one
                        for one in kept
                        if (row := (one.before, one.after)[side]) is None or compiler.tries(row, one.key)
                    ]
        return tuple(kept)

    def written(self, line: Line, samples: Sequence[Sample]) -> tuple[Sample, ...]:
        """The same, every other one with values for new fields that may be NULL, as far as the end allows them.

        Args:
            samples: Those that are in no database.
        """
        old = set(line.successors.values())
        new = [field for field in _fields(line.after).values() if field.null and field.name not in old]
        if line.after is None or not new:
            return tuple(samples)
        made = list(samples)
        alias = self._end.alias
        with connecting_code(), installed(self._end), without_receivers(), transaction.atomic(alias):
            compiler = _Compiler("", line.after, line, self._end, first=False)
            rows = {
                number: self._filled(_copy(line.after, sample.after), new, number)
                for number, sample in list(enumerate(samples))[::2]
                if sample.after is not None
            }
            # With all of them there, so that no two have the same where that must not be.
            there = [one.after is not None and compiler.takes(one.after, one.key) for one in samples]
            for number, row in rows.items():
                if there[number] and compiler.takes(row, samples[number].key, new=False):
                    made[number] = samples[number]._replace(written=row)
            transaction.set_rollback(True, alias)
        return tuple(made)

    def _filled(self, row: Model, fields: Iterable[AnyField], number: int) -> Model:
        for field in fields:
            setattr(row, field.attname, self._value(field, number))
        return row

    def _value(self, field: AnyField, number: int) -> Any:
        """A value for a field that may be NULL; None if there is none."""
        if isinstance(field, ForeignKey):
            if any(line.before is None and line.after is field.related_model for line in self.lines):
                return None  # its rows are only at the end
            target = field.target_field.attname
            rows = field.related_model._base_manager.using(self._end.alias).order_by(target)
            return next(iter(rows.values_list(target, flat=True)[number : number + 1]), None)
        required = field.clone()
        required.null = False
        with suppress(NoValueError):
            return _varied(required, number)
        return None

    def code(
        self, name: str, state: ProjectState, line: Line, samples: Sequence[Sample], *, first: bool
    ) -> Code | None:
        """What code of a release has for a model; None if it does not know it.

        Args:
            first: Whether it is the release before the change: all later ones leave nothing NULL that the end wants.
        """
        key = line.in_release(state)
        if key is None:
            return None
        with connecting_code(), installed(self._home), without_receivers():
            model = rendered_models(state, [key])[key]
            return _Compiler(name, model, line, self._home, first=first).code(samples)

    def final(self, line: Line, sample: Sample, values: Mapping[str, Sample], *, key: str, new: bool) -> Final | None:
        """What makes a row what it has to be at the end.

        Args:
            sample: Where it has its values from.
            values: Names of fields that code has written → what it has written.
            key: Literal of its primary key.
            new: Whether it has to be inserted.
        """
        if line.after is None or sample.after is None:
            return None
        with connecting_code(), installed(self._end), without_receivers():
            made = _copy(line.after, sample.after)
            for name, other in values.items():
                field = line.after._meta.get_field(name)
                if other.by_code is not None:
                    setattr(made, field.attname, getattr(other.by_code, field.attname))  # type: ignore[union-attr]
            compiler = _Compiler("", line.after, line, self._end, first=False)
            insert = compiler.insert(made, key=key)[0]
            sql = insert if new else compiler.update(made, key)
            return Final(sql, compiler.delete(key), insert) if sql else None

    def volatile(self, line: Line) -> dict[str, frozenset[str] | None]:
        """Columns at the end whose values are others each time that the change is carried out.

        Returns:
            To each the literals of the keys of the rows in which they are, since there was none before; None for all.
        """
        before = {successor: name for name, successor in line.successors.items()}
        found: dict[str, frozenset[str] | None] = {}
        for name, field in _fields(line.after).items():
            computed = (field.model._meta.label_lower, name.lower()) in self._computed
            if name not in before:
                if computed or _varies(field):
                    found[str(field.column)] = None
            elif getattr(field, "auto_now", False):
                found[str(field.column)] = None
            elif computed:
                found[str(field.column)] = self._empty(line, before[name])
        return found

    def _empty(self, line: Line, name: str) -> frozenset[str]:
        """Literals of the keys of the rows before the change that have no value for a field."""
        model, quote = line.before, self._home.ops.quote_name
        if model is None or not _has_one_key(model):
            return frozenset()
        table, key, column = (
            quote(str(one))
            for one in (model._meta.db_table, model._meta.pk.column, model._meta.get_field(name).column)  # type: ignore[union-attr]
        )
        with connecting_code(), installed(self._home), self._home.cursor() as cursor:
            cursor.execute(f"SELECT quote_literal({key}::text) FROM {table} WHERE {column} IS NULL")
            return frozenset(literal for (literal,) in cursor.fetchall())

    def without(self, line: Line, sample: Sample) -> frozenset[str]:
        """Columns at the end that a sample has no value for before the change."""
        old, new = _fields(line.before), _fields(line.after)
        return frozenset(
            str(new[successor].column)
            for name, successor in line.successors.items()
            if sample.before is not None and getattr(sample.before, old[name].attname) is None
        )

    def moved(self, line: Line, sample: Sample) -> frozenset[str]:
        """Columns at the end of which the change has made other values, and nothing else: it is about data."""
        old, new = _fields(line.before), _fields(line.after)
        if sample.before is None or sample.after is None:
            return frozenset()
        return frozenset(
            str(new[name].column)
            for name, field in old.items()
            if name in new
            and _is_same(field, new[name])
            and getattr(sample.before, field.attname) != getattr(sample.after, new[name].attname)
        )


def _is_used(model: AnyModel) -> bool:
    return not model._meta.proxy and not model._meta.swapped


def _places(connection: BaseDatabaseWrapper, models: Iterable[AnyModel]) -> dict[tuple[str, str], tuple[int, int]]:
    """Columns by table and name → what a copy of the database has them by, whatever they are called there."""
    names = {connection.ops.quote_name(model._meta.db_table): model._meta.db_table for model in models}
    with installed(connection), connection.cursor() as cursor:
        cursor.execute(COLUMNS, [list(names)])
        return {(names[table], column): (oid, number) for table, column, oid, number in cursor.fetchall()}


def _oid(places: Mapping[tuple[str, str], tuple[int, int]], model: AnyModel) -> int | None:
    return next((oid for (table, _), (oid, _) in places.items() if table == model._meta.db_table), None)


def _successors(
    before: AnyModel,
    after: AnyModel | None,
    old: Mapping[tuple[str, str], tuple[int, int]],
    new: Mapping[tuple[str, str], tuple[int, int]],
) -> dict[str, str]:
    if after is None:
        return {}
    fields = {field.name: field for field in after._meta.local_concrete_fields}
    at = {new.get((after._meta.db_table, str(field.column))): name for name, field in fields.items()}
    at.pop(None, None)
    found = {}
    for field in before._meta.local_concrete_fields:
        same = at.get(old.get((before._meta.db_table, str(field.column))))
        if name := same or (field.name if field.name in fields else None):
            found[field.name] = name
    return found


def _rows(connection: BaseDatabaseWrapper, model: AnyModel, keys: Sequence[str]) -> dict[str, Model]:
    """Rows of a model by the literals of their keys."""
    if not keys or not _has_one_key(model):
        return {}
    quote = connection.ops.quote_name
    column = f"{quote(model._meta.db_table)}.{quote(str(model._meta.pk.column))}"
    with connecting_code(), installed(connection), without_receivers():
        rows = model._base_manager.using(connection.alias).extra(
            select={ASKED: f"quote_literal({column}::text)"},
            where=[f"{column} IN ({', '.join(keys)})".replace("%", "%%")],
        )
        try:
            return {getattr(row, ASKED): row for row in rows}
        except Exception:  # of fields, whoever has written them
            return {}


def _delete_of(connection: BaseDatabaseWrapper, model: AnyModel) -> str:
    """The statement that deletes one row, up to the literal of its key."""
    table, column = map(connection.ops.quote_name, (model._meta.db_table, str(model._meta.pk.column)))
    return f"DELETE FROM {table} WHERE {column} = "


def _removed(cursors: Sequence[tuple[Any, str]], key: str) -> bool:
    """Remove a row from all databases, or from none."""
    for cursor, _ in cursors:
        cursor.execute("SAVEPOINT whole")
    try:
        for cursor, delete in cursors:
            cursor.execute(f"{delete}{key}")
    except DatabaseError:
        for cursor, _ in cursors:
            cursor.execute("ROLLBACK TO SAVEPOINT whole")
        return False
    return True


def _has_one_key(model: AnyModel) -> bool:
    return model._meta.pk.column is not None  # a CompositePrimaryKey has none


def computed_fields(history: History, keys: Iterable[GraphKey]) -> frozenset[tuple[str, str]]:
    """Fields that migrations give values that are others each time: labels of their models → names, all lower-case.

    They are called as the last of the migrations leaves them.
    """
    found: set[tuple[str, str]] = set()
    for app, name in keys:
        for operation in history.migration((app, name)).operations:
            match operation:
                case AddField() | AlterField() if _varies(operation.field):
                    found.add((f"{app}.{operation.model_name_lower}", operation.name_lower))
                case RenameField():
                    model = f"{app}.{operation.model_name_lower}"
                    if (model, operation.old_name_lower) in found:
                        found.add((model, operation.new_name_lower))
                case RenameModel():
                    old, new = f"{app}.{operation.old_name_lower}", f"{app}.{operation.new_name_lower}"
                    found |= {(new, field) for model, field in found if model == old}
    return frozenset(found)


def _varies(field: AnyField) -> bool:
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return True
    default = getattr(field, "db_default", NOT_PROVIDED)
    if default is not NOT_PROVIDED:
        return hasattr(default, "resolve_expression") and type(default).__name__ != "Value"
    return field.has_default() and bool(field.get_default() != field.get_default())


def _copy(model: AnyModel, row: Model) -> Model:
    return model(**{field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields})


class _Written(NamedTuple):
    made: Model
    insert: str
    returned: int | None
    update: str | None


class _Compiler:
    """Statements of one model of a release, by Django's own compilers."""

    def __init__(
        self, release: str, model: AnyModel, line: Line, connection: BaseDatabaseWrapper, *, first: bool
    ) -> None:
        self._release = release
        self._model = model
        self._line = line
        self._connection: Any = connection
        self._first = first
        self._manager = model._base_manager.using(connection.alias)
        meta = model._meta
        self._fields = [one for one in meta.local_concrete_fields if not getattr(one, "generated", False)]
        self._before = _fields(line.before)
        self._after = _fields(line.after)

    def code(self, samples: Sequence[Sample]) -> Code:
        model, meta = self._model, self._model._meta
        made = Code(
            release=self._release,
            model=meta.label,
            table=relation(meta.db_table),
            fields=frozenset(name for field in self._fields for name in self._successor(field)),
            reads=(self._select(self._some()),),
        )
        if not _has_one_key(model):
            return made._replace(reason="its primary key has several columns")
        written = [self._written(sample, number) for number, sample in enumerate(samples)]
        usable = next((one for one in written if one), None)
        if usable is None:
            return made._replace(reason="there are no rows to take values from")
        return made._replace(
            reads=(*made.reads, self._select(self._manager.filter(pk=usable.made.pk)[:21], key=0)),
            inserts=tuple(one and one.insert for one in written),
            updates=tuple(one and one.update for one in written),
            returned=usable.returned,
        )._replace(**self._deletes(usable.made))

    def _some(self) -> Any:
        """A page of rows; in an order, since without one each page would be searched for in what batches have left."""
        rows = self._manager.all()
        return (rows if rows.ordered else rows.order_by("pk"))[:21]

    def _deletes(self, made: Model) -> dict[str, Any]:
        try:
            return {"deletes": tuple(self._delete(made))}
        except Exception as error:  # of fields and relations, whoever has written them
            return {"reason": f"how it deletes is not known: {type(error).__name__}: {error}"}

    def _written(self, sample: Sample, number: int) -> "_Written | None":
        """How a sample is written; None if there are no values for all fields, or one that Django refuses to send."""
        try:
            made = self._object(sample, number)
            return _Written(made, *self.insert(made), self.update(made)) if made else None
        except Exception:  # of fields, whoever has written them
            return None

    def _successor(self, field: AnyField) -> Iterator[str]:
        if field.name in self._after:
            yield field.name
        if field.name in self._before:
            yield self._line.successors.get(field.name, field.name)

    def _object(self, sample: Sample, number: int) -> Model | None:
        if self._first and sample.before is None:
            return None
        values = {field.attname: self._value(field, sample, number) for field in self._fields}
        return self._model(**{name: value for name, value in values.items() if value is not UNSET})

    def _value(self, field: AnyField, sample: Sample, number: int) -> Any:
        old, new = self._before.get(field.name), self._after.get(field.name)
        if self._first:
            return getattr(sample.before, field.attname)
        sides = [(new, sample.by_code), (old, sample.before)]
        if old and not (new and _is_same(field, new)):
            sides.reverse()
        required = new is not None and not new.null
        for known, row in sides:
            if known and row and ((value := getattr(row, known.attname)) is not None or not required):
                return value
        if field.has_default():
            return field.get_default()
        if getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED:
            return UNSET
        return _varied(new if required and new else field, number)

    def insert(self, made: Model, *, key: str | None = None) -> tuple[str, int | None]:
        """The statement, and where in what it returns the key is.

        Args:
            key: Literal of the key, if it is not to have a new one.
        """
        meta = self._model._meta
        automatic = meta.auto_field if key is None else None
        fields = sorted((one for one in self._fields if one is not automatic), key=lambda one: not one.primary_key)
        query = InsertQuery(self._model)
        query.insert_values(fields, [made], raw=True)
        compiler: Any = query.get_compiler(connection=self._connection)
        returning = compiler.returning_fields = list(getattr(meta, "db_returning_fields", ()))
        [(sql, params)] = compiler.as_sql()
        text = self._text(sql, params, key=0 if key else None).replace(KEY, key or "")
        return text, returning.index(automatic) if automatic in returning else None

    def delete(self, key: str) -> str:
        """Of the row alone."""
        return f"{_delete_of(self._connection, self._model)}{key}"

    def tries(self, made: Model, key: str) -> bool:
        """Whether the database would take a row."""
        with transaction.atomic(self._connection.alias):
            taken = self.takes(made, key)
            transaction.set_rollback(True, self._connection.alias)
        return taken

    def takes(self, made: Model, key: str, *, new: bool = True) -> bool:
        """Write a row, unless the database refuses it; say whether it did not.

        Args:
            new: Whether it is to be inserted.
        """
        with suppress(Exception), transaction.atomic(self._connection.alias), self._connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            if sql := self.insert(made, key=key)[0] if new else self.update(made, key):
                cursor.execute(sql)
            return True
        return False

    def update(self, made: Model, key: str = KEY) -> str | None:
        values = [(one, None, getattr(made, one.attname)) for one in self._fields if not one.primary_key]
        if not values:
            return None
        query: Any = self._manager.filter(pk=made.pk or 1).query.chain(UpdateQuery)
        query.add_update_fields(values)
        sql, params = query.get_compiler(connection=self._connection).as_sql()
        return self._text(sql, params, key=len(params) - 1).replace(KEY, key)

    def _select(self, rows: "QuerySet[Model]", *, key: int | None = None) -> str:
        sql, params = rows.query.get_compiler(connection=self._connection).as_sql()
        return self._text(sql, params, key=key)

    def _delete(self, made: Model) -> Iterator[str]:
        """What Django sends to delete a row that nothing refers to, also to find out that nothing does."""
        key = self._model._meta.pk.get_db_prep_value(made.pk, self._connection)
        sent: list[tuple[str, Sequence[Any]]] = []

        def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            sent.append((sql, tuple(params or ())))
            return execute("SELECT WHERE false", None, many, context)

        with self._connection.execute_wrapper(note):
            collector = Collector(using=self._connection.alias, origin=made)
            collector.collect([made], keep_parents=True)
            collector.delete()
        for sql, params in sent:
            at = next((at for at, value in enumerate(params) if value == key or str(value) == str(key)), None)
            yield self._text(sql, params, key=at)

    def _text(self, sql: str, params: Sequence[Any], *, key: int | None = None) -> str:
        """A statement with its values in it, and `KEY` in the place of one of them."""
        values = iter(params)
        parts = []
        for part in re.split("(%s|%%)", sql):
            if part == "%s":
                value = next(values)
                parts.append(KEY if key == 0 else self._literal(value))
                key = None if key is None else key - 1
            else:
                parts.append("%" if part == "%%" else part)
        return "".join(parts)

    def _literal(self, value: Any) -> str:
        return str(self._connection.ops.compose_sql("%s", [value]))


UNSET: Any = object()
"""A field is left to the database."""

ASKED = "migsafe_key"


def _fields(model: AnyModel | None) -> dict[str, AnyField]:
    return {one.name: one for one in model._meta.local_concrete_fields} if model else {}


def _is_same(one: AnyField, other: AnyField) -> bool:
    return one.deconstruct()[1:] == other.deconstruct()[1:]


def _varied(field: AnyField, number: int) -> Any:
    """A value that is made up, and another one for each row."""

    def nothing(_: Any) -> None:
        return None

    value = made_up(field, nothing)
    if isinstance(value, bool) or not field.unique:
        return value
    if isinstance(value, str):
        return f"{value}{number}"
    if isinstance(value, UUID):
        return UUID(int=value.int ^ number)
    return value + number if isinstance(value, int) else value
