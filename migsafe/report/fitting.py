"""What is worth most of a text, where there is not room for all of it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, auto
from typing import NamedTuple, Self

from migsafe.report.inert import without_commands

FULL = 4_000
"""Characters: where no more are left, the first that finds no room ends it. What is longer is passed over."""


class Rank(IntEnum):
    """What finds room first."""

    ERRORS = auto()
    ROWS_WITH_ERRORS = auto()
    WARNINGS = auto()
    ROWS_WITH_WARNINGS = auto()
    PLANS = auto()
    INFOS = auto()
    ROWS = auto()
    ERRORS_EXPLAINED = auto()
    WARNINGS_EXPLAINED = auto()
    BESIDE_PLANS = auto()
    INFOS_EXPLAINED = auto()
    SQL_OF_ERRORS = auto()
    CODE_OF_PLANS = auto()
    SQL_OF_WARNINGS = auto()
    FILES_OF_PLANS = auto()
    SQL_OF_INFOS = auto()


class Form(NamedTuple):
    """One of the lengths in which a part can be shown.

    Attributes:
        rank: Of equal ones, the part that comes first is due first.
        adds: What is missing without it, as the end of the text names it.
        make: The text in this length; what would be a command to CI is taken out of it.
    """

    rank: Rank
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

    @classmethod
    def of(cls, rank: Rank, adds: str, text: str) -> Self:
        """A part that has one length."""
        return cls([Form(rank, adds, lambda: text)])


def fit(parts: Sequence[Part], room: int, shares: Mapping[Rank, float] = {}) -> None:
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
        text = without_commands(part.forms[level].make())
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
