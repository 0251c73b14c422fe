import re
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from migsafe.errors import ForgeError
from migsafe.forge import Annotation, Check, Conversation
from migsafe.forge.environment import Head
from migsafe.forge.github import changed_lines
from migsafe.forge.patience import keep_trying
from migsafe.forge.refusals import MayOnlyRead
from migsafe.forge.upsert import Outcome, upsert
from tests.forge.hosts import OURS, SHA, GitHub, account

MARKER = "<!-- migsafe -->"
TEXT = f"{MARKER}\nfine\n"

Connect = Callable[..., Conversation]


def is_ours(body: str) -> bool:
    return body.startswith(MARKER)


def post(conversation: Conversation) -> Outcome:
    return keep_trying(lambda: upsert(conversation, is_ours, TEXT))


def test_a_secondary_rate_limit_is_waited_for_as_told(github: GitHub, conversation: Connect, naps: list[float]) -> None:
    words = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    github.trouble("POST .*/comments", 403, words, {"Retry-After": "17"})
    github.trouble("POST .*/comments", 429, words)
    assert post(conversation(github)).what == "created"
    assert naps == [17.0, 60.0]
    assert github.bodies == [TEXT]


def test_a_primary_rate_limit_is_waited_for_until_its_reset(
    github: GitHub, conversation: Connect, naps: list[float]
) -> None:
    reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 120)}
    github.trouble("GET .*/comments", 403, "API rate limit exceeded for installation ID 1.", reset)
    assert post(conversation(github)).what == "created"
    assert naps == [pytest.approx(120, abs=3)]


def test_but_no_longer_than_a_job_can(github: GitHub, conversation: Connect, naps: list[float]) -> None:
    reset = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 3000)}
    github.trouble("", 403, "API rate limit exceeded for user ID 1.", reset, times=99)
    with pytest.raises(ForgeError, match=r"rate limit is reached: API rate .*, for \d{4} s more: too long to wait$"):
        post(conversation(github))
    assert naps == []


def test_a_fork_gets_a_token_that_may_only_read(github: GitHub, conversation: Connect) -> None:
    github.readers.add(OURS)
    with pytest.raises(MayOnlyRead, match="Resource not accessible by integration") as raised:
        post(conversation(github, is_fork=True))
    assert "docs/comment.md#forks" in (raised.value.hint or "")
    with pytest.raises(MayOnlyRead) as raised:
        post(conversation(github))
    assert "pull-requests: write" in (raised.value.hint or "")


def test_where_nobody_says_who_we_are_a_bot_is_us(github: GitHub, conversation: Connect) -> None:
    github.trouble("graphql", 403, "Resource not accessible by integration")
    github.say(f"{MARKER}\nold")
    github.comments[0]["user"] = github.accounts[OURS]
    github.accounts["human"] = account(3, "pastes")
    github.say(TEXT, "human")
    assert post(conversation(github)).what == "updated"
    assert github.bodies == [TEXT, TEXT]
    assert not github.called("DELETE")


def test_a_comment_of_an_account_that_is_gone_is_not_ours(github: GitHub, conversation: Connect) -> None:
    github.say(f"{MARKER}\nold")["user"] = None
    assert post(conversation(github)).what == "created"


def test_the_pull_request_is_found_by_its_head(github: GitHub, conversation: Connect) -> None:
    """After workflow_run, which says nothing of pull requests from forks."""
    github.pulls[4] = github.pull(4, "somebody:topic", SHA)
    head = Head("fork-owner:topic", SHA)
    assert post(conversation(github, number=None, head=head)).what == "created"
    assert github.called("POST .*/issues/5/comments") == 1


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (Head("fork-owner:topic", "b" * 40), "pull request 5 has later commits than bbbbbbbbbbbb"),
        (Head("fork-owner:other", SHA), "no open pull request is from fork-owner:other"),
        (Head("twice:topic", SHA), "pull requests 7, 8 are all from twice:topic"),
    ],
)
def test_or_it_is_said_why_not(github: GitHub, conversation: Connect, head: Head, words: str) -> None:
    github.pulls |= {number: github.pull(number, "twice:topic", SHA) for number in (8, 7)}
    with pytest.raises(ForgeError, match=f"^{words}$"):
        post(conversation(github, number=None, head=head))
    assert github.comments == []


def test_an_unchanged_answer_is_not_sent_again(github: GitHub, conversation: Connect) -> None:
    """The stand-in has etags, as GitHub has: a client that asks with one gets no body, and keeps what it has."""
    github.say(TEXT)
    connected = conversation(github)
    assert post(connected).what == "unchanged"
    comment = next(iter(connected._pull.get_issue_comments()))  # type: ignore[attr-defined]  # as the client has it
    comment.update()
    assert comment.update() is False
    assert comment.body == TEXT


# Annotations

PATCH = """@@ -1,3 +1,4 @@
 one
+two
 three
-four
+four!
\\ No newline at end of file
@@ -20,2 +21,3 @@ class Migration
 x
+y
 z"""


def test_lines_that_a_patch_adds() -> None:
    assert changed_lines(PATCH) == [2, 4, 22]
    assert changed_lines("") == []
    assert changed_lines(None) is None


def check(*lines: int | None, path: str = "shop/0042.py") -> Check:
    one = Annotation(path, None, "failure", "MS201 index", "Building idx holds SHARE")
    return Check("migsafe", "1 error", TEXT, [one._replace(line=line) for line in lines])


def test_annotations_are_beside_changed_lines_only(github: GitHub, conversation: Connect) -> None:
    github.files = [{"filename": "shop/0042.py", "patch": PATCH}, {"filename": "big.py", "sha": "x"}]
    connected = conversation(github, sha="b" * 40, run="https://github.com/shop/backend/actions/runs/1")
    connected.annotate(check(1, 2, 22, None))
    connected.annotate(check(7, path="big.py"))
    connected.annotate(check(7, path="elsewhere.py"))
    first, second = github.checks
    assert [one["start_line"] for one in first["annotations"]] == [2, 22, 2]
    assert [one["path"] for one in second["annotations"]] == ["big.py"]
    assert first["head_sha"] == "b" * 40
    assert first["details_url"] == "https://github.com/shop/backend/actions/runs/1"
    assert (first["status"], first["conclusion"]) == ("completed", "neutral")


def test_annotations_go_in_batches(github: GitHub, conversation: Connect) -> None:
    patch = "@@ -0,0 +1,120 @@\n" + "+x\n" * 120
    github.files = [{"filename": "shop/0042.py", "patch": patch}]
    conversation(github).annotate(check(*range(1, 121)))
    assert [one["start_line"] for one in github.checks[0]["annotations"]] == list(range(1, 121))
    assert (github.called("POST .*check-runs"), github.called("PATCH .*check-runs")) == (1, 2)
    assert github.checks[0]["head_sha"] == SHA


def test_a_token_that_may_make_no_check_run(github: GitHub, conversation: Connect) -> None:
    github.no_checks = True
    github.files = [{"filename": "shop/0042.py", "patch": PATCH}]
    with pytest.raises(MayOnlyRead):
        conversation(github).annotate(check(2))


def test_places_say_what_they_are(github: GitHub) -> None:
    place = github.place()
    assert place.request == "pull request 5 of shop/backend"
    assert re.fullmatch(r"127\.0\.0\.1:\d+", place.host)
    assert replace(place, api="https://me:secret@github.example.com/api/v3").host == "github.example.com"
