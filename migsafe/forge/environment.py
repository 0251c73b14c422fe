"""Where a comment goes, as continuous integration says it in its variables.

Sources: https://docs.github.com/en/actions/reference/workflows-and-actions/variables,
https://docs.github.com/en/webhooks/webhook-events-and-payloads, https://docs.gitlab.com/ci/variables/predefined_variables/
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

from migsafe.errors import ForgeError

Forge = Literal["github", "gitlab"]

TOKENS: Mapping[Forge, tuple[str, ...]] = {
    "github": ("GITHUB_TOKEN", "GH_TOKEN"),
    "gitlab": ("GITLAB_TOKEN", "CI_JOB_TOKEN"),
}
"""Variables that a token may be in; the first that is set counts."""

NAMES: Mapping[Forge, str] = {"github": "GitHub", "gitlab": "GitLab"}


class Head(NamedTuple):
    """What a pull request wants to have merged, where its number is not known.

    Attributes:
        label: Owner and branch, as GitHub writes them: ``somebody:branch``.
        sha: The commit that was looked at.
    """

    label: str
    sha: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """A pull or merge request, and how to get there.

    Attributes:
        api: Address of the API: with its path on GitHub, without on GitLab, as its client wants it.
        repository: ``owner/name``; on GitLab also the project's number.
        number: Of the request; None if it is not known, or there is none.
        head: By which its number can be found.
        sha: Commit that annotations are of; None for the latest of the request.
        run: Address of the run, for people.
        is_fork: Whether CI says that the request comes from a fork.
        summary: File for the summary of the step.
        has_annotations: Whether commands in the log make annotations of the request.
        variable: Which variable the token is from.
        token: The token.
    """

    forge: Forge
    api: str
    repository: str | None = None
    number: int | None = None
    head: Head | None = None
    sha: str | None = None
    run: str | None = None
    is_fork: bool = False
    summary: Path | None = None
    has_annotations: bool = False
    variable: str | None = None
    token: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return NAMES[self.forge]

    @property
    def host(self) -> str:
        return urlsplit(self.api).netloc.rpartition("@")[2]

    @property
    def request(self) -> str:
        """What the request is called there, in words."""
        kind = "pull request" if self.forge == "github" else "merge request"
        return f"{kind} {self.number} of {self.repository}" if self.number else kind

    def hidden(self, text: str) -> str:
        """A text in which the token is not."""
        return text.replace(self.token, "***") if self.token else text

    def credentials(self) -> str:
        """The token.

        Raises:
            ForgeError: There is none, or it cannot be one. Clients would put such a one into their own error.
        """
        first = TOKENS[self.forge][0]
        if self.token is None:
            raise ForgeError(f"there is no token for {self.name}", f"Set {first} in the job's environment.")
        if not re.fullmatch(r"[!-~]+", self.token):
            raise ForgeError(f"{self.variable} is no token: it has spaces, or characters that no token has")
        return self.token


def find(
    environ: Mapping[str, str], *, forge: Forge | None = None, repository: str | None = None, number: int | None = None
) -> Place | None:
    """What the environment says; what is given wins over it.

    Returns:
        None if it is not known whether it is GitHub or GitLab.
    """
    if forge is None:
        if environ.get("GITHUB_ACTIONS") == "true":
            forge = "github"
        elif environ.get("GITLAB_CI") == "true":
            forge = "gitlab"
        else:
            return None
    said = _github(environ) if forge == "github" else _gitlab(environ)
    variable = next((name for name in TOKENS[forge] if environ.get(name, "").strip()), None)
    given: dict[str, Any] = {}
    if repository not in (None, said.repository) or number not in (None, said.number):
        # Another request than that of the job: what the job's event says of its commits is not about it.
        kept = said.repository if repository is None else repository
        given = {"repository": kept, "number": number, "head": None, "sha": None}
        given |= {"is_fork": False, "has_annotations": False}
    token = environ[variable].strip() if variable else None
    return replace(said, variable=variable, token=token, **given)


# GitHub


class _Named(msgspec.Struct, frozen=True):
    full_name: str = ""


class _Login(msgspec.Struct, frozen=True):
    login: str = ""


class _Repository(_Named, frozen=True):
    owner: _Login = _Login()


class _End(msgspec.Struct, frozen=True):
    sha: str
    repo: _Named | None = None  # null when the fork is deleted


class _PullRequest(msgspec.Struct, frozen=True):
    number: int
    head: _End
    base: _End


class _Run(msgspec.Struct, frozen=True):
    event: str
    head_branch: str | None
    head_sha: str
    html_url: str
    head_repository: _Repository | None = None


class _Event(msgspec.Struct, frozen=True):
    pull_request: _PullRequest | None = None
    workflow_run: _Run | None = None


def _github(environ: Mapping[str, str]) -> Place:
    event = _event(environ.get("GITHUB_EVENT_PATH"))
    place = Place(
        forge="github",
        api=environ.get("GITHUB_API_URL") or "https://api.github.com",
        repository=environ.get("GITHUB_REPOSITORY") or None,
        run=_run(environ),
        summary=Path(environ["GITHUB_STEP_SUMMARY"]) if environ.get("GITHUB_STEP_SUMMARY") else None,
    )
    if request := event.pull_request:
        target = request.base.repo.full_name if request.base.repo else place.repository
        return replace(
            place,
            repository=target or place.repository,
            number=request.number,
            sha=request.head.sha,
            is_fork=request.head.repo is None or request.head.repo.full_name != target,
            # Such a workflow is the target branch's, and so are the annotations that commands in its log make.
            has_annotations=environ.get("GITHUB_EVENT_NAME") != "pull_request_target",
        )
    run = event.workflow_run
    if run and run.event.startswith("pull_request") and run.head_repository and run.head_branch:
        head = Head(f"{run.head_repository.owner.login}:{run.head_branch}", run.head_sha)
        return replace(place, head=head, sha=run.head_sha, run=run.html_url)
    if found := re.fullmatch(r"refs/pull/(\d+)/(?:merge|head)", environ.get("GITHUB_REF", "")):
        return replace(place, number=int(found[1]))
    return place


def _event(path: str | None) -> _Event:
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=_Event) if path else _Event()
    except (OSError, msgspec.MsgspecError):
        return _Event()


def _run(environ: Mapping[str, str]) -> str | None:
    parts = [environ.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return "{}/{}/actions/runs/{}".format(*parts) if all(parts) else None


# GitLab


def _gitlab(environ: Mapping[str, str]) -> Place:
    address = environ.get("CI_API_V4_URL", "").removesuffix("/api/v4") or environ.get("CI_SERVER_URL")
    project = environ.get("CI_MERGE_REQUEST_PROJECT_ID") or environ.get("CI_PROJECT_ID")  # a fork's job is the fork's
    number = environ.get("CI_MERGE_REQUEST_IID", "")
    if not number and (opened := re.fullmatch(r"([^!,]+)!(\d+)", environ.get("CI_OPEN_MERGE_REQUESTS", ""))):
        project, number = opened.groups()  # a pipeline of a branch that one request is open for
    source = environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID")
    return Place(
        forge="gitlab",
        api=address or "https://gitlab.com",
        repository=project or None,
        number=int(number) if number.isdecimal() else None,
        run=environ.get("CI_JOB_URL") or None,
        is_fork=source is not None and source != environ.get("CI_MERGE_REQUEST_PROJECT_ID"),
    )
