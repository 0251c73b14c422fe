"""MS601 to MS608: what transactions of migrations hold, how they end, and what is set in them."""

import pytest

from migsafe.model import Axis, Severity
from migsafe.project.operations import Database
from migsafe.testing import Migration, Scenario, fixed
from tests.rules.harness import Migrations, Op, flat

ADD = Op("AddField", 'ALTER TABLE "order" ADD COLUMN paid boolean')
ADD_TO_CUSTOMER = Op("AddField", "ALTER TABLE customer ADD COLUMN phone text")
PYTHON = Op("RunPython", opaque="runs Python code: fill", code="migrations.RunPython(fill, migrations.RunPython.noop)")


def sql(text: str) -> Op:
    return Op("RunSQL", text)


def only(code: str, shop: Migrations, *operations: Op, atomic: bool = True) -> list[str]:
    return [one.message for one in shop.check(*operations, atomic=atomic) if one.code == code]


# MS601


def test_data_changed_while_a_table_is_locked(shop: Migrations) -> None:
    found = shop.check(ADD, sql("UPDATE customer SET email = '' WHERE id < 9"))
    (finding,) = (one for one in found if one.code == "MS601")
    assert (finding.axis, finding.severity, finding.operation, finding.relation) == (
        Axis.LOCKS,
        Severity.WARNING,
        1,
        "order",
    )
    assert finding.message == "UPDATE of customer runs while the migration holds ACCESS EXCLUSIVE on order"
    assert finding.why == (
        "What ran before it in the same transaction has locked order, and the lock lasts until the migration ends."
        " Until then every request that touches order waits, however long this takes."
    )


@pytest.mark.parametrize(
    ("where", "severity"),
    [("", Severity.ERROR), (" WHERE paid IS NULL", Severity.ERROR), (" WHERE total IS NULL", Severity.WARNING)],
)
def test_all_rows_changed_while_a_table_is_locked(shop: Migrations, where: str, severity: Severity) -> None:
    found = shop.check(ADD, sql(f'UPDATE "order" SET paid = true{where}'))
    assert [one.severity for one in found if one.code == "MS601"] == [severity]


def test_python_code_while_a_table_is_locked(shop: Migrations) -> None:
    (finding,) = shop.check(ADD, PYTHON)
    assert (finding.code, finding.severity, finding.operation) == ("MS601", Severity.WARNING, 1)
    assert finding.message == "Python code runs while the migration holds ACCESS EXCLUSIVE on order"
    assert "migrations.RunPython(fill, migrations.RunPython.noop)" in finding.fix


@pytest.mark.parametrize(
    ("text", "work"),
    [
        ("DELETE FROM customer", "DELETE of customer"),
        ('INSERT INTO customer SELECT id FROM "order"', "INSERT … SELECT into customer"),
        ("CREATE TABLE copy AS SELECT * FROM customer", "Filling copy by a query"),
        ("ANALYZE customer", "ANALYZE of customer"),
        ("CREATE TABLE new (id bigint); INSERT INTO new SELECT id FROM customer", "INSERT … SELECT into new"),
    ],
)
def test_what_may_take_long(shop: Migrations, text: str, work: str) -> None:
    assert only("MS601", shop, ADD, sql(text)) == [f"{work} runs while the migration holds ACCESS EXCLUSIVE on order"]


def test_a_lock_that_stops_writes_counts_too(shop: Migrations) -> None:
    trigger = sql('CREATE TRIGGER t BEFORE INSERT ON "order" FOR EACH ROW EXECUTE FUNCTION f()')
    assert only("MS601", shop, trigger, PYTHON) == [
        "Python code runs while the migration holds SHARE ROW EXCLUSIVE on order"
    ]


@pytest.mark.parametrize(
    "operations",
    [
        (PYTHON, ADD),
        (sql("UPDATE customer SET email = '' WHERE id = 1"), ADD),
        (ADD, sql("INSERT INTO customer VALUES (1, 'a')")),
        (sql("CREATE TABLE a (b int); ALTER TABLE a ADD COLUMN c int"), PYTHON),
        (ADD, sql("CREATE TABLE a (b int); UPDATE a SET b = 1")),
        (sql("COMMENT ON TABLE customer IS 'x'"), PYTHON),
        (PYTHON,),
    ],
)
def test_quiet_where_nothing_in_use_is_locked_before_or_it_is_short(
    shop: Migrations, operations: tuple[Op, ...]
) -> None:
    assert only("MS601", shop, *operations) == []


