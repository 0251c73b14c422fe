"""The project's migrations as a graph, with squashes resolved as Django resolves them on an empty database."""

import re
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cached_property
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from itertools import chain, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from traceback import walk_tb
from types import ModuleType
from typing import Any, NamedTuple, cast

import networkx
from django.apps import apps
from django.db.migrations import Migration
from django.db.migrations.exceptions import BadMigrationError, CircularDependencyError, NodeNotFoundError
from django.db.migrations.loader import MigrationLoader

from migsafe.errors import GraphError, MigrationImportError, UnknownTargetError
from migsafe.project.load import Project, describe, place, show, user_code

Key = tuple[str, str]
"""App label and name of a migration."""


class Overlay(NamedTuple):
    """Migrations that are otherwise than the files of the project say.

    Attributes:
        files: Files that stand for those of some migrations, or make new ones; None for a migration that is not to be
            there. They are imported as if they lay in the app's package of migrations.
        order: Migrations that are to come in this order, whatever their dependencies leave open.
    """

    files: Mapping[Key, Path | None] = {}
    order: Sequence[Key] = ()


class History:
    """All migrations of a project, in the order in which ``migrate`` would apply them to an empty database.

    Attributes:
        project: Where they come from.
        loader: Django's own; not to be changed.
        digraph: An edge from each migration to those that depend on it.
        order: What ``MigrationExecutor.migration_plan(leaf nodes, clean_start=True)`` gives, but with what is applied
            first, as it is in the state that ``migrate`` begins with.

    Raises:
        MigrationImportError: A migration's module fails to import, or has no class Migration.
        GraphError: A dependency does not exist, or there is a cycle.
    """

    def __init__(
        self, project: Project, overlay: "Overlay | None" = None, applied: Collection[Key] | None = None
    ) -> None:
        """Load the migrations.

        Args:
            overlay: What is to be otherwise than the files say.
            applied: What a database has recorded: squashes are resolved as on that one, not as on an empty one.
        """
        self.project = project
        self.loader = _load(project, overlay or Overlay(), applied or ())
        graph = self.loader.graph
        self.digraph: networkx.DiGraph[Key] = networkx.DiGraph()
        self.digraph.add_nodes_from(graph.nodes)
        self.digraph.add_edges_from(
            (parent.key, child.key) for child in graph.node_map.values() for parent in child.parents
        )
        plan = tuple(self._plan())
        pending = list(filter(self._is_pending, plan))
        # What is applied without what it depends on comes after that: `migrate` refuses such a history.
        later = {*pending, *self.after(pending)} if applied else set()
        self.order: tuple[Key, ...] = tuple(sorted(plan, key=later.__contains__))

    def _plan(self) -> Iterable[Key]:
        """Walk depth first from each leaf, as MigrationGraph.iterative_dfs does, but without starting over for each.

        What an earlier leaf has visited is closed under dependencies, so skipping it changes nothing in the order.
        """
        visited: set[Key] = set()
        for leaf in self.leaf_nodes():
            stack = [(self.loader.graph.node_map[leaf], False)]
            while stack:
                node, processed = stack.pop()
                if node.key in visited:
                    continue
                if processed:
                    visited.add(node.key)
                    yield node.key
                else:
                    stack.append((node, True))
                    stack += [(parent, False) for parent in sorted(node.parents)]

    @cached_property
    def pending(self) -> tuple[Key, ...]:
        """What ``migrate`` would apply where the history was loaded with what is applied, in its order."""
        return tuple(filter(self._is_pending, self.order))

    def _is_pending(self, key: Key) -> bool:
        return key not in self.loader.applied_migrations

    def migration(self, key: Key) -> Migration:
        """Django's own object for a migration."""
        migration: Migration = self.loader.graph.nodes[key]
        return migration

    def path(self, key: Key) -> Path:
        """Absolute path of a migration's file."""
        return migration_path(self.migration(key))

    def after(self, keys: Iterable[Key]) -> frozenset[Key]:
        """Migrations of the graph that depend on some, directly or not."""
        first = {one for key in keys if key in self.digraph for one in self.digraph.successors(key)}
        return frozenset(chain.from_iterable(networkx.bfs_layers(self.digraph, first)))

    def packages(self, app: str) -> dict[str, Path]:
        """Folders of an app's package and of its migrations, by dotted name, also where these are yet to be made.

        Empty for an app that is not installed; only its own package where MIGRATION_MODULES turns its migrations off.
        """
        if app not in self.project.apps:
            return {}
        config = apps.get_app_config(app)
        found = {config.name: Path(config.path).resolve()}
        if module := self.loader.migrations_module(app)[0]:
            if paths := list(getattr(sys.modules.get(module), "__path__", ())):
                found[module] = Path(paths[0]).resolve()
            elif module.startswith(f"{config.name}."):
                found[module] = found[config.name].joinpath(*module.removeprefix(f"{config.name}.").split("."))
        return found

    @cached_property
    def apps(self) -> tuple[str, ...]:
        """Labels of the apps that have migrations, sorted."""
        return tuple(sorted({app for app, _ in self.order}))

    def leaf_nodes(self, app: str | None = None) -> tuple[Key, ...]:
        """Migrations on which no other of the same app depends, sorted."""
        return tuple(self.loader.graph.leaf_nodes(app))

    @cached_property
    def conflicts(self) -> dict[str, tuple[Key, ...]]:
        """Leaf nodes of each app that has more than one: ``migrate`` refuses to run then."""
        count = Counter(app for app, _ in self.leaf_nodes())
        return {app: self.leaf_nodes(app) for app in sorted(count) if count[app] > 1}

    @cached_property
    def merges(self) -> frozenset[Key]:
        """Migrations with more than one direct dependency in their own app."""
        return frozenset(
            key for key in self.order if sum(parent[0] == key[0] for parent in self.digraph.predecessors(key)) > 1
        )

    @cached_property
    def replaced(self) -> dict[Key, Key]:
        """Migrations that a squash stands for → that squash, whether their files are still there or not."""
        direct = {
            (app, name): key for key, migration in self.loader.replacements.items() for app, name in migration.replaces
        }
        found: dict[Key, Key] = {}
        for key, squash in direct.items():
            while squash in direct and squash not in self.digraph:
                squash = direct[squash]
            if key not in self.digraph:
                found[key] = squash
        return found

    @cached_property
    def longest_chain(self) -> int:
        """Number of migrations in the longest chain of dependencies."""
        return networkx.dag_longest_path_length(self.digraph) + 1 if self.order else 0

    def resolve(self, target: str, name: str | None = None) -> tuple[Key, ...]:
        """Find what ``[APP [MIGRATION]]`` on the command line means.

        Args:
            target: An app label; a migration (``0042`` if one app alone has it, ``orders.0042``, ``orders/0042``); or
                the path of a migration's file. Names can be cut short, as for ``migrate``.
            name: A migration of the app ``target``.

        Returns:
            The migrations in order: all of an app, or one.

        Raises:
            UnknownTargetError: There is none, or more than one.
        """
        if name is not None:
            return (self._one(self.app(target), name),)
        path = Path(target)
        if path.suffix == ".py" or path.is_absolute():
            return (self._at(path),)
        if target in self.project.apps:
            return tuple(key for key in self.order if key[0] == self.app(target))
        if separated := re.fullmatch(r"([^./]+)[./]([^./]+)", target):
            app, name = separated.groups()
            return (self._one(self.app(app), name),)
        if target[:1].isdigit() or any(key[1] == target for key in self.order):
            return (self._anywhere(target),)
        raise _unknown_app(target, self.apps)

    def app(self, app: str) -> str:
        """Return the label of an app that has migrations.

        Raises:
            UnknownTargetError: There is no such app, or it has none.
        """
        if app in self.apps:
            return app
        if app in self.project.apps:
            raise UnknownTargetError(f"app {app} has no migrations", f"Apps with migrations: {', '.join(self.apps)}.")
        raise _unknown_app(app, self.apps)

    def _one(self, app: str, name: str) -> Key:
        if (app, name) in self.digraph:
            return app, name
        if squash := self.replaced.get((app, name)):
            raise _is_replaced((app, name), squash)
        found = [key for key in self.order if key[0] == app and key[1].startswith(name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise UnknownTargetError(
                f"{name!r} is ambiguous in app {app}: {', '.join(key[1] for key in found)}", "Write more of the name."
            )
        for key, squash in self.replaced.items():
            if key[0] == app and key[1].startswith(name):
                raise _is_replaced(key, squash)
        names = [key[1] for key in self.order if key[0] == app]
        raise UnknownTargetError(f"app {app} has no migration {name!r}", _near(name, names, "Its last migrations"))

    def _anywhere(self, name: str) -> Key:
        """Find a migration by its name alone, among the team's own apps first."""
        matching = [key for key in self.order if key[1].startswith(name)]
        exact = [key for key in matching if key[1] == name]
        for candidates in (exact, matching):
            own = [key for key in candidates if self.project.is_first_party(key[0])]
            found = own or candidates
            if len(found) == 1:
                return found[0]
            if found:
                raise UnknownTargetError(
                    f"{name!r} is ambiguous: {', '.join(map('.'.join, found))}", "Name the app too: APP MIGRATION."
                )
        raise UnknownTargetError(
            f"no app has a migration {name!r}", _near(name, [key[1] for key in self.order], "The last migrations")
        )

    def _at(self, path: Path) -> Key:
        wanted = path.resolve()
        for key, migration in self.loader.disk_migrations.items():
            if migration_path(migration) == wanted:
                if key in self.digraph:
                    return key
                raise _is_replaced(key, self.replaced[key])
        raise UnknownTargetError(
            f"{path} is not a migration of an installed app" if wanted.exists() else f"there is no file {path}",
            f"Apps with migrations: {', '.join(self.apps)}.",
        )


@contextmanager
def overlaid(history: History, sources: Mapping[Key, str | None], order: Sequence[Key] = ()) -> Iterator[History]:
    """The history with other migrations than those of its files, as long as the context lasts.

    Args:
        sources: Texts of migrations that are otherwise or new; None for those that are not to be there.
        order: As in `Overlay`.

    Raises:
        MigrationImportError, GraphError: As `History` does.
    """
    with TemporaryDirectory(prefix="migsafe-") as folder:
        files: dict[Key, Path | None] = dict.fromkeys(sources)
        for (app, name), source in sources.items():
            if source is not None:
                files[app, name] = path = Path(folder).resolve() / app / f"{name}.py"
                path.parent.mkdir(exist_ok=True)
                path.write_text(source, encoding="utf-8", newline="")
        yield History(history.project, Overlay(files, order))


def migration_path(migration: Migration) -> Path:
    """Absolute path of the file that a migration was imported from."""
    file = sys.modules[type(migration).__module__].__file__
    assert file is not None  # pkgutil found it as a file
    return Path(file).resolve()


class _Loader(MigrationLoader):
    """Django's loader, with the migrations in an order that does not depend on Python's hash seed."""

    def __init__(self, overlay: Overlay, applied: Collection[Key]) -> None:
        self._overlay = overlay
        self._recorded = applied
        super().__init__(None, load=False)

    @property
    def applied_migrations(self) -> dict[Key, Any]:
        """What `build_graph` begins with, and adds squashes to as it resolves them."""
        return self._applied

    @applied_migrations.setter
    def applied_migrations(self, found: dict[Key, Any]) -> None:
        # It finds none, as it has no connection to ask.
        self._applied = found or dict.fromkeys(self._recorded)

    def load_disk(self) -> None:
        super().load_disk()
        self._lay_over(*self._overlay)
        # Django < 6.0 resolves a squash of squashes only if it happens to meet the inner ones first.
        self.disk_migrations = dict(
            sorted(self.disk_migrations.items(), key=lambda item: (self._depth(item[0]), item[0]))
        )

    def _lay_over(self, files: Mapping[Key, Path | None], order: Sequence[Key]) -> None:
        for (app, name), path in files.items():
            self.disk_migrations.pop((app, name), None)
            if path is not None:
                module = _imported(path, self.migrations_module(app)[0] or app)
                self.disk_migrations[app, name] = module.Migration(name, app)
        for earlier, later in pairwise(order):
            migration = self.disk_migrations[later]
            vars(migration)["dependencies"] = [*migration.dependencies, earlier]

    def _depth(self, key: Key) -> int:
        """0 for a migration that replaces none, else one more than the deepest one that it replaces."""
        replaces = self.disk_migrations[key].replaces if key in self.disk_migrations else []
        return max((self._depth((app, name)) + 1 for app, name in replaces if (app, name) != key), default=0)


def _imported(path: Path, package: str) -> ModuleType:
    """Import a file as a module of a package that it does not lie in."""
    name = f"{package}.{path.stem}_at_{hash(path):x}"
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _load(project: Project, overlay: Overlay, applied: Collection[Key]) -> MigrationLoader:
    loader = _Loader(overlay, applied)
    try:
        with user_code():
            loader.build_graph()
    except CircularDependencyError as error:
        raise _cycle(loader) from error
    except NodeNotFoundError as error:
        raise _missing_dependency(loader, cast(Migration, error.origin), error.node) from error
    except BadMigrationError as error:
        raise _without_class(error) from error
    except (Exception, SystemExit) as error:
        raise _without_first_or_last(loader) or _import_error(error, project) from error
    return loader


def _cycle(loader: MigrationLoader) -> GraphError:
    depends: networkx.DiGraph[Key] = networkx.DiGraph()
    for key in sorted(loader.graph.nodes):
        depends.add_edges_from((key, parent.key) for parent in sorted(loader.graph.node_map[key].parents))
    edges = networkx.find_cycle(depends)
    first, *others = [".".join(edge[0]) for edge in edges] + [".".join(edges[0][0])]
    return GraphError(
        f"migrations depend on each other in a circle: {first} depends on {', which depends on '.join(others)}",
        "Take one of these out of its migration's dependencies (or run_before), "
        f"for example in {show(migration_path(loader.disk_migrations[edges[0][0]]))}.",
    )


def _missing_dependency(loader: MigrationLoader, origin: Migration, missing: Key) -> GraphError:
    app, name = missing
    names = sorted(other for label, other in loader.disk_migrations if label == app)
    if names:
        hint = f"{_near(name, names, f'Last migrations of {app}')} Restore the file, or change the dependency."
    elif app in loader.unmigrated_apps | loader.migrated_apps:
        hint = f"App {app} has no migrations: make them, or remove the dependency."
    else:
        hint = f"App {app} is not installed: add it to INSTALLED_APPS, or remove the dependency."
    verb = "runs before" if missing in origin.run_before else "depends on"
    return GraphError(f"{show(migration_path(origin))} {verb} {app}.{name}, which does not exist", hint)


def _without_first_or_last(loader: MigrationLoader) -> GraphError | None:
    """Find who wants the first or last migration of an app that has none: Django's ValueError doesn't say."""
    apps = {app for app, _ in loader.disk_migrations} | loader.unmigrated_apps
    for _, migration in sorted(loader.disk_migrations.items()):
        for app, name in [*migration.dependencies, *migration.run_before]:
            if name in ("__first__", "__latest__") and app not in apps:
                return _missing_dependency(loader, migration, (app, name))
    return None


def _without_class(error: BadMigrationError) -> MigrationImportError:
    # "Migration 0002_x in app orders has no Migration class"
    _, name, _, _, app, *_ = str(error).split()
    spec = find_spec(f"{MigrationLoader.migrations_module(app)[0]}.{name}")
    return MigrationImportError(
        f"{show(Path(spec.origin)) if spec and spec.origin else f'{app}.{name}'} has no class Migration",
        "Every module in a migrations package needs one, unless its name starts with _ or ~.",
    )


def _import_error(error: BaseException, project: Project) -> MigrationImportError:
    """Name the migration's file, the error, and the line that raised it."""
    file = _imported_file(error)
    where = place(error, project.root)
    reason = f"{describe(error)}{f' ({where})' if where else ''}"
    if file is None:
        return MigrationImportError(
            f"migrations fail to load: {reason}", f"Look at MIGRATION_MODULES in {project.settings}."
        )
    return MigrationImportError(
        f"{show(file)} fails to import: {reason}",
        "Repair it: Django itself cannot run migrations either, as long as one fails to import.",
    )


def _imported_file(error: BaseException) -> Path | None:
    """File of the module that Django's loader was importing: the first one whose top level is in the traceback."""
    for frame, _ in walk_tb(error.__traceback__):
        if frame.f_code.co_name == "<module>" and not frame.f_code.co_filename.startswith("<"):
            return Path(frame.f_code.co_filename)
    return Path(error.filename) if isinstance(error, SyntaxError) and error.filename else None


def _unknown_app(app: str, apps: Sequence[str]) -> UnknownTargetError:
    return UnknownTargetError(f"there is no app {app!r}", _near(app, apps, "Apps with migrations"))


def _is_replaced(key: Key, squash: Key) -> UnknownTargetError:
    return UnknownTargetError(
        f"{'.'.join(key)} is replaced by {'.'.join(squash)}", f"On an empty database Django runs {squash[1]} instead."
    )


def _near(word: str, candidates: Sequence[str], otherwise: str) -> str:
    """Say which candidates look like the word, or else name the last few."""
    matches = get_close_matches(word, candidates)
    if matches:
        return f"Did you mean {' or '.join(matches)}?"
    return f"{otherwise}: {', '.join(candidates[-10:])}."
