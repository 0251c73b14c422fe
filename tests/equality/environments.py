"""Virtual environments for real projects, and answers of programs that run in them: both kept below ``.cache/equality``."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
CACHE = REPOSITORY / ".cache" / "equality"
PYTHONS = ("3.12", "3.13")
"""Versions that Django 4.2, 5.2 and 6.1 or most of them support, best first (4.2 ends with 3.12, 6.1 begins with it)."""


def environment(requirements: str) -> Path:
    """Make the virtual environment of ``requirements/<name>.txt``, with migsafe in it, and return its Python."""
    pinned = HERE / "requirements" / f"{requirements}.txt"
    folder = CACHE / f"{requirements}-{digest([pinned, REPOSITORY / 'pyproject.toml'])}"
    python = folder / "bin" / "python"
    with locked(folder):
        if not (folder / "done").exists():
            for stale in CACHE.glob(f"{requirements}-*/"):
                shutil.rmtree(stale, ignore_errors=True)
            # Beside the running Python if `make` had none to make its environment with.
            uv = shutil.which("uv") or shutil.which("uv", path=Path(sys.executable).parent)
            if uv:
                run([uv, "venv", "--quiet", "--python", interpreter(), folder])
                install: list[str | Path] = [uv, "pip", "install", "--quiet", "--python", python]
            else:
                run([interpreter(), "-m", "venv", folder])
                install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            run([*install, "--no-deps", "--requirement", pinned])
            run([*install, "--editable", REPOSITORY])
            (folder / "done").touch()
    return python


def interpreter() -> Path:
    """The first Python of `PYTHONS` that there is, pyenv's before what is on PATH, since its shims may not run."""
    for version in PYTHONS:
        for found in (
            *sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python3")),
            shutil.which(f"python{version}"),
        ):
            if found:
                return Path(found)
    raise LookupError(f"no Python {' or '.join(PYTHONS)}: install one to test with real projects")


def kept(kind: str, sources: Iterable[Path], make: Callable[[], str]) -> str:
    """What ``make`` returned when the files ``sources`` were last as they are now."""
    path = CACHE / f"{kind}-{digest(sources)}.json"
    with locked(path):
        if not path.exists():
            path.with_suffix(".part").write_text(make(), encoding="utf-8")
            path.with_suffix(".part").rename(path)
    return path.read_text(encoding="utf-8")


def digest(sources: Iterable[Path]) -> str:
    """Hash files, and all files in folders, to 16 hexadecimal digits."""
    files = [
        file
        for source in sources
        for file in ([source] if source.is_file() else sorted(source.rglob("*")))
        if file.is_file() and "__pycache__" not in file.parts
    ]
    return hashlib.sha256(b"\0".join(f"{file}".encode() + b"\0" + file.read_bytes() for file in files)).hexdigest()[:16]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process of pytest-xdist make a thing that all need."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(command: list[str | Path], **options: object) -> str:
    """Run a program and return its stdout.

    Raises:
        RuntimeError: It fails; with the end of what it wrote to stderr.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stderr[-3000:]}")
    return str(done.stdout)
