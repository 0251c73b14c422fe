"""Choices among what a schema has, so that most random statements are such as the server accepts."""

from collections.abc import Iterable, Iterator
from itertools import count
from random import Random
from typing import TypeVar

from migsafe.actions import Constraint, ConstraintKind, Name, Type
from migsafe.sql.catalog import Catalog, Column, Index, Table
from migsafe.sql.parse import parse

T = TypeVar("T")

BUILT_IN = (
    "int", "int", "int", "int", "bigint", "text", "varchar(10)", "varchar(20)", "numeric(10, 2)", "numeric(12, 2)",
    "timestamptz", "timestamp", "date", "boolean", "uuid", "jsonb", "int[]", "smallint", "char(5)", "float",
    "cidr", "inet", "time", "interval", "varbit(8)", "numeric", "timestamp(3)", "varchar", "oid",
)  # fmt: skip
_CATEGORIES = {
    "number": ("int2", "int4", "int8", "numeric", "float8"),
    "text": ("text", "varchar", "bpchar"),
    "moment": ("timestamp", "timestamptz", "date"),
    "address": ("inet", "cidr"),
}
_SIBLINGS = {
    "number": ("int", "bigint", "smallint", "numeric(10, 2)", "numeric(12, 2)", "numeric", "float"),
    "text": ("text", "varchar(10)", "varchar(20)", "varchar", "char(5)"),
    "moment": ("timestamp", "timestamptz", "date", "timestamp(3)", "timestamptz(3)"),
    "address": ("inet", "cidr"),
}
_CONSTANTS = {
    "number": ("1", "7", "length('abc')"),
    "text": ("'x'", "upper('x')"),
    "moment": ("'2026-01-01'",),
    "address": ("'10.0.0.0/8'",),
    "bool": ("true",),
    "uuid": ("'6f2c0ae5-5fb8-4f8c-9f3a-0c2f2b7f3a11'",),
    "jsonb": ("'{}'",),
    "interval": ("'1 day'",),
    "time": ("'00:00'",),
}
_CALLS = {
    "number": ("extract(epoch from now())::int % 100", "(random() * 100)::int", "mutable()", "steady()", "pure()"),
    "text": ("current_user", "clock_timestamp()::text", "md5(random()::text)", "left(version(), 5)"),
    "moment": ("now()", "CURRENT_DATE", "clock_timestamp()", "statement_timestamp()"),
    "uuid": ("md5(random()::text)::uuid",),
    "bool": ("random() > 0.5",),
}


class Nothing(Exception):
    """The schema has nothing that the statement could be about."""


