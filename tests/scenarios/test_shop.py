"""The shop is what every feature is shown on: its history has everything that makes real histories hard.

Django itself is asked, each time in a process of its own, since settings are process-wide.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import django
import msgspec
import pytest
from django.core.management.utils import get_random_secret_key

from migsafe.config import load_config
from migsafe.sandbox.server import Server

pytestmark = pytest.mark.skipif(django.VERSION < (5, 2), reason="the shop needs Django 5.2")

SHOP = Path(__file__).parents[2] / "scenarios" / "shop"
APPS = {"users", "customers", "catalog", "orders", "payments"}

DESCRIBE = """
import django, msgspec, sys
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.writer import OperationWriter

django.setup()
loader = MigrationLoader(None)
sys.stdout.buffer.write(msgspec.json.encode([
    {
        "app": app,
        "name": name,
        "atomic": migration.atomic,
        "replaces": migration.replaces,
        "dependencies": migration.dependencies,
        "applies": (app, name) in loader.graph.nodes,
        "leaf": (app, name) in loader.graph.leaf_nodes(app),
        "operations": [OperationWriter(operation, indentation=0).serialize()[0] for operation in migration.operations],
        "reversible": [operation.reversible for operation in migration.operations],
    }
    for (app, name), migration in sorted(loader.disk_migrations.items())  # Django reads folders in no order
    if migration.__module__.startswith("shop.")
]))
"""

# Several runs of migrate in one process. Rendering models makes much garbage in cycles, but more that stays.
MIGRATE = """
import gc, json, sys
from django.core.management import execute_from_command_line

gc.set_threshold(100_000, 20, 20)
for target in json.loads(sys.argv[1]):
    print("migrate", *target, file=sys.stderr)
    execute_from_command_line(["manage.py", "migrate", "--verbosity", "0", *target])
"""


class Migration(msgspec.Struct):
    """A migration as Django loads it.

    Attributes:
        applies: It is a node of the graph; False when a squash stands for it.
        operations: Each as the code that Django would write for it.
    """

    app: str
    name: str
    atomic: bool
    replaces: list[tuple[str, str]]
    dependencies: list[tuple[str, str]]
    applies: bool
    leaf: bool
    operations: list[str]
    reversible: list[bool]


def run(*arguments: str, without: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the shop with production's settings and the environment that ``[tool.migsafe.env]`` supplies."""
    config = load_config(SHOP, environ={})
    assert config.settings is not None
    environment = {**os.environ, **config.env, **env, "DJANGO_SETTINGS_MODULE": config.settings}
    if without:
        del environment[without]
    return subprocess.run(
        [sys.executable, *arguments], cwd=SHOP, env=environment, capture_output=True, text=True, check=False
    )


def manage(*arguments: str, on: tuple[Server, str], **env: str) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py`` against a database of a real server."""
    return run("manage.py", *arguments, **address(*on), **env)


def address(server: Server, database: str) -> dict[str, str]:
    """A database of a real server, as production's settings read it."""
    where = {"HOST": server.host, "PORT": str(server.port), "USER": server.user, "DB": database}
    return {f"POSTGRES_{name}": value for name, value in where.items()}


@cache
def history() -> list[Migration]:
    done = run("-c", DESCRIBE)
    assert done.returncode == 0, done.stderr
    return msgspec.json.decode(done.stdout, type=list[Migration])


@cache
def pending() -> list[Migration]:
    lines = (SHOP / "pending.txt").read_text().split()
    found = [migration for migration in history() if f"{migration.app}.{migration.name}" in lines]
    assert len(found) == len(lines)
    return found


@pytest.mark.parametrize("variable", ["DJANGO_SECRET_KEY", "POSTGRES_DB", "POSTGRES_PASSWORD"])
def test_production_demands_its_environment(variable: str) -> None:
    done = run("manage.py", "check", without=variable)
    assert f"Set the {variable} environment variable." in done.stderr


# From 6.1 on, Django asks the server for its version when it checks generated fields: these two need one.
def test_system_checks_find_nothing(postgres: Server, database: str) -> None:
    secret = {"DJANGO_SECRET_KEY": get_random_secret_key()}
    done = manage("check", "--deploy", "--fail-level", "WARNING", on=(postgres, database), **secret)
    assert done.returncode == 0, done.stderr


def test_models_and_migrations_agree(postgres: Server, database: str) -> None:
    done = manage("makemigrations", "--check", "--dry-run", on=(postgres, database))
    assert done.returncode == 0, done.stdout + done.stderr


def test_at_least_120_migrations_are_applied_before_the_pending_ones() -> None:
    assert {migration.app for migration in history()} == APPS
    assert sum(migration.applies for migration in history()) - len(pending()) >= 120


