"""What is known of squashes, and of the migrations that they replace."""

from collections.abc import Iterator
from typing import NamedTuple

from migsafe.applied import Graph, Key, Node, Past, Source
from migsafe.rules._context import HistoryContext


class Progress(NamedTuple):
    """How far a source is with what a squash replaces: migrations that it has applied, and those that it has not."""

    source: Source
    recorded: bool
    done: tuple[Key, ...]
    left: tuple[Key, ...]

    @property
    def has_all(self) -> bool:
        """Whether everything that the squash does is done there.

        What Django goes by are the rows of what is replaced (``MigrationLoader.build_graph``). Where there are no rows,
        a squash that is applied stands for all that it replaces.
        """
        return not self.left or (self.recorded and self.source != "database")


def squashes(graph: Graph) -> Iterator[Node]:
    """Migrations that still say what they replace."""
    return (node for node in graph.nodes.values() if node.replaces)


def progress(squash: Node, past: Past) -> tuple[Progress, ...]:
    """The same in all sources that were asked."""

    def has(key: Key, source: Source) -> bool:
        return source in past.applied.get(key, {})

    return tuple(
        Progress(
            source,
            has(squash.key, source),
            tuple(key for key in squash.replaces if has(key, source)),
            tuple(key for key in squash.replaces if not has(key, source)),
        )
        for source in past.sources
    )


def files_gone(squash: Node, graph: Graph) -> tuple[Key, ...]:
    """Migrations that it replaces and that are not on disk."""
    return tuple(key for key in squash.replaces if key not in graph.nodes)


def has_existed(key: Key, context: HistoryContext) -> bool:
    """Whether somebody has ever seen a migration."""
    past = context.past
    return key in context.graph.nodes or key in past.applied or key in past.paths or key in past.renamed
