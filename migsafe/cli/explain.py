"""``migsafe explain``."""

from pathlib import Path

import click

from migsafe.cli import complete, options, outputs
from migsafe.config import load_config


@click.command("explain")
@click.argument("rules", nargs=-1, required=True, metavar="CODE...", shell_complete=complete.rules)
@options.color
def command(rules: tuple[str, ...]) -> int:
    """Show what a rule catches, why that hurts, and what to do instead; of one rule or several, by code or by name."""
    from migsafe.report.rules import explanation
    from migsafe.rules import all_rules, find_rule

    config = load_config(Path.cwd())
    known = all_rules(config.plugins)
    found = dict.fromkeys(find_rule(rule, known) for rule in rules)
    width, color = options.terminal(outputs.STDOUT)
    text = explanation([rule.described(config.severity) for rule in found], width=width, color=color)
    outputs.write({outputs.STDOUT: text})
    return 0
