"""Limits for code that nobody has promised to end."""

import signal
import threading
import time
from types import FrameType
from typing import Self

import msgspec
from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

POLL = 0.5
"""Seconds between two looks. A run that is over by then costs nothing."""

GRACE = 2.0
"""Seconds that Python code has after its statement was cancelled, before it is interrupted itself."""

TOO_LONG = "If it is a loop that does not end, correct it. So much work with so few rows is no less in production."

TOO_MUCH = "If it has to write so much, say so: --size-limit SIZE."


class Limits(msgspec.Struct, frozen=True):
    """What a migration may use up.

    Attributes:
        statement: Seconds for each statement.
        lock: Seconds that a statement may wait for a lock.
        total: Seconds for all of it.
        bytes: Size of the database.
    """

    statement: float = 60.0
    lock: float = 10.0
    total: float = 600.0
    bytes: int = 4 << 30

    @property
    def statement_hint(self) -> str:
        """What to do if a statement is stopped."""
        return (
            f"A statement may take {self.statement:g} s here. If it needs more with so few rows, think of how long it"
            " takes in production; if it should have more, say so: --statement-timeout SECONDS."
        )

    @property
    def settings(self) -> dict[str, str]:
        """Those that the server keeps, as it takes them."""
        return {"statement_timeout": f"{self.statement * 1000:.0f}", "lock_timeout": f"{self.lock * 1000:.0f}"}


class LimitReached(BaseException):
    """No ``except Exception`` of the project may go on after this."""


class Guard:
    """Stops what runs in the context and exceeds a limit: its statement and, in the main thread, its Python code.

    Attributes:
        limits: Those that count here.
        reason: Which limit was exceeded; None as long as none was.
        hint: What to do about it.
    """

    def __init__(self, connection: BaseDatabaseWrapper, limits: Limits) -> None:
        self._connection = connection
        self.limits = limits
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.reason: str | None = None
        self.hint: str | None = None

    def __enter__(self) -> Self:
        self._started = time.monotonic()
        self._thread.start()
        if threading.current_thread() is threading.main_thread():
            self._handler = signal.signal(signal.SIGALRM, self._interrupt)
            self._timer = signal.setitimer(signal.ITIMER_REAL, self.limits.total + GRACE, 1.0)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._done.set()
        if threading.current_thread() is threading.main_thread():
            signal.setitimer(signal.ITIMER_REAL, *self._timer)
            signal.signal(signal.SIGALRM, self._handler)
        self._thread.join()

    def check(self) -> None:
        """Raise `LimitReached` if a limit was exceeded: code may have caught that its statement was cancelled."""
        if self.reason is not None:
            raise LimitReached(self.reason)

    def _interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        if not self._done.is_set():
            self._exceed(self._too_long, TOO_LONG)
            self.check()

    @property
    def _too_long(self) -> str:
        return f"stopped after {self.limits.total:g} s, the limit for a migration"

    def _watch(self) -> None:
        own: BaseDatabaseWrapper | None = None
        try:
            while not self._done.wait(POLL):
                own = own or self._connection.copy()
                self._look(own)
                if self.reason and not self._done.is_set() and (session := self._connection.connection) is not None:
                    session.cancel()
        finally:
            if own is not None:
                own.close()

    def _exceed(self, reason: str, hint: str) -> None:
        if self.reason is None:
            self.reason, self.hint = reason, hint

    def _look(self, own: BaseDatabaseWrapper) -> None:
        if time.monotonic() - self._started > self.limits.total:
            self._exceed(self._too_long, TOO_LONG)
        try:
            with own.cursor() as cursor:
                cursor.execute("SELECT pg_database_size(current_database())")
                [size] = cursor.fetchone()
        except Error:  # all connections are taken, or the server is busy: the next look may tell
            return
        if size > self.limits.bytes:
            grown, limit = size >> 20, self.limits.bytes >> 20
            self._exceed(f"stopped when the database had grown to {grown:,} MB; the limit is {limit:,} MB", TOO_MUCH)
