"""Where the comment goes: variables and events as GitHub Actions and GitLab CI give them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from migsafe.errors import ForgeError
from migsafe.forge import connect
from migsafe.forge.environment import Head, Place, find

ACTIONS = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_API_URL": "https://api.github.com",
    "GITHUB_REPOSITORY": "shop/backend",
    "GITHUB_RUN_ID": "1658821493",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_STEP_SUMMARY": "/runner/summary",
    "GITHUB_TOKEN": "ghs_t0ken",
}
RUN = "https://github.com/shop/backend/actions/runs/1658821493"
PIPELINE = {
    "CI_API_V4_URL": "https://example.com/gitlab/api/v4",
    "CI_JOB_TOKEN": "glcbt-j0b",
    "CI_JOB_URL": "https://example.com/gitlab/shop/backend/-/jobs/7",
    "CI_MERGE_REQUEST_IID": "5",
    "CI_MERGE_REQUEST_PROJECT_ID": "42",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "42",
    "CI_PROJECT_ID": "42",
    "CI_SERVER_URL": "https://example.com/gitlab",
    "GITLAB_CI": "true",
}


def place(environ: Mapping[str, str], **given: Any) -> Place:
    found = find(environ, **given)
    assert found is not None
    return found


def on(event: Any, folder: Path) -> dict[str, str]:
    file = folder / "event.json"
    file.write_text(event if isinstance(event, str) else json.dumps(event))
    return ACTIONS | {"GITHUB_EVENT_PATH": str(file)}


def pull_request(head: str | None = "shop/backend") -> dict[str, Any]:
    return {
        "action": "synchronize",
        "number": 5,
        "pull_request": {
            "number": 5,
            "head": {"sha": "a" * 40, "ref": "topic", "repo": head and {"full_name": head}},
            "base": {"sha": "b" * 40, "ref": "main", "repo": {"full_name": "shop/backend"}},
        },
    }


def workflow_run(event: str = "pull_request") -> dict[str, Any]:
    return {
        "action": "completed",
        "workflow_run": {
            "event": event,
            "head_branch": "topic",
            "head_sha": "a" * 40,
            "html_url": f"{RUN}0",
            "head_repository": {"full_name": "fork/backend", "owner": {"login": "fork"}},
            "pull_requests": [],
        },
    }


def test_a_pull_request(tmp_path: Path) -> None:
    assert place(on(pull_request(), tmp_path)) == Place(
        forge="github",
        api="https://api.github.com",
        repository="shop/backend",
        number=5,
        sha="a" * 40,
        run=RUN,
        summary=Path("/runner/summary"),
        has_annotations=True,
        variable="GITHUB_TOKEN",
        token="ghs_t0ken",
    )


@pytest.mark.parametrize(("head", "is_fork"), [("shop/backend", False), ("fork/backend", True), (None, True)])
def test_whether_it_is_from_a_fork(tmp_path: Path, head: str | None, is_fork: bool) -> None:
    assert place(on(pull_request(head), tmp_path)).is_fork is is_fork


def test_the_log_of_a_workflow_of_the_target_branch_makes_no_annotations(tmp_path: Path) -> None:
    found = place(on(pull_request(), tmp_path) | {"GITHUB_EVENT_NAME": "pull_request_target"})
    assert (found.number, found.has_annotations) == (5, False)


def test_the_workflow_that_runs_after_that_of_a_fork(tmp_path: Path) -> None:
    """It has a token that may write, and the link is to the run that has looked."""
    found = place(on(workflow_run(), tmp_path))
    assert (found.number, found.head) == (None, Head("fork:topic", "a" * 40))
    assert (found.sha, found.run, found.has_annotations) == ("a" * 40, f"{RUN}0", False)


@pytest.mark.parametrize("event", [workflow_run("push"), {"ref": "refs/heads/main"}, "", "[", '{"pull_request": 7}'])
def test_what_is_of_no_pull_request(tmp_path: Path, event: Any) -> None:
    found = place(on(event, tmp_path))
    assert (found.number, found.head) == (None, None)
    with pytest.raises(ForgeError, match=r"^this job is not of a pull request$"):
        connect(found)


def test_without_an_event_the_ref_tells() -> None:
    assert place(ACTIONS | {"GITHUB_REF": "refs/pull/12/merge"}).number == 12
    assert place(ACTIONS | {"GITHUB_REF": "refs/heads/main"}).number is None


def test_what_is_given_wins(tmp_path: Path) -> None:
    other = place(on(pull_request("fork/backend"), tmp_path), number=7)
    assert (other.number, other.repository, other.sha) == (7, "shop/backend", None)
    assert (other.is_fork, other.has_annotations) == (False, False)
    assert place(on(pull_request(), tmp_path), number=5).sha == "a" * 40
    assert place(on(pull_request(), tmp_path), repository="other/one").number is None
    assert place(ACTIONS, forge="gitlab", repository="shop/backend", number=5).api == "https://gitlab.com"


def test_a_merge_request() -> None:
    assert place(PIPELINE | {"GITLAB_TOKEN": "glpat-t0ken\n"}) == Place(
        forge="gitlab",
        api="https://example.com/gitlab",
        repository="42",
        number=5,
        run="https://example.com/gitlab/shop/backend/-/jobs/7",
        variable="GITLAB_TOKEN",
        token="glpat-t0ken",
    )


def test_without_a_token_of_its_own_it_is_the_jobs() -> None:
    assert place(PIPELINE).variable == "CI_JOB_TOKEN"


def test_a_merge_request_of_a_fork_is_the_other_projects() -> None:
    """The pipeline runs in the fork."""
    found = place(PIPELINE | {"CI_PROJECT_ID": "99", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "99"})
    assert (found.repository, found.is_fork) == ("42", True)


def test_a_pipeline_of_a_branch_knows_the_request_that_is_open_for_it() -> None:
    branch = {name: value for name, value in PIPELINE.items() if "MERGE_REQUEST" not in name}
    found = place(branch | {"CI_OPEN_MERGE_REQUESTS": "shop/backend!12"})
    assert (found.repository, found.number) == ("shop/backend", 12)
    assert place(branch | {"CI_OPEN_MERGE_REQUESTS": "shop/backend!12,shop/fork!3"}).number is None
    with pytest.raises(ForgeError, match=r"^this job is not of a merge request$"):
        connect(place(branch))


def test_elsewhere_nothing_is_known() -> None:
    assert find({"HOME": "/root"}) is None
    with pytest.raises(ForgeError, match=r"^it is not known which repository of GitHub it is$"):
        connect(place({}, forge="github", number=5))


@pytest.mark.parametrize(
    "address", ["api.github.com", "ftp://example.com", "https://", "https://exa mple.com/", "http://["]
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ForgeError, match=r"is no address of an API of GitHub$"):
        connect(place(ACTIONS | {"GITHUB_API_URL": address, "GITHUB_REF": "refs/pull/12/merge"}))
