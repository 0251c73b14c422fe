"""Reports of migsafe history: what people read, and every format by its strict reader."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import jsonschema
import msgspec
import pytest
from rich.cells import cell_len

from migsafe.applied import HistoryReport, Row, Source, Status, Unread
from migsafe.config import Format
from migsafe.model import Axis, Severity
from migsafe.report import history, render, text
from tests.report import readers, samples

JANUARY = datetime(2026, 1, 31, 9, tzinfo=UTC)
MAY = datetime(2026, 5, 2, tzinfo=UTC)
EVERYWHERE: dict[Source, datetime | None] = {"git": JANUARY, "ledger": MAY, "database": MAY}


def row(name: str, status: Status, applied: dict[Source, datetime | None] | None = None, **changes: Any) -> Row:
    values: dict[str, Any] = {
        "app": "orders",
        "name": name,
        "path": f"orders/migrations/{name}.py",
        "status": status,
        "applied": EVERYWHERE if applied is None else applied,
    }
    return Row(**(values | changes))


ROWS = (
    row("0001_initial", "unchanged", replaced_by="orders.0001_squashed_0002"),
    row("0002_note", "edited"),
    row("0003_help_text", "edited (state)", {"git": JANUARY}),
    row("0004_formatted", "edited (cosmetic)", {"git": None, "ledger": None}),
    row("0005_fixed", "accepted", accepted="it failed on new databases only"),
    row("0006_gone", "missing", {"database": MAY}, path=None),
    row("0007_unknown", "unknown", {"database": MAY}),
    row("0008_new", "new", {}, stage="after"),
    row("0001_initial", "unchanged", app="users"),
)
EDITED = msgspec.structs.replace(
    samples.finding(),
    code="MS701",
    axis=Axis.HISTORY,
    severity=Severity.ERROR,
    message="orders.0002_note is applied, and was edited",
    migration="0002_note",
    operation=None,
    statement=None,
    relation=None,
    effects=(),
    path="orders/migrations/0002_note.py",
    line=1,
)


def report(*rows: Row, **changes: Any) -> HistoryReport:
    values: dict[str, Any] = msgspec.structs.asdict(samples.report(*changes.pop("findings", ())))
    sources = {"ref": "origin/main", "ledger": "migsafe.lock", "database": "default"}
    return HistoryReport(**(values | sources | {"rows": rows} | changes))


UNREAD = Unread(app="orders", name="0007_unknown", source="database", reason="the database only has names")
REPORT = report(*ROWS, findings=(EDITED,), unread=(UNREAD,))


NASTY = "x \udcff [bold red] \x1b[31m \u202e | <b> \n::error:: @user ##[error]"
HOSTILE = report(
    row(NASTY, "accepted", app=NASTY, path=NASTY, accepted=NASTY, replaced_by=NASTY),
    ref=NASTY,
    ledger=NASTY,
    database=NASTY,
    unread=(Unread(app=NASTY, name=NASTY, source="git", reason=NASTY),),
)


def test_every_status_has_a_sign() -> None:
    assert set(history.SIGNS) == set(get_args(Status))


def test_all_sources_side_by_side() -> None:
    assert text.render(REPORT, width=80).startswith(
        """\
── applied according to ────────────────────────────────────────────────────────
git      origin/main
ledger   migsafe.lock
database default

── orders ──────────────────────────────────────────────────────────────────────
                  git         ledger      database
✓ 0001_initial    2026-01-31  2026-05-02  2026-05-02  unchanged, squashed
✗ 0002_note       2026-01-31  2026-05-02  2026-05-02  edited
! 0003_help_text  2026-01-31  –           –           edited (state)
✓ 0004_formatted  yes         yes         –           edited (cosmetic)
✓ 0005_fixed      2026-01-31  2026-05-02  2026-05-02  accepted: it failed on new
                                                      databases only
✗ 0006_gone       –           –           2026-05-02  missing
? 0007_unknown    –           –           2026-05-02  unknown
+ 0008_new        –           –           –           new, to run after the
                                                      deploy

── users ───────────────────────────────────────────────────────────────────────
                  git         ledger      database
✓ 0001_initial    2026-01-31  2026-05-02  2026-05-02  unchanged

── orders.0002_note ────────────────────────────────────────────────────────────

error    MS701 orders.0002_note is applied, and was edited
at       orders/migrations/0002_note.py:1
"""
    )


def test_the_end_says_what_could_not_be_compared_and_counts() -> None:
    assert text.render(REPORT, width=80).endswith(
        """\
── not compared ────────────────────────────────────────────────────────────────
         orders.0007_unknown (database): the database only has names

