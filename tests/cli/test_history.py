"""``migsafe history`` as a user runs it: who is asked, what is shown, how it exits."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from migsafe import api
from migsafe.applied import HistoryReport
from migsafe.cli import cli
from migsafe.cli.history import STATUSES
from migsafe.config import Config
from tests.report.test_history import REPORT


class Asked:
    """What the command has asked for."""

    config: Config
    targets: tuple[str, ...]
    connect: bool


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Asked:
    """Run in an empty project, and answer with a report that is made up."""
    asked = Asked()

    def history(_: Path, config: Config, targets: tuple[str, ...], *, connect: bool) -> HistoryReport:
        asked.config, asked.targets, asked.connect = config, targets, connect
        return REPORT

    (tmp_path / ".git").mkdir()
    (tmp_path / "migsafe.toml").write_text('database = "replica"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(api, "history", history)
    return asked


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["history", *arguments])


def test_only_the_flag_connects(asked: Asked) -> None:
    run()
    assert (asked.config.database, asked.connect) == ("replica", False)
    run("--database", "default")
    assert (asked.config.database, asked.connect) == ("default", True)


def test_flags_become_configuration(asked: Asked) -> None:
    result = run("orders", "0042", "--applied-ref", "deploy", "--ledger", "a.lock", "--all-apps", "--exit-zero")
    assert result.exception is None or isinstance(result.exception, SystemExit)
    config = asked.config
    assert (config.applied_ref, config.ledger, config.all_apps, config.fail_on) == (
        "deploy",
        Path("a.lock"),
        True,
        "never",
    )
    assert asked.targets == ("orders", "0042")


def test_only_leaves_out_rows_in_all_formats(asked: Asked) -> None:
    shown = run("--only", "missing", "--only", "new", "-o", "json=all.json").output
    assert [line[:6] for line in shown.splitlines() if line[:2] in ("✗ ", "+ ")] == ["✗ 0006", "+ 0008"]
    assert "MS701" in shown
    report: dict[str, Any] = json.loads(Path("all.json").read_text())
    assert [one["name"] for one in report["rows"]] == ["0006_gone", "0008_new"]
    assert sum(report["left_out"].values()) == 7


def test_a_status_that_there_is_not(asked: Asked) -> None:
    assert STATUSES == ["unchanged", "edited", "accepted", "missing", "replaced", "new", "unknown"]
    result = run("--only", "edit")
    assert result.exit_code == 2
    assert "'edit' is not one of 'unchanged', 'edited'" in result.output
