"""Reports that are read back from JSON files."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from migsafe.applied import HistoryReport
from migsafe.errors import InputError
from migsafe.model import Report
from migsafe.report import reading, render
from tests import verified
from tests.report import test_history, test_plan
from tests.report.test_formats import REPORT

LINT = json.loads(render(REPORT, "json"))


@pytest.mark.parametrize(
    ("command", "report"),
    [("lint", REPORT), ("verify", verified.ALL), ("plan", test_plan.REPORT), ("history", test_history.REPORT)],
)
def test_every_kind_is_known_by_what_it_has(tmp_path: Path, command: reading.Command, report: Report) -> None:
    file = tmp_path / "x.json"
    file.write_text(render(report, "json"), encoding="utf-8")
    assert reading.read(file) == report
    assert reading.read(file, [command]) == report
    assert reading.command(report) == command
    (other, *_) = set(reading.COMMANDS) - {command}
    with pytest.raises(InputError, match=rf"x\.json is no report of migsafe {other}$"):
        reading.read(file, [other])


def test_names_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps(LINT | {"folder": "\ud800"}), encoding="utf-8")
    assert reading.read(tmp_path / "x.json") == replace(REPORT, folder="\ud800")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is no report of migsafe lint, verify, plan or history: it is no JSON (Expecting value"),
        ("\xff", "it is no JSON ("),
        ("[" * 100_000, "it is no JSON ("),
        ("9" * 10_000, "it is no JSON ("),
        ("[]", "is no report of migsafe lint, verify, plan or history"),
        ('{"version": 1, "nodes": []}', "is no report of migsafe"),
        ('{"version": 1, "migsafe": "0.1.0"}', "Object missing required field `django`"),
        (LINT | {"findings": 3}, "Expected `array`, got `int` - at `$.findings`"),
        (LINT | {"version": 2}, "is a report of version 2; this migsafe knows version 1"),
        (LINT | {"pending": []}, "is no report of migsafe lint, verify, plan or history"),
    ],
)
def test_what_is_no_report(tmp_path: Path, content: object, message: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="latin-1")
    with pytest.raises(InputError) as raised:
        reading.read(file)
    assert raised.value.message.startswith(str(file))
    assert message in raised.value.message
    assert raised.value.hint


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file or directory"):
        reading.read(tmp_path / "x.json")


def test_what_the_future_adds_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps(LINT | {"moon": "full"}), encoding="utf-8")
    assert reading.read(tmp_path / "x.json") == REPORT
    assert not isinstance(reading.read(tmp_path / "x.json"), HistoryReport)
