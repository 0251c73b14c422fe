"""MS304 to MS310: what constraints do beside being validated or built under lock."""

from functools import cache
from itertools import chain, product

import django
import psycopg
import pytest

from migsafe.model import Finding, Severity
from migsafe.rules import all_rules, beginning
from migsafe.testing import Migration, Scenario, fixed
from tests.conftest import each_major

SHOP = Scenario(
    """migrations.CreateModel("Customer", [
        ("id", models.BigAutoField(primary_key=True)),
        ("number", models.IntegerField(unique=True)),
        ("code", models.CharField(max_length=20, unique=True)),
    ])""",
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("total", models.IntegerField()),
        ("position", models.IntegerField()),
        ("payer", models.BigIntegerField(null=True)),
        ("customer", models.ForeignKey("shop.Customer", models.PROTECT)),
    ], options={"constraints": [models.UniqueConstraint(fields=["position"], name="position")]})""",
)
CHECK = (
    f'models.CheckConstraint({"check" if django.VERSION < (5, 1) else "condition"}=Q(total__gte=0), name="positive")'
)
NOT_VALID, VALIDATE = f'AddConstraintNotValid("order", {CHECK})', 'ValidateConstraint("order", "positive")'
KEY = "ALTER TABLE shop_order ADD CONSTRAINT fk FOREIGN KEY (payer) REFERENCES shop_customer NOT VALID"


def sql(*statements: str) -> str:
    return f"migrations.RunSQL({list(statements)!r}, migrations.RunSQL.noop)"


def found(code: str, *change: str | Migration, together: bool = False, postgres: int = 16) -> tuple[Finding, ...]:
    return SHOP.check(*change, rules=beginning([code], all_rules()), together=together, postgres=postgres)


# MS304


def test_validated_in_the_transaction_that_adds_it() -> None:
    (finding,) = SHOP.check(NOT_VALID, VALIDATE)
    assert (finding.code, finding.severity) == ("MS304", Severity.ERROR)
    assert finding.message == (
        "Validating constraint positive reads all of shop_order while its transaction holds ACCESS EXCLUSIVE on shop_order"
    )
    assert SHOP.check(Migration(NOT_VALID), *fixed(finding)) == ()


@pytest.mark.parametrize(
    "operations",
    [
        [sql(KEY, "ALTER TABLE shop_order VALIDATE CONSTRAINT fk")],
        [sql(f"DO $$ BEGIN {KEY}; ALTER TABLE shop_order VALIDATE CONSTRAINT fk; END $$")],
    ],
)
def test_a_foreign_key_and_a_do_block(operations: list[str]) -> None:
    (finding,) = found("MS304", *operations)
    assert finding.message.endswith("holds SHARE ROW EXCLUSIVE on shop_order")
    assert "every request that saves to shop_order hangs" in finding.why


def test_what_another_operation_has_locked() -> None:
    before = Migration(NOT_VALID)
    change = Migration('migrations.AddField("order", "note", models.TextField(null=True))', VALIDATE)
    assert [one.code for one in SHOP.check(before, change)] == ["MS304"]


@pytest.mark.parametrize("together", [False, True])
def test_quiet_to_validate_in_a_migration_of_its_own(together: bool) -> None:
    assert SHOP.check(Migration(NOT_VALID), Migration(VALIDATE), together=together) == ()


def test_quiet_to_validate_outside_a_transaction_and_on_new_tables() -> None:
    assert SHOP.check(NOT_VALID, VALIDATE, atomic=False, rules=beginning(["MS304"], all_rules())) == ()
    new = "CREATE TABLE n (a int); ALTER TABLE n ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE n VALIDATE CONSTRAINT c"
    assert found("MS304", sql(*new.split("; "))) == ()


# MS305


def test_never_validated() -> None:
    (finding,) = SHOP.check(NOT_VALID)
    assert (finding.code, finding.severity) == ("MS305", Severity.INFO)
    assert finding.message == "Constraint positive of shop_order is NOT VALID, and no migration validates it"
    assert SHOP.check(Migration(NOT_VALID), *fixed(finding)) == ()


def test_a_foreign_key_that_is_never_validated() -> None:
    (finding,) = found("MS305", sql(KEY, "CREATE INDEX i ON shop_order (payer)"))
    assert 'VALIDATE CONSTRAINT "fk"' in finding.fix
    assert SHOP.check(Migration(sql(KEY)), *fixed(finding), rules=beginning(["MS305"], all_rules())) == ()


@pytest.mark.parametrize(
    "later", [VALIDATE, 'migrations.RemoveConstraint("order", "positive")', 'migrations.DeleteModel("Order")']
)
def test_quiet_when_a_later_migration_validates_or_drops_it(later: str) -> None:
    assert found("MS305", Migration(NOT_VALID), Migration(later)) == ()


# MS302


def test_a_foreign_key_that_becomes_enforced_is_checked_under_lock() -> None:
    before = Migration(sql(KEY.replace("NOT VALID", "NOT ENFORCED"), "CREATE INDEX i ON shop_order (payer)"))
    enforce = Migration(sql("ALTER TABLE shop_order ALTER CONSTRAINT fk ENFORCED"))
    rules = beginning(["MS302"], all_rules())
    (finding,) = SHOP.check(before, enforce, rules=rules, postgres=18)
    assert "locks shop_customer while it checks every row" in finding.message
    assert SHOP.check(before, *fixed(finding), rules=rules, postgres=18) == ()


# MS306

HOT = Scenario(*SHOP.before, files={"migsafe.toml": 'tables.shop_customer = "hot"'})
LINE = """migrations.CreateModel("Line", [
    ("id", models.BigAutoField(primary_key=True)),
    ("customer", models.ForeignKey("shop.Customer", models.PROTECT)),
])"""


@pytest.mark.parametrize("operation", [LINE, sql(KEY), sql("CREATE TABLE n (a bigint REFERENCES shop_customer)")])
def test_a_foreign_key_locks_a_hot_table(operation: str) -> None:
    (finding,) = HOT.check(operation, rules=beginning(["MS306"], all_rules()))
    assert "takes SHARE ROW EXCLUSIVE on shop_customer, which is hot" in finding.message
    assert "every request that saves to shop_customer waits" in finding.why
    assert HOT.check(*fixed(finding), rules=beginning(["MS306"], all_rules())) == ()


def test_a_foreign_key_of_a_new_table_to_a_hot_one() -> None:
    (finding,) = HOT.check(LINE)
    assert (finding.code, finding.severity) == ("MS306", Severity.ERROR)
    assert finding.message == (
        "Foreign key shop_line_customer_id_3efc9132_fk_shop_customer_id of shop_line takes SHARE ROW EXCLUSIVE on"
        " shop_customer, which is hot"
    )


@pytest.mark.parametrize(
    "operations",
    [
        [LINE.replace("shop.Customer", "shop.Order")],
        [sql("CREATE TABLE n (a bigint PRIMARY KEY)", "CREATE TABLE m (a bigint PRIMARY KEY REFERENCES n)")],
        [LINE.replace("PROTECT)", "PROTECT, db_constraint=False)")],
        [sql(KEY.replace(" NOT VALID", ""))],  # MS302 names both tables
    ],
)
def test_quiet_where_no_hot_table_is_locked_for_a_moment(operations: list[str]) -> None:
    assert HOT.check(*operations, rules=beginning(["MS306"], all_rules())) == ()


def test_quiet_where_nobody_has_called_it_hot() -> None:
    assert SHOP.check(LINE) == ()


# MS307


@pytest.mark.parametrize(
    ("operation", "what"),
    [
        (
            'migrations.RemoveField("order", "customer")',
            "constraint shop_order_customer_id_f638df20_fk_shop_customer_id of shop_order",
        ),
        ('migrations.DeleteModel("Order")', "table shop_order"),
        (sql("ALTER TABLE shop_order DROP COLUMN customer_id"), "column customer_id of shop_order"),
    ],
)
def test_the_other_side_of_a_foreign_key_is_locked(operation: str, what: str) -> None:
    (finding,) = found("MS307", operation)
    assert finding.severity is Severity.WARNING
    assert finding.message == f"Dropping {what} takes ACCESS EXCLUSIVE on shop_customer too"
    assert "every request that touches shop_customer queues up" in finding.why
    assert found("MS307", *fixed(finding), Migration(operation)) == ()


def test_locks_of_two_foreign_keys_do_not_meet() -> None:
    other = Migration(sql("CREATE TABLE shop_shelf (id bigint PRIMARY KEY)"))
    table = Migration(sql("CREATE TABLE n (a bigint REFERENCES shop_customer, b bigint REFERENCES shop_shelf)"))
    (finding,) = SHOP.check(other, table, Migration(sql("DROP TABLE n")), rules=beginning(["MS307"], all_rules()))
    assert finding.message == "Dropping table n takes ACCESS EXCLUSIVE on shop_customer and shop_shelf too"
    one, two = fixed(finding)
    assert SHOP.check(other, table, one, two, rules=beginning(["MS307", "MS602"], all_rules())) == ()


def test_names_keep_their_schema() -> None:
    before = Migration(sql("CREATE SCHEMA s", "CREATE TABLE s.n (a bigint CONSTRAINT fk REFERENCES shop_customer)"))
    (finding,) = SHOP.check(before, Migration(sql("DROP TABLE s.n")), rules=beginning(["MS307"], all_rules()))
    assert finding.message == "Dropping table s.n takes ACCESS EXCLUSIVE on shop_customer too"
    assert 'ALTER TABLE "s"."n"' in finding.fix


def test_cascade_locks_who_refers_to_it() -> None:
    (finding,) = found("MS307", sql("DROP TABLE shop_customer CASCADE"))
    assert finding.message == "Dropping table shop_customer takes ACCESS EXCLUSIVE on shop_order too"


@pytest.mark.parametrize(
    "operations",
    [
        ['migrations.RemoveField("order", "total")'],
        ['migrations.AlterField("order", "customer", models.ForeignKey("shop.Customer", models.PROTECT, null=True))'],
        ['migrations.DeleteModel("Order")', 'migrations.DeleteModel("Customer")'],
        [sql("SET LOCAL lock_timeout = '1s'"), 'migrations.RemoveField("order", "customer")'],
        [
            """migrations.CreateModel("Line", [
                ("id", models.BigAutoField(primary_key=True)),
                ("order", models.ForeignKey("shop.Order", models.PROTECT)),
            ])""",
            'migrations.DeleteModel("Line")',
        ],
        ['migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("order", "customer")])'],
    ],
)
def test_quiet_drops(operations: list[str]) -> None:
    assert found("MS307", *operations) == ()


# MS308


def test_a_foreign_key_without_an_index() -> None:
    field = 'models.ForeignKey("shop.Customer", models.PROTECT, null=True, db_index=False, related_name="+")'
    (finding,) = SHOP.check(f'migrations.AddField("order", "giver", {field})')
    assert (finding.code, finding.severity) == ("MS308", Severity.WARNING)
    assert finding.message.endswith("_fk_shop_customer_id of shop_order (giver_id) has no index")
    assert "Whenever a row of shop_customer is deleted" in finding.why
    assert found("MS308", Migration(f'migrations.AddField("order", "giver", {field})'), *fixed(finding)) == ()


def test_in_a_new_table_it_is_worth_knowing() -> None:
    (finding,) = found("MS308", sql("CREATE TABLE n (a bigint REFERENCES shop_customer)"))
    assert finding.severity is Severity.INFO
    assert finding.message == "Foreign key n_a_fkey of n (a) has no index"


@pytest.mark.parametrize(
    "operations",
    [
        [
            'migrations.AddField("order", "giver", models.ForeignKey("shop.Customer", models.PROTECT, null=True, related_name="+"))'
        ],
        ['migrations.AddField("order", "watchers", models.ManyToManyField("shop.Customer", related_name="+"))'],
        [
            'migrations.AddField("order", "one", models.OneToOneField("shop.Customer", models.PROTECT, null=True, related_name="+"))'
        ],
        [sql(KEY), sql("CREATE INDEX i ON shop_order (payer, total)")],
        [sql("CREATE TABLE n (a bigint REFERENCES shop_customer, b int, PRIMARY KEY (a, b))")],
        [
            'migrations.AddField("order", "loose", models.ForeignKey("shop.Customer", models.PROTECT, null=True, db_index=False, db_constraint=False, related_name="+"))'
        ],
    ],
)
def test_quiet_foreign_keys(operations: list[str]) -> None:
    assert found("MS308", *operations) == ()


# MS309


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "ALTER TABLE shop_order ADD COLUMN a int CONSTRAINT fk REFERENCES shop_customer",
            "Foreign key fk: shop_order.a is integer, but shop_customer.id is bigint",
        ),
        (
            "CREATE TABLE n (a varchar(10), CONSTRAINT fk FOREIGN KEY (a) REFERENCES shop_customer (code))",
            "Foreign key fk: n.a is varchar(10), but shop_customer.code is varchar(20)",
        ),
    ],
)
def test_the_column_holds_less(statement: str, message: str) -> None:
    (finding,) = found("MS309", sql(statement))
    assert (finding.severity, finding.message) == (Severity.WARNING, message)


def test_a_key_made_wider_than_what_refers_to_it() -> None:
    small = Migration(sql("CREATE TABLE n (a int CONSTRAINT fk REFERENCES shop_customer (number))"))
    wider = Migration(sql("ALTER TABLE shop_customer ALTER COLUMN number TYPE bigint"))
    (finding,) = found("MS309", small, wider)
    assert finding.message == "Foreign key fk: n.a is integer, but shop_customer.number is bigint"
    both = Migration(
        sql("ALTER TABLE n ALTER COLUMN a TYPE bigint", "ALTER TABLE shop_customer ALTER COLUMN number TYPE bigint")
    )
    assert found("MS309", small, both) == ()


@pytest.mark.parametrize(
    "operation",
    [
        sql("CREATE TABLE n (a bigint REFERENCES shop_customer (number), b text REFERENCES shop_customer (code))"),
        'migrations.AddField("order", "giver", models.ForeignKey("shop.Customer", models.PROTECT, null=True, to_field="code", related_name="+"))',
        'migrations.AlterField("customer", "number", models.BigIntegerField(unique=True))',
    ],
)
def test_quiet_types(operation: str) -> None:
    assert found("MS309", operation) == ()


TYPES = ("smallint", "integer", "bigint", "varchar(20)", "text", "uuid")
PAIRS = {f"fk{number}": pair for number, pair in enumerate(product(TYPES, TYPES))}


def create(name: str) -> tuple[str, str]:
    own, other = PAIRS[name]
    return (
        f"CREATE TABLE of_{name} (id {other} PRIMARY KEY)",
        f"CREATE TABLE to_{name} (a {own} CONSTRAINT {name} REFERENCES of_{name})",
    )


@cache
def refused() -> set[str]:
    """The foreign keys of which it is said that the server refuses them."""
    findings = found("MS309", sql(*chain.from_iterable(map(create, PAIRS))))
    return {one.message.split()[2].rstrip(":") for one in findings if one.severity is Severity.ERROR}


@each_major
def test_what_the_server_does_not_compare(connection: psycopg.Connection) -> None:
    refuses = set()
    for name in PAIRS:
        table, foreign_key = create(name)
        connection.execute(table.encode())
        try:
            connection.execute(foreign_key.encode())
        except psycopg.errors.DatatypeMismatch:
            refuses.add(name)
    assert refused() == refuses


# MS310


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        (
            [
                'migrations.RemoveConstraint("order", "position")',
                """migrations.AddConstraint("order", models.UniqueConstraint(
                    fields=["position"], name="position", deferrable=models.Deferrable.DEFERRED
                ))""",
            ],
            "Constraint position of shop_order is checked when the transaction commits, no longer at once",
        ),
        (
            [
                'migrations.RemoveConstraint("order", "position")',
                """migrations.AddConstraint("order", models.UniqueConstraint(
                    fields=["position"], name="position", deferrable=models.Deferrable.IMMEDIATE
                ))""",
            ],
            "Constraint position of shop_order becomes deferrable",
        ),
        (
            [
                sql(
                    "CREATE UNIQUE INDEX later ON shop_order (position)",
                    "ALTER TABLE shop_order ADD CONSTRAINT later UNIQUE USING INDEX later DEFERRABLE",
                )
            ],
            "Constraint later of shop_order becomes deferrable",
        ),
        (
            [
                sql(
                    "ALTER TABLE shop_order ALTER CONSTRAINT shop_order_customer_id_f638df20_fk_shop_customer_id DEFERRABLE INITIALLY IMMEDIATE"
                )
            ],
            "Constraint shop_order_customer_id_f638df20_fk_shop_customer_id of shop_order is checked at once, no longer when"
            " the transaction commits",
        ),
    ],
)
def test_checked_at_another_time(operations: list[str], message: str) -> None:
    (finding,) = found("MS310", *operations)
    assert (finding.severity, finding.message) == (Severity.WARNING, message)


@pytest.mark.parametrize(
    "operations",
    [
        ['migrations.AlterField("order", "customer", models.ForeignKey("shop.Customer", models.PROTECT, null=True))'],
        ['migrations.RenameField("order", "customer", "buyer")'],
        [sql("ALTER TABLE shop_order DROP CONSTRAINT position, ADD CONSTRAINT position UNIQUE (position)")],
        [
            sql(
                "CREATE TABLE n (a int, CONSTRAINT u UNIQUE (a))",
                "ALTER TABLE n DROP CONSTRAINT u, ADD CONSTRAINT u UNIQUE (a) DEFERRABLE",
            )
        ],
    ],
)
def test_quiet_when_it_is_checked_as_before(operations: list[str]) -> None:
    assert found("MS310", *operations) == ()
