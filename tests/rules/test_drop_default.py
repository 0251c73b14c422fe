import pytest

from migsafe.model import Axis, Severity
from migsafe.testing import Migration, fixed
from tests.rules.columns import check, codes, shop


def sql(text: str) -> str:
    return f'migrations.RunSQL("ALTER TABLE shop_order {text}", "SELECT 1")'


def alter(name: str, field: str) -> str:
    return f'migrations.AlterField("order", "{name}", {field})'


@pytest.mark.parametrize("field", ["models.CharField(max_length=10)", 'models.CharField(max_length=10, default="web")'])
def test_code_with_db_default_cannot_insert_any_more(field: str) -> None:
    (finding,) = check(alter("source", field))
    assert (finding.code, finding.severity, finding.axis) == ("MS117", Severity.ERROR, Axis.COMPATIBILITY)
    assert finding.message == (
        "Dropping the default of source breaks code that is still running: it cannot insert into shop_order"
    )
    assert shop.check(*fixed(finding)) == ()


def test_a_column_that_may_be_null_stays_empty() -> None:
    first = Migration(alter("status", 'models.CharField(max_length=10, null=True, db_default="new")'))
    (finding,) = shop.check(first, Migration(alter("status", "models.CharField(max_length=10, null=True)")))
    assert (finding.code, finding.severity) == ("MS117", Severity.WARNING)
    assert finding.message == (
        "Dropping the default of status breaks code that is still running: it leaves that empty in new rows of shop_order"
    )


def test_code_that_does_not_know_the_column_relies_on_its_default() -> None:
    add = sql("ADD COLUMN region text NOT NULL DEFAULT 'eu'")
    assert codes(shop.check(Migration(add), Migration(sql("ALTER COLUMN region DROP DEFAULT")))) == ["MS117"]


@pytest.mark.parametrize(
    ("before", "drop"),
    [
        ("ALTER COLUMN id SET GENERATED ALWAYS", "ALTER COLUMN id DROP IDENTITY"),
        ("ADD COLUMN twice int GENERATED ALWAYS AS (number * 2) STORED", "ALTER COLUMN twice DROP EXPRESSION"),
    ],
)
def test_identity_and_expression(before: str, drop: str) -> None:
    (finding,) = shop.check(Migration(sql(before)), Migration(sql(drop)))[-1:]
    assert finding.code == "MS117"


def test_quiet_if_code_gives_the_value() -> None:
    keep = Migration(sql("ALTER COLUMN note SET DEFAULT ''"))
    assert shop.check(keep, Migration(sql("ALTER COLUMN note DROP DEFAULT"))) == ()
    assert shop.check(keep, Migration(alter("note", 'models.TextField(default="x")'))) == ()


def test_quiet_if_the_default_of_python_comes_first() -> None:
    both = Migration(alter("source", 'models.CharField(max_length=10, default="web", db_default="web")'))
    assert shop.check(both, Migration(alter("source", 'models.CharField(max_length=10, default="web")'))) == ()


@pytest.mark.parametrize(
    "operations",
    [
        [sql("ALTER COLUMN source DROP DEFAULT"), sql("ALTER COLUMN source SET DEFAULT 'shop'")],
        [alter("source", 'models.CharField(max_length=10, db_default="shop")')],
        [alter("source", 'models.CharField(max_length=10, db_default="web", null=True)')],
        [sql("ALTER COLUMN number SET DEFAULT 1"), sql("ALTER COLUMN number DROP DEFAULT")],
    ],
)
def test_quiet(operations: list[str]) -> None:
    assert check(*operations) == ()


def test_quiet_on_a_column_of_the_same_change() -> None:
    change = (
        Migration(sql("ADD COLUMN region text DEFAULT 'eu'")),
        Migration(sql("ALTER COLUMN region DROP DEFAULT")),
    )
    assert shop.check(*change, together=True) == ()
