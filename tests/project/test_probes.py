"""What code of one release does on the schema of the other, with Django's own operations on a real server."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from django.db import connections, migrations, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from migsafe.project.offline import installed
from migsafe.project.probes import probe, touched
from migsafe.project.temporary import temporary_project
from migsafe.sandbox.server import Server
from migsafe.verification import Probe, Rollout
from migsafe.verify.rollout import rollout

KEY = ("id", models.BigAutoField(primary_key=True))

SHOP = [
    migrations.CreateModel("Customer", [KEY, ("name", models.CharField(max_length=20))]),
    migrations.CreateModel("Tag", [KEY, ("label", models.CharField(max_length=20, unique=True))]),
    migrations.CreateModel(
        "Order",
        [
            KEY,
            ("number", models.IntegerField(unique=True)),
            ("state", models.CharField(max_length=20, default="new")),
            ("note", models.TextField(null=True)),
            ("customer", models.ForeignKey("shop.Customer", models.CASCADE)),
            ("tags", models.ManyToManyField("shop.Tag")),
        ],
    ),
]

ROWS = """
INSERT INTO shop_customer (name) SELECT 'c' || i FROM generate_series(1, 20) i;
INSERT INTO shop_tag (id, label) SELECT i, 't' || i FROM generate_series(1, 20) i;  -- its sequence is left behind
INSERT INTO shop_order (number, state, note, customer_id)
SELECT i, CASE WHEN i % 2 = 0 THEN 'new' ELSE 'paid' END, CASE WHEN i % 2 = 0 THEN 'n' END, i
FROM generate_series(1, 20) i;
INSERT INTO shop_order_tags (order_id, tag_id) SELECT i, i FROM generate_series(1, 20) i;
"""

Databases = tuple[BaseDatabaseWrapper, BaseDatabaseWrapper]


class Change(NamedTuple):
    rollout: Rollout

    @property
    def order(self) -> str:
        return self.rollout.order

    @property
    def old(self) -> dict[tuple[str, str], str]:
        return failures(self.rollout.old_code)

    @property
    def new(self) -> dict[tuple[str, str], str]:
        return failures(self.rollout.new_code)


def failures(probes: Sequence[Probe]) -> dict[tuple[str, str], str]:
    return {(probe.model, probe.action): probe.error for probe in probes if probe.error is not None}


def reasons(probes: Sequence[Probe]) -> dict[tuple[str, str], str]:
    return {(probe.model, probe.action): probe.reason for probe in probes if probe.reason is not None}


@pytest.fixture(scope="module")
def databases(server: Callable[[int], Server], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    from tests.conftest import ONE

    with opened(server(ONE), tmp_path_factory.mktemp("project")) as pair:
        yield pair


class opened:
    """A project with two databases on a server."""

    def __init__(self, postgres: Server, root: Path) -> None:
        self.postgres = postgres
        self.project = temporary_project(root, {})
        self.names = [postgres.create_database() for _ in range(2)]

    def __enter__(self) -> Databases:
        self.project.__enter__()
        before, after = self.pair = [self._connection(name) for name in self.names]
        return before, after

    def _connection(self, name: str) -> BaseDatabaseWrapper:
        connection: BaseDatabaseWrapper = connections["default"].copy()
        address = {"HOST": self.postgres.host, "PORT": str(self.postgres.port), "USER": self.postgres.user}
        connection.settings_dict.update(NAME=name, **address)
        return connection

    def __exit__(self, *exc_info: object) -> None:
        for connection in self.pair:
            connection.close()
        self.project.__exit__(*exc_info)
        for name in self.names:
            self.postgres.drop_database(name)


def migrate(connection: BaseDatabaseWrapper, state: ProjectState, operations: Sequence[Operation]) -> ProjectState:
    migration = migrations.Migration("0001_change", "shop")
    migration.operations = list(operations)
    with installed(connection), connection.schema_editor() as editor:
        return migration.apply(state.clone(), editor)


def execute(connection: BaseDatabaseWrapper, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def deploy(
    databases: Databases,
    *change: Operation,
    base: Sequence[Operation] = SHOP,
    rows: str = ROWS,
    tables: Sequence[str] = (),
) -> Change:
    states = []
    for connection, operations in zip(databases, ([], change), strict=True):
        execute(connection, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        state = migrate(connection, ProjectState(), base)
        execute(connection, rows)
        states.append(migrate(connection, state, operations))
    before, after = databases
    found = touched(states[0], states[1], tables)
    old = probe(after, states[0].apps, found.old, home=before)
    new = probe(before, states[1].apps, found.new, home=after)
    return Change(rollout(old, new))


def test_add_required(databases: Databases) -> None:
    change = deploy(databases, migrations.AddField("order", "price", models.IntegerField(default=0)))
    assert change.order == "neither"
    assert change.old == {
        ("shop.Order", "insert"): 'null value in column "price" of relation "shop_order" violates not-null constraint'
    }
    missing = "column shop_order.price does not exist"
    assert change.new[("shop.Order", "select")] == missing


def test_first(databases: Databases) -> None:
    change = deploy(databases, migrations.AddField("order", "price", models.IntegerField(null=True)))
    assert change.order == "migrate first"
