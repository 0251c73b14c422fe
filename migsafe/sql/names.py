"""The names that PostgreSQL gives to what is not named.

Source: ``makeObjectName``, ``ChooseRelationName`` and their like in PostgreSQL's ``commands/indexcmds.c`` and
``catalog/pg_constraint.c``; they have been the same since PostgreSQL 12.
"""

from collections.abc import Callable, Iterable

from migsafe.actions import IndexKey

LENGTH = 63
"""Longest identifier, in bytes (``NAMEDATALEN`` - 1)."""


def choose(table: str, columns: str | None, label: str, taken: Callable[[str], bool]) -> str:
    """``table_columns_label``, or with the first number after it that is not taken."""
    name = made_of(table, columns, label)
    number = 0
    while taken(name):
        number += 1
        name = made_of(table, columns, f"{label}{number}")
    return name


def made_of(first: str, second: str | None, label: str) -> str:
    """``first_second_label``, where the longer of the first two is cut until all fits."""
    available = LENGTH - len(label) - 1 - (second is not None)
    long, short = len(first.encode()), len((second or "").encode())
    while long + short > available:
        if long > short:
            long -= 1
        else:
            short -= 1
    parts = [clip(first, long), label] if second is None else [clip(first, long), clip(second, short), label]
    return "_".join(parts)


def clip(text: str, length: int) -> str:
    """The longest beginning of a text that has at most ``length`` bytes and no broken character."""
    return text.encode()[:length].decode(errors="ignore")


def joined(columns: Iterable[str]) -> str:
    """The part of a name that several columns make; as on the server, it ends with the column that passes 63 bytes."""
    result = ""
    for column in columns:
        result = f"{result}_{column}" if result else column
        if len(result.encode()) > LENGTH:
            break
    return result


def key_columns(keys: Iterable[IndexKey], include: Iterable[str]) -> tuple[str, ...]:
    """Names of an index's own columns, which are made different by numbers."""
    names: list[str] = []
    for original in [*(key.column or key.label or "expr" for key in keys), *include]:
        name, number = original, 0
        while name in names:
            number += 1
            name = clip(original, LENGTH - len(str(number))) + str(number)
        names.append(name)
    return tuple(names)
