"""``migsafe plan``."""

from pathlib import Path
from typing import Any

import click

from migsafe import api
from migsafe.cli import complete, options, outputs
from migsafe.cli.lint import configured
from migsafe.config import Format

FORMATS: tuple[Format, ...] = ("text", "markdown", "json")


@click.command("plan")
@options.targets
@options.since
@click.option(
    "--strategy",
    "strategies",
    multiple=True,
    metavar="NAME",
    shell_complete=complete.strategies,
    help="Which way to go where the plan shows several; repeatable.",
)
@options.postgres
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="Of the plan.")
@options.reports
@options.project_options
def command(
    targets: tuple[str, ...], *, strategies: tuple[str, ...], format_: Format, output: tuple[str, ...], **flags: Any
) -> int:
    """Show how a migration gets to production without downtime, deploy by deploy.

    Takes one migration (orders 0042, orders.0042, or 0042 alone if no other app has it) or several; or, with --since,
    all of a pull request.

    Exit code: 0 planned, 1 something has no safe way or the proof does not hold, 2 could not run.
    """
    config = configured(exit_zero=False, **flags)
    formats = outputs.read(output, format_, formats=FORMATS)
    report = api.plan(Path.cwd(), config, targets, strategies=strategies)
    options.write(report, formats)
    return report.exit_code
