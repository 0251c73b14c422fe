"""``migsafe history``."""

from pathlib import Path
from typing import Any, get_args

import click

from migsafe import api
from migsafe.applied import Status
from migsafe.cli import options
from migsafe.cli.lint import configured

STATUSES = list(dict.fromkeys(status.partition(" ")[0] for status in get_args(Status)))


@click.command("history")
@options.targets
@click.option("--all-apps", is_flag=True, default=None, help="Third-party apps too.")
@click.option("--only", multiple=True, type=click.Choice(STATUSES), help="Show no other migrations; repeatable.")
@options.history_options
@options.postgres
@options.report_options
@options.settings
@click.option("--database", metavar="ALIAS", help="Alias in DATABASES: ask it what is applied.")
@options.color
def command(targets: tuple[str, ...], *, only: tuple[str, ...], exit_zero: bool, **flags: Any) -> int:
    """Show what is applied where, and whether it is still what was applied.

    Who knows: a git ref (every migration that exists there is taken as applied), the ledger that migsafe record has
    written, and with --database the database itself. That is the only thing here that connects, and it only reads; an
    alias in the configuration alone does not.

    --only says which migrations are listed. Findings and the exit code are of all.

    Exit code: 0 nothing to object to, 1 findings at or above --fail-on, 2 could not run.
    """
    config = configured(exit_zero=exit_zero, **flags)
    formats = options.formats(config)
    report = api.history(Path.cwd(), config, targets, connect=flags["database"] is not None)
    options.write(report.only(only) if only else report, formats)
    return report.exit_code
