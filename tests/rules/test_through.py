"""MS416: a many-to-many field whose through model changes."""

import pytest

from migsafe.model import Severity
from migsafe.testing import Scenario

TAG = 'migrations.CreateModel("Tag", [("id", models.BigAutoField(primary_key=True))])'
ORDER = """migrations.CreateModel("Order", [
    ("id", models.BigAutoField(primary_key=True)),
    ("tags", models.ManyToManyField("shop.Tag")),
])"""
TAGGED = """migrations.CreateModel("Tagged", [
    ("id", models.BigAutoField(primary_key=True)),
    ("order", models.ForeignKey("shop.Order", models.CASCADE)),
    ("tag", models.ForeignKey("shop.Tag", models.CASCADE)),
]{})"""
FIELD = 'models.ManyToManyField("shop.Tag", through="shop.Tagged")'
EXCHANGE = f'migrations.AlterField("order", "tags", {FIELD})'
SAME_TABLE = TAGGED.format(', options={"db_table": "shop_order_tags"}')
OTHER = FIELD.replace(")", ', related_name="marked")')

shop = Scenario(TAG, ORDER)


def codes(*operations: str) -> list[str]:
    return [finding.code for finding in shop.check(*operations) if finding.code == "MS416"]


def test_django_refuses_to_exchange_the_table() -> None:
    found = shop.check(TAGGED.format(""), EXCHANGE)
    (finding,) = (each for each in found if each.code == "MS416")
    assert finding.severity is Severity.ERROR
    assert finding.message == (
        "Django refuses to exchange table shop_order_tags of a many-to-many field for another one: migrate fails"
    )
    assert 'db_table = "shop_order_tags"' in finding.fix


def test_removed_and_added_it_loses_its_rows() -> None:
    found = shop.check(
        'migrations.RemoveField("order", "tags")', TAGGED.format(""), f'migrations.AddField("order", "tags", {FIELD})'
    )
    (finding,) = (each for each in found if each.code == "MS416")
    assert finding.message == ("Adding the field again after removing it drops table shop_order_tags with all its rows")


@pytest.mark.parametrize(
    "operations",
    [
        [f"migrations.SeparateDatabaseAndState(state_operations=[{SAME_TABLE}, {EXCHANGE}])"],
        ['migrations.AlterField("order", "tags", models.ManyToManyField("shop.Tag", help_text="in lists"))'],
        ['migrations.RemoveField("order", "tags")'],
        [TAGGED.format(""), f'migrations.AddField("order", "marks", {OTHER})'],
    ],
    ids=["the same table", "other words", "removed", "another field"],
)
def test_quiet(operations: list[str]) -> None:
    assert codes(*operations) == []
