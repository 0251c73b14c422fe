"""``manage.py migsafe``: the command line of migsafe, with its arguments and exit codes."""

import argparse
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandParser

from migsafe.cli import main


class Command(BaseCommand):
    """Hands everything to `migsafe.cli`; Django has acted on ``--settings`` by then."""

    help = "Migration safety analyzer and zero-downtime planner."

    def run_from_argv(self, argv: list[str]) -> None:
        main(argv[2:], program=_program(argv[0], argv[1]))

    def print_help(self, prog_name: str, subcommand: str) -> None:
        main(["--help"], program=_program(prog_name, subcommand))

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("arguments", nargs=argparse.REMAINDER)

    def handle(self, *_: object, arguments: list[str], **__: Any) -> None:
        """Run from ``call_command("migsafe", "lint", "--format", "json")``: what is not 0 is a SystemExit."""
        self.stdout.ending = self.stderr.ending = ""
        with redirect_stdout(cast("TextIO", self.stdout)), redirect_stderr(cast("TextIO", self.stderr)):
            try:
                main(arguments)
            except SystemExit as exit_:
                if exit_.code:
                    raise


def _program(script: str, command: str) -> str:
    name = Path(script).name
    return f"{Path(sys.executable).name} -m django {command}" if name == "__main__.py" else f"{name} {command}"
