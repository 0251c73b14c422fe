"""Projects on a real database, as it is before a deploy."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection as django_connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from migsafe.api import gate_of
from migsafe.config import Config
from migsafe.predeploy import GateReport
from migsafe.project.graph import Key
from migsafe.project.load import Project
from migsafe.project.temporary import temporary_project
from migsafe.rules import choose_rules
from migsafe.sandbox.server import Server
from tests.projects import write

QUIET = Config(ignore=("MS709", "MS904", "MS911"))
"""That there are no models is no matter here, nor how the tests' own server is set up."""


@dataclass(frozen=True)
class Live:
    """A project, and a session on its database."""

    project: Project
    session: psycopg.Connection[tuple[Any, ...]]

    def migrate(self, *keys: Key, fake: bool = False) -> None:
        """Apply migrations and what they depend on; all if none are named."""
        executor = MigrationExecutor(django_connection)
        executor.migrate(list(keys) or executor.loader.graph.leaf_nodes(), fake=fake)
        django_connection.close()

    def record(self, *keys: Key) -> None:
        """Say that migrations are applied."""
        recorder = MigrationRecorder(django_connection)
        recorder.ensure_schema()
        for key in keys:
            recorder.record_applied(*key)
        django_connection.close()

    def plan(self) -> tuple[Key, ...]:
        """What ``migrate`` would apply."""
        executor = MigrationExecutor(django_connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        django_connection.close()
        return tuple((migration.app_label, migration.name) for migration, _ in plan)

    def gate(self, config: Config = QUIET, **options: Any) -> GateReport:
        return gate_of(self.project, config, rules=choose_rules(config), below=self.project.root, **options)


@contextmanager
def live(
    folder: Path,
    postgres: Server,
    database: str,
    *files: Mapping[str, str],
    apps: tuple[str, ...] = (),
    installed: tuple[str, ...] = (),
    options: str = "-c lock_timeout=5s",
    **overrides: object,
) -> Iterator[Live]:
    """Write a project's files and load it.

    Args:
        files: Of apps, as `tests.projects.app` makes them.
        apps: Labels of more apps, whose files are there.
        installed: More of INSTALLED_APPS.
        options: Of sessions, as libpq takes them.
        overrides: Django settings that differ.
    """
    for one in files:
        write(folder, one)
    labels = (*apps, *(next(iter(one)).partition("/")[0] for one in files))
    default = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database,
        "USER": postgres.user,
        "HOST": postgres.host,
        "PORT": str(postgres.port),
        "OPTIONS": {"options": options},
    }
    settings = {"DATABASES": {"default": default}, **overrides}
    with (
        psycopg.connect(postgres.dsn(database), autocommit=True) as session,
        temporary_project(folder, dict.fromkeys(labels, folder), installed, settings) as project,
    ):
        try:
            yield Live(project, session)
        finally:
            django_connection.close()
