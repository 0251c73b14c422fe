"""Changes of types, as AlterField makes them: MS106, MS110, MS112, MS114, MS302."""

import psycopg
import pytest

from migsafe.model import Axis, Severity
from migsafe.sandbox.server import Server
from migsafe.testing import Migration, fixed
from tests.rules.columns import CODE, check, codes, shop
from tests.rules.harness import Migrations, Op


def alter(name: str, field: str, model: str = "order") -> str:
    return f'migrations.AlterField("{model}", "{name}", {field})'


@pytest.mark.parametrize(
    ("operation", "found"),
    [
        (alter("number", "models.BigIntegerField()"), ["MS106"]),
        (alter("number", "models.SmallIntegerField()"), ["MS106", "MS112"]),
        (alter("number", "models.CharField(max_length=20)"), ["MS106", "MS114"]),
        (alter("number", "models.CharField(max_length=5)"), ["MS106", "MS112", "MS114"]),
        (alter("status", "models.IntegerField(null=True)"), ["MS106", "MS112", "MS114"]),
        (alter("status", "models.CharField(max_length=5, null=True)"), ["MS106", "MS112"]),
        (alter("note", 'models.CharField(max_length=50, default="")'), ["MS106", "MS112"]),
        (alter("note", "models.JSONField(default=dict)"), ["MS106", "MS112"]),
        (alter("total", "models.DecimalField(max_digits=12, decimal_places=4)"), ["MS106"]),
        (alter("total", "models.DecimalField(max_digits=8, decimal_places=2)"), ["MS106", "MS112"]),
        (alter("total", "models.FloatField()"), ["MS106", "MS114"]),
        (alter("day", "models.DateTimeField(null=True)"), ["MS106", "MS114"]),
        (alter("at", "models.DateField(null=True)"), ["MS106", "MS112", "MS114"]),
        (alter("flag", "models.CharField(max_length=5)"), ["MS106", "MS114"]),
        (alter("token", "models.CharField(max_length=36, null=True)"), ["MS106", "MS114"]),
        (alter("slug", 'models.SlugField(max_length=20, db_collation="C")'), ["MS106", "MS110"]),
        (alter("id", "models.BigAutoField(primary_key=True)", "customer"), ["MS106"]),
        # Django takes the foreign keys off and on again, though the change itself costs nothing.
        (alter("code", "models.CharField(max_length=40, primary_key=True)", "currency"), ["MS302"]),
        # What old code asks for is gone anyway.
        (alter("legacy", 'models.ForeignKey("shop.Customer", models.PROTECT, null=True)'), ["MS104", "MS106", "MS112"]),
    ],
)
def test_what_is_said_of_a_change(operation: str, found: list[str]) -> None:
    assert sorted(codes(check(operation))) == found


@pytest.mark.parametrize(
    "operation",
    [
        alter("status", "models.CharField(max_length=20, null=True)"),
        alter("status", "models.TextField(null=True)"),
        alter("status", 'models.CharField(max_length=10, null=True, db_collation="C")'),
        alter("total", "models.DecimalField(max_digits=14, decimal_places=2)"),
        alter("number", "models.IntegerField(null=True)"),
        alter("quantity", "models.IntegerField(default=0)"),
        alter("note", 'models.TextField(default="none")'),
        alter(
            "status",
            'models.CharField(max_length=10, null=True, help_text="H", verbose_name="S", choices=[("a", "A")], '
            "validators=[MinLengthValidator(2)])",
        ),
        alter("customer", 'models.ForeignKey("shop.Customer", models.CASCADE, related_name="orders")'),
        f"migrations.SeparateDatabaseAndState(state_operations=[{alter('number', 'models.CharField(max_length=5)')}])",
    ],
)
def test_quiet(operation: str) -> None:
    assert check(operation) == ()


def test_validators_of_a_huge_table_are_swapped_without_sql() -> None:
    operation = alter("slug", "models.SlugField(max_length=20, validators=[MinLengthValidator(2)])")
    assert check(operation, tables={"shop_order": {"rows": 10**9, "hot": True}}) == ()


def test_no_code_knows_a_column_of_the_same_change_but_its_table_is_written_anew() -> None:
    add = 'migrations.AddField("order", "weight", models.IntegerField(null=True))'
    change = Migration(add), Migration(alter("weight", "models.CharField(max_length=3, null=True)"))
    assert codes(shop.check(*change, together=True)) == ["MS106"]


def test_quiet_on_a_new_table() -> None:
    create = """migrations.CreateModel("Parcel", [
        ("id", models.AutoField(primary_key=True)),
        ("weight", models.IntegerField(db_default=1)),
    ])"""
    changes = (
        alter("weight", 'models.CharField(max_length=1, db_default="", db_comment="kg")', "parcel"),
        alter("weight", 'models.CharField(max_length=1, db_comment="g")', "parcel"),
        alter("id", "models.BigAutoField(primary_key=True)", "parcel"),
    )
    assert check(create, *changes) == ()


def test_queries_of_old_code_that_fail() -> None:
    finding = check(alter("number", "models.CharField(max_length=20)"))[1]
    assert (finding.code, finding.severity, finding.axis) == ("MS114", Severity.ERROR, Axis.COMPATIBILITY)
    assert finding.message == (
        "Changing number of shop_order from integer to varchar(20) breaks code that is still running: it compares"
        " number with integer"
    )
    assert "no operator for that" in finding.why
    assert shop.check(*fixed(finding)) == ()


