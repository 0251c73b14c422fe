"""The provider ``docker`` on a real engine: `tests/engine.py` has one where there is none."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import docker
import psycopg
import pytest

from migsafe.config import Sandbox
from migsafe.errors import SandboxError
from migsafe.sandbox import local, open_sandbox
from migsafe.sandbox.docker import LABEL, sweep
from tests.conftest import ONE

IMAGE = os.environ.get("MIGSAFE_TEST_DOCKER", "")

pytestmark = pytest.mark.skipif(not IMAGE, reason="MIGSAFE_TEST_DOCKER names no image; tests/engine.py has one")

OWNER = """
import sys, time
from migsafe.config import Sandbox
from migsafe.sandbox import open_sandbox
with open_sandbox(Sandbox("docker", sys.argv[1])) as server:
    print(server.dsn(), flush=True)
    time.sleep(60)
"""


@pytest.fixture
def engine() -> Iterator[docker.DockerClient]:
    client = docker.from_env()
    yield client
    client.close()


def ours(engine: docker.DockerClient) -> list[str]:
    return [str(container.id) for container in engine.containers.list(all=True, filters={"label": LABEL})]


def test_auto_runs_the_image_and_leaves_nothing_behind(engine: docker.DockerClient) -> None:
    volumes = len(engine.volumes.list())
    begin = time.monotonic()
    with open_sandbox(Sandbox(image=IMAGE), ONE) as server:
        assert time.monotonic() - begin < 10
        assert (server.provider, server.version) == ("docker", ONE)
        with psycopg.connect(server.dsn(server.create_database())) as connection:
            assert connection.info.server_version // 10000 == ONE
            assert server.release == f"{ONE}.{connection.info.server_version % 10000}"
            for name, value in local.SETTINGS.items():
                (shown,) = connection.execute("SELECT current_setting(%s)", [name]).fetchone() or ()
                assert shown.lower() == value.lower()
        assert len(ours(engine)) == 1
    assert ours(engine) == []
    assert len(engine.volumes.list()) == volumes


def test_leaves_nothing_behind_when_its_owner_is_ended_or_at_the_latest_when_the_next_run_begins(
    engine: docker.DockerClient,
) -> None:
    with ExitStack() as owners:
        ended, interrupted, killed = (owners.enter_context(owner()) for _ in range(3))
        for process in (ended, interrupted, killed):
            assert process.stdout is not None
            assert process.stdout.readline()
        sweep(engine)
        assert len(ours(engine)) == 3
        ended.terminate()
        interrupted.send_signal(signal.SIGINT)
        for process in (ended, interrupted):
            process.communicate(timeout=20)
            assert process.returncode != 0
        killed.kill()
        killed.wait()
        assert len(ours(engine)) == 1
        sweep(engine)
    assert ours(engine) == []


def owner() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OWNER, IMAGE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def test_an_image_that_cannot_be_had_is_one_error() -> None:
    with pytest.raises(SandboxError) as refused, open_sandbox(Sandbox("docker", "localhost:9/migsafe/nothing:1")):
        pass
    assert refused.value.message.startswith("Docker has no image localhost:9/migsafe/nothing:1, and cannot fetch it: ")
    assert refused.value.hint == "Name another with --image, or go without Docker: --sandbox local or wheel."


def test_an_image_of_another_version_is_one_error(engine: docker.DockerClient) -> None:
    with (
        pytest.raises(SandboxError, match=rf"The image {IMAGE} is PostgreSQL {ONE}\.\d+, not 12"),
        open_sandbox(Sandbox("docker", IMAGE), 12),
    ):
        pass
    assert ours(engine) == []


def test_a_server_that_does_not_start_is_one_error_at_once(
    engine: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(local.SETTINGS, "fsync", "perhaps")
    begin = time.monotonic()
    with pytest.raises(SandboxError, match=f"The image {IMAGE} does not start a PostgreSQL") as refused:
        open_sandbox(Sandbox("docker", IMAGE)).__enter__()
    assert 'parameter "fsync" requires a Boolean value' in refused.value.message
    assert time.monotonic() - begin < 20
    assert ours(engine) == []
