"""New columns, as AddField makes them: MS101, MS105, MS107, MS115, MS301."""

import pytest

from migsafe.model import Axis, Severity
from migsafe.testing import Migration, fixed
from tests.rules.columns import check, codes, shop


def add(field: str) -> str:
    return f'migrations.AddField("order", "code", {field})'


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ('models.CharField(max_length=9, default="")', ["MS101"]),
        ("models.JSONField(default=dict)", ["MS101"]),
        ("ArrayField(models.CharField(max_length=9), default=list)", ["MS101"]),
        ("models.DateTimeField(default=timezone.now)", ["MS101"]),
        ("models.DateTimeField(auto_now_add=True, default=timezone.now), preserve_default=False", ["MS101"]),
        ("models.PositiveIntegerField(default=0)", ["MS101", "MS301"]),
        ("models.PositiveIntegerField(null=True)", ["MS301"]),
        ("models.UUIDField(default=uuid.uuid4)", ["MS101", "MS115"]),
        ("models.UUIDField(default=uuid.uuid4, unique=True)", ["MS115"]),
        ("models.UUIDField(default=uuid.uuid4, null=True, unique=True)", ["MS115"]),
        ('models.CharField(max_length=9, default="", unique=True)', ["MS115"]),
        ("models.CharField(max_length=9, null=True, unique=True)", ["MS303"]),
        ("models.IntegerField()", ["MS107"]),
        ("models.PositiveIntegerField()", ["MS107"]),
        ('models.ForeignKey("shop.Order", models.CASCADE)', ["MS107"]),
        ('models.OneToOneField("shop.Order", models.CASCADE)', ["MS107"]),
        ('models.OneToOneField("shop.Order", models.CASCADE, null=True)', ["MS303"]),
        ('models.ForeignKey("shop.Order", models.CASCADE, default=1)', ["MS101", "MS302"]),
        (
            'models.GeneratedField(expression=F("number") * 2, output_field=models.IntegerField(), db_persist=True)',
            ["MS105"],
        ),
    ],
)
def test_what_is_said_of_a_field(field: str, found: list[str]) -> None:
    assert sorted(codes(check(add(field)))) == found


@pytest.mark.parametrize(
    "field",
    [
        "models.CharField(max_length=9, null=True)",
        "models.JSONField(null=True)",
        "models.TextField(null=True, default=None)",
        'models.CharField(max_length=9, db_default="x")',
        "models.DateTimeField(db_default=Now())",
        'models.CharField(max_length=9, null=True, default="x")',
        "models.UUIDField(null=True, default=None, unique=False)",
        'models.ManyToManyField("shop.Customer", related_name="+")',
    ],
)
def test_quiet(field: str) -> None:
    assert check(add(field)) == ()


@pytest.mark.parametrize(
    "options", ["auto_now=True", "auto_now_add=True, default=timezone.now", "default=timezone.now"]
)
def test_the_moment_of_the_migration_is_no_default_for_later_rows(options: str) -> None:
    (finding,) = check(add(f"models.DateTimeField({options})"))
    assert 'ALTER COLUMN "code" SET DEFAULT now()' in finding.fix
    operation, keep = add(f"models.DateTimeField({options})"), fixed(finding)[0].operations
    assert check(operation, *keep) == ()


def test_quiet_with_a_set_default_beside_it() -> None:
    keep = "ALTER TABLE shop_order ALTER COLUMN code SET DEFAULT ''"
    assert check(add('models.CharField(max_length=9, default="")'), f'migrations.RunSQL("{keep}", "SELECT 1")') == ()


NULLABLE = add("models.IntegerField(null=True)")
FILL = "migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop)"
REQUIRED = 'migrations.AlterField("order", "code", models.IntegerField())'
SET_DEFAULT = 'migrations.RunSQL("ALTER TABLE shop_order ALTER COLUMN code SET DEFAULT 0", "SELECT 1")'


def test_not_null_in_several_steps_of_one_deploy() -> None:
    finding = check(NULLABLE, FILL, REQUIRED)[0]
    assert finding.message == (
        "New column code is NOT NULL and has no default in the database: code that is still running cannot insert into"
        " shop_order"
    )
    assert "SET DEFAULT 0" in finding.fix
    steps = Migration(NULLABLE), Migration(FILL), Migration(REQUIRED)
    assert sorted(codes(shop.check(*steps, together=True))) == ["MS101", "MS102"]
    # In deploys of their own, the code that fills it is running by then.
    assert codes(shop.check(*steps)) == ["MS102"]


