"""SQL of the author, carried out statement by statement, each in its safe form."""

import pytest

from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.plan.proving import prove

shop = Scenario(
    """migrations.CreateModel("Customer", [("id", models.BigAutoField(primary_key=True))])""",
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("email", models.CharField(max_length=10, blank=True)),
        ("number", models.BigIntegerField(null=True)),
        ("fee", models.DecimalField(max_digits=12, decimal_places=2, default=0)),
        ("amount", models.DecimalField(max_digits=10, decimal_places=2)),
    ])""",
    "migrations.RunSQL('CREATE INDEX old_idx ON shop_order (email)', 'DROP INDEX old_idx')",
    "migrations.RunSQL('CREATE MATERIALIZED VIEW totals AS SELECT 1 AS id', 'DROP MATERIALIZED VIEW totals')",
)
ROWS = """
    INSERT INTO shop_customer SELECT FROM generate_series(1, 2500);
    INSERT INTO shop_order (email, number, fee, amount) SELECT n % 3, n, 0, n FROM generate_series(1, 2500) n
"""


def sql(*statements: str, reverse: str = "", state: str = "") -> str:
    listed = f"state_operations=[{state}]" if state else ""
    return f"migrations.RunSQL({list(statements)!r}, {reverse!r} or migrations.RunSQL.noop, {listed})"


def test_type_default_and_rows_in_one_text(postgres: Server) -> None:
    """As payments.0022 of the shop: each part by its own way, Django's state with the part that it is about."""
    change = sql(
        "ALTER TABLE shop_order ALTER COLUMN amount TYPE numeric(14, 4), ALTER COLUMN email SET DEFAULT '';"
        " UPDATE shop_order SET fee = round(amount * 0.014, 2) WHERE email = '1' OR email = '2' AND fee = 0",
        state='migrations.AlterField("order", "amount", models.DecimalField(max_digits=14, decimal_places=4))',
        reverse="ALTER TABLE shop_order ALTER COLUMN email DROP DEFAULT, ALTER COLUMN amount TYPE numeric(10, 2)",
    )
    proved = prove(shop, change, server=postgres, rows=ROWS)
    assert [deploy.kinds for deploy in proved.plan.deploys] == [("expand",), ("contract",), ("backfill", "contract")]
    (default,) = [name for name, all_ in proved.sql.items() if any("SET DEFAULT ''" in one for one in all_)]
    assert default in {step.name for step in proved.plan.deploys[0].migrations}
    update = proved.sql["0009_update_shop_order_fee"]
    assert any(one.startswith("UPDATE") and "AND (email = '1' OR (email = '2' AND fee = 0))" in one for one in update)


def test_indexes_and_constraints(postgres: Server) -> None:
    change = sql(
        "CREATE INDEX new_idx ON shop_order (number)",
        "DROP INDEX old_idx",
        "ALTER TABLE shop_order ADD CONSTRAINT positive CHECK (number > 0), ADD CONSTRAINT once UNIQUE (number)",
        "ALTER TABLE shop_order ADD CONSTRAINT bought FOREIGN KEY (number) REFERENCES shop_customer (id)",
        "ALTER TABLE shop_order ALTER number SET NOT NULL",
        reverse=(
            "ALTER TABLE shop_order ALTER number DROP NOT NULL, DROP CONSTRAINT bought, DROP CONSTRAINT once,"
            " DROP CONSTRAINT positive; CREATE INDEX old_idx ON shop_order (email); DROP INDEX new_idx"
        ),
    )
    proved = prove(shop, change, server=postgres, rows=ROWS)
    sent = [one for statements in proved.sql.values() for one in statements]
    for wanted in (
        "CREATE INDEX CONCURRENTLY new_idx ON shop_order (number)",
        'DROP INDEX CONCURRENTLY IF EXISTS "old_idx"',
        'ALTER TABLE "shop_order" VALIDATE CONSTRAINT "positive"',
        'ALTER TABLE "shop_order" ADD CONSTRAINT "once" UNIQUE USING INDEX "once"',
        'ALTER TABLE "shop_order" VALIDATE CONSTRAINT "bought"',
        'ALTER TABLE "shop_order" ALTER COLUMN "number" SET NOT NULL',
    ):
        assert any(one.endswith(wanted) for one in sent), wanted


def test_operations_of_django_and_sql_beside_state(postgres: Server) -> None:
    change = """migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.AddIndex("order", models.Index(fields=["number"], name="number_idx")),
            migrations.RunSQL("UPDATE shop_order SET number = 1 WHERE number IS NULL", migrations.RunSQL.noop),
        ],
        state_operations=[migrations.AddIndex("order", models.Index(fields=["number"], name="number_idx"))],
    )"""
    proved = prove(shop, change, server=postgres, rows=ROWS)
    assert list(proved.sql) == ["0002_number_idx", "0003_update_shop_order_number"]


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE shop_order SET number = number + 1", "makes values of what they were before"),
        ("UPDATE shop_order SET fee = random()", "it gives other values each time"),
        ("UPDATE shop_order SET fee = (SELECT max(fee) FROM shop_order)", "it reads other rows of shop_order"),
        ("REFRESH MATERIALIZED VIEW totals", "totals has no unique index on columns"),
        ("DO $$ BEGIN UPDATE shop_order SET number = 1; END $$", "MS502"),
    ],
)
def test_what_has_no_safe_form_is_told(statement: str, why: str) -> None:
    (unsolved,) = shop.plan(sql(statement)).plan.unsolved
    assert why in unsolved.why
