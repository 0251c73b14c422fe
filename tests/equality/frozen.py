"""Time and chance that stand still: Django writes defaults like ``timezone.now`` and ``uuid4`` into its SQL as constants."""

import datetime
import functools
import os
import secrets
import types
import uuid
from collections.abc import Callable
from typing import Any

from django.db.backends.base import schema
from django.utils import crypto, timezone

NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, 678900, datetime.UTC)


class Clock(datetime.datetime):
    """What Django calls ``datetime``."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return NOW.replace(tzinfo=tz)


def freeze() -> None:
    """Stop Django's clock, `uuid.uuid4` and ``get_random_string``."""
    _set(Clock, types.SimpleNamespace(urandom=bytes), types.SimpleNamespace(choice=min))


def thawing(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, during which they run: Python code that makes rows needs more than one UUID."""

    @functools.wraps(function)
    def thawed(*args: Any, **kwargs: Any) -> Any:
        _set(datetime.datetime, os, secrets)
        try:
            return function(*args, **kwargs)
        finally:
            freeze()

    return thawed


def _set(clock: Any, system: Any, chance: Any) -> None:
    timezone.datetime = schema.datetime = clock  # type: ignore[attr-defined]
    uuid.os = system  # type: ignore[attr-defined]
    crypto.secrets = chance  # type: ignore[attr-defined]
