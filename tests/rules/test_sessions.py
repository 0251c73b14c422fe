"""Rules about a live server before a deploy, on servers made up for them: what fires, what stays quiet, and the words.

Whom migrations really wait for is asked in ``tests/gate/test_waits.py``, what servers tell in ``tests/project/test_live.py``.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from migsafe.model import Estimate, Finding, LockMode, Severity
from migsafe.postgres.locks import blocks
from migsafe.predeploy import (
    MUCH,
    Answer,
    Connections,
    InvalidIndex,
    KeptDeploy,
    PendingMigration,
    Prepared,
    ServerStatus,
    Session,
    Slot,
    Standby,
    Target,
    Unvalidated,
)
from migsafe.rules import GateContext, all_rules, at_gate

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
STATUS = ServerStatus(release="16.4", postgres=16, database="shop", user="deploy", at=AT, lock_timeout=5.0)
WEB = Session(
    pid=7, user="web", application="gunicorn", state="active", started=AT, transaction=90.0, query=90.0,
    text="SELECT * FROM orders", locks={"orders": LockMode.ACCESS_SHARE},
)  # fmt: skip
IDLE = replace(WEB, state="idle in transaction", query=30.0)
KEY = ("orders", "0002_step")


def target(lock: LockMode = LockMode.ACCESS_EXCLUSIVE, relation: str = "orders", **more: Any) -> Target:
    return Target(relation=relation, lock=lock, blocks=blocks(lock), **more)


def online(**more: Any) -> Target:
    return target(LockMode.SHARE_UPDATE_EXCLUSIVE, awaits=LockMode.SHARE, awaits_snapshots=True, **more)


def pending(*targets: Target, **more: Any) -> PendingMigration:
    return PendingMigration(app=KEY[0], name=KEY[1], targets=targets or (target(),), **more)


def check(
    code: str, *migrations: PendingMigration, deploys: tuple[KeptDeploy, ...] = (), **status: Any
) -> list[Finding]:
    """What one rule says."""
    context = GateContext(
        status=replace(STATUS, **status),
        pending=migrations or (pending(),),
        deploys=deploys,
        paths={KEY: "orders/2.py"},
    )
    (rule,) = (one for one in all_rules() if one.code == code)
    return list(at_gate(context, [rule]))


def said(code: str, *migrations: PendingMigration, **status: Any) -> list[str]:
    return [one.message for one in check(code, *migrations, **status)]


def test_a_long_query() -> None:
    (one,) = check("MS901", sessions=(WEB,))
    assert (one.app, one.migration, one.path, one.relation, one.severity) == (*KEY, "orders/2.py", "orders", "error")
    assert one.message == "orders.0002_step would wait for web (gunicorn, pid 7), in a query for 90 s"
    assert one.why == "It needs ACCESS EXCLUSIVE on orders, and reads and writes of it wait behind the migration."
    assert [each.text for each in one.evidence] == ["ACCESS SHARE on orders", "SELECT * FROM orders"]
    assert "SELECT pg_terminate_backend(7);" in one.fix


@pytest.mark.parametrize(
    "session",
    [
        replace(WEB, transaction=4.0, query=4.0),
        replace(WEB, locks={"customers": LockMode.ACCESS_EXCLUSIVE}),
        replace(WEB, transaction=None, state="idle", query=900.0),
        replace(WEB, vacuum=True, user=None),
        IDLE,
    ],
    ids=["short", "elsewhere", "done", "autovacuum gives way", "another rule's"],
)
def test_who_is_in_nobody_s_way(session: Session) -> None:
    assert check("MS901", sessions=(session,)) == []


def test_a_migration_is_told_of_once_with_all_that_it_waits_for() -> None:
    sessions = tuple(replace(WEB, pid=pid, transaction=pid * 10.0, query=1.0) for pid in (1, 2, 3))
    (one,) = check("MS901", sessions=sessions)
    assert one.message == (
        "orders.0002_step would wait for web (gunicorn, pid 3), in a transaction for 30 s, and 2 others"
    )
    assert one.evidence[-1].text == (
        "web (gunicorn, pid 2), in a transaction for 20 s\nweb (gunicorn, pid 1), in a transaction for 10 s"
    )
    assert "pg_terminate_backend(3),\n       pg_terminate_backend(2),\n       pg_terminate_backend(1);" in one.fix


def test_who_is_not_shown_is_told_of_too() -> None:
    hidden = Session(pid=7, user="web", transaction=5.0, locks=WEB.locks)
    assert said("MS901", sessions=(hidden,)) == [
        "orders.0002_step would wait for web (pid 7), in a transaction for at least 5 s"
    ]


def test_an_index_that_is_built_concurrently_in_several_transactions_is_one_query() -> None:
    locks = {"orders": LockMode.SHARE_UPDATE_EXCLUSIVE}
    builder = replace(WEB, transaction=0.1, query=600.0, locks=locks, text="CREATE INDEX CONCURRENTLY …")
    assert said("MS901", sessions=(builder,)) == [
        "orders.0002_step would wait for web (gunicorn, pid 7), in a query for 10 min"
    ]


def test_concurrently_waits_for_writers_and_snapshots_and_keeps_nobody_waiting() -> None:
    reader, writer = (
        replace(WEB, locks={"orders": LockMode.ACCESS_SHARE}),
        replace(WEB, locks={"orders": LockMode.ROW_EXCLUSIVE}),
    )
    assert check("MS901", pending(online()), sessions=(reader,)) == []
    for one in (writer, replace(WEB, locks={}, snapshot=True)):
        (found,) = check("MS901", pending(online()), sessions=(one,))
        assert (found.severity, found.why) == (
            "error",
            "CONCURRENTLY waits on orders until that is over. It gives up after 5 s (lock_timeout), half done.",
        )
        (found,) = check("MS901", pending(online()), sessions=(one,), lock_timeout=None)
        assert (found.severity, found.why) == ("warning", "CONCURRENTLY waits on orders until that is over.")


def test_nobody_waits_behind_what_merely_keeps_other_changes_off() -> None:
    validate = pending(target(LockMode.SHARE_UPDATE_EXCLUSIVE))
    vacuum = replace(WEB, locks={"orders": LockMode.SHARE_UPDATE_EXCLUSIVE}, text="VACUUM orders")
    (found,) = check("MS901", validate, sessions=(vacuum,), lock_timeout=None)
    assert (found.severity, found.why) == ("warning", "It needs SHARE UPDATE EXCLUSIVE on orders.")


def test_the_worst_that_a_migration_waits_for_is_told() -> None:
    session = replace(WEB, locks={"customers": LockMode.ACCESS_SHARE, "orders": LockMode.ACCESS_SHARE})
    (found,) = check("MS901", pending(target(relation="customers"), online()), sessions=(session,))
    assert (found.relation, found.severity) == ("customers", "error")


def test_idle_in_a_transaction() -> None:
    (found,) = check("MS902", sessions=(IDLE,))
    assert found.message == "orders.0002_step would wait for web (gunicorn, pid 7), idle in a transaction for 90 s"
    assert [one.label for one in found.evidence] == ["holds", "last query"]
    assert 'ALTER ROLE "web" SET idle_in_transaction_session_timeout' in found.fix
    assert check("MS902", sessions=(WEB,)) == []
    assert check("MS902", sessions=(replace(IDLE, locks={}),)) == []
    # without a snapshot nothing waits for it that is done CONCURRENTLY elsewhere
    assert check("MS902", pending(online()), sessions=(replace(IDLE, locks={"other": LockMode.ROW_EXCLUSIVE}),)) == []


VACUUM = Session(
    pid=8, state="active", transaction=7200.0, query=7200.0, text="autovacuum: VACUUM public.orders (to prevent wraparound)",
    vacuum=True, wraparound=True, locks={"orders": LockMode.SHARE_UPDATE_EXCLUSIVE},
)  # fmt: skip


def test_an_autovacuum_that_does_not_give_way() -> None:
    assert said("MS903", sessions=(VACUUM,)) == [
        "orders.0002_step would wait for an autovacuum of orders that prevents wraparound, at work for 2 h"
    ]
    assert said("MS903", sessions=(replace(VACUUM, transaction=None),)) == [
        "orders.0002_step would wait for an autovacuum of orders that prevents wraparound"
    ]
    assert check("MS903", sessions=(replace(VACUUM, wraparound=False),)) == []
    assert check("MS903", pending(target(LockMode.ROW_EXCLUSIVE)), sessions=(VACUUM,)) == []


def test_a_prepared_transaction() -> None:
    prepared = Prepared(name="it's", owner="web", age=90.0, locks={"orders": LockMode.ROW_EXCLUSIVE})
    (found,) = check("MS904", prepared=(prepared,))
    assert found.message == "orders.0002_step would wait for the prepared transaction it's of web, 90 s old"
    assert "ROLLBACK PREPARED 'it''s';" in found.fix
    assert len(check("MS904", pending(online()), prepared=(prepared,))) == 1
    assert check("MS904", prepared=(replace(prepared, age=1.0),)) == []
    for locks in ({}, {"other": LockMode.ACCESS_EXCLUSIVE}):
        assert check("MS904", pending(online()), prepared=(replace(prepared, locks=locks),)) == []


def test_somebody_else_is_at_the_table() -> None:
    holds = replace(WEB, transaction=0.1, query=0.1, locks={"orders": LockMode.SHARE})
    (found,) = check("MS905", sessions=(holds,))
    assert found.message == "orders.0002_step needs orders, which web (gunicorn, pid 7) has locked (SHARE)"
    assert found.why.startswith("Writes of orders wait for it already. It needs ACCESS EXCLUSIVE on orders, and")
    waits = replace(holds, locks={}, waits={"orders": LockMode.ACCESS_EXCLUSIVE})
    (found,) = check("MS905", sessions=(waits,))
    assert found.message.endswith("waits to lock (ACCESS EXCLUSIVE)")
    assert found.why.startswith("Reads and writes of orders wait behind it already.")
    long = replace(WEB, locks={"orders": LockMode.SHARE})
    for quiet in (long, replace(holds, locks={"orders": LockMode.ROW_EXCLUSIVE}), replace(holds, locks={})):
        assert check("MS905", sessions=(quiet,)) == []


BIG = pending(target(rewrites=True, bytes=MUCH))


def test_a_standby_that_is_behind() -> None:
    standby = Standby(name="replica", state="streaming", lag=30.0, behind=3_000_000)
    (found,) = check("MS906", BIG, standbys=(standby,))
    assert (found.severity, found.message) == (
        "warning",
        "Standby replica is 30 s and 3 MB behind, and orders.0002_step writes orders anew or indexes it",
    )
    (found,) = check("MS906", BIG, standbys=(replace(standby, synchronous=True),))
    assert (found.severity, found.why) == ("error", "Commits wait for it while it has to replay that too.")
    for quiet in (replace(standby, lag=1.0), replace(standby, lag=None, behind=None), replace(standby, logical=True)):
        assert check("MS906", BIG, standbys=(quiet,)) == []
    for small in (pending(), pending(target(rewrites=True, bytes=1_000_000))):
        assert check("MS906", small, standbys=(standby,)) == []


def test_a_slot_that_nobody_reads_from() -> None:
    slot = Slot(name="debezium", active=False, retained=5_000_000_000)
    (found,) = check("MS907", BIG, slots=(slot,))
    assert found.message == (
        "Replication slot debezium is not active and keeps 5 GB of WAL; orders.0002_step adds orders"
    )
    assert found.why == "If nobody reads from the slot, the disk fills up."
    (found,) = check("MS907", BIG, slots=(replace(slot, limit=10_000_000_000),))
    assert found.why == "If nobody reads from the slot, its reader loses it at 10 GB."
    for quiet in (replace(slot, active=True), replace(slot, retained=None)):
        assert check("MS907", BIG, slots=(quiet,)) == []
    assert check("MS907", slots=(slot,)) == []


def test_an_invalid_index() -> None:
    index = InvalidIndex(name="note_idx", relation="archive.orders")
    table = target(relation="archive.orders")
    (found,) = check("MS908", pending(table), invalid_indexes=(index,))
    assert found.message == "Index note_idx of archive.orders, which orders.0002_step is about, is not valid"
    assert 'DROP INDEX CONCURRENTLY IF EXISTS "archive"."note_idx";' in found.fix
    assert check("MS908", pending(table), invalid_indexes=(replace(index, building=True),)) == []
    assert check("MS908", pending(table, settles=("note_idx",)), invalid_indexes=(index,)) == []
    assert check("MS908", invalid_indexes=(index,)) == []


def test_a_role_without_lock_timeout() -> None:
    assert said("MS909", lock_timeout=None) == ["deploy has no lock_timeout, and orders.0002_step locks orders"]
    assert check("MS909") == []
    for quiet in (pending(online()), pending(sets=("lock_timeout",))):
        assert check("MS909", quiet, lock_timeout=None) == []


def test_a_statement_timeout_that_is_too_short() -> None:
    long = target(estimate=Estimate(120.0, "about 2 min"))
    assert said("MS910", pending(long), statement_timeout=30.0) == [
        "orders.0002_step works on orders for 2 min, and deploy has a statement_timeout of 30 s"
    ]
    assert check("MS910", pending(long)) == []
    assert check("MS910", statement_timeout=30.0) == []
    assert check("MS910", pending(long, sets=("statement_timeout",)), statement_timeout=30.0) == []


@pytest.mark.parametrize(
    ("migration", "severity"),
    [(pending(), "info"), (pending(atomic=False), "warning"), (pending(sets=("lock_timeout",)), "warning")],
)
def test_a_pooler(migration: PendingMigration, severity: str) -> None:
    (found,) = check("MS911", migration, pooler="the server's process is 7, the one to cancel queries of 9")
    assert (found.severity, found.migration) == (severity, None)
    assert check("MS911", migration) == []


def test_connections_run_out() -> None:
    assert said("MS912", connections=Connections(used=18, most=20, of="role web")) == [
        "18 of 20 connections of role web are in use"
    ]
    assert check("MS912", connections=Connections(used=17, most=20)) == []
    assert check("MS912") == []


DEPLOY = KeptDeploy(plan="orders_0042", number=2, migrations=(KEY,))


def test_an_earlier_deploy_is_pending_too() -> None:
    deploy = replace(DEPLOY, together=(("orders", "0001_expand"),))
    assert [one.message for one in check("MS913", deploys=(deploy,))] == [
        "orders.0002_step is in deploy 2 of orders_0042, and orders.0001_expand of an earlier deploy is pending too"
    ]
    assert check("MS913", deploys=(DEPLOY,)) == []


ANSWER = Answer(what="that all rows are filled", sql="SELECT count(*) FROM orders", expected="0", given="0")


@pytest.mark.parametrize(
    ("changed", "given"),
    [
        ({"given": "12"}, "its check gives 12 instead of 0"),
        ({"given": None, "error": "permission denied"}, "its check could not be asked (permission denied)"),
    ],
)
def test_a_check_that_is_not_met(changed: Mapping[str, Any], given: str) -> None:
    deploy = replace(DEPLOY, answers=(replace(ANSWER, **changed),))
    (found,) = check("MS914", deploys=(deploy,))
    assert found.message == f"orders.0002_step is in deploy 2 of orders_0042, and the one before is not done: {given}"
    assert check("MS914", deploys=(replace(DEPLOY, answers=(ANSWER,)),)) == []


def test_old_code_may_be_connected() -> None:
    deploy, old = replace(DEPLOY, since=AT), replace(WEB, started=AT - timedelta(hours=1))
    (found,) = check("MS915", deploys=(deploy,), sessions=(old, WEB, replace(WEB, started=None)))
    assert (found.severity, found.evidence[0].text) == ("warning", "web (gunicorn, pid 7)")
    assert check("MS915", deploys=(deploy,), sessions=(WEB,)) == []
    assert check("MS915", deploys=(DEPLOY,), sessions=(old,)) == []


def test_a_server_that_takes_no_changes() -> None:
    assert said("MS916", recovery=True) == ["shop takes no migrations: its server is a standby"]
    assert said("MS916", read_only=True) == ["shop takes no migrations: default_transaction_read_only is on"]
    assert check("MS916") == []


def test_a_constraint_that_was_never_validated() -> None:
    one = Unvalidated(name="positive", relation="orders", definition="CHECK (total >= 0) NOT VALID")
    (found,) = check("MS918", unvalidated=(one,))
    assert (found.severity, found.message) == (
        Severity.INFO,
        "Constraint positive of orders, which orders.0002_step is about, is not validated",
    )
    assert 'ALTER TABLE "orders" VALIDATE CONSTRAINT "positive";' in found.fix
    assert check("MS918", pending(settles=("positive",)), unvalidated=(one,)) == []
    assert check("MS918", unvalidated=(replace(one, relation="other"),)) == []
