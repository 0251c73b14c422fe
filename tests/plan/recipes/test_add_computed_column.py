"""Columns whose values the database computes."""

import django
import pytest

from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.plan.proving import prove

has_db_default = pytest.mark.skipif(django.VERSION < (5, 0), reason="there is no db_default")

shop = Scenario(
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("email", models.CharField(max_length=100)),
    ])"""
)
ROWS = "INSERT INTO shop_order (email) SELECT n::text FROM generate_series(1, 1100) n"
CODE = "import uuid\nfrom django.contrib.postgres.functions import RandomUUID"
DISTINCT = {"SELECT count(DISTINCT token) FROM shop_order": 1100}


@has_db_default
def test_required(postgres: Server) -> None:
    add = 'migrations.AddField("order", "token", models.UUIDField(db_default=RandomUUID(), unique=True))'
    proved = prove(shop, add, server=postgres, rows=ROWS, code=CODE, keeps=["shop_order"], results=DISTINCT)
    (deploy,) = proved.plan.deploys
    assert [migration.name for migration in deploy.migrations] == [
        "0002_add_order_token",
        "0003_order_token_unique_index",
        "0004_order_token_unique",
        "0005_backfill_order_token",
        "0006_order_token_not_null",
    ]


@has_db_default
def test_nullable(postgres: Server) -> None:
    add = 'migrations.AddField("order", "token", models.UUIDField(db_default=RandomUUID(), null=True))'
    proved = prove(shop, add, server=postgres, rows=ROWS, code=CODE, keeps=["shop_order"], results=DISTINCT)
    assert list(proved.sql) == ["0002_add_order_token", "0003_backfill_order_token"]


@pytest.mark.parametrize("function", ["uuid.uuid4", pytest.param("uuid.uuid1", marks=pytest.mark.slow)])
def test_nullable_with_a_function_of_python(function: str, postgres: Server) -> None:
    add = f'migrations.AddField("order", "token", models.UUIDField(default={function}, null=True))'
    proved = prove(shop, add, server=postgres, rows=ROWS, code=CODE, keeps=["shop_order"], results=DISTINCT)
    assert list(proved.sql) == ["0002_add_order_token", "0003_backfill_order_token"]


def test_old_server() -> None:
    report = shop.plan('migrations.AddField("order", "size", models.IntegerField(null=True, default=1))', postgres=10)
    (deploy,) = report.plan.deploys
    assert [migration.name for migration in deploy.migrations] == ["0002_add_order_size", "0003_backfill_order_size"]
    assert "batch.filter(size__isnull=True).update(size=1)" in deploy.migrations[1].source
