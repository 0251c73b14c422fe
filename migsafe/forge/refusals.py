"""What a code host may answer instead of doing what it was asked for."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from migsafe.errors import ForgeError
from migsafe.forge.environment import Place

LONGEST = 300
"""Characters of a host's words that are repeated."""


class Busy(ForgeError):
    """It may succeed when it is tried again.

    Args:
        wait: Seconds after which, if the host has said so.
    """

    def __init__(self, message: str, hint: str | None = None, *, wait: float | None = None) -> None:
        super().__init__(message, hint)
        self.wait = wait


class Gone(Busy):
    """Somebody else has deleted the comment in between."""

    def __init__(self) -> None:
        super().__init__("the comment was deleted meanwhile", wait=0)


class MayOnlyRead(ForgeError):
    """The token does not allow to write that."""


def said(place: Place, words: object) -> str:
    """What a host has said, on one line, and without the token."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    if re.match(r"\s*<", text):
        return "a page of HTML"
    text = " ".join(text.split()).removesuffix(".")
    return place.hidden(text if len(text) <= LONGEST else f"{text[:LONGEST]} …")


@contextmanager
def unreachable(place: Place) -> Iterator[None]:
    """Say what has come between, where the client passes on what the network or an answer of something else raises."""
    try:
        yield
    except ForgeError:
        raise
    except OSError as error:  # requests' errors are such
        raise Busy(f"{place.host} cannot be reached: {said(place, _reason(error))}") from None
    except Exception as error:  # noqa: BLE001, clients raise anything when an answer is not the API's
        raise ForgeError(
            f"{place.host} does not answer as {place.name} does ({type(error).__name__}: {said(place, error)})",
            f"Is {place.api} the address of its API?",
        ) from None


def _reason(error: BaseException) -> str:
    """The innermost reason: clients wrap it several times, with addresses of objects."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def seconds(header: str | None) -> float | None:
    """A header's seconds; None if it is not there, or no number (``Retry-After`` may be a date)."""
    return float(header) if header and re.fullmatch(r"\d{1,11}(\.\d+)?", header.strip()) else None
