"""Indexes, built and dropped while everybody reads and writes."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from migsafe.actions import CreateIndex, Name
from migsafe.plan.recipe import NoWay, Piece
from migsafe.sql.catalog import Catalog, Index
from migsafe.sql.parse.canonical import canonical
from migsafe.written.definitions import index_action, shown
from migsafe.written.operations import GIVE_UP, build, concurrently, create_index, index_name, quoted, run_sql

BUILT = "Built concurrently, so that nobody waits; what is left of a build that failed is dropped first."
OF_PARTITIONS = (
    "The index of a partitioned table cannot be built concurrently, but those of its partitions can; what is left of a"
    " build that failed is dropped first."
)
TOGETHER = "The indexes of the partitions become that of the table, which reads no row."
DROPPED = "Dropped concurrently, so that nobody waits."
DROPPED_SOON = (
    "The index of a partitioned table cannot be dropped concurrently. If the lock is not to be had soon, this fails, so"
    " that nobody waits: try again."
)


def built(builds: Iterable[tuple[CreateIndex, str]], *, name: str, why: str = BUILT) -> Piece:
    """A migration that builds indexes concurrently, one after the other.

    Args:
        builds: Each with its statement, concurrently or not.
        name: Of the migration.
    """
    operations = (
        build(index_name(action), sql if action.concurrently else concurrently(sql)) for action, sql in builds
    )
    return Piece(operations=tuple(operations), name=name, why=why, atomic=False)


@dataclass(frozen=True)
class Division:
    """The indexes of partitions, at any depth, that an index of a partitioned table consists of.

    Attributes:
        parts: All of them, those of the table's own partitions first.
        before: The schema without the index.
        after: The schema with it.
    """

    parts: tuple[Index, ...]
    before: Catalog
    after: Catalog

    @property
    def leaves(self) -> list[CreateIndex]:
        """Those that are to be built."""
        return [made(part, self.after) for part in self._new if not is_partitioned(part.relation, self.after)]

    @property
    def tops(self) -> list[CreateIndex]:
        """Those of partitions that are divided themselves."""
        return [made(part, self.after) for part in self._new if is_partitioned(part.relation, self.after)]

    @property
    def _new(self) -> list[Index]:
        return [part for part in self.parts if self.before.index(part.name) is None]

    @property
    def attachments(self) -> list[str]:
        """The statements that make each a part of the one above, the lowest first."""
        return [
            f"ALTER INDEX {_name(part.parent, self.after)}\nATTACH PARTITION {_name(part.name, self.after)}"
            for part in reversed(self.parts)
            if part.parent
        ]

    def builds(self, *, name: str) -> Piece:
        """The migration that builds them.

        What is there already becomes part of the index, and is dropped with it: going back builds that again.
        """
        adopted = [self.before.index_map[part.name] for part in self.parts if part not in self._new]
        again = [
            run_sql(None, _rebuilt(part, self.before))
            for part in adopted
            if part.constraint is None and not is_partitioned(part.relation, self.before)
        ]
        builds = built(((leaf, create_index(leaf)) for leaf in self.leaves), name=name, why=OF_PARTITIONS)
        return dataclasses.replace(builds, operations=(*builds.operations, *again))


def divided(name: Name, before: Catalog, after: Catalog) -> Division:
    """What an index of a partitioned table consists of once it is there."""
    found, parts = [name], []
    for whole in found:
        for partition in after.partitions(after.index_map[whole].relation):
            parts += [index for index in after.indexes(partition.name) if index.parent == whole]
        found += [part.name for part in parts if part.parent == whole]
    return Division(tuple(parts), before, after)


def built_on_partitions(action: CreateIndex, sql: str, before: Catalog, *, name: str) -> tuple[Piece, Piece] | NoWay:
    """Two migrations for an index of a partitioned table; nobody is kept from its partitions.

    The first builds it on each partition, the second puts these together. Going back from there drops all of them.

    Args:
        sql: The statement.
        before: The schema without it.
        name: Of the second migration.
    """
    if action.name is None or canonical(create_index(action, concurrently=action.concurrently)) != canonical(sql):
        return NoWay(why="its index has options that migsafe cannot write for each partition")
    whole = Name(action.name, before.locate(action.relation).schema)
    action = replace(action, concurrently=False)
    division = divided(whole, before, before.after(action))
    tops = [create_index(replace(top, only=True)) for top in (action, *division.tops)]
    together = run_sql([GIVE_UP, *tops, *division.attachments], f"DROP INDEX IF EXISTS {_name(whole, before)}")
    return (
        division.builds(name=f"{name}_of_partitions"),
        Piece(operations=(together,), name=name, why=TOGETHER),
    )


def dropped(indexes: Iterable[Index], catalog: Catalog, *, name: str) -> Piece:
    """A migration that drops indexes, concurrently if that can be; going back builds them again in the same way.

    Args:
        indexes: Of one table.
        catalog: The schema that has them.
        name: Of the migration.
    """
    indexes = list(indexes)
    if any(is_partitioned(index.relation, catalog) for index in indexes):
        operations = (
            run_sql([GIVE_UP, f"DROP INDEX {_name(index.name, catalog)}"], create_index(made(index, catalog)))
            for index in indexes
        )
        return Piece(operations=tuple(operations), name=name, why=DROPPED_SOON)
    operations = (drop(index, catalog) for index in indexes)
    return Piece(operations=tuple(operations), name=name, why=DROPPED, atomic=False)


def drop(index: Index, catalog: Catalog) -> str:
    """A RunSQL that drops an index concurrently, and builds it again if unapplied."""
    statements = _rebuilt(index, catalog)
    return run_sql(statements[0], statements)


def _rebuilt(index: Index, catalog: Catalog) -> list[str]:
    return [
        f"DROP INDEX CONCURRENTLY IF EXISTS {_name(index.name, catalog)}",
        create_index(made(index, catalog), concurrently=True),
    ]


def made(index: Index, catalog: Catalog) -> CreateIndex:
    """What makes an index that is there."""
    return replace(index_action(index), relation=shown(index.relation, catalog))


def is_partitioned(relation: Name, catalog: Catalog) -> bool:
    """Whether a table has partitions, or may have them."""
    table = catalog.table(relation)
    return table is not None and table.kind == "partitioned table"


def _name(index: Name, catalog: Catalog) -> str:
    return quoted(shown(index, catalog))
