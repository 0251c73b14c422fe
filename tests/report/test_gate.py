"""Reports of migsafe gate: what people read, and every format by its strict reader."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import jsonschema
import msgspec
import pytest
from rich.cells import cell_len

from migsafe.config import Format
from migsafe.model import Estimate, LockMode, Severity, Suppressed, Unanalysed
from migsafe.predeploy import (
    Answer,
    Approval,
    Considered,
    GateReport,
    KeptDeploy,
    PendingMigration,
    ServerStatus,
    Target,
)
from migsafe.report import gate, render, text
from tests.report import readers, samples

STATUS = ServerStatus(
    release="16.4",
    postgres=16,
    database="shop",
    user="migrator",
    at=datetime(2026, 1, 31, 9, tzinfo=UTC),
    unseen=("what other roles do: GRANT pg_read_all_stats TO migrator",),
)
LONG = Estimate(96.0, "about 96 s (estimate: 48 million rows indexed at 500,000 rows/s)")
INDEX = Target(
    relation="orders_order",
    lock=LockMode.SHARE,
    blocks=("writes", "ddl"),
    indexes=True,
    rows=48_000_000,
    bytes=12_300_000_000,
    estimate=LONG,
    stalls=LONG,
)
PENDING = (
    PendingMigration(
        app="orders", name="0042_index", targets=(INDEX,), verdict="no-go", codes=("MS201",), plan=("orders_0042", 2)
    ),
    PendingMigration(
        app="orders",
        name="0043_note",
        verdict="allowed",
        targets=tuple(
            Target(relation=name, lock=LockMode.ACCESS_EXCLUSIVE, rows=number, bytes=number)
            for number, name in enumerate(("orders_a", "orders_b", "orders_c", "orders_d", "orders_e"))
        ),
    ),
    PendingMigration(app="users", name="0007_fill"),
)
FINDING = samples.finding()
WHOLE = msgspec.structs.replace(samples.finding(), operation=None, statement=None, effects=())
ALLOWED = msgspec.structs.replace(WHOLE, code="MS103", migration="0043_note", fingerprint="8" * 16)
WARNING = msgspec.structs.replace(
    WHOLE, code="MS501", severity=Severity.WARNING, message="There is no way back", fingerprint="7" * 16
)
ABOUT_SERVER = msgspec.structs.replace(
    WHOLE,
    code="MS916",
    message="db1 is a standby",
    app=None,
    migration=None,
    path=None,
    line=None,
    relation=None,
    fingerprint="9" * 16,
)
APPROVALS = (
    Considered(
        approval=Approval(
            code="MS103",
            migration="orders.0043_note",
            reason="the shop is closed",
            by="anna",
            until=date(2026, 2, 28),
            source="migsafe-approvals.toml",
        ),
        status="used",
    ),
    Considered(approval=Approval(code="MS104", migration=None, reason="old"), status="expired"),
    Considered(approval=Approval(code="MS105", migration="orders.0001_x", reason="x"), status="unused"),
)
DEPLOY = KeptDeploy(
    plan="orders_0042",
    number=2,
    migrations=(("orders", "0042_index"),),
    answers=(
        Answer(what="no row is without number", sql="SELECT …", expected="0", given="17"),
        Answer(what="number is unique", sql="SELECT …", expected="0", given="0"),
        Answer(what="it is valid", sql="SELECT …", expected="t", error="no such table"),
    ),
    untold=("every process runs the new release",),
)


def report(*findings: Any, **changes: Any) -> GateReport:
    values: dict[str, Any] = msgspec.structs.asdict(samples.report(*findings))
    own = {
        "database": "default",
        "status": STATUS,
        "pending": PENDING,
        "migrations": (samples.migration(samples.operation()), samples.migration(name="0043_note")),
    }
    return GateReport(**(values | own | changes))


OPAQUE = Unanalysed("users", "0007_fill", 0, "users/migrations/0007_fill.py", 3, "opaque", "runs Python code")
REPORT = report(
    FINDING,
    WARNING,
    ABOUT_SERVER,
    suppressed=(Suppressed(ALLOWED, "the shop is closed (anna)", "approval"),),
    unanalysed=(OPAQUE,),
    deploys=(DEPLOY,),
    approvals=APPROVALS,
    waited=75.0,
)
GO = report(pending=PENDING[1:], suppressed=(Suppressed(ALLOWED, "closed", "approval"),))
NOTHING = report(pending=(), migrations=(), status=msgspec.structs.replace(STATUS, unseen=()))

NASTY = "x \udcff [bold red] \x1b[31m \u202e | <b> \n::error:: @user ##[error]"
HOSTILE = report(
    msgspec.structs.replace(WHOLE, message=NASTY, app=NASTY, migration=NASTY),
    status=msgspec.structs.replace(STATUS, release=NASTY, database=NASTY, user=NASTY, unseen=(NASTY,)),
    pending=(
        PendingMigration(
            app=NASTY,
            name=NASTY,
            targets=(Target(relation=NASTY, lock=LockMode.SHARE),),
            codes=(NASTY,),
            plan=(NASTY, 1),
        ),
    ),
    deploys=(
        KeptDeploy(
            plan=NASTY,
            number=2,
            migrations=((NASTY, NASTY),),
            together=((NASTY, NASTY),),
            answers=(Answer(what=NASTY, sql=NASTY, expected=NASTY, given=NASTY),),
            untold=(NASTY,),
        ),
    ),
    approvals=(
        Considered(approval=Approval(code=NASTY, migration=NASTY, reason=NASTY, by=NASTY, source=NASTY), status="used"),
    ),
    suppressed=(Suppressed(ALLOWED, NASTY, "approval"),),
)


def test_the_verdict_is_the_first_line_then_what_is_pending() -> None:
    assert text.render(REPORT, width=90).startswith(
        """\
