"""``migsafe gate`` on real databases: what it lets pass, and what not."""

from datetime import date
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.db.migrations.exceptions import InconsistentMigrationHistory
from msgspec.structs import replace

from migsafe import api
from migsafe.config import Config, Table
from migsafe.errors import ConfigError, GitError, ServerError
from migsafe.model import LockMode
from migsafe.predeploy import GateReport
from migsafe.project.stats import read_stats
from migsafe.sandbox.server import Server
from tests.gate.live import QUIET, Live, live
from tests.projects import app, migration

INITIAL = migration(
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)), ("note", models.TextField(null=True))])'
)
MODELS = ("orders", "0001_initial")
INDEX = ("orders", "0002_index")


def orders(*operations: str, name: str = "0002_index", initial: str = INITIAL) -> dict[str, str]:
    return app("orders", {"0001_initial": initial, name: migration(*operations, dependencies=(MODELS,))})


BUILD = orders('migrations.AddIndex("order", models.Index(fields=["note"], name="note_idx"))')
NOT_NULL = orders('migrations.RunSQL("ALTER TABLE orders_order ALTER note SET NOT NULL")')
FILLED = "INSERT INTO orders_order (note) SELECT 'x' FROM generate_series(1, {}); ANALYZE orders_order"


def codes(report: GateReport, severity: str = "error") -> list[str]:
    return [one.code for one in report.findings if one.severity == severity]


def statistics(one: Live, table: str, rows: int) -> None:
    """Have the server count as many rows as there are in production."""
    one.session.execute(
        "UPDATE pg_class SET reltuples = %s, relpages = %s / 50 WHERE oid = %s::regclass", [rows, rows, table]
    )


def test_what_the_settings_do_not_tell_the_server_does(tmp_path: Path, postgres: Server, database: str) -> None:
    """A setting for the session, behind a pooler: it hands out a process number of its own."""
    with live(tmp_path, postgres, database, orders("migrations.RunSQL(\"SET work_mem = '1GB'\", '')")) as one:
        one.migrate(MODELS)
        assert "MS606" in codes(one.gate(), "info")
        with patch.object(psycopg.ConnectionInfo, "backend_pid", property(lambda info: 4711)):
            report = one.gate(Config(ignore=("MS709",)))
        assert {"MS606", "MS911"} <= set(codes(report, "warning"))


def test_sizes_are_the_server_s(tmp_path: Path, postgres: Server, database: str) -> None:
    with live(tmp_path, postgres, database, BUILD) as one:
        one.migrate(MODELS)
        # Never analysed: that it is empty is measured, as is the size of what is in it.
        (target,) = one.gate().pending[0].targets
        assert (target.relation, target.lock, target.rows, target.bytes) == ("orders_order", LockMode.SHARE, 0, 0)
        one.session.execute("INSERT INTO orders_order (note) SELECT repeat('x', 100) FROM generate_series(1, 3000)")
        (target,) = one.gate().pending[0].targets
        assert target.bytes is not None
        assert 300_000 < target.bytes < 500_000
        assert one.gate().go
        statistics(one, "orders_order", 30_000_000)
        report = one.gate()
    (target,) = report.pending[0].targets
    assert (target.rows, report.pending[0].verdict, report.pending[0].codes) == (30_000_000, "no-go", ("MS201",))
    assert target.estimate is not None
    assert target.estimate.seconds == 60
    assert (report.postgres, report.go, codes(report)) == (postgres.version, False, ["MS201"])


def test_what_the_team_says_of_sizes_does_not_count_but_what_is_hot_does(
    tmp_path: Path, postgres: Server, database: str
) -> None:
    told = replace(QUIET, tables={"orders_order": Table(rows=10**9, hot=True)})
    with live(tmp_path, postgres, database, BUILD) as one:
        one.migrate(MODELS)
        (target,) = one.gate(told).pending[0].targets
    assert target.rows == 0


def test_partitions_are_summed(tmp_path: Path, postgres: Server, database: str) -> None:
    parts = 'migrations.RunSQL("CREATE TABLE event (at date) PARTITION BY RANGE (at);{}")'
    sql = "".join(
        f"CREATE TABLE event_{year} PARTITION OF event FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01');"
        for year in (2024, 2025)
    )
    change = orders('migrations.RunSQL("CREATE INDEX event_at ON event (at)")', initial=migration(parts.format(sql)))
    with live(tmp_path, postgres, database, change) as one:
        one.migrate(MODELS)
        # One more, that no migration has made.
        one.session.execute("CREATE TABLE event_rest PARTITION OF event DEFAULT")
        for name in ("event_2024", "event_2025", "event_rest"):
            statistics(one, name, 4_000_000)
        targets = {each.relation: each for each in one.gate().pending[0].targets}
    assert {name: each.rows for name, each in targets.items()} == {
        "event": 12_000_000, "event_2024": 4_000_000, "event_2025": 4_000_000, "event_rest": 4_000_000
    }  # fmt: skip
    assert targets["event"].estimate is not None
    assert targets["event"].estimate.seconds == 24


