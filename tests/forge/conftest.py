import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from migsafe.forge import Conversation, connect
from tests.forge.hosts import GitHub, GitLab, Host, serving


@pytest.fixture
def github() -> Iterator[GitHub]:
    host = GitHub()
    with serving(host):
        yield host


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    host = GitLab()
    with serving(host):
        yield host


@pytest.fixture(params=["github", "gitlab"])
def host(request: pytest.FixtureRequest) -> Host:
    served: Host = request.getfixturevalue(request.param)
    return served


@pytest.fixture
def conversation() -> Iterator[Callable[..., Conversation]]:
    """Connects to a place on a host, with changes of the place."""
    with ExitStack() as stack:
        yield lambda host, **changes: stack.enter_context(closing(connect(host.place(**changes))))


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that would have been waited for."""
    taken: list[float] = []
    monkeypatch.setattr(time, "sleep", taken.append)
    return taken
