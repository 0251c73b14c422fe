"""``migsafe plan`` as a user runs it."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from migsafe import api
from migsafe.cli import cli
from migsafe.config import Config
from migsafe.planning import PlanReport
from tests import projects
from tests.history.repositories import git_in
from tests.projects import app, migration, write_project
from tests.report import readers
from tests.report.test_plan import PLAN, REPORT, SAFE, UNSOLVED, report

INITIAL = migration(
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)), ("email", models.EmailField()), ("note", models.TextField())])'
)
INDEX = migration(
    'migrations.AddIndex("order", models.Index(fields=["email"], name="order_email_idx"))',
    dependencies=(("orders", "0001_initial"),),
)


class Asked:
    """What the command has asked for, and what it is answered."""

    config: Config
    targets: tuple[str, ...]
    strategies: Sequence[str]
    answer: PlanReport = REPORT


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Asked:
    asked = Asked()

    def plan(_: Path, config: Config, targets: tuple[str, ...], *, strategies: Sequence[str]) -> PlanReport:
        asked.config, asked.targets, asked.strategies = config, targets, strategies
        return asked.answer

    (tmp_path / ".git").mkdir()
    (tmp_path / "migsafe.toml").write_text('format = "sarif"\noutput = ["lint.sarif"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(api, "plan", plan)
    return asked


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["plan", *arguments], standalone_mode=False)


def test_as_a_user_runs_it(tmp_path: Path) -> None:
    write_project(tmp_path, app("orders", {"0001_initial": INITIAL, "0002_index": INDEX}))
    for command in ("init -q -b main", "add .", "commit -q -m x", "checkout -q -b change"):
        git_in(tmp_path)(*command.split())
    (tmp_path / "orders/migrations/0003_note_index.py").write_text(
        INDEX.replace("email", "note").replace("0001_initial", "0002_index")
    )
    ran = projects.run(tmp_path, "plan", "--since", "main", "-o", "-", "-o", "json=plan.json")
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[0].split("  ")[0] == "Plan for orders.0003_note_index"
    read = json.loads((tmp_path / "plan.json").read_text())
    assert read["plan"]["targets"] == ["orders.0003_note_index"]
    assert "CREATE INDEX CONCURRENTLY" in read["plan"]["deploys"][0]["steps"][0]["statements"][-1]["sql"]
    for arguments, message in (
        (("orders",), "error: 'orders' is no migration\n"),
        ((), "error: No migration to plan is named\n"),
        (("orders.0002", "--strategy", "slowly"), "error: --strategy slowly: nothing here is done that way\n"),
    ):
        ran = projects.run(tmp_path, "plan", *arguments)
        assert (ran.code, ran.stdout) == (2, "")
        assert ran.stderr.startswith(message)
        assert "\nhint: " in ran.stderr


def test_flags_are_passed_on(asked: Asked) -> None:
    run("orders", "0042", "--strategy", "nullable", "--strategy", "view", "--postgres", "14", "--since", "main")
    assert (asked.targets, asked.strategies) == (("orders", "0042"), ("nullable", "view"))
    assert (asked.config.postgres, asked.config.since) == (14, "main")


def test_formats_are_the_plans_own(asked: Asked) -> None:
    assert run("0042").output.startswith("Plan for orders.0042_add_number ")
    readers.assert_markdown(run("0042", "--format", "markdown").output)
    assert run("0042", "-o", "markdown=a.md", "-o", "json=a.json").output.startswith("Plan for ")
    assert json.loads(Path("a.json").read_text())["plan"]["version"] == 1
    readers.assert_markdown(Path("a.md").read_text())
    assert not Path("lint.sarif").exists()
    refused = run("0042", "-o", "sarif=a.sarif")
    assert "there is no format 'sarif'" in str(refused.exception)


@pytest.mark.parametrize(
    ("answer", "code"), [(REPORT, 0), (report(SAFE), 0), (report(replace(PLAN, unsolved=(UNSOLVED,))), 1)]
)
def test_exit_codes(asked: Asked, answer: PlanReport, code: int) -> None:
    asked.answer = answer
    assert run("0042").return_value == code