def test_files_are_measured_only_where_nobody_keeps_readers_out(
    tmp_path: Path, postgres: Server, database: str
) -> None:
    with live(tmp_path, postgres, database, BUILD) as one, psycopg.connect(postgres.dsn(database)) as other:
        one.migrate(MODELS)
        assert read_stats(one.project, watch=0, measure=True).tables["orders_order"] == Table(rows=0, bytes=0)
        other.execute("LOCK TABLE orders_order")
        stats = read_stats(one.project, watch=0, measure=True)
    assert "orders_order" in stats.unknown


def test_a_missing_lock_timeout_is_told_once(tmp_path: Path, postgres: Server, database: str) -> None:
    change = orders('migrations.AddField("order", "paid", models.BooleanField(null=True))')
    with live(tmp_path, postgres, database, change, options="") as one:
        one.migrate(MODELS)
        assert codes(one.gate(), "warning") == ["MS909"]
        assert "MS605" not in {each.code for each in one.gate().findings}
        without = replace(QUIET, ignore=(*QUIET.ignore, "MS909"))
        assert "MS605" in {each.code for each in one.gate(without).findings}


def test_a_scan_that_lets_others_work_is_no_stall(tmp_path: Path, postgres: Server, database: str) -> None:
    change = app("orders", {
        "0001_initial": INITIAL,
        "0002_proof": migration(
            'migrations.RunSQL("ALTER TABLE orders_order ADD CONSTRAINT proof CHECK (note IS NOT NULL) NOT VALID")',
            'migrations.RunSQL("ALTER TABLE orders_order VALIDATE CONSTRAINT proof")',
            attributes="atomic = False",
            dependencies=(MODELS,),
        ),
        "0003_atomic": migration(
            'migrations.RunSQL("ALTER TABLE orders_order ADD CONSTRAINT other CHECK (id > 0) NOT VALID")',
            'migrations.RunSQL("ALTER TABLE orders_order VALIDATE CONSTRAINT other")',
            dependencies=(("orders", "0002_proof"),),
        ),
    })  # fmt: skip
    with live(tmp_path, postgres, database, change) as one:
        one.migrate(MODELS)
        statistics(one, "orders_order", 30_000_000)
        (apart,), (together,) = (each.targets for each in one.gate().pending)
    assert (apart.lock, apart.stalls) == (LockMode.ACCESS_EXCLUSIVE, None)
    assert apart.estimate is not None
    assert together.stalls == together.estimate is not None


# What the server has


def test_a_check_that_somebody_added_by_hand_proves_not_null(tmp_path: Path, postgres: Server, database: str) -> None:
    with live(tmp_path, postgres, database, NOT_NULL) as one:
        one.migrate(MODELS)
        statistics(one, "orders_order", 30_000_000)
        assert "MS102" in codes(one.gate())
        one.session.execute("ALTER TABLE orders_order ADD CONSTRAINT by_hand CHECK (note IS NOT NULL) NOT VALID")
        assert "MS102" in codes(one.gate())
        one.session.execute("ALTER TABLE orders_order VALIDATE CONSTRAINT by_hand")
        statistics(one, "orders_order", 30_000_000)
        assert "MS102" not in codes(one.gate())


def test_a_constraint_that_is_not_there_proves_nothing(tmp_path: Path, postgres: Server, database: str) -> None:
    proof = 'migrations.RunSQL("ALTER TABLE orders_order ADD CONSTRAINT proof CHECK (note IS NOT NULL)")'
    change = app("orders", {
        "0001_initial": INITIAL,
        "0002_proof": migration(proof, dependencies=(MODELS,)),
        "0003_set": migration(
            'migrations.RunSQL("ALTER TABLE orders_order ALTER note SET NOT NULL")',
            dependencies=(("orders", "0002_proof"),),
        ),
    })  # fmt: skip
    with live(tmp_path, postgres, database, change) as one:
        one.migrate(("orders", "0002_proof"))
        statistics(one, "orders_order", 30_000_000)
        assert "MS102" not in codes(one.gate())
        one.session.execute("ALTER TABLE orders_order DROP CONSTRAINT proof")
        assert "MS102" in codes(one.gate())


def test_tables_lie_where_the_search_path_of_the_settings_says(tmp_path: Path, postgres: Server, database: str) -> None:
    with live(tmp_path, postgres, database, BUILD, options="-c search_path=shop,public") as one:
        one.session.execute("CREATE SCHEMA shop; CREATE TABLE public.orders_order (id int, other text)")
        one.migrate(MODELS)
        statistics(one, "shop.orders_order", 30_000_000)
        report = one.gate()
    assert [(each.relation, each.rows) for each in report.pending[0].targets] == [("orders_order", 30_000_000)]
    assert codes(report) == ["MS201"]


