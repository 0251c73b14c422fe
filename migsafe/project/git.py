"""What changed since a git ref, the working tree included."""

import os
import subprocess
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from migsafe.errors import GitError

if TYPE_CHECKING:
    from migsafe.project.graph import History, Key


def changed_since(ref: str, history: "History") -> "frozenset[Key]":
    """Find the migrations that were added or edited since the merge base of HEAD and a ref.

    Commits, the index, the working tree and untracked files that are not ignored count; a renamed file is a new
    migration. The repository is the one that the project's root is in.

    Args:
        ref: A branch, tag or commit.

    Raises:
        GitError: No git, no repository, no such ref, or no common commit.
    """
    files = _changed_files(ref, history.project.root)
    return frozenset(key for key in history.order if history.path(key) in files)


def has_uncommitted_changes(file: Path) -> bool:
    """Whether a file has content that git does not have in a commit; False where there is no git or no repository."""
    try:
        return bool(_git(file.parent, "status", "--porcelain", "--", file.name))
    except (GitError, _Failed):
        return False


def is_committed(file: Path) -> bool:
    """Whether git has a file as it is in a commit, so that overwriting it loses nothing."""
    try:
        return bool(_git(file.parent, "ls-files", "--", file.name)) and not has_uncommitted_changes(file)
    except (GitError, _Failed):
        return False


def main_branch(folder: Path) -> str | None:
    """The branch that is released: ``origin/HEAD``, else main or master, of origin or here; None if there is none."""
    for ref in ("origin/HEAD", "origin/main", "origin/master", "main", "master"):
        try:
            _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        except (GitError, _Failed):
            continue
        return ref
    return None


def _changed_files(ref: str, folder: Path) -> frozenset[Path]:
    root = Path(_repository(folder))
    base = _merge_base(root, ref)
    # Without rename detection a rename is one file deleted and one added.
    changed = _git(root, "diff", "--name-only", "--no-renames", "--diff-filter=d", "--no-ext-diff", "-z", base, "--")
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return frozenset((root / name).resolve() for name in (changed + untracked).split("\0") if name)


def _repository(folder: Path) -> str:
    try:
        return _git(folder, "rev-parse", "--show-toplevel").rstrip("\n")
    except _Failed as error:
        reason = "" if "not a git repository" in error.stderr else f": {error.stderr}"
        raise GitError(
            f"{folder} is not in a git repository{reason}", "--since compares with a commit of it."
        ) from error


def _merge_base(root: Path, ref: str) -> str:
    try:
        commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").strip()
    except _Failed as error:
        raise _unknown(root, ref) from error
    try:
        return _git(root, "merge-base", "HEAD", commit).strip()
    except _Failed as error:
        if _git(root, "rev-parse", "--is-shallow-repository").strip() == "true":
            raise GitError(
                f"git knows no common commit of HEAD and {ref}: {root} is a shallow clone",
                "Fetch the history: git fetch --unshallow, or fetch-depth: 0 for actions/checkout.",
            ) from error
        raise GitError(
            f"HEAD and {ref} have no common commit in {root}", "Name a ref that HEAD was branched from."
        ) from error


def _unknown(root: Path, ref: str) -> GitError:
    known = _git(root, "for-each-ref", "--format=%(refname:short)").split()
    # origin/main is what CI has where people write main.
    near = [name for name in known if name.endswith(f"/{ref}")] or get_close_matches(ref, known)
    remote, _, branch = ref.rpartition("/")
    fetch = f"git fetch {remote or 'origin'} {branch}"
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Fetch it first: {fetch}"
    return GitError(f"git knows no commit {ref!r} in {root}", hint)


class _Failed(Exception):
    def __init__(self, stderr: str) -> None:
        self.stderr = stderr


def _git(folder: Path, *arguments: str) -> str:
    """Run git and return its stdout; paths that are not valid in the file system's encoding survive.

    Raises:
        GitError: git is not installed.
        _Failed: git exits with another code than 0.
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            check=False,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise GitError("git is not installed, and --since needs it", "Install git, or leave --since out.") from error
    if done.returncode:
        raise _Failed(done.stderr.strip().removeprefix("fatal: "))
    return done.stdout
