"""``migsafe accept``."""

from pathlib import Path
from typing import Any

import click

from migsafe import api
from migsafe.cli import complete, options, outputs
from migsafe.config import load_config


@click.command("accept")
@click.argument("app", shell_complete=complete.targets)
@click.argument("migration", shell_complete=complete.targets)
@click.option("--reason", required=True, metavar="TEXT", help="Why it does no harm; reports show it.")
@options.history_options
@options.postgres
@options.project_options
def command(app: str, migration: str, reason: str, **flags: Any) -> int:
    """Accept a deliberate edit of an applied migration, or that its file is gone.

    The ledger gets what the migration is now, and why. From then on it is no finding, but reports show it, with the
    reason; one more edit is a finding again. Commit the ledger with the edit, so that both are reviewed.

    Exit code: 0 done, 2 there is nothing to accept, or could not run: nothing is written.
    """
    accepted = api.accept(Path.cwd(), load_config(Path.cwd(), flags), app, migration, reason)
    outputs.write({str(accepted.path): accepted.text})
    name = ".".join(accepted.key)
    what = f"that {name} is gone" if accepted.acceptance.fingerprint is None else f"what {name} is now"
    click.echo(f"{accepted.path} accepts {what}: commit both together", err=True)
    return 0
