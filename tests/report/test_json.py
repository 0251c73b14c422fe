"""The JSON report: the contract that docs/json.md describes."""

import json
from pathlib import Path

import msgspec
import pytest

from migsafe.applied import HistoryReport
from migsafe.model import Report, SqlReport, Summary
from migsafe.planning import PlanReport
from migsafe.predeploy import GateReport
from migsafe.report.json import render
from migsafe.verification import VerifyReport

EMPTY = Report(migsafe="0.1.0", django="5.2.19", postgres=16, migrations=(), findings=(), summary=Summary())


def test_every_field_is_there_even_when_empty() -> None:
    assert json.loads(render(EMPTY)) == {
        "version": 1,
        "migsafe": "0.1.0",
        "django": "5.2.19",
        "postgres": 16,
        "migrations": [],
        "findings": [],
        "suppressed": [],
        "unanalysed": [],
        "skipped": {"initial": 0, "start_after": 0, "rewritten": 0},
        "summary": {"error": 0, "warning": 0, "info": 0},
        "folder": "",
        "fail_on": "error",
        "rules": [],
    }


def test_it_can_be_read_back() -> None:
    assert msgspec.json.decode(render(EMPTY), type=Report) == EMPTY


def test_it_ends_with_a_newline() -> None:
    assert render(EMPTY).endswith("}\n")


@pytest.mark.parametrize(
    ("number", "kind"),
    [(0, Report), (1, VerifyReport), (2, PlanReport), (3, HistoryReport), (4, GateReport), (5, SqlReport)],
)
def test_documented_examples_are_complete(number: int, kind: type[msgspec.Struct]) -> None:
    page = Path(__file__).parents[2] / "docs" / "json.md"
    example = page.read_text(encoding="utf-8").split("```json\n")[number + 1].partition("```")[0]
    documented = json.loads(example)
    assert json.loads(render(msgspec.convert(documented, type=kind))) == documented
