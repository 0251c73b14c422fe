"""Nullable columns made NOT NULL."""

import django
import pytest

from migsafe.planning import ChangeCode, Check
from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.conftest import ends
from tests.plan.proving import prove

shop = Scenario(
    'migrations.CreateModel("Customer", [("id", models.BigAutoField(primary_key=True))])',
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("note", models.CharField(max_length=100, null=True)),
        ("size", models.IntegerField(null=True)),
        ("more", models.JSONField(null=True, default=dict)),
        ("buyer", models.ForeignKey("shop.Customer", models.CASCADE, null=True)),
    ])""",
)
ROWS = """
    INSERT INTO shop_customer (id) SELECT n FROM generate_series(1, 3) n;
    INSERT INTO shop_order (note, size, buyer_id)
    SELECT CASE WHEN n % 2 = 0 THEN 'x' END, nullif(n % 3, 0), nullif(n % 4, 0) FROM generate_series(1, 1500) n
"""

has_db_default = pytest.mark.skipif(django.VERSION < (5, 0), reason="there is no db_default")


@ends
def test_default(postgres: Server) -> None:
    alter = 'migrations.AlterField("order", "note", models.CharField(max_length=100, default="none"))'
    proved = prove(shop, alter, server=postgres, rows=ROWS)
    assert list(proved.sql) == ["0002_order_note_default", "0003_backfill_order_note", "0004_order_note_not_null"]
    code = next(step for step in proved.plan.deploys[0].steps if isinstance(step, ChangeCode))
    assert (code.must, code.must_not) == (
        "give note a value on every order that it writes",
        "set note to NULL any more",
    )


@pytest.mark.parametrize(
    "alter",
    [
        '"note", models.CharField(max_length=100, default="none"), preserve_default=False',
        pytest.param('"size", models.IntegerField(db_default=7)', marks=has_db_default),
        '"buyer", models.ForeignKey("shop.Customer", models.CASCADE, default=2)',
        pytest.param('"size", models.IntegerField(default=7, help_text="of shoes")', marks=pytest.mark.slow),
        '"more", models.JSONField(default=dict)',
    ],
)
def test_fills(alter: str, postgres: Server) -> None:
    proved = prove(shop, f'migrations.AlterField("order", {alter})', server=postgres, rows=ROWS)
    assert [deploy.kinds for deploy in proved.plan.deploys] == [("expand",), ("backfill",), ("contract",)]


@pytest.mark.parametrize(
    ("alter", "column"),
    [
        ('"note", models.CharField(max_length=100)', "note"),
        ('"buyer", models.ForeignKey("shop.Customer", models.CASCADE)', "buyer_id"),
    ],
)
def test_nothing_to_fill_with(alter: str, column: str, postgres: Server) -> None:
    rows = "INSERT INTO shop_customer DEFAULT VALUES; INSERT INTO shop_order (note, buyer_id) VALUES ('x', 1)"
    proved = prove(shop, f'migrations.AlterField("order", {alter})', server=postgres, rows=rows)
    first, last = proved.plan.deploys
    assert [step.sql for step in first.steps if isinstance(step, Check)] == [
        None,
        f'SELECT count(*) FROM "shop_order" WHERE "{column}" IS NULL',
    ]
    assert first.migrations == ()
    assert len(last.migrations) == 1


def test_other_changes_too() -> None:
    report = shop.plan('migrations.AlterField("order", "size", models.IntegerField(db_index=True))')
    (unsolved,) = report.plan.unsolved
    assert unsolved.why == "the field changes in other ways as well, and each has its own way"


@pytest.mark.parametrize(
    "fill",
    [
        'migrations.RunSQL("UPDATE shop_order SET size = 1 WHERE size IS NULL", migrations.RunSQL.noop)',
        "migrations.RunPython(fill, migrations.RunPython.noop)",
    ],
)
def test_rows_that_the_author_fills(fill: str) -> None:
    """Not before every process gives new rows a value; and only then it is asked whether there are rows without one."""
    code = (
        'def fill(apps, schema_editor):\n    apps.get_model("shop", "Order").objects.filter(size=None).update(size=1)\n'
    )
    alter = 'migrations.AlterField("order", "size", models.IntegerField())'
    deploys = shop.plan(fill, alter, code=code).plan.deploys
    assert [deploy.kinds for deploy in deploys] == [("expand",), ("backfill",), ("contract",)]
    assert [len(deploy.migrations) for deploy in deploys] == [0, 1, 1]
    assert any(isinstance(step, ChangeCode) and step.must for step in deploys[0].steps)
    assert [check.what for check in deploys[1].checks if check.sql] == ["no row of shop_order is without size"]
