"""Indexes, built and dropped while everybody reads and writes."""

import dataclasses
from collections.abc import Callable, Iterable

from msgspec.structs import replace

from migsafe.actions import CreateIndex, Name
from migsafe.plan.recipe import NoWay, Piece
from migsafe.sql.catalog import Catalog, Index
from migsafe.sql.parse.canonical import canonical
from migsafe.written.definitions import built_again, made, shown
from migsafe.written.operations import GIVE_UP, build, concurrently, create_index, index_name, quoted, run_sql
from migsafe.written.partitions import Division, divided, is_partitioned

BUILT = "Built concurrently, so that nobody waits; what is left of a build that failed is dropped first."
OF_PARTITIONS = (
    "The index of a partitioned table cannot be built concurrently, but those of its partitions can; what is left of a"
    " build that failed is dropped first."
)
TOGETHER = (
    "The indexes of the partitions become that of the table, which reads no row; one after the other, so that no query"
    " that holds one of them waits for another. If a lock is not to be had soon, this fails: try again."
)
DROPPED = "Dropped concurrently, so that nobody waits; if that fails, try again."
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


def built_apart(division: Division, *, name: str) -> Piece:
    """A migration that builds the indexes of partitions.

    What is there already becomes part of the whole, and is dropped with it: going back builds that again.
    """
    builds = built(((leaf, create_index(leaf)) for leaf in division.leaves), name=name, why=OF_PARTITIONS)
    again = (run_sql(None, built_again(part, division.before)) for part in division.adopted)
    return dataclasses.replace(builds, operations=(*builds.operations, *again))


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
    return (
        built_apart(division, name=f"{name}_of_partitions"),
        Piece(operations=(division.together(action),), name=name, why=TOGETHER, atomic=False),
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
            run_sql([GIVE_UP, f"DROP INDEX {quoted(shown(index.name, catalog))}"], create_index(made(index, catalog)))
            for index in indexes
        )
        return Piece(operations=tuple(operations), name=name, why=DROPPED_SOON)
    operations = (drop(index, catalog) for index in indexes)
    return Piece(operations=tuple(operations), name=name, why=DROPPED, atomic=False)


def duplicates(index: CreateIndex, called: Callable[[str], str] = str) -> str:
    """What a unique index refuses, in words.

    Args:
        called: What a column is called.
    """
    keys = (called(key.column) if key.column else key.expression.sql if key.expression else "" for key in index.keys)
    where = f" where {index.where.sql}" if index.where else ""
    return f"two rows with the same {', '.join(keys)}{where}"


def drop(index: Index, catalog: Catalog) -> str:
    """A RunSQL that drops an index concurrently, and builds it again if unapplied."""
    statements = built_again(index, catalog)
    return run_sql(statements[0], statements)
