"""The script of action.yml, with events as GitHub sends them, in clones as actions/checkout makes them."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from migsafe.report import comment, reading
from tests.history.repositories import commit, git_in
from tests.projects import app, migration, write, write_project

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "action/lint.py"
INDEX = 'migrations.AddIndex("order", models.Index(fields=["id"], name="order_index"))'
DROP = 'migrations.DeleteModel("Order")'
TABLE = 'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])'


def steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    return found


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a pull request from ``topic``, whose base has moved on, merged as GitHub merges it."""
    folder = tmp_path_factory.mktemp("origin")
    git = git_in(folder)
    write_project(folder / "backend", app("orders", {"0001_initial": migration(TABLE)}))
    git("init", "-q", "-b", "main")
    commit(git)
    git("switch", "-qc", "topic")
    change = migration(INDEX, dependencies=(("orders", "0001_initial"),))
    write(folder / "backend", {"orders/migrations/0002_index.py": change})
    commit(git)
    git("switch", "-q", "main")
    write(folder / "backend", app("others", {"0001_x": migration(TABLE), "0002_y": migration(DROP)}))
    commit(git)
    git("switch", "-q", "--detach", "main")
    git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    git("update-ref", "refs/pull/7/merge", "HEAD")
    git("switch", "-q", "main")
    return folder


def clone(origin: Path, folder: Path, *, depth: int, ref: str = "refs/pull/7/merge") -> Path:
    """What actions/checkout does; of depth 0 it fetches all branches."""
    git = git_in(folder)
    folder.mkdir()
    git("init", "-q")
    git("remote", "add", "origin", origin.as_uri())
    if depth:
        git("fetch", "-q", f"--depth={depth}", "origin", f"+{ref}:refs/remotes/pull/7/merge")
    else:
        git("fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*", f"+{ref}:refs/remotes/pull/7/merge")
    git("checkout", "-q", "--detach", "refs/remotes/pull/7/merge")
    return folder


def environment(folder: Path, clone: Path, name: str, event: dict[str, Any], **more: str) -> dict[str, str]:
    folder.mkdir()
    (folder / "event.json").write_text(json.dumps(event))
    return {
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_SHA": git_in(clone)("rev-parse", "HEAD"),
        "GITHUB_BASE_REF": "main",
        "GITHUB_REF": "refs/pull/7/merge",
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "RUNNER_TEMP": str(folder),
        **more,
    }


def lint(folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MIGSAFE_", "DJANGO_", "GIT"))}
    clean |= {"MIGSAFE_IGNORE": "MS709", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(SCRIPT)]
    return subprocess.run(command, cwd=folder, env=clean | env, capture_output=True, text=True, check=False)


def outputs(env: dict[str, str]) -> dict[str, str]:
    return dict(line.split("=", 1) for line in Path(env["GITHUB_OUTPUT"]).read_text().splitlines())


def test_a_pull_request(origin: Path, tmp_path: Path) -> None:
    here = clone(origin, tmp_path / "clone", depth=2)
    more = {"INPUT_COMMENT": "true", "INPUT_PLAN": "true", "INPUT_PROJECT": "shop", "INPUT_ARGUMENTS": "--select MS201"}
    env = environment(tmp_path / "runner", here, "pull_request", {"pull_request": {"number": 7}}, **more)
    done = lint(here / "backend", env)
    assert done.returncode == 0, done.stdout + done.stderr  # findings fail a later step
    said = outputs(env)
    counts = {"errors": "1", "warnings": "0", "infos": "0", "exit-code": "1"}
    assert counts.items() <= said.items()
    report = json.loads(Path(said["json"]).read_text())
    assert [(one["app"], one["migration"], one["code"]) for one in report["findings"]] == [
        ("orders", "0002_index", "MS201")  # not what came to main meanwhile
    ]
    uri = json.loads(Path(said["sarif"]).read_text())["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert uri["artifactLocation"]["uri"] == "backend/orders/migrations/0002_index.py"
    assert "MS201" in Path(env["GITHUB_STEP_SUMMARY"]).read_text()
    assert "::error" not in done.stdout
    reports = [reading.read(Path(said[name])) for name in ("json", "plan")]
    assert "AddIndexConcurrently" in comment.render(reports, project="shop", run=None, flavour="github")


@pytest.mark.parametrize(
    ("event", "comment", "format_"),
    [("pull_request", "true", "text"), ("pull_request", "false", "github"), ("schedule", "true", "github")],
)
def test_annotations_are_the_comments_or_else_the_logs_and_what_cannot_run_fails(
    origin: Path,
    tmp_path: Path,
    script: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    event: str,
    comment: str,
    format_: str,
) -> None:
    ran: list[tuple[str, ...]] = []

    def refused(*arguments: str) -> int:
        ran.append(arguments)
        return 2

    monkeypatch.setattr(script, "migsafe", refused)
    env = environment(tmp_path / "runner", origin, event, {}, INPUT_COMMENT=comment, INPUT_SINCE="main")
    assert script.main(env) == 2
    assert [words[:3] for words in ran] == [("lint", "--since=main", f"--format={format_}")]
    assert not Path(env["GITHUB_OUTPUT"]).exists()


@pytest.mark.parametrize("name", ["pull_request_target", "workflow_run"])
def test_code_of_a_pull_request_never_runs_where_the_token_may_write(
    script: ModuleType, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main({"GITHUB_EVENT_NAME": name, "INPUT_SINCE": "main"}) == 2
    assert capsys.readouterr().out.startswith("::error title=migsafe::this runs settings and migrations")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("action_lint", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PUSH = {"before": "1234", "repository": {"default_branch": "main"}}


@pytest.mark.parametrize(
    ("name", "event", "more", "ref"),
    [
        ("pull_request", {}, {}, "HEAD^1"),
        ("pull_request", {}, {"GITHUB_SHA": "4711"}, "origin/main"),  # another commit was checked out
        ("merge_group", {"merge_group": {"base_sha": "1234"}}, {}, "1234"),
        ("push", PUSH, {"GITHUB_REF": "refs/heads/main"}, "1234"),
        ("push", PUSH, {"GITHUB_REF": "refs/heads/topic"}, "origin/main"),
        ("push", PUSH, {"GITHUB_REF": "refs/tags/v1"}, None),
        ("schedule", {}, {}, None),
    ],
)
def test_what_an_event_is_compared_with(
    origin: Path,
    tmp_path: Path,
    script: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    event: dict[str, Any],
    more: dict[str, str],
    ref: str | None,
) -> None:
    here = clone(origin, tmp_path / "clone", depth=0)
    monkeypatch.chdir(here)
    assert script.since(environment(tmp_path / "runner", here, name, event, **more)) == ref


def test_inputs_reach_scripts_through_the_environment_only() -> None:
    runs = [step["run"] for step in steps() if "run" in step]
    assert len(runs) == 4
    assert [run for run in runs if "${{" in run] == []


def test_the_token_is_not_where_code_of_the_pull_request_runs() -> None:
    (step,) = [step for step in steps() if "inputs.token" in str(step)]
    assert step["run"].startswith('"$PYTHON" -P -m migsafe comment ')


def test_actions_are_pinned() -> None:
    used = [step["uses"] for step in steps() if "uses" in step]
    assert used
    assert all(len(one.partition("@")[2]) == 40 for one in used)
