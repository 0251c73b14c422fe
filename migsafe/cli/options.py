"""Options that several commands share."""

import os
import shutil
import sys
from collections.abc import Callable
from typing import Any, get_args

import click

from migsafe.cli.outputs import STDOUT
from migsafe.config import Source

settings = click.option("--settings", metavar="MODULE", help="Django settings module.")
database = click.option("--database", metavar="ALIAS", help="Alias in DATABASES; it is never connected to.")
output = click.option(
    "-o", "--output", default=STDOUT, metavar="FILE", help="Write the report to a file, not to stdout."
)


def _set_color(context: click.Context, _: click.Parameter, value: str) -> None:
    # click's own switch, which `click.echo` obeys; None lets it look whether the output is a terminal.
    context.color = {"always": True, "never": False, "auto": False if os.environ.get("NO_COLOR") else None}[value]


color = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    expose_value=False,
    callback=_set_color,
    help="auto: on a terminal, unless NO_COLOR is set.",
)


def project_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``settings``, ``database`` and ``color`` options."""
    for option in (color, database, settings):
        command = option(command)
    return command


postgres = click.option("--postgres", type=click.IntRange(10, 18), help="Major version of the server.")


def sandbox_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options ``sandbox``, ``image`` and ``pg_bin``, as `load_config` takes them."""
    for option in (
        click.option("--pg-bin", type=click.Path(file_okay=False), help="Folder of PostgreSQL's programs."),
        click.option("--image", metavar="IMAGE", help="Docker image, such as postgis/postgis:16-3.4."),
        click.option("--sandbox", type=click.Choice(get_args(Source)), help="Where a throwaway server comes from."),
    ):
        command = option(command)
    return command


def terminal(output: str) -> tuple[int | None, bool]:
    """Columns of the terminal that a report goes to, None if it goes elsewhere, and whether to use colours."""
    on_terminal = output == STDOUT and sys.stdout.isatty()
    color = click.get_current_context().color
    return shutil.get_terminal_size().columns if on_terminal else None, on_terminal if color is None else color
