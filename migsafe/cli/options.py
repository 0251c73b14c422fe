"""Options that several commands share."""

import os
from collections.abc import Callable
from typing import Any

import click

settings = click.option("--settings", metavar="MODULE", help="Django settings module.")
database = click.option("--database", metavar="ALIAS", help="Alias in DATABASES; it is never connected to.")
output = click.option(
    "-o", "--output", type=click.Path(dir_okay=False, writable=True), help="Write the report to a file, not to stdout."
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
