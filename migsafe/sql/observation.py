"""What was seen of a statement on a real server."""

from collections.abc import Mapping

import msgspec

from migsafe.model import Effect, LockMode


class Observation(msgspec.Struct, frozen=True):
    """What was seen.

    Attributes:
        effects: On relations that existed before, by name; relations outside ``public`` carry their schema.
        built: Indexes that are new on tables that existed before, or that a rewrite or REINDEX has built anew.
        error: The server's message when it refused the statement, or None.
        held: The strongest lock on each relation that the transaction held before the statement.
    """

    effects: tuple[Effect, ...]
    built: tuple[str, ...] = ()
    error: str | None = None
    held: Mapping[str, LockMode] = {}
