"""Effects of whole statements: what several commands add up to, what is not known, what the server refuses.

That each form costs what a server really does is proven in ``tests/postgres/test_facts.py``.
"""

import pytest

from migsafe.model import Effect, LockMode, Statement
from migsafe.sql.catalog import Catalog
from migsafe.sql.effects import Analysis, analyse
from migsafe.sql.parse import parse

SHOP = """
CREATE TABLE customer (id int PRIMARY KEY, name varchar(20) NOT NULL);
CREATE TABLE "order" (id int PRIMARY KEY, customer_id int REFERENCES customer, total numeric(9, 2), note text);
CREATE INDEX order_total ON "order" (total);
CREATE FUNCTION stamp() RETURNS int STABLE LANGUAGE sql AS 'SELECT 1';
CREATE DOMAIN plain AS int;
"""


def schema(sql: str) -> Catalog:
    catalog = Catalog()
    for parsed in parse(sql):
        for action in parsed.actions:
            catalog = catalog.after(action)
    return catalog


def analysed(sql: str, postgres: int = 16, *, transaction: bool = True, before: str = SHOP) -> Analysis:
    (parsed,) = parse(sql)
    return analyse(parsed, schema(before), postgres, transaction=transaction, complete=bool(before))


def said(sql: str, postgres: int = 16, *, transaction: bool = True, before: str = SHOP) -> Statement:
    return analysed(sql, postgres, transaction=transaction, before=before).statement


def locks(statement: Statement) -> dict[str, str]:
    return {effect.relation: effect.lock.value for effect in statement.effects}


def test_an_effect_says_lock_rewrite_scan_and_what_waits() -> None:
    assert said('ALTER TABLE "order" ADD CHECK (total > 0)').effects == (
        Effect("order", LockMode.ACCESS_EXCLUSIVE, rewrites=False, scans=True, blocks=("reads", "writes", "ddl")),
    )


def test_the_strongest_lock_of_several_commands_counts_and_scans_add_up() -> None:
    statement = said('ALTER TABLE "order" ADD FOREIGN KEY (id) REFERENCES customer, ADD COLUMN x int')
    assert locks(statement)["order"] == "ACCESS EXCLUSIVE"
    assert locks(statement)["customer"] == "SHARE ROW EXCLUSIVE"
    assert all(effect.scans for effect in statement.effects if effect.relation in ("order", "customer"))


def test_a_temporary_table_keeps_nobody_waiting() -> None:
    before = SHOP + "CREATE TEMP TABLE mine (id int PRIMARY KEY);"
    assert locks(said("ALTER TABLE mine ADD FOREIGN KEY (id) REFERENCES customer", before=before)) == {
        "customer": "SHARE ROW EXCLUSIVE",
        "customer_pkey": "ACCESS SHARE",
    }
    assert said("DROP TABLE mine", before=before).effects == ()


def test_each_action_is_a_step_that_meets_what_the_earlier_ones_left() -> None:
    analysis = analysed('ALTER TABLE "order" ADD COLUMN x int, ALTER COLUMN x SET NOT NULL')
    assert [step.forms for step in analysis.steps] == [("add column",), ("set not null",)]
    table = analysis.steps[1].before.table(parse('SELECT FROM "order"')[0].actions[0].reads[0])  # type: ignore[attr-defined]
    assert table is not None
    assert "x" in table.columns


def test_what_the_statement_makes_itself_has_no_effects() -> None:
    statement = said("DO $$ BEGIN CREATE TABLE new (id int); ALTER TABLE new ADD COLUMN x int; END $$")
    assert statement.analysed
    assert statement.effects == ()


def test_a_relation_that_is_not_known_is_reported_as_written() -> None:
    assert locks(said("ALTER TABLE legacy.old ADD COLUMN x int", before="")) == {"legacy.old": "ACCESS EXCLUSIVE"}


def test_if_exists_locks_nothing_where_the_whole_schema_is_known() -> None:
    assert said("DROP TABLE IF EXISTS gone").effects == ()
    assert locks(said("DROP TABLE IF EXISTS gone", before="")) == {"gone": "ACCESS EXCLUSIVE"}


