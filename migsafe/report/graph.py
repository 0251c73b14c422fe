"""The migration graph as text, JSON, Mermaid or Graphviz."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
import networkx

import migsafe
from migsafe.report.inert import one_line, without_commands
from migsafe.report.json import encode

if TYPE_CHECKING:
    from migsafe.project.graph import History, Key

Paint = Callable[[str, str], str]
"""Colours a text for a terminal by what it is: ``app``, ``leaf``, ``conflict``, ``merge``, ``squash`` or ``quiet``."""


class GraphMigration(msgspec.Struct, frozen=True, kw_only=True):
    """One migration of the graph.

    Attributes:
        path: Absolute path of its file.
        dependencies: ``app.name`` of the migrations that it directly depends on, squashes resolved, sorted.
        implied: Those of the dependencies that follow from the others; the drawings leave them out.
        leaf: No other migration of its app depends on it.
        conflict: It is one of several leaves of its app, so that ``migrate`` refuses to run.
        merge: It depends on more than one migration of its own app.
        replaces: ``app.name`` of the migrations that it was squashed from.
        first_party: It does not belong to an installed package.
    """

    app: str
    name: str
    path: str
    dependencies: tuple[str, ...]
    implied: tuple[str, ...]
    leaf: bool
    conflict: bool
    merge: bool
    replaces: tuple[str, ...]
    first_party: bool

    @property
    def key(self) -> str:
        return f"{self.app}.{self.name}"

    @property
    def drawn(self) -> tuple[str, ...]:
        """The dependencies that are not implied by others."""
        return tuple(key for key in self.dependencies if key not in self.implied)

    @property
    def marks(self) -> tuple[str, ...]:
        """What is special about it."""
        flags = {"conflict": self.conflict, "leaf": self.leaf, "merge": self.merge, "squash": bool(self.replaces)}
        return tuple(mark for mark, is_set in flags.items() if is_set)


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """What ``migsafe graph`` shows; its encoding is the JSON format.

    Attributes:
        version: Of the JSON contract; only raised when something is removed or changes its meaning.
        migrations: In the order in which ``migrate`` would apply them.
        longest_chain: Number of migrations in the longest chain of dependencies among them.
    """

    version: int = 1
    migsafe: str = migsafe.__version__
    migrations: tuple[GraphMigration, ...]
    longest_chain: int


def graph(history: "History", app: str | None = None) -> Graph:
    """Describe the migrations of a project, or of one app."""
    keys = [key for key in history.order if app in (None, key[0])]
    first_party = {label: history.project.is_first_party(label) for label in history.apps}
    conflicts = {leaf for leaves in history.conflicts.values() for leaf in leaves}
    leaves = set(history.leaf_nodes())
    implied = _implied(history)
    migrations = tuple(
        GraphMigration(
            app=key[0],
            name=key[1],
            path=str(history.path(key)),
            dependencies=tuple(sorted(map(".".join, history.digraph.predecessors(key)))),
            implied=tuple(map(".".join, implied[key])),
            leaf=key in leaves,
            conflict=key in conflicts,
            merge=key in history.merges,
            replaces=tuple(map(".".join, history.migration(key).replaces)),
            first_party=first_party[key[0]],
        )
        for key in keys
    )
    chain = networkx.dag_longest_path_length(history.digraph.subgraph(keys)) + 1 if keys else 0
    return Graph(migrations=migrations, longest_chain=chain)


def _implied(history: "History") -> "dict[Key, list[Key]]":
    """For each migration the direct dependencies on which another direct dependency depends as well."""
    bits = {key: 1 << number for number, key in enumerate(history.order)}
    ancestors: dict[Key, int] = {}  # as sets of bits: exact, and quick for thousands of migrations
    found = {}
    for key in history.order:
        parents = sorted(history.digraph.predecessors(key))
        further = 0
        for parent in parents:
            further |= ancestors[parent]
        found[key] = [parent for parent in parents if further & bits[parent]]
        ancestors[key] = further | sum(bits[parent] for parent in parents if not further & bits[parent])
    return found


def json(graph: Graph) -> str:
    """Render the documented JSON (docs/graph.md)."""
    return encode(graph)


def text(graph: Graph, paint: Paint = lambda text, _: text) -> str:
    """Draw each app's migrations from the oldest to the newest, branches as lanes, the team's own apps first.

    When there are several apps, migrations in a row about which there is nothing special are counted, not listed.
    """
    apps = sorted({(not migration.first_party, migration.app) for migration in graph.migrations})
    lines: list[str] = []
    for _, app in apps:
        migrations = [migration for migration in graph.migrations if migration.app == app]
        lines += [paint(one_line(app), "app"), *_draw(migrations, paint, fold=len(apps) > 1), ""]
    return without_commands("\n".join([*lines, one_line(_summary(graph, len(apps))), ""]))


def _summary(graph: Graph, apps: int) -> str:
    count = len(graph.migrations)
    conflicts = sorted({migration.app for migration in graph.migrations if migration.conflict})
    conflict = f" Conflicting leaf nodes: {', '.join(conflicts)} (makemigrations --merge)." if conflicts else ""
    return (
        f"{count} migration{'s' * (count != 1)} in {apps} app{'s' * (apps != 1)}; "
        f"the longest chain has {graph.longest_chain}.{conflict}"
    )


def _draw(migrations: Sequence[GraphMigration], paint: Paint, fold: bool) -> Iterator[str]:
    own = {migration.key for migration in migrations}
    parents = {migration.key: [key for key in migration.drawn if key in own] for migration in migrations}
    children = Counter(parent for keys in parents.values() for parent in keys)

    def is_plain(migration: GraphMigration) -> bool:
        return (
            len(migration.drawn) == 1
            and len(parents[migration.key]) == 1
            and children[migration.key] == 1
            and children[parents[migration.key][0]] == 1
            and not migration.marks
        )

    lanes = _Lanes(children)
    folded = 0
    for position, migration in enumerate(migrations):
        lane, connectors = lanes.add(migration.key, parents[migration.key])
        following = migrations[position + 1] if position + 1 < len(migrations) else None
        if fold and is_plain(migration):
            folded += 1
            if following and is_plain(following) and parents[following.key] == [migration.key]:
                continue
        if folded > 1:
            yield lanes.row(lane, "┊") + paint(f"{folded} migrations", "quiet")
            folded = 0
            continue
        folded = 0
        yield from connectors
        yield lanes.row(lane, "●") + _label(migration, own, paint)
        lanes.close(lane)


def _label(migration: GraphMigration, own: set[str], paint: Paint) -> str:
    words = {mark: f"squash of {len(migration.replaces)}" if mark == "squash" else mark for mark in migration.marks}
    label = [one_line(migration.name), *(paint(word, mark) for mark, word in words.items())]
    if others := [key for key in migration.drawn if key not in own]:
        label.append(paint(one_line(f"after {', '.join(others)}"), "quiet"))
    return "  ".join(label)


class _Lanes:
    """Columns of a drawing of a graph, top down: each holds the last migration of a line that goes on below."""

    def __init__(self, children: Counter[str]) -> None:
        self.lanes: list[str | None] = []
        self.waiting = Counter(children)

    def add(self, key: str, parents: Sequence[str]) -> tuple[int, list[str]]:
        """Choose the lane of the next migration; return it and the rows that join it to its parents' lanes."""
        self.waiting.subtract(parents)
        before = sorted(self.lanes.index(parent) for parent in parents)
        ending = [lane for lane in before if not self.waiting[self.lanes[lane] or ""]]
        if ending:
            lane = ending[0]
        else:
            lane = self.lanes.index(None) if None in self.lanes else len(self.lanes)
            self.lanes[lane : lane + 1] = [None]
        rows = [self._join(other, lane, other in ending, not ending) for other in before if other != lane]
        for other in ending:
            self.lanes[other] = None
        self.lanes[lane] = key
        self._trim()
        return lane, rows

    def close(self, lane: int) -> None:
        """End a lane whose migration nothing depends on."""
        if not self.waiting[self.lanes[lane] or ""]:
            self.lanes[lane] = None
        self._trim()

    def _trim(self) -> None:
        while self.lanes and self.lanes[-1] is None:
            self.lanes.pop()

    def row(self, lane: int, symbol: str) -> str:
        cells = ["│" if key else " " for key in self.lanes]
        cells[lane] = symbol
        return " ".join(cells) + " "

    def _join(self, other: int, lane: int, ends: bool, begins: bool) -> str:
        """Draw the line between a parent's lane, which may end here, and the migration's, which may begin here."""
        left, right = sorted((other, lane))
        at_other = ("╯" if other == right else "╰") if ends else ("┤" if other == right else "├")
        at_lane = ("╮" if lane == right else "╭") if begins else ("┤" if lane == right else "├")
        cells = []
        for number, key in enumerate(self.lanes):
            inside = left <= number < right
            symbol = "│" if key else " "
            if left < number < right:
                symbol = "┼" if key else "─"
            cells.append({other: at_other, lane: at_lane}.get(number, symbol) + ("─" if inside else " "))
        return "".join(cells).rstrip()


