"""What the shell offers: codes, apps and migrations, git refs. Quick, and silent where there is nothing to offer."""

import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from migsafe.config import find_root, load_config
from migsafe.errors import MigsafeError

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

DEEPEST = 6
"""Levels of folders below the project's in which apps are looked for."""

FOREIGN = {"node_modules", "site-packages", "__pycache__"}


def _quiet(offers: Callable[[click.Context, str], Iterator[CompletionItem]]) -> Complete:
    """Offer nothing where anything goes wrong: somebody is typing."""

    def complete(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            try:
                return [item for item in offers(context, incomplete) if item.value.startswith(incomplete)]
            except (Exception, SystemExit):  # noqa: BLE001, plug-ins and folders may be in any state
                return []

    return complete


@_quiet
def codes(_: click.Context, incomplete: str) -> Iterator[CompletionItem]:
    """Beginnings of codes, and codes once there is a beginning."""
    from migsafe.rules import GROUPS

    rules = _rules()
    if len(incomplete) < len("MS1"):
        yield from (CompletionItem(code, help=about) for code, about in GROUPS.items())
        yield from (item for item in rules if item.value[:3] not in GROUPS)
    else:
        yield from rules


@_quiet
def rules(_: click.Context, incomplete: str) -> Iterator[CompletionItem]:
    """Codes, or names when a name has been begun."""
    yield from _rules(names=incomplete[:1].islower())


def _rules(*, names: bool = False) -> list[CompletionItem]:
    from migsafe.rules import all_rules

    try:
        known = all_rules(load_config(Path.cwd()).plugins)
    except MigsafeError:
        known = all_rules()
    return [CompletionItem(rule.name if names else rule.code, help=rule.summary) for rule in known]


@_quiet
def targets(context: click.Context, incomplete: str) -> Iterator[CompletionItem]:
    """Apps, migrations of the app that was named before, and migrations as ``app.name``."""
    migrations = _migrations()
    app, dot, _ = incomplete.partition(".")
    if dot:
        yield from (CompletionItem(f"{app}.{name}") for name in migrations.get(app, ()))
        return
    before = context.params.get("targets") or ()
    if before and before[-1] in migrations:
        yield from (CompletionItem(name, help=before[-1]) for name in migrations[before[-1]])
    elif incomplete[:1].isdigit():
        yield from (CompletionItem(name, help=app) for app, names in migrations.items() for name in names)
    yield from _apps(migrations)


@_quiet
def strategies(_: click.Context, __: str) -> Iterator[CompletionItem]:
    """Ways that recipes have."""
    from migsafe.plan.recipes import all_recipes

    for recipe in all_recipes():
        yield from (CompletionItem(name, help=text) for name, text in recipe.strategies.items())


@_quiet
def refs(_: click.Context, __: str) -> Iterator[CompletionItem]:
    """Branches and tags."""
    from migsafe.project.git import Repository

    yield from map(CompletionItem, Repository.of(Path.cwd()).refs())


@_quiet
def apps(_: click.Context, __: str) -> Iterator[CompletionItem]:
    """Apps that have migrations."""
    yield from _apps(_migrations())


def _apps(migrations: dict[str, list[str]]) -> Iterator[CompletionItem]:
    for app, names in migrations.items():
        yield CompletionItem(app, help=f"{len(names)} migration{'s' if len(names) > 1 else ''}")


def _migrations() -> dict[str, list[str]]:
    """Names of migrations by app, from the names of files: to ask Django would take too long.

    An app is taken to be called like its folder, and third-party apps are left out.
    """
    root, manage = find_root(Path.cwd())
    if manage is None and not any((root / name).is_file() for name in ("pyproject.toml", "migsafe.toml")):
        return {}  # it may be somebody's home
    found = {}
    for folder, below, files in os.walk(root):
        path = Path(folder)
        if path.name == "migrations":
            names = sorted(file[:-3] for file in files if file.endswith(".py") and not file.startswith("_"))
            found[path.parent.name] = names
        skip = len(path.relative_to(root).parts) >= DEEPEST or "pyvenv.cfg" in files
        below[:] = [] if skip else [name for name in below if name not in FOREIGN and not name.startswith(".")]
    return {app: found[app] for app in sorted(found) if found[app]}