✗ no-go: 2 findings speak against 3 pending migrations (shop on PostgreSQL 16.4)

── pending ───────────────────────────────────────────────────────────────────────────────
✗ orders.0042_index  no-go MS201
    SHARE             orders_order  48 million rows, 12.3 GB  about 96 s
    deploy 2 of plan orders_0042
✓ orders.0043_note   allowed MS103
    ACCESS EXCLUSIVE  orders_a      empty
    ACCESS EXCLUSIVE  orders_b      1 row, 1 B
    ACCESS EXCLUSIVE  orders_c      2 rows, 2 B
    and 2 more tables
✓ users.0007_fill    go
    Python code, whose locks nobody knows before it runs

── orders.0042_index ─────────────────────────────────────────────────────────────────────

error    MS201 Building index idx holds SHARE on orders_order until it is done
"""
    )


def test_the_end_has_plans_approvals_what_is_no_reason_and_what_was_not_seen() -> None:
    shown = text.render(REPORT, width=90)
    assert shown.endswith(
        """\
── plans ─────────────────────────────────────────────────────────────────────────────────
✗ deploy 2 of plan orders_0042: no row is without number: 17 instead of 0
✓ deploy 2 of plan orders_0042: number is unique: 0
✗ deploy 2 of plan orders_0042: it is valid: no such table
? deploy 2 of plan orders_0042: no query tells whether every process runs the new release

── approvals ─────────────────────────────────────────────────────────────────────────────
used     MS103 of orders.0043_note: the shop is closed (anna, until 2026-02-28,
         migsafe-approvals.toml)
expired  MS104: old (--allow): expired, and counts as absent
unused   MS105 of orders.0001_x: x (--allow): not needed: nothing of that kind was found

── no reason against it ──────────────────────────────────────────────────────────────────
warning  MS501 orders.0042_index: There is no way back

── not seen ──────────────────────────────────────────────────────────────────────────────
         what other roles do: GRANT pg_read_all_stats TO migrator

