"""The ``migsafe`` command: one thin file per subcommand, imported only when it is used."""

import gc
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

import click

import migsafe
from migsafe.errors import MigsafeError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

ISSUES = "https://github.com/migsafe/django-migsafe/issues"

COMMANDS = {
    "accept": "Accept a deliberate edit of an applied migration.",
    "baseline": "Write all findings into a file, so that lint only reports new ones.",
    "comment": "Keep one comment on a pull or merge request, from reports in JSON.",
    "config": "Show the configuration, and where each value comes from.",
    "explain": "Show what a rule catches, why, and what to do instead.",
    "gate": "Say whether migrate may run now on a live server.",
    "graph": "Show the migration graph.",
    "history": "Show what is applied where, and whether it is still what was applied.",
    "init": "Write a section for this project into pyproject.toml.",
    "lint": "Show what migrations would do to a production PostgreSQL.",
    "makemigrations": "Make migrations as Django does, and lint them.",
    "plan": "Show how a migration gets to production without downtime, deploy by deploy.",
    "record": "Write down what is applied, so that lint finds what is edited later.",
    "rules": "List the rules.",
    "sandbox": "Run a throwaway PostgreSQL.",
    "sql": "Show what plain SQL would do to a production PostgreSQL.",
    "stats": "Write how large the tables of a live server are.",
    "verify": "Show what migrations really do, on a throwaway PostgreSQL.",
}
"""Subcommand → its short help; the command object is ``migsafe.cli.<name>.command``."""


class LazyGroup(click.Group):
    """A group that imports a subcommand only when it is invoked: ``migsafe --help`` has to be quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"migsafe.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        names = [CompletionItem(name, help=text) for name, text in sorted(COMMANDS.items())]
        return [item for item in names if item.value.startswith(incomplete)] + click.Command.shell_complete(
            self, ctx, incomplete
        )

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(migsafe.__version__, prog_name="migsafe")
def cli() -> None:
    """Migration safety analyzer and zero-downtime planner for Django on PostgreSQL."""


def fail(error: MigsafeError) -> NoReturn:
    """Print an error in the one form that all commands share, and exit with 2."""
    from migsafe.report.inert import clean, without_commands

    def said(text: str) -> str:
        return without_commands(clean(text))  # it may have names in it, or what the user's code raised

    color = False if os.environ.get("NO_COLOR") else None
    click.echo(f"{click.style('error:', fg='red', bold=True)} {said(error.message)}", err=True, color=color)
    if error.hint:
        click.echo(f"{click.style('hint:', fg='cyan', bold=True)} {said(error.hint)}", err=True, color=color)
    sys.exit(2)


def main(arguments: Sequence[str] | None = None, *, program: str | None = None) -> NoReturn:
    """Entry point. Exit codes: 0 clean, 1 findings, 2 could not run.

    Args:
        arguments: Instead of those of the process.
        program: What usage messages call it, if not by the process's name.
    """
    gc.set_threshold(50_000)  # nothing here is garbage soon: looking for it as often as usual takes a tenth of the time
    try:
        # Commands return their exit code; click's own exit 1 for errors would mean "findings".
        code = cli.main(arguments, program, standalone_mode=False)
    except click.exceptions.Exit as exit_:
        sys.exit(exit_.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(2)
    except MigsafeError as error:
        fail(error)
    except Exception:  # noqa: BLE001, a crash has to leave with a code of its own
        # Python's own exit code for it is 1, which would mean "findings".
        traceback.print_exc()
        fail(MigsafeError("migsafe itself failed", hint=f"Please report the traceback above at {ISSUES}"))
    sys.exit(code if isinstance(code, int) else 0)