def test_quiet_where_each_has_a_transaction_of_its_own(shop: Migrations) -> None:
    assert only("MS601", shop, ADD, PYTHON, atomic=False) == []


# MS602


def test_tables_locked_one_after_the_other(shop: Migrations) -> None:
    (finding,) = shop.check(ADD, ADD_TO_CUSTOMER)
    assert (finding.code, finding.severity, finding.operation) == ("MS602", Severity.INFO, 1)
    assert finding.message == "ACCESS EXCLUSIVE is held on order while the migration waits for customer"
    assert "foreign key" not in finding.why


def test_tables_that_a_foreign_key_connects(shop: Migrations) -> None:
    shop.check(sql('ALTER TABLE "order" ADD FOREIGN KEY (customer_id) REFERENCES customer NOT VALID'))
    (finding,) = shop.check(ADD_TO_CUSTOMER, ADD)
    assert finding.severity is Severity.WARNING
    assert "A foreign key connects them" in finding.why


def test_the_pair_that_a_foreign_key_connects_is_told_before_others(shop: Migrations) -> None:
    shop.check(sql("CREATE TABLE shelf (id int)"))
    shop.check(sql('ALTER TABLE "order" ADD FOREIGN KEY (customer_id) REFERENCES customer NOT VALID'))
    (finding,) = shop.check(sql("ALTER TABLE shelf ADD COLUMN a int"), ADD_TO_CUSTOMER, ADD)
    assert (finding.severity, finding.operation) == (Severity.WARNING, 2)
    assert finding.message == "ACCESS EXCLUSIVE is held on customer while the migration waits for order"
    assert finding.fix.endswith("The same goes for what it does to `customer`.")


@pytest.mark.parametrize("related", [True, False])
def test_with_a_lock_timeout_only_a_deadlock_is_left(shop: Migrations, related: bool) -> None:
    shop.database = Database(lock_timeout=True)
    if related:
        shop.check(sql('ALTER TABLE "order" ADD FOREIGN KEY (customer_id) REFERENCES customer NOT VALID'))
    found = shop.check(ADD_TO_CUSTOMER, ADD)
    assert [(one.code, one.severity) for one in found] == [("MS602", Severity.INFO)] * related


@pytest.mark.parametrize(
    "operations",
    [
        (ADD, Op("AddField", 'ALTER TABLE "order" ADD COLUMN sent boolean')),
        (ADD, Op("CreateModel", "CREATE TABLE a (b int); ALTER TABLE a ADD COLUMN c int")),
        (sql('ALTER TABLE "order" ADD COLUMN a int; ALTER TABLE customer ADD COLUMN a int'),),
        (ADD, sql("COMMENT ON TABLE customer IS 'x'")),
        (ADD, sql("CREATE VIEW v AS SELECT 1; CREATE OR REPLACE VIEW v AS SELECT 1, 2")),
        (sql('ALTER TABLE "order" RENAME TO purchase; ALTER TABLE purchase ADD COLUMN a int; DROP TABLE customer'),),
    ],
)
def test_quiet_about_one_table_a_new_one_or_one_operation(shop: Migrations, operations: tuple[Op, ...]) -> None:
    assert only("MS602", shop, *operations) == []


def test_quiet_where_the_locks_do_not_meet(shop: Migrations) -> None:
    assert only("MS602", shop, ADD, ADD_TO_CUSTOMER, atomic=False) == []


# MS603


@pytest.mark.parametrize("command", ["COMMIT", "ROLLBACK"])
def test_transaction_of_an_atomic_migration_ended(shop: Migrations, command: str) -> None:
    found = shop.check(sql(f"BEGIN; UPDATE customer SET email = '' WHERE id = 1; {command}"))
    (finding,) = (one for one in found if one.code == "MS603")
    assert finding.severity is Severity.ERROR
    assert finding.message == f"{command} ends the transaction that Django has opened for the migration"
    assert "UPDATE customer" in finding.fix


