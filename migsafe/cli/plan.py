"""``migsafe plan``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migsafe import api
from migsafe.cli import complete, options, outputs
from migsafe.cli.lint import configured
from migsafe.cli.verify import Bar
from migsafe.config import Config, Format

if TYPE_CHECKING:
    from migsafe.planning import Plan

FORMATS: tuple[Format, ...] = ("text", "markdown", "json")
ROWS = 100_000


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
@click.option("--verify", is_flag=True, help="Carry it out on a throwaway PostgreSQL, under code of both releases.")
@click.option("--rows", type=click.IntRange(min=0), default=ROWS, show_default=True, help="With --verify: in a table.")
@click.option("--write", is_flag=True, help="Write the files of deploy 1 in the place of the originals.")
@click.option(
    "--deploy", type=click.IntRange(min=1), metavar="N", help="Write those of deploy N, once its time is here."
)
@click.option("--dry-run", is_flag=True, help="Write nothing, show the diff.")
@click.option("--force", is_flag=True, help="Write over what is not committed, and before the deploy before is live.")
@click.option("--format", "format_", type=click.Choice(FORMATS), default="text", help="Of the plan.")
@options.reports
@options.history_options
@options.postgres
@options.sandbox_options
@options.statement_timeout
@options.size_limit
@options.settings
@click.option("--database", metavar="ALIAS", help="Alias in DATABASES; --write asks it what is applied.")
@options.color
def command(
    targets: tuple[str, ...],
    *,
    strategies: tuple[str, ...],
    verify: bool,
    rows: int,
    write: bool,
    deploy: int | None,
    dry_run: bool,
    force: bool,
    format_: Format,
    output: tuple[str, ...],
    **flags: Any,
) -> int:
    """Show how a migration gets to production without downtime, deploy by deploy.

    Takes one migration (orders 0042, orders.0042, or 0042 alone if no other app has it) or several; or, with --since,
    all of a pull request.

    --write replaces the migration by the files of deploy 1, and keeps the plan in migsafe-plans/. When deploy 1 is
    live, --deploy 2 writes the next, and so on. What is applied is never replaced; the database is asked only with
    --database.

    Exit code: 0 planned, 1 something has no safe way or the proof does not hold, 2 could not run.
    """
    config = configured(exit_zero=False, **flags)
    formats = outputs.read(output, format_, formats=FORMATS)
    number = deploy or 1

    def put(plan: "Plan") -> None:
        _put(config, plan, deploy=number, force=force, dry_run=dry_run, connect=flags["database"] is not None)

    if number > 1:
        put(api.kept_plan(Path.cwd(), config, targets))
        return 0
    with Bar("planning") as bar:
        report = api.plan(Path.cwd(), config, targets, strategies=strategies, verify=verify, rows=rows, progress=bar.at)
    if not dry_run or output:
        options.write(report, formats)
    if report.proof and not report.proof.holds:
        return report.exit_code
    if write or deploy or dry_run:
        put(report.plan)
    return report.exit_code


def _put(config: Config, plan: "Plan", *, dry_run: bool, **how: Any) -> None:
    """Write a deploy; what was written goes to stderr, and what would be to stdout."""
    from migsafe.report import writing

    written = api.write_plan(Path.cwd(), config, plan, dry_run=dry_run, **how)
    if dry_run:
        outputs.write({outputs.STDOUT: writing.diff(written)})
    for line in writing.lines(written, dry_run=dry_run):
        click.echo(line, err=True)
