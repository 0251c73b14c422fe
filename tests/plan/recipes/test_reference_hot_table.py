"""Tables that refer to a hot one."""

import pytest

from migsafe.testing import Scenario

shop = Scenario(
    'migrations.CreateModel("Customer", [("id", models.BigAutoField(primary_key=True))])',
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])',
)
HOT = {"shop_customer": {"hot": True}}


@pytest.mark.parametrize(
    "operation",
    [
        'migrations.AddField("order", "buyers", models.ManyToManyField("shop.Customer"))',
        """migrations.CreateModel("Line", [
            ("id", models.BigAutoField(primary_key=True)),
            ("buyer", models.ForeignKey("shop.Customer", models.CASCADE)),
        ])""",
    ],
)
def test_gives_up_soon(operation: str) -> None:
    report = shop.plan(operation, tables=HOT)
    assert [finding.code for finding in report.findings] == ["MS306"]
    (deploy,) = report.plan.deploys
    (migration,) = deploy.migrations
    assert migration.statements[0].sql == "SET LOCAL lock_timeout = '2s'"
    assert (report.plan.unsolved, report.remaining) == ((), ())


def test_others_stay_as_they_are() -> None:
    report = shop.plan('migrations.AddField("order", "buyers", models.ManyToManyField("shop.Customer"))')
    assert report.plan.deploys[0].migrations[0].original
