"""Reports of migsafe plan: what people read at a terminal and in a pull request, and what JSON has."""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from rich.cells import cell_len

from migsafe.model import Effect, Held, LockMode, Statement
from migsafe.planning import (
    ChangeCode,
    Check,
    CodeError,
    Deploy,
    Phase,
    Plan,
    PlanReport,
    Proof,
    Run,
    Size,
    Stalled,
    Strategy,
    Unsolved,
    Wait,
    WriteMigration,
    WrongRows,
)
from migsafe.postgres.locks import blocks
from migsafe.report import plan as words
from migsafe.report import plan_markdown, render, text
from migsafe.verification import Executed
from tests.report import readers, samples
from tests.report.test_formats import NAME

TABLE = "orders_order"


def effect(lock: LockMode, *, scans: bool = False, rewrites: bool = False, relation: str = TABLE) -> Effect:
    return Effect(relation, lock, rewrites=rewrites, scans=scans, blocks=blocks(lock))


def statement(*effects: Effect, sql: str = "ALTER TABLE …", **changes: Any) -> Statement:
    values: dict[str, Any] = {"line": None, "analysed": True, "reason": None, "fails": None}
    return Statement(sql=sql, effects=effects, **(values | changes))


def migration(name: str, *statements: Statement, **changes: Any) -> WriteMigration:
    values: dict[str, Any] = {
        "path": f"shop/orders/migrations/{name}.py",
        "source": f'class Migration(migrations.Migration):\n    """{name}"""\n',
        "why": "Each statement commits by itself, so that no lock is held meanwhile.",
        "undo": "python manage.py migrate orders 0041",
        "codes": ("MS101",),
    }
    return WriteMigration(app="orders", name=name, statements=statements, **(values | changes))


ADD = statement(effect(LockMode.ACCESS_EXCLUSIVE), sql='ALTER TABLE "orders_order" ADD COLUMN "number" text')
VALIDATE = statement(effect(LockMode.SHARE_UPDATE_EXCLUSIVE, scans=True), sql="ALTER TABLE … VALIDATE CONSTRAINT …")
DIFF = "--- a/shop/orders/models.py\n+++ b/shop/orders/models.py\n@@ -3 +3 @@\n-    number = x(null=True)\n+    number = x()"
NEW_RELEASE = Check(what="every process runs the new release")
PLAN = Plan(
    targets=("orders.0042_add_number",),
    originals={"shop/orders/migrations/0042_add_number.py": "…"},
    deploys=(
        Deploy(
            number=1,
            kinds=("expand",),
            steps=(
                migration("0042_order_number_nullable", ADD),
                ChangeCode(
                    path="shop/orders/models.py",
                    line=3,
                    name="Order.number",
                    diff=DIFF,
                    must="write number on every new order",
                    must_not="read it",
                ),
                NEW_RELEASE,
            ),
            undo="Bring the release before back, then run `python manage.py migrate orders 0041`.",
        ),
        Deploy(
            number=2,
            kinds=("backfill",),
            steps=(
                migration(
                    "0043_backfill_order_number",
                    opaque=("Raw Python operation",),
                    effect="batches of 1,000",
                    atomic=False,
                ),
                Check(what="no row is without number", sql="SELECT count(*)\nFROM orders_order", expected="0"),
                Run(command="python manage.py check", why="to be sure"),
                Wait(what="an hour", why="a queue has to run empty"),
            ),
        ),
        Deploy(number=3, kinds=("contract",), steps=(migration("0044_order_number_not_null", VALIDATE, atomic=False),)),
    ),
    strategies=(
        Strategy(name="db_default", recipe="add_required_column", trade_off="Two deploys.", chosen=False),
        Strategy(name="nullable", recipe="add_required_column", trade_off="Three `deploys` | more.", chosen=True),
    ),
    postgres=16,
    django="5.2",
    notes=("Triggers are left alone.",),
    sizes={TABLE: Size(rows=48_000_000)},
)
UNSOLVED = Unsolved(
    migration="orders.0042_add_number",
    operation=0,
    description="Alter field number on order",
    why="the type has no safe way",
    instead="Choose a quiet time:\n\n```sh\nPGOPTIONS='-c lock_timeout=2s' python manage.py migrate\n```",
    codes=("MS103",),
)


