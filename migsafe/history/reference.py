"""What a git ref says was applied: the files of a project as they were there, at the paths of the working tree."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from migsafe.errors import GitError
from migsafe.project.git import Changes, Repository

FOLDER, SYMLINK, SUBMODULE = "40000", "120000", "160000"
"""Modes of what is no file in a tree object."""

MOST_LINKS = 40
"""How many symbolic links are followed on the way to a file: Linux's own limit."""


class Reference:
    """A ref that is compared with the working tree.

    Attributes:
        ref: As it was named.
        commit: Hash of its commit.
        base: Hash of the commit at which HEAD has left it: what it has got since does not count.
    """

    def __init__(self, repository: Repository, ref: str) -> None:
        self.ref = ref
        self.repository = repository
        self.commit = repository.commit(ref)
        self.base = repository.merge_base(ref)

    @cached_property
    def tree(self) -> "Commit":
        """The files at ``base``."""
        return Base(self.repository, self.base, self.ref, self.changed)

    @property
    def changed(self) -> frozenset[Path]:
        """Absolute paths of files that differ between ``base`` and the working tree.

        Committed or not; deleted, staged and untracked ones too. What is ignored does not count.
        """
        return self._changes.files

    @property
    def renamed(self) -> Mapping[Path, Path]:
        """Old paths of Python files → new ones, as git's rename detection pairs them: the two need not be the same."""
        return self._changes.renamed

    @cached_property
    def _changes(self) -> Changes:
        return self.repository.changes(self.base)

    def since(self, files: Iterable[Path]) -> dict[Path, datetime | None]:
        """When files came to the ref: the time of its first commit with a file of that name.

        Commits count as the ref got them: what came with a merge, at the time of the merge. For a file in a submodule
        they are the submodule's. None for a file that was not there, or longer than the history of a shallow clone.
        """
        dates: dict[Path, datetime | None] = dict.fromkeys(files)
        trees: defaultdict[Commit, list[Path]] = defaultdict(list)
        for file in dates:
            with suppress(GitError):
                if found := self.tree.find(file):
                    trees[found.tree].append(file)
        for tree, inside in trees.items():
            commit = self.commit if tree is self.tree else tree.commit
            added = dict(_added(tree.repository, commit, {file.parent for file in inside}))
            dates |= {file: added.get(file) for file in inside}
        return dates


class Entry(NamedTuple):
    """A file or folder in a tree.

    Attributes:
        tree: The commit that it is in, perhaps a submodule's.
        path: Where it is, without symbolic links.
        object: Name of its blob or tree.
    """

    tree: "Commit"
    path: Path
    mode: str
    object: str


