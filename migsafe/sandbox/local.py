"""A throwaway server from local binaries: no Docker, no network port, no trace afterwards."""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from migsafe.errors import SandboxError
from migsafe.sandbox import owner
from migsafe.sandbox.binaries import Binaries, account, cache_directory, find, inspect, installed
from migsafe.sandbox.server import MAJORS, Server, Unavailable, Wanted
from migsafe.verification import Provider

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "min_wal_size": "32MB",
    "max_wal_size": "128MB",
    "autovacuum": "off",  # its locks would show among those that are observed
    "timezone": "UTC",
}
"""Of a server that is thrown away: quick, and doing nothing by itself."""

LOCAL = {"listen_addresses": ""}

PLACES = (Path("/dev/shm"), Path("/tmp"))
"""Where servers are: in memory, or where paths are short enough for a socket, which those of macOS' own are not."""

ROOM = 1 << 30
"""Bytes that have to be free in shared memory for data to go there."""

# The keeper stops the server and removes all of it when its standard input ends: when the owner closes it, and just the
# same when the owner is killed.
KEEPER = """
base=$1 template=$2 options=$3
if cp -R "$template" "$base/data" &&
    pg_ctl start -w -s -D "$base/data" -l "$base/log" -o "$options" </dev/null >>"$base/log" 2>&1
then
    echo ready
    read -r _
    pg_ctl stop -w -s -m immediate -D "$base/data" >/dev/null 2>&1
else
    cat "$base/log"
fi
rm -rf "$base"
"""


@contextmanager
def server(wanted: Wanted) -> Iterator[Server]:
    """The provider ``local``: what this machine has, or what is in the given directory.

    Raises:
        Unavailable: The machine has no PostgreSQL of that version.
        SandboxError: The given directory has none, or the server does not start.
    """
    if wanted.directory is None:
        programs = installed(wanted.major or wanted.otherwise)
    else:
        try:
            programs = inspect(wanted.directory, wanted.major)
        except Unavailable as reason:
            raise SandboxError(
                f"PostgreSQL {wanted.major or ''} could not be had: {reason}".replace("  ", " "),
                hint="Name the folder of its initdb with --pg-bin.",
            ) from reason
    with running(programs) as server:
        yield server


@contextmanager
def local_server(major: int) -> Iterator[Server]:
    """Run a server from whatever binaries :func:`migsafe.sandbox.binaries.find` finds; see :func:`running`.

    Raises:
        SandboxError: No binaries could be had, or the server does not start.
    """
    if major not in MAJORS:
        raise SandboxError(
            f"migsafe does not know PostgreSQL {major}", hint=f"Choose one from {MAJORS.start} to {MAJORS.stop - 1}."
        )
    with running(find(major)) as server:
        yield server


@contextmanager
def running(programs: Binaries, provider: Provider = "local") -> Iterator[Server]:
    """Run a throwaway PostgreSQL for as long as the context lasts.

    It listens on a unix socket only. However this process ends, even by ``kill -9``, the server stops and is removed.

    Args:
        programs: Of the version to run.
        provider: Where they are from.

    Raises:
        SandboxError: The server does not start.
    """
    template = _data_template(programs)
    sweep()
    base = _private_directory(_roomy_directory())
    options = " ".join(f"-c {name}='{value}'" for name, value in {**LOCAL, **SETTINGS}.items()) + f" -k {base}"
    with programs.start(["/bin/sh", "-c", KEEPER, "migsafe-postgres", base, template, options]) as keeper:
        assert keeper.stdout is not None
        line = keeper.stdout.readline()
        if line != "ready\n":
            raise SandboxError(
                f"PostgreSQL {programs.version} does not start:\n{line}{keeper.communicate()[0]}".rstrip()
            )
        release = programs.version.split()[0]
        yield Server(programs.major, host=str(base), provider=provider, release=release)


def sweep() -> None:
    """Remove servers whose owner and keeper were both killed, and what was being made or fetched when its owner was."""
    user = account()
    users = {os.getuid(), user.uid if user else os.getuid()}
    places = (*PLACES, cache_directory("data"), cache_directory("postgres"))
    for base in [base for place in places for base in place.glob("migsafe-*")]:
        with suppress(OSError):  # it is somebody else's, or is removed just now
            if base.stat().st_uid in users and owner.left(base):
                _kill(base / "data")
                shutil.rmtree(base, ignore_errors=True)


def _kill(data: Path) -> None:
    """End a server at once; without /proc it ends by itself, within a minute after its directory has gone."""
    with suppress(OSError):
        pid = int((data / "postmaster.pid").read_text().partition("\n")[0])
        if os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
            os.kill(pid, signal.SIGQUIT)


def _roomy_directory() -> Path:
    shared_memory, disk = PLACES
    if os.access(shared_memory, os.W_OK) and shutil.disk_usage(shared_memory).free > ROOM:
        return shared_memory
    return disk


def _private_directory(parent: Path) -> Path:
    """A new directory of the user that PostgreSQL runs as, closed to others."""
    directory = Path(tempfile.mkdtemp(prefix="migsafe-", dir=parent))
    owner.sign(directory)
    if user := account():
        os.chown(directory, user.uid, user.gid)
    return directory


def _data_template(programs: Binaries) -> Path:
    """A data directory as initdb leaves it, made once per build and user: copying is quicker.

    Builds of one version differ in what initdb finds, such as collations of ICU.
    """
    user = account()
    name = re.sub(r"[^\w.]+", "-", f"{programs.version} {user.uid if user else os.getuid()} {programs.directory}")
    template = cache_directory("data") / name
    if template.exists():
        return template
    scratch = _private_directory(template.parent)
    try:
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
        initdb = programs.start(["initdb", "--pgdata", scratch / "data", *options])
        output, _ = initdb.communicate()
        if initdb.returncode:
            raise SandboxError(f"initdb of PostgreSQL {programs.version} fails:\n{output.rstrip()}")
        try:
            (scratch / "data").rename(template)
        except OSError:
            if not template.exists():  # else another process was quicker
                raise
        return template
    finally:
        shutil.rmtree(scratch)
