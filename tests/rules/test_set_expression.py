import pytest

from tests.rules.harness import Migrations, Op, codes

GROSS = 'ALTER TABLE "order" ADD COLUMN gross numeric GENERATED ALWAYS AS (total * 1.2)'
SET = 'ALTER TABLE "order" ALTER COLUMN gross SET EXPRESSION AS (total * 1.19)'


@pytest.fixture
def shop(shop: Migrations) -> Migrations:
    shop.postgres = 18
    return shop


def test_rewrite(shop: Migrations) -> None:
    shop.check(Op("RunSQL", f"{GROSS} STORED"))
    (finding,) = shop.check(Op("RunSQL", SET), name="0003_rate")
    assert finding.code == "MS108"
    assert finding.message == "SET EXPRESSION on gross rewrites order under ACCESS EXCLUSIVE"
    assert 'ADD COLUMN "gross_new" numeric' in finding.fix


def test_a_virtual_column_that_may_not_be_null_is_checked(shop: Migrations) -> None:
    shop.check(Op("RunSQL", f"{GROSS} VIRTUAL NOT NULL"))
    (finding,) = shop.check(Op("RunSQL", SET), name="0003_rate")
    assert finding.message == "SET EXPRESSION on gross reads all of order under ACCESS EXCLUSIVE"


def test_quiet_if_nothing_is_stored(shop: Migrations) -> None:
    shop.check(Op("RunSQL", f"{GROSS} VIRTUAL"))
    assert shop.check(Op("RunSQL", SET), name="0003_rate") == ()


def test_quiet_on_a_new_table(shop: Migrations) -> None:
    assert codes(shop.check(Op("RunSQL", f"{GROSS} STORED; {SET}"))) == ["MS105", "MS108"]
    new = (
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a) STORED); ALTER TABLE t ALTER b SET EXPRESSION AS (a * 2)"
    )
    assert shop.check(Op("RunSQL", new), name="0003_new") == ()
