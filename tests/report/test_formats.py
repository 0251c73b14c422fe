"""Every format, read by a strict reader of it: what it says, and that text of users is never markup in it."""

from typing import get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migsafe.config import Format
from migsafe.model import Evidence, Finding, Operation, Report, Severity, Suppressed
from migsafe.report import inert, render, text
from tests.report import readers
from tests.report.samples import finding, migration, operation, report

DOCS = "https://example.org/MS201.md"
WARNING = finding(1, code="MS501", name="irreversible", severity=Severity.WARNING, fingerprint="1" * 16)
NOTE = finding(1, code="MS502", severity=Severity.INFO, docs=DOCS, fingerprint="2" * 16)
PROJECT = msgspec.structs.replace(
    finding(),
    code="MS003",
    app=None,
    migration=None,
    operation=None,
    statement=None,
    path=None,
    line=None,
    fingerprint="3" * 16,
)
REPORT = report(
    finding(docs=DOCS),
    WARNING,
    NOTE,
    PROJECT,
    migrations=(migration(operation(), operation(1)), migration(name="0043_quiet")),
    suppressed=(Suppressed(finding(fingerprint="4" * 16), "forty rows: nobody [waits](x)"),),
    folder="backend/",
)
PATH = "backend/shop/orders/migrations/0042_index.py"


def test_concise() -> None:
    lines = render(REPORT, "concise").splitlines()
    assert lines[0] == (
        "shop/orders/migrations/0042_index.py:12: MS201 error "
        "Building index idx holds SHARE on orders_order until it is done"
    )
    assert [readers.LINE.fullmatch(line)["path"] for line in lines][3] == "."  # type: ignore[index]


def test_gitlab() -> None:
    issues = readers.gitlab(render(REPORT, "gitlab"))
    assert [one.severity for one in issues] == ["critical", "major", "info", "critical"]
    assert (issues[0].location.path, issues[0].location.lines.begin) == (PATH, 12)
    assert issues[0].content.body.endswith(DOCS)
    assert issues[3].location.path == "backend"  # the project as a whole


def test_github() -> None:
    annotations, others = readers.commands(render(REPORT, "github"))
    assert [one.name for one in annotations] == ["error", "error", "warning", "notice"]
    assert annotations[0].properties == {"title": "MS201 index_not_concurrent", "file": PATH, "line": "12"}
    assert annotations[0].data.startswith(
        "Building index idx holds SHARE on orders_order until it is done\n\nPostgreSQL"
    )
    assert annotations[0].data.endswith(f"\n\n{DOCS}")
    assert "file" not in annotations[1].properties
    assert others[0].startswith("2 errors, 1 warning, 1 info in ")


def test_github_sums_up_what_is_more_than_ten_of_a_kind() -> None:
    many = report(*(WARNING for _ in range(4)), *(finding() for _ in range(25)), migrations=(migration(operation()),))
    annotations, others = readers.commands(render(many, "github"))
    assert [one.name for one in annotations] == ["error"] * 10 + ["warning"] * 4
    assert annotations[9].data == "16 more, listed in the log of this step"
    assert sum(bool(readers.LINE.fullmatch(line)) for line in others) == 16


def test_junit() -> None:
    root = readers.junit(render(REPORT, "junit"))
    cases = {(case.get("classname"), case.get("name")): case for case in root.iter("testcase")}
    assert list(cases) == [("orders", "0042_index"), ("orders", "0043_quiet"), ("project", "project")]
    failure = cases["orders", "0042_index"].find("failure")
    assert failure is not None
    assert failure.get("message") == "MS201 Building index idx holds SHARE on orders_order until it is done"
    assert DOCS in (failure.text or "")
    notes = cases["orders", "0042_index"].findtext("system-out") or ""
    assert [line.split()[1] for line in notes.splitlines()] == ["MS501", "MS502", "MS201"]
    assert notes.endswith("(suppressed: forty rows: nobody [waits](x))")


@pytest.mark.parametrize(("fail_on", "failures"), [("never", 0), ("error", 2), ("info", 2)])
def test_junit_fails_what_fails_the_run(fail_on: str, failures: int) -> None:
    changed = msgspec.structs.replace(REPORT, fail_on=fail_on)
    root = readers.junit(render(changed, "junit"))
    assert root.get("failures") == str(failures)
    assert changed.exit_code == min(failures, 1)


def test_sarif() -> None:
    run = readers.sarif(render(REPORT, "sarif"))
    results = run["results"]
    assert [(one["ruleId"], one["level"]) for one in results] == [
        ("MS201", "error"),
        ("MS501", "warning"),
        ("MS502", "note"),
        ("MS003", "error"),
        ("MS201", "error"),
    ]
    assert results[0]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": PATH, "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 12},
            }
        }
    ]
    assert results[0]["partialFingerprints"] == {"primaryLocationLineHash": "0" * 16}
    assert [one["suppressions"] for one in results[3:]] == [
        [],
        [{"kind": "inSource", "status": "accepted", "justification": "forty rows: nobody [waits](x)"}],
    ]
    (rule,) = run["tool"]["driver"]["rules"]
    assert (rule["id"], rule["helpUri"], rule["defaultConfiguration"]) == ("MS201", DOCS, {"level": "error"})
    assert rule["help"]["markdown"].startswith("## What it catches\n\n`CREATE INDEX`")
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]