def test_queries_of_old_code_that_read_something_else() -> None:
    finding = check(alter("day", "models.DateTimeField(null=True)"))[1]
    assert (finding.code, finding.severity) == ("MS114", Severity.WARNING)
    assert finding.message == (
        "Changing day of shop_order from date to timestamp with time zone may break code that is still running: it"
        " expects date"
    )


def test_values_that_do_not_fit_make_the_migration_fail() -> None:
    finding = check(alter("status", "models.CharField(max_length=5, null=True)"))[1]
    assert (finding.code, finding.severity, finding.axis) == ("MS112", Severity.WARNING, Axis.DATA)
    assert finding.message == (
        "Changing status of shop_order from varchar(10) to varchar(5) fails if one value does not fit"
    )


def test_values_that_do_not_fit_are_cut_where_django_casts() -> None:
    finding = check(alter("note", 'models.CharField(max_length=50, default="")'))[1]
    assert (finding.code, finding.severity) == ("MS112", Severity.ERROR)
    assert finding.message == (
        "Changing note of shop_order from text to varchar(50) cuts or rounds values that do not fit, without an error"
    )


@pytest.mark.parametrize(
    "operation",
    [
        alter("status", "models.CharField(max_length=5, null=True)"),
        alter("number", "models.SmallIntegerField()"),
        alter("total", "models.DecimalField(max_digits=10, decimal_places=1)"),
        alter("ratio", "models.DecimalField(max_digits=6, decimal_places=2)"),
        alter("number", "models.CharField(max_length=5)"),
    ],
)
def test_quiet_about_values_once_a_check_proves_that_they_fit(operation: str) -> None:
    finding = next(one for one in check(operation) if one.code == "MS112")
    promise, proof = fixed(finding)
    assert shop.check(promise, proof) == ()
    change = Migration(operation, code=CODE)
    assert "MS112" in codes(shop.check(promise, change))
    assert "MS112" not in codes(shop.check(promise, proof, change))


def test_a_view_forbids_even_a_change_that_costs_nothing() -> None:
    (finding,) = check(alter("slug", "models.SlugField(max_length=40)"))
    assert (finding.code, finding.severity) == ("MS110", Severity.ERROR)
    assert finding.message == "PostgreSQL refuses to change the type of slug in shop_order: view shipping uses it"
    (again,) = fixed(finding)
    assert shop.check(again) == ()


USERS = {
    "view v": "CREATE VIEW v AS SELECT a FROM t",
    "materialized view v": "CREATE MATERIALIZED VIEW v AS SELECT a FROM t",
    "generated column g": "ALTER TABLE t ADD COLUMN g int GENERATED ALWAYS AS (a * 2) STORED",
    "trigger g": (
        "CREATE TRIGGER g BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    ),
    "policy p": "CREATE POLICY p ON t USING (a > 0)",
    "the partition key": "DROP TABLE t; CREATE TABLE t (a int) PARTITION BY LIST (a)",
}


@pytest.mark.parametrize("user", USERS)
def test_what_forbids_a_change(user: str, shop: Migrations, postgres: Server, database: str) -> None:
    before = f"CREATE TABLE t (a int); {USERS[user]}"
    alter = "ALTER TABLE t ALTER COLUMN a TYPE int"
    with psycopg.connect(postgres.dsn(database)) as connection:
        connection.execute(before.encode())
        with pytest.raises(psycopg.Error, match="cannot alter"):
            connection.execute(alter.encode())
    shop.check(Op("RunSQL", before))
    (finding,) = shop.check(Op("RunSQL", alter), name="0003_change")
    assert (finding.code, finding.relation) == ("MS110", "t")
    assert finding.message == f"PostgreSQL refuses to change the type of a in t: {user} uses it"


def test_a_view_of_two_tables_may_mean_the_other_ones_column(shop: Migrations) -> None:
    tables = "CREATE TABLE t (a int, b int); CREATE TABLE u (a int, c int);"
    shop.check(Op("RunSQL", f"{tables} CREATE VIEW v AS SELECT u.a, t.b, c FROM t, u"))
    (finding,) = shop.check(Op("RunSQL", "ALTER TABLE t ALTER COLUMN a TYPE int"), name="0003_a")
    assert finding.severity is Severity.WARNING
    assert finding.message == "PostgreSQL may refuse to change the type of a in t: view v may use it"
    (finding,) = shop.check(Op("RunSQL", "ALTER TABLE t ALTER COLUMN b TYPE int"), name="0004_b")
    assert finding.severity is Severity.ERROR
    assert shop.check(Op("RunSQL", "ALTER TABLE customer ALTER COLUMN id TYPE bigint"), name="0005_other") == ()


def test_quiet_when_the_view_is_dropped_first(shop: Migrations) -> None:
    shop.check(Op("RunSQL", "CREATE TABLE t (a int, b int); CREATE VIEW v AS SELECT b FROM t"))
    assert shop.check(Op("RunSQL", "ALTER TABLE t ALTER COLUMN a TYPE int"), name="0003_other_column") == ()
    sql = "DROP VIEW v; ALTER TABLE t ALTER COLUMN b TYPE int; CREATE VIEW v AS SELECT b FROM t"
    assert shop.check(Op("RunSQL", sql), name="0004_change") == ()
