"""What ``migsafe verify`` says of a migration, for each verdict: as a developer would write it, with rows, on a server."""

from collections.abc import Callable
from typing import Any

import pytest

from migsafe.sandbox.server import Server
from migsafe.testing import Migration, Scenario
from migsafe.verification import Verification, VerifyReport
from tests.conftest import MAJORS

ROWS = 50
NOOP = "migrations.RunPython.noop"
ORDER = """
migrations.CreateModel("Order", [
    ("id", models.BigAutoField(primary_key=True)),
    ("code", models.CharField(max_length=20)),
    ("amount", models.IntegerField()),
    ("note", models.TextField(null=True)),
])
"""
CUSTOMER = """
migrations.CreateModel("Customer", [
    ("id", models.BigAutoField(primary_key=True)), ("name", models.CharField(max_length=50))
])
"""
BUYER = 'migrations.AddField("order", "buyer", models.ForeignKey("shop.Customer", models.CASCADE, null=True))'
WATCHERS = 'migrations.AddField("order", "watchers", models.ManyToManyField("shop.Customer", related_name="+"))'
NOTE = 'migrations.AddField("order", "extra", models.TextField(null=True))'

shop = Scenario(ORDER)
store = Scenario(ORDER, CUSTOMER, BUYER)

Verify = Callable[..., VerifyReport]


@pytest.fixture
def verify(postgres: Server) -> Verify:
    """Verify a change, and see that no prediction was wrong."""

    def verify(scenario: Scenario, *change: str | Migration, **options: Any) -> VerifyReport:
        report = scenario.verify(*change, server=postgres, **({"rows": ROWS} | options))
        assert [run.differences for one in report.verifications for run in one.runs if run.differences] == []
        return report

    return verify


def said(one: Verification) -> tuple[str, str, str]:
    return one.verdict, one.why, one.rollout.order


def codes(report: VerifyReport) -> list[str]:
    return [finding.code for finding in report.findings]


def message(report: VerifyReport, code: str) -> str:
    [finding] = [finding for finding in report.findings if finding.code == code]
    return finding.message


def fails(report: VerifyReport, at: str) -> str:
    """What MS806 says, at an operation of this kind."""
    [finding] = [finding for finding in report.findings if finding.code == "MS806"]
    assert finding.operation is not None
    [migration] = report.migrations
    assert migration.operations[finding.operation].kind == at
    return finding.message


# Reversible


REVERSIBLE = {
    "a column that nobody has to give": (shop, NOTE, "migrate first"),
    "a constant default in the database": (
        shop,
        'migrations.AddField("order", "extra", models.TextField(db_default="-"))',
        "migrate first",
    ),
    "a table": (shop, CUSTOMER, "migrate first"),
    "a foreign key": (Scenario(ORDER, CUSTOMER), BUYER, "migrate first"),
    "a many-to-many field": (store, WATCHERS, "migrate first"),
    "an index": (shop, 'migrations.AddIndex("order", models.Index(fields=["code"], name="i"))', "any"),
    "a view": (
        shop,
        'migrations.RunSQL("CREATE VIEW v AS SELECT id, code FROM shop_order", "DROP VIEW v")',
        "any",
    ),
    "a type": (
        shop,
        """migrations.RunSQL(
            "CREATE TYPE mood AS ENUM ('sad', 'ok'); ALTER TABLE shop_order ADD mood mood",
            "ALTER TABLE shop_order DROP mood; DROP TYPE mood",
        )""",
        "any",
    ),
    "a partitioned table": (
        shop,
        """migrations.RunSQL(
            '''CREATE TABLE event (id bigint, at date NOT NULL) PARTITION BY RANGE (at);
            CREATE TABLE event_2024 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')''',
            "DROP TABLE event",
        )""",
        "any",
    ),
    "a trigger": (
        shop,
        """migrations.RunSQL(
            '''CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
            CREATE TRIGGER t BEFORE INSERT ON shop_order FOR EACH ROW EXECUTE FUNCTION f()''',
            "DROP TRIGGER t ON shop_order; DROP FUNCTION f()",
        )""",
        "any",
    ),
    "a wider type": (
        Scenario(
            ORDER.replace("BigAuto", "Auto"),
            'migrations.CreateModel("Line", [("order", models.ForeignKey("shop.Order", models.CASCADE))])',
        ),
        'migrations.AlterField("order", "id", models.BigAutoField(primary_key=True))',
        "any",
    ),
    "nothing but the state": (
        shop,
        'migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("order", "note")])',
        "any",
    ),
    "a state that says what the SQL has done": (
        shop,
        f"""migrations.SeparateDatabaseAndState([migrations.RunSQL(
            "ALTER TABLE shop_order ADD COLUMN extra text", "ALTER TABLE shop_order DROP COLUMN extra"
        )], [{NOTE}])""",
        "migrate first",
    ),
    "a row that the reverse deletes": (
        shop,
        """migrations.RunSQL("INSERT INTO shop_order (id, code, amount) VALUES (-7, 'a', 1)",
                             "DELETE FROM shop_order WHERE id = -7")""",
        "any",
    ),
}


