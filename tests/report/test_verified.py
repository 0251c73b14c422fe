"""Reports of migsafe verify: what people read, and every format by its strict reader."""

import json
from pathlib import Path
from typing import get_args

import jsonschema
import msgspec
import pytest

from migsafe.config import Format
from migsafe.report import render, text, verdicts
from migsafe.verification import Filled, RowDifference, VerifyReport
from tests.report import readers
from tests.verified import ALL, CASES, executed, report, run, verification

NASTY = "x [bold red] \x1b[31m \u202e | <b> ::error:: @user"
HOSTILE = report(verification(NASTY, filled=(Filled(table=NASTY, rows=3, reason=NASTY),)), unreached=(NASTY,))


def test_what_is_well_is_one_line_each() -> None:
    shown = text.render(report(CASES["quiet"], verification("0031_also")), width=120)
    assert shown == (
        "✓ shop.0030_quiet  reversible · any order of deploy · ACCESS EXCLUSIVE for 4 ms"
        " · 2 statements in 20 ms\n"
        "✓ shop.0031_also   reversible · any order of deploy · ACCESS EXCLUSIVE for 4 ms"
        " · 2 statements in 20 ms\n"
        "\n"
        "2 migrations: 2 reversible; 12 predictions, none wrong; nothing to object to (Django 5.2.19, PostgreSQL 16.14,"
        " wheel,\n1,000 rows a table)\n"
    )


def test_a_quiet_line_has_as_much_as_there_is_room_for() -> None:
    shown = text.render(report(CASES["quiet"]), width=80).splitlines()
    assert shown[0] == "✓ shop.0030_quiet  reversible · any order of deploy · ACCESS EXCLUSIVE for 4 ms"


def test_a_finding_stands_below_the_verdict_with_what_was_seen() -> None:
    assert text.render(report(CASES["MS808"]), width=80) == (
        "── shop.0039_rename ────────────────────────────────────────────────────────────\n"
        "✗ reversible · no order of deploy works · ACCESS EXCLUSIVE for 4 ms\n"
        "  2 statements in 20 ms\n"
        "\n"
        "error    MS808 No order of deploy works: old code fails after the migration, new\n"
        "         code fails before it\n"
        "at       shop/migrations/0039_rename.py\n"
        "old code cannot insert into or update shop_order\n"
        'sql      INSERT INTO "shop_order" ("status") VALUES (\'new\') RETURNING\n'
        '             "shop_order"."id"\n'
        'refused  null value in column "note" of relation "shop_order" violates not-null\n'
        "         constraint\n"
        "new code cannot read shop_order\n"
        'sql      SELECT "shop_order"."note" FROM "shop_order"\n'
        "refused  column shop_order.note does not exist\n"
        "why      Code and schema do not change at the same moment. Whichever is deployed\n"
        "         first, requests end in errors until the other one is, on every server.\n"
        "fix      It takes several releases: add what is new beside what is old, write\n"
        "         both, move the rows, read the new, and drop the old when no running\n"
        "         code knows it. `migsafe lint shop.0039_rename` says what each statement\n"
        "         needs.\n"
        "docs     https://github.com/migsafe/django-migsafe/blob/main/docs/rules/MS808.md\n"
        "\n"
        "1 migration: 1 reversible; 6 predictions, none wrong; 1 error (Django 5.2.19,\n"
        "PostgreSQL 16.14, wheel, 1,000 rows a table)\n"
    )


def test_the_summary_counts_verdicts() -> None:
    last = " ".join(text.render(ALL, width=80).rpartition("\n\n")[2].split())
    assert last == (
        "18 migrations: 14 reversible, 1 loses data, 2 irreversible, 1 does not come back clean;"
        " 98 predictions, 1 wrong; 1 not reached; 3 errors, 10 warnings, 3 info"
        " (Django 5.2.19, PostgreSQL 16.14, wheel, 1,000 rows a table)"
    )


