"""MS301 check_validated_under_lock, MS302 foreign_key_validated_under_lock, MS303 unique_built_under_lock."""

import psycopg
import pytest

from tests.conftest import each_major
from tests.rules.harness import Migrations, Op, codes, flat

ORDER = 'ALTER TABLE "order"'


def test_check_validated_at_once(shop: Migrations) -> None:
    code = (
        'migrations.AddConstraint("order", models.CheckConstraint(condition=models.Q(total__gte=0), name="positive"))'
    )
    sql = f"{ORDER} ADD CONSTRAINT positive CHECK (total >= 0)"
    (finding,) = shop.check(Op("AddConstraint", sql, code=code))
    assert finding.code == "MS301"
    assert (
        finding.message
        == "Adding CHECK constraint positive holds ACCESS EXCLUSIVE on order while it reads the whole table"
    )
    assert "AddConstraintNotValid(" in finding.fix
    assert 'ValidateConstraint(model_name="order", name="positive")' in finding.fix


def test_column_with_an_inline_check(shop: Migrations) -> None:
    (finding,) = shop.check(Op("AddField", f'{ORDER} ADD COLUMN weight integer NULL CHECK ("weight" >= 0)'))
    assert finding.code == "MS301"
    assert 'ADD COLUMN "weight" int4' in flat(finding.fix)
    assert "NOT VALID" in flat(finding.fix)


def test_foreign_key_validated_at_once(shop: Migrations) -> None:
    sql = f"{ORDER} ADD CONSTRAINT fk FOREIGN KEY (customer_id) REFERENCES customer (id) DEFERRABLE INITIALLY DEFERRED"
    (finding,) = shop.check(Op("AlterField", deferred=f'{sql}; CREATE INDEX customer_idx ON "order" (customer_id)'))
    assert finding.code == "MS302"
    assert "every request that saves to order hangs, and so does every request that saves to customer" in finding.why
    fix = flat(finding.fix)
    assert "DEFERRABLE INITIALLY DEFERRED NOT VALID" in fix
    assert "CREATE INDEX CONCURRENTLY customer_idx" in fix
    assert 'VALIDATE CONSTRAINT "fk"' in fix


def test_foreign_key_that_django_takes_off_and_puts_on_again(shop: Migrations) -> None:
    key = "FOREIGN KEY (customer_id) REFERENCES customer (id)"
    shop.check(Op("AlterField", f"{ORDER} ADD CONSTRAINT fk {key}"))
    sql = (
        f"""SET CONSTRAINTS fk IMMEDIATE; {ORDER} DROP CONSTRAINT fk; {ORDER} ALTER COLUMN customer_id DROP NOT NULL"""
    )
    code = 'migrations.AlterField("order", "customer", models.ForeignKey("shop.Customer", models.PROTECT, null=True))'
    (finding,) = shop.check(Op("AlterField", sql, f"{ORDER} ADD CONSTRAINT fk {key}", code=code), name="0003_null")
    assert finding.code == "MS302"
    assert "ALTER COLUMN customer_id DROP NOT NULL" in flat(finding.fix)
    assert "NOT VALID" not in finding.fix
    assert "DROP CONSTRAINT" not in finding.fix


def test_foreign_key_with_a_default_validates_every_row(shop: Migrations) -> None:
    sql = f"{ORDER} ADD COLUMN payer_id bigint DEFAULT 1 NOT NULL CONSTRAINT fk REFERENCES customer (id)"
    assert codes(shop.check(Op("AddField", sql, 'CREATE INDEX payer_idx ON "order" (payer_id)'))) == ["MS302"]