@pytest.mark.parametrize(("scenario", "change", "order"), REVERSIBLE.values(), ids=REVERSIBLE)
def test_reversible(verify: Verify, scenario: Scenario, change: str, order: str) -> None:
    report = verify(scenario, change)
    [one] = report.verifications
    assert said(one) == ("reversible", "", order)
    assert codes(report) == []
    assert one.again is not None
    assert one.again.failure is None
    assert all(table.rows == ROWS for table in one.filled)


@pytest.mark.parametrize("postgres", sorted({max(14, MAJORS[0]), MAJORS[-1]}), indirect=True)
def test_on_other_versions(verify: Verify) -> None:
    report = verify(store, Migration(WATCHERS), Migration('migrations.RemoveField("order", "amount")'), Migration(NOTE))
    assert [said(one)[::2] for one in report.verifications] == [
        ("reversible", "migrate first"),
        ("irreversible", "neither"),
        ("reversible", "migrate first"),
    ]
    assert codes(report) == ["MS803", "MS808"]


def test_columns_that_come_back_in_another_order_are_noted(verify: Verify) -> None:
    doubled = (
        'models.GeneratedField(expression=F("amount") * 2, output_field=models.BigIntegerField(), db_persist=True)'
    )
    before = f'migrations.AddField("order", "doubled", {doubled})'
    report = verify(Scenario(ORDER, before, NOTE), 'migrations.RemoveField("order", "doubled")')
    [one] = report.verifications
    assert said(one) == ("reversible", "", "code first")
    [reordered] = one.schema
    assert (reordered.kind, reordered.name, reordered.harmless) == ("table", "shop_order", True)
    assert codes(report) == ["MS807"]


# What is lost


def test_a_dropped_column_loses_what_was_in_it(verify: Verify) -> None:
    report = verify(shop, 'migrations.RemoveField("order", "note")')
    [one] = report.verifications
    assert said(one) == ("loses data", f"shop_order.note in {ROWS - 1} rows", "code first")
    assert codes(report) == ["MS801", "MS807"]
    assert message(report, "MS801") == "Applied and unapplied, the migration loses data of shop_order"
    assert message(report, "MS807") == (
        "After the migration, code that is still running cannot read, insert into or update shop_order"
    )


def test_a_dropped_table_loses_its_rows(verify: Verify) -> None:
    report = verify(shop, 'migrations.DeleteModel("Order")')
    [one] = report.verifications
    assert said(one) == ("loses data", f"shop_order: {ROWS} rows", "code first")
    assert codes(report) == ["MS801", "MS807"]


