import pytest

from migsafe.model import Axis, Severity
from migsafe.testing import Migration, fixed
from tests.rules.columns import check, shop


def forget(field: str) -> str:
    return f'migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("order", "{field}")])'


def sql(text: str) -> str:
    return f'migrations.RunSQL("{text}", migrations.RunSQL.noop)'


def test_new_code_cannot_insert() -> None:
    (finding,) = check(forget("number"))
    assert (finding.code, finding.severity, finding.axis) == ("MS116", Severity.ERROR, Axis.COMPATIBILITY)
    assert finding.message == (
        "number leaves the models but stays NOT NULL without a default: new code cannot insert into shop_order"
    )
    assert finding.relation == "shop_order"
    assert shop.check(*fixed(finding)) == ()


def test_a_foreign_keys_column_has_another_name() -> None:
    (finding,) = check(forget("customer"))
    assert finding.message.startswith("customer_id leaves the models")


@pytest.mark.parametrize("field", ["status", "source"])
def test_quiet_if_the_database_has_a_value(field: str) -> None:
    assert check(forget(field)) == ()


def test_quiet_if_it_may_be_null_by_then() -> None:
    relax = sql("ALTER TABLE shop_order ALTER COLUMN number DROP NOT NULL")
    assert check(relax, forget("number")) == ()
    assert shop.check(Migration(forget("number")), Migration(relax), together=True) == ()


def test_quiet_when_the_column_goes_too() -> None:
    both = (
        "migrations.SeparateDatabaseAndState("
        f"database_operations=[{sql('ALTER TABLE shop_order DROP COLUMN number')}], "
        'state_operations=[migrations.RemoveField("order", "number")])'
    )
    assert [finding.code for finding in check(both)] == ["MS103"]


def test_two_deploys_done_right() -> None:
    relax = sql("ALTER TABLE shop_order ALTER COLUMN number DROP NOT NULL")
    drop = Migration(sql("ALTER TABLE shop_order DROP COLUMN number"))
    assert [finding.code for finding in shop.check(Migration(forget("number")), drop)] == ["MS116"]
    first = Migration(relax, forget("number"))
    assert shop.check(first, drop) == ()
