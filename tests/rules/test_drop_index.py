"""MS202 drop_index_not_concurrent on partitioned tables, MS208 drop_needed_index."""

import pytest

from migsafe.model import Severity
from migsafe.rules.drop_needed_index import rule
from migsafe.testing import Migration, Scenario, fixed

SHOP = Scenario(
    """migrations.CreateModel("Customer", [
        ("id", models.BigAutoField(primary_key=True)),
        ("number", models.IntegerField(unique=True)),
    ])""",
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("customer", models.ForeignKey("shop.Customer", models.PROTECT, db_index=False)),
        ("payer", models.ForeignKey("shop.Customer", models.PROTECT, null=True, related_name="+")),
    ], options={"indexes": [models.Index(fields=["customer", "id"], name="customer_idx")]})""",
    """migrations.RunSQL('''
        CREATE TABLE event (id bigint, at date NOT NULL, kind text) PARTITION BY RANGE (at);
        CREATE TABLE event_2026 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        CREATE INDEX event_id_idx ON event (id);
        CREATE UNIQUE INDEX customer_pair ON shop_customer (id, number);
        CREATE TABLE pair (a bigint, b int, FOREIGN KEY (a, b) REFERENCES shop_customer (id, number));
    ''', '')""",
)


def sql(*statements: str) -> str:
    return f"migrations.RunSQL({list(statements)!r}, migrations.RunSQL.noop)"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "DROP INDEX CONCURRENTLY shop_customer_number_key",
            "Dropping index shop_customer_number_key of shop_customer fails: a constraint requires the index",
        ),
        (
            "DROP INDEX customer_pair",
            "Dropping index customer_pair of shop_customer fails: a foreign key requires the index",
        ),
        (
            "DROP INDEX event_2026_id_idx",
            "Dropping index event_2026_id_idx of event_2026 fails: the index of the partitioned table requires it",
        ),
        (
            "ALTER TABLE shop_customer DROP CONSTRAINT shop_customer_pkey",
            "Dropping constraint shop_customer_pkey of shop_customer fails: a foreign key requires the constraint",
        ),
    ],
)
def test_what_postgresql_refuses_to_drop(statement: str, message: str) -> None:
    (finding,) = SHOP.check(sql(statement), atomic=False)
    assert (finding.code, finding.severity) == ("MS208", Severity.ERROR)
    assert finding.message == message


def test_the_constraint_goes_in_place_of_its_index() -> None:
    (finding,) = SHOP.check(sql("DROP INDEX shop_customer_number_key"))
    assert SHOP.check(*fixed(finding)) == ()


@pytest.mark.parametrize(
    "operations",
    [
        ['RemoveIndexConcurrently("order", "customer_idx")'],
        [
            """migrations.AlterField("order", "payer", models.ForeignKey(
                "shop.Customer", models.PROTECT, null=True, related_name="+", db_index=False
            ))"""
        ],
    ],
)
def test_a_foreign_key_loses_its_only_index(operations: list[str]) -> None:
    (finding,) = SHOP.check(*operations, atomic=False, rules=[rule])
    assert finding.severity is Severity.WARNING
    assert "leaves foreign key shop_order_" in finding.message
    assert finding.message.endswith("without an index")
    assert "Whenever a row of shop_customer is deleted" in finding.why


@pytest.mark.parametrize(
    "operations",
    [
        [sql("ALTER TABLE pair DROP CONSTRAINT pair_a_b_fkey"), sql("DROP INDEX customer_pair")],
        [sql("ALTER TABLE shop_customer DROP CONSTRAINT shop_customer_number_key")],
        [
            'RemoveIndexConcurrently("order", "customer_idx")',
            'AddIndexConcurrently("order", models.Index(fields=["customer"], name="shorter"))',
        ],
        [
            'AddIndexConcurrently("order", models.Index("payer", name="payer_idx", condition=Q(payer__isnull=False)))',
            sql("DROP INDEX CONCURRENTLY IF EXISTS shop_order_payer_id_4b6a4d72"),
        ],
        ['migrations.DeleteModel("Order")'],
        ['migrations.RemoveField("order", "payer")'],
    ],
)
def test_quiet(operations: list[str]) -> None:
    assert SHOP.check(*operations, atomic=False, rules=[rule]) == ()


def test_quiet_when_a_later_migration_makes_another_index() -> None:
    drop = Migration('RemoveIndexConcurrently("order", "customer_idx")', atomic=False)
    build = Migration('AddIndexConcurrently("order", models.Index(fields=["customer"], name="i"))', atomic=False)
    assert SHOP.check(drop, build, rules=[rule]) == ()


def test_an_index_of_a_partitioned_table_is_dropped_with_a_timeout() -> None:
    (finding,) = SHOP.check(sql("DROP INDEX event_id_idx"))
    assert (finding.code, finding.severity) == ("MS202", Severity.WARNING)
    assert "lock_timeout" in finding.fix
    assert SHOP.check(*fixed(finding)) == ()


@pytest.mark.parametrize(
    "setting",
    [
        "SET LOCAL lock_timeout = '2s'; RESET lock_timeout",
        "SET LOCAL lock_timeout = 0",
        "SET LOCAL statement_timeout = 1",
    ],
)
def test_a_timeout_has_to_be_in_force(setting: str) -> None:
    (finding,) = SHOP.check(sql(*setting.split(";"), "DROP INDEX event_id_idx"))
    assert finding.code == "MS202"
