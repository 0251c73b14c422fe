"""Whether the process that has made something is gone: never said of one that may be there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from migsafe.sandbox import owner


def test_a_process_is_gone_when_it_has_ended() -> None:
    assert not owner.is_gone(owner.stamp())
    command = [sys.executable, "-c", "from migsafe.sandbox.owner import stamp; print(stamp(), flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        stamp = other.stdout.readline()
        assert not owner.is_gone(stamp)
        other.kill()
    assert owner.is_gone(stamp)


@pytest.mark.skipif(not Path("/proc").exists(), reason="when a process began is known from /proc")
def test_an_id_that_another_process_has_by_now_is_no_owner() -> None:
    here, pid, began = owner.stamp().split()
    assert pid == str(os.getpid())
    assert owner.is_gone(f"{here} {pid} {int(began) - 1}")


@pytest.mark.parametrize("stamp", ["", "elsewhere 1 5", "/ -1 5", "nonsense"])
def test_of_other_machines_and_what_is_no_stamp_nothing_is_known(stamp: str) -> None:
    assert not owner.is_gone(stamp)
