"""All migrations beside what each source says of them."""

from collections.abc import Collection, Iterator

from migsafe.applied import EditKind, Graph, Key, Past, Row, Status

EDITED: dict[EditKind, Status] = {"real": "edited", "state": "edited (state)", "cosmetic": "edited (cosmetic)"}


def rows(graph: Graph, past: Past, keys: Collection[Key], apps: Collection[str]) -> Iterator[Row]:
    """One row for each migration, in the order of the graph; then those replaced by a squash, and those that are gone.

    Args:
        keys: Those that are in the project and wanted.
        apps: Labels of apps of which those that are gone are wanted.
    """
    edits: dict[Key, Status] = {}
    for one in sorted(past.edits, key=lambda one: list(EDITED).index(one.kind), reverse=True):
        edits[one.key] = EDITED["state" if one.kind == "cosmetic" and one.graph else one.kind]
    unread = {one.key for one in past.unread}
    replaced = {key: one.key for one in past.edits if one.before for key in one.before.replaces}
    replaced |= {key: node.key for node in graph.nodes.values() for key in node.replaces}
    gone = sorted(key for key in past.applied.keys() - graph.nodes.keys() if key[0] in apps)

    def status(key: Key) -> Status:
        sources = past.applied.get(key, {})
        if key in past.accepted:
            return "accepted"
        if key not in graph.nodes:
            return "replaced" if key in replaced else "missing"
        if key in edits:
            return edits[key]
        if not sources:
            return "new"
        return "unknown" if key in unread or sources.keys() == {"database"} else "unchanged"

    shown = (key for key, node in graph.nodes.items() if key in keys or node.replaced_by in keys)
    for key in (*shown, *gone):
        node = graph.nodes.get(key)
        accepted = past.accepted.get(key)
        squash = replaced.get(key)
        yield Row(
            app=key[0],
            name=key[1],
            path=node.path if node else past.paths.get(key),
            status=status(key),
            applied=past.applied.get(key, {}),
            stage=node.stage if node else None,
            replaced_by=".".join(squash) if squash else None,
            accepted=accepted.reason if accepted else None,
        )
