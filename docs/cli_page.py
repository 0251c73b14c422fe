"""The page about commands: what ``--help`` says of each, with places to link to."""

import inspect
import re

import click

from migsafe.cli import COMMANDS, cli

HEAD = """\
<!-- Written by docs/make.py from the commands themselves. -->
# Commands

`migsafe COMMAND --help` shows the same in a terminal, `migsafe --version` the version. What [the
configuration](configuration.md) has an option for can stand in `pyproject.toml` or in the environment instead; a flag
wins. Reports go to stdout, everything else to stderr. What could not run exits with 2 and says in a line what to do;
interrupted, with 130.

"""


def page() -> str:
    """Every command with its arguments, its help and its options."""
    index = ["| command | |", "|---|---|"]
    index += [f"| [`{name}`](#migsafe-{name}) | {marked(text)} |" for name, text in sorted(COMMANDS.items())]
    parent = click.Context(cli, info_name="migsafe")
    return HEAD + "\n".join(index) + "\n" + "".join(section(parent, name) for name in sorted(COMMANDS))


def section(parent: click.Context, name: str) -> str:
    command = cli.get_command(parent, name)
    assert command is not None
    context = click.Context(command, parent=parent, info_name=name)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    options = [option for option in command.params if isinstance(option, click.Option)]
    records = filter(None, (option.get_help_record(context) for option in options))
    rows = [f"| {code(flags)} | {marked(text)} |" for flags, text in records]
    return "\n".join(
        [
            f"\n## `migsafe {name}`\n",
            f"```text\n{usage}\n```\n",
            f"{marked(inspect.cleandoc(command.help or ''))}\n",
            "| option | |\n|---|---|",
            *rows,
            "",
        ]
    )


def code(text: str) -> str:
    """As code in a cell of a table, where a bar has to be masked even there."""
    return f"`{text}`".replace("|", r"\|")


def marked(text: str) -> str:
    """Help as Markdown: flags, and names with an underscore, as code."""
    words = re.sub(r"(?<![\w-])--[a-z][a-z-]*|\b\w+_\w+\b", r"`\g<0>`", text)
    return re.sub(r"[*<|]", r"\\\g<0>", words)
