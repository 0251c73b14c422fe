"""The project's own database connection, made so that it never connects.

`offline_connection` subclasses the DatabaseWrapper that the project's settings name, at run time. All that Django
and operations do with a connection works as on a server, up to ``cursor.execute``: there the statement is recorded
instead of sent. What Django reads back from a server is answered from the schema that the recorded statements make;
anything else raises `NeedsConnection`.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, time
from typing import Any, NamedTuple, Self

import django.db.backends.postgresql.base  # noqa: F401  # before introspection: from Django 6.1 on they import each other
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.introspection import BaseDatabaseIntrospection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.postgresql import introspection as postgresql
from django.db.backends.postgresql.psycopg_any import is_psycopg3, sql
from django.db.models import Index

from migsafe.actions import Constraint, ConstraintKind, Name, Parsed
from migsafe.sql.catalog import Catalog, Table
from migsafe.sql.parse import parse
from migsafe.sql.session import Session


class NeedsConnection(Exception):
    """An operation asked the server something that the schema cannot answer.

    Not a DatabaseError, since code that catches those would go on with a guess.
    """


class Executed(NamedTuple):
    """One statement, as the server would have got it.

    Attributes:
        before: The schema that it meets.
        in_transaction: Whether a transaction block was open.
        text: Number of the text that it stood in with others; None if it stood alone.
    """

    parsed: Parsed
    before: Catalog
    in_transaction: bool
    text: int | None


class OfflineConnection(BaseDatabaseWrapper):
    """Mixed into the project's DatabaseWrapper by `offline_connection`.

    Attributes:
        session: As the statements so far have left it.
        executed: The statements since somebody last emptied it.
        texts: How many texts it has run.
        refused: Why a server would have been needed, since somebody last reset it: code may catch `NeedsConnection`.
        assumed: Why the value of a default is not known and NULL stands for it, since somebody last reset it.
        computed: As `ReplayedOperation` has it, since somebody last reset it.
    """

    Database: Any
    session: Session
    executed: list[Executed]
    texts: int
    refused: str | None
    assumed: str | None
    computed: dict[str, str]

    @property
    def catalog(self) -> Catalog:
        """The schema as the statements so far have left it."""
        return self.session.catalog

    def refuse(self, what: str) -> NeedsConnection:
        """Note that a server is needed, and return the exception to raise."""
        self.refused = self.refused or f"needs a live connection: {what}"
        return NeedsConnection(self.refused)

    def run(self, text: str) -> None:
        """Record a text and change the catalog by its statements."""
        statements = parse(text)
        self.texts += 1
        number = self.texts if len(statements) > 1 else None
        for parsed in statements:
            self.executed.append(Executed(parsed, self.catalog, self.in_atomic_block, number))
            self.session = self.session.after(parsed)

    def compose(self, query: str, params: Any) -> str:
        """Merge parameters into a query, as the driver's client-side cursors do."""
        if isinstance(params, Mapping):
            return query % {name: quote(value, self.connection) for name, value in params.items()}
        return query % tuple(quote(value, self.connection) for value in params)

    def connect(self) -> None:
        raise self.refuse("it connects to the database")

    def cursor(self) -> "OfflineCursor":  # type: ignore[override]
        return OfflineCursor(self)

    chunked_cursor = cursor  # type: ignore[assignment]

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def is_usable(self) -> bool:
        return True

    def get_autocommit(self) -> bool:
        return self.autocommit

    def set_autocommit(self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False) -> None:
        self.autocommit = autocommit
        if not autocommit:
            self.session = self.session.begin()

    def _commit(self) -> None:
        self.session = self.session.commit()

    def _rollback(self) -> None:
        self.session = self.session.rollback()

    def register_geometry_adapters(self, *args: Any) -> None:
        """Do nothing: PostGIS's wrapper would ask the server for the oids of its types."""

    def on_commit(self, func: Any, robust: bool = False) -> None:
        """Do nothing: nothing is ever committed."""


