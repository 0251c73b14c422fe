"""What a git ref says was applied: real repositories, as people and CI make them."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Git = Callable[..., str]

IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.invalid", "-c", "protocol.file.allow=always")


def git_in(folder: Path) -> Git:
    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(folder), *IDENTITY, *arguments], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    return git


def repository(folder: Path, files: dict[str, str]) -> Git:
    """A repository whose branch main has some files, with a branch ``feature`` at the same commit checked out."""
    folder.mkdir(parents=True, exist_ok=True)
    git = git_in(folder)
    git("init", "-q", "-b", "main")
    save(folder, files)
    commit(git)
    git("switch", "-qc", "feature")
    return git


def save(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def commit(git: Git, date: str = "2026-01-01T00:00:00Z", message: str = "next") -> str:
    git("add", "-A")
    git("-c", "core.commentChar=;", "commit", "-q", "--allow-empty", "-m", message, f"--date={date}")
    return git("rev-parse", "HEAD")


@contextmanager
def untouched(folder: Path) -> Iterator[None]:
    """Nothing in a folder is written, and no file comes or goes."""

    def everything() -> dict[Path, tuple[int, bytes | None]]:
        return {
            path: (path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
            for path in sorted(folder.rglob("*"))
        }

    before = everything()
    yield
    assert everything() == before


def text(number: int, operation: str = "pass") -> str:
    """Enough of a migration that git tells one from another."""
    return "\n".join([f"# {number}", *(f"line {number} {each}" for each in range(20)), operation, ""])
