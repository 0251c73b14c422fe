"""Django's loader is asked: what it makes of a graph for a database, and whether it takes that for consistent."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import django
from django.db.migrations import Migration
from django.db.migrations.exceptions import (
    CircularDependencyError,
    InconsistentMigrationHistory,
    NodeNotFoundError,
)
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from migsafe.applied import Key
from migsafe.rules._consistency import edges, violated
from tests.rules.applied import Made, key, past

APPS = ("shop", "stock", "users")
DATABASE: Any = SimpleNamespace(alias="default")


class Loader(MigrationLoader):
    """Django's loader for migrations that are in no file, and a database that is not there."""

    def __init__(self, project: Made) -> None:
        self.project = project
        super().__init__(DATABASE)

    def load_disk(self) -> None:
        self.disk_migrations = {}
        self.unmigrated_apps = set(APPS) - {app for app, _ in self.project.nodes}
        self.migrated_apps = {app for app, _ in self.project.nodes}
        for (app, name), node in self.project.nodes.items():
            attributes: dict[str, Any] = {
                "dependencies": [(one.app, one.name) for one in node.dependencies],
                "run_before": list(node.run_before),
                "replaces": list(node.replaces),
            }
            self.disk_migrations[app, name] = type("Migration", (Migration,), attributes)(name, app)


@contextmanager
def recorded_are(recorded: Iterable[Key]) -> Iterator[None]:
    """A database that has recorded these."""
    recorder = SimpleNamespace(applied_migrations=lambda: dict.fromkeys(recorded))
    with patch("django.db.migrations.loader.MigrationRecorder", lambda _: recorder):
        yield


@st.composite
def projects(draw: st.DrawFn) -> tuple[Made, frozenset[Key]]:
    """Apps with squashes, dependencies across them, ``run_before``, files that are gone, and what is recorded."""
    project = Made()
    names: list[str] = []
    for app in APPS:
        count = draw(st.integers(0, 5))
        own = [f"{app}.{number:04}" for number in range(count)]
        for number, name in enumerate(own):
            others = st.sampled_from([*names, *(f"{other}.__first__" for other in APPS if other != app)])
            after = draw(st.lists(others, max_size=2, unique=True)) if names else []
            before = [draw(st.sampled_from(names))] if names and draw(st.integers(0, 5)) == 0 else []
            project.add(name, *own[:number][-1:], *after, run_before=before)
        if count > 1 and draw(st.booleans()):
            first = draw(st.integers(0, count - 2))
            last = draw(st.integers(first + 1, count - 1))
            replaced = own[first : last + 1]
            squash = f"{app}.squash"
            inside = {key(name) for name in replaced}
            outer = [
                f"{one.app}.{one.name}"
                for name in replaced
                for one in project.nodes[key(name)].dependencies
                if (one.app, one.name) not in inside
            ]
            project.add(squash, *dict.fromkeys(outer), replaces=replaced)
            if draw(st.booleans()):
                own.append(squash)
                for name in draw(st.lists(st.sampled_from(replaced), unique=True)):
                    del project.nodes[key(name)]
            # Older versions of Django take squashes of squashes one by one, in any order.
            if django.VERSION >= (6, 0) and last < count - 1 and draw(st.booleans()):
                project.add(f"{app}.squash_of_squash", *dict.fromkeys(outer), replaces=[squash, own[last + 1]])
        names += own
    every = sorted({*map(key, names), *project.nodes})
    recorded = frozenset(draw(st.lists(st.sampled_from(every), unique=True))) if every else frozenset()
    if draw(st.booleans()):
        recorded = frozenset(every) - recorded
    return project, recorded


@given(projects())
def test_edges_and_what_is_inconsistent_are_django_s(drawn: tuple[Made, frozenset[Key]]) -> None:
    project, recorded = drawn
    found = {edge[:2] for edge in violated(project.graph, recorded)}
    with recorded_are(sorted(recorded)):
        try:
            loader = Loader(project)
        except (NodeNotFoundError, CircularDependencyError, ValueError):
            assume(False)
        nodes = loader.graph.node_map
        assert {edge[:2] for edge in edges(project.graph, recorded)} == {
            (child, parent.key) for child, node in nodes.items() for parent in node.parents
        }
        try:
            loader.check_consistent_history(DATABASE)
        except InconsistentMigrationHistory as error:
            child, parent = re.findall(r"(\w+)\.(\w+)", str(error))
            assert (child, parent) in found
        else:
            assert not found


@settings(deadline=None)  # the first example loads all rules
@given(projects(), st.booleans())
def test_what_migrate_records_is_in_order(drawn: tuple[Made, frozenset[Key]], before_squashes: bool) -> None:
    """Also on a database that was there before the squashes, which Django records when it first finds them."""
    project, _ = drawn
    then = project
    if before_squashes:
        assume(all(one in project.nodes for node in project.nodes.values() for one in node.replaces))
        then = Made(nodes={name: node for name, node in project.nodes.items() if not node.replaces})
    rows: dict[str, None] = {}
    with recorded_are(()):
        try:
            loader, _ = Loader(then), Loader(project)
        except (NodeNotFoundError, CircularDependencyError, ValueError):
            assume(False)
        executor = object.__new__(MigrationExecutor)  # would load from files
        executor.loader = loader
        for one, _ in executor.migration_plan(loader.graph.leaf_nodes(), clean_start=True):
            rows |= dict.fromkeys(map(".".join, one.replaces or [(one.app_label, one.name)]))
    rows |= dict.fromkeys(".".join(name) for name, node in project.nodes.items() if node.replaces)
    assert project.found(past(database=rows), "MS705", "MS706", "MS707", apps=APPS) == []
