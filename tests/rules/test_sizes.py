"""What sizes of tables change: severities, and how long things take."""

from collections.abc import Iterator

import pytest

from migsafe.actions import CreateTable, Name
from migsafe.config import Table
from migsafe.model import Axis, Estimate, Finding, Severity
from migsafe.postgres.throughput import RATES
from migsafe.project.operations import ReplayedOperation
from migsafe.rules import Context, OperationContext, Rule
from migsafe.testing import Migration, Scenario

TABLES = """
    migrations.CreateModel("Customer", [("id", models.BigAutoField(primary_key=True))])
""", """
    migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("note", models.TextField(null=True)),
        ("number", models.IntegerField()),
        ("customer", models.BigIntegerField()),
    ], options={"indexes": [models.Index(fields=["note"], name="note_idx")]})
"""  # fmt: skip
INDEX = 'migrations.AddIndex("order", models.Index(fields=["number"], name="number_idx"))'
NOT_NULL = 'migrations.AlterField("order", "note", models.TextField())'
DROP_INDEX = 'migrations.RemoveIndex("order", "note_idx")'
FOREIGN_KEY = (
    'migrations.AlterField("order", "customer", models.ForeignKey('
    '"shop.Customer", models.PROTECT, db_column="customer", db_index=False))'
)
GB = 10**9


def shop(**tables: object) -> Scenario:
    lines = "\n".join(f"{name} = {value}" for name, value in tables.items())
    return Scenario(*TABLES, files={"migsafe.toml": f"[tables]\n{lines}"})


def severity(scenario: Scenario, operation: str) -> Severity:
    finding, *_ = scenario.check(operation)  # a foreign key without index is another one
    return finding.severity


@pytest.mark.parametrize("operation", [INDEX, NOT_NULL])
def test_how_long_it_takes_decides_how_bad_it_is(operation: str) -> None:
    assert severity(shop(), operation) is Severity.ERROR
    assert severity(shop(shop_order='"hot"'), operation) is Severity.ERROR
    assert severity(shop(shop_order='"small"'), operation) is Severity.INFO
    assert severity(shop(shop_order="{bytes = 1_000_000, rows = 10_000}"), operation) is Severity.INFO
    assert severity(shop(shop_order="{bytes = 40_000_000_000}"), operation) is Severity.ERROR
    assert severity(shop(shop_customer='"small"'), operation) is Severity.ERROR


def test_a_hot_table_is_not_harmed_in_a_moment() -> None:
    assert severity(shop(shop_order="{bytes = 1_000_000, rows = 10_000, hot = true}"), INDEX) is Severity.INFO


def test_waiting_for_a_lock_on_a_hot_table_needs_no_bad_luck() -> None:
    assert severity(shop(), DROP_INDEX) is Severity.WARNING
    assert severity(shop(shop_order='"hot"'), DROP_INDEX) is Severity.ERROR
    assert severity(shop(shop_order='"small"'), DROP_INDEX) is Severity.WARNING
    assert severity(shop(shop_customer='"hot"'), DROP_INDEX) is Severity.WARNING


def test_every_table_that_is_read_has_to_be_small() -> None:
    assert severity(shop(shop_order='"small"'), FOREIGN_KEY) is Severity.ERROR
    assert severity(shop(shop_order='"small"', shop_customer='"small"'), FOREIGN_KEY) is Severity.INFO


def test_running_code_that_breaks_does_so_whatever_the_size() -> None:
    (finding,) = shop(shop_order="{bytes = 1000, rows = 1}").check('migrations.RemoveField("order", "note")')
    assert (finding.axis, finding.severity, finding.estimate) == (Axis.COMPATIBILITY, Severity.ERROR, None)


def test_what_fails_does_so_whatever_the_size() -> None:
    sql = "CREATE INDEX CONCURRENTLY i ON shop_order (note)"
    (finding,) = shop(shop_order='"small"').check(f'migrations.RunSQL("{sql}", "")')
    assert (finding.code, finding.severity, finding.estimate) == ("MS203", Severity.ERROR, None)


@pytest.mark.parametrize(
    ("operation", "known", "words"),
    [
        (INDEX, "{rows = 300_000_000}", "about 10 min (estimate: 300 million rows indexed at 500,000 rows/s)"),
        (INDEX, "{bytes = 500_000_000}", "about 10 s (estimate: 500 MB indexed at 50 MB/s)"),
        (NOT_NULL, "{bytes = 40_000_000_000, rows = 9}", "about 3 min (estimate: 40 GB read at 200 MB/s)"),
        (NOT_NULL, "{rows = 999_999}", "less than a second (estimate: 999,999 rows read at 1 million rows/s)"),
        (
            # The table, its primary key and note_idx.
            'migrations.AlterField("order", "number", models.BigIntegerField())',
            "{bytes = 1_000_000_000_000, rows = 5_000_000_000}",
            "about 8 h (estimate: 10 billion rows in 2 indexes at 500,000 rows/s, 1 TB written anew at 100 MB/s)",
        ),
    ],
)
def test_messages_say_how_long_it_takes(operation: str, known: str, words: str) -> None:
    (plain,) = shop().check(operation)
    (finding,) = shop(shop_order=known).check(operation)
    assert finding.message == f"{plain.message}: {words}"
    assert finding.estimate is not None
    assert finding.estimate.words == words
    assert finding.fingerprint == plain.fingerprint
    assert plain.estimate is None


