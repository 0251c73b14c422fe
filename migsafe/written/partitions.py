"""Indexes of partitioned tables, made of those of their partitions."""

from dataclasses import dataclass

from msgspec.structs import replace

from migsafe.actions import CreateIndex, Name
from migsafe.sql.catalog import Catalog, Index
from migsafe.written.definitions import made, shown
from migsafe.written.operations import create_index, index_name, quoted, run_sql, soon


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
    def adopted(self) -> list[Index]:
        """Those that are there already, and no constraint's."""
        found = [index for part in self.parts if (index := self.before.index(part.name))]
        return [one for one in found if one.constraint is None and not is_partitioned(one.relation, self.before)]

    @property
    def _new(self) -> list[Index]:
        return [part for part in self.parts if self.before.index(part.name) is None]

    @property
    def attachments(self) -> list[str]:
        """The statements that make each a part of the one above, the lowest first.

        Parts of the same index come in the order in which queries lock them, or there are deadlocks.
        """
        wholes = list(dict.fromkeys(part.parent for part in self.parts if part.parent))
        return [
            f"ALTER INDEX {_name(whole, self.after)}\nATTACH PARTITION {_name(part.name, self.after)}"
            for whole in reversed(wholes)
            for part in self.parts
            if part.parent == whole
        ]

    def together(self, whole: CreateIndex) -> str:
        """A RunSQL that makes the index of the table of them, once the leaves are built; unapplied, it drops all.

        Each statement commits by itself: who holds the locks of several partitions waits for queries that wait for it.
        So the migration must not be atomic; it can be run again.
        """
        tops = [create_index(replace(top, only=True, if_not_exists=True)) for top in (whole, *self.tops)]
        drop = f"DROP INDEX IF EXISTS {quoted(index_name(whole) or '')}"
        return run_sql([*map(soon, tops), *map(soon, self.attachments)], soon(drop))


def divided(name: Name, before: Catalog, after: Catalog) -> Division:
    """What an index of a partitioned table consists of once it is there.

    Args:
        name: With its schema.
    """
    found: list[Name] = [name]
    parts: list[Index] = []
    for whole in found:
        for partition in after.partitions(after.index_map[whole].relation):
            parts += [index for index in after.indexes(partition.name) if index.parent == whole]
        found += [part.name for part in parts if part.parent == whole]
    return Division(tuple(parts), before, after)


def is_partitioned(relation: Name, catalog: Catalog) -> bool:
    """Whether a table has partitions, or may have them."""
    table = catalog.table(relation)
    return table is not None and table.kind == "partitioned table"


def _name(index: Name, catalog: Catalog) -> str:
    return quoted(shown(index, catalog))
