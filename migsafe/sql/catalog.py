"""The schema as the SQL so far has left it.

`Catalog` is frozen: `Catalog.after` returns a new one that shares all that did not change, so keeping the schema before
every statement costs next to nothing.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec
from rpds import HashTrieMap

from migsafe.actions import Action, Constraint, Expression, IndexKey, Name, Type


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a table. ``type`` never is ``serial``: that is an integer, a default and a sequence."""

    name: str
    type: Type
    not_null: bool = False
    default: Expression | None = None
    identity: Literal["always", "by default"] | None = None
    generated: Literal["stored", "virtual"] | None = None
    expression: Expression | None = None
    collation: Name | None = None


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table, partitioned table or materialized view.

    Attributes:
        oid: Given at creation and kept by renames: ``table.oid >= catalog.next_oid`` says that it was made after
            ``catalog``.
        columns: By name, in attribute order. Not to be mutated.
        constraints: By name. A UNIQUE, PRIMARY KEY or EXCLUDE constraint has an index of the same name.
    """

    oid: int
    name: Name
    kind: Literal["table", "partitioned table", "materialized view", "view", "foreign table"] = "table"
    columns: dict[str, Column] = {}
    constraints: dict[str, Constraint] = {}
    partition_of: Name | None = None
    default_partition: bool = False
    inherits: tuple[Name, ...] = ()
    temporary: bool = False
    reads: tuple[Name, ...] = ()
    triggers: frozenset[str] = frozenset()


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """An index. ``constraint`` is the constraint it belongs to, if any."""

    oid: int
    name: Name
    relation: Name
    keys: tuple[IndexKey, ...]
    include: tuple[str, ...] = ()
    unique: bool = False
    primary: bool = False
    valid: bool = True
    method: str = "btree"
    where: Expression | None = None
    nulls_not_distinct: bool = False
    constraint: str | None = None
    parent: Name | None = None


class Catalog(msgspec.Struct, frozen=True, kw_only=True):
    """Tables, indexes, sequences, types and functions, all names with their schema."""

    next_oid: int = 1
    search_path: tuple[str, ...] = ("public",)
    tables: "HashTrieMap[Name, Table]" = HashTrieMap()

    def table(self, name: Name) -> Table | None:
        """Look a table, partitioned table, view or materialized view up, through the search path if need be."""
        raise NotImplementedError

    def index(self, name: Name) -> Index | None:
        """Look an index up, through the search path if need be."""
        raise NotImplementedError

    def indexes(self, table: Name) -> tuple[Index, ...]:
        """All indexes of a table, oldest first."""
        raise NotImplementedError

    def referencing(self, table: Name) -> tuple[tuple[Table, Constraint], ...]:
        """Foreign keys of other tables (and its own) that point to a table."""
        raise NotImplementedError

    def partitions(self, table: Name) -> Iterator[Table]:
        """Direct partitions of a partitioned table, or children by inheritance."""
        raise NotImplementedError

    def display(self, name: Name) -> str:
        """The name as a report shows it: without the schema if it is on the search path."""
        raise NotImplementedError

    def after(self, action: Action) -> "Catalog":
        """The schema once an action has been carried out."""
        raise NotImplementedError
