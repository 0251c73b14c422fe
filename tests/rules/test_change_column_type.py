import pytest

from tests.rules.harness import Migrations, Op, codes, flat


def test_rewrite(shop: Migrations) -> None:
    sql = 'ALTER TABLE "order" ALTER COLUMN quantity TYPE bigint USING quantity::bigint'
    code = 'migrations.AlterField("order", "quantity", models.BigIntegerField())'
    (finding,) = shop.check(Op("AlterField", sql, code=code))
    assert finding.code == "MS106"
    assert finding.message == "Changing quantity from integer to bigint rewrites order under ACCESS EXCLUSIVE"
    assert 'migrations.AddField("order", "quantity_new", models.BigIntegerField(null=True)),' in flat(finding.fix)


def test_a_key_and_the_columns_that_refer_to_it_are_one_finding(shop: Migrations) -> None:
    shop.check(
        Op(
            "RunSQL",
            'ALTER TABLE "order" ADD CONSTRAINT fk FOREIGN KEY (customer_id) REFERENCES customer (id) NOT VALID',
        )
    )
    sql = """ALTER TABLE "order" DROP CONSTRAINT fk;
    ALTER TABLE customer ALTER COLUMN id TYPE numeric;
    ALTER TABLE "order" ALTER COLUMN customer_id TYPE numeric;
    ALTER TABLE "order" ADD CONSTRAINT fk FOREIGN KEY (customer_id) REFERENCES customer (id)"""
    finding, compatibility = shop.check(Op("AlterField", sql))
    assert compatibility.code == "MS114"
    assert (
        finding.message
        == "Changing id from bigint to numeric rewrites customer (and order with it) under ACCESS EXCLUSIVE"
    )
    assert "a key can only be moved in SQL" in finding.fix


def test_a_partial_index_is_built_again_even_when_the_type_change_is_free(shop: Migrations) -> None:
    shop.check(
        Op("RunSQL", 'CREATE INDEX CONCURRENTLY open_idx ON "order" (number) WHERE status IS NULL'), atomic=False
    )
    (finding,) = shop.check(Op("AlterField", 'ALTER TABLE "order" ALTER COLUMN number TYPE varchar(40)'))
    assert "rebuilds index open_idx" in finding.message
    assert 'DROP INDEX CONCURRENTLY IF EXISTS "public"."open_idx"' in flat(finding.fix)


def test_another_collation_builds_a_constraints_index_again(shop: Migrations) -> None:
    shop.check(Op("RunSQL", 'ALTER TABLE "order" ADD CONSTRAINT n UNIQUE (number)'))
    sql = 'ALTER TABLE "order" ALTER COLUMN number TYPE varchar(20) COLLATE "C"'
    (finding,) = shop.check(Op("AlterField", sql), name="0003_collation")
    assert "from varchar(20) to varchar(20) COLLATE C rebuilds index n" in finding.message
    assert "number_new" in finding.fix


def test_a_check_on_the_column_makes_a_free_change_read_the_table(shop: Migrations) -> None:
    shop.check(Op("RunSQL", "ALTER TABLE \"order\" ADD CONSTRAINT c CHECK (number <> '')"))
    (finding,) = shop.check(Op("AlterField", 'ALTER TABLE "order" ALTER COLUMN number TYPE varchar(40)'))
    assert (
        finding.message == "Changing number from varchar(20) to varchar(40) reads all of order under ACCESS EXCLUSIVE"
    )


@pytest.mark.parametrize(
    "change",
    [
        "number TYPE varchar(40)",
        "number TYPE text",
        "total TYPE numeric(14, 2)",
        "number TYPE varchar(20)",
    ],
)
def test_quiet(shop: Migrations, change: str) -> None:
    assert shop.check(Op("AlterField", f'ALTER TABLE "order" ALTER COLUMN {change}')) == ()


def test_quiet_on_a_new_column_or_table(shop: Migrations) -> None:
    new = "CREATE TABLE parcel (a int); ALTER TABLE parcel ALTER COLUMN a TYPE bigint"
    assert codes(shop.check(Op("RunSQL", new))) == []
