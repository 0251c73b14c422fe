"""NOT NULL columns added while code of two releases inserts rows."""

import django
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
    INSERT INTO shop_order (email) SELECT n::text FROM generate_series(1, 1100) n
"""
NOTE = 'migrations.AddField("order", "note", models.CharField(max_length=20, default="new"))'
CODE = "import datetime\nimport uuid\nfrom django.utils import timezone"


def kinds(report: PlanReport) -> list[tuple[str, ...]]:
    return [deploy.kinds for deploy in report.plan.deploys]


def source(report: PlanReport) -> str:
    return "\n".join(migration.source for deploy in report.plan.deploys for migration in deploy.migrations)


def test_constant_default(postgres: Server) -> None:
    proved = prove(shop, NOTE, server=postgres, rows=ROWS)
    add = """ALTER TABLE "shop_order" ADD COLUMN "note" varchar(20) DEFAULT 'new' NOT NULL"""
    alter = 'ALTER TABLE "shop_order" ALTER COLUMN "note"'
    django_drops_it = (f"{alter} DROP DEFAULT", f"{alter} SET DEFAULT 'new'")
    assert proved.sql == {
        "0002_order_note_with_db_default": (add,) if django.VERSION >= (5, 0) else (add, *django_drops_it),
        "0003_order_note_without_db_default": (f"{alter} DROP DEFAULT",),
    }
    assert ("db_default=" in source(proved.report)) is (django.VERSION >= (5, 0))


@ends
def test_constant_default_by_way_of_null(postgres: Server) -> None:
    proved = prove(shop, NOTE, server=postgres, rows=ROWS, strategies=["nullable"])
    assert kinds(proved.report) == [("expand",), ("backfill",), ("contract",)]
    assert list(proved.sql) == ["0002_order_note_nullable", "0003_backfill_order_note", "0004_order_note_not_null"]
    assert 'batch.filter(note__isnull=True).update(note="new")' in proved.plan.deploys[1].migrations[0].source
    checks = [step.sql for step in proved.plan.deploys[1].steps if isinstance(step, Check)]
    assert checks == [None, 'SELECT count(*) FROM "shop_order" WHERE "note" IS NULL']


FIELDS = [
    'models.CharField(max_length=9, default="x"), preserve_default=False',
    'models.CharField(max_length=9, default="x", db_index=True)',
    "models.PositiveIntegerField(default=7)",
    'models.ForeignKey("shop.Customer", models.CASCADE, default=2)',
    'models.ForeignKey("shop.Customer", models.CASCADE, default=2), preserve_default=False',
    "models.JSONField(default=dict)",
    "models.CharField(max_length=9, blank=True)",
    "models.DateTimeField(default=datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)), preserve_default=False",
    "models.DateTimeField(auto_now_add=True, default=datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)),"
    " preserve_default=False",
    'models.DecimalField(max_digits=9, decimal_places=2, default=0, db_column="The Price")',
]


@pytest.mark.parametrize(
    ("field", "strategy"),
    [
        pytest.param(field, strategy, marks=[pytest.mark.slow] * (number % 2 != (strategy == "nullable")))
        for number, field in enumerate(FIELDS)
        for strategy in ("db_default", "nullable")
    ],
)
def test_same_for_all_rows(field: str, strategy: str, postgres: Server) -> None:
    add = f'migrations.AddField("order", "new", {field})'
    proved = prove(shop, add, server=postgres, rows=ROWS, code=CODE, strategies=[strategy])
    assert len(kinds(proved.report)) == {"db_default": 2, "nullable": 3}[strategy]


@pytest.mark.parametrize("strategy", ["db_default", "nullable"])
def test_another_value_for_each_row(strategy: str, postgres: Server) -> None:
    add = 'migrations.AddField("order", "token", models.UUIDField(default=uuid.uuid4))'
    results = {"SELECT count(DISTINCT token) FROM shop_order": 1100}
    prove(
        shop, add, server=postgres, rows=ROWS, code=CODE, keeps=["shop_order"], strategies=[strategy], results=results
    )


def test_function_of_the_team(postgres: Server) -> None:
    tickets = "import itertools\nnumbers = itertools.count()\ndef ticket():\n    return f'T-{next(numbers)}'"
    scenario = Scenario(*shop.before, files={"shop/tickets.py": tickets})
    code = "from shop.tickets import ticket"
    add = 'migrations.AddField("order", "ticket", models.CharField(max_length=20, default=ticket, unique=True))'
    one = "INSERT INTO shop_order (email) SELECT n::text FROM generate_series(1, 1) n"
    proved = prove(scenario, add, server=postgres, rows=one, code=code, keeps=["shop_order"])
    assert kinds(proved.report) == [("expand",), ("backfill",), ("contract",)]
    assert [strategy.name for strategy in proved.plan.strategies] == ["nullable"]
    assert 'Order(pk=key, ticket=Order._meta.get_field("ticket").get_default())' in source(proved.report)


@pytest.mark.parametrize("default", ["default=timezone.now", "auto_now_add=True, default=timezone.now"])
def test_present_time(default: str, postgres: Server) -> None:
    one_off = ", preserve_default=False" if "auto" in default else ""
    add = f'migrations.AddField("order", "made", models.DateTimeField({default}){one_off})'
    for strategy in ("db_default", "nullable"):
        results = {"SELECT count(DISTINCT made) FROM shop_order": 1}
        proved = prove(
            shop,
            add,
            server=postgres,
            rows=ROWS,
            code=CODE,
            keeps=["shop_order"],
            strategies=[strategy],
            results=results,
        )
    assert "SET DEFAULT now()" in source(shop.plan(add, code=CODE))
    assert "timezone.now()" in source(proved.report) or "get_default()" in source(proved.report)


def test_several_columns_share_deploys() -> None:
    report = shop.plan(NOTE, NOTE.replace('"note"', '"more"'))
    assert [[migration.name for migration in deploy.migrations] for deploy in report.plan.deploys] == [
        ["0002_order_note_with_db_default", "0003_order_more_with_db_default"],
        ["0004_order_note_without_db_default", "0005_order_more_without_db_default"],
    ]


def test_no_value() -> None:
    (unsolved,) = shop.plan('migrations.AddField("order", "size", models.IntegerField())').plan.unsolved
    assert (
        unsolved.why
        == "there is nothing to give to the rows that exist: the migration fails as soon as the table has one"
    )


@pytest.mark.parametrize("more", ["", ", null=True"])
def test_same_value_in_a_unique_column(more: str) -> None:
    report = shop.plan(f'migrations.AddField("order", "size", models.IntegerField(default=1, unique=True{more}))')
    (unsolved,) = report.plan.unsolved
    assert unsolved.why.startswith("the column is unique, and all rows that exist get the same value")
    assert len(report.plan.deploys) == 1


def test_old_servers() -> None:
    report = shop.plan(NOTE, postgres=11)
    assert report.plan.unsolved == ()
    assert [strategy.name for strategy in report.plan.strategies] == ["db_default"]
    (unsolved,) = shop.plan(NOTE, postgres=10).plan.unsolved
    assert unsolved.why.startswith("before PostgreSQL 12 SET NOT NULL reads the whole table")