def test_orders_reaches_0041_and_pending_is_the_tracking_number() -> None:
    orders = sorted(migration.name for migration in history() if migration.app == "orders")
    assert orders[-2].startswith("0041_")
    assert orders[-1] == "0042_add_tracking_number"


def test_each_app_has_one_leaf() -> None:
    assert sorted(migration.app for migration in history() if migration.leaf) == sorted(APPS)


def test_two_branches_were_merged() -> None:
    [merge] = [migration for migration in history() if "merge" in migration.name]
    assert merge.operations == []
    assert len({name for app, name in merge.dependencies if app == merge.app}) == 2


def test_a_squash_stands_for_originals_that_are_still_there() -> None:
    [squash] = [migration for migration in history() if migration.replaces]
    assert squash.applies
    originals = [migration for migration in history() if (migration.app, migration.name) in squash.replaces]
    assert len(originals) == len(squash.replaces) >= 5
    assert not any(original.applies for original in originals)


@pytest.mark.parametrize(
    "code",
    [
        ["migrations.RunSQL("],
        ["migrations.RunSQL(", "DO $$"],
        ["migrations.RunPython(", "reverse_code="],
        ["migrations.SeparateDatabaseAndState(", "state_operations=", "database_operations="],
        ["migrations.AddIndex(", "condition="],
        ["migrations.AddIndex(", "include="],
        ["migrations.RemoveIndex("],
        ["GinIndex("],
        ["models.CheckConstraint("],
        ["models.UniqueConstraint("],
        ["models.UniqueConstraint(", "condition="],
        ["models.UniqueConstraint(", "deferrable="],
        ["models.UniqueConstraint(", "Lower("],
        ["ExclusionConstraint("],
        ["BtreeGistExtension("],
        ["models.ManyToManyField(", "through="],
        ["models.ManyToManyField("],
        ["migrations.AlterUniqueTogether(", "unique_together=set()"],
        ["migrations.RenameField("],
        ["migrations.RenameModel("],
        ["migrations.RemoveField("],
        ["migrations.AlterField(", "models.BigAutoField("],
        ["migrations.AlterField(", "models.BigIntegerField("],
        ["db_default="],
        ["models.GeneratedField("],
        ["migrations.AlterModelManagers("],
    ],
    ids=" ".join,
)
def test_what_production_has_been_through(code: list[str]) -> None:
    applied = [migration for migration in history() if migration not in pending()]
    assert any(all(part in operation for part in code) for migration in applied for operation in migration.operations)


def test_concurrent_indexes_are_built_outside_a_transaction() -> None:
    concurrent = [
        migration
        for migration in history()
        if any("AddIndexConcurrently(" in operation for operation in migration.operations)
    ]
    assert concurrent
    assert not any(migration.atomic for migration in concurrent)


@pytest.mark.parametrize(
    ("migration", "code"),
    [
        ("orders.0042_add_tracking_number", ["migrations.AddField(", "model_name='order'", "default=''"]),
        ("payments.0021_ledgerentry_order", ["migrations.AddField(", "models.ForeignKey(", "to='orders.order'"]),
        ("payments.0022_payment_amount_precision", ["migrations.RunSQL(", "alter table payments_payment", "update"]),
        ("customers.0022_fill_lifetime_value", ["migrations.RunPython("]),
        ("customers.0023_unique_customer_email", ["migrations.AddConstraint(", "models.UniqueConstraint("]),
        ("catalog.0038_stock_movement_reference_index", ["migrations.AddIndex(", "model_name='stockmovement'"]),
        ("catalog.0039_remove_legacy_sku", ["migrations.RemoveField("]),
        ("users.0013_rename_phone_to_mobile", ["migrations.RenameField("]),
    ],
)
def test_what_is_pending_is_dangerous(migration: str, code: list[str]) -> None:
    [operation] = next(one.operations for one in pending() if f"{one.app}.{one.name}" == migration)
    assert all(part in operation for part in code)


def test_pending_data_changes_cannot_be_taken_back() -> None:
    irreversible = {migration.app for migration in pending() if not all(migration.reversible)}
    assert irreversible == {"customers", "payments"}


def test_every_pending_migration_is_explained() -> None:
    readme = (SHOP / "README.md").read_text()
    assert [name for name in (f"{one.app}.{one.name}" for one in pending()) if name not in readme] == []


@pytest.mark.slow
def test_history_runs_forwards_back_and_forwards_again(postgres: Server, database: str) -> None:
    production = {migration.app: migration.name for migration in history() if migration not in pending()}
    targets = [*production.items(), ("orders", "0003"), ("users", "zero"), ("catalog", "zero"), ()]
    done = run("-c", MIGRATE, json.dumps(targets), **address(postgres, database))
    assert done.returncode == 0, done.stderr