@each_major
def test_only_a_default_makes_the_server_validate_a_new_foreign_key(connection: psycopg.Connection) -> None:
    notices: list[str | None] = []
    connection.add_notice_handler(lambda notice: notices.append(notice.message_primary))
    connection.execute("CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (a int)")
    connection.execute("INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1); SET client_min_messages = debug1")
    connection.execute("ALTER TABLE child ADD COLUMN without int CONSTRAINT without_fk REFERENCES parent")
    connection.execute("ALTER TABLE child ADD COLUMN filled int DEFAULT 1 CONSTRAINT filled_fk REFERENCES parent")
    validated = [notice for notice in notices if notice and notice.startswith("validating foreign key")]
    assert validated == ['validating foreign key constraint "filled_fk"']


@pytest.mark.parametrize(
    ("constraint", "kind", "fix"),
    [
        ("UNIQUE (number)", "unique", "CREATE UNIQUE INDEX CONCURRENTLY"),
        ("EXCLUDE USING gist (number WITH =)", "exclude", "no way to build an exclusion constraint"),
    ],
)
def test_constraint_that_builds_an_index(shop: Migrations, constraint: str, kind: str, fix: str) -> None:
    (finding,) = shop.check(Op("AddConstraint", f"{ORDER} ADD CONSTRAINT c {constraint}"))
    assert finding.code == "MS303"
    assert finding.message == f"Adding {kind} constraint c holds ACCESS EXCLUSIVE on order until its index is built"
    assert fix in flat(finding.fix)


def test_unique_field_and_its_index_for_like_are_one_finding(shop: Migrations) -> None:
    op = Op(
        "AlterField",
        f"{ORDER} ADD CONSTRAINT number_uniq UNIQUE (number)",
        'CREATE INDEX number_like ON "order" (number varchar_pattern_ops)',
    )
    (finding,) = shop.check(op)
    assert finding.code == "MS303"
    assert "number_like" in finding.fix


def test_new_unique_column(shop: Migrations) -> None:
    (finding,) = shop.check(Op("AddField", f"{ORDER} ADD COLUMN code varchar(10) NULL UNIQUE"))
    assert finding.code == "MS303"
    assert "order_code_key" in finding.message


def test_primary_key_over_a_nullable_column_reads_the_table_even_with_an_index(shop: Migrations) -> None:
    before = "CREATE TABLE log (number int); CREATE UNIQUE INDEX log_key ON log (number)"
    shop.check(Op("RunSQL", before))
    (finding,) = shop.check(Op("RunSQL", "ALTER TABLE log ADD CONSTRAINT log_key PRIMARY KEY USING INDEX log_key"))
    assert "hold no NULL" in finding.fix


@pytest.mark.parametrize(
    "sql",
    [
        f"{ORDER} ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID",
        f"{ORDER} ADD CONSTRAINT fk FOREIGN KEY (customer_id) REFERENCES customer (id) NOT VALID",
        "CREATE TABLE parcel (a int, CHECK (a > 0), UNIQUE (a))",
        "CREATE TABLE parcel (a bigint); ALTER TABLE parcel ADD FOREIGN KEY (a) REFERENCES customer (id)",
        "CREATE TABLE parcel (a bigint); ALTER TABLE parcel ADD UNIQUE (a)",
        f"{ORDER} DROP CONSTRAINT IF EXISTS gone",
    ],
)
def test_quiet(shop: Migrations, sql: str) -> None:
    assert shop.check(Op("RunSQL", sql)) == ()


def test_quiet_to_validate_in_a_migration_of_its_own(shop: Migrations) -> None:
    shop.check(Op("RunSQL", f"{ORDER} ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID"))
    assert shop.check(Op("ValidateConstraint", f"{ORDER} VALIDATE CONSTRAINT positive"), name="0003_validate") == ()


def test_quiet_to_make_an_index_that_exists_the_constraint(shop: Migrations) -> None:
    shop.check(Op("RunSQL", 'CREATE UNIQUE INDEX CONCURRENTLY n ON "order" (number)'), atomic=False)
    sql = f"{ORDER} ADD CONSTRAINT n UNIQUE USING INDEX n"
    assert shop.check(Op("RunSQL", sql), name="0003_constraint") == ()
