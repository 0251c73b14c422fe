"""Constraints of tables in use: what code is asked for, and what is written."""

import django
import psycopg
import pytest

from migsafe.planning import ChangeCode, Check, PlanReport
from migsafe.sandbox.server import Server
from tests.plan.parts.test_keys import CONDITION, shop


def asked(report: PlanReport) -> tuple[list[tuple[str, str]], Check | None]:
    """What code of the first deploy must not do, and what is checked before the second one."""
    steps = report.plan.deploys[0].steps
    duties = [(step.name, step.must_not) for step in steps if isinstance(step, ChangeCode) and step.must_not]
    return duties, next((step for step in steps if isinstance(step, Check) and step.sql), None)


def test_check_is_the_authors_text_not_valid_then_validated() -> None:
    report = shop.plan(
        f"""migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                {CONDITION}=Q(total__gte=0),  # never less
                name="Total",
            ),
        )"""
    )
    first, second = report.plan.deploys
    assert first.migrations == ()
    add, validate = second.migrations
    assert (add.name, validate.name) == ("0002_total", "0003_validate_total")
    assert f"{CONDITION}=Q(total__gte=0),  # never less" in add.source
    assert "AddConstraintNotValid(" in add.source
    assert 'ValidateConstraint(model_name="order", name="Total")' in validate.source
    duties, check = asked(report)
    assert duties == [("shop.order.total", "save rows for which total >= 0 is false")]
    assert check == Check(
        what="all rows of shop_order satisfy total >= 0",
        sql='SELECT count(*) FROM "shop_order" WHERE NOT (total >= 0)',
        expected="0",
    )


UNIQUE = {
    'fields=["total"]': (2, "save two rows with the same total"),
    'fields=["total", "count"]': (1, "save two rows with the same total, count"),
    'fields=["count"], condition=Q(total__gt=0)': (1, "save two rows with the same count where total > 0"),
    'models.functions.Lower("note")': (1, "save two rows with the same lower(note)"),
    'fields=["count"], deferrable=models.Deferrable.DEFERRED': (
        2,
        "save two rows with the same count, not even until its transaction ends",
    ),
}
if django.VERSION >= (5, 0):
    UNIQUE['fields=["total"], nulls_distinct=False'] = (3, "save two rows with the same total")
ROWS = """
INSERT INTO shop_order (email, code, slug, total, count, note) VALUES
    ('a', 'a', 'a', 1, 1, 'A'), ('b', 'b', 'b', 1, 1, 'a'), ('c', 'c', 'c', 2, 2, 'c'), ('d', 'd', 'd', 2, 3, 'd'),
    ('e', 'e', 'e', NULL, 2, 'e'), ('f', 'f', 'f', NULL, 2, 'f')
"""


@pytest.mark.parametrize("arguments", UNIQUE)
def test_duplicates_are_counted_before(arguments: str, database: str, postgres: Server) -> None:
    duplicates, must_not = UNIQUE[arguments]
    report = shop.plan(f'migrations.AddConstraint("order", models.UniqueConstraint({arguments}, name="u"))')
    duties, check = asked(report)
    assert [sentence for _, sentence in duties] == [must_not]
    with psycopg.connect(postgres.dsn(database)) as connection:
        connection.execute(
            "CREATE TABLE shop_order (email text, code text, slug text, total int, count int NOT NULL, note text NOT NULL)"
        )
        assert check
        assert check.sql
        assert connection.execute(check.sql.encode()).fetchone() == (int(check.expected or ""),)
        connection.execute(ROWS.encode())
        assert connection.execute(check.sql.encode()).fetchone() == (duplicates,)


@pytest.mark.parametrize("arguments", ['fields=["id", "total"]', 'fields=["email", "note", "code"], condition=Q(id=1)'])
def test_what_cannot_be_twice_asks_nothing_of_code(arguments: str) -> None:
    report = shop.plan(f'migrations.AddConstraint("order", models.UniqueConstraint({arguments}, name="u"))')
    assert [deploy.kinds for deploy in report.plan.deploys] == [("expand",)]
    assert asked(report) == ([], None)


def test_exclusion_constraints_have_no_safe_way() -> None:
    exclusion = "__import__('django.contrib.postgres.constraints', fromlist=['*']).ExclusionConstraint"
    report = shop.plan(f'migrations.AddConstraint("order", {exclusion}(name="e", expressions=[("count", "=")]))')
    (unsolved,) = report.plan.unsolved
    assert unsolved.why == (
        "PostgreSQL can build the index of an exclusion constraint only while nobody else uses the table"
    )
    assert "lock_timeout" in unsolved.instead


def test_a_constraint_that_is_checked_later_than_before_is_for_people() -> None:
    deferred = 'models.UniqueConstraint(fields=["email", "code"], name="d", deferrable=models.Deferrable.DEFERRED)'
    report = shop.plan(
        f'migrations.AddConstraint("order", {deferred})', 'migrations.AlterUniqueTogether("order", set())'
    )
    (unsolved,) = report.plan.unsolved
    assert unsolved.why.startswith("Constraint d of shop_order is checked when the transaction commits")
    assert unsolved.instead.startswith("First release code that works with both")


def test_validation_gets_a_migration_of_its_own() -> None:
    add = f'AddConstraintNotValid("order", models.CheckConstraint({CONDITION}=Q(total__gt=1), name="c"))'
    (deploy,) = shop.plan(add, 'ValidateConstraint("order", "c")').plan.deploys
    assert [step.original for step in deploy.migrations] == [True, False]
    assert deploy.migrations[1].name == "0003_validate_c"


def test_an_operation_that_was_safe_behind_others_is_planned_once_it_stands_alone() -> None:
    report = shop.plan(
        'migrations.AlterField("order", "note", models.TextField(unique=True))',
        'migrations.AlterField("order", "code", models.CharField(max_length=100))',
    )
    assert [finding.code for finding in report.findings if finding.operation == 1] == []
    assert [[step.name for step in deploy.migrations] for deploy in report.plan.deploys] == [
        ["0002_order_code_not_indexed"],
        ["0003_order_note_unique_index", "0004_order_note_unique"],
    ]


@pytest.mark.parametrize(("name", "notes"), [("note_of_one", 1), ("note_of_two", 0)])
def test_what_nothing_enforces_between_two_deploys_is_told(name: str, notes: int) -> None:
    constraint = f'models.UniqueConstraint(fields=["note"], condition=Q(total=2), name="{name}")'
    plan = shop.plan(
        'migrations.RemoveConstraint("order", "note_of_one")', f'migrations.AddConstraint("order", {constraint})'
    ).plan
    assert (
        plan.notes
        == ("note_of_one is dropped a deploy before it is made anew: between the two only code keeps rows to it.",)[
            :notes
        ]
    )
