"""Graphs and pasts made by hand, for rules about what is applied."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from migsafe.applied import Dependency, Edit, Fingerprint, Graph, Key, Meaning, Node, Past, Source
from migsafe.model import Finding
from migsafe.rules import HistoryContext, all_rules, in_history

SINCE = datetime(2026, 1, 3, 10, tzinfo=UTC)


def key(name: str) -> Key:
    """``"shop.0001_initial"`` as a key."""
    app, _, rest = name.rpartition(".")
    return app, rest


def keys(names: Iterable[str]) -> tuple[Key, ...]:
    return tuple(map(key, names))


def meaning(
    *operations: str,
    python: Sequence[str] = (),
    dependencies: Sequence[str] = (),
    run_before: Sequence[str] = (),
    replaces: Sequence[str] = (),
    text: str = "now",
    files: Sequence[str] = ("/home/me/project/shop/migrations/0002_status.py",),
) -> Meaning:
    return Meaning(
        fingerprint=Fingerprint(operations="0" * 16, graph="0" * 16, text=text),
        operations=operations,
        python=tuple(python),
        dependencies=keys(dependencies),
        run_before=keys(run_before),
        replaces=keys(replaces),
        files=tuple(files),
    )


@dataclass
class Made:
    """A project and its past, as tests write them down; migrations are called ``app.name``."""

    nodes: dict[Key, Node] = field(default_factory=dict)
    installed: tuple[str, ...] = ("shop", "stock")
    swappable: dict[str, str] = field(default_factory=dict)

    def add(
        self,
        name: str,
        *after: str | Dependency,
        run_before: Sequence[str] = (),
        replaces: Sequence[str] = (),
        own: bool = True,
    ) -> "Made":
        app, migration = key(name)
        dependencies = tuple(one if isinstance(one, Dependency) else Dependency(*key(one)) for one in after)
        self.nodes[app, migration] = Node(
            app=app,
            name=migration,
            path=f"{app}/migrations/{migration}.py",
            own=own,
            initial=not any(one.app == app for one in dependencies),
            parents=tuple((one.app, one.name) for one in dependencies),
            dependencies=dependencies,
            run_before=keys(run_before),
            replaces=keys(replaces),
        )
        return self

    @property
    def graph(self) -> Graph:
        return Graph(nodes=self.nodes, installed=self.installed, swappable=self.swappable)

    def found(self, past: Past, *codes: str, apps: Iterable[str] = ("shop",)) -> list[Finding]:
        """What rules with some codes find."""
        return found(self.graph, past, *codes, apps=apps)


def found(graph: Graph, past: Past, *codes: str, apps: Iterable[str] = ("shop",)) -> list[Finding]:
    context = HistoryContext(graph=graph, past=past, looked_at=frozenset(), apps=frozenset(apps), replayed={})
    return list(in_history(context, [rule for rule in all_rules() if rule.code in codes]))


def past(
    *,
    git: Iterable[str] = (),
    ledger: Iterable[str] = (),
    database: Iterable[str] = (),
    edits: Sequence[Edit] = (),
    renamed: Mapping[str, str] | None = None,
    paths: Mapping[str, str] | None = None,
) -> Past:
    """What each source says is applied, in its order."""
    applied: dict[Key, dict[Source, datetime | None]] = {}
    sources: dict[Source, tuple[str, ...]] = {"git": tuple(git), "ledger": tuple(ledger), "database": tuple(database)}
    for source, names in sources.items():
        for name in names:
            applied.setdefault(key(name), {})[source] = SINCE
    return Past(
        ref="origin/main" if sources["git"] else None,
        ledger="migsafe.lock" if sources["ledger"] else None,
        database="default" if sources["database"] else None,
        applied=applied,
        order=keys(sources["database"]),
        edits=tuple(edits),
        renamed={key(old): key(new) for old, new in (renamed or {}).items()},
        paths={key(name): path for name, path in (paths or {}).items()},
    )
