"""The rules of migsafe verify: each finds its own in what a server did, and no other does."""

from collections.abc import Iterator

import pytest

from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.project.suppressions import Suppression
from migsafe.rules import Rule, VerificationContext, all_rules, verified
from migsafe.verification import Failure, Filled, Queries, Rollout, Stall, Verification
from tests.verified import CASES, DIFFERS, FAILED, REORDERED, RULES, migration, probe, run, verification


def found(proof: Verification) -> list[Finding]:
    return list(verified(proof, migration(proof), RULES))


@pytest.mark.parametrize("case", CASES)
def test_each_rule_finds_its_own(case: str) -> None:
    assert [one.code for one in found(CASES[case])] == [case] * case.startswith("MS")


def test_every_rule_of_verify_has_a_case() -> None:
    assert {rule.code for rule in RULES} == {case for case in CASES if case.startswith("MS")}
    assert {rule.code for rule in RULES} == {rule.code for rule in all_rules() if rule.code.startswith("MS8")}


def test_a_finding_has_its_place_and_what_it_rests_on() -> None:
    (finding,) = found(CASES["MS803"])
    assert (finding.path, finding.line, finding.operation) == ("shop/migrations/0034_not_null.py", 12, 0)
    assert finding.axis is Axis.REVERSIBILITY
    assert FAILED.sql is not None
    assert finding.evidence == (Evidence("sql", FAILED.sql, "sql"), Evidence("raised", FAILED.error))
    (finding,) = found(CASES["MS801"])
    assert (finding.relation, finding.line) == ("shop_order", None)
    assert finding.evidence[0].text.splitlines()[0] == "shop_order.note: not what it was in 1,000 rows"


def test_the_line_where_it_stopped_wins_over_that_of_the_operation() -> None:
    failure = Failure(error="KeyError: 'a'", operation=1, line=40)
    (finding,) = found(verification(forward=run(failure=failure)))
    assert (finding.code, finding.line, finding.severity) == ("MS806", 40, Severity.ERROR)


def test_what_only_made_up_rows_stop_is_a_warning() -> None:
    (finding,) = found(CASES["MS806"])
    assert (finding.severity, finding.message) == (
        Severity.WARNING,
        "Applying the migration fails on some rows",
    )
    (finding,) = found(verification(forward=run(failure=FAILED)))
    assert (finding.severity, finding.message) == (Severity.ERROR, "Applying the migration fails")


def test_what_only_the_server_lacks_is_a_warning_with_who_has_it() -> None:
    failure = Failure(error='extension "postgis" is not available', hint="Take an image that has it.")
    (finding,) = found(verification(verdict="not verified", forward=run(failure=failure)))
    assert (finding.code, finding.severity, finding.message) == (
        "MS806",
        Severity.WARNING,
        "Applying the migration fails on this server",
    )
    assert finding.fix == "Take an image that has it."


def test_tables_that_are_empty_since_the_migration_fails_on_rows_are_told_with_that() -> None:
    empty = Filled(table="shop_order", rows=0, reason="the migration fails on rows that could be had")
    (finding,) = found(verification(refused=FAILED, filled=(empty,)))
    assert finding.evidence[-1] == Evidence("then", "all else was tried without rows in shop_order")


def test_a_second_time_that_fails_is_worse_than_one_that_differs() -> None:
    (finding,) = found(CASES["MS805"])
    assert finding.severity is Severity.ERROR
    differs = CASES["MS804"].schema
    (finding,) = found(verification(schema_again=differs))
    assert (finding.code, finding.severity) == ("MS805", Severity.WARNING)
    assert found(verification(schema_again=(REORDERED,))) == []


def test_new_code_that_needs_the_migration_is_as_it_should_be() -> None:
    broken = probe("select", "no such column")
    assert found(verification(rollout=Rollout(order="migrate first", new_code=(broken,)))) == []


