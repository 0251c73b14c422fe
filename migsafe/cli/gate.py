"""``migsafe gate``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migsafe import api
from migsafe.cli import options
from migsafe.cli.lint import configured

if TYPE_CHECKING:
    pass


@click.command("gate")
@click.option(
    "--allow",
    multiple=True,
    metavar="CODE:APP.MIGRATION=REASON",
    help="Answer for a finding; CODE=REASON for one about the server; repeatable.",
)
@click.option("--approvals", type=click.Path(dir_okay=False), help="File of who answers for what, until when.")
@click.option("--wait", type=options.DURATION, default=0.0, metavar="TIME", help="Wait for what passes: 10m, 30s.")
@click.option(
    "--longest",
    type=options.DURATION,
    default=api.LONGEST,
    metavar="TIME",
    help="From when on a transaction or a query is long.",
)
@click.option(
    "--patience", type=options.DURATION, default=api.PATIENCE, metavar="TIME", help="For checks of kept plans."
)
@options.report_options
@options.history_options
@options.settings
@click.option("--database", metavar="ALIAS", help="Alias in DATABASES: the server that is asked.")
@options.color
def command(
    *, allow: tuple[str, ...], wait: float, longest: float, patience: float, exit_zero: bool, **flags: Any
) -> int:
    """Say whether migrate may run now on a live server.

    Looks at what is pending there, at the size of its tables, and at who works on them at this moment. It only reads.

    Exit code: 0 go, 1 no-go, 2 could not look.
    """
    config = configured(exit_zero=exit_zero, **flags)
    formats = options.formats(config)
    report = api.gate(Path.cwd(), config, allow=allow, wait=wait, longest=longest, patience=patience)
    options.write(report, formats)
    return report.exit_code
