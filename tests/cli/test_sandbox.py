"""``migsafe sandbox``: a server for people, there until it is told to end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from migsafe.sandbox.server import Server
from tests.conftest import ONE

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_runs_until_it_is_told_to_end(number: signal.Signals, tmp_path: Path) -> None:
    process = start(tmp_path, "--sandbox", "wheel", "--postgres", "16")
    assert process.stdout is not None
    dsn = process.stdout.readline().strip()
    with psycopg.connect(dsn) as connection:
        assert connection.info.server_version // 10000 == 16
        assert connection.info.dbname.startswith("migsafe_")
        host = Path(connection.info.host)
    process.send_signal(number)
    output, errors = process.communicate(timeout=10)
    assert (process.returncode, output) == (0, "")
    assert errors.startswith("note: PostgreSQL 16.")
    assert errors.endswith(" (wheel) until Ctrl-C\nnote: the server is removed\n")
    assert not host.exists()


def test_takes_the_version_of_a_scratch_server(postgres: Server, tmp_path: Path) -> None:
    process = start(tmp_path, "--sandbox", "dsn", MIGSAFE_SANDBOX_DSN=postgres.dsn())
    assert process.stdout is not None
    with psycopg.connect(process.stdout.readline().strip()) as connection:
        assert connection.info.server_version // 10000 == ONE
        name = connection.info.dbname
    process.terminate()
    process.communicate(timeout=10)
    assert process.returncode == 0
    with psycopg.connect(postgres.dsn()) as connection:
        assert connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None


def test_an_error_says_what_every_provider_lacks(tmp_path: Path) -> None:
    process = start(tmp_path, "--sandbox", "docker", DOCKER_HOST="unix:///nowhere")
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert errors.startswith("error: No PostgreSQL 18 could be had:\n  docker: no engine answers: ")
    assert "Traceback" not in errors


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "migsafe", "sandbox", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