def test_a_view_that_somebody_made_is_in_the_way(tmp_path: Path, postgres: Server, database: str) -> None:
    drop = orders('migrations.RunSQL("ALTER TABLE orders_order DROP COLUMN note")')
    with live(tmp_path, postgres, database, drop) as one:
        one.migrate(MODELS)
        before = codes(one.gate())
        one.session.execute("CREATE VIEW by_hand AS SELECT note FROM orders_order")
        assert [code for code in codes(one.gate()) if code not in before] == ["MS111"]


CLASHES = {
    'migrations.AddIndex("order", models.Index(fields=["note"], name="note_idx"))': (
        "CREATE INDEX note_idx ON orders_order (note)",
        "there is an index note_idx already",
    ),
    'migrations.AddField("order", "paid", models.BooleanField(null=True))': (
        "ALTER TABLE orders_order ADD COLUMN paid boolean",
        "orders_order has a column paid already",
    ),
    'migrations.AddConstraint("order", models.UniqueConstraint(fields=["note"], name="one_note"))': (
        "ALTER TABLE orders_order ADD CONSTRAINT one_note UNIQUE (note)",
        "orders_order has a constraint one_note already",
    ),
    'migrations.CreateModel("Line", [("id", models.BigAutoField(primary_key=True))])': (
        "CREATE TABLE orders_line ()",
        "there is a table orders_line already",
    ),
    'migrations.RemoveField("order", "note")': (
        "ALTER TABLE orders_order DROP COLUMN note",
        "orders_order has no column note",
    ),
    'migrations.RunSQL("ALTER TABLE orders_order RENAME note TO remark")': (
        "ALTER TABLE orders_order ADD COLUMN remark text",
        "orders_order has a column remark already",
    ),
    'migrations.DeleteModel("Order")': ("DROP TABLE orders_order", "there is no table orders_order"),
    'migrations.RunSQL("DROP INDEX orders_order_pkey")': (
        "ALTER TABLE orders_order DROP CONSTRAINT orders_order_pkey",
        "there is no index orders_order_pkey",
    ),
}
"""Operations, what somebody did by hand, and what is said of it."""


@pytest.mark.parametrize("operation", CLASHES)
def test_what_is_there_already_or_not_at_all(tmp_path: Path, postgres: Server, database: str, operation: str) -> None:
    by_hand, said = CLASHES[operation]
    with live(tmp_path, postgres, database, orders(operation)) as one:
        one.migrate(MODELS)
        assert one.gate().pending[0].clash is None
        one.session.execute(by_hand)
        report = one.gate()
        assert report.pending[0].clash == said
        assert "MS917" in codes(report)
        with pytest.raises(DatabaseError):
            one.migrate()


def test_what_python_code_has_done_to_the_schema_is_not_known(tmp_path: Path, postgres: Server, database: str) -> None:
    drop = "migrations.RunPython(lambda apps, editor: editor.execute('DROP INDEX note_idx'))"
    index = 'migrations.AddIndex("order", models.Index(fields=["note"], name="note_idx"))'
    with live(tmp_path, postgres, database, orders(drop, index)) as one:
        one.migrate(MODELS)
        one.session.execute("CREATE INDEX note_idx ON orders_order (note)")
        assert one.gate().pending[0].clash is None
        one.migrate()


# What is no server to migrate, or a new one


def test_nothing_is_pending(tmp_path: Path, postgres: Server, database: str) -> None:
    with live(tmp_path, postgres, database, BUILD) as one:
        one.migrate()
        report = one.gate()
    assert (report.go, report.pending, report.findings) == (True, (), ())


def test_on_an_empty_database_everything_is_pending_and_hurts_nobody(
    tmp_path: Path, postgres: Server, database: str
) -> None:
    change = orders(
        'migrations.AddField("order", "number", models.CharField(max_length=9, default=""))',
        'migrations.RemoveField("order", "note")',
    )
    with live(tmp_path, postgres, database, change, installed=("django.contrib.contenttypes",)) as one:
        report = one.gate()
        assert tuple(each.key for each in report.pending) == one.plan()
        assert (report.go, len(report.pending)) == (True, 4)
        assert {each.targets for each in report.pending} == {()}


def test_tables_without_a_record_of_migrations(tmp_path: Path, postgres: Server, database: str) -> None:
    with live(tmp_path, postgres, database, BUILD) as one:
        one.session.execute("CREATE TABLE x ()")
        with pytest.raises(ServerError, match="has no table django_migrations"):
            one.gate()


