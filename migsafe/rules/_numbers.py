"""The numbers that names of migrations begin with."""

import re


def number(name: str) -> int | None:
    """The number that the next migration counts from, as ``MigrationAutodetector.parse_number`` reads it.

    Of a squash it is that of the last migration that it replaces (``0001_squashed_0004_note``).
    """
    found = re.search(r".*_squashed_(\d+)", name) or re.match(r"(\d+)", name)
    return int(found[1]) if found else None


def leading(name: str) -> str:
    """The digits that a name begins with; empty if there are none."""
    found = re.match(r"\d*", name)
    return found[0] if found else ""
