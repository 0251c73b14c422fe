"""``migsafe stats``."""

from pathlib import Path

import click

from migsafe import api
from migsafe.cli import options, outputs
from migsafe.config import load_config


@click.command("stats")
@click.option(
    "--watch",
    type=click.FloatRange(min=0),
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="How long to watch which tables are in use.",
)
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="Only the N largest tables, and hot ones.")
@options.output
@options.settings
@click.option("--database", metavar="ALIAS", help="Alias in DATABASES: the server that is asked.")
@options.color
def command(watch: float, top: int | None, output: str, settings: str | None, database: str | None) -> int:
    """Write how large the tables of a live server are, and which are hot.

    As JSON, for a file that the option tables-file names: so lint knows sizes, and CI needs no connection. It reads
    what the server knows of its tables, nothing that is in them, and takes no lock on any. A table is hot if there are
    ten scans or changed rows a second while it watches; --watch 0 leaves that open.
    """
    here = Path.cwd()
    config = load_config(here, {"settings": settings, "database": database})
    if watch:
        click.echo(f"note: watching for {watch:g} s which tables are in use (--watch)", err=True)
    stats = api.stats(here, config, watch=watch)
    if stats.unknown:
        tables = f"{len(stats.unknown)} tables" if len(stats.unknown) > 1 else "a table"
        click.echo(
            f"warning: no size is known of {tables}, never vacuumed nor analysed: {', '.join(stats.unknown)}", err=True
        )
    from migsafe.report import tables as report

    outputs.write({output: report.render(stats.largest(top))})
    return 0
