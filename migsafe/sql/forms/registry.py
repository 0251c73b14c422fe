"""Who knows the forms of an action."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec

from migsafe.actions import Action, Name, Unknown
from migsafe.postgres.facts import Role

Roles = Mapping[Role, Iterable[Name]]
Form = tuple[str, Roles]
"""A form of `facts.FACTS`, and the relations in each role."""


class Server(msgspec.Struct, frozen=True):
    """The server that a statement is for.

    Attributes:
        postgres: Major version.
        complete: Whether the schema is known as a whole; if not, what DROP IF EXISTS names is taken to exist.
        utc: Whether the session's TimeZone is known to be UTC.
        rewritten: Whether another command of the same ALTER TABLE rewrites the table.
    """

    postgres: int
    complete: bool
    utc: bool
    rewritten: bool = False


Handler = TypeVar("Handler", bound=Callable[..., Iterator[Form | Unknown]])
HANDLERS: dict[type[Action], Callable[..., Iterator[Form | Unknown]]] = {}


def handles(kind: type[Action]) -> Callable[[Handler], Handler]:
    """Register a function that says which forms an action has, and which relations play which role.

    It yields an `Unknown` for what it cannot tell.
    """

    def register(function: Handler) -> Handler:
        HANDLERS[kind] = function
        return function

    return register
