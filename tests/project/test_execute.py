"""Migrations run for real: what is said of them is what the server was asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from migsafe.project.databases import Address
from migsafe.project.execute import Executor
from migsafe.project.graph import History
from migsafe.project.guard import Limits
from migsafe.project.temporary import temporary_project
from migsafe.sandbox.server import Server
from migsafe.testing import Migration, written
from migsafe.verification import Run

ORDER = 'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)), ("n", models.IntegerField(default=0))])'


class Walk:
    """A project on a database, applied migration by migration."""

    def __init__(self, executor: Executor, history: History, dsn: str) -> None:
        self.executor = executor
        self.keys = history.order
        self.dsn = dsn
        self.reached = [executor.empty()]

    def forward(self, **options: Any) -> Run:
        """Apply the next migration."""
        key = self.keys[len(self.reached) - 1]
        reached, run = self.executor.forward(key, self.reached[-1], **options)
        if run.failure is None:
            self.reached.append(reached)
        return run

    def backward(self, **options: Any) -> Run:
        """Unapply the last one."""
        key = self.keys[len(self.reached) - 2]
        run = self.executor.backward(key, self.reached[-2], self.reached[-1], **options)
        if run.failure is None:
            self.reached.pop()
        return run

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        self.executor.close()
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []


@contextmanager
def walk(
    server: Server,
    folder: Path,
    *migrations: Migration,
    installed: tuple[str, ...] = (),
    limits: Limits | None = None,
    settings: dict[str, object] | None = None,
) -> Iterator[Walk]:
    apps = {migration.app: folder for migration in migrations}
    written(apps, migrations)
    database = server.create_database()
    try:
        with (
            temporary_project(folder, apps, installed, settings) as project,
            Executor(project, history := History(project), postgres=server.version, limits=limits) as executor,
        ):
            executor.use(Address(server.host, server.port, server.user, None, database))
            yield Walk(executor, history, server.dsn(database))
    finally:
        server.drop_database(database)


def test_applies_and_unapplies_as_migrate_does(postgres: Server, tmp_path: Path) -> None:
    with walk(postgres, tmp_path, Migration(ORDER)) as project:
        run = project.forward()
        assert [(one.sql.split()[:2], one.operation, one.transaction) for one in run.statements] == [
            (["CREATE", "TABLE"], 0, True)
        ]
        assert (run.direction, run.failure, run.queries) == ("forward", None, ())
        assert project.ask("SELECT app, name FROM django_migrations") == [("shop", "0001_initial")]
        back = project.backward()
        assert [one.sql for one in back.statements] == ['DROP TABLE "shop_order" CASCADE']
        assert project.ask("SELECT to_regclass('shop_order'), count(*) FROM django_migrations") == [(None, 0)]
