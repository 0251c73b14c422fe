"""Indexes, built and dropped while everybody reads and writes."""

from collections.abc import Iterable, Iterator

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


def built_on_partitions(action: CreateIndex, sql: str, before: Catalog, *, name: str) -> tuple[Piece, Piece] | NoWay:
    """Two migrations for an index of a partitioned table; nobody is kept from its partitions.

    The first builds it on each partition, the second puts these together. Going back from there drops all of them.

    Args:
        sql: The statement.
        before: The schema without it.
        name: Of the second migration.
    """
    name_of_index = action.name
    if name_of_index is None or canonical(create_index(action, concurrently=action.concurrently)) != canonical(sql):
        return NoWay(why="its index has options that migsafe cannot write for each partition")
    action = replace(action, concurrently=False)
    after = before.after(action)
    whole = Name(name_of_index, before.locate(action.relation).schema)
    below = list(parts(whole, after))
    new = [
        (made(part, after), is_partitioned(part.relation, after)) for part in below if before.index(part.name) is None
    ]
    leaves = [leaf for leaf, divided in new if not divided]
    tops = [replace(top, only=True) for top in (action, *(top for top, divided in new if divided))]
    return (
        built(((leaf, create_index(leaf)) for leaf in leaves), name=f"{name}_of_partitions", why=OF_PARTITIONS),
        Piece(
            operations=(
                run_sql(
                    [
                        GIVE_UP,
                        *(create_index(replace(top, only=True)) for top in tops),
                        *(attached(part, after) for part in reversed(below)),
                    ],
                    f"DROP INDEX IF EXISTS {quoted(shown(whole, before))}",
                ),
            ),
            name=name,
            why=TOGETHER,
        ),
    )


def attached(part: Index, catalog: Catalog) -> str:
    """The statement that makes an index part of one of the partitioned table."""
    assert part.parent is not None
    return f"ALTER INDEX {quoted(shown(part.parent, catalog))}\nATTACH PARTITION {quoted(shown(part.name, catalog))}"


def parts(whole: Name, catalog: Catalog) -> Iterator[Index]:
    """All indexes that an index consists of, those of the table's own partitions first."""
    found = [whole]
    for name in found:
        for partition in catalog.partitions(catalog.index_map[name].relation):
            for index in catalog.indexes(partition.name):
                if index.parent == name:
                    found.append(index.name)
                    yield index


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
            run_sql([GIVE_UP, f"DROP INDEX {_name(index, catalog)}"], create_index(made(index, catalog)))
            for index in indexes
        )
        return Piece(operations=tuple(operations), name=name, why=DROPPED_SOON)
    operations = (drop(index, catalog) for index in indexes)
    return Piece(operations=tuple(operations), name=name, why=DROPPED, atomic=False)


def drop(index: Index, catalog: Catalog) -> str:
    """A RunSQL that drops an index concurrently, and builds it again if unapplied."""
    statement = f"DROP INDEX CONCURRENTLY IF EXISTS {_name(index, catalog)}"
    return run_sql(statement, [statement, create_index(made(index, catalog), concurrently=True)])


def made(index: Index, catalog: Catalog) -> CreateIndex:
    """What makes an index that is there."""
    return replace(index_action(index), relation=shown(index.relation, catalog))


def is_partitioned(relation: Name, catalog: Catalog) -> bool:
    """Whether a table has partitions, or may have them."""
    table = catalog.table(relation)
    return table is not None and table.kind == "partitioned table"


def _name(index: Index, catalog: Catalog) -> str:
    return quoted(shown(index.name, catalog))
