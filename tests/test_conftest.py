"""Servers are shared by the processes of a test run, and one that cannot be had is one clear failure."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.conftest import ONE, shared_servers

pytestmark = pytest.mark.postgres


def test_a_server_runs_until_nobody_needs_it(tmp_path: Path) -> None:
    first, second = shared_servers(tmp_path), shared_servers(tmp_path)
    server = first.__enter__()(ONE)
    assert second.__enter__()(ONE) == server
    with ThreadPoolExecutor(1) as thread:
        ending = thread.submit(first.__exit__, None, None, None)
        with psycopg.connect(server.dsn()) as connection:
            connection.execute("SELECT pg_sleep(0.1)")
        assert not ending.done()
        second.__exit__(None, None, None)
    assert not Path(server.host).exists()


def test_who_comes_late_gets_another(tmp_path: Path) -> None:
    for _ in range(2):
        with shared_servers(tmp_path) as server, psycopg.connect(server(ONE).dsn()) as connection:
            connection.execute("SELECT 1")


def test_a_missing_server_ends_the_run(tmp_path: Path) -> None:
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "2",
            f"--basetemp={tmp_path / 'run'}",
            "tests/postgres/test_types.py",
        ],
        env={**os.environ, "MIGSAFE_SANDBOX_BIN": str(tmp_path), "MIGSAFE_TEST_POSTGRES": "10,11"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode != 0
    _, reasons = run.stdout.split("Interrupted: ")
    for major in (10, 11):
        assert (
            f"No PostgreSQL {major} could be had:\n  the given directory: there is no postgres in {tmp_path}" in reasons
        )
    assert "passed" not in reasons
