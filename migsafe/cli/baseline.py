"""``migsafe baseline``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from migsafe import api
from migsafe.cli import options, outputs
from migsafe.cli.lint import progress
from migsafe.config import load_config
from migsafe.errors import InputError

if TYPE_CHECKING:
    from migsafe.muting.baseline import Entry


@click.command("baseline")
@click.option("-o", "--output", metavar="FILE", help="Instead of the file that the configuration names.")
@click.option("--all-apps", is_flag=True, default=None, help="Third-party apps too.")
@click.option("--initial", is_flag=True, default=None, help="Initial migrations too.")
@click.option("--postgres", type=click.IntRange(10, 18), help="Major version of the server.")
@click.option(
    "--verified",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON report of migsafe verify, whose findings are written, too.",
)
@click.option("--force", is_flag=True, help="Overwrite the file even if its content is in no commit.")
@options.project_options
def command(output: str | None, verified: Path | None, *, force: bool, **flags: Any) -> int:
    """Write all findings that there are now into a file, so that lint only reports new ones.

    The file is what baseline names in the configuration, or else migsafe-baseline.json beside it: commit it. Comments
    and the rest of the configuration count as they do for lint. Write it again when findings have gone. What it has of
    migsafe verify stays, but for migrations that --verified has anew.
    """
    from migsafe.muting import baseline
    from migsafe.project.git import is_committed
    from migsafe.report import reading
    from migsafe.rules import all_rules

    config = load_config(Path.cwd(), flags)
    folder = config.file.parent if config.file else Path.cwd()
    path = Path(output) if output else config.baseline or folder / baseline.NAME
    report = api.lint(Path.cwd(), replace(config, baseline=None, since=None), progress=progress)
    proven = reading.read(verified, ["verify"]) if verified else None
    looked_at = {f"{one.app}.{one.name}" for one in proven.migrations} if proven else set()
    codes = {rule.code for rule in all_rules(config.plugins) if rule.verifies}
    kept = [one for one in _entries(path) if one.code in codes and one.migration not in looked_at]
    text = baseline.render((*report.findings, *(proven.findings if proven else ())), kept)
    if path.exists() and not force and not is_committed(path) and path.read_bytes() != text.encode():
        raise InputError(f"{path} has content that is in no commit", "Commit it first, or overwrite it with --force.")
    outputs.write({str(path): text})
    accepted = baseline.read(path).entries
    click.echo(f"{path} has {len(accepted)} finding{'' if len(accepted) == 1 else 's'} now.", err=True)
    if config.baseline is None:
        click.echo(
            f'note: lint uses it with --baseline {path}, or baseline = "{path.name}" in [tool.migsafe]', err=True
        )
    return 0


def _entries(path: Path) -> "tuple[Entry, ...]":
    """What a baseline has; nothing if there is none, or something else."""
    from migsafe.muting import baseline

    try:
        return baseline.read(path).entries
    except InputError:
        return ()
