"""``migsafe makemigrations``."""

from pathlib import Path
from typing import Any, get_args

import click

from migsafe import api
from migsafe.cli import options
from migsafe.cli.lint import configured
from migsafe.config import Format
from migsafe.model import FailOn


# Short options are Django's alone: in -nfoo, click would find its own -o.
@click.command("makemigrations", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENTS OF MAKEMIGRATIONS]...")
@click.option("--format", type=click.Choice(get_args(Format)), help="Of the report.")
@click.option("--fail-on", type=click.Choice(get_args(FailOn)), help="Least severity for exit code 1.")
@click.option("--exit-zero", is_flag=True, help="The same as --fail-on never.")
@options.settings
@options.color
def command(arguments: tuple[str, ...], *, exit_zero: bool, **flags: Any) -> int:
    """Run Django's makemigrations, and show what would come of what it has made.

    Takes all its arguments: app labels, --name, --empty, --merge, --update, --check and so on. What it says goes to
    stderr, the report to stdout. The files stay, whatever is found in them.

    Exit code: 0 nothing to object to, 1 findings at or above --fail-on, 2 could not run; or that of makemigrations,
    such as 1 from --check.
    """
    config = configured(exit_zero=exit_zero, **flags)
    formats = options.formats(config)
    report = api.make_migrations(Path.cwd(), config, arguments, backward="json" in formats.values())
    options.write(report, formats)
    return report.exit_code
