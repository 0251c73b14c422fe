import pytest

from tests.rules.harness import Migrations, Op, codes

SET = 'ALTER TABLE "order" ALTER COLUMN status SET NOT NULL'
CHECK = 'ALTER TABLE "order" ADD CONSTRAINT status_set CHECK (status IS NOT NULL) NOT VALID'
VALIDATE = 'ALTER TABLE "order" VALIDATE CONSTRAINT status_set'
CODE = 'migrations.AlterField(model_name="order", name="status", field=models.CharField(max_length=10))'


def test_scan_under_lock(shop: Migrations) -> None:
    (finding,) = shop.check(Op("AlterField", SET, code=CODE))
    assert finding.code == "MS102"
    assert finding.message == "SET NOT NULL on status holds ACCESS EXCLUSIVE on order while it reads the whole table"
    assert "every request that touches order hangs" in finding.why
    assert "AddConstraintNotValid(" in finding.fix
    assert "condition=models.Q(status__isnull=False)" in finding.fix
    assert 'ValidateConstraint(model_name="order", name="order_status_not_null")' in finding.fix
    assert 'migrations.RemoveConstraint(model_name="order", name="order_status_not_null")' in finding.fix


def test_check_constraints_had_another_keyword_before_django_5_1(shop: Migrations) -> None:
    shop.django = (5, 0)
    (finding,) = shop.check(Op("AlterField", SET, code=CODE))
    assert "check=models.Q(status__isnull=False)" in finding.fix


def test_sql_gets_sql(shop: Migrations) -> None:
    (finding,) = shop.check(Op("RunSQL", SET))
    assert "NOT VALID" in finding.fix
    assert "AddConstraintNotValid" not in finding.fix


def test_an_update_in_the_same_sql_does_not_hide_it(shop: Migrations) -> None:
    sql = f"UPDATE \"order\" SET status = 'new' WHERE status IS NULL; {SET}"
    assert "MS102" in codes(shop.check(Op("RunSQL", sql)))


def test_a_check_that_is_not_validated_proves_nothing(shop: Migrations) -> None:
    shop.check(Op("RunSQL", CHECK))
    assert codes(shop.check(Op("AlterField", SET))) == ["MS102"]


def test_quiet_once_a_check_proves_it(shop: Migrations) -> None:
    shop.check(Op("RunSQL", CHECK))
    assert shop.check(Op("RunSQL", VALIDATE), name="0003_validate") == ()
    assert shop.check(Op("AlterField", SET), name="0004_not_null") == ()


def test_before_postgres_12_a_check_proves_nothing(shop: Migrations) -> None:
    shop.postgres = 11
    shop.check(Op("RunSQL", f"{CHECK};{VALIDATE}"))
    (finding,) = shop.check(Op("AlterField", SET))
    assert finding.code == "MS102"
    assert "keep the CHECK" in finding.fix


@pytest.mark.parametrize(
    "sql",
    [
        'ALTER TABLE "order" ALTER COLUMN number DROP NOT NULL',
        'ALTER TABLE "order" ALTER COLUMN number SET NOT NULL',
        "CREATE TABLE parcel (a int); ALTER TABLE parcel ALTER COLUMN a SET NOT NULL",
    ],
)
def test_quiet(shop: Migrations, sql: str) -> None:
    assert shop.check(Op("AlterField", sql)) == ()
