"""GitHub, github.com or Enterprise, through PyGithub.

Its own retries and pauses are off: they wait without a limit, repeat what may have been done, and take the question who
we are for something that is written.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from github import Auth, Github
from github.GithubException import GithubException
from github.GithubObject import NotSet
from github.IssueComment import IssueComment
from github.PullRequest import PullRequest
from github.Repository import Repository
from github.Requester import Requester

from migsafe.errors import ForgeError
from migsafe.forge import Annotation, Check, Note
from migsafe.forge.environment import Head, Place
from migsafe.forge.refusals import Busy, Gone, MayOnlyRead, said, seconds, unreachable

TIMEOUT = 15
"""Seconds for an answer."""

A_MINUTE = 60.0
"""What GitHub asks to wait for at least after a secondary rate limit without a ``Retry-After``."""

BATCH = 50
"""Annotations that a request may have."""

MOST = 500
"""Annotations of a check run: whoever has more reads the report."""

SET_UP = "https://github.com/migsafe/django-migsafe/blob/main/docs/comment.md#forks"

READ_ONLY = "Resource not accessible by"
"""… integration, … personal access token."""


class GitHub:
    """The comments of a pull request, and a check run on its head."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._client = Github(
            auth=Auth.Token(place.credentials()),
            base_url=place.api,
            user_agent="migsafe",
            timeout=TIMEOUT,
            per_page=100,
            retry=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            lazy=True,
        )

    def notes(self) -> Iterator[Note]:
        with self._translated():
            for comment in self._pull.get_issue_comments():
                yield self._note(comment)

    def create(self, body: str) -> Note:
        with self._translated():
            return self._note(self._pull.create_issue_comment(body))

    def edit(self, note: Note, body: str) -> None:
        with self._translated(is_note=True):
            self._pull.get_issue_comment(note.id).edit(body)

    def delete(self, note: Note) -> None:
        with self._translated(is_note=True):
            self._pull.get_issue_comment(note.id).delete()

    def annotate(self, check: Check) -> None:
        """Show annotations on lines that the pull request changes; as a new run, which is shown in place of an older.

        It does not say that the check has failed: that is for the job that has looked to say.
        """
        with self._translated():
            lines = {file.filename: changed_lines(file.patch) for file in self._pull.get_files()}
            shown = [_api(one, line) for one in check.annotations if (line := _shown_at(one, lines)) is not None]
            if not shown:
                return
            output: dict[str, Any] = {"title": check.title, "summary": check.text}
            first, *rest = (shown[at : at + BATCH] for at in range(0, min(len(shown), MOST), BATCH))
            run = self._repository.create_check_run(
                check.name,
                self._place.sha or self._pull.head.sha,
                status="completed",
                conclusion="neutral",
                output=output | {"annotations": first},
                details_url=self._place.run or NotSet,
            )
            for batch in rest:
                run.edit(output=output | {"annotations": batch})

    def close(self) -> None:
        self._client.close()

    @cached_property
    def _repository(self) -> Repository:
        return self._client.get_repo(self._place.repository or "")

    @cached_property
    def _pull(self) -> PullRequest:
        number = self._place.number
        if number is None:
            assert self._place.head is not None
            number = self._number(self._place.head)
        return self._repository.get_pull(number)

    def _number(self, head: Head) -> int:
        """Of the pull request whose head that is: what has run for a fork says nothing of it that could be trusted."""
        found = list(self._repository.get_pulls(state="open", head=head.label))
        numbers = [one.number for one in found if one.head.sha == head.sha]
        if not numbers and found:
            raise ForgeError(f"pull request {found[0].number} has later commits than {head.sha[:12]}")
        if not numbers:
            raise ForgeError(f"no open pull request is from {head.label}")
        if len(numbers) > 1:
            listed = ", ".join(map(str, sorted(numbers)))
            raise ForgeError(f"pull requests {listed} are all from {head.label}", "Say one with --number.")
        return numbers[0]

    def _note(self, comment: IssueComment) -> Note:
        author = comment.user  # None once the account is deleted
        own = author is not None and (author.type == "Bot" if self._me is None else author.id == self._me)
        return Note(comment.id, comment.body or "", own, comment.html_url)

    @cached_property
    def _me(self) -> int | None:
        """Number of the account that the token belongs to: apps may not ask ``/user``, but GraphQL.

        None if even that is refused: then a bot's comment counts, since no other bot begins with what ours begins with.
        Who may write may edit anybody's, so GitHub would not stop us.
        """
        try:
            _, answer = self._client.requester.graphql_query("query { viewer { databaseId } }", {})
            return int(answer["data"]["viewer"]["databaseId"])
        except GithubException as error:
            if error.status in (400, 403, 404) and not _is_limit(error):
                return None
            raise

    @contextmanager
    def _translated(self, *, is_note: bool = False) -> Iterator[None]:
        """Turn what the client raises into what we say, which never has the token in it."""
        with unreachable(self._place):
            try:
                yield
            except GithubException as error:
                if is_note and error.status in (404, 410):
                    raise Gone from None
                raise self._refusal(error) from None

    def _refusal(self, error: GithubException) -> ForgeError:
        words = said(self._place, _message(error))
        if _is_limit(error):
            return Busy(f"GitHub's rate limit is reached: {words}", wait=_told(error.headers or {}))
        if error.status >= 500:
            return Busy(f"GitHub answers with {error.status}: {words}")
        if error.status == 401:
            hint = "It may have expired. In GitHub Actions, pass on ${{ github.token }}."
            return ForgeError(f"GitHub does not accept the token in {self._place.variable}: {words}", hint)
        if error.status in (403, 423) and "locked" in words:
            return ForgeError(f"the conversation of {self._place.request} is locked: {words}")
        if error.status == 403:
            if READ_ONLY in words:
                return MayOnlyRead(f"the token may not write to {self._place.request}: {words}", self._permissions())
            return ForgeError(f"GitHub refuses: {words}", self._permissions())
        if error.status in (404, 410):
            return ForgeError(f"there is no {self._place.request}, or the token may not see it", self._permissions())
        return ForgeError(f"GitHub does not take it ({error.status}): {words}")

    def _permissions(self) -> str:
        if self._place.is_fork:
            return f"Pull requests of forks get a token that may only read. A second workflow may comment: {SET_UP}"
        return "The job needs permissions: pull-requests: write, and checks: write for annotations."


