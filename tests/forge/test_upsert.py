"""One comment, through the real clients, on servers that behave like both APIs."""

import threading
from collections.abc import Callable

import pytest

from migsafe.errors import ForgeError
from migsafe.forge import Conversation
from migsafe.forge.patience import TRIES, keep_trying
from migsafe.forge.upsert import Outcome, remove, upsert
from tests.forge.hosts import OURS, THEIRS, Host, Request

MARKER = "<!-- migsafe:shop -->"
OTHER = "<!-- migsafe:blog -->"
TEXT = f"{MARKER}\n### Two migrations lock `orders_order`\n"
WRITES = "POST .*(comments|notes)|PATCH|PUT|DELETE"

Connect = Callable[..., Conversation]


def is_ours(body: str) -> bool:
    return body.startswith(MARKER)


def post(conversation: Conversation, text: str = TEXT) -> Outcome:
    return keep_trying(lambda: upsert(conversation, is_ours, text))


def test_the_first_run_creates_it(host: Host, conversation: Connect) -> None:
    outcome = post(conversation(host))
    assert (outcome.what, host.bodies) == ("created", [TEXT])
    assert outcome.url is not None
    assert outcome.url.startswith(host.address)
    assert outcome.url.endswith(str(host.comments[0]["id"]))


def test_it_is_found_over_all_pages_and_updated(host: Host, conversation: Connect) -> None:
    host.most = 2
    for number in range(5):
        host.say(f"comment {number}", THEIRS)
    host.say(f"{MARKER}\nas it was")
    host.say("after it", THEIRS)
    assert post(conversation(host)).what == "updated"
    assert host.bodies.count(TEXT) == 1
    assert len(host.comments) == 7


def test_it_is_only_updated_if_it_changes(host: Host, conversation: Connect) -> None:
    host.say(TEXT.replace("\n", "\r\n").rstrip())  # as a host may give it back
    assert post(conversation(host)).what == "unchanged"
    assert host.called(WRITES) == 0


def test_what_people_have_done_to_it_can_be_kept(host: Host, conversation: Connect) -> None:
    def with_tick(text: str, before: str) -> str:
        return text.replace("[ ]", "[x]") if "[x]" in before else text

    host.say(f"{TEXT}- [x] deploy 1 is live")
    outcome = upsert(conversation(host), is_ours, f"{TEXT}- [ ] deploy 1 is live", with_tick)
    assert outcome.what == "unchanged"
    assert host.called(WRITES) == 0


def test_projects_of_a_repository_have_a_comment_each(host: Host, conversation: Connect) -> None:
    host.say(f"{OTHER}\nthe blog is fine")
    assert post(conversation(host)).what == "created"
    assert host.bodies == [f"{OTHER}\nthe blog is fine", TEXT]


def test_who_quotes_or_pastes_it_keeps_what_they_wrote(host: Host, conversation: Connect) -> None:
    quoted = f"> {MARKER}\n> as it was\n\nwhy?"
    pasted = f"{MARKER}\nI say it is fine"
    host.say(quoted)  # even by us
    host.say(pasted, THEIRS)
    assert post(conversation(host)).what == "created"
    assert host.bodies == [quoted, pasted, TEXT]


def test_of_several_the_oldest_stays(host: Host, conversation: Connect) -> None:
    oldest = host.say(f"{MARKER}\nold")["id"]
    host.say(TEXT)
    host.say(f"{MARKER}\nolder than it looks")
    assert post(conversation(host)).what == "updated"
    assert [(one["id"], one["body"]) for one in host.comments] == [(oldest, TEXT)]


def test_all_are_removed(host: Host, conversation: Connect) -> None:
    host.say(TEXT)
    host.say("looks good", THEIRS)
    host.say(TEXT)
    assert remove(conversation(host), is_ours).what == "deleted"
    assert host.bodies == ["looks good"]


def test_jobs_that_race_end_with_one(host: Host, conversation: Connect) -> None:
    """Three jobs that all find none, and only then write."""
    jobs = 3
    together = threading.Barrier(jobs)
    looked: set[int] = set()

    def before(request: Request) -> None:
        if request.method == "POST" and request.path.endswith(("comments", "notes")):
            looked.add(threading.get_ident())
            together.wait(timeout=10)

    host.before = before
    texts = [f"{TEXT}job {number}" for number in range(jobs)]
    conversations = [conversation(host) for _ in texts]
    outcomes: list[Outcome] = []

    def run(number: int) -> None:
        outcomes.append(post(conversations[number], texts[number]))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looked) == len(outcomes) == jobs
    assert len(host.comments) == 1
    assert host.bodies[0] in texts


