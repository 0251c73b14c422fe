"""Which migrations changed since a ref."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from migsafe.errors import GitError
from migsafe.project.git import changed_since, has_uncommitted_changes, main_branch
from tests.history.repositories import Git, commit, git_in, repository


@dataclass
class Here:
    """What `changed_since` asks of a project."""

    root: Path


class Files:
    """A history whose migrations are the files of ``orders/migrations``, by name."""

    def __init__(self, root: Path) -> None:
        self.project = Here(root)
        self.folder = root / "orders" / "migrations"
        self.order = tuple(("orders", path.stem) for path in sorted(self.folder.glob("0*.py")))

    def path(self, key: tuple[str, str]) -> Path:
        return (self.folder / f"{key[1]}.py").resolve()


def changed(ref: str, root: Path) -> list[str]:
    return sorted(name for _, name in changed_since(ref, Files(root)))  # type: ignore[arg-type]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """A repository with 0001_a and 0002_b on main and, checked out, a branch ``feature`` at the same commit."""
    git = git_in(tmp_path)
    git("init", "-q", "-b", "main")
    save(tmp_path, "0001_a", "0002_b")
    git("add", ".")
    git("commit", "-qm", "first")
    git("switch", "-qc", "feature")
    return git


def save(root: Path, *names: str) -> None:
    folder = root / "orders" / "migrations"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = folder / f"{name}.py"
        path.write_text(path.read_text() + "# edited\n" if path.exists() else f"# {name}\n")


def test_nothing_changed(tmp_path: Path, git: Git) -> None:
    assert changed("main", tmp_path) == []


def test_edited_in_the_moment_of_the_commit(tmp_path: Path, git: Git) -> None:
    # git looks into a file that is as old as the index, though its size and time are what the index says.
    moment = (1_700_000_000_000_000_000,) * 2
    path = tmp_path / "orders/migrations/0002_b.py"
    os.utime(path, ns=moment)
    git("add", ".")
    path.write_text(path.read_text().upper())
    for file in (path, tmp_path / ".git/index"):
        os.utime(file, ns=moment)
    assert changed("main", tmp_path) == ["0002_b"]


def test_added_and_edited_in_commits(tmp_path: Path, git: Git) -> None:
    save(tmp_path, "0002_b", "0003_c")
    commit(git)
    assert changed("main", tmp_path) == ["0002_b", "0003_c"]


def test_the_working_tree_counts(tmp_path: Path, git: Git) -> None:
    save(tmp_path, "0001_a", "0003_staged")
    git("add", "orders/migrations/0003_staged.py")
    save(tmp_path, "0004_untracked")
    assert changed("main", tmp_path) == ["0001_a", "0003_staged", "0004_untracked"]


def test_renamed_counts_and_deleted_does_not(tmp_path: Path, git: Git) -> None:
    git("mv", "orders/migrations/0002_b.py", "orders/migrations/0002_c.py")
    git("rm", "-q", "orders/migrations/0001_a.py")
    commit(git)
    assert changed("main", tmp_path) == ["0002_c"]


def test_what_main_got_meanwhile_does_not_count(tmp_path: Path, git: Git) -> None:
    save(tmp_path, "0003_mine")
    commit(git)
    git("switch", "-q", "main")
    save(tmp_path, "0003_theirs")
    commit(git)
    git("switch", "-q", "feature")
    git("merge", "-q", "--no-edit", "main~1")
    assert changed("main", tmp_path) == ["0003_mine"]


def test_ignored_files_do_not_count(tmp_path: Path, git: Git) -> None:
    (tmp_path / ".gitignore").write_text("0003*\n")
    save(tmp_path, "0003_c")
    assert changed("main", tmp_path) == []


def test_a_project_in_a_folder_with_odd_names(tmp_path: Path, git: Git) -> None:
    root = tmp_path / 'back end "é"\n'
    save(root, "0001_a")
    commit(git)
    save(root, "0002_b")
    assert changed("main", root) == ["0001_a", "0002_b"]


def test_tags_and_commits_are_refs_too(tmp_path: Path, git: Git) -> None:
    git("tag", "v1")
    save(tmp_path, "0003_c")
    assert changed("v1", tmp_path) == changed(git("rev-parse", "HEAD"), tmp_path) == changed("HEAD", tmp_path)


def fails(ref: str, root: Path) -> tuple[str, str | None]:
    with pytest.raises(GitError) as caught:
        changed(ref, root)
    return caught.value.message, caught.value.hint


def test_not_a_repository(tmp_path: Path) -> None:
    save(tmp_path, "0001_a")
    assert fails("main", tmp_path) == (
        f"{tmp_path} is not in a git repository",
        "--since and --applied-ref compare with a commit of it.",
    )


@pytest.mark.parametrize(
    ("ref", "hint"),
    [
        ("mian", "Did you mean main?"),
        ("release", "Did you mean origin/release?"),
        ("origin/nightly", "Fetch it first: git fetch origin nightly:refs/remotes/origin/nightly"),
        ("--help", "Fetch it first: git fetch origin --help:--help"),
    ],
)
def test_unknown_ref(tmp_path: Path, git: Git, ref: str, hint: str) -> None:
    git("update-ref", "refs/remotes/origin/release", "HEAD")
    assert fails(ref, tmp_path) == (f"git knows no commit {ref!r} in {tmp_path}", hint)


def test_no_common_commit(tmp_path: Path, git: Git) -> None:
    git("switch", "-q", "--orphan", "island")
    git("commit", "-qm", "other", "--allow-empty")
    assert fails("main", tmp_path) == (
        f"HEAD and main have no common commit in {tmp_path}",
        "Name a ref that HEAD was branched from.",
    )


def test_shallow_clone(tmp_path: Path, git: Git) -> None:
    save(tmp_path, "0003_c")
    commit(git)
    git("switch", "-q", "main")
    save(tmp_path, "0003_d")
    commit(git)
    clone = tmp_path / "clone"
    git("clone", "-q", "--depth=1", "--no-single-branch", "--branch=feature", tmp_path.as_uri(), str(clone))
    assert fails("origin/main", clone) == (
        f"git knows no common commit of HEAD and origin/main: {clone} is a shallow clone, "
        "with 1 commit of HEAD and 1 commit of origin/main",
        "Fetch the rest: git fetch --unshallow, or less of it: git fetch --deepen=100. "
        "In CI: fetch-depth: 0 for actions/checkout, GIT_DEPTH: 0 for GitLab.",
    )


def test_an_app_in_a_submodule(tmp_path: Path) -> None:
    app = tmp_path / "app"
    library = repository(app, {"migrations/0001_a.py": "# a"})
    git = repository(tmp_path / "here", {})
    here = tmp_path / "here"
    git("submodule", "add", "-q", app.as_uri(), "orders")
    commit(git)
    git("branch", "-f", "main")
    save(here, "0001_a", "0002_b")
    assert changed("main", here) == ["0001_a", "0002_b"]
    # As CI clones a submodule: without the commit that main has of it.
    then = git("rev-parse", "main:orders")
    commit(library)
    (here / "orders").rename(tmp_path / "aside")
    git("clone", "-q", "--depth=1", app.as_uri(), "orders")
    save(here, "0002_b")
    assert fails("main", here) == (
        f"submodule {here}/orders does not have commit {then[:12]} in this clone",
        f"Fetch it: git -C {here}/orders fetch origin {then}",
    )


def test_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert fails("main", tmp_path)[0] == "git is not installed, and --since and --applied-ref need it"


def test_the_main_branch_is_the_remotes_or_main_or_master(tmp_path: Path, git: Git) -> None:
    assert main_branch(tmp_path) == "main"
    git("branch", "-m", "main", "master")
    assert main_branch(tmp_path) == "master"
    git("update-ref", "refs/remotes/origin/trunk", "HEAD")
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert main_branch(tmp_path / "orders") == "origin/trunk"


def test_no_main_branch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert main_branch(tmp_path) is None
    git_in(tmp_path)("init", "-q", "-b", "main")
    assert main_branch(tmp_path) is None


def test_changes_of_a_file_that_are_not_committed(tmp_path: Path, git: Git) -> None:
    file = tmp_path / "orders" / "migrations" / "0001_a.py"
    assert not has_uncommitted_changes(file)
    assert not has_uncommitted_changes(file.with_name("nothing.py"))
    save(tmp_path, "0001_a")
    assert has_uncommitted_changes(file)
    git("add", ".")
    assert has_uncommitted_changes(file)
    commit(git)
    assert not has_uncommitted_changes(file)
    save(tmp_path, "0009_new")
    assert has_uncommitted_changes(file.with_name("0009_new.py"))


def test_without_a_repository_nothing_is_uncommitted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    save(tmp_path, "0001_a")
    assert not has_uncommitted_changes(tmp_path / "orders" / "migrations" / "0001_a.py")
