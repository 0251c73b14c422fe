import pytest

from migsafe.model import Axis, Severity
from tests.rules.harness import Migrations, Op, flat

ADD = """ALTER TABLE "order" ADD COLUMN tracking varchar(64) DEFAULT '' NOT NULL;
ALTER TABLE "order" ALTER COLUMN tracking DROP DEFAULT"""
CODE = 'migrations.AddField(model_name="order", name="tracking", field=models.CharField(max_length=64, default=""))'


def test_not_null_whose_default_django_drops(shop: Migrations) -> None:
    (finding,) = shop.check(Op("AddField", ADD, code=CODE))
    assert (finding.code, finding.severity, finding.axis) == ("MS101", Severity.ERROR, Axis.COMPATIBILITY)
    assert finding.message == (
        "New column tracking is NOT NULL and has no default in the database: code that is still running cannot insert "
        "into order"
    )
    assert 'field=models.CharField(max_length=64, default="", db_default="")),' in flat(finding.fix)


def test_before_django_5_the_fix_sets_the_default_in_sql(shop: Migrations) -> None:
    shop.django = (4, 2)
    (finding,) = shop.check(Op("AddField", ADD, code=CODE))
    assert 'ALTER TABLE "order" ALTER COLUMN "tracking"' in flat(finding.fix)
    assert "SET DEFAULT ''" in finding.fix
    assert "db_default" not in finding.fix


def test_a_callable_default_is_not_kept_as_the_constant_that_django_made_of_it(shop: Migrations) -> None:
    sql = """ALTER TABLE "order" ADD COLUMN paid timestamptz DEFAULT '2026-01-01'::timestamptz NOT NULL;
    ALTER TABLE "order" ALTER COLUMN paid DROP DEFAULT"""
    code = 'migrations.AddField("order", "paid", models.DateTimeField(default=timezone.now))'
    (finding,) = shop.check(Op("AddField", sql, code=code))
    assert "SET DEFAULT now()" in finding.fix
    assert "2026-01-01" not in finding.fix


def test_on_postgres_10_the_rewrite_is_a_finding_of_its_own(shop: Migrations) -> None:
    shop.postgres = 10
    findings = shop.check(Op("AddField", ADD))
    assert [(finding.code, finding.axis) for finding in findings] == [
        ("MS101", Axis.COMPATIBILITY),
        ("MS105", Axis.LOCKS),
    ]


@pytest.mark.parametrize(
    "sql",
    [
        'ALTER TABLE "order" ADD COLUMN tracking varchar(64) NULL',
        "ALTER TABLE \"order\" ADD COLUMN tracking varchar(64) DEFAULT '' NOT NULL",
        'ALTER TABLE "order" ADD COLUMN tracking varchar(64) GENERATED ALWAYS AS (status) VIRTUAL NOT NULL',
    ],
)
def test_quiet(shop: Migrations, sql: str) -> None:
    shop.postgres = 18
    assert shop.check(Op("AddField", sql)) == ()


def test_quiet_when_the_same_migration_sets_the_default_again(shop: Migrations) -> None:
    again = Op("RunSQL", "ALTER TABLE \"order\" ALTER COLUMN tracking SET DEFAULT ''")
    assert shop.check(Op("AddField", ADD), again) == ()


def test_quiet_on_a_table_of_the_same_migration(shop: Migrations) -> None:
    assert (
        shop.check(Op("CreateModel", "CREATE TABLE parcel (id int)"), Op("AddField", ADD.replace('"order"', "parcel")))
        == ()
    )
