"""Code hosts: one comment on a pull or merge request, and annotations beside its lines.

A module for each (`github`, `gitlab`) knows its client library, and turns what that raises into our errors; the rest
knows neither.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from migsafe.errors import ForgeError

if TYPE_CHECKING:
    from migsafe.forge.environment import Place

Level = Literal["failure", "warning", "notice"]
"""Of an annotation, as GitHub calls them."""


class Note(NamedTuple):
    """A comment, as it is there now.

    Attributes:
        id: The host's; later comments have higher ones.
        body: Its Markdown, as it was sent.
        is_own: Whether its author is whom the token belongs to.
        url: For people.
    """

    id: int
    body: str
    is_own: bool
    url: str


class Annotation(NamedTuple):
    """Words beside a line.

    Attributes:
        path: From the root of the repository.
        line: 1-based; None for the file as a whole.
        title: One line.
        message: Plain text.
    """

    path: str
    line: int | None
    level: Level
    title: str
    message: str


class Check(NamedTuple):
    """A check run of GitHub.

    Attributes:
        name: Of two with the same name on a commit, the later one is shown.
        title: What came out, in a few words.
        text: Markdown.
        annotations: The most important first.
    """

    name: str
    title: str
    text: str
    annotations: Sequence[Annotation]


class Conversation(Protocol):
    """The comments of one pull or merge request.

    All methods raise `ForgeError`, and of its kinds `refusals.Busy` for what may succeed when it is tried again.
    """

    def notes(self) -> Iterable[Note]:
        """All comments, over all pages."""

    def create(self, body: str) -> Note:
        """Write a comment."""

    def edit(self, note: Note, body: str) -> None:
        """Replace the text of a comment; `refusals.Gone` if it is not there any more."""

    def delete(self, note: Note) -> None:
        """Delete a comment; `refusals.Gone` as in `edit`."""

    def annotate(self, check: Check) -> None:
        """Show annotations on lines that the request changes, where the host has such."""

    def close(self) -> None:
        """Close the connection."""


def connect(place: "Place") -> Conversation:
    """The conversation at a place; nothing is sent yet.

    Raises:
        ForgeError: The client library is not installed, or it is not known where to go, or as whom.
    """
    if not re.match(r"https?://([^/\s[\]]+|\[[\da-fA-F:.]+\](:\d+)?)(/\S*)?$", place.api):
        raise ForgeError(f"{place.hidden(place.api)} is no address of an API of {place.name}")
    if place.repository is None:
        raise ForgeError(f"it is not known which repository of {place.name} it is", "Say it with --repository.")
    if place.number is None and place.head is None:
        raise ForgeError(f"this job is not of a {place.request}", "If it is, say its number with --number.")
    try:
        if place.forge == "github":
            from migsafe.forge.github import GitHub

            return GitHub(place)
        from migsafe.forge.gitlab import GitLab

        return GitLab(place)
    except ModuleNotFoundError as error:
        extra = f"django-migsafe[{place.forge}]"
        raise ForgeError(f"{error.name} is not installed", f"pip install '{extra}'") from error
