"""MS401 to MS406: tables dropped, renamed, moved, emptied, rewritten and locked by hand."""

import pytest

from migsafe.model import Axis, Severity
from tests.rules.harness import Migrations, Op, codes


def sql(text: str, *in_models: str) -> Op:
    return Op("RunSQL", text, in_models=in_models)


# MS401


def test_view_of_a_model_dropped(shop: Migrations) -> None:
    shop.check(sql("CREATE VIEW paid AS SELECT id FROM \"order\" WHERE status = 'paid'"))
    (finding,) = shop.check(sql("DROP VIEW paid", "paid"))
    assert finding.code == "MS401"
    assert finding.message == "Dropping view paid breaks code that is still running and uses it"


def test_quiet_about_a_view_that_stands_in_for_a_table_in_another_schema(shop: Migrations) -> None:
    shop.check(sql('CREATE SCHEMA sales; CREATE TABLE sales.paid (); CREATE VIEW paid AS SELECT id FROM "order"'))
    assert shop.check(sql("DROP VIEW paid", "paid")) == ()


def test_quiet_about_a_view_that_is_made_again_or_that_no_model_has(shop: Migrations) -> None:
    shop.check(sql('CREATE VIEW paid AS SELECT id FROM "order"'))
    assert shop.check(sql('DROP VIEW paid; CREATE VIEW paid AS SELECT id, note FROM "order"', "paid")) == ()
    assert shop.check(sql("DROP VIEW paid")) == ()


# MS402


def test_table_renamed_by_its_option(shop: Migrations) -> None:
    shop.check(sql("CREATE TABLE order_tags (id bigint)"))
    text = 'ALTER TABLE "order" RENAME TO purchase; ALTER TABLE order_tags RENAME TO purchase_tags'
    code = 'migrations.AlterModelTable(name="order", table="purchase")'
    (finding,) = shop.check(Op("AlterModelTable", text, code=code, in_models=("order", "order_tags")))
    assert (finding.code, finding.axis, finding.severity) == ("MS402", Axis.COMPATIBILITY, Severity.ERROR)
    assert finding.message == "Renaming table order to purchase breaks code that is still running and asks for order"
    assert 'CREATE VIEW "order" AS SELECT * FROM "purchase"' in finding.fix
    assert 'CREATE VIEW "order_tags"' in finding.fix
    assert f"state_operations=[\n            {code}" in finding.fix


def test_table_renamed_by_sql(shop: Migrations) -> None:
    (finding,) = shop.check(sql('ALTER TABLE "order" RENAME TO purchase', "order"))
    assert 'migrations.AlterModelTable(name="order", table="purchase")' in finding.fix


@pytest.mark.parametrize(
    "text",
    [
        'ALTER TABLE "order" RENAME TO purchase; CREATE VIEW "order" AS SELECT * FROM purchase',
        'CREATE TABLE next (id bigint); ALTER TABLE "order" RENAME TO old; ALTER TABLE next RENAME TO "order"',
    ],
)
def test_quiet_when_something_of_the_old_name_takes_its_place(shop: Migrations, text: str) -> None:
    assert shop.check(sql(text, "order")) == ()


def test_quiet_when_no_model_has_the_table(shop: Migrations) -> None:
    assert shop.check(sql('ALTER TABLE "order" RENAME TO purchase')) == ()


# MS403


def test_table_moved_to_another_schema(shop: Migrations) -> None:
    shop.check(sql("CREATE SCHEMA sales"))
    (finding,) = shop.check(sql('ALTER TABLE "order" SET SCHEMA sales', "order"))
    assert (finding.code, finding.axis) == ("MS403", Axis.COMPATIBILITY)
    assert finding.message == (
        "Moving order to schema sales breaks code that is still running and looks for it in public"
    )
    assert 'CREATE VIEW "public"."order" AS SELECT * FROM "sales"."order"' in finding.fix.replace("\n            ", " ")


def test_view_moved_to_another_schema(shop: Migrations) -> None:
    shop.check(sql('CREATE SCHEMA sales; CREATE VIEW paid AS SELECT id FROM "order"'))
    assert codes(shop.check(sql("ALTER VIEW paid SET SCHEMA sales", "paid"))) == ["MS403"]


@pytest.mark.parametrize("text", ["", '; CREATE VIEW "order" AS SELECT * FROM sales."order"'])
def test_quiet_when_no_model_has_it_or_a_view_stays_behind(shop: Migrations, text: str) -> None:
    shop.check(sql("CREATE SCHEMA sales"))
    assert shop.check(sql(f'ALTER TABLE "order" SET SCHEMA sales{text}', *(["order"] if text else []))) == ()


# MS404


