"""MS201 index_not_concurrent, MS202 drop_index_not_concurrent, MS203 concurrently_in_transaction."""

import pytest

from migsafe.model import LockMode, Severity
from tests.rules.harness import Migrations, Op, codes

CREATE = 'CREATE INDEX total_idx ON "order" (total)'
CODE = 'migrations.AddIndex(model_name="order", index=models.Index(fields=["total"], name="total_idx"))'


def test_index_built_without_concurrently(shop: Migrations) -> None:
    (finding,) = shop.check(Op("AddIndex", CREATE, code=CODE))
    assert (finding.code, finding.severity) == ("MS201", Severity.ERROR)
    assert finding.message == "Building index total_idx holds SHARE on order until it is done"
    assert "every request that saves to order waits" in finding.why
    assert "atomic = False" in finding.fix
    assert "AddIndexConcurrently(" in finding.fix


def test_a_build_after_another_change_of_the_table_locks_readers_out(shop: Migrations) -> None:
    findings = shop.check(Op("AddField", 'ALTER TABLE "order" ADD COLUMN a int'), Op("AddIndex", CREATE))
    (finding,) = findings
    assert finding.message == "Building index total_idx holds ACCESS EXCLUSIVE on order until it is done"
    assert "has locked them out already" in finding.why


def test_outside_a_transaction_earlier_locks_are_gone(shop: Migrations) -> None:
    add = Op("RunSQL", 'ALTER TABLE "order" ADD COLUMN IF NOT EXISTS a int')
    findings = shop.check(add, Op("AddIndex", CREATE), atomic=False)
    assert [finding.effects[0].lock for finding in findings] == [LockMode.SHARE]


def test_nullable_foreign_key_is_one_finding_about_its_index(shop: Migrations) -> None:
    sql = """ALTER TABLE "order" ADD COLUMN payer_id bigint NULL
    CONSTRAINT payer_fk REFERENCES customer (id) DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS payer_fk IMMEDIATE"""
    code = (
        'migrations.AddField("order", "payer", '
        'models.ForeignKey("shop.Customer", models.PROTECT, null=True, related_name="paid"))'
    )
    op = Op("AddField", sql, 'CREATE INDEX order_payer_id_idx ON "order" (payer_id)', code=code)
    (finding,) = shop.check(op)
    assert finding.code == "MS201"
    assert {effect.relation: effect.lock for effect in finding.effects} == {
        "order": LockMode.ACCESS_EXCLUSIVE,
        "customer": LockMode.SHARE_ROW_EXCLUSIVE,
    }
    assert "db_index=False" in finding.fix
    assert "order_payer_id_idx" in finding.fix
    assert "migrations.AlterField(" in finding.fix


def test_a_text_column_and_its_twin_for_like_are_one_finding(shop: Migrations) -> None:
    sql = """CREATE INDEX order_note ON "order" (note);
    CREATE INDEX order_note_like ON "order" (note text_pattern_ops)"""
    assert codes(shop.check(Op("AlterField", sql))) == ["MS201"]


def test_two_indexes_in_sql_are_two_findings(shop: Migrations) -> None:
    sql = 'create index a_idx on "order" (note); create index b_idx on "order" (total)'
    findings = shop.check(Op("RunSQL", sql))
    assert codes(findings) == ["MS201", "MS201"]
    assert len({finding.fingerprint for finding in findings}) == 2
    assert 'create index CONCURRENTLY a_idx on "order" (note)' in findings[0].fix


def test_unique_constraint_with_a_condition_keeps_its_place_in_the_state(shop: Migrations) -> None:
    code = 'migrations.AddConstraint("order", models.UniqueConstraint(fields=["note"], condition=X, name="u"))'
    sql = 'CREATE UNIQUE INDEX u ON "order" (note) WHERE status IS NULL'
    (finding,) = shop.check(Op("AddConstraint", sql, code=code))
    assert "CREATE UNIQUE INDEX CONCURRENTLY u" in finding.fix
    assert "state_operations=[" in finding.fix


