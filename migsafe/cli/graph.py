"""``migsafe graph``: show the migration graph."""

from pathlib import Path
from typing import Any

import click

from migsafe.cli import complete, options, outputs
from migsafe.config import load_config

STYLES: dict[str, dict[str, Any]] = {
    "app": {"bold": True},
    "conflict": {"fg": "red", "bold": True},
    "leaf": {"fg": "green"},
    "merge": {"fg": "magenta"},
    "squash": {"fg": "cyan"},
    "quiet": {"dim": True},
}


@click.command("graph")
@click.argument("app", required=False, shell_complete=complete.apps)
@click.option(
    "--format", "format_", type=click.Choice(["text", "json", "mermaid", "dot"]), default="text", help="Of the graph."
)
@options.output
@options.project_options
def command(app: str | None, format_: str, output: str, settings: str | None, database: str | None) -> int:
    """Show the migration graph of the project, or every migration of one APP.

    Leaf nodes, conflicts, merges and squashes are marked. The order is the one in which migrate would apply the
    migrations to an empty database.
    """
    from migsafe.project.load import load

    here = Path.cwd()
    config = load_config(here, {"settings": settings, "database": database})
    project = load(here, settings=config.settings, env=config.env, database=config.database)

    # networkx is slow to import: errors of loading come first.
    from migsafe.project.graph import History
    from migsafe.report import graph as report

    history = History(project)
    graph = report.graph(history, None if app is None else history.app(app))
    if format_ == "text":
        text = report.text(graph, lambda text, what: click.style(text, **STYLES[what]))
        if output != outputs.STDOUT:
            text = click.unstyle(text)
    else:
        text = report.FORMATS[format_](graph)
    outputs.write({output: text})
    return 0
