"""``migsafe sandbox``."""

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
    """Run a throwaway PostgreSQL until Ctrl-C, and print how to connect to it.

    Standard output has the connection string alone, as psql takes it. Nothing is left of the server afterwards.
    """
    import signal

    from migsafe.sandbox import open_sandbox

    config = load_config(Path.cwd(), flags)
    try:
        with open_sandbox(config.sandbox, config.postgres) as server:
            click.echo(f"PostgreSQL {server.release} ({server.provider}), until Ctrl-C", err=True)
            click.echo(server.dsn(server.create_database()))
            signal.pause()
    except (KeyboardInterrupt, SystemExit):
        return 0  # that is how it ends
    return 0
