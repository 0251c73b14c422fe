"""Replay migrations of a project that lies in another folder than its own: to be run as a process."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from migsafe.applied import Key, Version
from migsafe.errors import MigsafeError
from migsafe.history.version import version
from migsafe.project.graph import History
from migsafe.project.load import load
from migsafe.project.replay import Replay

Answers = list[tuple[Key, Version | str]]
"""What each migration does, or why that is not known."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to replay.

    Attributes:
        home: Where the files come from.
        copy: Where they lie now.
        root: The project's folder in ``copy``.
        imports: Folders of ``copy`` that packages are imported from, beside those on Python's path.
        settings: Settings module.
        env: Environment variables that settings demand.
        database: Alias in DATABASES.
        postgres: Major version of the target server.
        keys: Migrations.
    """

    home: str
    copy: str
    root: str
    imports: tuple[str, ...]
    settings: str
    env: dict[str, str]
    database: str
    postgres: int
    keys: tuple[Key, ...]


def replay(request: Request) -> Iterator[tuple[Key, Version | str]]:
    """Load the project and replay its migrations, once in a process.

    Raises:
        MigsafeError: The project cannot be loaded.
    """
    sys.path[:] = [*(_moved(path, request) for path in sys.path), *request.imports]
    project = load(Path(request.root), settings=request.settings, env=request.env, database=request.database)
    history = History(project)
    wanted = set()
    for key in request.keys:
        if key in history.replaced:
            yield key, f"{'.'.join(history.replaced[key])} stood for it"
        elif key not in history.digraph:
            yield key, "there was no such migration"
        elif not history.path(key).is_relative_to(request.copy):
            yield (
                key,
                f"Python imports it from {history.path(key)}, wherever it is started",
            )
        else:
            wanted.add(key)
    for replayed in Replay(project, history, request.postgres, wanted=wanted):
        yield (replayed.app, replayed.name), version(replayed)


def _moved(path: str, request: Request) -> str:
    """A folder of Python's path, or what stands for it."""
    folder = Path(path)
    if path and folder.is_relative_to(request.home):
        moved = request.copy / folder.relative_to(request.home)
        if moved.resolve().is_relative_to(request.copy):
            return str(moved)
    return path


def main() -> None:
    """Read a request in JSON from stdin, write answers or a text that says why there are none to stdout."""
    # What the project's code prints must not get between.
    stdout = os.dup(1)
    os.dup2(2, 1)
    request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
    answer: Answers | str
    try:
        answer = list(replay(request))
    except MigsafeError as error:
        answer = error.message
    with os.fdopen(stdout, "wb") as pipe:
        pipe.write(msgspec.json.encode(answer))
    # Threads that the project has started may run for ever.
    os._exit(0)


if __name__ == "__main__":
    main()
