"""Rows filled in batches, whatever their primary key is."""

import django
import pytest

from migsafe.sandbox.server import Server
from migsafe.testing import Migration, Scenario
from tests.plan.proving import prove

SAME = "models.FloatField(default=7)"
BY_ROW = "models.FloatField(default=random.random)"
NOTE = '("note", models.FloatField(null=True))'


def shop(*fields: str, options: str = "") -> str:
    return f'migrations.CreateModel("Order", [{", ".join(fields)}]{options})'


def alter(field: str) -> str:
    return f'migrations.AlterField("order", "note", {field})'


KEYS = {
    "uuid": (('("id", models.UUIDField(primary_key=True))',), "SELECT md5(n::text)::uuid"),
    "text": (('("Code", models.CharField(max_length=40, primary_key=True))',), "SELECT 'order ' || n"),
    "composite": (
        (
            '("shop", models.IntegerField())',
            '("number", models.IntegerField())',
            '("pk", models.CompositePrimaryKey("shop", "number"))',
        ),
        "SELECT n % 7, n",
    ),
}


@pytest.mark.parametrize(
    ("key", "field"),
    [
        *((key, SAME) for key in KEYS),
        ("uuid", BY_ROW),
        pytest.param("text", BY_ROW, marks=pytest.mark.slow),
        pytest.param("composite", BY_ROW, marks=pytest.mark.slow),
    ],
)
def test_primary_keys(key: str, field: str, postgres: Server) -> None:
    if key == "composite" and django.VERSION < (5, 2):
        pytest.skip("there are no composite primary keys")
    fields, select = KEYS[key]
    prove(
        Scenario(shop(*fields, NOTE)),
        alter(field),
        server=postgres,
        code="import random",
        rows=f"INSERT INTO shop_order {select} FROM generate_series(1, 1100) n",
        keeps=["shop_order"] if field == BY_ROW else [],
        results={"SELECT count(DISTINCT note) FROM shop_order": 1100} if field == BY_ROW else {},
    )


def test_manager_that_hides_rows(postgres: Server) -> None:
    managers = """
        from django.db import models


        class Visible(models.Manager):
            use_in_migrations = True

            def get_queryset(self):
                return super().get_queryset().filter(hidden=False)
    """
    key, hidden = '("id", models.BigAutoField(primary_key=True))', '("hidden", models.BooleanField())'
    order = shop(key, hidden, NOTE, options=', managers=[("objects", Visible())]')
    scenario = Scenario(
        Migration(order, code="from shop.managers import Visible"), files={"shop/managers.py": managers}
    )
    rows = "INSERT INTO shop_order (hidden) SELECT n % 2 = 0 FROM generate_series(1, 10) n"
    prove(scenario, alter(SAME), server=postgres, rows=rows)


@pytest.mark.parametrize("field", [SAME, BY_ROW])
def test_table_of_a_parent(field: str, postgres: Server) -> None:
    child = f"""migrations.CreateModel("Special", [
        ("order_ptr", models.OneToOneField("shop.Order", models.CASCADE, parent_link=True, primary_key=True)),
        {NOTE},
    ], bases=("shop.order",))"""
    rows = """
        INSERT INTO shop_order (id) SELECT n FROM generate_series(1, 1100) n;
        INSERT INTO shop_special (order_ptr_id) SELECT id FROM shop_order
    """
    prove(
        Scenario(shop('("id", models.BigAutoField(primary_key=True))'), child),
        f'migrations.AlterField("special", "note", {field})',
        server=postgres,
        code="import random",
        rows=rows,
        keeps=["shop_special"] if field == BY_ROW else [],
        results={"SELECT count(DISTINCT note) FROM shop_special": 1 if field == SAME else 1100},
    )
