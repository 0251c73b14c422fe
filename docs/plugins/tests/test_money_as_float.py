"""The rule, on migrations as a developer writes them."""

import pytest
from house_rules.money_as_float import rule

from migsafe.testing import Scenario

shop = Scenario('migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])')


def test_a_new_field() -> None:
    (finding,) = shop.check('migrations.AddField("order", "total_amount", models.FloatField(null=True))', rules=[rule])
    assert finding.message == (
        "Column total_amount of shop_order holds money in double precision, which cannot hold most amounts exactly"
    )


def test_a_new_model() -> None:
    item = (
        'migrations.CreateModel("Item", [("id", models.AutoField(primary_key=True)), ("price", models.FloatField())])'
    )
    (finding,) = shop.check(item, rules=[rule])
    assert (finding.code, finding.relation) == ("HOUSE101", "shop_item")


@pytest.mark.parametrize(
    "field",
    [
        '"total", models.DecimalField(max_digits=12, decimal_places=2, null=True)',
        '"weight", models.FloatField(null=True)',
        '"price_list", models.TextField(null=True)',
    ],
)
def test_what_is_no_money_or_exact_is_quiet(field: str) -> None:
    assert shop.check(f'migrations.AddField("order", {field})', rules=[rule]) == ()