def test_table_emptied(shop: Migrations) -> None:
    (finding,) = shop.check(sql('TRUNCATE "order"', "order"))
    assert (finding.code, finding.axis, finding.severity) == ("MS404", Axis.DATA, Severity.WARNING)
    assert finding.message == (
        "TRUNCATE empties order, which running code uses, and locks out its readers until the end"
    )
    assert 'DELETE FROM "order"' in finding.fix


def test_tables_emptied_by_cascade_are_named(shop: Migrations) -> None:
    shop.check(sql('CREATE TABLE item (order_id bigint REFERENCES "order"); CREATE TABLE imported (id bigint)'))
    (finding,) = shop.check(sql('TRUNCATE imported, "order" CASCADE', "order", "imported"))[:1]
    assert finding.severity is Severity.ERROR
    assert "empties imported and, by CASCADE, item" in finding.message


@pytest.mark.parametrize("text", ['TRUNCATE "order"', 'TRUNCATE "order" CASCADE', "CREATE TABLE a (b int); TRUNCATE a"])
def test_quiet_when_no_model_has_what_is_emptied(shop: Migrations, text: str) -> None:
    assert shop.check(sql(text, "a")) == ()


# MS405


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ('CLUSTER "order" USING order_status_idx', "CLUSTER"),
        ('ALTER TABLE "order" SET UNLOGGED', "SET UNLOGGED"),
        ('ALTER TABLE "order" SET TABLESPACE fast', "SET TABLESPACE"),
        ('ALTER TABLE "order" SET ACCESS METHOD columnar', "SET ACCESS METHOD"),
    ],
)
def test_table_written_anew(shop: Migrations, text: str, command: str) -> None:
    (finding,) = shop.check(sql(text))
    assert (finding.code, finding.severity) == ("MS405", Severity.ERROR)
    assert finding.message == f"{command} writes all of order anew under ACCESS EXCLUSIVE"


def test_full_vacuum_outside_a_transaction(shop: Migrations) -> None:
    (finding,) = shop.check(sql('VACUUM FULL "order"'), atomic=False)
    assert finding.message == "VACUUM FULL writes all of order anew under ACCESS EXCLUSIVE"
    assert 'VACUUM "order"' in finding.fix


def test_all_tables_of_a_tablespace(shop: Migrations) -> None:
    shop.check(sql('ALTER TABLE "order" SET TABLESPACE fast'))
    (finding,) = shop.check(sql("ALTER TABLE ALL IN TABLESPACE fast SET TABLESPACE pg_default"))
    assert "Moving every table of tablespace fast writes all of order anew" in finding.message


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE a (b int); ALTER TABLE a SET UNLOGGED; ALTER TABLE a SET TABLESPACE fast",
        'ALTER TABLE "order" CLUSTER ON order_status_idx',
        'ALTER TABLE "order" SET (fillfactor = 70)',
        'ALTER TABLE "order" SET LOGGED',
    ],
)
def test_quiet_when_nothing_in_use_is_written_anew(shop: Migrations, text: str) -> None:
    assert shop.check(sql(text)) == ()


def test_plain_vacuum_is_quiet(shop: Migrations) -> None:
    assert shop.check(sql('VACUUM "order"'), atomic=False) == ()


# MS406


def test_table_locked_by_hand(shop: Migrations) -> None:
    (finding,) = shop.check(sql('LOCK TABLE "order"'))
    assert (finding.code, finding.severity) == ("MS406", Severity.WARNING)
    assert finding.message == "LOCK TABLE holds ACCESS EXCLUSIVE on order until the migration ends"
    assert finding.why == (
        "From this statement to the end of the transaction every request that touches order waits, however long the"
        " rest of it takes."
    )


def test_weaker_than_what_comes_later_is_no_finding_stronger_is(shop: Migrations) -> None:
    trigger = 'CREATE TRIGGER t BEFORE INSERT ON "order" FOR EACH ROW EXECUTE FUNCTION f()'
    assert codes(shop.check(sql(f'LOCK TABLE "order"; {trigger}'))) == ["MS406"]
    share = sql(f'LOCK TABLE "order" IN SHARE MODE; {trigger.replace("TRIGGER t", "TRIGGER t2")}')
    assert codes(shop.check(share)) == []


@pytest.mark.parametrize(
    "text",
    [
        'LOCK TABLE "order"; ALTER TABLE "order" ADD COLUMN a int',
        'LOCK TABLE "order" IN SHARE UPDATE EXCLUSIVE MODE',
        "CREATE TABLE a (b int); LOCK TABLE a",
    ],
)
def test_quiet_when_the_lock_is_taken_anyway_or_stops_nobody(shop: Migrations, text: str) -> None:
    assert shop.check(sql(text)) == ()
