"""``migsafe init``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migsafe.cli import options
from migsafe.errors import ConfigError, GitError, SettingsError

if TYPE_CHECKING:
    from migsafe.project.graph import History
    from migsafe.project.load import Project

PLACEHOLDER = "for-migsafe"
"""What variables get that the settings demand."""

MOST = 5
"""How many migrations a question names."""


@click.command("init")
@click.option("--postgres", type=click.IntRange(10, 18), help="Major version of your server.")
@click.option("--force", is_flag=True, help="Replace the section that is there; change a file that is not committed.")
@options.project_options
def command(settings: str | None, database: str | None, postgres: int | None, *, force: bool) -> int:
    """Write a section for this project into pyproject.toml, or a migsafe.toml if there is no pyproject.toml.

    It names the settings, what they demand of the environment, and the last migration of each of your apps: what the
    main branch has is taken to be in production, and lint looks at what comes after it. Asks only on a terminal.
    """
    from migsafe import section
    from migsafe.api import oldest_supported
    from migsafe.config import find_root, find_section
    from migsafe.project.git import has_uncommitted_changes, main_branch
    from migsafe.project.graph import History

    here = Path.cwd()
    root, _ = find_root(here)
    existing, before = find_section(root)
    file = section.choose_file(root)
    if existing and not force:
        raise ConfigError(
            f"{file} has a section for migsafe already",
            "Change it by hand (migsafe config shows what holds), or replace it with --force.",
        )
    if not force and has_uncommitted_changes(file):
        raise ConfigError(f"{file} has changes that are not committed", "Commit them first, or go ahead with --force.")
    asks = sys.stdin.isatty() and sys.stdout.isatty()
    known = before.get("env")
    env = {name: value for name, value in known.items() if isinstance(value, str)} if isinstance(known, dict) else {}
    project = _loaded(here, settings, database, env, asks=asks)
    if asks and postgres is None:
        postgres = click.prompt(
            "Major version of your PostgreSQL server (empty if you do not know)",
            default="",
            show_default=False,
            value_proc=_version,
        )
    history = History(project)
    branch = main_branch(project.root)
    start_after = _released(history, branch)
    if asks and start_after:
        last = [f"{app}.{name}" for app, name in start_after.items()]
        shown = ", ".join(last[:MOST]) + ", …" * (len(last) > MOST)
        if not click.confirm(f"Does production have all up to {shown}? Then lint leaves it out", default=True):
            start_after = {}
    made = section.Section(
        settings=project.settings,
        database=database,
        postgres=postgres,
        oldest=oldest_supported(project),
        env=env,
        branch=branch,
        start_after=start_after,
    )
    section.put(made, file)
    click.echo(f"{file} has a section for migsafe now. What holds: migsafe config; what to do next: migsafe lint")
    return 0


def _loaded(here: Path, settings: str | None, database: str | None, env: dict[str, str], *, asks: bool) -> "Project":
    """Load the project; whatever its settings demand of the environment goes into ``env``."""
    from migsafe.project.load import load

    made_up: list[str] = []
    while True:
        try:
            return load(here, settings=settings, env=env, database=database)
        except SettingsError as error:
            if error.variable is None or error.variable in env:
                if made_up:
                    variables = ", ".join(made_up)
                    error.hint = f"{error.hint}\nIf {PLACEHOLDER!r} is no possible value, set it yourself: {variables}."
                raise
            question = f"The settings need {error.variable}. A value for migsafe"
            env[error.variable] = click.prompt(question, default=PLACEHOLDER) if asks else PLACEHOLDER
            made_up.append(error.variable)


def _version(text: str) -> int | None:
    return click.IntRange(10, 18)(text) if text.strip() else None


def _released(history: "History", branch: str | None) -> dict[str, str]:
    """The last migration of each of the team's apps, but for those that have several.

    Migrations that were added or edited since the main branch are not released yet.
    """
    from migsafe.project.git import changed_since

    try:
        new = changed_since(branch, history) if branch else frozenset()
    except GitError:  # a shallow clone
        new = frozenset()
    old = [key for key in history.order if history.project.is_first_party(key[0]) and key not in new]
    last: dict[str, list[str]] = {}
    for app, name in old:
        if not any(child[0] == app and child not in new for child in history.digraph.successors((app, name))):
            last.setdefault(app, []).append(name)
    return {app: names[0] for app, names in sorted(last.items()) if len(names) == 1}
