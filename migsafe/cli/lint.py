"""``migsafe lint``."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migsafe import api
from migsafe.cli import options
from migsafe.config import Config, find_root, load_config

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migsafe.project.operations import ReplayedMigration

LONG = 50
"""Migrations from which on a progress bar is worth its lines."""


@click.command("lint")
@options.targets
@click.option("--all-apps", is_flag=True, default=None, help="Third-party apps too.")
@click.option("--initial", is_flag=True, default=None, help="Initial migrations too.")
@options.postgres
@options.report_options
@options.history_options
@options.project_options
def command(targets: tuple[str, ...], *, exit_zero: bool, **flags: Any) -> int:
    """Show what migrations would do to a production PostgreSQL.

    Looks at the migrations of your own apps but for initial ones, or at those that are named: an app, a migration of
    it (orders 0042, orders.0042, or 0042 alone if no other app has it), or several. Where there is no project, a
    migration's file leads to its own. No database is needed; nothing connects to one.

    With --since, --applied-ref or a ledger (migsafe record) it also looks at those that are applied: whether they still
    are what was applied.

    Exit code: 0 nothing to object to, 1 findings at or above --fail-on, 2 could not run.
    """
    start = beginning(targets)
    config = configured(exit_zero=exit_zero, start=start, **flags)
    formats = options.formats(config)
    report = api.lint(start, config, targets, backward="json" in formats.values(), progress=progress)
    options.write(report, formats)
    return report.exit_code


def beginning(targets: Sequence[str]) -> Path:
    """Where to look for the project: the working directory, or if there is none, the first migration's file."""
    here = Path.cwd()
    _, manage = find_root(here)
    return here if manage else next((Path(target) for target in targets if Path(target).is_file()), here)


def configured(*, exit_zero: bool, start: Path | None = None, **flags: Any) -> Config:
    """The configuration under the command's flags, of the project that ``start`` or the working directory is in."""
    return load_config(start or Path.cwd(), flags | ({"fail_on": "never"} if exit_zero else {}))


def progress(migrations: "Iterator[ReplayedMigration]", total: int) -> "Iterable[ReplayedMigration]":
    """Show on a terminal how far a long run is."""
    if total < LONG or not sys.stderr.isatty():
        return migrations
    from rich.console import Console
    from rich.progress import track

    return track(migrations, "Replaying migrations", total=total, console=Console(stderr=True), transient=True)
