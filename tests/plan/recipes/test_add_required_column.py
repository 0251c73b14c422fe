"""NOT NULL columns added while code of two releases inserts rows."""

import pytest

from migsafe.planning import Check, PlanReport
from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.conftest import ends
from tests.plan.proving import prove

shop = Scenario(
    """migrations.CreateModel("Customer", [("id", models.BigAutoField(primary_key=True))])""",
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("email", models.CharField(max_length=100)),
    ])""",
)
ROWS = """
    INSERT INTO shop_customer (id) SELECT n FROM generate_series(1, 3) n;
    INSERT INTO shop_order (email) SELECT n::text FROM generate_series(1, 2500) n
"""
NOTE = 'migrations.AddField("order", "note", models.CharField(max_length=20, default="new"))'
CODE = "import datetime\nimport uuid\nfrom django.utils import timezone"


def kinds(report: PlanReport) -> list[tuple[str, ...]]:
    return [deploy.kinds for deploy in report.plan.deploys]


def source(report: PlanReport) -> str:
    return "\n".join(migration.source for deploy in report.plan.deploys for migration in deploy.migrations)


def test_constant_default(postgres: Server) -> None:
    proved = prove(shop, NOTE, server=postgres, rows=ROWS)
    assert proved.sql == {
        "0002_change": ("""ALTER TABLE "shop_order" ADD COLUMN "note" varchar(20) DEFAULT 'new' NOT NULL""",),
        "0003_order_note_without_db_default": ('ALTER TABLE "shop_order" ALTER COLUMN "note" DROP DEFAULT',),
    }


@ends
def test_constant_default_by_way_of_null(postgres: Server) -> None:
    proved = prove(shop, NOTE, server=postgres, rows=ROWS, strategies=["nullable"])
    assert kinds(proved.report) == [("expand",), ("backfill",), ("contract",)]
    assert list(proved.sql) == ["0002_order_note_nullable", "0003_backfill_order_note", "0004_order_note_not_null"]
    assert 'batch.filter(note=None).update(note="new")' in proved.plan.deploys[1].migrations[0].source
    checks = [step.sql for step in proved.plan.deploys[1].steps if isinstance(step, Check)]
    assert checks == [None, 'SELECT count(*) FROM "shop_order" WHERE "note" IS NULL']


@pytest.mark.parametrize("strategy", ["db_default", "nullable"])
@pytest.mark.parametrize(
    "field",
    [
        'models.CharField(max_length=9, default="x"), preserve_default=False',
        'models.CharField(max_length=9, default="x", db_index=True)',
        "models.PositiveIntegerField(default=7)",
        'models.ForeignKey("shop.Customer", models.CASCADE, default=2)',
        'models.ForeignKey("shop.Customer", models.CASCADE, default=2), preserve_default=False',
        "models.JSONField(default=dict)",
        "models.CharField(max_length=9, blank=True)",
        "models.DateTimeField(default=datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)),"
        " preserve_default=False",
        'models.DecimalField(max_digits=9, decimal_places=2, default=0, db_column="The Price")',
    ],
)
def test_same_for_all_rows(field: str, strategy: str, postgres: Server) -> None:
    add = f'migrations.AddField("order", "new", {field})'
    proved = prove(shop, add, server=postgres, rows=ROWS, code=CODE, strategies=[strategy])
    assert len(kinds(proved.report)) == {"db_default": 2, "nullable": 3}[strategy]
