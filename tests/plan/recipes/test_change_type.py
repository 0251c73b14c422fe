"""Columns that get another type through a second one that takes their place."""

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
