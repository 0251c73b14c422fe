"""Texts that match a regular expression."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

__all__ = ["matching"]

_MOST = 12
"""Repetitions where the pattern knows no limit."""
_CLASSES = {
    "[:digit:]": "0-9",
    "[:alpha:]": "a-zA-Z",
    "[:alnum:]": "a-zA-Z0-9",
    "[:lower:]": "a-z",
    "[:upper:]": "A-Z",
    "[:space:]": " ",
    "[:xdigit:]": "0-9a-f",
    "[:punct:]": "!-/",
}
_CATEGORIES = {
    code.CATEGORY_DIGIT: "0123456789",
    code.CATEGORY_WORD: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789_",
    code.CATEGORY_SPACE: " ",
    code.CATEGORY_NOT_DIGIT: "abcdefghij",
    code.CATEGORY_NOT_WORD: " -.,",
    code.CATEGORY_NOT_SPACE: "abcdefghij0123456789",
}
_ANY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.@+ /"


def matching(pattern: str, count: int, longest: int | None, seed: int) -> list[str]:
    """Make texts; some may not match, where PostgreSQL reads a pattern in another way than Python.

    Args:
        pattern: PostgreSQL's; nothing is made for one that Python does not know.
        count: How many different ones are enough.
        longest: How many characters they may have.
        seed: The same gives the same texts.
    """
    for name, characters in _CLASSES.items():
        pattern = pattern.replace(name, characters)
    try:
        parsed = parser.parse(pattern)
    except (re.error, OverflowError):
        return []
    random = Random(seed)
    made: dict[str, None] = {}
    for _ in range(count * 4):
        text = "".join(_text(parsed, random))
        if longest is None or len(text) <= longest:
            made[text] = None
        if len(made) == count:
            break
    return list(made)


def _text(parts: Any, random: Random) -> Iterator[str]:
    for kind, value in parts:
        if kind is code.LITERAL:
            yield chr(value)
        elif kind is code.NOT_LITERAL:
            yield random.choice(_ANY.replace(chr(value), ""))
        elif kind is code.ANY:
            yield random.choice(_ANY)
        elif kind is code.IN:
            yield random.choice(_characters(value))
        elif kind is code.CATEGORY:
            yield random.choice(_CATEGORIES.get(value, _ANY))
        elif kind is code.BRANCH:
            yield from _text(random.choice(value[1]), random)
        elif kind is code.SUBPATTERN:
            yield from _text(value[-1], random)
        elif kind in (code.MAX_REPEAT, code.MIN_REPEAT):
            least, most, repeated = value
            most = max(least, min(most, least + _MOST))
            for _ in range(random.randint(least, most)):
                yield from _text(repeated, random)


def _characters(items: Any) -> str:
    found = ""
    for kind, value in items:
        if kind is code.LITERAL:
            found += chr(value)
        elif kind is code.RANGE:
            found += "".join(map(chr, range(value[0], min(value[1], value[0] + 200) + 1)))
        elif kind is code.CATEGORY:
            found += _CATEGORIES.get(value, "")
    if items and items[0][0] is code.NEGATE:
        found = "".join(character for character in _ANY if character not in found)
    return found or _ANY
