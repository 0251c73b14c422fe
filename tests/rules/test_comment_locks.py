from migsafe.model import Severity
from migsafe.testing import fixed
from tests.rules.columns import check, shop


def test_the_lock_is_worth_knowing() -> None:
    (finding,) = check('migrations.AlterField("order", "number", models.IntegerField(db_comment="Of the invoice"))')
    assert (finding.code, finding.severity) == ("MS118", Severity.INFO)
    assert finding.message == "Changing the comment of number takes ACCESS EXCLUSIVE on shop_order"
    assert shop.check(*fixed(finding)) == ()


def test_with_a_check_on_the_column_the_table_is_read() -> None:
    field = 'models.PositiveIntegerField(default=0, db_comment="Pieces")'
    (finding,) = check(f'migrations.AlterField("order", "quantity", {field})')
    assert (finding.code, finding.severity) == ("MS118", Severity.ERROR)
    assert finding.message == (
        "Changing the comment of quantity takes ACCESS EXCLUSIVE on shop_order while it reads the whole table"
    )
    assert shop.check(*fixed(finding)) == ()


def test_quiet_where_nothing_is_locked() -> None:
    assert check('migrations.AlterModelTableComment("order", "What was bought")') == ()
    assert check('migrations.RunSQL("COMMENT ON COLUMN shop_order.number IS \'x\'", "SELECT 1")') == ()


def test_quiet_with_a_new_column_or_beside_a_change_of_the_type() -> None:
    assert check('migrations.AddField("order", "x", models.IntegerField(null=True, db_comment="X"))') == ()
    wider = 'models.CharField(max_length=20, null=True, db_comment="S")'
    assert check(f'migrations.AlterField("order", "status", {wider})') == ()