def test_sarif_outside_of_the_repository() -> None:
    outside = report(finding(path="/elsewhere/a b.py"), folder="backend/")
    (result,) = readers.sarif(render(outside, "sarif"))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///elsewhere/a%20b.py"}


def test_markdown() -> None:
    tokens, tags = readers.assert_markdown(render(REPORT, "markdown"))
    rows = readers.table(tokens)
    assert rows[0] == [
        "❌ error",
        "MS201",
        "orders.0042_index",
        "Building index idx holds SHARE on orders_order until it is done",
    ]
    assert [row[0] for row in rows] == ["❌ error", "⚠️ warning", "ℹ️ info", "❌ error"]
    assert tags == ["details", "summary", "/summary", "/details"] * 5
    assert [token.info for token in tokens if token.type == "fence"] == ["sql", "python"] * 3 + ["python"]


def test_markdown_fits_a_summary_and_says_what_does_not() -> None:
    many = report(*(finding(message="x" * 500) for _ in range(2000)), migrations=(migration(operation()),))
    shown = render(many, "markdown")
    assert len(shown.encode()) < 1024 * 1024
    readers.assert_markdown(shown)
    assert "Left out for want of room" in shown


@pytest.mark.parametrize("format_", get_args(Format))
def test_nothing_found(format_: Format) -> None:
    quiet = report(migrations=(migration(),))
    shown = render(quiet, format_)
    assert shown == ("" if format_ == "concise" else f"{shown.rstrip()}\n")
    if format_ in ("sarif", "junit", "gitlab"):
        getattr(readers, format_)(shown)


# What an edit was


DIFF = Evidence("changed", "-Add field a\n+Add field b", "diff")


@pytest.mark.parametrize("format_", get_args(Format))
def test_a_diff_is_in_every_format_but_the_short_one(format_: Format) -> None:
    shown = render(report(finding(evidence=(DIFF,)), migrations=(migration(operation()),)), format_)
    assert ("-Add field a" in shown and "+Add field b" in shown) == (format_ != "concise")


def test_a_long_diff_is_cut_except_in_json() -> None:
    long = Evidence("changed", "\n".join(f"+line {number} {'x' * 500}" for number in range(100)), "diff")
    one = report(finding(evidence=(long,)), migrations=(migration(operation()),))
    for format_ in ("text", "markdown", "github", "gitlab", "junit", "sarif"):
        shown = render(one, format_)
        assert "+line 22 x" in shown
        assert "+line 23 x" not in shown
        assert "… and 77 more lines" in shown
        assert "x" * 401 not in shown
    assert "+line 99 x" in render(one, "json")
    tokens, _ = readers.assert_markdown(render(one, "markdown"))
    assert "diff" in [token.info for token in tokens if token.type == "fence"]


def test_a_diff_has_colours_on_a_terminal() -> None:
    shown = text.render(report(finding(evidence=(DIFF,)), migrations=(migration(operation()),)), color=True)
    assert "\x1b[31m-Add field a\x1b[0m" in shown
    assert "\x1b[32m+Add field b\x1b[0m" in shown


@pytest.mark.parametrize("format_", get_args(Format))
def test_an_edit_that_the_ledger_accepts_is_in_every_report(format_: Format) -> None:
    edited = finding(message="orders.0042_index was edited", fingerprint="7" * 16)
    muted = tuple(Suppressed(finding(fingerprint=f"{number:016}"), "old", "baseline") for number in range(20))
    accepted = Suppressed(edited, "all databases have been seen to", "ledger")
    one = report(migrations=(migration(operation()),), suppressed=(*muted, accepted))
    shown = render(one, format_)
    for words in ("MS201", "orders.0042_index was edited", "all databases have been seen to"):
        assert words in shown if format_ != "markdown" else words in shown.replace("&#95;", "_")
    assert one.exit_code == 0
    if format_ in ("text", "markdown", "github"):
        assert "1 accepted in the ledger; 20 suppressed" in shown


# Text of users

