"""MS103 drop_column, MS104 rename_column, MS401 drop_table, MS402 rename_table: what running code still asks for."""

import pytest

from migsafe.model import Axis
from tests.rules.harness import Migrations, Op, codes

DROP = 'ALTER TABLE "order" DROP COLUMN note CASCADE'


def test_column_dropped_with_its_field(shop: Migrations) -> None:
    (finding,) = shop.check(Op("RemoveField", DROP, removes=("shop.order.note",)))
    assert (finding.code, finding.axis) == ("MS103", Axis.COMPATIBILITY)
    assert "Dropping column note breaks code that is still running" in finding.message
    assert 'migrations.RemoveField(model_name="order", name="note")' in finding.fix
    assert "DROP NOT NULL" not in finding.fix


def test_a_required_column_has_to_become_optional_before_new_code_stops_filling_it(shop: Migrations) -> None:
    sql = 'ALTER TABLE "order" DROP COLUMN number'
    (finding,) = shop.check(Op("RemoveField", sql, removes=("shop.order.number",)))
    assert "DROP NOT NULL" in finding.fix


def test_column_dropped_by_sql_beside_the_removal_from_the_models(shop: Migrations) -> None:
    state = Op("SeparateDatabaseAndState", removes=("shop.order.note",))
    assert codes(shop.check(state, Op("RunSQL", DROP))) == ["MS103"]


def test_migrations_of_one_change_are_judged_together(shop: Migrations) -> None:
    shop.together = True
    shop.check(Op("SeparateDatabaseAndState", removes=("shop.order.note",)))
    assert codes(shop.check(Op("RunSQL", DROP), name="0003_drop")) == ["MS103"]


def test_quiet_when_an_earlier_release_took_the_column_out_of_the_models(shop: Migrations) -> None:
    assert shop.check(Op("SeparateDatabaseAndState", removes=("shop.order.note",))) == ()
    assert shop.check(Op("RunSQL", DROP), name="0003_drop") == ()


def test_quiet_when_the_column_is_as_new_as_its_drop(shop: Migrations) -> None:
    add = Op("AddField", 'ALTER TABLE "order" ADD COLUMN temporary int')
    drop = Op("RemoveField", 'ALTER TABLE "order" DROP COLUMN temporary', removes=("shop.order.temporary",))
    assert shop.check(add, drop) == ()


def test_a_table_that_goes_with_its_column_is_the_only_finding(shop: Migrations) -> None:
    column = Op("RemoveField", DROP, removes=("shop.order.note",))
    assert codes(shop.check(column, Op("DeleteModel", 'DROP TABLE "order"', removes=("shop.order",)))) == ["MS401"]


def test_column_renamed(shop: Migrations) -> None:
    sql = 'ALTER TABLE "order" RENAME COLUMN note TO remark'
    code = 'migrations.RenameField(model_name="order", old_name="note", new_name="remark")'
    (finding,) = shop.check(Op("RenameField", sql, code=code))
    assert finding.code == "MS104"
    assert 'give field `remark` in the model `db_column="note"`' in finding.fix


def test_table_dropped_with_its_model_is_one_finding(shop: Migrations) -> None:
    shop.check(Op("AddField", "CREATE TABLE order_tags (id bigint)"))
    sql = 'DROP TABLE order_tags CASCADE; DROP TABLE "order" CASCADE'
    (finding,) = shop.check(Op("DeleteModel", sql, removes=("shop.order",)))
    assert (finding.code, finding.relation) == ("MS401", "order")
    assert 'migrations.DeleteModel(name="order")' in finding.fix


def test_quiet_when_an_earlier_release_took_the_model_out_of_the_code(shop: Migrations) -> None:
    assert shop.check(Op("SeparateDatabaseAndState", removes=("shop.order",))) == ()
    assert shop.check(Op("RunSQL", 'DROP TABLE "order"'), name="0003_drop") == ()


def test_model_renamed_is_one_finding_with_its_many_to_many_tables(shop: Migrations) -> None:
    shop.check(Op("AddField", "CREATE TABLE order_tags (id bigint, order_id bigint)"))
    sql = """ALTER TABLE "order" RENAME TO purchase;
    ALTER TABLE order_tags RENAME TO purchase_tags;
    ALTER TABLE purchase_tags RENAME COLUMN order_id TO purchase_id"""
    code = 'migrations.RenameModel(old_name="Order", new_name="Purchase")'
    (finding,) = shop.check(Op("RenameModel", sql, code=code, in_models=("order", "order_tags")))
    assert (finding.code, finding.relation) == ("MS402", "order")
    assert 'db_table = "order"' in finding.fix
    assert 'migrations.AlterModelTable(name="Order", table="order")' in finding.fix


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE parcel (a int); ALTER TABLE parcel DROP COLUMN a",
        "CREATE TABLE parcel (a int); ALTER TABLE parcel RENAME COLUMN a TO b",
        "CREATE TABLE parcel (a int); ALTER TABLE parcel RENAME TO box; DROP TABLE box",
        "ALTER INDEX order_status_idx RENAME TO order_by_status",
        "DROP TABLE IF EXISTS never_there",
    ],
)
def test_quiet_about_what_nobody_can_be_using(shop: Migrations, sql: str) -> None:
    assert shop.check(Op("Custom", sql, removes=("shop.parcel", "shop.parcel.a"))) == ()