def phase(name: str, deploy: int, **changes: Any) -> Phase:
    ran = Executed(
        sql="ALTER TABLE …",
        operation=0,
        transaction=True,
        seconds=0.002,
        observed=(effect(LockMode.ACCESS_EXCLUSIVE),),
    )
    values: dict[str, Any] = {"seconds": 0.1, "statements": (ran,), "longest_read": 0.004, "longest_write": 0.0061}
    return Phase(name=name, deploy=deploy, **(values | changes))


STALLED = Stalled(
    table=TABLE, kind="writes", release="deploy 1", queries=9, seconds=1.2, lock=LockMode.ACCESS_EXCLUSIVE
)
REFUSED = CodeError(release="before", model="orders.order", action="insert", error="null value", count=7)
PROOF = Proof(
    finished=True,
    server="16.4",
    rows=100_000,
    phases=(
        phase("orders.0042_order_number_nullable", 1),
        phase("rollout of deploy 1", 1, statements=()),
        phase("orders.0043_backfill_order_number", 2, interrupted=1),
        phase("orders.0044_order_number_not_null", 3, longest_read=None),
    ),
    original=(phase("orders.0042_add_number", 0, longest_write=2.31, errors=(REFUSED,)),),
    rows_compared=100_412,
)


def report(plan: Plan = PLAN, **changes: Any) -> PlanReport:
    return PlanReport(**(msgspec.structs.asdict(samples.report()) | {"plan": plan} | changes))


REPORT = report(proof=PROOF)
SAFE = Plan(
    targets=("orders.0041_note",),
    deploys=(Deploy(number=1, kinds=("expand",), steps=(migration("0041_note", original=True, codes=()),)),),
    postgres=16,
    django="5.2",
)
ALL = (REPORT, report(SAFE), report(replace(PLAN, unsolved=(UNSOLVED,))), report(replace(SAFE, targets=(), deploys=())))


# At a terminal


def test_text() -> None:
    shown = text.render(REPORT, width=100)
    lines = [line.rstrip() for line in shown.splitlines()]
    assert lines[0] == f"Plan for orders.0042_add_number{'3 deploys, no downtime':>69}"
    assert re.findall(r"^── (.*?) ─", shown, re.MULTILINE) == [
        "Deploy 1: expand",
        "Deploy 2: backfill",
        "Deploy 3: contract",
        "strategies",
        "notes",
        "Proof: PostgreSQL 16.4, 100,000 rows, releases before and after at once",
    ]
    assert "           metadata only, ACCESS EXCLUSIVE on orders_order for a moment" in lines
    assert "           batches of 1,000" in lines
    assert "           scans orders_order (48 million rows) without blocking reads or writes" in lines
    assert "           must write number on every new order" in lines
    assert "           must not read it" in lines
    assert "           -    number = x(null=True)" in lines
    assert "           SELECT count(*)" in lines
    assert "           = 0" in lines
    assert "           --strategy nullable (chosen)" in lines
    assert lines[-1] == "1 migration becomes 3, in 3 deploys; the proof holds (Django 5.2.19, PostgreSQL 16)"


def test_the_proof_is_a_table_with_the_original_last() -> None:
    shown = text.render(REPORT, width=120)
    rows = re.findall(
        r"^(deploy \d|original| {8}) +(\S.*?)  +(\S.*?)  +(–|[\d.]+ \w+)  +(–|[\d.]+ \w+)  +(\w+)$", shown, re.MULTILINE
    )
    assert [row[0].strip() for row in rows] == ["deploy 1", "", "deploy 2", "deploy 3", "original"]
    assert [row[1:] for row in rows][-2:] == [
        ("0044_order_number_not_null", "ACCESS EXCLUSIVE", "–", "6 ms", "none"),
        ("0042_add_number", "ACCESS EXCLUSIVE", "4 ms", "2.3 s", "7"),
    ]
    assert "0043_backfill_order_number (killed, resumed)" in shown
    assert "✓ 100,412 rows compared, none wrong\n" in shown
    assert "queries refused: none with the plan, 7 with the original\n" in shown
    assert "longest stall: 6 ms with the plan, 2.3 s with the original\n" in shown


