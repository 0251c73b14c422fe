"""Kept plans at the gate: a deploy passes when the one before is live, and its check gives what it has to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from migsafe.api import plan_project, write_plan_of
from migsafe.model import Severity
from migsafe.plan.keeping import all_plans
from migsafe.predeploy import GateReport
from migsafe.rules import choose_rules
from migsafe.sandbox.server import Server
from tests.gate.live import QUIET, Live, live
from tests.projects import app, migration

MODELS = """
from django.db import models

class Order(models.Model):
    id = models.BigAutoField(primary_key=True)
    number = models.CharField(max_length=9, default="")
"""
ORDERS = app(
    "orders",
    {
        "0001_initial": migration('migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])'),
        "0002_number": migration(
            'migrations.AddField("order", "number", models.CharField(max_length=9, default=""))',
            dependencies=(("orders", "0001_initial"),),
        ),
    },
    models=MODELS,
)
FIRST, SECOND, THIRD = (
    ("orders", name)
    for name in ("0002_order_number_nullable", "0003_backfill_order_number", "0004_order_number_not_null")
)


@dataclass(frozen=True)
class Release:
    """A project whose code changes from deploy to deploy, on one database."""

    folder: Path
    postgres: Server
    database: str

    @contextmanager
    def __call__(self) -> Iterator[Live]:
        with live(self.folder, self.postgres, self.database, apps=("orders",)) as one:
            yield one

    def write(self, deploy: int) -> None:
        """Put the files of a deploy into the code."""
        with self() as one:
            if deploy == 1:
                planned = plan_project(
                    one.project,
                    QUIET,
                    ["orders.0002"],
                    rules=choose_rules(QUIET),
                    strategies=["nullable"],
                    below=self.folder,
                ).plan
            else:
                (planned,) = all_plans(self.folder)
            write_plan_of(one.project, QUIET, planned, deploy=deploy, force=True, below=self.folder)

    def gate(self) -> GateReport:
        with self() as one:
            return one.gate()


@pytest.fixture
def release(tmp_path: Path, postgres: Server, database: str) -> Release:
    """The table has rows, and the first deploy is written."""
    with live(tmp_path, postgres, database, ORDERS) as one:
        one.migrate(("orders", "0001_initial"))
        one.session.execute("INSERT INTO orders_order SELECT FROM generate_series(1, 50)")
    release = Release(tmp_path, postgres, database)
    release.write(1)
    return release


def reasons(report: GateReport) -> list[tuple[str, str | None]]:
    return [(one.code, one.migration) for one in report.findings if one.severity is Severity.ERROR]


def test_three_deploys(release: Release) -> None:
    first = release.gate()
    assert (first.go, [(each.key, each.plan) for each in first.pending]) == (True, [(FIRST, ("orders_0002", 1))])

    # The second is there before the first is live.
    release.write(2)
    together = release.gate()
    assert reasons(together) == [("MS913", SECOND[1])]
    assert together.deploys[-1].together == (FIRST,)
    with release() as one:
        one.migrate(FIRST)
        second = one.gate()
        assert (second.go, [each.key for each in second.pending]) == (True, [SECOND])
        assert second.deploys[0].untold == ("every process runs the new release",)

    # The third is there before the rows are filled: first with the second, then without it having done its work.
    release.write(3)
    assert reasons(release.gate()) == [("MS913", THIRD[1])]
    with release() as one:
        one.record(SECOND)
        one.session.execute("UPDATE orders_order SET number = NULL")
        unfilled = one.gate()
        assert reasons(unfilled) == [("MS914", THIRD[1])]
        (answer,) = unfilled.deploys[0].answers
        assert (answer.expected, answer.given, answer.holds) == ("0", "50", False)
        one.session.execute("UPDATE orders_order SET number = ''")
        third = one.gate()
        assert (third.go, [each.key for each in third.pending]) == (True, [THIRD])
        one.migrate()
        assert (one.gate().go, one.gate().deploys) == (True, ())


def test_a_check_is_asked_with_reading_alone_and_not_for_ever(release: Release) -> None:
    for deploy in (2, 3):
        release.write(deploy)
    (file,) = (release.folder / "migsafe-plans").glob("*.json")
    written = file.read_text()
    check = 'SELECT count(*) FROM \\"orders_order\\" WHERE \\"number\\" IS NULL'
    assert check in written
    with release() as one:
        one.migrate(FIRST)
        one.record(SECOND)
        for sql, error in (
            ("DELETE FROM orders_order", "it is not one SELECT"),
            ("SELECT 1; SELECT 0", "it is not one SELECT"),
            ("WITH gone AS (DELETE FROM orders_order RETURNING 1) SELECT 0", "it is not one SELECT"),
            ("SELECT nextval('orders_order_id_seq')", "read-only transaction"),
            ("SELECT pg_sleep(9)", "statement timeout"),
            ("SELECT 0 FROM orders_order", "it gives 50 rows, not one value"),
        ):
            file.write_text(written.replace(check, sql))
            report = one.gate(patience=0.2)
            assert reasons(report) == [("MS914", THIRD[1])]
            (answer,) = report.deploys[0].answers
            assert error in (answer.error or "")
        assert one.session.execute("SELECT count(*), max(id) FROM orders_order").fetchone() == (50, 50)
        assert one.session.execute("SELECT nextval('orders_order_id_seq')").fetchone() == (51,)


def test_on_a_database_where_nothing_is_applied_all_deploys_come_at_once(release: Release) -> None:
    for deploy in (2, 3):
        release.write(deploy)
    with release() as one:
        one.session.execute("DROP TABLE orders_order, django_migrations")
        report = one.gate()
    assert (report.go, len(report.pending), report.deploys) == (True, 4, ())
