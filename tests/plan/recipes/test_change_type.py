"""Columns that get another type through a second one that takes their place."""

import pytest

from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.plan.proving import prove

shop = Scenario(
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("email", models.CharField(max_length=100, unique=True)),
        ("total", models.IntegerField(db_index=True)),
        ("count", models.PositiveIntegerField(null=True)),
    ], options={"indexes": [
        models.Index(fields=["total", "-count"], name="order_total_count"),
        models.Index(fields=["email"], condition=Q(total__gt=5), name="order_dear"),
    ]})"""
)
ROWS = (
    "INSERT INTO shop_order (email, total, count) SELECT 'e' || n, n, nullif(n % 5, 0) FROM generate_series(1, 2500) n"
)


def test_integer_to_bigint(postgres: Server) -> None:
    change = 'migrations.AlterField("order", "total", models.BigIntegerField(db_index=True))'
    proved = prove(shop, change, server=postgres, rows=ROWS)
    assert [deploy.kinds for deploy in proved.plan.deploys] == [("expand",), ("contract",), ("contract",)]
    assert not any('ALTER COLUMN "total" TYPE' in sql for each in proved.sql.values() for sql in each)


def test_with_check_and_nulls(postgres: Server) -> None:
    prove(
        shop,
        'migrations.AlterField("order", "count", models.PositiveBigIntegerField(null=True))',
        server=postgres,
        rows=ROWS,
    )


old = Scenario(
    """migrations.CreateModel("Tag", [("id", models.AutoField(primary_key=True))])""",
    """migrations.CreateModel("Order", [
        ("id", models.AutoField(primary_key=True)),
        ("code", models.CharField(max_length=100)),
        ("parent", models.ForeignKey("self", models.CASCADE, null=True)),
        ("tags", models.ManyToManyField("shop.Tag")),
    ])""",
    """migrations.CreateModel("Line", [
        ("id", models.AutoField(primary_key=True)),
        ("order", models.ForeignKey("shop.Order", models.CASCADE)),
        ("number", models.IntegerField()),
    ], options={"unique_together": {("order", "number")}})""",
    """migrations.CreateModel("Gift", [
        ("order_ptr", models.OneToOneField("shop.Order", models.CASCADE, parent_link=True, primary_key=True)),
        ("card", models.CharField(max_length=10)),
    ], bases=("shop.order",))""",
    """migrations.CreateModel("Wrap", [
        ("id", models.AutoField(primary_key=True)),
        ("gift", models.ForeignKey("shop.Gift", models.CASCADE)),
    ])""",
)
OLD_ROWS = """
INSERT INTO shop_tag DEFAULT VALUES;
INSERT INTO shop_order (code, parent_id) SELECT 'o' || n, nullif(n / 2, 0) FROM generate_series(1, 1200) n;
INSERT INTO shop_order_tags (order_id, tag_id) SELECT n, 1 FROM generate_series(1, 1200) n;
INSERT INTO shop_line (order_id, number) SELECT n, n FROM generate_series(1, 1200) n;
INSERT INTO shop_gift (order_ptr_id, card) SELECT n, 'x' FROM generate_series(1, 600) n;
INSERT INTO shop_wrap (gift_id) SELECT n FROM generate_series(1, 600) n;
"""


@pytest.mark.slow
def test_automatic_primary_key(postgres: Server) -> None:
    change = 'migrations.AlterField("order", "id", models.BigAutoField(primary_key=True))'
    proved = prove(old, change, server=postgres, rows=OLD_ROWS)
    assert len(proved.plan.deploys) == 3
