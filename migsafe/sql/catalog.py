"""The schema as the SQL so far has left it.

`Catalog` is frozen: `Catalog.after` returns a new one that shares all that did not change, so keeping the schema before
every statement costs next to nothing. What each action changes stands in `migsafe.sql.changes`.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, TypeVar

import msgspec
from rpds import HashTrieMap, HashTrieSet

from migsafe.actions import (
    Action,
    Bound,
    ColumnDefinition,
    Constraint,
    ConstraintKind,
    CreatePolicy,
    CreateRule,
    CreateTrigger,
    Expression,
    IndexKey,
    Name,
    Type,
)

Found = TypeVar("Found")

TEMPORARY = "pg_temp"
"""Schema of temporary relations; looked through first."""


def tablespace(name: str | None) -> str | None:
    """The tablespace as the catalog keeps it: None for that of the database, which is taken to be ``pg_default``."""
    return None if name == "pg_default" else name


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a table. ``type`` never is ``serial``: that is an integer, a default and a sequence.

    ``local`` says that the table would have it without its parents too.
    """

    name: str
    type: Type
    not_null: bool = False
    default: Expression | None = None
    identity: Literal["always", "by default"] | None = None
    generated: Literal["stored", "virtual"] | None = None
    expression: Expression | None = None
    collation: Name | None = None
    local: bool = True

    @property
    def needs_value(self) -> bool:
        """Whether an INSERT that does not name it fails."""
        return self.not_null and not (self.default or self.identity or self.generated)


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table, partitioned table or materialized view.

    Attributes:
        oid: Given at creation and kept by renames: ``table.oid >= catalog.next_oid`` says that it was made after
            ``catalog``.
        columns: By name, in attribute order. Not to be mutated. Empty for views and ``CREATE TABLE … AS``, whose
            columns only a server knows.
        reads: Relations of a view's query; ``reads_columns`` the names of columns in it, None for any.
        constraints: By name, oldest first. A UNIQUE, PRIMARY KEY or EXCLUDE constraint has an index of the same name.
            NOT NULL constraints only stand here if they were named, NOT VALID
            or NO INHERIT.
        indexes: Names, oldest first; an index is in the schema of its table.
        tablespace: None for that of the database, as ``access_method`` is for ``heap``, ``owner`` for whoever made it.
        reads: Of a view, as are ``only``, ``locked``, ``functions``, ``reads_columns``, ``grouped``, ``base`` and
            ``query``: see `CreateView`; ``query`` is empty where columns have other names than in it.
        clustered: Whether CLUSTER of the whole database has an index to go by.
        triggers: By name, as are ``rules`` and ``policies``; as they were created, functions with their schema.
    """

    oid: int
    name: Name
    kind: Literal["table", "partitioned table", "materialized view", "view", "foreign table"] = "table"
    columns: dict[str, Column] = {}
    constraints: dict[str, Constraint] = {}
    indexes: tuple[str, ...] = ()
    partition_of: Name | None = None
    partition_key: tuple[str, ...] = ()
    default_partition: bool = False
    bound: Bound | None = None
    inherits: tuple[Name, ...] = ()
    temporary: bool = False
    unlogged: bool = False
    tablespace: str | None = None
    access_method: str | None = None
    owner: str | None = None
    oids: bool = False
    of_type: Name | None = None
    reads: tuple[Name, ...] = ()
    only: tuple[Name, ...] = ()
    locked: tuple[Name, ...] = ()
    functions: tuple[Name, ...] = ()
    reads_columns: tuple[str, ...] | None = None
    grouped: bool = False
    base: Name | None = None
    query: str = ""
    clustered: bool = False
    triggers: dict[str, CreateTrigger] = {}
    rules: dict[str, CreateRule] = {}
    policies: dict[str, CreatePolicy] = {}

    @property
    def parents(self) -> tuple[Name, ...]:
        """What it is a partition of or inherits from."""
        return (self.partition_of,) if self.partition_of is not None else self.inherits

    @property
    def primary_key(self) -> Constraint | None:
        return next((item for item in self.constraints.values() if item.kind is ConstraintKind.PRIMARY_KEY), None)

    def constraints_on(self, column: str) -> tuple[Constraint, ...]:
        """Constraints that a column is part of."""
        return tuple(constraint for constraint in self.constraints.values() if column in constraint.columns)


def serves_as(own: Constraint, foreign_key: Constraint) -> bool:
    """Whether a partition's own foreign key becomes part of that of its parent, so that it gets no other."""
    return (own.valid or not foreign_key.valid) and msgspec.structs.replace(
        own, name=foreign_key.name, valid=foreign_key.valid
    ) == foreign_key


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """An index.

    ``constraint`` is the one it belongs to, if any; ``parent`` the partitioned index it is part of; ``attributes`` are
    the names of its own columns: those that the table's had when it was made, after which indexes like it are named.
    """

    oid: int
    name: Name
    relation: Name
    keys: tuple[IndexKey, ...]
    attributes: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    unique: bool = False
    primary: bool = False
    valid: bool = True
    method: str = "btree"
    where: Expression | None = None
    nulls_not_distinct: bool = False
    constraint: str | None = None
    parent: Name | None = None
    tablespace: str | None = None

    @property
    def columns(self) -> tuple[str | None, ...]:
        """Key columns, None for an expression."""
        return tuple(key.column for key in self.keys)

    def involves(self, column: str) -> bool:
        """Whether a column is in its keys, their expressions, INCLUDE or the predicate."""
        if column in self.include or (self.where is not None and column in self.where.columns):
            return True
        return any(
            key.column == column or (key.expression is not None and column in key.expression.columns)
            for key in self.keys
        )