def _is_limit(error: GithubException) -> bool:
    told = "retry-after" in (error.headers or {})
    return error.status == 429 or (error.status == 403 and (told or Requester.isRateLimitError(_message(error))))


def _message(error: GithubException) -> str:
    """What GitHub says, with the details of a 422; the client puts what is no JSON under ``data``."""
    if not isinstance(error.data, dict):
        return str(error.data or error.status)
    details = error.data.get("errors")
    told = [one.get("message") for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    words = error.data.get("message") or error.data.get("data") or error.status
    return ": ".join(map(str, filter(None, (words, *told))))


def _told(headers: Mapping[str, str]) -> float:
    """Seconds to wait for.

    Source: https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
    """
    if (after := seconds(headers.get("retry-after"))) is not None:
        return after
    reset = seconds(headers.get("x-ratelimit-reset"))
    if headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        return max(reset - time.time(), 0) + 1  # it is not said when in that second
    return A_MINUTE


def changed_lines(patch: str | None) -> list[int] | None:
    """Lines that a patch adds, as they are numbered after it; None if GitHub has no patch, since it is too large."""
    if patch is None:
        return None
    lines = []
    number = 0
    for line in patch.splitlines():
        if hunk := re.match(r"@@ -\S+ \+(\d+)", line):
            number = int(hunk[1])
        elif line.startswith("+"):
            lines.append(number)
            number += 1
        elif not line.startswith(("-", "\\")):
            number += 1
    return lines


def _shown_at(annotation: Annotation, changed: Mapping[str, list[int] | None]) -> int | None:
    """The line beside which it is shown; None if the pull request has not changed it."""
    if annotation.path not in changed:
        return None
    lines = changed[annotation.path]
    if lines is None:
        return annotation.line or 1
    if annotation.line is None:
        return min(lines, default=None)
    return annotation.line if annotation.line in lines else None


def _api(annotation: Annotation, line: int) -> dict[str, str | int]:
    return {
        "path": annotation.path,
        "start_line": line,
        "end_line": line,
        "annotation_level": annotation.level,
        "title": annotation.title[:255],
        "message": annotation.message[:64_000],
    }
