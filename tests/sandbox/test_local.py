import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from migsafe.errors import SandboxError
from migsafe.sandbox.binaries import cache_directory
from migsafe.sandbox.local import SETTINGS, local_server, sweep

pytestmark = pytest.mark.postgres

OWNER = """
import time
from migsafe.sandbox.binaries import cache_directory
from migsafe.sandbox.local import local_server
with local_server(16) as server:
    print(server.host, flush=True)
    time.sleep(60)
"""


def eventually(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def test_leaves_nothing_behind() -> None:
    with local_server(16) as server:
        data = Path(server.host)
        process = (data / "data/postmaster.pid").read_text().splitlines()[0]
    assert not data.exists()
    assert eventually(lambda: subprocess.run(["kill", "-0", process], check=False, capture_output=True).returncode != 0)


def test_leaves_nothing_behind_after_an_exception() -> None:
    with pytest.raises(ZeroDivisionError), local_server(16) as server:
        raise ZeroDivisionError
    assert not Path(server.host).exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_leaves_nothing_behind_when_its_owner_is_killed(number: signal.Signals) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert owner.stdout is not None
    data = Path(owner.stdout.readline().rstrip())
    assert (data / "data/postmaster.pid").exists()
    owner.send_signal(number)
    owner.communicate()
    assert eventually(lambda: not data.exists())


def test_the_next_run_removes_what_was_being_made_when_its_owner_was_killed() -> None:
    command = "from pathlib import Path; from migsafe.sandbox import owner; owner.sign(Path.cwd())"
    places = [Path(tempfile.mkdtemp(prefix="migsafe-", dir=cache_directory(kind))) for kind in ("data", "postgres")]
    for place in places:
        subprocess.run([sys.executable, "-c", command], check=True, cwd=place)
    unsigned = Path(tempfile.mkdtemp(prefix="migsafe-", dir=cache_directory("data")))
    sweep()
    assert not any(place.exists() for place in places)
    unsigned.rmdir()


@pytest.mark.skipif(not Path("/proc").exists(), reason="who runs is read from /proc")
def test_the_next_run_removes_what_is_left_when_the_keeper_is_killed_too() -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        data = Path(owner.stdout.readline().rstrip())
        server = int((data / "data/postmaster.pid").read_text().splitlines()[0])
        (keeper,) = (
            int(process.name)
            for process in Path("/proc").glob("[0-9]*")
            if b"migsafe-postgres\0" + bytes(data) in commandline(process)
        )
        sweep()
        assert data.exists()
        os.kill(keeper, signal.SIGKILL)
        owner.kill()
    assert commandline(Path(f"/proc/{server}"))
    sweep()
    assert not data.exists()
    assert eventually(lambda: not commandline(Path(f"/proc/{server}")))


def commandline(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def test_does_not_listen_on_the_network() -> None:
    with local_server(16) as server:
        # https://www.postgresql.org/docs/16/storage-file-layout.html: its sixth line is the first listen address
        assert (Path(server.host) / "data/postmaster.pid").read_text().splitlines()[5] == ""


def test_says_why_a_server_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SETTINGS, "fsync", "perhaps")
    with pytest.raises(SandboxError, match='parameter "fsync" requires a Boolean value'), local_server(16):
        pass


def test_refuses_an_unknown_version() -> None:
    with pytest.raises(SandboxError, match="does not know PostgreSQL 9"), local_server(9):
        pass
