"""``migsafe record``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migsafe import api
from migsafe.cli import options, outputs
from migsafe.cli.lint import progress
from migsafe.config import load_config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migsafe.applied import Key

SOME = 10
"""How many migrations are listed where it does not matter which."""

GITATTRIBUTES = "note: commit it, with {} in .gitattributes, so that branches that both add lines merge by themselves"

UNDO = 'hint: undo the edit and make a new migration; or, if it does no harm: migsafe accept {} {} --reason "…"'


@click.command("record")
@options.targets
@click.option("--all-apps", is_flag=True, default=None, help="Third-party apps too.")
@click.option("--refresh", is_flag=True, help="Make fingerprints anew, of migrations that mean the same.")
@options.ledger
@click.option("--postgres", type=click.IntRange(10, 18), help="Major version of the server that SQL is made for.")
@options.settings
@click.option("--database", metavar="ALIAS", help="Alias in DATABASES: only what is applied there. It is read.")
@options.color
def command(targets: tuple[str, ...], *, refresh: bool, **flags: Any) -> int:
    """Write down what is applied, so that lint finds what is edited later.

    The file is what ledger names in the configuration, or else migsafe.lock: commit it. Without --database, all
    migrations of your own apps are taken as applied, or those that are named; so record what is released: on the main
    branch, or when a deploy is done.

    What the file has already stays as it is. It is not overwritten for a migration that has been edited since: that is
    what the file is for, and the exit code is 1 then. Undo the edit, or accept it with migsafe accept. --refresh is for
    after an update of Django or of PostgreSQL, which may make other SQL of the same migration.

    Exit code: 0 all is in the file, 1 all but what has been edited is, 2 could not run: nothing is written.
    """
    from migsafe.history.ledger import ATTRIBUTES

    config = load_config(Path.cwd(), flags)
    connect = flags["database"] is not None
    recording = api.record(Path.cwd(), config, targets, connect=connect, refresh=refresh, progress=progress)
    is_new = not recording.path.exists()
    outputs.write({str(recording.path): recording.text})
    done = {"new": recording.added, "refreshed": recording.refreshed}
    news = ", ".join(f"{len(keys)} {what}" for what, keys in done.items() if keys) or "as before"
    _say(f"{recording.path} has {recording.total} migration{'' if recording.total == 1 else 's'}: {news}")
    if is_new:
        _say(GITATTRIBUTES.format(ATTRIBUTES.format(recording.path.name)))
    if recording.changed:
        _say(f"note: other SQL than before: {_some(recording.changed)}")
    if recording.pending:
        _say(f"note: not applied in database {config.database}: {_some(recording.pending)}")
    for key, reason in recording.unreadable.items():
        _say(f"warning: {'.'.join(key)} is not recorded: {reason}")
    if recording.edited:
        edited = ", ".join(map(".".join, recording.edited))
        _say(f"edited since recorded, so the ledger keeps what was recorded: {edited}")
        _say(UNDO.format(*recording.edited[0]))
    return 1 if recording.edited or recording.unreadable else 0


def _some(keys: "Sequence[Key]") -> str:
    more = f" and {len(keys) - SOME} more" if len(keys) > SOME else ""
    return ", ".join(map(".".join, keys[:SOME])) + more


def _say(text: str) -> None:
    click.echo(text, err=True)
