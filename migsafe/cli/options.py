"""Options that several commands share."""

import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import Any, get_args

import click

from migsafe.cli import complete, outputs
from migsafe.cli.outputs import STDOUT
from migsafe.config import Config, Format, Source
from migsafe.model import FailOn, Report
from migsafe.report import render

settings = click.option("--settings", metavar="MODULE", help="Django settings module.")
database = click.option("--database", metavar="ALIAS", help="Alias in DATABASES; it is never connected to.")
output = click.option(
    "-o", "--output", default=STDOUT, metavar="FILE", help="Write the report to a file, not to stdout."
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


class Duration(click.ParamType):  # type: ignore[type-arg]
    """Time as people write it: ``90``, ``30s``, ``10m``, ``1h``; seconds."""

    name = "time"
    _SECONDS: Mapping[str, float] = {"": 1, "ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600}

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([a-z]*)", str(value).strip())
        if found is None or found[2] not in self._SECONDS:
            self.fail(f"{value!r} is no time such as 30s, 10m or 1h.", param, ctx)
        return float(found[1]) * self._SECONDS[found[2]]


DURATION = Duration()

postgres = click.option("--postgres", type=click.IntRange(10, 18), help="Major version of the server.")


statement_timeout = click.option(
    "--statement-timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="How long a statement may take.",
)
size_limit = click.option("--size-limit", metavar="SIZE", help="What a migration may write, such as 500MB.")


def sandbox_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options ``sandbox``, ``image`` and ``pg_bin``, as `load_config` takes them."""
    for option in (
        click.option("--pg-bin", type=click.Path(file_okay=False), help="Folder of PostgreSQL's programs."),
        click.option("--image", metavar="IMAGE", help="Docker image, such as postgis/postgis:16-3.4."),
        click.option("--sandbox", type=click.Choice(get_args(Source)), help="Where a throwaway server comes from."),
    ):
        command = option(command)
    return command


targets = click.argument("targets", nargs=-1, metavar="[APP [MIGRATION]]...", shell_complete=complete.targets)


reports = click.option(
    "-o",
    "--output",
    multiple=True,
    metavar="[FORMAT=]FILE",
    help="Write a report to a file; repeatable. Without FORMAT it is the report that stdout would get.",
)
since = click.option(
    "--since",
    metavar="REF",
    shell_complete=complete.refs,
    help="Only migrations added or edited since the merge base with a git ref.",
)


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which findings it reports of which migrations, and how."""
    return since(finding_options(command))


def finding_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say which findings it reports, and how."""
    for option in (
        reports,
        click.option("--format", type=click.Choice(get_args(Format)), help="Of the report."),
        click.option("--exit-zero", is_flag=True, help="The same as --fail-on never."),
        click.option("--fail-on", type=click.Choice(get_args(FailOn)), help="Least severity for exit code 1."),
        click.option(
            "--ignore",
            multiple=True,
            metavar="CODE",
            shell_complete=complete.codes,
            help="No rules whose codes begin so; repeatable.",
        ),
        click.option(
            "--select",
            multiple=True,
            metavar="CODE",
            shell_complete=complete.codes,
            help="Only rules whose codes begin so (MS2); repeatable.",
        ),
        click.option("--baseline", type=click.Path(dir_okay=False), help="File of findings that were there before."),
    ):
        command = option(command)
    return command


ledger = click.option("--ledger", type=click.Path(dir_okay=False), help="File that migsafe record has written.")
applied_ref = click.option(
    "--applied-ref",
    metavar="REF",
    shell_complete=complete.refs,
    help="Git ref: every migration that exists there is applied.",
)


def history_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say who knows what is applied, but for a database."""
    return ledger(applied_ref(command))


def formats(config: Config) -> dict[str, Format]:
    """Which format of the report goes to which file."""
    base = config.file.parent if config.file and config.sources.get("output") == str(config.file) else None
    return outputs.read(config.output, config.format, base)


def write(report: Report, formats: Mapping[str, Format]) -> None:
    """Write a report to where `formats` says."""
    outputs.write({file: _rendered(report, format_, file) for file, format_ in formats.items()})


def _rendered(report: Report, format_: Format, file: str) -> str:
    if format_ != "text":
        return render(report, format_)
    from migsafe.report import text

    width, color = terminal(file)
    return text.render(report, width=width, color=color)


def terminal(output: str) -> tuple[int | None, bool]:
    """Columns of the terminal that a report goes to, None if it goes elsewhere, and whether to use colours."""
    on_terminal = output == STDOUT and sys.stdout.isatty()
    color = click.get_current_context().color
    return shutil.get_terminal_size().columns if on_terminal else None, on_terminal if color is None else color