class Sequence(msgspec.Struct, frozen=True, kw_only=True):
    """A sequence.

    Attributes:
        owned_by: The column that it goes away with.
        identity: Whether it makes that column's values.
        former: What it was called before: the texts of defaults still say so.
    """

    name: Name
    owned_by: tuple[Name, str] | None = None
    identity: bool = False
    former: tuple[str, ...] = ()


class UserType(msgspec.Struct, frozen=True, kw_only=True):
    """An enum, domain, composite, range or base type.

    Attributes:
        labels: Of an enum, in order of creation.
        columns: Of a composite type, as it was made.
        base: Of a domain, as are ``not_null``, ``default`` and ``constraints`` (by name).
    """

    name: Name
    kind: Literal["enum", "domain", "composite", "range", "base"]
    labels: tuple[str, ...] = ()
    columns: tuple[ColumnDefinition, ...] = ()
    base: Type | None = None
    not_null: bool = False
    default: Expression | None = None
    constraints: dict[str, Constraint] = {}


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """A function or procedure; of overloaded ones the one that was made last.

    ``inlined`` is the expression that PostgreSQL puts where it is called.
    """

    name: Name
    volatility: Literal["immutable", "stable", "volatile"]
    language: str | None = None
    inlined: Expression | None = None
    body: tuple[Action, ...] = ()


