"""MS203 concurrently_in_transaction, MS204 concurrently_not_rerunnable, MS205 concurrently_unsupported, MS206 reindex."""

import pytest

from migsafe.model import Finding, Severity
from migsafe.rules import all_rules, beginning
from migsafe.testing import Migration, Scenario, fixed

SHOP = Scenario(
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("number", models.IntegerField(db_index=True)),
        ("status", models.CharField(max_length=10)),
    ])""",
    """migrations.RunSQL('''
        CREATE TABLE event (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
        CREATE TABLE event_2026 PARTITION OF event FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
        CREATE TABLE event_2027 PARTITION OF event FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
        CREATE INDEX event_id_idx ON event (id);
    ''')""",
)
BUILD = "CREATE INDEX CONCURRENTLY status_idx ON shop_order (status)"
DROP = "DROP INDEX CONCURRENTLY IF EXISTS status_idx"
CAREFUL = "from django.contrib.postgres.operations import AddIndexConcurrently as Careful\n"


def in_sql(*statements: str) -> str:
    """A RunSQL of one statement, or of a list of them."""
    return (
        f"migrations.RunSQL({(statements[0] if len(statements) == 1 else list(statements))!r}, migrations.RunSQL.noop)"
    )


RULES = beginning(["MS203", "MS204", "MS205", "MS206"], all_rules())


def found(*operations: str, atomic: bool = False, postgres: int = 16) -> tuple[Finding, ...]:
    return SHOP.check(*operations, atomic=atomic, rules=RULES, postgres=postgres)


def clean(finding: Finding) -> bool:
    return SHOP.check(*fixed(finding)) == ()


def test_statements_in_one_text_are_a_transaction() -> None:
    (finding,) = found(in_sql(f"{DROP}; {BUILD};"))
    assert finding.code == "MS203"
    assert finding.message == (
        "Dropping index status_idx CONCURRENTLY fails: cannot run inside a transaction block, and several statements in"
        " one text are one"
    )
    assert clean(finding)


def test_commit_in_the_text_does_not_help() -> None:
    (finding,) = found(in_sql(f"COMMIT; {BUILD}; BEGIN"), atomic=True)
    assert finding.code == "MS203"


def test_quiet_when_each_statement_is_sent_by_itself() -> None:
    assert found(in_sql(DROP, BUILD)) == ()


def test_a_lock_lasts_until_the_end_of_the_text() -> None:
    text = "ALTER TABLE shop_order ADD COLUMN a int; CREATE INDEX a_idx ON shop_order (a)"
    together, apart = SHOP.check(in_sql(text), atomic=False), SHOP.check(in_sql(*text.split(";")), atomic=False)
    assert [one.message for one in (*together, *apart) if one.code == "MS201"] == [
        "Building index a_idx holds ACCESS EXCLUSIVE on shop_order until it is done",
        "Building index a_idx holds SHARE on shop_order until it is done",
    ]


def test_if_not_exists_keeps_an_invalid_index() -> None:
    (finding,) = found(in_sql(BUILD.replace("CONCURRENTLY", "CONCURRENTLY IF NOT EXISTS")))
    assert (finding.code, finding.severity) == ("MS204", Severity.WARNING)
    assert finding.message == (
        "If building index status_idx on shop_order CONCURRENTLY fails, running the migration again keeps the INVALID index"
    )
    assert clean(finding)


def test_a_bare_build_in_sql_stops_the_next_attempt() -> None:
    (finding,) = found(in_sql(BUILD))
    assert (finding.code, finding.severity) == ("MS204", Severity.INFO)
    assert finding.message.endswith("running the migration again fails: the name is taken")
    assert clean(finding)


def test_an_index_without_a_name() -> None:
    (finding,) = found(in_sql(BUILD.replace("status_idx ", "")))
    assert finding.message.endswith("running the migration again builds another one beside the INVALID index")


@pytest.mark.parametrize(
    "operations",
    [
        ['AddIndexConcurrently("order", models.Index(fields=["status"], name="i"))'],
        ['Careful("order", models.Index(fields=["status"], name="i"))'],
        ['House("order", models.Index(fields=["status"], name="i"))'],
        [in_sql(DROP), in_sql(BUILD)],
        [in_sql(DROP), in_sql(BUILD.replace("CONCURRENTLY", "CONCURRENTLY IF NOT EXISTS"))],
        [in_sql("CREATE TABLE IF NOT EXISTS parcel (a int)"), in_sql("CREATE INDEX CONCURRENTLY i ON parcel (a)")],
    ],
)
def test_quiet_builds(operations: list[str]) -> None:
    assert SHOP.check(*operations, atomic=False, code=f"{CAREFUL}\nclass House(Careful):\n    pass") == ()


def test_concurrently_on_a_partitioned_table() -> None:
    (finding,) = found(in_sql("CREATE INDEX CONCURRENTLY event_at ON event (at DESC, lower(id::text)) WHERE id > 0"))
    assert finding.code == "MS205"
    assert (
        finding.message
        == "Building index event_at CONCURRENTLY fails: cannot create index on a partitioned table concurrently"
    )
    assert "ON ONLY" in finding.fix
    assert 'ATTACH PARTITION "event_2027_at_lower_idx"' in finding.fix
    assert clean(finding)


def test_index_of_a_partitioned_table_under_lock_has_the_same_way_out() -> None:
    (finding,) = SHOP.check(in_sql("CREATE INDEX event_at ON event (at)"))
    assert finding.code == "MS201"
    assert 'CREATE INDEX CONCURRENTLY "event_2026_at_idx"' in " ".join(finding.fix.split())
    assert clean(finding)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("DROP INDEX CONCURRENTLY event_id_idx", "event_id_idx CONCURRENTLY fails: cannot drop a partitioned index"),
        ("DROP INDEX CONCURRENTLY a_idx, b_idx", "DROP INDEX CONCURRENTLY drops one index only"),
        ("DROP INDEX CONCURRENTLY a_idx CASCADE", "DROP INDEX CONCURRENTLY does not support CASCADE"),
    ],
)
def test_drops_that_postgresql_refuses(statement: str, message: str) -> None:
    finding, *_ = found(in_sql(statement))
    assert finding.code == "MS205"
    assert message in finding.message


def test_what_the_version_does_not_have() -> None:
    (finding,) = found(in_sql("REINDEX TABLE CONCURRENTLY shop_order"), postgres=11)
    assert finding.message == "Rebuilding table shop_order CONCURRENTLY fails: needs PostgreSQL 12"


def test_quiet_on_partitions() -> None:
    assert (
        found(in_sql("DROP INDEX CONCURRENTLY IF EXISTS i"), in_sql("CREATE INDEX CONCURRENTLY i ON event_2026 (id)"))
        == ()
    )
    assert found(in_sql("CREATE INDEX i ON ONLY event (id)")) == ()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("REINDEX INDEX shop_order_pkey", "index shop_order_pkey holds ACCESS EXCLUSIVE on it"),
        ("reindex table shop_order", "the indexes of table shop_order holds ACCESS EXCLUSIVE on each of them"),
    ],
)
def test_reindex(statement: str, what: str) -> None:
    (finding,) = found(in_sql(statement))
    assert (finding.code, finding.severity, finding.relation) == ("MS206", Severity.ERROR, "shop_order")
    assert finding.message == f"Rebuilding {what} until it is done"
    assert "every request that touches shop_order hangs" in finding.why
    assert clean(finding)


def test_reindex_before_12_has_no_concurrent_form() -> None:
    (finding,) = found(in_sql("REINDEX TABLE shop_order"), postgres=11)
    assert "CONCURRENTLY" not in finding.fix


def test_quiet_reindex() -> None:
    assert found(in_sql("REINDEX TABLE CONCURRENTLY shop_order")) == ()
    assert found(in_sql("CREATE TABLE n (a int PRIMARY KEY)"), in_sql("REINDEX TABLE n"), atomic=True) == ()


def test_two_migrations_of_one_change() -> None:
    new = Migration(in_sql("CREATE TABLE n (a int PRIMARY KEY)"))
    assert SHOP.check(new, Migration(in_sql("REINDEX TABLE n")), together=True) == ()