no-go: 3 pending migrations, after waiting 75 s; 2 errors, 1 warning; 1 RunPython not run;
1 approved (Django 5.2.19, PostgreSQL 16.4)
"""
    )
    assert "── server ───" in shown
    assert shown.count("MS501") == 1


def test_go() -> None:
    assert text.render(GO).startswith("✓ go: 2 pending migrations, 1 by approval (shop on PostgreSQL 16.4)\n")
    assert GO.exit_code == 0


def test_nothing_pending_is_one_line() -> None:
    assert text.render(NOTHING) == "✓ nothing is pending: go (shop on PostgreSQL 16.4)\n"
    assert render(NOTHING, "github").startswith("nothing is pending: go (")


def test_nothing_pending_but_the_history_is_wrong() -> None:
    wrong = msgspec.structs.replace(NOTHING, findings=(FINDING,))
    assert text.render(wrong).startswith(
        "✗ no-go, though nothing is pending (shop on PostgreSQL 16.4)\n\n── orders.0042"
    )


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits(width: int) -> None:
    short = msgspec.structs.replace(REPORT, findings=(msgspec.structs.replace(ABOUT_SERVER, fix="Wait."),))
    assert [line for line in text.render(short, width=width).splitlines() if cell_len(line) > width] == []


def test_machine_formats_carry_what_somebody_answers_for() -> None:
    assert [line.split()[1] for line in render(REPORT, "concise").splitlines()] == ["MS201", "MS501", "MS916", "MS103"]
    assert render(REPORT, "concise").endswith("(approval: the shop is closed (anna))\n")
    results = readers.sarif(render(REPORT, "sarif"))["results"]
    assert results[-1]["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "the shop is closed (anna)"}
    ]
    issues = readers.gitlab(render(REPORT, "gitlab"))
    assert issues[-1].description.endswith("(approval: the shop is closed (anna))")
    annotations, others = readers.commands(render(REPORT, "github"))
    assert [one.name for one in annotations] == ["error", "error", "warning"]
    assert others[1] == (
        "orders.0042_index: no-go MS201; SHARE on orders_order, 48 million rows, 12.3 GB, about 96 s;"
        " deploy 2 of plan orders_0042"
    )
    assert "approval expired: MS104: old (--allow)" in others
    assert others[-2].startswith("no-go: 3 pending migrations, ")


def test_junit_has_a_case_for_each_pending_migration() -> None:
    root = readers.junit(render(REPORT, "junit"))
    cases = {(one.get("classname"), one.get("name")): one for one in root.iter("testcase")}
    assert [key for key, one in cases.items() if one.find("failure") is not None] == [
        ("orders", "0042_index"),
        ("project", "project"),
    ]
    assert (cases["users", "0007_fill"].findtext("system-out") or "").startswith("go; Python code")
    said = cases["orders", "0043_note"].findtext("system-out") or ""
    assert said.startswith("allowed MS103; ACCESS EXCLUSIVE on orders_a, empty; ")
    assert said.endswith("(approval: the shop is closed (anna))")
    assert "not seen: what other roles do" in (cases["project", "project"].findtext("system-out") or "")


def test_markdown_has_the_table_of_what_is_pending() -> None:
    shown = render(REPORT, "markdown")
    tokens, tags = readers.assert_markdown(shown)
    rows = readers.table(tokens)
    assert rows[0] == [
        "✗ no-go MS201", "orders.0042_index", "SHARE", "orders_order", "48 million rows, 12.3 GB", "about 96 s"
    ]  # fmt: skip
    assert [row[1] for row in rows[:7]] == ["orders.0042_index", "", "orders.0043_note", "", "", "", "users.0007_fill"]
    assert "- approval used: MS103 of orders.0043&#95;note: the shop is closed" in shown or "approval used" in shown
    assert tags == ["details", "summary", "/summary", "/details"] * 3


@pytest.mark.parametrize("format_", get_args(Format))
def test_names_of_users_are_obeyed_by_nobody(format_: Format) -> None:
    shown = render(HOSTILE, format_)
    if format_ != "json":
        readers.assert_inert(shown)
    assert [one.name for one in readers.commands(shown)[0]] == ["error"] * (format_ == "github")
    if format_ in ("sarif", "junit", "gitlab"):
        getattr(readers, format_)(shown)
    if format_ == "markdown":
        readers.assert_markdown(shown)


def test_json_has_everything_and_fits_its_schema() -> None:
    written = render(REPORT, "json")
    schema = json.loads((Path(__file__).parents[2] / "docs/schema/gate.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads(written))
    assert msgspec.json.decode(written, type=GateReport) == REPORT


def test_every_verdict_has_a_sign() -> None:
    assert set(gate.SIGNS) == {"go", "no-go", "allowed"}
