"""Migrations as a commit has them: what the replay makes of the project as it was."""

import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from migsafe.applied import Key, Version
from migsafe.config import Config
from migsafe.errors import GitError
from migsafe.history.reference import FOLDER, Commit
from migsafe.history.replaying import Answers, Request
from migsafe.project.graph import History

LIMIT = 300.0
"""Seconds that loading and replaying the old project may take."""


def previous(
    commit: Commit, history: History, config: Config, keys: Collection[Key], postgres: int
) -> dict[Key, Version | str]:
    """Replay migrations as they were.

    The commit's files go to a folder that is there for this only, with links to those that git does not know (``.env``,
    local settings). From there, a process of its own loads the project, in today's environment.

    Args:
        history: Of the project as it is.
        keys: What to replay.
        postgres: Major version of the target server.

    Returns:
        What each did then, or one clause that says why that is not known.
    """
    with TemporaryDirectory(prefix="migsafe-") as folder:
        copy = _Copy(commit, history, Path(folder).resolve() / "project")
        try:
            copy.fill()
        except (GitError, OSError) as error:
            return dict.fromkeys(keys, f"{commit.name} cannot be checked out: {error}")
        answers = _ask(copy.request(config, keys, postgres), copy.path(history.project.root))
    if isinstance(answers, str):
        answers = [(key, answers) for key in keys]
    return {
        key: f"at {commit.name}, {copy.shown(answer)}" if isinstance(answer, str) else answer for key, answer in answers
    }


class _Copy:
    """The files of a commit in another folder.

    Args:
        target: What stands for the root of the working tree.
    """

    def __init__(self, commit: Commit, history: History, target: Path) -> None:
        self.commit = commit
        self.history = history
        self.home = commit.repository.root
        self.target = target
        packages = [one for app in history.project.apps for one in history.packages(app).items()]
        self.migrations = frozenset(folder for _, folder in packages)
        self.imports = tuple(
            dict.fromkeys(root for name, folder in packages for root in self._import_root(name, folder))
        )

    def _import_root(self, name: str, folder: Path) -> Iterator[Path]:
        """The folder that a package is imported from."""
        parts = name.split(".")
        if folder.parts[-len(parts) :] == tuple(parts) and self._has(root := folder.parents[len(parts) - 1]):
            yield root

    def _has(self, folder: Path) -> bool:
        with suppress(GitError):
            entry = self.commit.find(folder)
            return entry is not None and entry.mode == FOLDER
        return False

    def path(self, path: Path) -> Path:
        """What stands for a file or folder of the working tree."""
        return self.target / path.relative_to(self.home)

    def fill(self) -> None:
        """Write and link the files.

        Raises:
            GitError: The project was not there, or git cannot check it out.
        """
        root = self.history.project.root
        if not self._has(root):
            raise GitError(f"there was no folder {root}")
        wanted = {root, *self.imports, *(Path(path) for path in sys.path if path and self._has(Path(path)))}
        trees: dict[Commit, list[Path]] = {}
        for folder in wanted:
            if wanted.isdisjoint(folder.parents) and (entry := self.commit.find(folder)):
                trees.setdefault(entry.tree, []).append(folder)
        for tree, folders in trees.items():
            tree.repository.check_out(tree.commit, folders, self.path(tree.repository.root))
            for path in self._not_in_git(tree):
                if any(path.is_relative_to(folder) for folder in folders):
                    self._link(path)
        (self.target / ".git").mkdir(exist_ok=True)  # nobody looks for a project's files above it

    def _not_in_git(self, tree: Commit) -> Iterator[Path]:
        """Files and folders that may belong to every version of the project: not those of a new app or migration."""
        new = {path for path in tree.repository.untracked(ignored=False) if self._has_migrations(path)}
        for path in tree.repository.untracked(ignored=True):
            if path not in new and path.name != "__pycache__" and path.suffix != ".pyc":
                yield path

    def _has_migrations(self, path: Path) -> bool:
        folders = {path, *path.parents}
        return not folders.isdisjoint(self.migrations) or any(path in folder.parents for folder in self.migrations)

    def _link(self, path: Path) -> None:
        link = self.path(path)
        # A folder that is a link leads out of the copy.
        if link.parent.resolve().is_relative_to(self.target):
            with suppress(OSError):  # the commit has something of that name
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(path)

    def request(self, config: Config, keys: Collection[Key], postgres: int) -> Request:
        """What the process is to do."""
        project = self.history.project
        return Request(
            home=str(self.home),
            copy=str(self.target),
            root=str(self.path(project.root)),
            imports=tuple(str(self.path(folder)) for folder in self.imports),
            settings=project.settings,
            env=config.env,
            database=project.database,
            postgres=postgres,
            keys=tuple(keys),
        )

    def shown(self, message: str) -> str:
        """A message about the copy, with the paths of the working tree."""
        return message.replace(str(self.target), str(self.home))


def _ask(request: Request, folder: Path) -> Answers | str:
    """Run the process in a folder."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "migsafe.history.replaying"],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(msgspec.json.encode(request), timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return f"loading and replaying it takes more than {LIMIT:g} seconds"
    finally:
        with suppress(ProcessLookupError):  # what the project has started goes with it
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    if process.returncode or not stdout:
        *_, last = ["", *stderr.decode(errors="replace").strip().splitlines()]
        return f"the process that replays it ends with {process.returncode}: {last}"
    return msgspec.json.decode(stdout, type=Answers | str)
