"""``migsafe rules``."""

from pathlib import Path

import click

from migsafe.cli import complete, options, outputs
from migsafe.config import load_config
from migsafe.model import Axis, Severity

AXES = [axis.value for axis in Axis]
SEVERITIES = [severity.value for severity in Severity]


@click.command("rules")
@click.argument("codes", nargs=-1, metavar="[CODE]...", shell_complete=complete.codes)
@click.option("--axis", multiple=True, type=click.Choice(AXES), help="Only rules about this; repeatable.")
@click.option("--severity", multiple=True, type=click.Choice(SEVERITIES), help="Only rules of this one; repeatable.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", help="Of the list.")
@options.output
@options.color
def command(codes: tuple[str, ...], axis: tuple[str, ...], severity: tuple[str, ...], format_: str, output: str) -> int:
    """List the rules: all, or those whose codes begin with CODE (MS2).

    Rules of the plug-ins that the configuration names are among them, and severities are as it sets them. The JSON
    format has all that explain shows.
    """
    from migsafe.report import json
    from migsafe.report.rules import Rules, table
    from migsafe.rules import all_rules, beginning

    config = load_config(Path.cwd())
    chosen = (rule.described(config.severity) for rule in beginning(codes, all_rules(config.plugins)))
    shown = Rules(
        rules=tuple(
            rule for rule in chosen if rule.axis in (axis or AXES) and rule.severity in (severity or SEVERITIES)
        )
    )
    if format_ == "json":
        text = json.render(shown)
    else:
        width, color = options.terminal(output)
        text = table(shown, width=width, color=color)
    outputs.write({output: text})
    return 0
