"""``migsafe verify``."""

import shlex
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click
from msgspec.structs import replace

from migsafe import api
from migsafe.cli import options
from migsafe.cli.lint import configured
from migsafe.report.inert import one_line

if TYPE_CHECKING:
    from rich.progress import Progress

    from migsafe.project.graph import Key
    from migsafe.verification import VerifyReport


@click.command("verify")
@options.targets
@click.option("--all", "everything", is_flag=True, help="The whole history of all apps.")
@click.option("--rows", type=click.IntRange(min=0), metavar="N", help="Rows for each table that a migration touches.")
@click.option("--traffic", is_flag=True, help="Let other sessions read and write meanwhile, and say who waited.")
@click.option("--keep", is_flag=True, help="Leave the server up afterwards, until Ctrl-C.")
@options.statement_timeout
@options.size_limit
@options.postgres
@options.sandbox_options
@options.report_options
@options.project_options
def command(
    targets: tuple[str, ...], *, everything: bool, traffic: bool, keep: bool, exit_zero: bool, **flags: Any
) -> int:
    """Show what migrations really do, on a throwaway PostgreSQL.

    Each is applied to tables with made-up rows, used by the code from before and after it, unapplied, and applied
    again. Looks at the same migrations as lint. Your own database is never connected to.

    Exit code: 0 nothing to object to, 1 findings at or above --fail-on, 2 could not run.
    """
    config = configured(exit_zero=exit_zero, **flags)
    if everything:
        config = replace(config, all_apps=True, initial=True, start_after={})
    formats = options.formats(config)

    with Bar() as bar:

        def hold(report: "VerifyReport", dsn: str) -> None:
            bar.stop()
            options.write(report, formats)
            _hold(dsn)

        report = api.verify(Path.cwd(), config, targets, traffic=traffic, keep=hold if keep else None, progress=bar)
    if not keep:
        options.write(report, formats)
    return report.exit_code


def _hold(dsn: str) -> None:
    """Leave the server up until somebody has seen enough."""
    click.echo(f"note: the migrated database stays until Ctrl-C: psql {shlex.quote(dsn)}", err=True)
    with suppress(KeyboardInterrupt):
        signal.pause()
    click.echo("note: removing the server", err=True)


class Bar:
    """Shows on a terminal how far a run is, and what it is at; ``first`` before it is told."""

    def __init__(self, first: str = "starting a server") -> None:
        self.first = first
        self._shown: Progress | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            now = TextColumn("{task.description}", markup=False)
            columns = (BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), now)
            self._shown = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._shown.add_task(self.first, total=None)
            self._shown.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Take it off the terminal."""
        if self._shown is not None:
            self._shown.stop()
            self._shown = None

    def __call__(self, done: int, total: int, key: "Key", phase: str) -> None:
        self.at(f"{'.'.join(key)}: {phase}", done, total)

    def at(self, what: str, done: int = 0, total: int | None = None) -> None:
        """Say what is done now, and how much is."""
        if self._shown is not None:
            self._shown.update(self._task, completed=done, total=total, description=one_line(what))