def test_a_dropped_many_to_many_field_leaves_new_code_without_a_way_to_delete(verify: Verify) -> None:
    report = verify(Scenario(ORDER, CUSTOMER, WATCHERS), 'migrations.RemoveField("order", "watchers")')
    [one] = report.verifications
    assert said(one) == ("loses data", f"shop_order_watchers: {ROWS} rows", "neither")
    assert codes(report) == ["MS801", "MS808"]
    assert {(probe.model, probe.action) for probe in one.rollout.new_code if probe.error} == {
        ("shop.Order", "delete"),
        ("shop.Customer", "delete"),
    }


def test_values_that_are_not_put_back_are_lost(verify: Verify) -> None:
    code = """
    def fill(apps, editor):
        apps.get_model("shop", "Order").objects.filter(amount=2147483647).update(amount=0)
    """
    report = verify(shop, f"migrations.RunPython(fill, {NOOP})", code=code)
    [one] = report.verifications
    [lost] = one.lost
    assert (lost.table, lost.column) == ("shop_order", "amount")
    assert 0 < lost.rows < ROWS
    assert said(one)[::2] == ("loses data", "any")
    assert codes(report) == ["MS801"]


def test_a_type_that_holds_less_loses_the_rest(verify: Verify) -> None:
    change = """migrations.RunSQL(
        "ALTER TABLE shop_order ALTER code TYPE varchar(5) USING left(code, 5)",
        "ALTER TABLE shop_order ALTER code TYPE varchar(20)",
        [migrations.AlterField("order", "code", models.CharField(max_length=5))],
    )"""
    report = verify(shop, change)
    [one] = report.verifications
    [lost] = one.lost
    assert (lost.table, lost.column) == ("shop_order", "code")
    assert 0 < lost.rows <= ROWS
    assert said(one) == ("loses data", f"shop_order.code in {lost.rows} rows", "code first")
    assert codes(report) == ["MS801", "MS807"]


# No way back


def test_python_code_without_a_reverse(verify: Verify) -> None:
    code = 'def look(apps, editor): apps.get_model("shop", "Order").objects.count()'
    report = verify(shop, "migrations.RunPython(look)", code=code)
    [one] = report.verifications
    assert said(one) == (
        "irreversible",
        "IrreversibleError: RunPython is not reversible",
        "any",
    )
    assert codes(report) == ["MS802"]
    assert message(report, "MS802") == "The migration has no way back"


def test_sql_without_a_reverse(verify: Verify) -> None:
    report = verify(shop, 'migrations.RunSQL("CREATE INDEX i ON shop_order (code)")')
    [one] = report.verifications
    assert said(one) == (
        "irreversible",
        "IrreversibleError: RunSQL is not reversible",
        "any",
    )
    assert codes(report) == ["MS802"]


def test_a_reverse_that_raises(verify: Verify) -> None:
    code = """
    def back(apps, editor):
        raise ValueError("there is no way back")
    """
    report = verify(shop, f"migrations.RunPython({NOOP}, back)", code=code)
    [one] = report.verifications
    assert said(one) == ("irreversible", "ValueError: there is no way back", "any")
    assert codes(report) == ["MS803"]
    assert message(report, "MS803") == "Unapplying the migration fails, though it has a way back"


def test_a_required_column_cannot_come_back_into_rows(verify: Verify) -> None:
    remove = 'migrations.RemoveField("order", "amount")'
    report = verify(shop, remove)
    [one] = report.verifications
    why = 'IntegrityError: column "amount" of relation "shop_order" contains null values'
    assert said(one) == ("irreversible", why, "neither")
    assert codes(report) == ["MS803", "MS808"]
    [without] = verify(shop, remove, rows=0).verifications
    assert said(without) == ("reversible", "", "neither")


# What is left behind


def test_an_index_is_left_behind(verify: Verify) -> None:
    report = verify(shop, 'migrations.RunSQL("CREATE INDEX i ON shop_order (code)", migrations.RunSQL.noop)')
    [one] = report.verifications
    assert said(one) == ("not clean", "index i is left behind", "any")
    assert codes(report) == ["MS804", "MS805"]
    assert message(report, "MS804") == "Unapplying the migration does not bring back the schema: index i is left behind"
    assert message(report, "MS805") == "Applied a second time, after it was unapplied, the migration fails"