def test_a_proof_that_does_not_hold_says_why() -> None:
    bad = replace(
        PROOF,
        phases=(phase("orders.0042_x", 1, errors=(REFUSED,), failure="division by zero", stalls=(STALLED,)),),
        wrong_rows=(WrongRows(table=TABLE, column="number", count=3, examples=("1: a, not b",)),),
        schema=("index i is missing",),
        not_reversible=("deploy 2: refused",),
        unproven=("deploy 3: no rows",),
    )
    shown = text.render(report(proof=bad), width=120)
    for line in (
        "✗ 7 queries of either release were refused",
        "✗ orders.0042_x fails: division by zero",
        "✗ writes of orders_order by code of deploy 1 waited 1.2 s for ACCESS EXCLUSIVE",
        "✗ orders_order.number is wrong in 3 rows: 1: a, not b",
        "✗ the schema differs: index i is missing",
        "✗ cannot be taken back: deploy 2: refused",
        "refused    orders.0042_x: code of before cannot insert orders.order (7×): null value",
        "unproven   deploy 3: no rows",
    ):
        assert f"{line}\n" in shown
    assert report(proof=bad).exit_code == 1
    assert "\n✓ every deploy" not in shown


def test_what_was_not_proven_is_said() -> None:
    one = report(proof=replace(PROOF, rows_compared=0, unproven=("orders_order has 0 rows",)))
    shown = text.render(one)
    assert "unproven   no rows were compared\nunproven   orders_order has 0 rows\n" in shown
    assert "; nothing refuted, but 2 not proven (" in shown
    assert "rows compared," not in shown
    assert "**nothing refuted, but 2 not proven**" in render(one, "markdown")


def test_a_safe_migration_makes_no_fuss() -> None:
    assert text.render(report(SAFE)).splitlines() == [
        "✓ orders.0041_note is safe as it is: one deploy",
        "",
        "1 migration in 1 deploy (Django 5.2.19, PostgreSQL 16)",
    ]
    assert report(SAFE).exit_code == 0


def test_what_is_unsolved_is_said_at_the_top_and_at_the_end() -> None:
    shown = text.render(report(replace(PLAN, unsolved=(UNSOLVED,))), width=80)
    assert shown.splitlines()[0].endswith("3 deploys, 1 operation without a safe way")
    assert "no downtime" not in shown
    assert "operation  Alter field number on order (MS103)\n" in shown
    assert "why        the type has no safe way\n" in shown
    assert "           PGOPTIONS='-c lock_timeout=2s' python manage.py migrate\n" in shown
    assert report(replace(PLAN, unsolved=(UNSOLVED,))).exit_code == 1


def test_what_lint_still_finds_is_said() -> None:
    one = report(remaining=(samples.finding(migration="0042_order_number_nullable"),))
    assert one.exit_code == 1
    for format_ in ("text", "markdown"):
        shown = render(one, format_)
        assert "still 1 finding" in shown
        assert "MS201" in shown


@pytest.mark.parametrize("width", [80, 120])
def test_tables_and_prose_fit_the_terminal(width: int) -> None:
    for line in text.render(REPORT, width=width).splitlines():
        assert cell_len(line) <= width, line


# What a migration does, in words


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ((), "state only: no SQL"),
        ((statement(),), "new tables alone"),
        ((statement(effect(LockMode.ROW_EXCLUSIVE)),), "no lock beyond rows"),
        ((statement(effect(LockMode.SHARE_UPDATE_EXCLUSIVE)),), "blocks neither reads nor writes"),
        ((ADD,), "metadata only, ACCESS EXCLUSIVE on orders_order for a moment"),
        (
            (ADD, VALIDATE),
            "scans orders_order (48 million rows) without blocking reads or writes;"
            " ACCESS EXCLUSIVE on orders_order for a moment",
        ),
        (
            (statement(effect(LockMode.SHARE, scans=True)),),
            "scans orders_order (48 million rows) while nobody can write to it",
        ),
        (
            (statement(effect(LockMode.ACCESS_EXCLUSIVE, scans=True, rewrites=True)),),
            "rewrites orders_order (48 million rows) while nobody can read or write it",
        ),
        (
            (replace(VALIDATE, held=(Held("orders_line", LockMode.SHARE, ("writes", "ddl")),)),),
            "scans orders_order (48 million rows) while nobody can write to orders_line",
        ),
        ((statement(analysed=False, reason="?"),), "1 statement not analysed"),
        (
            tuple(statement(effect(LockMode.ACCESS_EXCLUSIVE, relation=f"t{number}")) for number in range(4)),
            "metadata only, ACCESS EXCLUSIVE on 4 relations for a moment",
        ),
    ],
)
def test_effects_in_words(statements: tuple[Statement, ...], said: str) -> None:
    assert words.effect(migration("0042_x", *statements), PLAN.sizes) == said


