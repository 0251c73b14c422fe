"""``migsafe lint``."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from migsafe import api
from migsafe.cli import complete, options, outputs
from migsafe.config import Config, Format, load_config
from migsafe.model import Report
from migsafe.report import render

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migsafe.project.operations import ReplayedMigration

LONG = 50
"""Migrations from which on a progress bar is worth its lines."""


@click.command("lint")
@click.argument("targets", nargs=-1, metavar="[APP [MIGRATION]]...", shell_complete=complete.targets)
@click.option("--since", metavar="REF", help="Only migrations added or edited since the merge base with a git ref.")
@click.option("--all-apps", is_flag=True, default=None, help="Third-party apps too.")
@click.option("--initial", is_flag=True, default=None, help="Initial migrations too.")
@click.option("--baseline", type=click.Path(dir_okay=False), help="File of findings that were there before.")
@options.postgres
@click.option(
    "--select",
    multiple=True,
    metavar="CODE",
    shell_complete=complete.codes,
    help="Only rules whose codes begin so (MS2); repeatable.",
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="CODE",
    shell_complete=complete.codes,
    help="No rules whose codes begin so; repeatable.",
)
@click.option(
    "--fail-on", type=click.Choice(["error", "warning", "info", "never"]), help="Least severity for exit code 1."
)
@click.option("--exit-zero", is_flag=True, help="The same as --fail-on never.")
@click.option("--format", type=click.Choice(get_args(Format)), help="Of the report.")
@click.option(
    "-o",
    "--output",
    multiple=True,
    metavar="[FORMAT=]FILE",
    help="Write a report to a file; repeatable. Without FORMAT it is the report that stdout would get.",
)
@options.project_options
def command(targets: tuple[str, ...], *, exit_zero: bool, **flags: Any) -> int:
    """Show what migrations would do to a production PostgreSQL.

    Looks at the migrations of your own apps but for initial ones, or at those that are named: an app, a migration of
    it (orders 0042, orders.0042, or 0042 alone if no other app has it), or several. No database is needed; nothing
    connects to one.

    Exit code: 0 nothing to object to, 1 findings at or above --fail-on, 2 could not run.
    """
    config = configured(exit_zero=exit_zero, **flags)
    base = config.file.parent if config.file and config.sources.get("output") == str(config.file) else None
    formats = outputs.read(config.output, config.format, base)
    report = api.lint(Path.cwd(), config, targets, backward="json" in formats.values(), progress=progress)
    outputs.write({file: _render(report, format_, file) for file, format_ in formats.items()})
    return report.exit_code


def configured(*, exit_zero: bool, **flags: Any) -> Config:
    """The configuration under the command's flags."""
    return load_config(Path.cwd(), flags | ({"fail_on": "never"} if exit_zero else {}))


def _render(report: Report, format_: Format, file: str) -> str:
    if format_ != "text":
        return render(report, format_)
    from migsafe.report import text

    width, color = options.terminal(file)
    return text.render(report, width=width, color=color)


def progress(migrations: "Iterator[ReplayedMigration]", total: int) -> "Iterable[ReplayedMigration]":
    """Show on a terminal how far a long run is."""
    if total < LONG or not sys.stderr.isatty():
        return migrations
    from rich.console import Console
    from rich.progress import track

    return track(migrations, "Replaying migrations", total=total, console=Console(stderr=True), transient=True)