class Commit:
    """The files of a commit, those of submodules included.

    Paths are absolute, as in the working tree. Content is what git stores: line ends may be others there.

    Args:
        commit: A full hash.
        name: What people call it; the beginning of its hash if that is not given.
    """

    def __init__(self, repository: Repository, commit: str, name: str | None = None) -> None:
        self.repository = repository
        self.commit = commit
        self.name = name or commit[:12]
        self._folders: dict[str, dict[str, tuple[str, str]]] = {}
        self._submodules: dict[Path, Commit] = {}

    def read(self, path: Path) -> bytes | None:
        """Content of a file; None if there was none.

        Raises:
            GitError: It was in a submodule whose commit this clone does not have.
        """
        entry = self.find(path)
        if entry is None or entry.mode == FOLDER:
            return None
        return entry.tree.repository.objects.read(entry.object)

    def names(self, folder: Path) -> frozenset[str]:
        """Names of the files and folders in a folder; empty if there was none.

        Raises:
            GitError: It was in a submodule whose commit this clone does not have.
        """
        entry = self.find(folder)
        if entry is None or entry.mode != FOLDER:
            return frozenset()
        return frozenset(entry.tree.entries(entry.object))

    def find(self, path: Path, links: int = MOST_LINKS) -> Entry | None:
        """Where something is, symbolic links followed; None if there was nothing, or it is outside of the repository.

        Args:
            links: How many symbolic links may follow.

        Raises:
            GitError: It was in a submodule whose commit this clone does not have.
        """
        place = self.repository.root
        if not path.is_relative_to(place):
            path = path.resolve()
        if not path.is_relative_to(place):
            return None
        entry = Entry(self, place, FOLDER, f"{self.commit}^{{tree}}")
        parts = path.relative_to(place).parts
        for number, part in enumerate(parts, 1):
            mode, name = self.entries(entry.object).get(part, ("", "")) if entry.mode == FOLDER else ("", "")
            place, rest = place / part, Path(*parts[number:])
            if mode == "":
                return None
            if mode == SUBMODULE:
                return self._submodule(place, name).find(place / rest)
            if mode == SYMLINK:
                target = place.parent / os.fsdecode(self.repository.objects.read(name)) / rest
                return self.find(Path(os.path.normpath(target)), links - 1) if links else None
            entry = Entry(self, place, mode, name)
        return entry

    def entries(self, name: str) -> dict[str, tuple[str, str]]:
        """Mode and object of what is in a tree object, by name."""
        if name not in self._folders:
            self._folders[name] = dict(_entries(self.repository.objects.read(name), len(self.commit) // 2))
        return self._folders[name]

    def _submodule(self, folder: Path, commit: str) -> "Commit":
        if folder not in self._submodules:
            name = str(folder.relative_to(self.repository.root))
            self._submodules[folder] = Commit(self.repository.submodule(name, commit), commit)
        return self._submodules[folder]


class Base(Commit):
    """A commit that the working tree is compared with.

    What git calls the same is read from the working tree: there it is as Python reads it, whatever filters git has for
    it (Git LFS, git-crypt, line ends), and a partial clone has it.

    Args:
        changed: Paths of what is not the same.
    """

    def __init__(self, repository: Repository, commit: str, name: str, changed: frozenset[Path]) -> None:
        super().__init__(repository, commit, name)
        self._changed = changed

    def read(self, path: Path) -> bytes | None:
        entry = self.find(path)
        if entry is not None and entry.path not in self._changed:
            with suppress(OSError):  # a folder, or outside of a sparse checkout
                return entry.path.read_bytes()
        return super().read(path)


def open_reference(ref: str, root: Path) -> Reference:
    """Look at a ref.

    Args:
        ref: A branch, tag or commit.
        root: A folder of the repository; of a submodule if that is what the ref is in.

    Raises:
        GitError: No git, no repository, no such ref, or no common commit with HEAD in this clone.
    """
    return Reference(Repository.of(root), ref)


def earlier(root: Path, *files: Path) -> Iterator[Commit]:
    """Commits of any branch that have changed one of some files, newest first; none where there is no git.

    Args:
        root: A folder of the repository.
        files: Of the repository, or of one of its submodules; others have no commits.
    """
    try:
        repository = Repository.of(root)
        head = Commit(repository, repository.commit("HEAD"))
    except GitError:
        return
    repositories: dict[Repository, list[str]] = {}
    for file in files:
        with suppress(GitError):
            entry = head.find(file)
            inner = entry.tree.repository if entry else repository
            if file.is_relative_to(inner.root):
                repositories.setdefault(inner, []).append(str(file.relative_to(inner.root)))
    for inner, names in repositories.items():
        for commit in inner.git("--literal-pathspecs", "log", "--all", "--format=%H", "--", *names).split():
            yield Commit(inner, commit)


def _entries(tree: bytes, size: int) -> Iterator[tuple[str, tuple[str, str]]]:
    """Read a tree object: name → mode and object.

    Args:
        size: Bytes of a hash.
    """
    start = 0
    while start < len(tree):
        end = tree.index(b"\0", start)
        mode, _, name = tree[start:end].partition(b" ")
        start = end + 1 + size
        yield os.fsdecode(name), (mode.decode(), tree[end + 1 : start].hex())


def _added(repository: Repository, commit: str, folders: Iterable[Path]) -> Iterator[tuple[Path, datetime | None]]:
    """Files that are or were in folders, and when they first came; the last one that is given for a file counts."""
    shallow: set[str] = set()
    with suppress(FileNotFoundError):
        shallow = {*repository.path("shallow").read_text().split()}
    options = ("--first-parent", "-m", "--diff-filter=A", "--no-renames", "--name-only", "--format=%x01%H %ct%x00")
    names = (str(folder.relative_to(repository.root)) for folder in folders)
    listed = repository.git("--literal-pathspecs", "log", "-z", *options, commit, "--", *names)
    date = None
    for word in listed.split("\0"):
        if word.startswith("\x01"):
            name, _, seconds = word[1:].partition(" ")
            date = None if name in shallow else datetime.fromtimestamp(int(seconds), UTC)
        elif word := word.removeprefix("\n"):
            yield repository.root / word, date