def test_a_view_falls_with_its_column_and_does_not_come_back(verify: Verify) -> None:
    view = 'migrations.RunSQL("CREATE VIEW v AS SELECT note FROM shop_order", "DROP VIEW v")'
    report = verify(Scenario(ORDER, view), 'migrations.RemoveField("order", "note")')
    [one] = report.verifications
    assert said(one) == ("loses data", f"shop_order.note in {ROWS - 1} rows", "code first")
    assert codes(report) == ["MS801", "MS804", "MS807"]
    assert message(report, "MS804") == "Unapplying the migration does not bring back the schema: view v is gone"


STAYING = {
    "rows": 'make(apps, editor): apps.get_model("shop", "Order").objects.create(code="a", amount=1)',
    "values in place of NULL": """make(apps, editor):
    apps.get_model("shop", "Order").objects.filter(note=None).update(note="-")
""",
}


@pytest.mark.parametrize("code", STAYING.values(), ids=STAYING)
def test_what_is_new_and_stays_is_no_loss(verify: Verify, code: str) -> None:
    report = verify(shop, f"migrations.RunPython(make, {NOOP})", code=f"def {code}")
    [one] = report.verifications
    assert said(one) == ("reversible", "", "any")
    assert [(row.table, row.rows, row.added) for row in one.rows] == [("shop_order", 1, True)]
    assert codes(report) == []


# Order of deploy


def test_old_code_does_not_give_what_has_no_default_in_the_database(verify: Verify) -> None:
    add = 'migrations.AddField("order", "extra", models.TextField(default=""))'
    known = f"migrations.SeparateDatabaseAndState([{add}], [])"
    report = verify(shop, known)  # code that knows the column comes later
    [one] = report.verifications
    assert said(one) == ("reversible", "", "code first")
    [error] = {probe.error for probe in one.rollout.old_code if probe.error}
    assert error == 'null value in column "extra" of relation "shop_order" violates not-null constraint'
    assert message(report, "MS807") == "After the migration, code that is still running cannot insert into shop_order"
    report = verify(shop, add)
    [one] = report.verifications
    assert said(one) == ("reversible", "", "neither")
    assert codes(report) == ["MS808"]
    assert message(report, "MS808") == (
        "No order of deploy works: old code fails after the migration, new code fails before it"
    )


RENAMES = {
    "field": (shop, 'migrations.RenameField("order", "note", "remark")'),
    "model": (store, 'migrations.RenameModel("Order", "Sale")'),
    "table": (shop, 'migrations.AlterModelTable("order", "orders")'),
}


@pytest.mark.parametrize(("scenario", "change"), RENAMES.values(), ids=RENAMES)
def test_a_rename_works_in_no_order(verify: Verify, scenario: Scenario, change: str) -> None:
    report = verify(scenario, change)
    [one] = report.verifications
    assert said(one) == ("reversible", "", "neither")
    assert codes(report) == ["MS808"]


# What fails


REFUSED = {
    "check": (
        'migrations.AddConstraint("order", models.CheckConstraint(condition=Q(amount__gte=0), name="positive"))',
        'IntegrityError: check constraint "positive" of relation "shop_order" is violated by some row',
        "any",
    ),
    "unique": (
        'migrations.AddConstraint("order", models.UniqueConstraint(fields=["amount"], name="one"))',
        'IntegrityError: could not create unique index "one" DETAIL: Key (amount)=',
        "any",
    ),
    "not null": (
        'migrations.AlterField("order", "note", models.TextField())',
        'IntegrityError: column "note" of relation "shop_order" contains null values',
        "code first",
    ),
    "shorter": (
        'migrations.AlterField("order", "code", models.CharField(max_length=5))',
        "DataError: value too long for type character varying(5)",
        "code first",
    ),
}


