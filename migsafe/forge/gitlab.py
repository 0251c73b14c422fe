"""GitLab, gitlab.com or self-hosted, through python-gitlab."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import gitlab
from gitlab.v4.objects import ProjectMergeRequest

from migsafe.errors import ForgeError
from migsafe.forge import Check, Note
from migsafe.forge.environment import Place
from migsafe.forge.refusals import Busy, Gone, MayOnlyRead, said, seconds, unreachable

TIMEOUT = 15
"""Seconds for an answer."""


class _Client(gitlab.Gitlab):
    """The client without its own retries: they wait without a limit, and repeat what may have been done."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last_headers: Mapping[str, str] = {}  # its errors have none
        self.session.hooks["response"].append(self._remember)

    def http_request(self, *args: Any, **kwargs: Any) -> Any:
        return super().http_request(*args, **kwargs | {"obey_rate_limit": False})

    def _remember(self, response: Any, **_: object) -> None:
        self.last_headers = response.headers


class GitLab:
    """The notes of a merge request."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._is_job = place.variable == "CI_JOB_TOKEN"
        self._client = _Client(
            place.api,
            **{"job_token" if self._is_job else "private_token": place.credentials()},
            user_agent="migsafe",
            timeout=TIMEOUT,
            per_page=100,
            keep_base_url=True,  # or links to further pages would take the token to whatever host they name
        )

    def notes(self) -> Iterator[Note]:
        with self._translated():
            for note in self._request.notes.list(iterator=True, sort="asc"):
                if not note.system:
                    yield self._note(note)

    def create(self, body: str) -> Note:
        try:
            with self._translated():
                return self._note(self._request.notes.create({"body": body}))
        except MayOnlyRead:
            if self._request.discussion_locked:
                raise ForgeError(f"the discussion of {self._place.request} is locked for all but members") from None
            raise

    def edit(self, note: Note, body: str) -> None:
        with self._translated(is_note=True):
            self._request.notes.update(note.id, {"body": body})

    def delete(self, note: Note) -> None:
        with self._translated(is_note=True):
            self._request.notes.delete(note.id)

    def annotate(self, check: Check) -> None:
        """Nothing: GitLab shows the Code Quality report of ``migsafe lint --format gitlab`` beside the lines."""

    def close(self) -> None:
        self._client.session.close()

    @cached_property
    def _request(self) -> ProjectMergeRequest:
        project = self._client.projects.get(self._place.repository or "", lazy=True)
        return project.mergerequests.get(self._place.number or 0)

    @cached_property
    def _me(self) -> int:
        """Number of the account that the token belongs to; of a job's, whoever has started the job."""
        answer: Any = self._client.http_get("/job" if self._is_job else "/user")
        return int((answer["user"] if self._is_job else answer)["id"])

    def _note(self, note: Any) -> Note:
        return Note(note.id, note.body, note.author["id"] == self._me, f"{self._request.web_url}#note_{note.id}")

    @contextmanager
    def _translated(self, *, is_note: bool = False) -> Iterator[None]:
        """Turn what the client raises into what we say, which never has the token in it."""
        with unreachable(self._place):
            try:
                yield
            except gitlab.GitlabError as error:
                if error.response_code is None:  # the client does not understand the answer
                    raise
                if is_note and error.response_code == 404:
                    raise Gone from None
                raise self._refusal(error) from None

    def _refusal(self, error: gitlab.GitlabError) -> ForgeError:
        words = said(self._place, error.error_message)
        status = error.response_code
        assert status is not None
        if status == 429:
            return Busy(f"GitLab's rate limit is reached: {words}", wait=_told(self._client.last_headers))
        if status >= 500:
            return Busy(f"GitLab answers with {status}: {words}")
        if status == 401:
            return ForgeError(f"GitLab does not accept the token in {self._place.variable}: {words}", self._token())
        if status == 403:
            return MayOnlyRead(f"the token may not write to {self._place.request}: {words}", self._token())
        if status == 404:
            return ForgeError(f"there is no {self._place.request}, or the token may not see it", self._token())
        return ForgeError(f"GitLab does not take it ({status}): {words}")

    def _token(self) -> str:
        why = "Job tokens may not comment. " if self._is_job else ""
        fork = " Pipelines of forks do not get it." if self._place.is_fork else ""
        return f"{why}Set GITLAB_TOKEN to a project access token with the scope api.{fork}"


def _told(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait for.

    Source: https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
    """
    if (after := seconds(headers.get("Retry-After"))) is not None:
        return after
    reset = seconds(headers.get("RateLimit-Reset"))
    return None if reset is None else max(reset - time.time(), 0) + 1