class OfflineCursor:
    """Records what it is to execute, and refuses to give results that only a server has."""

    def __init__(self, connection: OfflineConnection) -> None:
        self.db = connection
        self._query = ""
        self._rows: Iterator[tuple[Any, ...]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        pass

    def close(self) -> None:
        pass

    def execute(self, query: Any, params: Any = None) -> None:
        if not isinstance(query, str):
            query = query.as_string(self.db.connection)
        self._query = " ".join(query.split())
        if answer := ANSWERS.get(self._query):
            self._rows = iter(answer(self.db.catalog, *params or ()))
        else:
            self._rows = None
            self.db.run(query if params is None else self.db.compose(query, params))

    def executemany(self, query: Any, params: Iterable[Any]) -> None:
        for each in params:
            self.execute(query, each)

    def fetchone(self) -> tuple[Any, ...] | None:
        return next(iter(self), None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return list(self)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        if self._rows is None:
            raise self.db.refuse(f"it reads the result of {self._query}")
        return self._rows

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise self.db.refuse(f"it uses {name} after {self._query or 'opening a cursor'}")


HSTORE_OID = 1 << 31
"""Stands for the oid of a type that an extension makes: any that no built-in type has."""


def _extension(catalog: Catalog, name: str) -> list[tuple[Any, ...]]:
    return [(1,)] if name in catalog.extensions else []


def _type_oids(catalog: Catalog, name: str) -> list[tuple[Any, ...]]:
    return [(HSTORE_OID, HSTORE_OID + 1)] if name in catalog.extensions else []


def _is_deterministic(catalog: Catalog, name: str) -> list[tuple[Any, ...]]:
    return [(name not in catalog.nondeterministic_collations,)]


ANSWERS: Mapping[str, Callable[..., list[tuple[Any, ...]]]] = {
    # django.contrib.postgres.operations.CreateExtension.extension_exists
    "SELECT 1 FROM pg_extension WHERE extname = %s": _extension,
    # django.contrib.postgres.signals.get_type_oids; each extension has a type of its name
    "SELECT oid, typarray FROM pg_type WHERE typname = %s": _type_oids,
    # django.db.backends.postgresql.schema.DatabaseSchemaEditor._is_collation_deterministic
    "SELECT collisdeterministic FROM pg_collation WHERE collname = %s": _is_deterministic,
}
"""The queries that Django itself writes out in full while it migrates, and their answers."""


CODE = ""
"""Stands for the name of a function that may be another one though its name is the same."""


class UnknownDefault:
    """Stands for a default that only a server could tell."""


class OfflineSchemaEditor(BaseDatabaseSchemaEditor):
    connection: OfflineConnection

    def effective_default(self, field: Any) -> Any:
        # The column will be there whatever its default is, and later operations count on it.
        refused, self.connection.refused = self.connection.refused, None
        value: Any = None
        again: Any = None
        with suppress(NeedsConnection):
            value = super().effective_default(field)
            again = super().effective_default(field)
        refused, self.connection.refused = self.connection.refused, refused
        if refused:
            self.connection.assumed = f"the default of {field.name} is Python code that {refused}"
            return UnknownDefault()
        if (name := _computed_by(field)) is not None:
            literals = [quote(one, self.connection.connection) for one in (value, again)]
            # What changes once a day is the same now.
            if literals[0] != literals[1] or isinstance(value, date | time):
                self.connection.computed[literals[0]] = name
        return value


def _computed_by(field: Any) -> str | None:
    """What computes the default of a field each time it is asked for: the function's name, or `CODE` of the team's."""
    if not field.has_default():
        return "auto_now" if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False) else None
    if not callable(field.default):
        return None
    owner = field.default if getattr(field.default, "__module__", None) else getattr(field.default, "__self__", None)
    module = getattr(owner, "__module__", None) or ""
    known = module.partition(".")[0] in {*sys.stdlib_module_names, "django"}
    return f"{module}.{field.default.__qualname__}" if known and hasattr(field.default, "__qualname__") else CODE


class OfflineOperations(BaseDatabaseOperations):
    connection: OfflineConnection

    def compose_sql(self, query: str, params: Any) -> str:
        return self.connection.compose(query, params)


def quote(value: Any, context: "Adapters") -> str:
    """Render a Python value as the literal that the driver sends."""
    if isinstance(value, UnknownDefault):
        return "NULL"
    if not is_psycopg3 and (known := _psycopg2_literal(value, context)):
        return known
    quoted: str = sql.quote(value, context)
    return quoted


def _psycopg2_literal(value: Any, context: "Adapters") -> str | None:
    """What psycopg2 makes of texts, bytes and values with texts in them: by itself it needs a connection for these."""
    match value:
        case str():
            return "'" + value.replace("'", "''") + "'"
        case bytes() | bytearray() | memoryview():
            return f"'\\x{bytes(value).hex()}'::bytea"
        case object(adapted=bytes() | bytearray() | memoryview() as data):  # psycopg2.Binary
            return quote(data, context)
        case object(addr=address):  # psycopg2.extras.Inet
            return f"{quote(address, context)}::inet"
        case list():
            return f"ARRAY[{','.join(quote(item, context) for item in value)}]" if value else "'{}'"
        case dict():  # HStoreField
            parts = [quote(list(part), context) for part in (value, value.values())]
            return f"hstore({', '.join(parts)})" if value else "''::hstore"
        case _:
            return None


class Adapters:
    """What psycopg 3 calls an AdaptContext: how Python values become literals, without a connection."""

    connection = None

    def __init__(self, offline: OfflineConnection) -> None:
        self._offline = offline
        if is_psycopg3:
            from django.conf import settings
            from django.db.backends.postgresql.psycopg_any import adapt, get_adapters_template

            class HexadecimalDumper(adapt.Dumper):  # type: ignore[misc, name-defined]
                """Writes bytea as libpq does when it knows the server."""

                oid = 17

                def dump(self, obj: Any) -> bytes:
                    return bytes(getattr(obj, "obj", obj))

                def quote(self, obj: Any) -> bytes:
                    return b"'\\x" + self.dump(obj).hex().encode() + b"'"

            # A copy, as each real connection has one: operations register types on it.
            self.adapters = adapt.AdaptersMap(get_adapters_template(settings.USE_TZ, offline.timezone))
            for kind in (bytes, bytearray, memoryview, offline.Database.Binary):
                self.adapters.register_dumper(kind, HexadecimalDumper)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise self._offline.refuse(f"it uses {name} of the driver's connection")


ON_DELETE = {"no action": "a", "restrict": "r", "cascade": "c", "set null": "n", "set default": "d"}
"""``pg_constraint.confdeltype``."""


class OfflineIntrospection(BaseDatabaseIntrospection):
    """Answers from the catalog, in the form of Django's own introspection of PostgreSQL."""

    connection: OfflineConnection
    index_default_access_method: str

    def _table(self, name: str) -> Table | None:
        return self.connection.catalog.table(Name(name))

    def get_table_list(self, cursor: Any) -> list[Any]:
        kinds = {"view": "v", "materialized view": "v"}
        catalog = self.connection.catalog
        visible = [table for table in catalog.tables.values() if catalog.table(Name(table.name.name)) is table]
        return [
            postgresql.TableInfo(table.name.name, "p" if table.partition_of else kinds.get(table.kind, "t"), None)
            for table in visible
        ]

    def get_table_description(self, cursor: Any, table_name: str) -> list[Any]:
        table = self._table(table_name)
        types = getattr(self.connection.connection.adapters, "types", None) if is_psycopg3 else None
        description: list[Any] = []
        for column in table.columns.values() if table else ():
            known = {
                "name": column.name,
                "type_code": types and (found := types.get(column.type.name.name)) and found.oid,
                "null_ok": not column.not_null,
                "default": column.default and column.default.sql,
                "collation": column.collation and column.collation.name,
                "is_autofield": column.identity is not None,
            }
            values: list[Any] = [known.get(name) for name in postgresql.FieldInfo._fields]
            description.append(postgresql.FieldInfo(*values))
        return description

    def get_sequences(self, cursor: Any, table_name: str, table_fields: Iterable[Any] = ()) -> list[Any]:
        return [
            {"name": sequence.name.name, "table": table_name, "column": sequence.owned_by[1]}
            for sequence in self.connection.catalog.sequences_of(Name(table_name))
            if sequence.owned_by
        ]

    def get_relations(self, cursor: Any, table_name: str) -> dict[str, tuple[Any, ...]]:
        table = self._table(table_name)
        # From Django 6.1 on, what the database does on delete is the third part of each answer.
        on_delete = getattr(self, "on_delete_types", None)
        return {
            constraint.columns[0]: (
                self._referenced_column(constraint),
                constraint.references.name,
                *([on_delete.get(ON_DELETE[constraint.on_delete])] if on_delete else []),
            )
            for constraint in (table.constraints.values() if table else ())
            if constraint.references
        }

    def get_constraints(self, cursor: Any, table_name: str) -> dict[str, Any]:
        table = self._table(table_name)
        if table is None and self.connection.catalog.table(Name(*reversed(table_name.split('"."', 1)))):
            return {}  # ``db_table = 'schema"."table'``: Django asks for a table of just that name, and there is none
        if table is None:
            # On a server it would be there: saying that it has no constraints would lose statements.
            raise self.connection.refuse(f"it looks table {table_name} up, which no SQL so far has made")
        found: dict[str, dict[str, Any]] = {}
        for name, constraint in table.constraints.items():
            kind = constraint.kind
            foreign_key = None
            if kind is ConstraintKind.FOREIGN_KEY and constraint.references:
                foreign_key = (constraint.references.name, self._referenced_column(constraint))
            found[name] = {
                "columns": list(constraint.columns),
                "primary_key": kind is ConstraintKind.PRIMARY_KEY,
                "unique": kind in (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE),
                "foreign_key": foreign_key,
                "check": kind is ConstraintKind.CHECK,
                "index": False,
                "definition": None,
                "options": None,
            }
        # pg_index is read in the order of the index names: the query groups by them.
        for index in sorted(self.connection.catalog.indexes(table.name), key=lambda index: index.name.name):
            basic = index.method == self.index_default_access_method and not index.name.name.endswith("_btree")
            columns = [key.column for key in index.keys] + list(index.include)
            descending = ["desc" in key.order for key in index.keys] + [False for _ in index.include]
            ordered = index.method == self.index_default_access_method
            orders = ["DESC" if each else "ASC" for each in descending] if ordered else [None for _ in columns]
            found.setdefault(
                index.name.name,
                {
                    "columns": [] if columns == [None] else columns,
                    "orders": [] if orders == [None] else orders,
                    "primary_key": index.primary,
                    "unique": index.unique,
                    "foreign_key": None,
                    "check": False,
                    "index": True,
                    "type": Index.suffix if basic else index.method,
                    "definition": None,
                    "options": None,
                },
            )
        return found

    def _referenced_column(self, constraint: Constraint) -> str:
        """First referenced column; the primary key's, if REFERENCES names none."""
        if constraint.referenced_columns:
            return constraint.referenced_columns[0]
        referenced = constraint.references and self.connection.catalog.table(constraint.references)
        keys = referenced.constraints.values() if referenced else ()
        return next((key.columns[0] for key in keys if key.kind is ConstraintKind.PRIMARY_KEY), "")


def offline_connection(alias: str, postgres: int, catalog: Catalog) -> OfflineConnection:
    """Make an offline connection of the class that the settings name for a database.

    Args:
        alias: Key of DATABASES.
        postgres: Major version of PostgreSQL that the connection pretends to be connected to.
        catalog: The schema that it starts with.
    """
    real = connections[alias]
    base: Any = type(real)
    while issubclass(base, OfflineConnection):
        base = base.__bases__[-1]
    editor = type("SchemaEditor", (OfflineSchemaEditor, base.SchemaEditorClass), {})
    made = type(base.__name__, (OfflineConnection, base), {"SchemaEditorClass": editor})
    offline: Any = made(real.settings_dict, alias)
    # Not by introspection_class and ops_class: PostGIS's wrapper passes over them in Django 4.2.
    offline.introspection = type("Introspection", (OfflineIntrospection, type(offline.introspection)), {})(offline)
    offline.ops = type("Operations", (OfflineOperations, type(offline.ops)), {})(offline)
    offline.session = Session(postgres=postgres, catalog=catalog)
    offline.executed = []
    offline.texts = 0
    offline.refused = offline.assumed = None
    offline.autocommit = True
    offline.connection = Adapters(offline)
    offline.pg_version = postgres * 10000
    assert isinstance(offline, OfflineConnection)
    return offline


@contextmanager
def installed(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Make ``django.db.connections[alias]`` another connection: what operations import must not use the project's."""
    real = connections[connection.alias]
    connections[connection.alias] = connection
    try:
        yield
    finally:
        connections[connection.alias] = real
