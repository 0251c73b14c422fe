"""``migsafe gate``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from migsafe import api
from migsafe.cli import options
from migsafe.cli.lint import configured
from migsafe.report.inert import one_line

if TYPE_CHECKING:
    from rich.status import Status

    from migsafe.predeploy import GateReport

LINE = 60.0
"""Seconds between two lines that say what is waited for, where there is no terminal."""


@click.command("gate")
@click.option(
    "--allow",
    multiple=True,
    metavar="CODE:APP.MIGRATION=REASON",
    help="Answer for a finding; CODE=REASON for one about the server; repeatable.",
)
@click.option(
    "--approvals",
    type=click.Path(dir_okay=False),
    help="File of who answers for what, until when; migsafe-approvals.toml if there is one.",
)
@click.option(
    "--wait", type=options.DURATION, default=0.0, metavar="TIME", help="Wait for what passes by itself: 10m, 30s."
)
@click.option(
    "--longest",
    type=options.DURATION,
    default=api.LONGEST,
    metavar="TIME",
    help=f"From when on a transaction is long; {api.LONGEST:g}s.",
)
@click.option(
    "--patience",
    type=options.DURATION,
    default=api.PATIENCE,
    metavar="TIME",
    help=f"How long a check of a kept plan may take; {api.PATIENCE:g}s.",
)
@options.finding_options
@options.history_options
@options.settings
@click.option("--database", metavar="ALIAS", help="Alias in DATABASES: the server that is asked.")
@click.option(
    "--dsn", metavar="DSN", help="Ask this server instead: postgresql://user@host/database, or host=… dbname=…"
)
@options.color
def command(
    *,
    dsn: str | None,
    allow: tuple[str, ...],
    wait: float,
    longest: float,
    patience: float,
    exit_zero: bool,
    **flags: Any,
) -> int:
    """Say whether migrate may run now on a live server.

    Looks at what is pending there, at the size of its tables, and at who works on them at this moment. It only reads.

    Exit code: 0 go, 1 no-go, 2 could not look.
    """
    config = configured(exit_zero=exit_zero, **flags)
    formats = options.formats(config)
    with Waiting(wait) as waiting:
        report = api.gate(
            Path.cwd(), config, dsn=dsn, allow=allow, wait=wait, longest=longest, patience=patience, waiting=waiting
        )
    options.write(report, formats)
    return report.exit_code


class Waiting:
    """Says on stderr what is waited for: on a terminal beside a spinner, else on a line a minute.

    Args:
        most: Seconds that are waited at most.
    """

    def __init__(self, most: float) -> None:
        self.most = most
        self._spinner: Status | None = None
        self._said = -LINE

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.text import Text

            self._spinner = Console(stderr=True).status(Text("looking at the server"))
            self._spinner.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._spinner is not None:
            self._spinner.stop()

    def __call__(self, report: "GateReport") -> None:
        reasons = [one_line(f"{one.code} {one.message}") for one in report.findings if report.fails(one)]
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        said = f"waiting, {report.waited:.0f} of {self.most:.0f} s: {reasons[0]}{more}"
        if self._spinner is not None:
            from rich.text import Text

            self._spinner.update(Text(said))
        elif report.waited - self._said >= LINE:
            self._said = report.waited
            click.echo(f"note: {said}", err=True)