@pytest.mark.parametrize(("change", "error", "order"), REFUSED.values(), ids=REFUSED)
def test_rows_may_violate_what_is_new(verify: Verify, change: str, error: str, order: str) -> None:
    report = verify(shop, change)
    [one] = report.verifications
    assert one.refused is not None
    assert one.refused.error.startswith(error)
    assert said(one) == ("reversible", "", order)
    assert [(table.rows, table.reason) for table in one.filled] == [(ROWS, None)]
    assert codes(report) == ["MS806", *(["MS807"] if order == "code first" else [])]
    assert fails(report, change.partition("(")[0].removeprefix("migrations.")) == (
        "Applying the migration fails on some rows"
    )


def test_python_code_that_fails_on_rows_and_passes_without(verify: Verify) -> None:
    code = """
    def upper(apps, editor):
        for order in apps.get_model("shop", "Order").objects.iterator():
            order.note.upper()
    """
    change = f"migrations.RunPython(upper, {NOOP})"
    report = verify(shop, change, code=code)
    [one] = report.verifications
    assert one.refused is not None
    assert one.refused.error == "AttributeError: 'NoneType' object has no attribute 'upper'"
    assert said(one) == ("reversible", "", "any")
    assert [table.rows for table in one.filled] == [0]
    assert fails(report, "RunPython") == "Applying the migration fails on all rows that were tried"
    assert [finding.why for finding in report.findings if finding.code == "MS806"] == [
        "It succeeds on empty tables, as in your tests. These rows are made up, but the schema allows them: if production"
        " has some like them, the deploy stops here."
    ]
    assert verify(shop, change, code=code, rows=0).findings == ()


def test_what_fails_on_every_database_is_told_from_what_fails_here(verify: Verify) -> None:
    report = verify(shop, 'migrations.RunSQL("ALTER TABLE nothing ADD x int", migrations.RunSQL.noop)')
    [one] = report.verifications
    assert said(one) == (
        "not verified",
        'it cannot be applied: ProgrammingError: relation "nothing" does not exist',
        "not verified",
    )
    assert codes(report) == ["MS806"]
    assert fails(report, "RunSQL") == "Applying the migration fails"
    report = verify(shop, 'migrations.RunSQL("CREATE EXTENSION postgis", "DROP EXTENSION postgis")')
    [finding] = report.findings
    assert (finding.severity.value, finding.message) == ("warning", "Applying the migration fails on this server")
    assert "--image postgis/postgis:" in finding.fix


LIMITS = {
    "statement": (
        'migrations.RunSQL("SELECT pg_sleep(60)", migrations.RunSQL.noop)',
        {"statement_timeout": 0.2},
        "OperationalError: canceling statement due to statement timeout",
        "--statement-timeout SECONDS",
    ),
    "size": (
        """migrations.RunSQL(
            "CREATE TABLE big AS SELECT i, repeat('x', 900) FROM generate_series(1, 3000000) i", "DROP TABLE big")""",
        {"size_limit": "16MB"},
        "stopped when the database had grown to ",
        "--size-limit SIZE",
    ),
}


@pytest.mark.parametrize(("change", "options", "error", "fix"), LIMITS.values(), ids=LIMITS)
def test_limits(verify: Verify, change: str, options: dict[str, object], error: str, fix: str) -> None:
    report = verify(shop, change, **options)
    [one] = report.verifications
    assert one.verdict == "not verified"
    assert one.why.startswith(f"it cannot be applied: {error}")
    [finding] = report.findings
    assert (finding.severity.value, finding.message) == ("error", "Applying the migration fails at a limit of this run")
    assert fix in finding.fix


