"""Columns that may be empty, with what is built and checked for them."""

import django
import pytest

from migsafe.sandbox.server import Server
from migsafe.testing import Migration, Scenario
from tests.plan.proving import prove

ORDER = """migrations.CreateModel("Order", [
    ("id", models.BigAutoField(primary_key=True)),
    ("email", models.CharField(max_length=100)),
])"""
CUSTOMER = 'migrations.CreateModel("Customer", [("id", models.BigAutoField(primary_key=True))])'
shop = Scenario(Migration(CUSTOMER, app="crm"), Migration(ORDER))
ROWS = "INSERT INTO shop_order (email) SELECT n::text FROM generate_series(1, 50) n"


def test_foreign_key_to_another_app(postgres: Server) -> None:
    add = 'migrations.AddField("order", "buyer", models.ForeignKey("crm.Customer", models.CASCADE, null=True))'
    proved = prove(shop, add, server=postgres, rows=ROWS)
    assert proved.sql == {
        "0002_add_order_buyer": ('ALTER TABLE "shop_order" ADD COLUMN "buyer_id" bigint',),
        "0003_order_buyer_index": (
            'DROP INDEX CONCURRENTLY IF EXISTS "shop_order_buyer_id_cffd21d9"',
            'CREATE INDEX CONCURRENTLY "shop_order_buyer_id_cffd21d9" ON "shop_order" ("buyer_id")',
        ),
        "0004_order_buyer_foreign_key": (
            "SET LOCAL lock_timeout = '250ms'",
            'ALTER TABLE "shop_order" ADD CONSTRAINT "shop_order_buyer_id_cffd21d9_fk_crm_customer_id" FOREIGN KEY'
            ' ("buyer_id") REFERENCES "crm_customer" ("id") DEFERRABLE INITIALLY DEFERRED NOT VALID',
        ),
        "0005_validate_order_buyer_foreign_key": (
            'ALTER TABLE "shop_order" VALIDATE CONSTRAINT "shop_order_buyer_id_cffd21d9_fk_crm_customer_id"',
        ),
    }


has_db_default = pytest.mark.skipif(django.VERSION < (5, 0), reason="there is no db_default")


@pytest.mark.parametrize(
    "field",
    [
        'models.OneToOneField("crm.Customer", models.CASCADE, null=True)',
        'models.ForeignKey("self", models.CASCADE, null=True, to_field="id")',
        pytest.param(
            'models.ForeignKey("crm.Customer", models.CASCADE, null=True, db_constraint=False)', marks=pytest.mark.slow
        ),
        "models.PositiveIntegerField(null=True, unique=True)",
        pytest.param("models.PositiveIntegerField(null=True, default=3)", marks=pytest.mark.slow),
        pytest.param("models.SlugField(null=True)", marks=pytest.mark.slow),
        'models.CharField(max_length=9, null=True, unique=True, db_column="The Code")',
        pytest.param('models.IntegerField(db_default=4, db_index=True, db_comment="four")', marks=has_db_default),
        'models.CharField(max_length=9, null=True, default="x", db_index=True, db_collation="C")',
    ],
)
def test_what_belongs_to_it(field: str, postgres: Server) -> None:
    proved = prove(shop, f'migrations.AddField("order", "new", {field})', server=postgres, rows=ROWS)
    assert len(proved.plan.deploys) == 1


def test_names_with_capitals_and_a_schema(postgres: Server) -> None:
    mean = Scenario(
        Migration('migrations.RunSQL("CREATE SCHEMA sales", "DROP SCHEMA sales")', CUSTOMER, app="crm"),
        Migration(f'{ORDER[:-1]}, options={{"db_table": \'sales"."The Orders\'}})'),
    )
    add = 'migrations.AddField("order", "buyer", models.OneToOneField("crm.Customer", models.CASCADE, null=True))'
    prove(mean, add, server=postgres)


PARTITIONED = Scenario(
    Migration(CUSTOMER, app="crm"),
    Migration(
        '''migrations.RunSQL(
            """CREATE TABLE shop_order (id bigint, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
            CREATE TABLE shop_order_old PARTITION OF shop_order FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
            CREATE TABLE shop_order_rest PARTITION OF shop_order DEFAULT""",
            "DROP TABLE shop_order",
            state_operations=[migrations.CreateModel("Order", [
                ("id", models.BigAutoField(primary_key=True)), ("day", models.DateField()),
            ])],
        )'''
    ),
)


def test_partitioned_table(postgres: Server) -> None:
    add = 'migrations.AddField("order", "size", models.PositiveIntegerField(null=True, db_index=True))'
    rows = "INSERT INTO shop_order SELECT n, date '2020-12-01' + n FROM generate_series(1, 60) n"
    proved = prove(PARTITIONED, add, server=postgres, rows=rows)
    assert len(proved.plan.deploys) == 1


def test_foreign_key_of_a_partitioned_table() -> None:
    add = 'migrations.AddField("order", "buyer", models.ForeignKey("crm.Customer", models.CASCADE, null=True))'
    (unsolved,) = PARTITIONED.plan(add, postgres=16).plan.unsolved
    assert "a foreign key of a partitioned table cannot be NOT VALID" in unsolved.why
    assert PARTITIONED.plan(add, postgres=18).plan.unsolved == ()
