"""A server of its own that is set up as production is: it logs every statement, with who sent it."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from migsafe.sandbox import local
from migsafe.sandbox.server import Server

SETTINGS = {
    "log_statement": "all",
    "log_line_prefix": "%p|%a|%u| ",
    "log_connections": "on",
    "max_prepared_transactions": "5",
    "wal_level": "logical",
    "deadlock_timeout": "50ms",
}

LOGGED = re.compile(r"(\d+)\|(.*?)\|(.*?)\| LOG:  (?:statement|execute \S+|fastpath.*): ((?:.|\n\t)*)")


@contextmanager
def production(major: int) -> Iterator[Server]:
    with patch.dict(local.SETTINGS, SETTINGS), local.local_server(major) as server:
        yield server


def wait_for(holds: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether something holds before long: what a server does by itself it does a moment later."""
    until = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < until:
        time.sleep(0.01)
    return held


class Log:
    """What a server writes down from now on."""

    def __init__(self, server: Server) -> None:
        self._file = Path(server.host) / "log"
        self._before = self._file.stat().st_size

    def text(self) -> str:
        return self._file.read_bytes()[self._before :].decode()

    def statements(self, user: str) -> dict[int, list[tuple[str, str]]]:
        """By process: ``application_name`` and statement of all that a role has sent, in order."""
        found: dict[int, list[tuple[str, str]]] = {}
        for pid, application, role, statement in LOGGED.findall(self.text()):
            if role == user:
                found.setdefault(int(pid), []).append((application, statement.strip()))
        return found