def test_quiet_when_built_concurrently(shop: Migrations) -> None:
    sql = CREATE.replace("INDEX", "INDEX CONCURRENTLY")
    assert shop.check(Op("AddIndexConcurrently", sql), atomic=False) == ()


def test_quiet_on_a_table_of_the_same_migration(shop: Migrations) -> None:
    create = Op("CreateModel", "CREATE TABLE parcel (id int, a int)", "CREATE INDEX parcel_a ON parcel (a)")
    assert shop.check(create) == ()


def test_a_table_of_an_earlier_migration_is_in_use(shop: Migrations) -> None:
    shop.check(Op("CreateModel", "CREATE TABLE parcel (id int)"))
    assert codes(shop.check(Op("AddIndex", "CREATE INDEX i ON parcel (id)"), name="0003_index")) == ["MS201"]


def test_unless_both_are_deployed_together(shop: Migrations) -> None:
    shop.together = True
    shop.check(Op("CreateModel", "CREATE TABLE parcel (id int)"))
    assert shop.check(Op("AddIndex", "CREATE INDEX i ON parcel (id)"), name="0003_index") == ()


def test_index_dropped_without_concurrently(shop: Migrations) -> None:
    code = 'migrations.RemoveIndex(model_name="order", name="order_status_idx")'
    (finding,) = shop.check(Op("RemoveIndex", "DROP INDEX IF EXISTS order_status_idx", code=code))
    assert (finding.code, finding.severity, finding.relation) == ("MS202", Severity.WARNING, "order")
    assert "RemoveIndexConcurrently(" in finding.fix


def test_index_dropped_when_its_table_is_locked_already(shop: Migrations) -> None:
    drop = "DROP INDEX IF EXISTS order_status_idx"
    other = shop.check(Op("RunSQL", f"ALTER TABLE customer DROP CONSTRAINT IF EXISTS email_key; {drop}"))
    assert "MS202" in codes(other)
    shop.check(Op("RunSQL", 'CREATE INDEX order_status_idx ON "order" (status)'), name="0003_again")
    # As AlterField does it that takes `unique=True` from a text column.
    unique = f'ALTER TABLE "order" DROP CONSTRAINT IF EXISTS status_key; {drop}'
    assert shop.check(Op("AlterField", unique), name="0004_not_unique") == ()


@pytest.mark.parametrize("sql", ["DROP INDEX IF EXISTS never_there", "DROP INDEX CONCURRENTLY order_status_idx"])
def test_quiet_drops(shop: Migrations, sql: str) -> None:
    assert shop.check(Op("RunSQL", sql), atomic=False) == ()


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        (CREATE.replace("INDEX", "INDEX CONCURRENTLY"), "Building index total_idx CONCURRENTLY fails"),
        ("DROP INDEX CONCURRENTLY order_status_idx", "Dropping index order_status_idx CONCURRENTLY fails"),
        ("REINDEX INDEX CONCURRENTLY order_status_idx", "Rebuilding index order_status_idx CONCURRENTLY fails"),
    ],
)
def test_concurrently_in_a_transaction_fails(shop: Migrations, sql: str, message: str) -> None:
    (finding,) = shop.check(Op("AddIndexConcurrently", sql))
    assert finding.code == "MS203"
    assert finding.message == f"{message}: cannot run inside a transaction block"
    assert "atomic = False" in finding.fix


def test_what_django_itself_refuses_is_a_finding_too(shop: Migrations) -> None:
    operation = Op("AddIndexConcurrently", unanalysed="NotSupportedError: …")
    (finding,) = shop.check(operation)
    assert finding.code == "MS203"
    assert finding.message.startswith("AddIndexConcurrently fails: it cannot run inside a transaction")
    assert codes(shop.check(operation, atomic=False)) == ["MS001"]


def test_what_ends_the_transaction_before_concurrently_counts(shop: Migrations) -> None:
    sql = 'CREATE INDEX CONCURRENTLY i ON "order" (note)'
    assert "MS203" not in codes(shop.check(Op("RunSQL", f"COMMIT; {sql}; BEGIN")))
    assert "MS203" in codes(shop.check(Op("RunSQL", f"COMMIT; BEGIN; {sql}")))
