"""Stored generated columns."""

import django
import pytest

from migsafe.testing import Scenario

pytestmark = pytest.mark.skipif(django.VERSION < (5, 0), reason="there is no GeneratedField")

shop = Scenario(
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("size", models.IntegerField()),
    ])"""
)
ADD = """migrations.AddField("order", "twice", models.GeneratedField(
    expression=F("size") * 2, output_field=models.IntegerField(), db_persist=True
))"""


@pytest.mark.parametrize("postgres", [16, 18])
def test_has_no_safe_way(postgres: int) -> None:
    report = shop.plan(ADD, postgres=postgres)
    (unsolved,) = report.plan.unsolved
    assert "an ordinary column that was filled before cannot become one" in unsolved.why
    assert ("db_persist=False" in unsolved.instead) is (postgres == 18 and django.VERSION >= (6, 0))
    assert report.plan.deploys[0].migrations[0].original


@pytest.mark.skipif(django.VERSION < (6, 0), reason="it cannot be virtual on PostgreSQL")
def test_virtual_one_is_safe() -> None:
    report = shop.plan(ADD.replace("db_persist=True", "db_persist=False"), postgres=18)
    assert report.plan.unsolved == ()