def test_transaction_left_open(shop: Migrations) -> None:
    found = only("MS603", shop, sql("BEGIN"), ADD, atomic=False)
    assert found == ["BEGIN opens a transaction that nothing ends"]


@pytest.mark.parametrize(
    ("text", "atomic"),
    [("BEGIN; SELECT 1; COMMIT", False), ("SAVEPOINT a; SELECT 1; RELEASE SAVEPOINT a", True), ("SELECT 1", True)],
)
def test_quiet_where_transactions_are_left_as_they_are(shop: Migrations, text: str, atomic: bool) -> None:
    assert only("MS603", shop, sql(text), atomic=atomic) == []


# MS604

BUILD = [
    Op(
        "AddIndexConcurrently",
        f'CREATE INDEX CONCURRENTLY i{number} ON "order" (total)',
        code=f'AddIndexConcurrently("order", models.Index(fields=["total"], name="i{number}"))',
    )
    for number in range(2)
]


def test_two_concurrent_builds_in_one_migration(shop: Migrations) -> None:
    (finding,) = shop.check(*BUILD, atomic=False)
    assert (finding.code, finding.severity, finding.operation) == ("MS604", Severity.WARNING, 0)
    assert finding.message == "If the migration fails after making index i0, it cannot be run again"
    assert finding.fix.count("atomic = False") == 2


@pytest.mark.parametrize(
    ("first", "what"),
    [
        (ADD, "making column paid"),
        (sql("CREATE TABLE a (b int)"), "making table a"),
        (sql('ALTER TABLE "order" DROP COLUMN note'), "dropping column note"),
        (sql('ALTER TABLE "order" RENAME TO purchase'), "renaming table order"),
        (sql('ALTER TABLE "order" ADD CONSTRAINT c CHECK (total > 0) NOT VALID'), "making constraint c"),
    ],
)
def test_what_cannot_be_done_twice(shop: Migrations, first: Op, what: str) -> None:
    assert only("MS604", shop, first, PYTHON, atomic=False) == [
        f"If the migration fails after {what}, it cannot be run again"
    ]


@pytest.mark.parametrize(
    "operations",
    [
        (BUILD[0],),
        (PYTHON, ADD),
        (sql("DROP INDEX CONCURRENTLY IF EXISTS i0"), BUILD[0]),
        (sql('ALTER TABLE "order" ADD COLUMN IF NOT EXISTS a int'), PYTHON),
        (sql('ALTER TABLE "order" DROP CONSTRAINT IF EXISTS c'), sql('ALTER TABLE "order" ADD CONSTRAINT c CHECK (id > 0) NOT VALID'), PYTHON),
        (sql("UPDATE customer SET email = '' WHERE id = 1"), sql("UPDATE customer SET email = '' WHERE id = 2")),
        (sql("DO $$ BEGIN CREATE TABLE a (b int); EXCEPTION WHEN duplicate_table THEN NULL; END $$"), PYTHON),
    ],
)  # fmt: skip
def test_quiet_where_it_can_be_run_again(shop: Migrations, operations: tuple[Op, ...]) -> None:
    assert only("MS604", shop, *operations, atomic=False) == []


NEW = sql("CREATE TABLE a (id bigint)")


@pytest.mark.parametrize(
    ("operations", "says"),
    [
        ((NEW, sql('ALTER TABLE a ADD b bigint REFERENCES "order"')), "Leave `atomic = False` out"),
        (
            (NEW, sql("CREATE INDEX CONCURRENTLY i ON a (id)"), sql("CREATE TABLE b (id int)")),
            "Make a migration of each",
        ),
        ((NEW, ADD, ADD_TO_CUSTOMER), "Make a migration of each"),
        ((NEW, PYTHON), "Make a migration of each"),
    ],
)
def test_new_tables_can_be_made_in_a_transaction(shop: Migrations, operations: tuple[Op, ...], says: str) -> None:
    (finding,) = (one for one in shop.check(*operations, atomic=False) if one.code == "MS604")
    assert finding.fix.startswith(says)


