"""Tables that refer to a hot one."""

import pytest

from migsafe.report.plan import effect
from migsafe.testing import Scenario

shop = Scenario(
    'migrations.CreateModel("Customer", [("id", models.BigAutoField(primary_key=True))])',
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])',
)
HOT = {"shop_customer": {"hot": True}}


LINE = """migrations.CreateModel("Line", [
    ("id", models.BigAutoField(primary_key=True)),
    ("buyer", models.ForeignKey("shop.Customer", models.CASCADE)),
    ("order", models.ForeignKey("shop.Order", models.CASCADE, db_column="Order")),
])"""
BUYERS = 'migrations.AddField("order", "buyers", models.ManyToManyField("shop.Customer"))'
FOLLOWS = 'migrations.AddField("customer", "follows", models.ManyToManyField("self"))'


@pytest.mark.parametrize("operation", [BUYERS, LINE])
def test_foreign_keys_one_by_one(operation: str) -> None:
    report = shop.plan(operation, tables=HOT)
    assert [finding.code for finding in report.findings] == ["MS306"]
    (deploy,) = report.plan.deploys
    made, *keys = deploy.migrations
    assert effect(made, {}) == "new tables alone"
    assert len(keys) == 4
    for added, validated in zip(keys[::2], keys[1::2], strict=True):
        assert added.statements[0].sql == "SET LOCAL lock_timeout = '250ms'"
        assert "NOT VALID" in added.statements[1].sql
        assert "VALIDATE" in validated.statements[0].sql
    assert (report.plan.unsolved, report.remaining) == ((), ())


def test_one_table_alone_is_waited_for() -> None:
    report = shop.plan(FOLLOWS, tables=HOT)
    (deploy,) = report.plan.deploys
    (migration,) = deploy.migrations
    assert migration.name == "0002_customer_follows_with_lock_timeout"
    assert migration.statements[0].sql == "SET LOCAL lock_timeout = '2s'"
    assert effect(migration, {}) == "metadata only, SHARE ROW EXCLUSIVE on shop_customer for a moment"
    assert (report.plan.unsolved, report.remaining) == ((), ())


def test_others_stay_as_they_are() -> None:
    report = shop.plan(BUYERS)
    assert report.plan.deploys[0].migrations[0].original
