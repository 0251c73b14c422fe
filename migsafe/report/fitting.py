"""What is worth most of a text, where there is not room for all of it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

FULL = 4_000
"""Characters: where no more are left, the first that finds no room ends it. What is longer is passed over."""


class Form(NamedTuple):
    """One of the lengths in which a part can be shown.

    Attributes:
        rank: What is due first; of equal ones, the part that comes first.
        adds: What is missing without it, as the end of the text names it.
        make: The text in this length.
    """

    rank: int
    adds: str
    make: Callable[[], str]


@dataclass
class Part:
    """A part of a text.

    Attributes:
        forms: From the shortest to all of it.
        shown: How many of the forms have found room: the text is that of the last of these.
    """

    forms: Sequence[Form]
    text: str = ""
    shown: int = 0


def fit(parts: Sequence[Part], room: int, shares: Mapping[Any, float]) -> None:
    """Choose the form of each part.

    Args:
        room: Characters for all parts, each with a newline.
        shares: How much of the room a rank may have at most, where that is less than all.
    """
    left = defaultdict(lambda: room, {rank: int(room * share) for rank, share in shares.items()})
    steps = sorted(
        (form.rank, place, level) for place, part in enumerate(parts) for level, form in enumerate(part.forms)
    )
    for rank, place, level in steps:
        part = parts[place]
        if part.shown != level or left[rank] <= 0:
            continue
        text = part.forms[level].make()
        more = len(text) - len(part.text) + (level == 0)
        if more <= min(room, left[rank]):
            part.text, part.shown = text, level + 1
            room -= more
            left[rank] -= more
        elif room <= FULL:
            return
        elif left[rank] <= FULL:
            left[rank] = 0


def left_out(parts: Sequence[Part]) -> Iterator[str]:
    """What has found no room, counted: ``SQL (12)``."""
    missing = Counter(part.forms[part.shown].adds for part in parts if part.shown < len(part.forms))
    yield from (f"{what} ({number:,})" for what, number in missing.items())
