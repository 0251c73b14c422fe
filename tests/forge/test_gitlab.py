import time
from collections.abc import Callable

import pytest

from migsafe.errors import ForgeError
from migsafe.forge import Check, Conversation
from migsafe.forge.patience import keep_trying
from migsafe.forge.refusals import MayOnlyRead
from migsafe.forge.upsert import Outcome, upsert
from tests.forge.hosts import OURS, GitLab

MARKER = "<!-- migsafe -->"
TEXT = f"{MARKER}\nfine\n"

Connect = Callable[..., Conversation]


def is_ours(body: str) -> bool:
    return body.startswith(MARKER)


def post(conversation: Conversation) -> Outcome:
    return keep_trying(lambda: upsert(conversation, is_ours, TEXT))


def test_rate_limits_are_waited_for_as_told(gitlab: GitLab, conversation: Connect, naps: list[float]) -> None:
    words = "This endpoint has been requested too many times. Try again later."
    gitlab.trouble("POST .*/notes", 429, words, {"Retry-After": "17"})
    gitlab.trouble("GET .*/notes", 429, words, {"RateLimit-Reset": str(int(time.time()) + 30)})
    gitlab.trouble("GET .*/notes", 429, words)
    assert post(conversation(gitlab)).what == "created"
    assert naps == [pytest.approx(30, abs=3), 2.0, 17.0]
    assert gitlab.bodies == [TEXT]


def test_but_no_longer_than_a_job_can(gitlab: GitLab, conversation: Connect, naps: list[float]) -> None:
    gitlab.trouble("", 429, "Retry later", {"Retry-After": "3600"}, times=99)
    with pytest.raises(ForgeError, match="GitLab's rate limit is reached: Retry later, for 3600 s more: too long"):
        post(conversation(gitlab))
    assert naps == []


def test_a_job_token_may_not_comment(gitlab: GitLab, conversation: Connect) -> None:
    gitlab.jobs.add("job-t0ken")
    with pytest.raises(ForgeError, match="does not accept the token in CI_JOB_TOKEN: 401 Unauthorized") as raised:
        post(conversation(gitlab, variable="CI_JOB_TOKEN", token="job-t0ken"))
    assert (raised.value.hint or "").startswith("Job tokens may not comment. Set GITLAB_TOKEN")
    assert gitlab.requests[-1].headers["job-token"] == "job-t0ken"
    assert "private-token" not in gitlab.requests[-1].headers


def test_a_token_that_may_only_read(gitlab: GitLab, conversation: Connect) -> None:
    gitlab.readers.add(OURS)
    with pytest.raises(MayOnlyRead, match="the token may not write to merge request 5 of shop/backend: 403 Forbidden"):
        post(conversation(gitlab))


def test_notes_of_the_system_are_nobodys(gitlab: GitLab, conversation: Connect) -> None:
    gitlab.say(f"{MARKER}\nold")["system"] = True
    assert post(conversation(gitlab)).what == "created"


def test_pages_come_from_the_host_that_was_named(gitlab: GitLab, conversation: Connect) -> None:
    """A server that believes to be elsewhere does not get the token sent there."""
    gitlab.most = 1
    gitlab.say("first")
    gitlab.say(TEXT)
    address, gitlab.address = gitlab.address, "http://gitlab.internal.invalid/other"
    place = gitlab.place(api=f"{address}{gitlab.prefix}")
    assert post(conversation(gitlab, api=place.api)).what == "unchanged"


def test_annotations_are_not_for_comments(gitlab: GitLab, conversation: Connect) -> None:
    conversation(gitlab).annotate(Check("migsafe", "1 error", TEXT, []))
    assert gitlab.requests == []