class Schema:
    """The schema so far;

    Attributes:
        notes: What a catalog does not keep, by relation: how a table is partitioned, the columns of a query.
    """

    def __init__(self, random: Random, catalog: Catalog, postgres: int, notes: dict[str, tuple[str, ...]]) -> None:
        self._random = random
        self.catalog = catalog
        self.postgres = postgres
        self.notes = notes
        self._taken: set[str] = set()

    def after(self, sql: object) -> "Schema":
        """The schema that a statement leaves, if the server accepts it."""
        catalog = self.catalog
        for parsed in parse(str(sql)):
            for action in parsed.actions:
                catalog = catalog.after(action)
        schema = Schema(self._random, catalog, self.postgres, self.notes)
        schema._taken |= self._known()
        return schema

    def one(self, options: Iterable[T]) -> T:
        options = tuple(options)
        if not options:
            raise Nothing
        return self._random.choice(options)

    def some(self, options: Iterable[T], most: int = 2) -> list[T]:
        options = tuple(options)
        if not options:
            raise Nothing
        return self._random.sample(options, self.number(1, min(most, len(options))))

    def chance(self, percent: int) -> bool:
        return self.number(1, 100) > 100 - percent

    def maybe(self, text: str, percent: int = 15) -> str:
        return text if self.chance(percent) else ""

    def number(self, least: int, most: int) -> int:
        return self._random.randint(least, most)

    # Names

    def new(self, prefix: str, taken: Iterable[str] = ()) -> str:
        """A name that nothing has."""
        known = {*taken, *self._known()}
        name = next(name for number in count(1) if (name := f"{prefix}{number}") not in known)
        self._taken.add(name)
        return name

    def _known(self) -> set[str]:
        catalog = self.catalog
        return {
            *self._taken,
            *(name.name for objects in (catalog.tables, catalog.index_map, catalog.sequences) for name in objects),
            *(name.name for objects in (catalog.types, catalog.functions) for name in objects),
            *(name for table in catalog.tables.values() for name in table.constraints),
            *(name for table in catalog.tables.values() for name in table.triggers),
        }

    def new_column(self, table: Table | None = None) -> str:
        known = self._taken | set(table.columns if table else ())
        name = next(letter for letter in _letters() if letter not in known)
        self._taken.add(name)
        return name

    def name(self, name: Name) -> str:
        return self.catalog.display(name)

    # Relations

    def tables(self, *kinds: str) -> list[Table]:
        wanted = kinds or ("table", "partitioned table")
        found = [table for table in self.catalog.tables.values() if table.kind in wanted]
        return sorted(found, key=lambda table: table.oid)

    def table(self, *kinds: str) -> Table:
        return self.one(self.tables(*kinds))

    def table_with_columns(self) -> Table:
        return self.one(table for table in self.tables() if table.columns)

    def indexes(self) -> list[Index]:
        return sorted(self.catalog.index_map.values(), key=lambda index: index.oid)

    def index(self) -> Index:
        return self.one(self.indexes())

    # Columns

    def category(self, column: Column) -> str:
        return category(column.type, self.catalog)

    def columns(self, table: Table, *categories: str) -> list[Column]:
        return [column for column in table.columns.values() if not categories or self.category(column) in categories]

    def column(self, table: Table, *categories: str) -> str:
        return self.one(self.columns(table, *categories)).name

    def type(self) -> str:
        made = [self.name(each.name) for each in sorted(self.catalog.types.values(), key=lambda each: each.name)]
        return self.one((*BUILT_IN, *(made * 3)))

    def other_type(self, column: Column) -> tuple[str, str]:
        """A type that a column can be changed to, and USING if that needs it."""
        kind = self.category(column)
        made = [self.name(each.name) for each in sorted(self.catalog.types.values(), key=lambda each: each.name)
                if each.base is not None and category(each.base, self.catalog) == kind]  # fmt: skip
        if self.chance(15):
            new = self.one(("text", "varchar(30)"))
            return new, self.maybe(f" USING {column.name}::{new}", 50)
        new = self.one((str(column.type), *_SIBLINGS.get(kind, ("text",)), *(made * 2)))
        using = (f" USING {column.name}::{new}", f" USING {column.name}::text::{new}", f" USING ({column.name})")
        return new, self.one(using) if self.chance(25) else ""

    # Expressions

    def default(self, kind: str) -> str:
        calls = [call for call in _CALLS.get(kind, ()) if self._is_there(call)]
        if kind == "number":
            calls += (f"nextval('{self.name(name)}')" for name in sorted(self.catalog.sequences))
        return self.one((*_CONSTANTS.get(kind, ()), "NULL", *calls))

    def _is_there(self, call: str) -> bool:
        return call not in ("mutable()", "steady()", "pure()") or self.catalog.function(Name(call[:-2])) is not None

    def predicate(self, columns: Iterable[tuple[str, str]]) -> str:
        """A condition that the rows of tests/observed.py meet, on columns given with the category of their type."""
        columns = tuple(columns)
        name, kind = self.one(columns)
        known = f"{name} IS NOT NULL"
        simple = {"number": f"{name} > -5", "text": f"{name} <> 'zzz'"}.get(kind, known)
        other = f"{self.one(columns)[0]} IS NOT NULL"
        forms = (simple, known, f"{simple} AND {known}", f"NOT ({name} IS NULL)", f"{simple} OR {other}",
                 f"({name} IS NOT NULL AND {other})", f"{name} IS NOT NULL IS TRUE", f"coalesce({simple}, true)")  # fmt: skip
        return self.one(forms)

    def condition(self, table: Table) -> str:
        return self.predicate((column.name, self.category(column)) for column in table.columns.values())

    # Constraints

    def constraints(self, table: Table, *kinds: ConstraintKind) -> list[Constraint]:
        return [each for each in table.constraints.values() if not kinds or each.kind in kinds]

    def key_columns(self, table: Table) -> list[tuple[str, ...]]:
        """What a foreign key can refer to."""
        keys = [each.columns for each in self.constraints(table, ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE)]
        keys += [
            tuple(column for column in index.columns if column)
            for index in self.catalog.indexes(table.name)
            if index.unique and index.where is None and None not in index.columns
        ]
        return list(dict.fromkeys(keys))


def category(type_: Type, catalog: Catalog) -> str:
    if type_.array:
        return "array"
    made = catalog.user_type(type_.name)
    if made is not None:
        return category(made.base, catalog) if made.base is not None else made.kind
    return next((name for name, types in _CATEGORIES.items() if type_.name.name in types), type_.name.name)


def written_category(type_: str, catalog: Catalog) -> str:
    """As `category`, of a type as it is written."""
    word = type_.partition("(")[0]
    known = {
        "int": "int4",
        "bigint": "int8",
        "smallint": "int2",
        "char": "bpchar",
        "float": "float8",
        "boolean": "bool",
    }
    if word.endswith("[]"):
        return "array"
    schema, _, name = word.rpartition(".")
    return category(Type(Name(known.get(name, name), schema or None)), catalog)


def _letters() -> Iterator[str]:
    yield from "abcdefghijklmnop"
    yield from (f"x{number}" for number in count())
