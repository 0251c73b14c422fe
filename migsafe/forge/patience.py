"""Trying again, as often and as late as the host says, and no longer than a job can wait."""

import time
from collections.abc import Callable
from typing import TypeVar

from migsafe.errors import ForgeError
from migsafe.forge.refusals import Busy

T = TypeVar("T")

TRIES = 5

LONGEST = 300.0
"""Seconds to wait for in all."""


def keep_trying(attempt: Callable[[], T], tell: Callable[[str], None] = lambda _: None) -> T:
    """Do something that can be done again from its beginning, until it succeeds.

    Args:
        tell: Called before each wait, with what is waited for and how long.

    Raises:
        ForgeError: It is refused, or the host is busy for too long.
    """
    left = LONGEST
    for number in range(1, TRIES + 1):
        try:
            return attempt()
        except Busy as busy:
            wait = 2.0 ** (number - 1) if busy.wait is None else busy.wait
            if number == TRIES:
                raise ForgeError(f"{busy.message} (tried {TRIES} times)", busy.hint) from None
            if wait > left:
                raise ForgeError(f"{busy.message}, for {wait:.0f} s more: too long to wait", busy.hint) from None
            if wait:
                tell(f"{busy.message}: waiting for {wait:.0f} s")
                time.sleep(wait)
                left -= wait
    raise AssertionError
