"""Fields that refer to another model, foreign keys that go, columns that are called otherwise, and an order."""

from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.plan.proving import prove

shop = Scenario(
    """migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])""",
    """migrations.CreateModel("Purchase", [("id", models.BigAutoField(primary_key=True))])""",
    """migrations.CreateModel("Line", [
        ("id", models.BigAutoField(primary_key=True)),
        ("order", models.ForeignKey("shop.Order", models.CASCADE)),
        ("number", models.IntegerField(db_index=True)),
    ])""",
)
ROWS = """
INSERT INTO shop_order DEFAULT VALUES;
INSERT INTO shop_purchase DEFAULT VALUES;
INSERT INTO shop_line (order_id, number) SELECT 1, n FROM generate_series(1, 1200) n;
"""


def test_other_target(postgres: Server) -> None:
    change = 'migrations.AlterField("line", "order", models.ForeignKey("shop.Purchase", models.CASCADE))'
    proved = prove(shop, change, server=postgres, rows=ROWS)
    first, second = proved.plan.deploys
    assert "order_id" in (first.checks[-1].sql or "")
    assert len(second.migrations) == 2


def test_no_constraint_any_more(postgres: Server) -> None:
    field = 'models.ForeignKey("shop.Order", models.CASCADE, db_constraint=False)'
    proved = prove(shop, f'migrations.AlterField("line", "order", {field})', server=postgres, rows=ROWS)
    assert len(proved.plan.deploys) == 1


def test_what_django_does_is_not_needed_where_nothing_changes() -> None:
    report = shop.plan('migrations.AlterField("line", "order", models.ForeignKey("shop.Order", models.PROTECT))')
    assert report.plan.is_safe


def test_a_foreign_key_stays_where_a_column_may_be_null(postgres: Server) -> None:
    """Django takes it off and on again, for which all rows are read."""
    field = 'models.ForeignKey("shop.Order", models.CASCADE, null=True)'
    proved = prove(shop, f'migrations.AlterField("line", "order", {field})', server=postgres, rows=ROWS)
    assert len(proved.plan.deploys) == 1
    assert not any("CONSTRAINT" in sql for each in proved.sql.values() for sql in each)


def test_other_name_of_the_column(postgres: Server) -> None:
    field = 'models.IntegerField(db_index=True, db_column="No.")'
    proved = prove(shop, f'migrations.AlterField("line", "number", {field})', server=postgres, rows=ROWS)
    assert len(proved.plan.deploys) == 3


def test_number_does_not_become_a_foreign_key_under_code_that_writes_numbers() -> None:
    field = 'models.ForeignKey("shop.Order", models.CASCADE)'
    (unsolved,) = shop.plan(f'migrations.AlterField("line", "number", {field})').plan.unsolved
    assert "a FOREIGN KEY constraint to shop_order as well" in unsolved.why


def test_order_with_respect_to(postgres: Server) -> None:
    proved = prove(shop, 'migrations.AlterOrderWithRespectTo("line", "order")', server=postgres, rows=ROWS)
    assert len(proved.plan.deploys) == 2