def mermaid(graph: Graph) -> str:
    """Render a Mermaid flowchart, a subgraph for each app."""
    ids = _ids(graph)
    lines = ["flowchart TD"]
    for app in sorted({migration.app for migration in graph.migrations}):
        lines.append(f"  subgraph {_mermaid(app)}")
        for migration in graph.migrations:
            if migration.app == app:
                mark = f":::{migration.marks[0]}" if migration.marks else ""
                lines.append(f'    {ids[migration.key]}["{_mermaid(migration.name)}"]{mark}')
        lines.append("  end")
    lines += [f"  {ids[parent]} --> {ids[child]}" for parent, child in _edges(graph)]
    lines += [
        "  classDef leaf stroke:#2da44e,stroke-width:3px",
        "  classDef conflict stroke:#cf222e,stroke-width:3px",
        "  classDef merge stroke:#8250df,stroke-width:3px",
        "  classDef squash stroke-dasharray:5 5",
        "",
    ]
    return "\n".join(lines)


def dot(graph: Graph) -> str:
    """Render Graphviz's language, a cluster for each app."""
    ids = _ids(graph)
    attributes = {
        "conflict": ' color="red" penwidth=2',
        "leaf": ' color="darkgreen" penwidth=2',
        "merge": ' color="purple" penwidth=2',
        "squash": ' style="dashed"',
    }
    lines = ["digraph migrations {", "  node [shape=box];"]
    for number, app in enumerate(sorted({migration.app for migration in graph.migrations})):
        lines += [f"  subgraph cluster_{number} {{", f"    label={_quoted(app)};"]
        for migration in graph.migrations:
            if migration.app == app:
                mark = attributes[migration.marks[0]] if migration.marks else ""
                lines.append(f"    {ids[migration.key]} [label={_quoted(migration.name)}{mark}];")
        lines.append("  }")
    lines += [f"  {ids[parent]} -> {ids[child]};" for parent, child in _edges(graph)]
    return without_commands("\n".join([*lines, "}", ""]), number_sign="&#35;")


def _ids(graph: Graph) -> dict[str, str]:
    return {migration.key: f"m{number}" for number, migration in enumerate(graph.migrations)}


def _edges(graph: Graph) -> Iterator[tuple[str, str]]:
    """Dependencies among the shown migrations."""
    shown = {migration.key for migration in graph.migrations}
    for migration in graph.migrations:
        for parent in migration.drawn:
            if parent in shown:
                yield parent, migration.key


def _mermaid(name: str) -> str:
    """Escape all that is not part of a Python identifier as Mermaid's entity codes."""
    return "".join(char if char.isalnum() or char == "_" else f"#{ord(char)};" for char in name)


def _quoted(name: str) -> str:
    escaped = one_line(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


FORMATS: dict[str, Callable[[Graph], str]] = {"text": text, "json": json, "mermaid": mermaid, "dot": dot}
"""Renderers by the name of their format."""
