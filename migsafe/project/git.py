"""What git knows of a project. Nothing is written into its repository: not its index, refs, worktrees or objects."""

import os
import shutil
import subprocess
import weakref
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from migsafe.errors import GitError

if TYPE_CHECKING:
    from migsafe.project.graph import History, Key

OF_A_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR")
"""Variables that git sets for hooks: for a submodule they would name the wrong repository."""

QUIET = {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1"}
"""Variables that make git speak English, leave the index alone, ask nobody, and download nothing for Git LFS."""

LINK = "160000 "
"""Mode of a submodule's entry in a tree or the index."""

SAME = 75
"""Percent of a renamed file that have to be the same: of two migrations, half always is."""

BIG = 5_000_000
"""Bytes: no code that Python imports."""


def changed_since(ref: str, history: "History") -> "frozenset[Key]":
    """Find the migrations that were added or edited since the merge base of HEAD and a ref.

    Commits, the index, the working tree and untracked files that are not ignored count; a renamed file is a new
    migration. The repository is the one that the project's root is in, with its submodules.

    Args:
        ref: A branch, tag or commit.

    Raises:
        GitError: No git, no repository, no such ref, or no common commit.
    """
    repository = Repository.of(history.project.root)
    changes = repository.changes(repository.merge_base(ref))
    files = {key: history.path(key) for key in history.order}
    for folder, error in changes.unknown.items():
        if any(file.is_relative_to(folder) for file in files.values()):
            raise error
    return frozenset(key for key, file in files.items() if file in changes.files)


def has_uncommitted_changes(file: Path) -> bool:
    """Whether a file has content that git does not have in a commit; False where there is no git or no repository."""
    try:
        return bool(_git(file.parent, "status", "--porcelain", "--", file.name))
    except GitError:
        return False


def is_new(file: Path) -> bool:
    """Whether a file is in no commit, staged or not; False where there is no git or no repository."""
    try:
        return _git(file.parent, "status", "--porcelain", "--", file.name)[:2] in ("??", "A ", "AM")
    except GitError:
        return False


def is_committed(file: Path) -> bool:
    """Whether git has a file as it is in a commit, so that overwriting it loses nothing."""
    try:
        return bool(_git(file.parent, "ls-files", "--", file.name)) and not has_uncommitted_changes(file)
    except GitError:
        return False


def main_branch(folder: Path) -> str | None:
    """The branch that is released: the remote's own, else main or master, of origin or here; None if there is none."""
    for ref in ("origin/HEAD", "origin/main", "origin/master", "main", "master"):
        try:
            _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        except GitError:
            continue
        return _git(folder, "rev-parse", "--abbrev-ref", ref).strip()
    return None


@dataclass(frozen=True)
class Changes:
    """How the working tree, untracked files that are not ignored included, differs from a commit.

    Attributes:
        files: Absolute paths of files that are not the same: edited, added, deleted.
        renamed: Old paths of Python files → new ones, as git's rename detection pairs them: the two may differ.
        unknown: Submodules of which this clone does not have the commit → what is missing.
    """

    files: frozenset[Path]
    renamed: Mapping[Path, Path]
    unknown: Mapping[Path, GitError]


@dataclass(frozen=True)
class Repository:
    """A repository with a working tree.

    Attributes:
        root: Its working tree, symbolic links resolved.
    """

    root: Path

    @classmethod
    def of(cls, folder: Path) -> "Repository":
        """The one that a folder is in.

        Raises:
            GitError: No git, no repository, or git does not trust it.
        """
        try:
            return cls(Path(_git(folder, "rev-parse", "--show-toplevel").removesuffix("\n")))
        except Failed as error:
            reason, *rest = error.stderr.splitlines() or [""]
            if "dubious ownership" in reason:
                add = next((line.strip() for line in rest if "safe.directory" in line), "")
                raise GitError(
                    f"git refuses the repository of {folder}: its files belong to another user", f"Allow it: {add}"
                ) from error
            reason = "" if "not a git repository" in reason else f": {reason}"
            raise GitError(
                f"{folder} is not in a git repository{reason}", "--since and --applied-ref compare with a commit of it."
            ) from error

    def git(self, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
        """Run git in the working tree's root; return its stdout.

        Raises:
            Failed: It exits with another code than 0.
        """
        return _git(self.root, *arguments, stdin=stdin, env=env)

    def names(self, command: str, *arguments: str, env: Mapping[str, str] | None = None) -> list[str]:
        """What a command of git lists that knows ``-z``."""
        return self.git(command, "-z", *arguments, env=env).split("\0")[:-1]

    def path(self, name: str) -> Path:
        """Absolute path of something in the repository's own folder (``shallow``)."""
        return self.root / self.git("rev-parse", "--git-path", name).removesuffix("\n")

    def commit(self, ref: str) -> str:
        """Full name of the commit that a ref names.

        Raises:
            GitError: There is none.
        """
        try:
            return self.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").strip()
        except Failed as error:
            raise self._unknown(ref) from error

    def merge_base(self, ref: str) -> str:
        """The commit at which HEAD has left a ref.

        A shallow clone has no parents of its oldest commits, though these name them: CI checks out a merge commit
        without its parents, and then fetches the branch that is one of them.

        Raises:
            GitError: No such ref, or no common commit here.
        """
        commit = self.commit(ref)
        shallow = self.is_shallow
        for head in ("HEAD", *(self._parents("HEAD") if shallow else ())):
            with suppress(Failed):
                return self.git("merge-base", head, commit).strip()
        if shallow:
            raise self._too_shallow(ref, commit)
        raise GitError(
            f"HEAD and {ref} have no common commit in {self.root}", "Name a ref that HEAD was branched from."
        )

    @property
    def is_shallow(self) -> bool:
        """Whether the oldest commits here are not the first ones."""
        return self.git("rev-parse", "--is-shallow-repository").strip() == "true"

    def _parents(self, commit: str) -> list[str]:
        """Those that a commit names, whether they are here or not."""
        with suppress(Failed):
            head, _, _ = self.git("cat-file", "commit", commit).partition("\n\n")
            return [line.removeprefix("parent ") for line in head.splitlines() if line.startswith("parent ")]
        return []

    def _too_shallow(self, ref: str, commit: str) -> GitError:
        head, other = (self.git("rev-list", "--count", one, "--").strip() for one in ("HEAD", commit))
        hint = (
            "Fetch the rest: git fetch --unshallow, or less of it: git fetch --deepen=100. "
            "In CI: fetch-depth: 0 for actions/checkout, GIT_DEPTH: 0 for GitLab."
        )
        if len(self._parents("HEAD")) > 1:
            hint += " HEAD is a merge: with fetch-depth: 2, HEAD^1 is a ref that will do."
        return GitError(
            f"git knows no common commit of HEAD and {ref}: {self.root} is a shallow clone, "
            f"with {_count(head)} of HEAD and {_count(other)} of {ref}",
            hint,
        )

    def refs(self) -> list[str]:
        """Branches, those of remotes, and tags."""
        return self.git("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags").split()

    def _unknown(self, ref: str) -> GitError:
        known = self.refs()
        remotes = self.git("remote").split() or ["origin"]
        prefix = max((f"{name}/" for name in remotes if ref.startswith(f"{name}/")), key=len, default="")
        branch = ref.removeprefix(prefix)
        names = {name.removeprefix(prefix): name for name in known if name.startswith(prefix)}
        # origin/main is what CI has where people write main.
        near = [name for name in known if name.endswith(f"/{ref}")]
        near = near or [names[name] for name in get_close_matches(branch, names)]
        # Without its second half, the command leaves a clone of a single branch with FETCH_HEAD only.
        fetched = f"{branch}:refs/remotes/{ref}" if prefix else f"{ref}:{ref}"
        return GitError(
            f"git knows no commit {ref!r} in {self.root}",
            f"Did you mean {' or '.join(near)}?"
            if near
            else f"Fetch it first: git fetch {prefix.removesuffix('/') or remotes[0]} {fetched}",
        )

    def changes(self, base: str) -> Changes:
        """Compare the working tree with a commit."""
        with self._scratch() as env:
            with suppress(FileNotFoundError):  # nothing was ever added
                # A copy, since git diff refreshes it; as old as it is: files that are no older have to be looked into.
                shutil.copy2(self.path("index"), env["GIT_INDEX_FILE"])
            others = self.names("ls-files", "--others", "--exclude-standard", env=env)
            # So that their renames are found before they are staged. What object the index has for them is not asked;
            # adding them would make one, or touch it where it is.
            python = (f"100644 {base}\t{name}\0" for name in others if name.endswith(".py"))
            self.git("update-index", "-z", "--index-info", stdin="".join(python), env=env)
            status = self._diff("--no-renames", base, env=env)
            changed = dict(zip(status[1::2], status[::2], strict=True))
            found = []
            if any(name.endswith(".py") and status == "D" for name, status in changed.items()):
                found = self._diff(f"--find-renames={SAME}%", "--diff-filter=R", base, "--", "*.py", env=env)
        # A repository in this one that is no submodule has a slash at its end.
        named = {*changed, *(name for name in others if not name.endswith((".py", "/")))}
        files = {path for name in named for path in _paths(self.root / name)}
        renamed = {self.root / old: self.root / new for old, new in zip(found[1::3], found[2::3], strict=True)}
        unknown: dict[Path, GitError] = {}
        if ".gitmodules" in named or (self.root / ".gitmodules").exists():
            for name, commit in self._submodules(base).items():
                inner = self._changes_in(name, commit)
                files |= inner.files
                renamed |= inner.renamed
                unknown |= inner.unknown
        return Changes(frozenset(files), renamed, unknown)

    def submodule(self, name: str, commit: str) -> "Repository":
        """The repository of a submodule.

        Args:
            name: Its path.
            commit: What is wanted of it.

        Raises:
            GitError: It is not checked out, or does not have the commit.
        """
        folder = self.root / name
        if not (folder / ".git").exists():
            raise GitError(
                f"submodule {folder} is not checked out, and what it was at commit {commit[:12]} is not known",
                f"Check it out: git submodule update --init {name}",
            )
        inner = Repository.of(folder)
        try:
            inner.git("cat-file", "-e", f"{commit}^{{commit}}")
        except Failed as error:
            raise GitError(
                f"submodule {folder} does not have commit {commit[:12]} in this clone",
                f"Fetch it: git -C {folder} fetch origin {commit}",
            ) from error
        return inner

    def check_out(self, commit: str, folders: Collection[Path], target: Path) -> None:
        """Write files of a commit to a folder outside, as git would check them out; submodules too, if they are here.

        Left out are files of more than `BIG` bytes. Git LFS downloads nothing.

        Args:
            folders: Those of the working tree to write.
            target: What stands for the working tree's root.

        Raises:
            GitError: A filter that has to succeed does not.
        """
        inside = [folder.relative_to(self.root).as_posix() for folder in folders]
        entries = []
        for line in self.names("ls-tree", "-r", "-l", commit, *([] if "." in inside else inside)):
            entry, _, name = line.partition("\t")
            mode, kind, blob, size = entry.split()
            if mode == LINK:
                with suppress(GitError):
                    inner = self.submodule(name, blob)
                    inner.check_out(blob, [inner.root], target / name)
            elif int(size) <= BIG:
                entries.append(f"{mode} {kind} {blob}\t{name}\0")
        target.mkdir(parents=True, exist_ok=True)
        with self._scratch() as env:
            self.git("update-index", "-z", "--index-info", stdin="".join(entries), env=env)
            self.git("checkout-index", "--all", "--force", f"--prefix={target}/", env=env)

    def untracked(self, *, ignored: bool) -> Iterator[Path]:
        """Absolute paths of files that are in no commit and not staged; folders for which all files would be named.

        Args:
            ignored: Whether to give those that ``.gitignore`` names too.
        """
        options = ["--others", "--directory", "--no-empty-directory", *(() if ignored else ["--exclude-standard"])]
        return (self.root / name for name in self.names("ls-files", *options))

    @cached_property
    def objects(self) -> "Objects":
        """What is stored in it."""
        return Objects(self.root)

    def _diff(self, *arguments: str, env: Mapping[str, str]) -> list[str]:
        options = ("--name-status", "--no-ext-diff", "--no-relative", "--ignore-submodules=all")
        return self.names("diff", *options, *arguments, env=env)

    @contextmanager
    def _scratch(self) -> Iterator[Mapping[str, str]]:
        """Variables for git that has to write: an empty index, and where objects go that come of it (sparse index)."""
        with TemporaryDirectory(prefix="migsafe-") as folder:
            index, objects = Path(folder, "index"), Path(folder, "objects")
            (objects / "info").mkdir(parents=True)
            (objects / "info" / "alternates").write_text(f"{self.path('objects')}\n")
            yield {"GIT_INDEX_FILE": str(index), "GIT_OBJECT_DIRECTORY": str(objects)}

    def _submodules(self, base: str) -> dict[str, str | None]:
        """Paths of submodules → their commits at a commit of this repository; None for those that it did not have."""
        now = (line.partition("\t")[::2] for line in self.names("ls-files", "--stage"))
        then = (line.partition("\t")[::2] for line in self.names("ls-tree", "-r", base))
        return {
            **{name: None for entry, name in now if entry.startswith(LINK)},
            **{name: entry.split()[2] for entry, name in then if entry.startswith(LINK)},
        }

    def _changes_in(self, name: str, commit: str | None) -> Changes:
        """How a submodule differs from a commit of it; all of it is new if there is none."""
        folder = self.root / name
        try:
            if commit is not None:
                return self.submodule(name, commit).changes(commit)
            if not (folder / ".git").exists():
                return Changes(frozenset(), {}, {})
            inner = Repository.of(folder)
            files = inner.names("ls-files", "--cached", "--others", "--exclude-standard")
            return Changes(frozenset(inner.root / file for file in files), {}, {})
        except GitError as error:
            return Changes(frozenset(), {}, {folder: error})


class Objects:
    """The objects of a repository: one process of git reads them all."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._process = process = _start(root, "cat-file", "--batch")
        weakref.finalize(self, _stop, process)

    def read(self, name: str) -> bytes:
        """Content of an object.

        Args:
            name: A hash, or a hash and a type (``…^{tree}``).

        Raises:
            GitError: It is not in this clone.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        with suppress(BrokenPipeError):
            stdin.write(f"{name}\n".encode())
            stdin.flush()
        match stdout.readline().split():
            case [_, _, size]:
                content = stdout.read(int(size))
                stdout.read(1)
                return content
            case _:
                raise GitError(
                    f"git cannot read object {name} in {self._root}", "Get all that is missing: git fetch --refetch"
                )


class Failed(GitError):
    """git has exited with another code than 0.

    Attributes:
        stderr: What it said.
    """

    def __init__(self, folder: Path, stderr: str) -> None:
        super().__init__(f"git fails in {folder}: {stderr}")
        self.stderr = stderr


def _git(folder: Path, *arguments: str, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
    """Run git and return its stdout; paths that are not valid in the file system's encoding survive.

    Raises:
        GitError: git is not installed.
        Failed: git exits with another code than 0.
    """
    process = _start(folder, *arguments, env=env)
    stdout, stderr = process.communicate(os.fsencode(stdin))
    if process.returncode:
        raise Failed(folder, os.fsdecode(stderr).strip().removeprefix("fatal: "))
    return os.fsdecode(stdout)


def _start(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
    kept = {name: value for name, value in os.environ.items() if name not in OF_A_REPOSITORY}
    try:
        return subprocess.Popen(
            ["git", "-C", str(folder), "-c", "diff.autoRefreshIndex=true", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**kept, **QUIET, **(env or {})},
        )
    except FileNotFoundError as error:
        raise GitError(
            "git is not installed, and --since and --applied-ref need it", "Install git, or do without them."
        ) from error


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.communicate()


def _paths(path: Path) -> Iterator[Path]:
    """A file, and what it leads to."""
    yield path
    if path.is_symlink():
        yield path.resolve()


def _count(commits: str) -> str:
    return f"{commits} commit{'s' * (commits != '1')}"
