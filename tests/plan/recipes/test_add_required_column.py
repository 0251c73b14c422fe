"""NOT NULL columns added while code of two releases inserts rows."""

from migsafe.planning import Check, PlanReport
from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.plan.proving import prove

shop = Scenario(
    """migrations.CreateModel("Customer", [("id", models.BigAutoField(primary_key=True))])""",
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("email", models.CharField(max_length=100)),
    ])""",
)
ROWS = """
    INSERT INTO shop_customer SELECT FROM generate_series(1, 3);
    INSERT INTO shop_order (email) SELECT n::text FROM generate_series(1, 2500) n
"""
NOTE = 'migrations.AddField("order", "note", models.CharField(max_length=20, default="new"))'


def kinds(report: PlanReport) -> list[tuple[str, ...]]:
    return [deploy.kinds for deploy in report.plan.deploys]


def test_constant_default(postgres: Server) -> None:
    proved = prove(shop, NOTE, server=postgres, rows=ROWS)
    assert proved.sql == {
        "0002_change": ("""ALTER TABLE "shop_order" ADD COLUMN "note" varchar(20) DEFAULT 'new' NOT NULL""",),
        "0003_order_note_without_db_default": ('ALTER TABLE "shop_order" ALTER COLUMN "note" DROP DEFAULT',),
    }


def test_constant_default_by_way_of_null(postgres: Server) -> None:
    proved = prove(shop, NOTE, server=postgres, rows=ROWS, strategies=["nullable"])
    assert kinds(proved.report) == [("expand",), ("backfill",), ("contract",)]
    assert list(proved.sql) == ["0002_order_note_nullable", "0003_backfill_order_note", "0004_order_note_not_null"]
    assert 'batch.filter(note=None).update(note="new")' in proved.plan.deploys[1].migrations[0].source
    checks = [step.sql for step in proved.plan.deploys[1].steps if isinstance(step, Check)]
    assert checks == [None, 'SELECT count(*) FROM "shop_order" WHERE "note" IS NULL']
