"""A server of its own that is set up as production is: it logs every statement, with who sent it."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from migsafe.sandbox import local
from migsafe.sandbox.binaries import find
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


STANDBY = """
cp -R "$1/data" "$1/standby" && rm -f "$1/standby/postmaster.pid"
"""

FOLLOW = """
printf '%s' "$2" >"$1/standby/backup_label" && touch "$1/standby/standby.signal" &&
    pg_ctl start -w -s -D "$1/standby" -l "$1/standby.log" -o "$3" </dev/null >/dev/null 2>&1
"""


@contextmanager
def standby(primary: Server) -> Iterator[Server]:
    """A server that replicates another one, from 15 on; it has a port of its own in the same place."""
    programs = find(primary.version)

    def run(script: str, *arguments: str) -> None:
        with programs.start(["/bin/sh", "-c", script, "standby", primary.host, *arguments]) as done:
            said = done.communicate()[0]
        assert done.returncode == 0, said

    with primary.connect() as session:
        session.execute("SELECT pg_backup_start('standby', true)")
        run(STANDBY)
        (label,) = session.execute("SELECT labelfile FROM pg_backup_stop(false)").fetchone() or ("",)
    settings = {**local.LOCAL, **local.SETTINGS, **SETTINGS, "port": "5433"}
    settings["primary_conninfo"] = f"host={primary.host} port={primary.port} user={primary.user}"
    run(FOLLOW, label, " ".join(f"-c {name}='{value}'" for name, value in settings.items()) + f" -k {primary.host}")
    try:
        yield replace(primary, port=5433)
    finally:
        run('pg_ctl stop -w -s -m immediate -D "$1/standby" >/dev/null 2>&1; rm -rf "$1/standby"')


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
