"""Indexes built while everybody reads and writes: what is written."""

import pytest

from migsafe.planning import PlanReport
from migsafe.sandbox.server import Server
from migsafe.testing import Migration
from tests.plan.parts.test_indexes import events
from tests.plan.parts.test_keys import shop
from tests.plan.proving import prove

REMOVE = 'RemoveIndexConcurrently("order", "total_idx")'


def written(report: PlanReport) -> list[str]:
    """The operations of each planned migration, without layout."""
    sources = [step.source for deploy in report.plan.deploys for step in deploy.migrations]
    return [" ".join(source.partition("operations = [")[2].split()) for source in sources]


def test_is_what_the_author_wrote_concurrently() -> None:
    report = shop.plan(
        """migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["email"], name="Email idx"),  # for the search
        )"""
    )
    (operations,) = written(report)
    assert """'DROP INDEX CONCURRENTLY IF EXISTS "Email idx"'""" in operations
    assert (
        'AddIndexConcurrently( model_name="order", index=models.Index(fields=["email"], name="Email idx")' in operations
    )
    assert "# for the search" in operations
    (deploy,) = report.plan.deploys
    assert [(step.name, step.atomic) for step in deploy.migrations] == [("0002_email_idx", False)]


def test_what_django_refuses_has_to_be_mended_first() -> None:
    for change in ('AddIndexConcurrently("order", models.Index(fields=["total"], name="t"))', REMOVE):
        (unsolved,) = shop.plan(change).plan.unsolved
        assert "it cannot run inside a transaction" in unsolved.why
        assert "atomic = False" in unsolved.instead


def test_a_partitioned_table_gets_it_through_its_partitions() -> None:
    change = Migration('AddIndexConcurrently("event", models.Index(fields=["day"], name="event_day"))', atomic=False)
    (on_partitions, together) = written(events.plan(change))
    assert 'CREATE INDEX CONCURRENTLY "shop_event_old_day_idx"' in on_partitions
    assert 'CREATE INDEX IF NOT EXISTS "event_day" ON ONLY "shop_event"' in together
    assert 'AddIndexConcurrently( "event", models.Index(fields=["day"], name="event_day"), )' in together


def test_options_that_cannot_be_written_for_partitions_are_said() -> None:
    gin = "__import__('django.contrib.postgres.indexes', fromlist=['*']).BTreeIndex"
    report = events.plan(f'migrations.AddIndex("event", {gin}(fields=["day"], name="event_day", fillfactor=70))')
    assert [one.why for one in report.plan.unsolved] == [
        "its index has options that migsafe cannot write for each partition"
    ]


def test_an_operation_of_the_projects_own_is_left_to_the_state() -> None:
    code = "class AddOurIndex(migrations.AddIndex):\n    def describe(self):\n        return 'ours'"
    change = 'AddOurIndex("order", models.Index(fields=["total", "id"], name="ours"))'
    (operations,) = written(shop.plan(change, code=code))
    assert f"state_operations=[ {change}, ]" in operations
    assert 'CREATE INDEX CONCURRENTLY "ours"' in operations


@pytest.mark.parametrize(
    "change",
    [
        'AddIndex("order", models.Index(fields=["email"], name="total_idx"))',
        'AddConstraint("order", models.UniqueConstraint(fields=["total"], name="total_idx"))',
        'AddConstraint("order", models.UniqueConstraint(fields=["total"], condition=Q(id=1), name="total_idx"))',
    ],
)
def test_an_index_of_the_same_name_is_not_dropped_for_it(change: str) -> None:
    report = shop.plan(f"migrations.{change}")
    (unsolved,) = report.plan.unsolved
    assert unsolved.why == "there is something called total_idx already, so that PostgreSQL refuses it"
    assert [step.original for step in report.plan.deploys[0].migrations] == [True]


def test_going_back_drops_what_is_left_of_a_build_that_failed(postgres: Server) -> None:
    leftover = "CREATE INDEX total_idx ON shop_order (id)"
    prove(shop, 'migrations.RemoveIndex("order", "total_idx")', server=postgres, leftover=leftover)