def test_quiet_where_everything_is_undone_together(shop: Migrations) -> None:
    assert only("MS604", shop, ADD, PYTHON) == []


# MS605


def test_no_lock_timeout_is_one_finding_in_a_run(shop: Migrations) -> None:
    shop.database = Database(user="shop")
    for number in range(3):
        shop.check(sql(f'ALTER TABLE "order" ADD COLUMN a{number} int'), name=f"000{number}")
    (finding,) = shop.end()
    assert (finding.code, finding.severity, finding.migration) == ("MS605", Severity.INFO, "0000")
    assert finding.message == (
        "Without a lock_timeout this migration waits for ACCESS EXCLUSIVE on order as long as it takes,"
        " and so do 2 others"
    )
    assert "ALTER ROLE \"shop\" SET lock_timeout = '5s'" in finding.fix


def test_no_lock_timeout_in_one_migration(shop: Migrations) -> None:
    shop.check(ADD)
    assert [one.message for one in shop.end()] == [
        "Without a lock_timeout this migration waits for ACCESS EXCLUSIVE on order as long as it takes"
    ]


def test_quiet_where_the_settings_have_one(shop: Migrations) -> None:
    shop.database = Database(lock_timeout=True)
    shop.check(ADD)
    assert shop.end() == ()


@pytest.mark.parametrize(
    "text",
    [
        "SET LOCAL lock_timeout = '5s'; ALTER TABLE customer ADD COLUMN a int",
        "CREATE TABLE a (b int); ALTER TABLE a ADD COLUMN c int",
        "COMMENT ON TABLE customer IS 'x'",
    ],
)
def test_quiet_where_the_migration_sets_one_or_locks_nothing_in_use(shop: Migrations, text: str) -> None:
    shop.check(sql(text))
    assert shop.end() == ()


# MS606, MS608


def test_setting_that_outlives_an_atomic_migration(shop: Migrations) -> None:
    (finding,) = shop.check(sql("SET statement_timeout = '5min'; SELECT 1"))
    assert (finding.code, finding.severity) == ("MS606", Severity.INFO)
    assert finding.message == "SET statement_timeout stays after the migration, for all that runs in this session"
    assert "SET LOCAL statement_timeout = '5min'" in flat(finding.fix)


@pytest.mark.parametrize("rest", ["SELECT 1", "RESET statement_timeout"])
def test_setting_that_a_pooler_loses(shop: Migrations, rest: str) -> None:
    shop.database = Database(pooled=True)
    (finding,) = shop.check(sql("SET statement_timeout = 0"), sql(rest), atomic=False)
    assert finding.severity is Severity.WARNING
    assert finding.message == "SET statement_timeout may not reach the statement that it is for"


@pytest.mark.parametrize(
    ("text", "atomic"),
    [
        ("SET LOCAL statement_timeout = 0", True),
        ("SET statement_timeout = 0; RESET statement_timeout", True),
        ("SET statement_timeout = 0; SELECT 1; SET statement_timeout = '1s'; RESET statement_timeout", False),
    ],
)
def test_quiet_where_a_setting_ends_with_the_migration(shop: Migrations, text: str, atomic: bool) -> None:
    assert only("MS606", shop, *map(sql, text.split("; ")), atomic=atomic) == []


def test_set_local_without_a_transaction(shop: Migrations) -> None:
    (finding,) = shop.check(sql("SET LOCAL lock_timeout = '5s'"), atomic=False)
    assert (finding.code, finding.severity) == ("MS608", Severity.WARNING)
    assert finding.message == (
        "SET LOCAL lock_timeout does nothing here: there is no transaction that it could last for"
    )
    assert "RESET lock_timeout" in finding.fix


@pytest.mark.parametrize(("before", "atomic"), [("SELECT 1", True), ("BEGIN", False)])
def test_quiet_about_set_local_in_a_transaction(shop: Migrations, before: str, atomic: bool) -> None:
    operations = [sql(before), sql("SET LOCAL lock_timeout = '5s'"), sql("COMMIT")]
    assert only("MS608", shop, *operations[: 2 if atomic else 3], atomic=atomic) == []