9 migrations: 2 unchanged, 1 edited, 1 edited (state), 1 edited (cosmetic), 1
accepted, 1 missing, 1 new, 1 unknown; 1 error (Django 5.2.19, PostgreSQL 16)
"""
    )
    many = report(unread=(UNREAD,) * 12)
    assert "\n         and 2 more; --format json has all\n" in text.render(many)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_it_fits(width: int) -> None:
    long = row("0042_a_name_that_django_has_made_of_all_operations_and_more", "edited (cosmetic)")
    wide = row("0043_" + "漢" * 40, "edited")
    lines = text.render(report(*ROWS, long, wide), width=width).splitlines()
    assert [line for line in lines if cell_len(line) > width] == []
    (cut,) = (line for line in lines if "0042_" in line)
    assert cut.startswith("✓ 0042_a_name_that_d")
    assert ("…" in cut) == (width < 120)


def test_who_was_not_asked_is_said_and_has_no_column() -> None:
    shown = text.render(report(row("0001_initial", "new", {}), ref="main", ledger=None, database=None), width=80)
    assert shown.startswith(
        """\
── applied according to ────────────────────────────────────────────────────────
git      main
ledger   there is none: migsafe record writes one
database not asked: --database ALIAS

── orders ──────────────────────────────────────────────────────────────────────
                git
+ 0001_initial  –           new
"""
    )


def test_where_nobody_was_asked_nothing_is_new() -> None:
    shown = text.render(report(row("0001_initial", "new", {}), ref=None, ledger=None, database=None), width=80)
    assert "0001_initial" not in shown
    last = " ".join(shown.rpartition("\n\n")[2].split())
    assert last.startswith("1 migration, and nobody was asked what is applied; nothing to object to (")


def test_only_leaves_out_rows_and_nothing_else() -> None:
    shown = REPORT.only(["edited", "new"])
    assert [one.name[:4] for one in shown.rows] == ["0002", "0003", "0004", "0008"]
    assert shown.left_out == {"unchanged": 2, "accepted": 1, "missing": 1, "unknown": 1}
    assert shown.findings == REPORT.findings
    assert history.summary(shown) == history.summary(REPORT)


def test_machine_formats_carry_the_findings() -> None:
    assert [line.split()[1] for line in render(REPORT, "concise").splitlines()] == ["MS701"]
    assert [one["ruleId"] for one in readers.sarif(render(REPORT, "sarif"))["results"]] == ["MS701"]
    assert [one.location.path for one in readers.gitlab(render(REPORT, "gitlab"))] == [EDITED.path]
    annotations, others = readers.commands(render(REPORT, "github"))
    assert [one.properties["file"] for one in annotations] == [EDITED.path]
    assert others[0].startswith("9 migrations: 2 unchanged, 1 edited, ")


def test_junit_has_a_case_for_each_migration() -> None:
    cases = {
        (one.get("classname"), one.get("name")): one for one in readers.junit(render(REPORT, "junit")).iter("testcase")
    }
    assert len(cases) == len(ROWS)
    assert [key for key, one in cases.items() if one.find("failure") is not None] == [("orders", "0002_note")]
    assert cases["orders", "0004_formatted"].findtext("system-out") == "edited (cosmetic); git, ledger"
    assert cases["users", "0001_initial"].findtext("system-out") == (
        "unchanged; git since 2026-01-31, ledger since 2026-05-02, database since 2026-05-02"
    )


def test_markdown_has_a_table_of_what_is_not_unchanged() -> None:
    tokens, tags = readers.assert_markdown(render(REPORT, "markdown"))
    rows = readers.table(tokens)
    assert rows[0] == ["orders.0002_note", "edited", "2026-01-31", "2026-05-02", "2026-05-02"]
    assert [one[0] for one in rows[:-1]] == [f"orders.{one.name}" for one in ROWS if one.status != "unchanged"]
    assert tags == ["details", "summary", "/summary", "/details"] * 2


@pytest.mark.parametrize("format_", get_args(Format))
def test_names_of_users_are_obeyed_by_nobody(format_: Format) -> None:
    shown = render(HOSTILE, format_)
    if format_ != "json":
        readers.assert_inert(shown)
    assert readers.commands(shown)[0] == []
    if format_ in ("sarif", "junit", "gitlab"):
        getattr(readers, format_)(shown)
    if format_ == "markdown":
        readers.assert_markdown(shown)


def test_json_has_everything_and_fits_its_schema() -> None:
    written = render(REPORT.only(["edited"]), "json")
    schema = json.loads((Path(__file__).parents[2] / "docs/schema/history.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(json.loads(written))
    assert msgspec.json.decode(written, type=HistoryReport) == REPORT.only(["edited"])