def test_a_comment_that_is_deleted_meanwhile_is_written_anew(host: Host, conversation: Connect) -> None:
    host.say(f"{MARKER}\nold")

    def before(request: Request) -> None:
        if request.method in ("PATCH", "PUT"):
            host.comments.clear()

    host.before = before
    assert post(conversation(host)).what == "created"
    assert host.bodies == [TEXT]


def test_a_comment_that_came_about_in_spite_of_an_error_is_not_written_twice(
    host: Host, conversation: Connect, naps: list[float]
) -> None:
    host.trouble("POST .*(comments|notes)", 502, "<html>Bad Gateway</html>", done=True)
    assert post(conversation(host)).what == "unchanged"
    assert host.bodies == [TEXT]
    assert naps == [1.0]


def test_a_list_that_is_late_makes_no_second_one(host: Host, conversation: Connect) -> None:
    """After creating, what was created counts, whether the list has it or not."""
    connected = conversation(host)
    made = connected.create(TEXT)

    class Late:
        def notes(self) -> list[object]:
            return []

        def create(self, body: str) -> object:
            assert body == TEXT
            return made

    assert upsert(Late(), is_ours, TEXT) == Outcome("created", made.url)  # type: ignore[arg-type]  # all it needs


@pytest.mark.parametrize("status", [500, 502, 503])
def test_errors_of_the_server_are_tried_again(
    host: Host, conversation: Connect, naps: list[float], status: int
) -> None:
    host.trouble("GET .*(comments|notes)", status, "<html>Unicorn!</html>", times=2)
    assert post(conversation(host)).what == "created"
    assert naps == [1.0, 2.0]


def test_but_not_for_ever(host: Host, conversation: Connect, naps: list[float]) -> None:
    host.trouble("", 503, "<html>Unicorn!</html>", times=99)
    with pytest.raises(ForgeError, match=rf"answers with 503: a page of HTML \(tried {TRIES} times\)$"):
        post(conversation(host))
    assert naps == [1.0, 2.0, 4.0, 8.0]


def test_a_network_that_is_down(host: Host, conversation: Connect, naps: list[float]) -> None:
    with pytest.raises(ForgeError, match=r"^127\.0\.0\.1:1 cannot be reached: Connection refused \(tried"):
        post(conversation(host, api="http://127.0.0.1:1"))
    assert len(naps) == TRIES - 1


def test_something_else_that_answers(host: Host, conversation: Connect, naps: list[float]) -> None:
    host.trouble("", 200, "<html>Log in to the guest network</html>", times=99)
    with pytest.raises(ForgeError, match=r"^127\.0\.0\.1:\d+ does not answer as Git(Hub|Lab) does"):
        post(conversation(host))
    assert naps == []


def test_a_token_that_nobody_knows(host: Host, conversation: Connect) -> None:
    with pytest.raises(ForgeError, match=r"does not accept the token in \w+_TOKEN: (Bad credentials|401 Unauthorized)"):
        post(conversation(host, token="gh_wr0ng"))


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "naïve"])
def test_what_cannot_be_a_token_is_not_sent(host: Host, token: str, conversation: Connect) -> None:
    with pytest.raises(ForgeError, match="_TOKEN is no token") as raised:
        conversation(host, token=token)
    assert token not in str(raised.value)
    assert host.requests == []


def test_without_a_token(host: Host, conversation: Connect) -> None:
    with pytest.raises(ForgeError, match="there is no token for Git"):
        conversation(host, token=None)


def test_a_request_that_is_not_there(host: Host, conversation: Connect) -> None:
    with pytest.raises(ForgeError, match=r"there is no (pull|merge) request 6 of shop/backend, or"):
        post(conversation(host, number=6))


def test_a_conversation_that_is_locked(host: Host, conversation: Connect) -> None:
    host.locked = True
    with pytest.raises(ForgeError, match=r"is locked") as raised:
        post(conversation(host))
    assert "request 5 of shop/backend" in raised.value.message


def test_a_text_that_is_too_long(host: Host, conversation: Connect) -> None:
    with pytest.raises(ForgeError, match=r"does not take it \(4\d\d\): .*too long \(maximum is \d+ characters"):
        post(conversation(host), TEXT + "x" * 1_000_000)
    assert host.comments == []


def test_no_error_has_the_token_in_it(host: Host, conversation: Connect) -> None:
    """Whatever a host repeats of what it was sent."""
    host.trouble("", 418, f"what is 'Authorization: token {OURS}'?")
    with pytest.raises(ForgeError, match=r"\(418\): what is 'Authorization: token \*\*\*'\?") as raised:
        post(conversation(host))
    told: BaseException | None = raised.value
    while told is not None:
        assert OURS not in repr(told)
        told = None if told.__suppress_context__ else told.__context__
    assert OURS not in repr(host.place())
