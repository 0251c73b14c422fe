"""What the models have and no migration makes: ``makemigrations --check --dry-run`` in process, without a database."""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.core.checks import run_checks
from django.core.management import get_commands, load_command_class
from django.core.management.base import no_translations
from django.db.migrations import Migration
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.operations import AlterField, AlterModelManagers, AlterModelOptions
from django.db.migrations.operations.base import Operation
from django.db.migrations.questioner import MigrationQuestioner
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, Field

from migsafe.applied import ModelChanges
from migsafe.project.graph import History
from migsafe.project.load import describe, place, user_code


def model_changes(history: History) -> tuple[tuple[ModelChanges, ...] | None, str | None]:
    """What ``makemigrations`` would write, by app, or why that cannot be said.

    Nobody is asked anything: fields and models that may have been renamed are gone and new, as with ``--noinput``.
    """
    try:
        with user_code():
            return tuple(_detected(history)), None
    except (Exception, SystemExit) as error:
        where = place(error, history.project.root)
        return None, f"{describe(error)}{f' ({where})' if where else ''}"


class _Silent(MigrationQuestioner):
    """Answers what ``makemigrations --noinput`` does, but goes on where that gives up for want of a default."""

    def ask_not_null_alteration(self, field_name: str, model_name: str) -> object:
        return NOT_PROVIDED


@no_translations  # as the command: texts that are translated are compared with those of the source
def _detected(history: History) -> list[ModelChanges]:
    # A project's own makemigrations may have an autodetector of its own (Django 5.2).
    command = load_command_class(get_commands()["makemigrations"], "makemigrations")
    autodetector = getattr(command, "autodetector", MigrationAutodetector)

    def detected() -> tuple[MigrationAutodetector, Mapping[str, list[Migration]]]:
        detector = autodetector(history.loader.project_state(), ProjectState.from_apps(apps), _Silent())
        return detector, detector.changes(graph=history.loader.graph)

    detector, found = detected()
    if found:
        # The command runs the system checks first, which import the URLs, and with them models that nothing else does.
        run_checks(databases=[])  # None is all of them since Django 6.1
        detector, found = detected()
    return [
        ModelChanges(
            app=app,
            name=one.name,
            operations=tuple(operation.describe() for operation in one.operations),
            tables=any(_changes_tables(operation, app, detector) for operation in one.operations),
        )
        for app, migrations in sorted(found.items())
        for one in migrations
    ]


def _changes_tables(operation: Operation, app: str, detector: MigrationAutodetector) -> bool:
    """Whether an operation that Django has made does something to the database."""
    if isinstance(operation, AlterModelOptions | AlterModelManagers):
        return False
    name = getattr(operation, "model_name_lower", getattr(operation, "name_lower", ""))
    model = detector.from_state.models.get((app, name))
    options = model.options if model else getattr(operation, "options", {})
    if options.get("proxy") or options.get("managed") is False:
        return False
    if isinstance(operation, AlterField) and model and operation.name in model.fields:
        before, after = (_in_tables(field, detector) for field in (model.fields[operation.name], operation.field))
        return bool(before != after)
    return True


def _in_tables(field: "Field[Any, Any]", detector: MigrationAutodetector) -> Any:
    """What of a field is in the database, as ``BaseDatabaseSchemaEditor._field_should_be_altered`` has it."""
    path, arguments, options = detector.deep_deconstruct(field)
    aside = set(field.non_db_attrs) - {"db_column"}
    return path, arguments, {name: value for name, value in options.items() if name not in aside}