@pytest.mark.parametrize(
    ("sql", "postgres", "transaction", "fails"),
    [
        ("CREATE INDEX CONCURRENTLY i ON customer (name)", 16, True, "cannot run inside a transaction block"),
        ("CREATE INDEX CONCURRENTLY i ON customer (name)", 16, False, None),
        ("DROP INDEX CONCURRENTLY order_total", 16, True, "cannot run inside a transaction block"),
        ("REINDEX INDEX CONCURRENTLY order_total", 11, False, "needs PostgreSQL 12"),
        ("ALTER TABLE customer ADD UNIQUE NULLS NOT DISTINCT (name)", 14, True, "needs PostgreSQL 15"),
        ("ALTER TABLE customer ADD x int GENERATED ALWAYS AS (1) VIRTUAL", 17, True, "needs PostgreSQL 18"),
        ("VACUUM customer", 16, True, "cannot run inside a transaction block"),
    ],
)
def test_what_the_server_refuses(sql: str, postgres: int, transaction: bool, fails: str | None) -> None:
    assert said(sql, postgres, transaction=transaction).fails == fails


@pytest.mark.parametrize("transaction", [True, False])
def test_a_statement_that_is_refused_has_no_effects(transaction: bool) -> None:
    statement = said("CREATE INDEX CONCURRENTLY i ON customer (name)", transaction=transaction)
    assert bool(statement.effects) is not transaction


def test_adding_an_enum_value_in_a_transaction_needs_12() -> None:
    assert said("ALTER TYPE e ADD VALUE 'x'", 11).fails == "cannot run inside a transaction block"
    assert said("ALTER TYPE e ADD VALUE 'x'", 12).fails is None


@pytest.mark.parametrize(("sql", "reason"), [("frob", "syntax error"), ("DO $$ BEGIN EXECUTE x; END $$", "EXECUTE")])
def test_what_is_not_understood_is_said(sql: str, reason: str) -> None:
    statement = said(sql)
    assert not statement.analysed
    assert reason in (statement.reason or "")


@pytest.mark.parametrize(
    ("default", "rewrites"),
    [("now()", False), ("stamp()", False), ("random()", True), ("uuid_generate_v4()", True), ("1 + 1", False)],
)
def test_a_volatile_or_unknown_function_rewrites(default: str, rewrites: bool) -> None:
    statement = said(f"ALTER TABLE customer ADD COLUMN x text DEFAULT {default}")
    assert [effect.rewrites for effect in statement.effects if effect.relation == "customer"] == [rewrites]


def test_dropping_a_foreign_key_column_locks_the_referenced_table() -> None:
    assert locks(said('ALTER TABLE "order" DROP COLUMN customer_id')) == {
        "order": "ACCESS EXCLUSIVE",
        "customer": "ACCESS EXCLUSIVE",
    }


def test_a_domain_without_constraints_is_its_base_type() -> None:
    assert not any(effect.rewrites for effect in said('ALTER TABLE "order" ALTER customer_id TYPE plain').effects)
    assert any(effect.rewrites for effect in said('ALTER TABLE "order" ALTER customer_id TYPE bigint').effects)


@pytest.mark.parametrize(
    ("using", "rewrites"), [("note", False), ("note::varchar", False), ("lower(note)", True), ("total::text", True)]
)
def test_using_is_free_only_as_a_cast_of_the_column(using: str, rewrites: bool) -> None:
    statement = said(f'ALTER TABLE "order" ALTER note TYPE varchar USING {using}')
    assert {effect.rewrites for effect in statement.effects if effect.relation == "order"} == {rewrites}


def test_a_domain_over_itself_is_no_trap() -> None:
    before = "CREATE DOMAIN d AS d; CREATE TABLE t (a int);"
    assert locks(said("ALTER TABLE t ADD b d", before=before)) == {"t": "ACCESS EXCLUSIVE"}


def test_system_catalogs_are_read_without_a_word_and_a_table_that_is_called_like_one_is_altered_with_one() -> None:
    assert locks(said("SELECT relname FROM pg_class, information_schema.tables", before="")) == {}
    assert locks(said("ALTER TABLE pg_search_document ADD COLUMN x int", before="")) == {
        "pg_search_document": "ACCESS EXCLUSIVE"
    }