def test_what_was_not_asked_for_may_fail_and_the_rest_is_reached(verify: Verify) -> None:
    broken = Scenario(
        Migration(ORDER),
        Migration('migrations.RunSQL("SELECT 1 / 0", migrations.RunSQL.noop)'),
        Migration(CUSTOMER, app="crm", dependencies=[]),
    )
    report = verify(
        broken,
        Migration(NOTE, dependencies=[("shop", "0002_change")]),
        Migration(
            'migrations.AddField("customer", "note", models.TextField(null=True))',
            app="crm",
            dependencies=[("crm", "0001_initial")],
        ),
    )
    assert [(one.app, one.migration, one.verdict) for one in report.verifications] == [
        ("crm", "0002_change", "reversible"),
        ("shop", "0002_change", "not verified"),
    ]
    assert report.unreached == ("shop.0003_change",)
    assert codes(report) == ["MS806"]


# Not atomic


def test_an_index_built_concurrently_is_in_its_own_way(verify: Verify) -> None:
    index = 'AddIndexConcurrently("order", models.Index(fields=["code"], name="i"))'
    report = verify(shop, index, NOTE, atomic=False)
    [one] = report.verifications
    assert said(one) == ("reversible", "", "migrate first")
    assert [stop.failure and stop.failure.error for stop in one.interrupted] == [
        'ProgrammingError: relation "i" already exists'
    ] * 2
    assert [[left.name for left in stop.left] for stop in one.interrupted] == [["i"], ["shop_order.extra", "i"]]
    assert codes(report) == ["MS809"]
    assert message(report, "MS809") == (
        "If the migration is interrupted after statement 1 or 2, it cannot be run again"
    )
    report = verify(shop, index, atomic=False)
    assert [(finding.code, finding.severity.value) for finding in report.findings] == [("MS809", "info")]


def test_sql_that_can_be_run_twice(verify: Verify) -> None:
    report = verify(
        shop,
        """migrations.RunSQL("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON shop_order (code)",
                             "DROP INDEX CONCURRENTLY IF EXISTS i")""",
        """migrations.RunSQL("ALTER TABLE shop_order ADD COLUMN IF NOT EXISTS x int",
                             "ALTER TABLE shop_order DROP COLUMN IF EXISTS x")""",
        atomic=False,
    )
    [one] = report.verifications
    assert said(one) == ("reversible", "", "any")
    assert [stop.failure for stop in one.interrupted] == [None, None]
    assert codes(report) == []


def test_statements_of_one_operation_are_interrupted_one_by_one(verify: Verify) -> None:
    add = '["ALTER TABLE shop_order ADD x int", "ALTER TABLE shop_order ADD y int"]'
    report = verify(shop, f'migrations.RunSQL({add}, "ALTER TABLE shop_order DROP x, DROP y")', atomic=False)
    [one] = report.verifications
    assert [[left.name for left in stop.left] for stop in one.interrupted] == [
        ["shop_order.x"],
        ["shop_order.x", "shop_order.y"],
    ]
    assert codes(report) == ["MS809"]


# Histories


def test_migrations_that_build_on_each_other(verify: Verify) -> None:
    report = verify(
        shop,
        Migration('migrations.AddField("order", "a", models.TextField(null=True))'),
        Migration('migrations.AddField("order", "b", models.TextField(null=True))'),
        Migration(
            "migrations.RunPython(copy, clear)",
            code="""
            def copy(apps, editor):
                apps.get_model("shop", "Order").objects.update(b=F("a"))
            def clear(apps, editor):
                apps.get_model("shop", "Order").objects.update(b=None)
            """,
        ),
        Migration('migrations.RemoveField("order", "a")'),
    )
    assert [said(one)[::2] for one in report.verifications] == [
        ("reversible", "migrate first"),
        ("reversible", "migrate first"),
        ("loses data", "any"),
        ("loses data", "code first"),
    ]


