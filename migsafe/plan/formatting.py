"""The project's own formatter, if it has one."""

import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import which
from typing import Any

from migsafe.config import folders_upward

SECONDS = 30


def formatter(root: Path) -> Callable[[str, Path], str]:
    """What lays out text for a path as black or ruff do, if the project is configured for one that is installed.

    Whatever it refuses stays as it is, as does what its configuration excludes.

    Args:
        root: The project's folder; the nearest configuration upward counts.
    """
    command = _command(root)
    return lambda text, path: _run(command, text, path, root) if command else text


def _command(root: Path) -> Sequence[str] | None:
    for folder in folders_upward(root):
        tools = _tools(folder / "pyproject.toml")
        if "black" in tools:
            return _found("black", "--quiet")
        if "ruff" in tools or (folder / "ruff.toml").is_file() or (folder / ".ruff.toml").is_file():
            return _found("ruff", "format", "--quiet", "--force-exclude")
    return None


def _tools(file: Path) -> dict[str, Any]:
    with suppress(OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        tools = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
        return tools if isinstance(tools, dict) else {}
    return {}


def _found(name: str, *options: str) -> Sequence[str] | None:
    program = which(name, path=str(Path(sys.executable).parent)) or which(name)
    return [program, *options] if program else None


def _run(command: Sequence[str], text: str, path: Path, root: Path) -> str:
    with suppress(OSError, subprocess.SubprocessError, UnicodeDecodeError):
        done = subprocess.run(
            [*command, "--stdin-filename", str(path), "-"],
            cwd=root,
            input=text.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        return done.stdout.decode() or text
    return text
