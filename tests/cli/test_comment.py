"""``migsafe comment``, as a job runs it; the server is one that behaves like GitHub's or GitLab's API."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from migsafe.cli import comment
from migsafe.model import Report, Severity, Summary
from migsafe.report.json import render
from tests.forge.hosts import OURS, SHA, GitHub, GitLab, serving
from tests.report.samples import finding

CLEAN = Report(migsafe="0.1.0", django="5.2.19", postgres=16, migrations=(), findings=(), summary=Summary())
FOUND = Report(
    migsafe="0.1.0",
    django="5.2.19",
    postgres=16,
    migrations=(),
    findings=(finding(), finding(1, severity=Severity.WARNING, fingerprint="1" * 16)),
    summary=Summary(error=1, warning=1),
    folder="backend/",
)
PATH = "backend/shop/orders/migrations/0042_index.py"

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)


@pytest.fixture
def github() -> Iterator[GitHub]:
    host = GitHub()
    host.files = [{"filename": PATH, "patch": "@@ -0,0 +1,20 @@\n" + "+x\n" * 20}]
    with serving(host):
        yield host


@pytest.fixture
def job(github: GitHub, tmp_path: Path) -> dict[str, str]:
    """What a job of a pull request has in its environment."""
    request = {"number": 5, "base": {"sha": "b" * 40, "repo": {"full_name": "shop/backend"}}}
    request["head"] = {"sha": SHA, "repo": {"full_name": "shop/backend"}}
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": request}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": f"{github.address}{github.prefix}",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "shop/backend",
        "GITHUB_RUN_ID": "1",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_TOKEN": OURS,
    }


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs it with a report; nothing that it says has the token in it."""

    def run(environ: dict[str, str], *arguments: str, report: Any = FOUND) -> Result:
        for name in ("GITHUB_ACTIONS", "GITLAB_CI"):
            monkeypatch.delenv(name, raising=False)
        file = tmp_path / "lint.json"
        file.write_text(report if isinstance(report, str) else render(report))
        result = CliRunner().invoke(comment.command, [str(file), *arguments], env=environ, standalone_mode=False)
        assert OURS not in result.output + repr(result.exception)
        return result

    return run


def test_it_posts_and_annotates(github: GitHub, job: dict[str, str], run: Run) -> None:
    result = run(job)
    assert result.return_value == 0
    assert result.stderr.startswith(f"comment created: {github.address}/shop/backend/pull/5#issuecomment-")
    assert result.stdout == ""
    assert "https://github.com/shop/backend/actions/runs/1" in github.bodies[0]
    [check] = github.checks
    assert (check["name"], check["head_sha"], check["conclusion"]) == ("migsafe", SHA, "neutral")
    assert check["output"]["summary"] == github.bodies[0]
    assert [(one["path"], one["start_line"], one["annotation_level"]) for one in check["annotations"]] == [
        (PATH, 12, "failure"),
        (PATH, 13, "warning"),
    ]
    assert check["annotations"][0]["title"] == "MS201 index_not_concurrent"
    assert "comment unchanged" in run(job, "--no-annotations").stderr
    assert len(github.checks) == len(github.comments) == 1


def test_each_project_has_its_comment(github: GitHub, job: dict[str, str], run: Run) -> None:
    run(job, "--project", "shop")
    run(job, "--project", "blog")
    run(job, "--project", "shop", report=CLEAN)
    assert len(github.comments) == 2
    assert {one["name"] for one in github.checks} == {"migsafe (shop)", "migsafe (blog)"}


def test_when_all_is_well(github: GitHub, job: dict[str, str], run: Run) -> None:
    assert "comment created" in run(job, report=CLEAN).stderr
    assert github.checks == []
    assert "comment deleted\n" in run(job, "--delete-when-clean", report=CLEAN).stderr
    assert github.comments == []
    assert "comment created" in run(job, "--delete-when-clean").stderr


def test_a_fork_gets_the_text_elsewhere(github: GitHub, job: dict[str, str], run: Run, tmp_path: Path) -> None:
    github.readers.add(OURS)
    result = run(job, "-o", str(tmp_path / "comment.md"))
    assert result.return_value == 0
    assert result.stderr.startswith("warning: no comment: the token may not write to pull request 5 of shop/backend")
    assert "its text is in the summary of this step" in result.stderr
    text = (tmp_path / "comment.md").read_text()
    assert (tmp_path / "summary.md").read_text() == f"{text}\n"
    assert f"::error title=MS201 index_not_concurrent,file={PATH},line=12::" in result.stdout
    assert run(job, "--required", "--no-annotations").return_value == 2
    assert "::" not in run(job, "--no-annotations").stdout