def test_nobody_knows_how_much_an_update_with_a_condition_changes() -> None:
    def update(where: str, **tables: object) -> Finding:
        sql = f"ALTER TABLE shop_order ADD extra int; UPDATE shop_order SET extra = 1 {where}"
        return next(one for one in shop(**tables).check(f'migrations.RunSQL("{sql}", "")') if one.code == "MS601")

    known = "{rows = 30_000_000}"
    assert update("", shop_order=known).message.endswith(
        ": about 33 min (estimate: 30 million rows changed at 15,000 rows/s)"
    )
    assert update("WHERE id < 9", shop_order=known).estimate is None
    assert update("WHERE id < 9").severity is Severity.WARNING
    assert update("WHERE id < 9", shop_order=known).severity is Severity.WARNING
    assert update("WHERE id < 9", shop_order='"hot"').severity is Severity.ERROR
    assert update("WHERE id < 9", shop_order='"small"').severity is Severity.INFO
    assert update("WHERE id < 9", shop_order="{rows = 10_000}").severity is Severity.INFO


def test_what_is_not_about_locks_is_not_judged_by_them() -> None:
    shorter = 'migrations.AlterField("order", "number", models.SmallIntegerField())'
    findings = {one.code: one for one in shop(shop_order='"small"').check(shorter)}
    assert (findings["MS106"].severity, findings["MS112"].severity) == (Severity.INFO, Severity.WARNING)


def test_two_scans_add_up() -> None:
    finding, _ = shop(shop_order=f"{{bytes = {GB}}}", shop_customer=f"{{bytes = {GB}}}").check(FOREIGN_KEY)
    assert finding.estimate == Estimate(2 * GB / RATES["read"]["bytes"], "about 10 s (estimate: 2 GB read at 200 MB/s)")


RENAMED = Migration('migrations.RenameModel("Order", "Purchase")')
ON_PURCHASE = Migration(INDEX.replace("order", "purchase"))


def found(scenario: Scenario, *change: Migration, together: bool) -> dict[str, str]:
    return {one.code: one.severity for one in scenario.check(*change, together=together) if one.code == "MS201"}


def test_a_table_is_known_by_the_name_that_it_has_in_production() -> None:
    old, new = shop(shop_order='"small"'), shop(shop_purchase='"small"')
    # Deployed soon: production knows the name before.
    assert found(old, RENAMED, ON_PURCHASE, together=True) == {"MS201": "info"}
    # Deployed long ago: production knows the name after, of which the older migration knew nothing.
    assert found(new, Migration(INDEX), RENAMED, together=False) == {"MS201": "info"}
    swapped = shop(shop_order='"hot"', shop_purchase='"small"')
    assert found(swapped, Migration(INDEX), RENAMED, together=False) == {"MS201": "info"}
    assert found(swapped, RENAMED, ON_PURCHASE, together=True) == {"MS201": "error"}


def test_schemas() -> None:
    sql = "CREATE SCHEMA archive; CREATE TABLE archive.orders (id int); CREATE TABLE public.log (id int)"
    before = Migration(f'migrations.RunSQL("{sql}", "")')
    scenario = Scenario(before, files={"migsafe.toml": 'tables = {"archive.orders" = "small", "public.log" = "small"}'})
    index = 'migrations.RunSQL("CREATE INDEX i ON {} (id)", "")'
    assert severity(scenario, index.format("archive.orders")) is Severity.INFO
    assert severity(scenario, index.format("log")) is Severity.INFO


PARTITIONED = Migration(
    """migrations.RunSQL('''
        CREATE TABLE event (id int, at date) PARTITION BY RANGE (at);
        CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
        CREATE TABLE event_rest PARTITION OF event DEFAULT;
    ''', "")"""
)


@pytest.mark.parametrize(
    ("tables", "seconds"),
    [
        ("event = {rows = 5_000_000}", 10),
        ("event = {rows = 5_000_000}\nevent_2024 = {rows = 1_000_000}", 12),
        ("event_2024 = {rows = 1_000_000}\nevent_rest = {rows = 2_000_000}", 6),
        ("event_2024 = {rows = 1_000_000}", None),
    ],
)
def test_partitions(tables: str, seconds: float | None) -> None:
    scenario = Scenario(PARTITIONED, files={"migsafe.toml": f"[tables]\n{tables}"})
    (finding,) = scenario.check('migrations.RunSQL("CREATE INDEX i ON event (id)", "")')
    assert (finding.estimate and finding.estimate.seconds) == seconds


def test_rules_can_ask() -> None:
    rule = Rule("ask", code="ASK1", severity=Severity.INFO, axis=Axis.DATA, message="{size}", why="")

    @rule.on(CreateTable)
    def check(action: CreateTable, context: Context) -> Iterator[Finding]:
        for constraint in action.constraints:
            if constraint.references:
                yield rule.finding(context, fix="", size=repr(context.size(constraint.references)))

    sql = "CREATE TABLE line (o bigint, CONSTRAINT f FOREIGN KEY (o) REFERENCES shop_order)"
    create = f'migrations.RunSQL("{sql}", "")'
    assert [one.message for one in shop(shop_order='"hot"').check(create, rules=[rule])] == [repr(Table(hot=True))]
    assert [one.message for one in shop().check(create, rules=[rule])] == [repr(Table())]


def test_few_rows_are_changed_in_no_time_however_it_is_done() -> None:
    rule = Rule("loop", code="LOOP1", severity=Severity.ERROR, axis=Axis.DATA, message="", why="", sized=True)

    @rule.on_operation
    def check(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
        yield rule.finding(context, fix="", relation=Name("shop_order"))

    def found(**tables: object) -> tuple[Severity, Estimate | None]:
        python = "migrations.RunPython(migrations.RunPython.noop)"
        (finding,) = shop(**tables).check(python, rules=[rule])
        return finding.severity, finding.estimate

    assert found() == found(shop_order="{rows = 1001}") == (Severity.ERROR, None)
    assert found(shop_order="{rows = 1000}") == found(shop_order='"small"') == (Severity.INFO, None)
