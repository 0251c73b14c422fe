"""``migsafe sandbox``."""

import signal
from pathlib import Path
from typing import Any

import click

from migsafe.cli import options
from migsafe.config import load_config


@click.command("sandbox")
@options.postgres
@options.sandbox_options
@options.color
def command(**flags: Any) -> int:
    """Run a throwaway PostgreSQL until Ctrl-C or SIGTERM.

    Standard output has nothing but its connection string, as psql takes it. It is of the version that --postgres or the
    configuration says, else the newest. Nothing is left of it afterwards.
    """
    from migsafe.sandbox import open_sandbox

    config = load_config(Path.cwd(), flags)
    with open_sandbox(config.sandbox, config.postgres) as server:
        click.echo(f"note: PostgreSQL {server.release} ({server.provider}) until Ctrl-C", err=True)
        try:
            click.echo(server.dsn(server.create_database()))
            signal.pause()
        except (KeyboardInterrupt, SystemExit):
            click.echo("note: the server is removed", err=True)
    return 0
