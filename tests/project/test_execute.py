"""Migrations run for real: what is said of them is what the server was asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from migsafe.model import Effect, LockMode
from migsafe.postgres.locks import blocks
from migsafe.project import guard
from migsafe.project.databases import Address
from migsafe.project.execute import Executor
from migsafe.project.graph import History
from migsafe.project.guard import Limits
from migsafe.project.temporary import temporary_project
from migsafe.sandbox.server import Server
from migsafe.sandbox.watch import Watcher
from migsafe.testing import Migration, written
from migsafe.verification import Difference, Run
from tests.conftest import MAJORS

RX = LockMode.ROW_EXCLUSIVE
SUX = LockMode.SHARE_UPDATE_EXCLUSIVE
AX = LockMode.ACCESS_EXCLUSIVE

ORDER = 'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)), ("n", models.IntegerField(default=0))])'


def effect(relation: str, lock: LockMode, *, rewrites: bool = False, scans: bool = False) -> Effect:
    return Effect(relation, lock, rewrites, scans, blocks(lock))


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
        _, run = self.executor.backward(key, self.reached[-2], self.reached[-1], **options)
        if run.failure is None:
            self.reached.pop()
        return run

    @property
    def watcher(self) -> Watcher:
        return Watcher(self.dsn)

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
    models: bool = False,
) -> Iterator[Walk]:
    apps = {migration.app: folder for migration in migrations}
    written(apps, migrations)
    if models:  # else Django's signals are not sent for the app
        (folder / "shop" / "models.py").touch()
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


@pytest.mark.parametrize("postgres", [major for major in (14, 18) if major in MAJORS], indirect=True)
def test_statements_of_a_transaction_are_watched_in_it(postgres: Server, tmp_path: Path) -> None:
    change = Migration(
        'migrations.AddField("order", "m", models.IntegerField(default=1))',
        'migrations.AlterField("order", "n", models.BigIntegerField(default=0))',
        'migrations.AddIndex("order", models.Index(fields=["m"], name="i"))',
    )
    with walk(postgres, tmp_path, Migration(ORDER), change) as project:
        project.forward()
        project.ask("INSERT INTO shop_order (n) SELECT 1 FROM generate_series(1, 9)")
        run = project.forward(watcher=project.watcher)

    add, drop_default, widen, index = run.statements
    assert [one.operation for one in run.statements] == [0, 0, 1, 2]
    assert add.observed == add.predicted == (effect("shop_order", AX),)
    assert drop_default.observed == drop_default.predicted == ()  # the lock is held already
    assert widen.observed == (
        effect("shop_order", AX, rewrites=True, scans=True),
        effect("shop_order_pkey", AX, rewrites=True),
    )
    assert widen.built == ("shop_order_pkey",)
    assert index.observed == (effect("shop_order", AX, scans=True),)
    assert index.built == ("i",)
    assert run.differences == ()
    assert all(one.seconds > 0 and one.transaction for one in run.statements)


@pytest.mark.parametrize("postgres", [major for major in (14, 18) if major in MAJORS], indirect=True)
def test_statements_that_commit_by_themselves_are_watched_too(postgres: Server, tmp_path: Path) -> None:
    change = Migration(
        'AddIndexConcurrently("order", models.Index(fields=["n"], name="i"))',
        'migrations.RunSQL("UPDATE shop_order SET n = 2")',
        'migrations.RunSQL("VACUUM shop_order")',
        'migrations.RunSQL("DO $$ BEGIN UPDATE shop_order SET n = 3; COMMIT; END $$")',
        'RemoveIndexConcurrently("order", name="i")',
        atomic=False,
    )
    with walk(postgres, tmp_path, Migration(ORDER), change) as project:
        project.forward()
        project.ask("INSERT INTO shop_order (n) SELECT 1 FROM generate_series(1, 9)")
        run = project.forward(watcher=project.watcher)
        build, update, vacuum, block, drop = run.statements
        assert not any(one.transaction for one in run.statements)
        assert build.observed == (effect("shop_order", SUX, scans=True),)
        assert build.built == ("i",)
        assert update.rows == 9
        assert effect("shop_order", RX, scans=True) in (update.observed or ())
        assert effect("shop_order", SUX) in (vacuum.observed or ())
        assert effect("shop_order", RX) in (block.observed or ())
        assert drop.observed == (effect("i", SUX), effect("shop_order", SUX))
        assert (run.failure, run.differences) == (None, ())
        assert project.ask("SELECT DISTINCT n FROM shop_order") == [(3,)]


def test_what_is_not_as_predicted_is_told(postgres: Server, tmp_path: Path) -> None:
    widen = Migration('migrations.AlterField("order", "n", models.BigIntegerField(default=0))')
    with walk(postgres, tmp_path, Migration(ORDER), widen) as project:
        project.forward()
        project.ask("CREATE INDEX nobody_knows ON shop_order (n)")
        run = project.forward(watcher=project.watcher)
    (told,) = run.differences
    assert told == Difference(
        statement=0,
        relation="nobody_knows",
        predicted="nothing",
        observed="ACCESS EXCLUSIVE, rewrite",
        exceeds=True,
    )


def test_python_code_runs_and_its_queries_are_counted(postgres: Server, tmp_path: Path) -> None:
    change = Migration(
        "migrations.RunPython(fill, migrations.RunPython.noop)",
        code="""
        from django.db import transaction

        def fill(apps, schema_editor):
            Order = apps.get_model("shop", "Order")
            with transaction.atomic():
                for order in Order.objects.all():
                    order.n += 1
                    order.save()
            Order.objects.update(n=F("n") + 1)
            Line = apps.get_model("shop", "Line")  # neither comes whole
            assert (len(list(Line.objects.iterator())), Line.objects.count()) == (0, 0)
        """,
    )
    line = 'migrations.CreateModel("Line", [("id", models.BigAutoField(primary_key=True))])'
    with walk(postgres, tmp_path, Migration(ORDER, line), change) as project:
        project.forward()
        project.ask("INSERT INTO shop_order (n) SELECT 1 FROM generate_series(1, 9)")
        run = project.forward(watcher=project.watcher)
        (queries,) = run.queries
        assert (queries.operation, queries.count, queries.rows, queries.times) == (0, 13, 18, 9)
        assert queries.repeated == 'UPDATE "shop_order" SET "n" = %s WHERE "shop_order"."id" = %s'
        assert queries.whole_tables == ("shop_order",)
        # What it has repeated is counted, not listed again.
        assert [one.sql for one in run.statements] == [
            'UPDATE "shop_order" SET "n" = 2 WHERE "shop_order"."id" = 1',
            'UPDATE "shop_order" SET "n" = ("shop_order"."n" + 1)',
        ]
        assert (run.differences, run.failure) == ((), None)
        assert project.ask("SELECT DISTINCT n FROM shop_order") == [(3,)]
        assert project.backward().failure is None


def test_transactions_of_python_code_stay_its_own(postgres: Server, tmp_path: Path) -> None:
    change = Migration(
        "migrations.RunPython(fill)",
        atomic=False,
        code="""
        from django.db import connection, transaction

        def fill(apps, schema_editor):
            Order = apps.get_model("shop", "Order")
            try:
                with transaction.atomic():
                    Order.objects.create(n=1)
                    raise KeyError
            except KeyError:
                pass
            with transaction.atomic():
                connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                Order.objects.create(n=2)
                Order.objects.filter(n=2).update(n=3)
            Order.objects.filter(n=3).update(n=F("n") + 1)
        """,
    )
    with walk(postgres, tmp_path, Migration(ORDER), change) as project:
        project.forward()
        run = project.forward(watcher=project.watcher)
        assert run.failure is None
        assert [one.transaction for one in run.statements] == [True, True, True, False]
        assert project.ask("SELECT n FROM shop_order") == [(4,)]


@pytest.mark.parametrize("atomic", [True, False])
def test_a_failure_says_where(atomic: bool, postgres: Server, tmp_path: Path) -> None:
    change = Migration(
        'migrations.AddField("order", "m", models.IntegerField(null=True))',
        'migrations.RunSQL("ALTER TABLE shop_order ADD CHECK (n > 5)")',
        atomic=atomic,
    )
    with walk(postgres, tmp_path, Migration(ORDER), change) as project:
        project.forward()
        project.ask("INSERT INTO shop_order (n) VALUES (1)")
        run = project.forward(watcher=project.watcher)
        assert run.failure is not None
        assert run.failure.error.startswith("IntegrityError: check constraint")
        assert (run.failure.sql, run.failure.operation) == ("ALTER TABLE shop_order ADD CHECK (n > 5)", 1)
        lines = (tmp_path / "shop" / "migrations" / "0002_change.py").read_text().splitlines()
        assert "ADD CHECK" in lines[(run.failure.line or 0) - 1]
        assert [one.error is None for one in run.statements] == [True, False]
        assert len(
            project.ask("SELECT 1 FROM pg_attribute WHERE attrelid = 'shop_order'::regclass AND attname = 'm'")
        ) == (not atomic)
        assert project.ask("SELECT count(*) FROM django_migrations") == [(1,)]


def test_python_code_that_fails_is_shown_at_its_line(postgres: Server, tmp_path: Path) -> None:
    change = Migration(
        "migrations.RunPython(fill)",
        code="""
        def fill(apps, schema_editor):
            try:
                apps.get_model("shop", "Order").objects.create(id=1)
                apps.get_model("shop", "Order").objects.create(id=1)
            except Exception as error:
                raise SystemExit("no way") from error
        """,
    )
    with walk(postgres, tmp_path, Migration(ORDER), change) as project:
        project.forward()
        failure = project.forward().failure
        assert failure is not None
        assert failure.error == "SystemExit: no way"
        assert failure.sql == 'INSERT INTO "shop_order" ("id", "n") VALUES (1, 0) RETURNING "shop_order"."id"'
        lines = (tmp_path / "shop" / "migrations" / "0002_change.py").read_text().splitlines()
        assert "no way" in lines[(failure.line or 0) - 1]
        assert project.ask("SELECT count(*) FROM shop_order") == [(0,)]


def test_what_fails_at_the_commit_is_a_failure(postgres: Server, tmp_path: Path) -> None:
    change = Migration(
        'migrations.AddField("order", "parent", models.ForeignKey("self", models.CASCADE, null=True))',
        'migrations.RunSQL("INSERT INTO shop_order (n, parent_id) VALUES (1, 77)")',
    )
    with walk(postgres, tmp_path, Migration(ORDER), change) as project:
        project.forward()
        failure = project.forward(watcher=project.watcher).failure
        assert failure is not None
        assert "violates foreign key constraint" in failure.error
        assert project.ask("SELECT count(*) FROM shop_order") == [(0,)]


def test_irreversible_operations_are_named(postgres: Server, tmp_path: Path) -> None:
    raising = Migration(
        "migrations.RunPython(migrations.RunPython.noop, back)",
        code="def back(apps, schema_editor):\n    raise ValueError('there is\\n no way back')",
    )
    one_way = Migration('migrations.RunSQL("SELECT 1", "SELECT 2")', 'migrations.RunSQL("SELECT 1")')
    with walk(postgres, tmp_path, Migration(ORDER), raising, one_way) as project:
        project.forward()
        project.forward()
        project.forward()
        failure = project.backward().failure
        assert failure is not None
        assert failure.error == "IrreversibleError: RunSQL is not reversible"
        assert failure.operation == 1
        project.reached.pop()
        failure = project.backward().failure
        assert failure is not None
        assert (failure.error, failure.operation) == ("ValueError: there is no way back", 0)


def test_a_transaction_that_is_left_open_loses_what_it_did(postgres: Server, tmp_path: Path) -> None:
    change = Migration('migrations.RunSQL("BEGIN; ALTER TABLE shop_order ADD m int")', atomic=False)
    with walk(postgres, tmp_path, Migration(ORDER), change) as project:
        project.forward()
        failure = project.forward().failure
        assert failure is not None
        assert failure.error.startswith("it leaves a transaction open")
        assert project.ask("SELECT count(*) FROM django_migrations") == [(1,)]


@pytest.mark.parametrize("stop", [1, 2, 3, 4])
def test_a_migration_can_be_stopped_after_each_of_its_statements(stop: int, postgres: Server, tmp_path: Path) -> None:
    change = Migration(
        *(f'migrations.RunSQL("ALTER TABLE shop_order ADD x{number} int")' for number in (1, 2)),
        "migrations.RunPython(fill)",
        atomic=False,
        code="""
        from django.db import transaction

        def fill(apps, schema_editor):
            with transaction.atomic():
                schema_editor.execute("ALTER TABLE shop_order ADD x3 int")
                schema_editor.execute("ALTER TABLE shop_order ADD x4 int")
            schema_editor.execute("ALTER TABLE shop_order ADD x5 int")
        """,
    )
    with walk(postgres, tmp_path, Migration(ORDER), change) as project:
        project.forward()
        failure = project.forward(stop_after=stop, watcher=project.watcher).failure
        assert failure is not None
        assert failure.error == f"stopped by migsafe after statement {stop}"
        [(count,)] = project.ask(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'shop_order'::regclass AND attname LIKE 'x_'"
        )
        assert count == (4 if stop == 3 else stop)  # what is one transaction is committed as one
        assert project.ask("SELECT count(*) FROM django_migrations") == [(1,)]


@pytest.mark.parametrize(
    ("operation", "limits", "said"),
    [
        (
            'migrations.RunSQL("SELECT pg_sleep(60)")',
            Limits(statement=0.2),
            "canceling statement due to statement timeout",
        ),
        (
            'migrations.RunSQL("SET statement_timeout = 0; SELECT pg_sleep(60)")',
            Limits(total=0.2),
            "stopped after 0.2 s, the limit for a migration",
        ),
        ("migrations.RunPython(endless)", Limits(total=0.2), "stopped after 0.2 s, the limit for a migration"),
        (
            'migrations.RunSQL("INSERT INTO shop_order (n) SELECT 1 FROM generate_series(1, 400000); SELECT pg_sleep(60)")',
            Limits(bytes=20 << 20),
            "the limit is 20 MB",
        ),
    ],
)
def test_limits_end_what_would_not_end(
    operation: str, limits: Limits, said: str, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "GRACE", 0.2)
    monkeypatch.setattr(guard, "POLL", 0.1)
    change = Migration(
        operation,
        code="""
        def endless(apps, schema_editor):
            while True:
                try:
                    sum(range(1000))
                except Exception:
                    pass
        """,
    )
    with walk(postgres, tmp_path, Migration(ORDER), change, limits=limits) as project:
        project.forward()
        failure = project.forward(watcher=project.watcher).failure
        assert failure is not None
        assert said in failure.error
        assert failure.operation == 0
        assert project.ask("SELECT count(*) FROM shop_order") == [(0,)]


def test_a_lock_that_somebody_else_holds_is_not_waited_for_long(postgres: Server, tmp_path: Path) -> None:
    change = Migration('migrations.RunSQL("LOCK TABLE shop_order")')
    with walk(postgres, tmp_path, Migration(ORDER), change, limits=Limits(lock=0.1)) as project:
        project.forward()
        with psycopg.connect(project.dsn) as other:
            other.execute("LOCK TABLE shop_order IN SHARE MODE")
            failure = project.forward().failure
        assert failure is not None
        assert "lock timeout" in failure.error


def test_content_types_follow_as_migrate_lets_them(postgres: Server, tmp_path: Path) -> None:
    rename = Migration('migrations.RenameModel("Order", "Purchase")', 'migrations.RunSQL("SELECT 1/0")')
    use = Migration(
        "migrations.RunPython(look)",
        code="""
        def look(apps, schema_editor):
            apps.get_model("contenttypes", "ContentType").objects.get(app_label="shop", model="order")
            apps.get_model("auth", "Permission").objects.get(codename="add_order")
        """,
    )
    installed = ("django.contrib.contenttypes", "django.contrib.auth")
    with walk(postgres, tmp_path, Migration(ORDER), use, rename, installed=installed, models=True) as project:
        while project.keys[len(project.reached) - 1] != ("shop", "0002_change"):
            project.forward()
        run = project.forward()
        assert run.failure is not None
        assert "ContentType matching query does not exist" in run.failure.error
        project.executor.deployed(project.reached[-1])
        assert project.forward().failure is None
        while project.keys[len(project.reached) - 1] != ("shop", "0003_change"):
            project.forward()
        failure = project.forward().failure
        assert failure is not None
        assert failure.operation == 1  # as in the file: what follows the content types is not counted
        assert project.executor.complaints == {}