def test_a_token_that_may_not_make_check_runs(github: GitHub, job: dict[str, str], run: Run) -> None:
    github.no_checks = True
    result = run(job)
    assert result.stderr.startswith("comment created")
    assert f"::error title=MS201 index_not_concurrent,file={PATH},line=12::" in result.stdout
    told = run(job | {"GITHUB_EVENT_PATH": ""}, "--number", "5")
    assert told.stdout == ""
    assert "no annotations: the token may not write" in told.stderr


def test_it_says_what_it_waits_for(github: GitHub, job: dict[str, str], run: Run) -> None:
    github.trouble("POST .*/comments", 403, "You have exceeded a secondary rate limit.", {"Retry-After": "17"})
    told = run(job).stderr.splitlines()
    assert told[0] == "GitHub's rate limit is reached: You have exceeded a secondary rate limit: waiting for 17 s"
    assert told[1].startswith("comment created")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"GITHUB_TOKEN": ""}, "there is no token for GitHub\nhint: Set GITHUB_TOKEN"),
        ({"GITHUB_TOKEN": f"{OURS} x"}, "GITHUB_TOKEN is no token"),
        ({"GITHUB_TOKEN": "ghs_other"}, "GitHub does not accept the token in GITHUB_TOKEN: Bad credentials"),
        ({"GITHUB_EVENT_PATH": ""}, "this job is not of a pull request"),
        ({"GITHUB_API_URL": "http://127.0.0.1:1"}, "127.0.0.1:1 cannot be reached: Connection refused"),
    ],
)
def test_no_reason_to_fail(job: dict[str, str], run: Run, changes: dict[str, str], words: str) -> None:
    result = run(job | changes)
    assert (result.return_value, f"no comment: {words}" in result.stderr) == (0, True), result.stderr
    required = run(job | changes, "--required")
    assert (required.return_value, f"error: no comment: {words}" in required.stderr) == (2, True)


def test_an_extra_that_is_not_installed(job: dict[str, str], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "migsafe.forge.github", None)
    monkeypatch.setitem(sys.modules, "github", None)
    result = run(job)
    assert result.return_value == 0
    assert "hint: pip install 'django-migsafe[github]'" in result.stderr


def test_a_dry_run_shows_the_text(github: GitHub, job: dict[str, str], run: Run) -> None:
    result = run(job, "--dry-run")
    assert (result.return_value, github.requests) == (0, [])
    run(job)
    assert result.stdout == github.bodies[0]
    assert run({}, "--dry-run").return_value == 0


def test_what_cannot_be_run(job: dict[str, str], run: Run, tmp_path: Path) -> None:
    assert "this is neither GitHub Actions nor GitLab CI" in str(run({}).exception)
    assert "is no JSON" in str(run(job, report="{").exception)
    assert "is no report of" in str(run(job, report="{}").exception)
    assert "verify.json cannot be read: No such file" in str(run(job, str(tmp_path / "verify.json")).exception)


def test_gitlab(run: Run) -> None:
    host = GitLab()
    with serving(host):
        job = {
            "CI_API_V4_URL": f"{host.address}{host.prefix}/api/v4",
            "CI_JOB_URL": "https://example.com/jobs/7",
            "CI_MERGE_REQUEST_IID": "5",
            "CI_PROJECT_ID": "shop/backend",
            "GITLAB_CI": "true",
            "GITLAB_TOKEN": OURS,
        }
        result = run(job)
        assert result.stderr.startswith(f"comment created: {host.address}/gitlab/shop/backend/-/merge_requests/5#note_")
        assert result.stdout == ""
        assert "https://example.com/jobs/7" in host.bodies[0]
        host.readers.add(OURS)
        assert run(job).return_value == 0


WITHOUT_DJANGO = """
import sys
sys.modules["django"] = None
from migsafe.cli import main
main()
"""


def test_it_needs_no_django_and_a_crash_has_no_token_in_it(github: GitHub, job: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "lint.json"
    file.write_text(render(FOUND))
    github.trouble("POST .*/comments", 418, f"I was sent {OURS}")
    process = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", "-c", WITHOUT_DJANGO, "comment", str(file)],
        env=job,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    assert process.stderr.startswith("warning: no comment: GitHub does not take it (418): I was sent ***\n")
    assert OURS not in process.stdout + process.stderr