def test_somebody_migrates_meanwhile(
    tmp_path: Path, postgres: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with live(tmp_path, postgres, database, BUILD) as one:
        one.migrate(MODELS)
        judge = api.Look.report

        def late(look: api.Look, *args: object, **options: object) -> GateReport:
            one.record(INDEX)
            return judge(look, *args, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(api.Look, "report", late)
        with pytest.raises(ServerError, match="somebody else has migrated"):
            one.gate()


def test_dates_without_time_zones(tmp_path: Path, postgres: Server, database: str) -> None:
    with live(tmp_path, postgres, database, BUILD, USE_TZ=False, TIME_ZONE="Asia/Tokyo") as one:
        one.migrate(MODELS)
        assert one.gate().go


# History


def test_the_database_is_ahead_of_the_code(tmp_path: Path, postgres: Server, database: str) -> None:
    with live(tmp_path, postgres, database, BUILD) as one:
        one.migrate(MODELS)
        one.record(("orders", "0003_gone"))
        report = one.gate()
    assert codes(report, "warning") == ["MS706"]


def test_what_is_applied_without_what_it_depends_on(tmp_path: Path, postgres: Server, database: str) -> None:
    """Django refuses to migrate then."""
    with live(tmp_path, postgres, database, BUILD) as one:
        one.record(INDEX)
        report = one.gate()
        assert [each.key for each in report.pending] == [MODELS]
        assert (report.go, codes(report)) == (False, ["MS705"])
        with pytest.raises(InconsistentMigrationHistory):
            call_command("migrate")


def test_where_there_is_no_git_that_is_said(tmp_path: Path, postgres: Server, database: str) -> None:
    config = replace(QUIET, applied_ref="origin/main", sources={"applied_ref": "pyproject.toml"})
    with live(tmp_path, postgres, database, BUILD) as one:
        one.migrate(MODELS)
        report = one.gate(config)
        assert report.go
        assert "git" in report.status.unseen[-1]
        with pytest.raises(GitError):
            one.gate(replace(config, sources={"applied_ref": "--applied-ref"}))


# Waiting, and answering for it


def test_it_waits_for_a_transaction_to_end(
    tmp_path: Path, postgres: Server, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "INTERVAL", 0.05)
    seen: list[GateReport] = []
    with live(tmp_path, postgres, database, BUILD) as one, psycopg.connect(postgres.dsn(database)) as other:
        one.migrate(MODELS)
        other.execute("INSERT INTO orders_order (note) VALUES ('x')")
        assert not one.gate(longest=0.0).go
        waited_out = one.gate(longest=0.0, wait=0.2, waiting=seen.append)
        assert (waited_out.go, bool(seen)) == (False, True)
        assert waited_out.waited >= 0.2

        def wait(report: GateReport) -> None:
            seen.append(report)
            if report.waited:
                other.rollback()

        report = one.gate(longest=0.0, wait=600, waiting=wait)
    assert report.go
    assert 0 < report.waited < 100
    assert all(not each.go for each in seen)


def test_it_does_not_wait_for_what_does_not_pass(tmp_path: Path, postgres: Server, database: str) -> None:
    with live(tmp_path, postgres, database, BUILD) as one:
        one.migrate(MODELS)
        statistics(one, "orders_order", 30_000_000)
        assert one.gate(wait=60).waited == 0


def test_approvals(tmp_path: Path, postgres: Server, database: str) -> None:
    file = tmp_path / "migsafe-approvals.toml"
    with live(tmp_path, postgres, database, BUILD) as one:
        one.migrate(MODELS)
        statistics(one, "orders_order", 30_000_000)
        report = one.gate(allow=["ms201:orders.0002_index=closed from 2 to 4"])
        assert (report.go, codes(report), report.pending[0].verdict) == (True, [], "allowed")
        assert [each.status for each in report.approvals] == ["used"]
        assert [(each.by, each.reason) for each in report.suppressed] == [("approval", "closed from 2 to 4")]
        assert one.gate(allow=["MS201:orders.0002=closed"]).go
        # Of another migration, or of none.
        other = one.gate(allow=["MS201:orders.0001_initial=x", "MS201=x", "MS201:orders.0002_in=x", "MS201:orders=x"])
        assert (other.go, {each.status for each in other.approvals}) == (False, {"unused"})
        file.write_text(
            '[[approval]]\ncode = "MS201"\nmigration = "orders.0002_index"\nreason = "closed"\nby = "anna"\n'
            "until = 2026-03-01\n"
        )
        until, after = one.gate(today=date(2026, 3, 1)), one.gate(today=date(2026, 3, 2))
        assert (until.go, until.suppressed[0].reason) == (True, "closed (anna)")
        assert (after.go, [each.status for each in after.approvals]) == (False, ["expired"])
        with pytest.raises(ConfigError, match="there is no rule 'MS999'"):
            one.gate(allow=["MS999:orders.0002_index=x"])
