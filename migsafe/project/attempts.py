"""A database on which something is attempted by Django's ORM, and undone."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any, NamedTuple, TypeVar, cast

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model, signals

from migsafe.project.offline import installed

COLUMNS = """
SELECT name, attname, format_type(atttypid, atttypmod), attnotnull
FROM unnest(%s::text[]) name JOIN pg_attribute ON attrelid = to_regclass(name)
WHERE attnum > 0 AND NOT attisdropped
"""

CONSTRAINTS = """
SELECT pg_get_constraintdef(oid), convalidated FROM pg_constraint WHERE conname = ANY(%s)
UNION ALL
SELECT pg_get_indexdef(indexrelid), true FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relname = ANY(%s)
"""

Prepared = TypeVar("Prepared")


class Attempt(NamedTuple):
    """What came of it.

    Attributes:
        sql: The last statement that was sent, parameters merged in; None if none was.
        error: What was raised, by the driver or in Python; None if it worked.
    """

    sql: str | None
    error: Exception | None


class Column(NamedTuple):
    type: str
    not_null: bool


class Schema:
    """A database with the schema of one of the releases."""

    def __init__(self, connection: BaseDatabaseWrapper, models: Iterable[type[Model]]) -> None:
        self.connection = connection
        self.alias = connection.alias
        self._tables = {one._meta.db_table for model in models for one in with_parents(model)}

    @cached_property
    def columns(self) -> dict[tuple[str, str], Column]:
        """By table, as in `Options.db_table`, and name."""
        names = {self.connection.ops.quote_name(table): table for table in self._tables}
        return {(names[table], name): Column(*column) for table, name, *column in self._ask(COLUMNS, list(names))}

    def has(self, table: str) -> bool:
        return any(table == known for known, _ in self.columns)

    def constraints(self, name: str) -> dict[str, bool]:
        """Definitions of the constraints and indexes that have a name, and whether all rows comply with them."""
        return dict(self._ask(CONSTRAINTS, [name], [name]))

    def _ask(self, query: str, *parameters: list[str]) -> list[tuple[Any, ...]]:
        with installed(self.connection), self.connection.cursor() as cursor:
            cursor.execute(query, parameters)
            return cast("list[tuple[Any, ...]]", cursor.fetchall())

    def rows(self, model: type[Model], number: int) -> list[Model]:
        """Some rows of a model."""
        with self._undone():
            return list(model._base_manager.using(self.alias)[:number])

    def attempt(self, prepare: "Callable[[Schema], Prepared]", act: "Callable[[Schema, Prepared], object]") -> Attempt:
        """Do something, with all constraints checked at its end, and undo it."""
        last = _LastStatement()
        error = None
        try:
            with self._undone():
                prepared = prepare(self)
                with self.connection.execute_wrapper(last):
                    act(self, prepared)
                self.connection.check_constraints()
        except Exception as raised:
            error = raised
        return Attempt(last.text(self.connection), error)

    @contextmanager
    def _undone(self) -> Iterator[None]:
        with installed(self.connection), without_receivers(), transaction.atomic(using=self.alias):
            yield
            transaction.set_rollback(True, using=self.alias)

    def load(self, instance: Model) -> Model | None:
        """The row that has its key."""
        with transaction.atomic(using=self.alias):
            return type(instance)._base_manager.using(self.alias).filter(pk=instance.pk).first()

    def insert(self, instance: Model) -> None:
        """Save it as a new row, without asking what the model's own ``save`` does."""
        instance.save_base(force_insert=True, using=self.alias)

    def make_room(self, row: Model) -> None:
        """Remove a row, whatever refers to it; as far as triggers let it, without the rights of a superuser."""
        for triggers in (False, True):
            with suppress(DatabaseError), transaction.atomic(using=self.alias), self.connection.cursor() as cursor:
                if not triggers:
                    cursor.execute("SET LOCAL session_replication_role = replica")
                for model in with_parents(type(row)):
                    key = row.pk if model is type(row) else getattr(row, model._meta.pk.attname)
                    model._base_manager.filter(pk=key)._raw_delete(self.alias)
                if not triggers:
                    cursor.execute("SET LOCAL session_replication_role = origin")
                return

    def restart(self, model: type[Model]) -> None:
        """Let automatic keys go on after the last row: rows may have been given keys past the sequence.

        RESTART is undone with the transaction, and with it what ``nextval`` does afterwards; ``setval`` never is.
        """
        quote = self.connection.ops.quote_name
        for field in automatic(model):
            table, column = quote(field.model._meta.db_table), str(field.column)
            with suppress(DatabaseError), transaction.atomic(using=self.alias), self.connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT pg_get_serial_sequence(%s, %s), coalesce(max({quote(column)}), 0) + 1 FROM {table}",
                    [table, column],
                )
                sequence, value = cursor.fetchone()
                if sequence:
                    cursor.execute(f"ALTER SEQUENCE {sequence} RESTART WITH {value:d}")


def with_parents(model: type[Model]) -> list[type[Model]]:
    """A model and those whose rows are a part of its rows."""
    return [model, *model._meta.get_parent_list()]


def automatic(model: type[Model]) -> "list[Field[Any, Any]]":
    """Fields of a model and its parents whose values come from a sequence."""
    fields = [one._meta.auto_field for one in with_parents(model)]
    return [field for field in fields if field is not None]


class _LastStatement:
    """An execute wrapper that remembers what was executed last."""

    def __init__(self) -> None:
        self._last: tuple[Any, str, Any] | None = None

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self._last = (context["cursor"], sql, params)
        return execute(sql, params, many, context)

    def text(self, connection: BaseDatabaseWrapper) -> str | None:
        """Its text; with placeholders if a value is none that the driver knows."""
        if self._last is None:
            return None
        with suppress(Exception):
            return str(connection.ops.last_executed_query(*self._last))
        return self._last[1]


@contextmanager
def without_receivers() -> Iterator[None]:
    """Receivers of all models' signals are no part of what is tried, and may do anything."""
    names = ("pre_init", "post_init", "pre_save", "post_save", "pre_delete", "post_delete")
    muted: list[Any] = [getattr(signals, name) for name in names]
    before = [signal.receivers for signal in muted]
    try:
        for signal in muted:
            signal.receivers = []
            signal.sender_receivers_cache.clear()
        yield
    finally:
        for signal, receivers in zip(muted, before, strict=True):
            signal.receivers = receivers
            signal.sender_receivers_cache.clear()