def test_a_squashed_migration_stands_for_what_it_replaces(verify: Verify) -> None:
    squashed = Migration(
        'migrations.AddField("order", "a", models.TextField(null=True))',
        'migrations.AddField("order", "b", models.TextField(null=True))',
        name="0002_squashed",
        attributes='replaces = [("shop", "0002_a"), ("shop", "0003_b")]',
        dependencies=[("shop", "0001_initial")],
    )
    a = Migration('migrations.AddField("order", "a", models.TextField(null=True))', name="0002_a")
    b = Migration('migrations.AddField("order", "b", models.TextField(null=True))', name="0003_b")
    report = verify(shop, a, b, squashed)
    assert [(one.migration, *said(one)) for one in report.verifications] == [
        ("0002_squashed", "reversible", "", "migrate first")
    ]
    assert codes(report) == []


def test_apps_that_refer_to_each_other(verify: Verify) -> None:
    shops = Scenario(Migration(CUSTOMER, app="crm"), Migration(ORDER, BUYER.replace("shop.", "crm.")))
    report = verify(
        shops,
        Migration('migrations.RemoveField("customer", "name")', app="crm"),
        Migration('migrations.AddField("order", "x", models.TextField(db_default=""))'),
    )
    assert [(one.app, one.verdict, one.rollout.order) for one in report.verifications] == [
        ("crm", "irreversible", "neither"),
        ("shop", "reversible", "migrate first"),
    ]
    assert {(finding.app, finding.code) for finding in report.findings} == {("crm", "MS803"), ("crm", "MS808")}


def test_content_types_are_there_of_what_was_deployed(verify: Verify) -> None:
    models = "from django.db import models\nclass Order(models.Model): pass\n"
    typed = Scenario(ORDER, installed=["django.contrib.contenttypes"], files={"shop/models.py": models})
    code = """
    def look(apps, editor):
        apps.get_model("contenttypes", "ContentType").objects.get(app_label="shop", model="order")
    """
    dependencies = [("shop", "0001_initial"), ("contenttypes", "0002_remove_content_type_name")]
    look = Migration(f"migrations.RunPython(look, {NOOP})", code=code, dependencies=dependencies)
    report = verify(typed, look)
    [one] = report.verifications
    assert said(one) == ("reversible", "", "any")
    assert codes(report) == []


def test_what_a_function_of_the_database_deletes_is_seen_though_code_only_selects(verify: Verify) -> None:
    code = """
    def wipe(apps, editor):
        apps.get_model("shop", "Order")
        with editor.connection.cursor() as cursor:
            cursor.execute("SELECT wipe()")
    """
    make = "CREATE FUNCTION wipe() RETURNS void LANGUAGE sql AS 'DELETE FROM shop_order'"
    base = Scenario(ORDER, f'migrations.RunSQL("{make}")')
    report = verify(base, f"migrations.RunPython(wipe, {NOOP})", code=code)
    [one] = report.verifications
    assert one.verdict == "loses data"
    assert [(lost.table, lost.column) for lost in one.lost] == [("shop_order", None)]


@pytest.mark.slow
def test_who_has_to_wait(verify: Verify) -> None:
    slow = """migrations.RunSQL("LOCK shop_order IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(2.5)", migrations.RunSQL.noop)"""
    report = verify(shop, slow, traffic=True)
    [one] = report.verifications
    assert {stall.table for stall in one.traffic} == {"shop_order"}
    assert codes(report) == ["MS811", "MS811"]
    assert all("waited up to " in finding.message for finding in report.findings)


@pytest.mark.slow
def test_a_lock_that_does_not_come_in_time(verify: Verify) -> None:
    impatient = """migrations.RunSQL("SET LOCAL lock_timeout = '50ms'", migrations.RunSQL.noop)"""
    add = 'migrations.AddField("order", "x", models.IntegerField(null=True))'
    report = verify(shop, impatient, add, traffic=True)
    [one] = report.verifications
    assert said(one) == ("reversible", "", "migrate first")
    assert one.disturbed is not None
    assert "lock timeout" in one.disturbed.error
    assert [finding.message for finding in report.findings] == [
        "Applying the migration fails while its tables are in use"
    ]
