"""Operations that are dangerous only because of each other get migrations of their own."""

import pytest

from migsafe.planning import PlanReport
from migsafe.sandbox.server import Server
from migsafe.testing import Migration, Scenario
from tests.plan.proving import prove

shop = Scenario(
    """migrations.CreateModel("Customer", [("id", models.BigAutoField(primary_key=True))])""",
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("customer", models.ForeignKey("shop.Customer", models.CASCADE)),
        ("note", models.CharField(max_length=10, null=True)),
    ])""",
)
ROWS = """
    INSERT INTO shop_customer SELECT FROM generate_series(1, 20);
    INSERT INTO shop_order (customer_id, note) SELECT n, n FROM generate_series(1, 20) n
"""
PAID = 'migrations.AddField("order", "paid", models.BooleanField(null=True))'
FILL = """
def fill(apps, schema_editor):
    apps.get_model("shop", "Order").objects.filter(note="5").update(customer=1)
"""
RUN = "migrations.RunPython(fill, migrations.RunPython.noop)"
UPDATE = 'migrations.RunSQL("UPDATE shop_order SET customer_id = 1 WHERE id = 7", migrations.RunSQL.noop)'


def migrations(report: PlanReport) -> list[int]:
    return [len(deploy.migrations) for deploy in report.plan.deploys]


@pytest.mark.parametrize(("rows", "code"), [(RUN, FILL), (UPDATE, "")])
def test_rows_before_the_schema(rows: str, code: str, postgres: Server) -> None:
    """What is refused with rows in the table (pending trigger events) goes through in two migrations."""
    report = shop.plan(rows, PAID, code=code)
    assert "MS505" in {finding.code for finding in report.findings}
    assert migrations(report) == [2]
    sources = [step.source for step in report.plan.deploys[0].migrations]
    assert ["AddField" in source for source in sources] == [False, True]
    harmless = ROWS.replace("SELECT n, n FROM", "SELECT 1, n FROM").replace("20) n", "4) n")
    prove(shop, rows, PAID, code=code, server=postgres, rows=harmless)


def test_rows_after_the_schema(postgres: Server) -> None:
    proved = prove(shop, PAID, RUN, code=FILL, server=postgres, rows=ROWS)
    assert migrations(proved.report) == [1, 1]


def test_what_cannot_be_run_again_after_a_failure() -> None:
    both = [
        f'migrations.RunSQL("ALTER TABLE shop_{table} ADD y integer", "ALTER TABLE shop_{table} DROP y")'
        for table in ("order", "customer")
    ]
    report = shop.plan(Migration(*both, atomic=False))
    assert [finding.code for finding in report.findings if finding.code == "MS604"] == ["MS604"]
    assert migrations(report) == [2]


def test_rows_of_a_table_that_the_same_migration_renames() -> None:
    """Alone, the code is dangerous in another way than behind the lock of the rename."""
    touch = FILL.replace('.filter(note="5").update(customer=1)', '.update(note="x")')
    report = shop.plan('migrations.AlterModelTable("order", "purchases")', RUN, code=touch)
    assert "MS502" not in {finding.code for finding in report.findings}
    assert (report.plan.unsolved, len(report.plan.deploys)) == ((), 2)
