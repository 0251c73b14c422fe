"""Django's ``makemigrations``, or the project's own command of that name, and what it has written."""

import importlib
from collections.abc import Sequence

from django.core.management import CommandError, get_commands, load_command_class

from migsafe.errors import ProjectError
from migsafe.project.graph import History, Key
from migsafe.project.load import Project, connecting_code, describe, place


def make_migrations(project: Project, arguments: Sequence[str]) -> tuple[History, frozenset[Key]]:
    """Run ``makemigrations``; what it says and asks goes to stderr.

    It may connect: Django looks whether what is applied is consistent, if the database can be reached.

    Args:
        arguments: As after ``manage.py makemigrations``.

    Returns:
        The history as it is then, and the migrations that are new in it.

    Raises:
        ProjectError: It fails, or an argument is wrong.
        SystemExit: It ends with a code of its own: of ``--check``, or since nobody answers what it asks.
    """
    before = History(project).loader.disk_migrations
    with connecting_code():
        command = load_command_class(get_commands()["makemigrations"], "makemigrations")
        try:
            options = vars(command.create_parser("migsafe", "makemigrations").parse_args(list(arguments)))
            command.execute(*options.pop("args"), **options)
        except CommandError as error:
            raise ProjectError(f"makemigrations: {str(error).removeprefix('Error: ')}") from error
        except Exception as error:
            where = place(error, project.root)
            raise ProjectError(
                f"makemigrations fails: {describe(error)}{f' ({where})' if where else ''}",
                "Make `python manage.py makemigrations` work first.",
            ) from error
    importlib.invalidate_caches()  # it has written files since their folders were read
    history = History(project)
    return history, frozenset(key for key in history.order if key not in before)
