"""Real git repositories for tests."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

Git = Callable[..., str]

SETTINGS = {"user.name": "test", "user.email": "test@example.invalid", "protocol.file.allow": "always"}


def git_in(folder: Path) -> Git:
    """Git as a function; of ``day`` in January 2026 if that is given."""

    def git(*arguments: str, day: int = 1) -> str:
        settings = (word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}"))
        done = subprocess.run(
            ["git", "-C", str(folder), *settings, *arguments],
            capture_output=True,
            check=False,
            env={**os.environ, "GIT_COMMITTER_DATE": f"{january(day).isoformat()}"},
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    return git


def january(day: int) -> datetime:
    return datetime(2026, 1, day, tzinfo=UTC)


def repository(folder: Path, files: Mapping[str, str], *options: str) -> Git:
    """A repository whose branch main has some files, with a branch ``feature`` at the same commit checked out."""
    folder.mkdir(parents=True, exist_ok=True)
    git = git_in(folder)
    git("init", "-q", "-b", "main", *options)
    save(folder, files)
    commit(git)
    git("switch", "-qc", "feature")
    return git


def save(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode())


def commit(git: Git, day: int = 1) -> str:
    """Commit all that has changed; return the commit."""
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", "next", day=day)
    return git("rev-parse", "HEAD")


@contextmanager
def untouched(*folders: Path) -> Iterator[None]:
    """Whatever happens, nothing in these folders is written, comes or goes; ``.git`` neither."""

    def everything() -> dict[Path, tuple[int, bytes | None]]:
        return {
            path: (path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
            for folder in folders
            for path in sorted((folder, *folder.rglob("*")))
        }

    before = everything()
    yield
    after = everything()
    changed = [path for path in before | after if before.get(path) != after.get(path)]
    assert not changed, changed