class Catalog(msgspec.Struct, frozen=True, kw_only=True):
    """Tables, indexes, sequences, types and functions, all names with their schema.

    Attributes:
        search_path: Schemas that names without one are looked up in; the first is where new objects go.
        owned: Table → sequences that its columns own.
        referrers: Referenced table → tables with a foreign key to it.
        children: Table → its partitions, or tables that inherit from it.
        constraint_names: How many constraints have a name.
        statistics: Extended statistics → table.
        prepared: What the session's prepared statements do.
    """

    next_oid: int = 1
    search_path: tuple[str, ...] = ("public",)
    schemas: "HashTrieSet[str]" = HashTrieSet({"public"})
    extensions: "HashTrieSet[str]" = HashTrieSet()
    nondeterministic_collations: "HashTrieSet[str]" = HashTrieSet()
    tables: "HashTrieMap[Name, Table]" = HashTrieMap()
    index_map: "HashTrieMap[Name, Index]" = HashTrieMap()
    sequences: "HashTrieMap[Name, Sequence]" = HashTrieMap()
    types: "HashTrieMap[Name, UserType]" = HashTrieMap()
    functions: "HashTrieMap[Name, Function]" = HashTrieMap()
    views: "HashTrieSet[Name]" = HashTrieSet()
    owned: "HashTrieMap[Name, HashTrieSet[Name]]" = HashTrieMap()
    referrers: "HashTrieMap[Name, HashTrieSet[Name]]" = HashTrieMap()
    children: "HashTrieMap[Name, HashTrieSet[Name]]" = HashTrieMap()
    constraint_names: "HashTrieMap[Name, int]" = HashTrieMap()
    statistics: "HashTrieMap[Name, Name]" = HashTrieMap()
    prepared: "HashTrieMap[str, tuple[Action, ...]]" = HashTrieMap()

    def table(self, name: Name) -> Table | None:
        """Look a table, partitioned table, view or materialized view up, through the search path if need be."""
        return self._find(self.tables, name)

    def index(self, name: Name) -> Index | None:
        """Look an index up, through the search path if need be."""
        return self._find(self.index_map, name)

    def sequence(self, name: Name) -> Sequence | None:
        """Look a sequence up, through the search path if need be."""
        return self._find(self.sequences, name)

    def user_type(self, name: Name) -> UserType | None:
        """Look a type that SQL has made up; None for built-in types and those of extensions."""
        return self._find(self.types, name)

    def function(self, name: Name) -> Function | None:
        """Look a function that SQL has made up; None for built-in functions and those of extensions."""
        return self._find(self.functions, name)

    def indexes(self, table: Name) -> tuple[Index, ...]:
        """All indexes of a table, oldest first."""
        found = self.table(table)
        if found is None:
            return ()
        return tuple(self.index_map[Name(index, found.name.schema)] for index in found.indexes)

    def sequences_of(self, table: Name) -> tuple[Sequence, ...]:
        """Sequences that columns of a table own, by name."""
        return tuple(self.sequences[name] for name in sorted(self.owned.get(self.locate(table), ())))

    def referencing(self, table: Name) -> tuple[tuple[Table, Constraint], ...]:
        """Foreign keys of other tables (and its own) that point to a table; those of the oldest table first."""
        target = self.locate(table)
        return tuple(
            (referrer, constraint)
            for referrer in self._by_age(self.referrers.get(target, ()))
            for constraint in referrer.constraints.values()
            if constraint.references == target
        )

    def partitions(self, table: Name) -> Iterator[Table]:
        """Direct partitions of a partitioned table, or children by inheritance; the oldest first."""
        return iter(self._by_age(self.children.get(self.locate(table), ())))

    def family(self, table: Name) -> tuple[Name, ...]:
        """A table and all that are partitions of it or inherit from it, at any depth, each once."""
        found = dict.fromkeys([self.locate(table)])
        pending = list(found)
        for name in pending:
            below = [child.name for child in self.partitions(name) if child.name not in found]
            found.update(dict.fromkeys(below))
            pending += below
        return tuple(found)

    def ancestors(self, table: Name) -> tuple[Name, ...]:
        """What a table is a partition of, at any height, the nearest first."""
        known = self.table(table)
        if known is None or known.partition_of is None:
            return ()
        return (known.partition_of, *self.ancestors(known.partition_of))

    def in_tablespace(self, name: str, kind: str) -> tuple[Table | Index, ...]:
        """Tables, indexes or materialized views of a tablespace."""
        if kind == "index":
            return tuple(index for index in self.index_map.values() if index.tablespace == tablespace(name))
        kinds = ("table", "partitioned table") if kind == "table" else (kind,)
        return tuple(
            table for table in self.tables.values() if table.tablespace == tablespace(name) and table.kind in kinds
        )

    def views_reading(self, table: Name, column: str | None = None) -> tuple[Table, ...]:
        """Views and materialized views whose query names a table, and a column if one is given."""
        target = self.locate(table)
        return tuple(
            view
            for view in self._by_age(self.views)
            if target in view.reads and (column is None or view.reads_columns is None or column in view.reads_columns)
        )

    def tables_of(self, type_: Name) -> tuple[Table, ...]:
        """Tables made of a composite type, with CREATE TABLE … OF."""
        found = self.user_type(type_)
        typed = (table for table in self.tables.values() if found is not None and table.of_type is not None)
        return tuple(table for table in typed if table.of_type is not None and self.user_type(table.of_type) is found)

    def losing_column(self, table: Name, column: str, *, only: bool = False) -> tuple[Name, ...]:
        """A table and the descendants that lose a column with it."""
        losing = [self.locate(table)]
        for name in () if only else losing:
            for child in self.partitions(name):
                found = child.columns.get(column)
                if child.name in losing or found is None:
                    continue
                others = [parent for parent in child.parents if parent not in losing]
                kept = any(column in self.tables[parent].columns for parent in others)
                if child.partition_of is not None or not (found.local or kept):
                    losing.append(child.name)
        return tuple(losing)

    def display(self, name: Name) -> str:
        """The name as a report shows it: without the schema if it is on the search path."""
        return name.name if name.schema is None or name.schema in {TEMPORARY, *self.search_path} else str(name)

    def locate(self, name: Name) -> Name:
        """The name with the schema of the table it means; with the first of the search path if there is none."""
        table = self.table(name)
        return self.qualify(name) if table is None else table.name

    def qualify(self, name: Name) -> Name:
        """The name with the schema that a new object of that name would get."""
        return name if name.schema is not None else Name(name.name, self.search_path[0])

    def after(self, action: Action) -> "Catalog":
        """The schema once an action has been carried out.

        An action that the server would refuse leaves it as it is, as far as that can be told: what it is about may
        just not be known here. What transactions take back, `migsafe.sql.session.Session` knows.
        """
        from migsafe.sql.changes import CHANGES

        change = CHANGES.get(type(action))
        return self if change is None else change(self, action)

    def _by_age(self, names: Iterable[Name]) -> list[Table]:
        return sorted((self.tables[name] for name in names), key=lambda table: table.oid)

    def _find(self, objects: "HashTrieMap[Name, Found]", name: Name) -> "Found | None":
        if name.schema is not None:
            return objects.get(name)
        for schema in (TEMPORARY, *self.search_path):
            found = objects.get(Name(name.name, schema))
            if found is not None:
                return found
        return None