@pytest.mark.parametrize(
    "field", ['models.ForeignKey("shop.Customer", models.CASCADE{})', "models.IntegerField(unique=True{})"]
)
def test_no_default_where_one_value_cannot_do_for_all_rows(field: str) -> None:
    later = f'migrations.AlterField("order", "code", {field.format("")})'
    (finding,) = (one for one in check(add(field.format(", null=True")), later) if one.code == "MS101")
    assert finding.fix == "Let a release run in which the code always fills it, and set it NOT NULL in the next one."


def test_a_later_migration_of_the_change_may_keep_the_default() -> None:
    change = Migration(add("models.IntegerField(default=0)")), Migration(SET_DEFAULT)
    assert shop.check(*change, together=True) == ()
    assert codes(shop.check(*change)) == ["MS101"]
    assert "MS101" not in codes(check(NULLABLE, REQUIRED, SET_DEFAULT))


def test_no_value_for_existing_rows() -> None:
    (finding,) = check(add("models.IntegerField()"))
    assert (finding.code, finding.severity, finding.axis) == ("MS107", Severity.ERROR, Axis.DATA)
    assert finding.message == "Adding code NOT NULL without a default fails if shop_order has a row"
    assert shop.check(*fixed(finding)) == ()


@pytest.mark.parametrize(
    ("column", "found"),
    [
        ("code text NOT NULL", ["MS107"]),
        ("code text NOT NULL DEFAULT NULL", ["MS107"]),
        ("code bigserial NOT NULL", ["MS105"]),
        ("code int GENERATED BY DEFAULT AS IDENTITY NOT NULL", ["MS105"]),
        ("code text NOT NULL DEFAULT ''", []),
    ],
)
def test_sql_that_adds_a_column(column: str, found: list[str]) -> None:
    sql = f'migrations.RunSQL("ALTER TABLE shop_order ADD COLUMN {column}", "SELECT 1")'
    assert codes(check(sql)) == found


@pytest.mark.parametrize(
    "column",
    [
        "code bigserial",
        "code int GENERATED BY DEFAULT AS IDENTITY",
        "code positive",
        "code float8 DEFAULT random()",
        "code int GENERATED ALWAYS AS (number * 2) STORED",
    ],
)
def test_the_fix_of_a_rewrite_is_clean(column: str) -> None:
    domain = Migration('migrations.RunSQL("CREATE DOMAIN positive AS int CHECK (VALUE > 0)", "SELECT 1")')
    add = Migration(f'migrations.RunSQL("ALTER TABLE shop_order ADD COLUMN {column}", "SELECT 1")')
    (finding,) = shop.check(domain, add)
    assert finding.code == "MS105"
    assert shop.check(*fixed(finding)) == ()


def test_a_default_of_a_domain_is_a_value() -> None:
    domain = "CREATE DOMAIN kind AS text DEFAULT 'a'; ALTER TABLE shop_order ADD COLUMN code kind NOT NULL"
    assert check(f'migrations.RunSQL("{domain}", "SELECT 1")') == ()


def test_a_unique_column_with_one_value_for_all_rows() -> None:
    (finding,) = check(add("models.UUIDField(default=uuid.uuid4, unique=True)"))
    assert (finding.code, finding.severity, finding.axis) == ("MS115", Severity.ERROR, Axis.DATA)
    assert finding.message == (
        "Every row of shop_order gets the same code, so making it unique fails from the second row on"
    )
    assert 'SET "code" = gen_random_uuid()' in finding.fix
    assert shop.check(*fixed(finding)) == ()


def test_identifiers_that_all_rows_share() -> None:
    finding = check(add("models.UUIDField(default=uuid.uuid4)"))[1]
    assert (finding.code, finding.severity) == ("MS115", Severity.WARNING)
    assert finding.message == "Every row of shop_order gets the same code"


def test_the_constraint_may_come_in_an_operation_of_its_own() -> None:
    unique = 'migrations.AddConstraint("order", models.UniqueConstraint(fields=["code"], name="u"))'
    assert "MS115" in codes(check(add('models.CharField(max_length=9, default="")'), unique))
    pair = 'migrations.AddConstraint("order", models.UniqueConstraint(fields=["number", "code"], name="u"))'
    assert "MS115" not in codes(check(add('models.CharField(max_length=9, default="")'), pair))


def test_quiet_on_a_new_table() -> None:
    create = 'migrations.CreateModel("Parcel", [("id", models.BigAutoField(primary_key=True))])'
    fields = "models.UUIDField(default=uuid.uuid4, unique=True)", "models.IntegerField()"
    for field in fields:
        assert check(create, add(field).replace('"order"', '"parcel"')) == ()
    parcel = Migration(create), Migration(add(fields[1]).replace('"order"', '"parcel"'))
    assert shop.check(*parcel, together=True) == ()