def test_old_code_is_told_by_table() -> None:
    other = probe("insert", "no such table", table="shop_line", model="shop.Line")
    rollout = Rollout(order="code first", old_code=(probe("select", "no such column"), other))
    findings = found(verification(rollout=rollout))
    assert [(one.relation, one.message.partition("cannot ")[2]) for one in findings] == [
        ("shop_order", "read shop_order"),
        ("shop_line", "insert into shop_line"),
    ]
    assert len({one.fingerprint for one in findings}) == 2


def test_what_runs_after_the_deploy_meets_no_old_code() -> None:
    proof = verification(rollout=Rollout(order="code first", old_code=(probe("select", "no such column"),)))
    assert [one.code for one in verified(proof, migration(proof), RULES, stage="before")] == ["MS807"]
    assert verified(proof, migration(proof), RULES, stage="after") == ()


def test_what_old_code_is_refused_is_said_once() -> None:
    stall = Stall(table="shop_order", kind="reads", queries=9, seconds=1.0, errors=("no such column",))
    broken = Rollout(order="code first", old_code=(probe("select", "no such column"),))
    assert [one.code for one in found(verification(rollout=broken, traffic=(stall,)))] == ["MS807"]


@pytest.mark.parametrize(
    ("stall", "message"),
    [
        (Stall(table="t", kind="reads", queries=9, seconds=9.0), None),  # a slow query, but no lock
        (
            Stall(table="t", kind="writes", queries=9, seconds=0.1, errors=("deadlock detected",)),
            "writes of t were refused",
        ),
    ],
)
def test_stalls(stall: Stall, message: str | None) -> None:
    findings = found(verification(traffic=(stall,)))
    assert [one.message.partition("ran, ")[2] for one in findings] == ([] if message is None else [message])


@pytest.mark.parametrize(
    ("times", "rows", "fires"), [(19, 10, False), (20, 40, True), (100, 1000, False), (500, 1000, True)]
)
def test_a_query_per_row_is_one_for_half_of_the_rows_or_more(times: int, rows: int, *, fires: bool) -> None:
    queries = Queries(operation=1, count=times, seconds=1, rows=times, repeated="UPDATE t", times=times)
    proof = verification(forward=run(queries=(queries,)), filled=(Filled(table="t", rows=rows),))
    assert [one.code for one in found(proof)] == ["MS814"] * fires


def test_a_second_time_on_another_schema_proves_no_prediction_wrong() -> None:
    again = run("forward again", differences=(DIFFERS,))
    assert [one.code for one in found(verification(again=again))] == ["MS810"]
    assert found(verification(again=again, schema=(REORDERED,))) == []


def test_an_operation_that_could_not_be_loaded_is_no_place() -> None:
    (finding,) = found(verification(forward=run(failure=Failure(error="X", operation=7))))
    assert (finding.operation, finding.line) == (None, None)


def test_a_suppressed_finding_does_not_stand_for_one_that_is_not() -> None:
    rule = Rule(__name__, code="MS999", severity=Severity.INFO, axis=Axis.DATA, message="m", why="w")

    @rule.on_verification
    def check(context: VerificationContext) -> Iterator[Finding]:
        yield rule.observed(context, fix="f", operation=0)
        yield rule.observed(context, fix="f", operation=1)

    proof = verification()
    comment = Suppression(codes=("MS999",), reason="r", line=12, operations=(0,))
    first, second = verified(proof, migration(proof), (rule,), (comment,))
    assert (first.operation, second.operation) == (0, 1)
    assert first.fingerprint != second.fingerprint


def test_a_rule_of_a_plugin_that_fails_is_a_finding() -> None:
    rule = Rule(__name__, code="MS999", severity=Severity.INFO, axis=Axis.DATA, message="m", why="w")

    @rule.on_verification
    def check(context: VerificationContext) -> Iterator[Finding]:
        raise ZeroDivisionError(context.name)
        yield

    proof = verification()
    (finding,) = verified(proof, migration(proof), (rule,))
    assert (finding.code, finding.path) == ("MS005", proof.path)
    assert finding.message.startswith("The plug-in's rule MS999 fails here: ZeroDivisionError: shop.0042_note (")
