"""One comment, whoever else is at it.

Ours are those that look like it and have been written by whom the token belongs to: somebody may paste the source of
one. Jobs that run at the same time may each find none and write one. So who has written one looks again: the oldest
stays, and gets the text, and the others go. The last of the jobs to write has all of them before it, so what it leaves
is one; if the host's list is late, the next run tidies up.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Literal, NamedTuple

from migsafe.forge import Conversation, Note
from migsafe.forge.refusals import Gone

Ours = Callable[[str], bool]


class Outcome(NamedTuple):
    """What has become of the comment.

    Attributes:
        what: ``deleted`` also where there was none.
        url: For people; None if there is none.
    """

    what: Literal["created", "updated", "unchanged", "deleted"]
    url: str | None = None


def upsert(
    conversation: Conversation, is_ours: Ours, text: str, keeping: Callable[[str, str], str] = lambda text, _: text
) -> Outcome:
    """Let there be one comment of ours, with that text.

    Args:
        is_ours: Whether a text is one that we have written.
        keeping: The text, and the one that is there → the text with what people have done to that.

    Raises:
        ForgeError: It is refused; `Busy` if it can be tried again, from the beginning.
    """
    ours = _ours(conversation, is_ours)
    created = None
    if not ours:
        created = conversation.create(text)
        ours = sorted({note.id: note for note in (created, *_ours(conversation, is_ours))}.values())
    first, *others = ours
    text = keeping(text, first.body)
    changes = not _same(first.body, text)
    if changes:
        conversation.edit(first, text)
    for note in others:
        _delete(conversation, note)
    if created and created.id == first.id:
        return Outcome("created", first.url)
    return Outcome("updated" if changes or others else "unchanged", first.url)


def remove(conversation: Conversation, is_ours: Ours) -> Outcome:
    """Let there be none; errors as in `upsert`."""
    for note in _ours(conversation, is_ours):
        _delete(conversation, note)
    return Outcome("deleted")


def _ours(conversation: Conversation, is_ours: Ours) -> list[Note]:
    """Oldest first."""
    return sorted(note for note in conversation.notes() if note.is_own and is_ours(note.body))


def _delete(conversation: Conversation, note: Note) -> None:
    with suppress(Gone):
        conversation.delete(note)


def _same(old: str, new: str) -> bool:
    """Whether a host has made no more of a text than hosts do: line ends, and the space at its end."""
    return old.replace("\r\n", "\n").rstrip() == new.replace("\r\n", "\n").rstrip()
