"""``migsafe config``."""

import click

from migsafe.cli import options


@click.command("config", context_settings={"ignore_unknown_options": True})
@click.argument("flags", nargs=-1, type=click.UNPROCESSED, metavar="[FLAGS OF LINT]...")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="Of the output.")
@options.color
def command(flags: tuple[str, ...], format_: str) -> int:
    """Show the configuration that migsafe lint has here, and where each value comes from.

    That is a flag, an environment variable, a file or the default. The flags of lint may be given, but for --format,
    which is this command's unless it stands after --. The text is TOML that would have the same effect in a file.
    """
    from migsafe.cli import lint
    from migsafe.report import config as report
    from migsafe.report import json
    from migsafe.report.inert import without_commands

    parameters = lint.command.make_context("lint", list(flags), parent=click.get_current_context().parent).params
    del parameters["targets"]
    shown = report.effective(lint.configured(**parameters))
    if format_ == "json":
        click.echo(json.render(shown), nl=False)
    else:
        text = report.text(shown, lambda comment: click.style(comment, dim=True))
        click.echo(without_commands(text, number_sign=r"\u0023"), nl=False)
    return 0
