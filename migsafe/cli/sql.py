"""``migsafe sql``."""

import re
import sys
from pathlib import Path

import click

from migsafe import api
from migsafe.cli import options, outputs
from migsafe.config import load_config
from migsafe.errors import InputError
from migsafe.model import SqlReport
from migsafe.postgres.facts import NEWEST, OLDEST

DEFAULT_POSTGRES = 16
"""Where neither ``--postgres`` nor the configuration says."""


def _versions(_context: click.Context, _option: click.Parameter, value: str | None) -> range | None:
    """Read ``16`` or ``10-18``."""
    if value is None:
        return None
    match = re.fullmatch(r"(\d{1,3})(?:\s*[-–]\s*(\d{1,3}))?", value.strip())
    if match is None:
        raise click.BadParameter(f"{value!r} is neither a major version (16) nor a range of them (10-18).")
    versions = range(int(match[1]), int(match[2] or match[1]) + 1)
    if not versions or versions[0] < OLDEST or versions[-1] > NEWEST:
        raise click.BadParameter(f"{value!r} is not within {OLDEST} to {NEWEST}.")
    return versions


@click.command("sql")
@click.argument("file", default="-")
@click.option("--schema", metavar="FILE", help="SQL of the schema it runs against (pg_dump --schema-only).")
@click.option("--postgres", callback=_versions, metavar="16|10-18", help="Major version of the server, or a range.")
@click.option("--no-transaction", is_flag=True, help="Each statement commits by itself (default: one transaction).")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="Of the report.")
@options.output
@options.color
def command(
    file: str, schema: str | None, postgres: range | None, *, no_transaction: bool, format_: str, output: str
) -> int:
    """Show what plain SQL would do to a production PostgreSQL: locks, rewrites, scans.

    Reads FILE, or standard input if it is - or left out. Exit code: 0, or 2 if it could not run.
    """
    versions = postgres or (load_config(Path.cwd(), {}).postgres or DEFAULT_POSTGRES,)
    before = None
    if schema is not None:
        before, unknown = api.schema(_read(schema))
        if unknown:
            number = (
                "1 statement of the schema is" if len(unknown) == 1 else f"{len(unknown)} statements of the schema are"
            )
            first = f"{schema}:{unknown[0].line}: {unknown[0].reason}"
            click.echo(f"warning: {number} not understood ({first})", err=True)
    report = api.sql(_read(file), versions, schema=before, transaction=not no_transaction)
    if not no_transaction and _is_refused_in_transaction(report):
        click.echo("note: all is taken to run in one transaction; --no-transaction: each statement by itself", err=True)
    outputs.write({output: _render(report, format_, output)})
    return 0


def _is_refused_in_transaction(report: SqlReport) -> bool:
    from migsafe.sql.effects import IN_TRANSACTION

    return any(statement.fails == IN_TRANSACTION for result in report.results for statement in result.statements)


def _read(file: str) -> str:
    name = "standard input" if file == "-" else file
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        raise InputError(
            f"{name} cannot be read: {error.strerror}", "Name a file with SQL, or - for standard input."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name} is not UTF-8: byte {error.start} is {content[error.start]:#04x}", "Convert it to UTF-8."
        ) from error


def _render(report: SqlReport, format_: str, output: str) -> str:
    if format_ == "json":
        from migsafe.report import json

        return json.render(report)
    from migsafe.report import sql

    width, color = options.terminal(output)
    return sql.render(report, width=width, color=color)
