"""What is pending is what ``migrate`` would apply, in its order: Django's own executor is asked on a real database."""

from itertools import chain, combinations
from pathlib import Path

import pytest

from migsafe.gate.pending import indexes
from migsafe.project.applied import read_applied
from migsafe.project.graph import History, Key
from migsafe.sandbox.server import Server
from migsafe.sql.parse import parse
from tests.gate.live import Live, live
from tests.projects import app, migration

ORDERS = app(
    "orders",
    {
        "0001_initial": migration(dependencies=(("customers", "0001_initial"),)),
        "0002_a": migration(dependencies=(("orders", "0001_initial"),)),
        "0003_b": migration(dependencies=(("orders", "0002_a"), ("customers", "0002_c"))),
        "0002_squashed": migration(
            dependencies=(("orders", "0001_initial"), ("customers", "0002_c")),
            attributes='replaces = [("orders", "0002_a"), ("orders", "0003_b")]',
        ),
        "0004_d": migration(dependencies=(("orders", "0003_b"),)),
    },
)
CUSTOMERS = app(
    "customers",
    {
        "0001_initial": migration(),
        "0002_c": migration(dependencies=(("customers", "0001_initial"),)),
        "0003_e": migration(
            dependencies=(("customers", "0002_c"), ("auth", "__first__")),
            attributes='run_before = [("orders", "0004_d")]',
        ),
    },
)
CONTRIB = ("django.contrib.contenttypes", "django.contrib.auth")

SQUASH = ("orders", "0002_squashed")
SEVERAL = [("orders", "0002_a"), ("orders", "0003_b"), SQUASH]
"""The squash, and what it replaces."""


def pending(one: Live) -> tuple[Key, ...]:
    return History(one.project, applied=[row.key for row in read_applied(one.project)]).pending


def test_however_much_is_applied_squashes_half_too(tmp_path: Path, postgres: Server, database: str) -> None:
    """After each prefix of the order, with squashes half applied, recorded alone, or recorded with what they replace."""
    with live(tmp_path, postgres, database, ORDERS, CUSTOMERS, installed=CONTRIB) as one:
        one.record()
        everything = one.plan()
        assert len(everything) > 12
        before_squash = everything[: everything.index(SQUASH)]
        for applied in everything:
            one.record(*(SEVERAL if applied == SQUASH else [applied]))  # as `migrate` does
            assert pending(one) == one.plan()
        for some in chain(*(combinations(SEVERAL, number) for number in range(4))):
            one.session.execute("TRUNCATE django_migrations")
            one.record(*before_squash, *some)
            assert pending(one) == one.plan()
    assert everything.index(("customers", "0003_e")) < everything.index(("orders", "0004_d"))


class OnlyCustomers:
    """A router for a database that has the customers alone."""

    def allow_migrate(self, db: str, app_label: str, **_: object) -> bool:
        return app_label == "customers"


def test_what_a_router_keeps_off_is_recorded_and_does_nothing(tmp_path: Path, postgres: Server, database: str) -> None:
    table = 'migrations.CreateModel("{}", [("id", models.BigAutoField(primary_key=True))])'
    change = 'migrations.AddField("{}", "note", models.TextField(default=""))'
    apps = [
        app(label, {
            "0001_initial": migration(table.format(model)),
            "0002_note": migration(change.format(model), dependencies=((label, "0001_initial"),)),
        })
        for label, model in (("orders", "order"), ("customers", "customer"))
    ]  # fmt: skip
    routers = ["tests.gate.test_pending.OnlyCustomers"]
    with live(tmp_path, postgres, database, *apps, DATABASE_ROUTERS=routers) as one:
        one.migrate(("orders", "0001_initial"), ("customers", "0001_initial"))
        report = one.gate()
        assert tuple(each.key for each in report.pending) == one.plan()
        assert [(each.name, [target.relation for target in each.targets]) for each in report.pending] == [
            ("0002_note", ["customers_customer"]),
            ("0002_note", []),
        ]
        assert {each.app for each in report.findings if each.severity == "error"} == {"customers"}


def test_third_party_and_initial_migrations_are_pending_too(tmp_path: Path, postgres: Server, database: str) -> None:
    with live(tmp_path, postgres, database, ORDERS, CUSTOMERS, installed=CONTRIB) as one:
        one.migrate(("contenttypes", "0001_initial"))
        keys = tuple(each.key for each in one.gate().pending)
        assert keys == one.plan()
        assert ("contenttypes", "0002_remove_content_type_name") in keys


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("ALTER TABLE t ADD COLUMN a int UNIQUE", True),
        ("ALTER TABLE t ADD COLUMN a int CHECK (a > 0)", False),
        ("ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)", True),
        ("ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i", False),
        ("CREATE INDEX CONCURRENTLY ON t (a)", True),
        ("DROP INDEX i", False),
    ],
)
def test_what_builds_an_index(sql: str, *, expected: bool) -> None:
    ((action,),) = (statement.actions for statement in parse(sql))
    assert indexes(action) is expected