FRAGMENTS = [
    *(
        "`",
        "```",
        "|",
        "~~",
        "*",
        "_",
        "a_b_",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "{0}",
        "<",
        ">",
        "&",
        "\\",
        "$x$",
        "!",
        "%",
        "%0A",
    ),
    *("[x](http://evil.example)", "![x](y)", "<script>x</script>", "</details>", "<!--", "]]>", "&amp;", "&#64;"),
    *(
        "@user",
        "#1",
        "GH-1",
        "http://evil.example",
        "www.evil.example",
        "a@evil.example",
        ":tada:",
        "# ",
        "- ",
        "1. ",
        "===",
    ),
    *(
        "!1",
        "&1",
        "$1",
        "%1",
        '%"x"',
        "~bug",
        "#``1",
        "~-bug",
        "%-x",
        "%{x}",
        "[issue:1]",
        "*iteration:1",
        "{+x+}",
        "[-x-]",
        "JIRA-1",
        "deadbeef",
    ),
    *("/close", "\n/merge", "```mermaid\n", "```suggestion\n"),
    *("::error::", "\n::stop-commands::x", "##[error]x", "##vso[task.complete]", "[bold red]", "[/]"),
    *("\n", "\n\n", "\r", "\t", " ", "    ", "\x00", "\x1b[31m", "\x85", "\u2028", "\u202e", "\ufeff", "\U000e0041"),
    *("\ud800", "\ufffe", "\u00a0", "é"),
]
HOSTILE = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3), max_size=6).map("".join)
NAME = HOSTILE.map(lambda text: f"x{text}")


@st.composite
def reports(draw: st.DrawFn) -> Report:
    app, name, path = draw(NAME), draw(NAME), draw(NAME)
    hostile: Operation = msgspec.structs.replace(operation(sql=draw(NAME)), kind=draw(NAME))
    code = draw(HOSTILE)
    one: Finding = finding(
        app=app,
        migration=name,
        path=path,
        message=draw(NAME),
        why=draw(HOSTILE),
        fix=f"Rename `{draw(HOSTILE)}` and {draw(HOSTILE)}:\n\n```python\n{code}\n```\n\nThen {draw(HOSTILE)}.",
        effects=(msgspec.structs.replace(hostile.statements[0].effects[0], relation=draw(NAME)),),
        docs=DOCS,
        evidence=(
            Evidence("sql", draw(NAME), "sql"),
            Evidence("raised", draw(NAME)),
            Evidence("changed", f"-{draw(HOSTILE)}\n+{draw(HOSTILE)}", "diff"),
        ),
    )
    muted = Suppressed(msgspec.structs.replace(one, fingerprint="5" * 16), draw(NAME))
    accepted = Suppressed(msgspec.structs.replace(one, fingerprint="6" * 16), draw(NAME), "ledger")
    place = msgspec.structs.replace(migration(hostile), app=app, name=name, path=path)
    return report(
        one, migrations=(place,), suppressed=(muted, accepted), folder=draw(st.sampled_from(["", "backend/"]))
    )


@settings(deadline=None)  # the first example compiles the schemas
@given(reports())
def test_text_and_concise_obey_nothing(hostile: Report) -> None:
    for shown in (render(hostile, "text"), render(hostile, "concise")):
        readers.assert_inert(shown)
        assert readers.commands(shown)[0] == []
    lines = render(hostile, "concise").splitlines()
    assert len(lines) == 2
    assert all(map(readers.LINE.fullmatch, lines))


@settings(deadline=None)  # the first example compiles the schemas
@given(reports())
def test_github_obeys_only_what_it_is_told(hostile: Report) -> None:
    shown = render(hostile, "github")
    readers.assert_inert(shown)
    (annotation,), others = readers.commands(shown)
    (one,) = hostile.findings
    assert annotation.properties == {
        "title": "MS201 index_not_concurrent",
        "file": inert.without_commands(inert.one_line(hostile.from_root(one.path))),
        "line": "12",
    }
    assert annotation.data.startswith(inert.without_commands(inert.one_line(one.message)))
    assert len(others) == 3  # what is accepted, the summary, and the end of the output


@settings(deadline=None)  # the first example compiles the schemas
@given(reports())
def test_documents_stay_what_they_are(hostile: Report) -> None:
    (one,) = hostile.findings
    issue, accepted = readers.gitlab(render(hostile, "gitlab"))
    assert issue.description == inert.one_line(f"MS201: {one.message}")
    assert accepted.severity == "info"
    assert len(readers.sarif(render(hostile, "sarif"))["results"]) == 3
    (case,) = readers.junit(render(hostile, "junit")).iter("testcase")
    assert case.get("name") == inert.one_line(one.migration or "")
    for format_ in ("gitlab", "sarif", "junit", "json"):
        shown = render(hostile, format_)
        assert readers.commands(shown)[0] == []
        if format_ != "json":
            readers.assert_inert(shown)
    read = msgspec.json.decode(render(hostile, "json"), type=Report)
    has_surrogates = "\\ud800" in str(hostile)
    assert has_surrogates or read == hostile


@settings(deadline=None)  # the first example compiles the schemas
@given(reports())
def test_markdown_has_no_markup_of_users(hostile: Report) -> None:
    shown = render(hostile, "markdown")
    readers.assert_inert(shown)
    assert readers.commands(shown)[0] == []
    tokens, tags = readers.assert_markdown(shown)
    assert tags == ["details", "summary", "/summary", "/details"] * 3
    (row,) = readers.table(tokens)
    assert row[3].split() == inert.one_line(hostile.findings[0].message).split()