def test_what_is_no_finding_is_noted() -> None:
    added = RowDifference(table="shop_order", column="note", rows=17, added=True)
    more = verification(rows=(added, RowDifference(table="shop_list", column=None, rows=1, added=True)))
    shown = text.render(report(CASES["reordered"], CASES["MS811"], more), width=120)
    assert "note     left behind when unapplied: values of shop_order.note (17), 1 new in shop_list\n" in shown
    assert "note     not quite as before when unapplied, but harmless: order of columns in shop_order\n" in shown
    assert "traffic  reads of shop_order waited up to 2.5 s for ACCESS EXCLUSIVE, during ALTER TABLE" in shown
    assert "\n         nobody waited for shop_customer\n" in shown


def test_a_lock_is_held_until_its_transaction_ends() -> None:
    first, second = executed(operation=0, seconds=1.0), executed(operation=1, seconds=2.0, observed=())
    assert verdicts.longest(run(statements=(first, second)), atomic=True)[0] == 3.0  # type: ignore[index]
    assert verdicts.longest(run(statements=(first, second)), atomic=False)[0] == 1.0  # type: ignore[index]
    alone = executed(transaction=False, seconds=0.5)
    assert verdicts.longest(run(statements=(alone, second)), atomic=True)[0] == 0.5  # type: ignore[index]
    assert verdicts.longest(run(statements=(second,)), atomic=True) is None


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits(width: int) -> None:
    lines = text.render(ALL, width=width).splitlines()
    assert [line for line in lines if len(line) > width and "https://" not in line and "ALTER TABLE" not in line] == []
    assert not any(line != line.rstrip() for line in lines)


def test_migrations_that_could_not_be_tried_are_named() -> None:
    shown = text.render(report(CASES["quiet"], unreached=tuple(f"shop.{number}" for number in range(12))))
    assert "── not reached ──" in shown
    assert "         shop.9\n         and 2 more\nbecause  A migration before them cannot be applied.\n" in shown


def test_handlers_of_signals_that_failed_are_named() -> None:
    shown = text.render(report(CASES["quiet"], signals={"shop.apps.make_roles": "ProgrammingError: no such table"}))
    assert "── signals ──" in shown
    assert "failed   shop.apps.make_roles: ProgrammingError: no such table\nbecause  It may count" in shown


def test_machine_formats_carry_the_findings() -> None:
    codes = [one.code for one in ALL.findings]
    assert len(codes) == 16
    assert [line.split()[1] for line in render(ALL, "concise").splitlines()] == codes
    assert [one["ruleId"] for one in readers.sarif(render(ALL, "sarif"))["results"]] == codes
    assert [one.description[:5] for one in readers.gitlab(render(ALL, "gitlab"))] == codes
    annotations, others = readers.commands(render(ALL, "github"))
    assert sorted(one.properties["title"][:5] for one in annotations) == sorted(codes)
    assert others[0].startswith("18 migrations: 14 reversible, ")


def test_junit_has_the_verdict_of_each_migration() -> None:
    cases = list(readers.junit(render(ALL, "junit")).iter("testcase"))
    assert len(cases) == len(CASES)
    said = [case.findtext("system-out") or "" for case in cases]
    assert said[0] == "reversible · any order of deploy · ACCESS EXCLUSIVE for 4 ms · 2 statements in 20 ms"
    failures = [case.find("failure") for case in cases]
    assert [one is not None for one in failures].count(True) == 3


def test_markdown_has_a_table_of_verdicts() -> None:
    tokens, _ = readers.assert_markdown(render(ALL, "markdown").replace("github.com/migsafe", "example.org"))
    rows = readers.table(tokens)
    assert rows[2] == ["shop.0032_drop_note", "reversible, loses data", "any order of deploy"]
    assert len(rows) == len(CASES) + len(ALL.findings)


@pytest.mark.parametrize("format_", get_args(Format))
def test_names_of_users_are_obeyed_by_nobody(format_: Format) -> None:
    shown = render(HOSTILE, format_)
    if format_ != "json":
        readers.assert_inert(shown)
    annotations, _ = readers.commands(shown)
    assert len(annotations) == (format_ == "github")
    if format_ in ("sarif", "junit", "gitlab"):
        getattr(readers, format_)(shown)


def test_json_has_everything_and_fits_its_schema() -> None:
    written = render(ALL, "json")
    schema = json.loads((Path(__file__).parents[2] / "docs/schema/verify.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads(written))
    assert msgspec.json.decode(written, type=VerifyReport) == ALL
