"""``migsafe history`` as a user runs it: who is asked, what is shown, how it exits."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from migsafe import api
from migsafe.applied import HistoryReport
from migsafe.cli import cli
from migsafe.cli.history import STATUSES
from migsafe.config import Config
from tests import projects
from tests.history.repositories import git_in
from tests.projects import app, migration, write_project
from tests.report import readers
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


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """A project in a repository, of which a commit has one migration otherwise and one more than there are now."""
    first = migration('migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])')
    names = ("0002_note", "0003_gone")
    files = {
        name: migration(
            f'migrations.AddField("order", "f{name}", models.CharField(max_length=10, null=True))',
            dependencies=(("orders", before),),
        )
        for name, before in zip(names, ("0001_initial", "0002_note"), strict=True)
    }
    write_project(tmp_path, app("orders", {"0001_initial": first, **files}))
    for command in ("init -q -b main", "add .", "commit -q -m x"):
        git_in(tmp_path)(*command.split())
    folder = tmp_path / "orders/migrations"
    (folder / "0003_gone.py").unlink()
    (folder / "0002_note.py").write_text(files["0002_note"].replace("max_length=10", "max_length=20"))
    return tmp_path


def test_as_a_user_runs_it(edited: Path) -> None:
    ran = projects.run(edited, "history", "--applied-ref", "main", "--select", "MS70", "-o", "-", "-o", "junit=all.xml")
    assert (ran.code, ran.stderr) == (1, "")
    assert re.findall(r"^([✓✗] \w+).*  (\w+)$", ran.stdout, re.MULTILINE) == [
        ("✓ 0001_initial", "unchanged"),
        ("✗ 0002_note", "edited"),
        ("✗ 0003_gone", "missing"),
    ]
    assert sorted(re.findall(r"^error    (MS\d+)", ran.stdout, re.MULTILINE)) == ["MS701", "MS702"]
    assert "         +ALTER TABLE" in ran.stdout
    assert "\n3 migrations: 1 unchanged, 1 edited, 1 missing; 2 errors (" in ran.stdout
    assert len(list(readers.junit((edited / "all.xml").read_text()).iter("testcase"))) == 3


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
