"""Columns that running code asks for, with real models: MS103, MS104, MS111."""

import django
import pytest

from migsafe.model import Axis, Severity
from migsafe.testing import Migration, fixed
from tests.rules.columns import check, codes, shop


def sql(text: str) -> str:
    return f'migrations.RunSQL("{text}", migrations.RunSQL.noop)'


RENAME = 'migrations.RenameField("order", "note", "remark")'
KEEP = 'migrations.AlterField("order", "note", models.TextField(default="", db_column="note"))'


def test_renamed() -> None:
    (finding,) = check(RENAME)
    assert (finding.code, finding.axis) == ("MS104", Axis.COMPATIBILITY)
    assert finding.message == (
        "Renaming column note to remark breaks code that is still running: it asks shop_order for note"
    )
    assert codes(check('migrations.AlterField("order", "note", models.TextField(default="", db_column="remark"))')) == [
        "MS104"
    ]


def test_quiet_where_the_column_keeps_its_name() -> None:
    # As makemigrations writes it, and by hand in the other order.
    assert check(KEEP, RENAME) == ()
    assert check(RENAME, KEEP.replace('"order", "note"', '"order", "remark"')) == ()


def test_quiet_where_another_column_takes_its_name() -> None:
    swap = (
        "ALTER TABLE shop_order RENAME COLUMN number TO number_old; ALTER TABLE shop_order RENAME COLUMN big TO number"
    )
    prepare = Migration(sql("ALTER TABLE shop_order ADD COLUMN big bigint"))
    assert shop.check(prepare, Migration(sql(swap))) == ()
    assert codes(shop.check(prepare, Migration(*map(sql, swap.split("; ")), atomic=False))) == ["MS104", "MS604"]


def test_quiet_about_a_column_that_no_model_has() -> None:
    prepare = Migration(sql("ALTER TABLE shop_order ADD COLUMN big bigint"))
    assert shop.check(prepare, Migration(sql("ALTER TABLE shop_order RENAME COLUMN big TO bigger"))) == ()
    assert codes(check(sql("ALTER TABLE shop_order RENAME COLUMN number TO no"))) == ["MS104"]


def test_a_column_that_is_renamed_twice_is_one_finding() -> None:
    twice = 'migrations.RenameField("order", "remark", "comment")'
    (finding,) = (one for one in check(RENAME, twice, atomic=False) if one.code == "MS104")
    assert "Renaming column note to remark" in finding.message


def test_dropped() -> None:
    other_side, finding = check('migrations.RemoveField("order", "customer")')
    assert other_side.code == "MS307"
    assert (finding.code, finding.axis) == ("MS103", Axis.COMPATIBILITY)
    assert finding.message == (
        "Dropping column customer_id breaks code that is still running: it selects customer_id in every query of"
        " shop_order"
    )
    assert shop.check(*fixed(finding)) == ()


def test_a_column_that_is_renamed_and_dropped_is_one_finding() -> None:
    assert codes(check(RENAME, 'migrations.RemoveField("order", "remark")')) == ["MS104"]
    taken = sql("ALTER TABLE shop_order DROP COLUMN number; ALTER TABLE shop_order RENAME COLUMN note TO number")
    assert codes(check(taken)) == ["MS103", "MS104"]


def test_quiet_when_an_earlier_deploy_took_the_field_out_of_the_models() -> None:
    forget = 'migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("order", "status")])'
    drop = Migration(sql("ALTER TABLE shop_order DROP COLUMN status"))
    assert shop.check(Migration(forget), drop) == ()
    assert codes(shop.check(Migration(forget), drop, together=True)) == ["MS103"]


def test_a_view_falls_with_the_column() -> None:
    finding = check('migrations.RemoveField("order", "slug")')[-1]
    assert (finding.code, finding.severity, finding.axis) == ("MS111", Severity.ERROR, Axis.COMPATIBILITY)
    # Since 6.0, Django does not send CASCADE.
    consequence = "drops view shipping with it" if django.VERSION < (6, 0) else "is refused: view shipping reads it"
    assert finding.message == f"Dropping column slug of shop_order {consequence}"
    assert "CREATE VIEW" in finding.fix


def test_without_cascade_the_view_keeps_the_column() -> None:
    finding = check(sql("ALTER TABLE shop_order DROP COLUMN slug"))[-1]
    assert finding.message == "Dropping column slug of shop_order is refused: view shipping reads it"


@pytest.mark.parametrize("field", ["note", "number"])
def test_quiet_about_columns_that_no_view_reads(field: str) -> None:
    assert "MS111" not in codes(check(f'migrations.RemoveField("order", "{field}")'))


def test_quiet_when_the_view_is_made_again_without_the_column() -> None:
    again = sql("DROP VIEW shipping; CREATE VIEW shipping AS SELECT id FROM shop_order")
    assert "MS111" not in codes(check(again, 'migrations.RemoveField("order", "slug")'))
