"""``migsafe plan`` as a user runs it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from migsafe import api
from migsafe.cli import cli
from migsafe.config import Config
from migsafe.planning import ChangeCode, FileChange, Plan, PlanReport, Writing
from tests import projects
from tests.history.repositories import git_in
from tests.projects import app, migration, write_project
from tests.report import readers
from tests.report.test_plan import PLAN, PROOF, REPORT, SAFE, UNSOLVED, report

INITIAL = migration(
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)), ("email", models.EmailField()), ("note", models.TextField())])'
)
INDEX = migration(
    'migrations.AddIndex("order", models.Index(fields=["email"], name="order_email_idx"))',
    dependencies=(("orders", "0001_initial"),),
)


CHANGES = (
    FileChange(path="orders/new.py", before=None, after="a = 1\n"),
    FileChange(path="orders/models.py", before="b = 1\n", after="b = 2\n"),
    FileChange(path="orders/old.py", before="c = 1\n", after=None),
    FileChange(path="kept.json", before=None, after="{}\n"),
)
LEFT = (ChangeCode(path="orders/base.py", line=7, name="Base.number", after="null=True", by_hand=True, undo="why"),)


class Asked:
    """What the command has asked for, and what it is answered."""

    config: Config
    targets: tuple[str, ...]
    options: dict[str, Any]
    answer: PlanReport = REPORT

    def __init__(self) -> None:
        self.written: list[dict[str, Any]] = []


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Asked:
    asked = Asked()

    def plan(_: Path, config: Config, targets: tuple[str, ...], **options: Any) -> PlanReport:
        asked.config, asked.targets, asked.options = config, targets, options
        return asked.answer

    def write_plan(_: Path, __: Config, plan: Plan, **how: Any) -> Writing:
        asked.written.append(how)
        return Writing(deploy=how["deploy"], plan=plan, kept="kept.json", changes=CHANGES, left=LEFT)

    (tmp_path / ".git").mkdir()
    (tmp_path / "migsafe.toml").write_text('format = "sarif"\noutput = ["lint.sarif"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(api, "plan", plan)
    monkeypatch.setattr(api, "write_plan", write_plan)
    monkeypatch.setattr(api, "kept_plan", lambda *_: PLAN)
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
    assert asked.targets == ("orders", "0042")
    assert {**asked.options, "progress": None} == {
        "strategies": ("nullable", "view"),
        "verify": False,
        "rows": 100_000,
        "progress": None,
    }
    assert (asked.config.postgres, asked.config.since) == (14, "main")
    run("0042", "--verify", "--rows", "7", "--sandbox", "wheel", "--statement-timeout", "9")
    assert (asked.options["verify"], asked.options["rows"]) == (True, 7)
    assert (asked.config.sandbox.provider, asked.config.statement_timeout, asked.config.rows) == ("wheel", 9, 1000)


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


def test_write(asked: Asked) -> None:
    result = run("0042", "--write")
    assert asked.written == [{"deploy": 1, "force": False, "dry_run": False, "connect": False}]
    assert result.stdout.startswith("Plan for orders.0042_add_number ")
    assert result.stderr.splitlines() == [
        "wrote    orders/new.py",
        "changed  orders/models.py",
        "removed  orders/old.py",
        "wrote    kept.json",
        "left to you: Base.number in orders/base.py:7, by hand: null=True (why)",
        "next, when deploy 1 is live and its checks pass: migsafe plan orders.0042_add_number --deploy 2",
    ]


def test_later_deploys_come_from_the_kept_plan(asked: Asked) -> None:
    result = run("--deploy", "3", "--force", "--database", "default")
    assert asked.written == [{"deploy": 3, "force": True, "dry_run": False, "connect": True}]
    assert (result.return_value, result.stdout) == (0, "")
    assert "next, when" not in result.stderr


def test_dry_run_shows_what_would_change(asked: Asked) -> None:
    result = run("0042", "--dry-run")
    assert asked.written[0]["dry_run"]
    assert result.stdout.splitlines()[:5] == [
        "--- /dev/null",
        "+++ b/orders/new.py",
        "@@ -0,0 +1 @@",
        "+a = 1",
        "--- a/orders/models.py",
    ]
    assert "+++ b/kept.json" in result.stdout
    assert "wrote" not in result.stderr


def test_what_is_refuted_is_not_written(asked: Asked) -> None:
    asked.answer = replace(REPORT, proof=replace(PROOF, schema=("index i is missing",)))
    assert run("0042", "--verify", "--write").return_value == 1
    assert asked.written == []
