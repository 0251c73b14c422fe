"""A real, throwaway PostgreSQL. The only package that imports psycopg.

A provider is a module with the function ``server`` (:class:`Provides`): ``docker``, ``local``, ``wheel`` and ``dsn``.
What it yields is a :class:`~migsafe.sandbox.server.Server`, of which nothing is left afterwards.
"""

import signal
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib import import_module
from types import FrameType
from typing import Protocol

from migsafe.config import Sandbox
from migsafe.errors import SandboxError, Terminated
from migsafe.sandbox.server import KNOWN, MAJORS, Server, Unavailable, Wanted
from migsafe.verification import Provider

AUTO: tuple[Provider, ...] = ("docker", "local", "wheel")
"""What ``auto`` tries, in this order: never a server of the user's."""

DEFAULTS = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL, signal.SIGHUP: signal.SIG_DFL}
"""How a process that does nothing about it handles the signals that end it."""


class Provides(Protocol):
    """What every provider has."""

    def __call__(self, wanted: Wanted) -> AbstractContextManager[Server]:
        """Have a server for as long as the context lasts.

        Raises:
            Unavailable: It cannot be had here, and another provider may have it.
            SandboxError: It does not do what was asked for.
        """


@contextmanager
def open_sandbox(
    choice: Sandbox, major: int | None = None, *, otherwise: int = MAJORS[-1], forbidden: Collection[str] = ()
) -> Iterator[Server]:
    """Have a throwaway PostgreSQL for as long as the context lasts; nothing is left of it, however this process ends.

    SIGTERM and SIGHUP raise ``SystemExit`` in the block, unless the process handles them itself. While all is removed,
    they and Ctrl-C wait.

    Args:
        major: The wanted major version; None for that of the image or scratch server that is named.
        otherwise: The major version where nothing decides.
        forbidden: Names of the project's own databases: a server of the user's that holds one is refused.

    Raises:
        SandboxError: None could be had; the message names every provider that was tried with its reason.
    """
    for version in (major, otherwise):
        if version is not None and version not in MAJORS:
            raise SandboxError(f"migsafe does not know PostgreSQL {version}", hint=KNOWN)
    wanted = Wanted(major, otherwise, choice.image, choice.dsn, choice.bin, forbidden)
    with _signals() as postpone, ExitStack() as stack:
        server = _enter(stack, _providers(choice), wanted)
        try:
            yield server
        finally:
            postpone()


def _providers(choice: Sandbox) -> tuple[Provider, ...]:
    if choice.provider != "auto":
        return (choice.provider,)
    return AUTO if choice.bin is None else ("local",)


def _enter(stack: ExitStack, providers: Collection[Provider], wanted: Wanted) -> Server:
    reasons = []
    for name in providers:
        try:
            provides: Provides = import_module(f"{__name__}.{name}").server
            return stack.enter_context(provides(wanted))
        except Unavailable as reason:
            reasons += [f"  {name}: {line}" for line in str(reason).splitlines()]
    raise SandboxError(
        f"No PostgreSQL {wanted.major or wanted.otherwise} could be had:\n" + "\n".join(reasons),
        hint="docs/sandbox.md says what each provider needs.",
    )


@contextmanager
def _signals() -> Iterator[Callable[[], None]]:
    """Let signals that would end the process at once raise ``SystemExit``; what is yielded postpones them all."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return

    def end(number: int, _: FrameType | None) -> None:
        raise Terminated(128 + number)

    def postpone() -> None:
        for number in ours:
            signal.signal(number, lambda number, _: postponed.append(number))

    postponed: list[int] = []
    ours = {number: handler for number, handler in DEFAULTS.items() if signal.getsignal(number) is handler}
    for number in ours.keys() - {signal.SIGINT}:
        signal.signal(number, end)
    try:
        yield postpone
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)
        if postponed:
            signal.raise_signal(postponed[0])
