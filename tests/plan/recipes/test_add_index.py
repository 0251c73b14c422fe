"""Indexes built while everybody reads and writes."""

from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.plan.proving import prove

shop = Scenario(
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("email", models.CharField(max_length=100)),
        ("total", models.IntegerField(null=True)),
    ])"""
)


def test_plain(postgres: Server) -> None:
    proved = prove(
        shop, 'migrations.AddIndex("order", models.Index(fields=["email"], name="order_email_idx"))', server=postgres
    )
    assert proved.sql == {
        "0002_order_email_idx": (
            'DROP INDEX CONCURRENTLY IF EXISTS "order_email_idx"',
            'CREATE INDEX CONCURRENTLY "order_email_idx" ON "shop_order" ("email")',
        )
    }
