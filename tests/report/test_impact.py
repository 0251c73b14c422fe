"""What a row of a table says of a migration."""

from typing import Any

import pytest

from migsafe.model import Axis, Estimate, LockMode, Migration, Operation, Severity, Statement
from migsafe.report.impact import Impact, impact
from migsafe.verification import Failure
from tests import verified
from tests.report import samples
from tests.report.test_plan import effect, statement

ACCESS_EXCLUSIVE = effect(LockMode.ACCESS_EXCLUSIVE)
ALTER = statement(ACCESS_EXCLUSIVE, sql='ALTER TABLE "orders_order" ADD COLUMN "note" text')
REWRITE = statement(effect(LockMode.ACCESS_EXCLUSIVE, rewrites=True), sql='ALTER TABLE "orders_order" …')
UPDATE = statement(effect(LockMode.ROW_EXCLUSIVE), sql='UPDATE "orders_order"')
CONCURRENTLY = statement(effect(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True))
VALIDATE = statement(
    effect(LockMode.SHARE_ROW_EXCLUSIVE, scans=True, relation="a"), effect(LockMode.ACCESS_EXCLUSIVE, relation="b")
)
DROP = statement(
    *(effect(LockMode.ACCESS_EXCLUSIVE, relation=name) for name in ("orders_order", "orders_pkey", "orders_like")),
    sql='DROP TABLE "orders_order"',
)


def migration(*operations: Operation, **changes: Any) -> Migration:
    return Migration("orders", "0042_x", "x.py", **({"atomic": True} | changes), operations=operations)


def operation(*statements: Statement, index: int = 0, **changes: Any) -> Operation:
    values: dict[str, Any] = {"kind": "X", "description": "x", "line": None, "reversible": True, "opaque": None}
    return Operation(index=index, statements=statements, **(values | changes))


PYTHON = operation(opaque="runs Python code: fill", index=1)
BOTH = "reads and writes of orders_order"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (migration(), ("–", "–", "–", True)),
        (migration(operation(ALTER)), ("ACCESS EXCLUSIVE", BOTH, "a moment", True)),
        (migration(operation(UPDATE)), ("ROW EXCLUSIVE", "–", "–", True)),
        (migration(operation(CONCURRENTLY)), ("SHARE UPDATE EXCLUSIVE", "–", "–", True)),
        (migration(operation(REWRITE)), ("ACCESS EXCLUSIVE", BOTH, "depends on size", True)),
        (
            migration(operation(VALIDATE)),
            ("ACCESS EXCLUSIVE", "reads and writes of b; writes of a", "depends on size", True),
        ),
        (migration(operation(DROP)), ("ACCESS EXCLUSIVE", f"{BOTH} and 2 more", "a moment", True)),
        # What the change has made itself, nobody waits for.
        (migration(operation(REWRITE), made=("orders_order",)), ("–", "–", "–", True)),
        # Python code, which is not run, and what is not understood.
        (migration(PYTHON), ("not known", "not known", "not known", False)),
        (
            migration(operation(ALTER), PYTHON),
            ("at least ACCESS EXCLUSIVE", f"{BOTH}; perhaps more", "depends on size", False),
        ),
        (
            migration(operation(ALTER), PYTHON, atomic=False),
            ("at least ACCESS EXCLUSIVE", f"{BOTH}; perhaps more", "a moment", False),
        ),
        (migration(operation(statement(analysed=False))), ("not known", "not known", "not known", False)),
    ],
)
def test_what_it_does(given: Migration, expected: tuple[str, str, str, bool]) -> None:
    assert impact(given, [], None, is_read=True) == Impact(*expected)


def test_rows_that_are_changed_under_a_lock_keep_it() -> None:
    held = samples.operation().statements[0].effects[0]
    under = statement(effect(LockMode.ROW_EXCLUSIVE), held=(verified_held(held.relation),))
    assert impact(migration(operation(ALTER, under)), [], None, is_read=True).estimate == "depends on size"


def verified_held(relation: str) -> Any:
    from migsafe.model import Held

    return Held(relation, LockMode.ACCESS_EXCLUSIVE, ("reads", "writes", "ddl"))


def test_what_a_server_has_shown_counts_for_what_is_not_known() -> None:
    seen = verified.run(statements=(verified.executed(observed=(verified.effect(lock=LockMode.SHARE),)),))
    assert impact(migration(PYTHON), [], seen, is_read=True) == (
        "SHARE",
        "writes of shop_order",
        "a moment",
        True,
    )
    failed = verified.run(failure=Failure(error="x"))
    assert impact(migration(PYTHON), [], failed, is_read=True).lock == "not known"
    unwatched = verified.run(statements=(verified.executed(observed=None),))
    assert impact(migration(PYTHON), [], unwatched, is_read=True).lock == "not known"


@pytest.mark.parametrize(("atomic", "expected"), [(True, "about 20 min"), (False, "about 10 min")])
def test_in_one_transaction_locks_are_held_to_its_end(atomic: bool, expected: str) -> None:
    estimate = Estimate(600.0, "about 10 min (estimate: …)")
    found = [
        samples.finding(operation=number, statement=0, estimate=estimate, code=code)
        for number in (0, 1)
        for code in ("MS106", "MS601")
    ]
    given = migration(operation(REWRITE), operation(REWRITE, index=1), atomic=atomic)
    assert impact(given, found, None, is_read=True).estimate == expected
    assert impact(given, found[:2], None, is_read=True).estimate == "about 10 min, and more"


def test_small_tables_take_a_moment() -> None:
    small = samples.finding(severity=Severity.INFO, axis=Axis.LOCKS)
    given = migration(operation(REWRITE))
    assert impact(given, [small], None, is_read=True).estimate == "a moment"
    assert impact(given, [small, samples.finding()], None, is_read=True).estimate == "depends on size"
