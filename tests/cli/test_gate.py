"""``migsafe gate`` as a user runs it: flags, what is said while it waits, exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from migsafe import api
from migsafe.cli import cli
from migsafe.cli import gate as command
from migsafe.config import Config
from migsafe.predeploy import GateReport
from migsafe.sandbox.server import Server
from tests import projects
from tests.gate.test_gate import BUILD
from tests.projects import write_project
from tests.report.test_gate import GO, REPORT


class Asked:
    """What the command has asked for, and what it is to be told."""

    config: Config
    options: dict[str, Any]
    report: GateReport = REPORT
    waits: int = 0


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Asked:
    asked = Asked()

    def gate(_: Path, config: Config, *, waiting: command.Waiting, **options: Any) -> GateReport:
        asked.config, asked.options = config, options
        for number in range(asked.waits):
            waiting(replace(REPORT, waited=number * 30.0))
        return asked.report

    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(api, "gate", gate)
    return asked


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["gate", *arguments], standalone_mode=False)


def test_the_exit_code_is_the_verdict(asked: Asked) -> None:
    refused = run()
    assert (refused.return_value, refused.stdout.partition("\n")[0]) == (
        1,
        "✗ no-go: 2 findings speak against 3 pending migrations (shop on PostgreSQL 16.4)",
    )
    asked.report = GO
    assert run().return_value == 0


def test_flags(asked: Asked) -> None:
    run("--dsn", "host=h", "--allow", "MS201:a.0001_x=y", "--allow", "MS916=z", "--wait", "10m", "--longest", "2s", "--patience", "1.5m",
        "--database", "replica", "--exit-zero")  # fmt: skip
    assert asked.options == {
        "dsn": "host=h", "allow": ("MS201:a.0001_x=y", "MS916=z"), "wait": 600.0, "longest": 2.0, "patience": 90.0
    }  # fmt: skip
    assert (asked.config.database, asked.config.fail_on) == ("replica", "never")


@pytest.mark.parametrize("time", ["10 parsecs", "-5s", ""])
def test_what_is_no_time(asked: Asked, time: str) -> None:
    result = CliRunner().invoke(cli, ["gate", "--wait", time])
    assert (result.exit_code, "is no time such as 30s, 10m or 1h" in result.output) == (2, True)


def test_what_is_waited_for_is_said_once_a_minute(asked: Asked) -> None:
    asked.waits = 4
    shown = run("--wait", "10m")
    assert shown.stderr.splitlines()[0] == (
        "note: waiting, 0 of 600 s: MS201 Building index idx holds SHARE on orders_order until it is done (and 1 more)"
    )
    assert len(shown.stderr.splitlines()) == 2
    assert "note: waiting" not in shown.stdout


def test_since_is_not_for_the_gate(asked: Asked) -> None:
    assert "no such option" in CliRunner().invoke(cli, ["gate", "--since", "main"]).output.lower()


def test_as_a_user_runs_it(postgres: Server, database: str, tmp_path: Path) -> None:
    """On an empty database, then against one that cannot be asked."""
    values = {"NAME": database, "HOST": postgres.host, "PORT": str(postgres.port), "USER": postgres.user}
    write_project(tmp_path, BUILD, extra=f'DATABASES["default"].update({values!r})')
    ran = projects.run(tmp_path, "gate", "-o", "-", "-o", "json=gate.json")
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout.startswith(f"✓ go: 2 pending migrations ({database} on PostgreSQL {postgres.version}.")
    assert [one["name"] for one in json.loads((tmp_path / "gate.json").read_text())["pending"]] == [
        "0001_initial",
        "0002_index",
    ]
    write_project(tmp_path, BUILD)
    ran = projects.run(tmp_path, "gate")
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("error: database 'default' of config.settings cannot be asked: ")
    assert "Traceback" not in ran.stderr