def test_python_code_is_what_the_recipe_says_or_unknown() -> None:
    assert words.effect(migration("0042_x", opaque=("RunPython",)), {}) == "Python code, which is not run here"
    assert words.effect(migration("0042_x", opaque=("RunPython",), effect="batches of 50"), {}) == "batches of 50"


# In a pull request


def test_markdown() -> None:
    shown = render(REPORT, "markdown")
    tokens, tags = readers.assert_markdown(shown)
    assert [inline.content for one, inline in pairwise(tokens) if one.type == "heading_open"] == [
        "Plan for orders.0042_add_number",
        "Deploy 1: expand",
        "Deploy 2: backfill",
        "Deploy 3: contract",
        "Strategies",
        "Notes",
        "Proof",
    ]
    assert shown.count("- [ ] ") == 8
    assert [token.info for token in tokens if token.type == "fence"] == [
        "diff",
        "sql",
        "sh",
        *["python", "sql"],
        "python",
        *["python", "sql"],
    ]
    assert tags == ["details", "summary", "/summary", "/details"] * 5
    assert readers.table(tokens)[:2] == [
        ["", "db_default", "Two deploys."],
        ["✅", "nullable", "Three deploys | more."],
    ]
    assert readers.table(tokens)[-1] == ["original", "0042_add_number", "ACCESS EXCLUSIVE", "4 ms", "2.3 s", "7"]


def test_markdown_of_a_safe_migration() -> None:
    assert render(report(SAFE), "markdown").splitlines()[2] == "✅ orders.0041_note is safe as it is: one deploy."


def test_markdown_fits_a_pull_request() -> None:
    long = migration("0042_x", source="x = 1\n" * 4000)
    deploys = tuple(Deploy(number=number, kinds=("expand",), steps=(long,)) for number in range(1, 9))
    shown = render(report(replace(PLAN, deploys=deploys)), "markdown")
    assert len(shown) <= plan_markdown.LIMIT
    assert "Left out for want of room: files (6). JSON has them all.\n" in shown
    readers.assert_markdown(shown)


@settings(deadline=None, max_examples=50)
@given(NAME, NAME)
def test_text_of_users_is_never_markup(one: str, other: str) -> None:
    hostile = report(
        Plan(
            targets=(one, other),
            deploys=(
                Deploy(
                    number=1,
                    kinds=("expand",),
                    steps=(
                        migration(
                            one, statement(effect(LockMode.SHARE, relation=other), sql=one), why=other, path=other
                        ),
                        ChangeCode(
                            path=one, name=other, must=one, must_not=other, diff=f"---\n+++\n@@\n-{one}\n+{other}"
                        ),
                        Check(what=one, sql=other, command=one, expected=other),
                        Run(command=one, why=other),
                        Wait(what=one, why=other),
                    ),
                    undo=one,
                ),
            ),
            unsolved=(replace(UNSOLVED, migration=one, description=other, why=one, instead=other),),
            strategies=(Strategy(name=one, recipe="x", trade_off=other, chosen=True),),
            notes=(one,),
            postgres=16,
            django="5.2",
        ),
        proof=replace(
            PROOF,
            server=one,
            phases=(phase(one, 1, errors=(replace(REFUSED, model=other, error=one),), failure=other),),
            wrong_rows=(WrongRows(table=one, column=other, count=1, examples=(one,)),),
            schema=(one,),
            unproven=(other,),
        ),
    )
    shown = render(hostile, "text")
    readers.assert_inert(shown)
    assert readers.commands(shown)[0] == []
    marked = render(hostile, "markdown")
    readers.assert_inert(marked)
    readers.assert_markdown(marked)
    assert readers.commands(marked)[0] == []


# JSON


def test_json_fits_its_schema_and_can_be_read_back() -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs/schema/plan.json").read_text())
    for one in ALL:
        shown = render(one, "json")
        jsonschema.Draft202012Validator(schema).validate(json.loads(shown))
        assert msgspec.json.decode(shown, type=PlanReport) == one