# MS607


def test_statement_that_is_refused_in_a_transaction(shop: Migrations) -> None:
    (finding,) = shop.check(sql('VACUUM "order"'))
    assert (finding.code, finding.severity) == ("MS607", Severity.ERROR)
    assert finding.message == "PostgreSQL 16 refuses this statement: cannot run inside a transaction block"
    assert "atomic = False" in finding.fix


def test_statement_that_is_refused_outside_a_transaction(shop: Migrations) -> None:
    (finding,) = shop.check(sql('LOCK TABLE "order"'), atomic=False)
    assert finding.message == "PostgreSQL 16 refuses this statement: can only be used in transaction blocks"


def test_statement_that_needs_a_newer_server(shop: Migrations) -> None:
    shop.postgres = 13
    replace = 'CREATE OR REPLACE TRIGGER t BEFORE INSERT ON "order" FOR EACH ROW EXECUTE FUNCTION f()'
    (finding,) = shop.check(sql(replace))
    assert (finding.code, finding.severity) == ("MS607", Severity.WARNING)
    assert finding.message == "PostgreSQL 13 refuses this statement: needs PostgreSQL 14"


@pytest.mark.parametrize(
    ("text", "atomic"),
    [
        ('VACUUM "order"', False),
        ('CREATE INDEX CONCURRENTLY i ON "order" (total)', True),
        ("DO $$ BEGIN COMMIT; END $$", True),
    ],
)
def test_quiet_where_it_is_allowed_or_another_rule_says_so(shop: Migrations, text: str, atomic: bool) -> None:
    assert only("MS607", shop, sql(text), atomic=atomic) == []


# Real Django, and fixes in the place of what they fix

SHOP = Scenario(
    """migrations.CreateModel("Customer", [
        ("id", models.BigAutoField(primary_key=True)),
        ("email", models.EmailField(null=True)),
    ])""",
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("note", models.TextField(null=True)),
        ("total", models.IntegerField(null=True)),
        ("customer", models.ForeignKey("shop.Customer", models.PROTECT)),
    ])""",
)
CODE = """
def fill(apps, schema_editor):
    for customer in apps.get_model("shop", "Customer").objects.filter(email="")[:10]:
        print(customer)
"""
FIELD = 'migrations.AddField("order", "paid", models.BooleanField(null=True))'
OTHER_FIELD = 'migrations.AddField("customer", "phone", models.TextField(null=True))'
FILL = "migrations.RunPython(fill, migrations.RunPython.noop)"
INDEXES = [
    f'AddIndexConcurrently("order", models.Index(fields=["{field}"], name="{field}_x"))' for field in ("note", "total")
]


def run_sql(*statements: str) -> str:
    return f"migrations.RunSQL({list(statements)!r}, migrations.RunSQL.noop)"


@pytest.mark.parametrize(
    ("code", "migration", "first"),
    [
        ("MS601", Migration(FIELD, FILL, code=CODE), [FIELD]),
        ("MS601", Migration(FIELD, run_sql("UPDATE shop_customer SET email = '' WHERE id = 1")), [FIELD]),
        ("MS602", Migration(FIELD, OTHER_FIELD), [FIELD]),
        ("MS603", Migration(run_sql("INSERT INTO shop_customer VALUES (1)", "COMMIT")), []),
        ("MS604", Migration(*INDEXES, atomic=False), []),
        ("MS604", Migration(FIELD, FILL, atomic=False, code=CODE), []),
        ("MS606", Migration(run_sql("SET work_mem = '1GB'", "SELECT 1")), []),
        ("MS607", Migration(run_sql("VACUUM shop_order")), []),
        ("MS608", Migration(run_sql("SET LOCAL work_mem = '1GB'"), atomic=False), []),
    ],
)
def test_a_fix_is_clean(code: str, migration: Migration, first: list[str]) -> None:
    (finding,) = (one for one in SHOP.check(migration) if one.code == code)
    before = [Migration(*first)] if first else []
    assert [one.message for one in SHOP.check(*before, *fixed(finding, code=CODE))] == []
