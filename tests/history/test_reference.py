"""What a git ref says was applied, of repositories as people and CI make them."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from migsafe.errors import GitError
from migsafe.history.reference import Reference, earlier, open_reference
from tests.history.repositories import commit, git_in, january, repository, save, untouched

ORDERS = "orders/migrations"


def migration(name: str, ending: str = "") -> str:
    """Text that git takes for another file's if only the ending differs."""
    return "".join(f"# {name}, line {number}\n" for number in range(20)) + ending


def files(*names: str, folder: str = ORDERS) -> dict[str, str]:
    return {f"{folder}/{name}.py": migration(name) for name in names}


def below(root: Path, paths: Iterable[Path]) -> set[str]:
    return {path.relative_to(root).as_posix() for path in paths}


def changed(reference: Reference, root: Path) -> set[str]:
    return below(root, reference.changed)


def read(reference: Reference, path: Path) -> str | None:
    content = reference.tree.read(path)
    return None if content is None else content.decode()


def test_what_differs_from_the_merge_base(tmp_path: Path) -> None:
    names = ("0001_a", "0002_b", "0003_c", "0004_d", "0005_e")
    git = repository(tmp_path, {**files(*names), ".gitignore": "*.log\n", "a\né.sql": "x"})
    git("switch", "-q", "main")
    save(tmp_path, files("0006_theirs"))
    (tmp_path / ORDERS / "0005_e.py").unlink()
    main = commit(git)
    git("switch", "-q", "feature")
    orders = tmp_path / ORDERS
    (orders / "0001_a.py").write_text("committed\n")
    base = git("rev-parse", "main~1")
    commit(git)
    (orders / "0002_b.py").write_text("staged\n")
    git("add", ".")
    (orders / "0003_c.py").write_text("unstaged\n")
    (orders / "0004_d.py").unlink()
    save(tmp_path, {**files("0006_mine"), "notes.log": "ignored", "notes.sql": "untracked", "a\né.sql": "edited"})
    os.utime(orders / "0005_e.py", (1, 1))  # read again, and the same: git diff by itself would write the index

    with untouched(tmp_path):
        reference = open_reference("main", tmp_path / "orders")
        assert (reference.ref, reference.commit, reference.base) == ("main", main, base)
        assert changed(reference, tmp_path) == {
            *(f"{ORDERS}/{name}.py" for name in ("0001_a", "0002_b", "0003_c", "0004_d", "0006_mine")),
            "notes.sql",
            "a\né.sql",
        }
        assert reference.renamed == {}
        assert reference.tree.names(orders) == {f"{name}.py" for name in names}
        assert reference.tree.names(tmp_path) == {".gitignore", "a\né.sql", "orders"}
        assert [read(reference, orders / f"{name}.py") for name in names] == [migration(name) for name in names]
        assert read(reference, tmp_path / "a\né.sql") == "x"
        for nothing in (orders, orders / "0006_theirs.py", orders / "0001_a.py" / "x", Path("/etc/passwd")):
            assert reference.tree.read(nothing) is None
            assert nothing == orders or reference.tree.names(nothing) == set()


def test_what_is_only_restored_or_out_of_the_index_is_no_change(tmp_path: Path) -> None:
    git = repository(tmp_path, files("0001_a", "0002_b"))
    save(tmp_path, {f"{ORDERS}/0001_a.py": "edited"})
    commit(git)
    save(tmp_path, files("0001_a"))
    git("rm", "-q", "--cached", f"{ORDERS}/0002_b.py")
    assert changed(open_reference("main", tmp_path), tmp_path) == set()


def test_renames(tmp_path: Path) -> None:
    old = {**files("0001_a", "0002_b", "0003_c"), **files("0001_a", "0002_z", folder="old/migrations")}
    git = repository(tmp_path, {**old, "old/schema.sql": migration("sql")})
    git("mv", f"{ORDERS}/0001_a.py", f"{ORDERS}/0001_committed.py")
    commit(git)
    git("mv", f"{ORDERS}/0002_b.py", f"{ORDERS}/0002_staged.py")
    save(tmp_path, {f"{ORDERS}/0002_staged.py": migration("0002_b", "edited\n")})
    (tmp_path / ORDERS / "0003_c.py").rename(tmp_path / ORDERS / "0003_untracked.py")
    (tmp_path / "old").rename(tmp_path / "new")
    (tmp_path / "new/migrations/0002_z.py").unlink()
    save(tmp_path, {"new/migrations/0002_other.py": migration("0002_z", "other\n" * 20)})

    with untouched(tmp_path):
        renamed = open_reference("main", tmp_path).renamed
    assert {
        old.relative_to(tmp_path).as_posix(): new.relative_to(tmp_path).as_posix() for old, new in renamed.items()
    } == {
        f"{ORDERS}/0001_a.py": f"{ORDERS}/0001_committed.py",
        f"{ORDERS}/0002_b.py": f"{ORDERS}/0002_staged.py",
        f"{ORDERS}/0003_c.py": f"{ORDERS}/0003_untracked.py",
        "old/migrations/0001_a.py": "new/migrations/0001_a.py",
    }


def test_a_project_in_a_subfolder_of_a_linked_worktree_without_a_branch(tmp_path: Path) -> None:
    git = repository(tmp_path / "here", {**files("0001_a", folder="back end/é"), "front/x.js": "x"})
    git("worktree", "add", "-q", "--detach", "../there")
    there = tmp_path / "there"
    save(there, files("0002_b", folder="back end/é"))
    with untouched(tmp_path):
        reference = open_reference("main", there / "back end" / "é")
        assert changed(reference, there) == {"back end/é/0002_b.py"}
        assert reference.tree.names(there / "back end" / "é") == {"0001_a.py"}


def test_symbolic_links(tmp_path: Path) -> None:
    here = tmp_path / "here"
    git = repository(here, {"shared/a.py": "a", "moved/a.py": "b"})
    save(here, {"apps/__init__.py": ""})
    for name, target in {
        "folder": "../shared",
        "file.py": "folder/a.py",
        "round": "round",
        "out": "/etc/passwd",
    }.items():
        (here / "apps" / name).symlink_to(target)
    commit(git)
    git("branch", "-f", "main")
    (here / "apps/folder").unlink()
    (here / "apps/folder").symlink_to("../moved")

    reference = open_reference("main", here)
    assert changed(reference, here) == {"apps/folder", "moved"}
    assert read(reference, here / "apps/folder/a.py") == read(reference, here / "apps/file.py") == "a"
    assert reference.tree.names(here / "apps/folder") == {"a.py"}
    for nothing in ("round", "out", "round/x"):
        assert reference.tree.read(here / "apps" / nothing) is None
    link = tmp_path / "link"
    link.symlink_to(here)
    assert read(reference, link / "shared/a.py") == "a"


def test_files_that_git_stores_otherwise(tmp_path: Path) -> None:
    git = repository(tmp_path, {".gitattributes": "*.sql filter=turn\n*.py text export-ignore\n", "a.py": "1\n2\n"})
    git("config", "filter.turn.clean", "rev")
    git("config", "filter.turn.smudge", "rev")
    git("config", "core.autocrlf", "true")
    save(tmp_path, {"a.sql": "select\n", "b.sql": "create\n"})
    commit(git)
    git("branch", "-f", "main")
    save(tmp_path, {"a.py": "1\r\n2\r\n"})
    (tmp_path / "b.sql").unlink()
    reference = open_reference("main", tmp_path)
    assert changed(reference, tmp_path) == {"b.sql"}
    assert read(reference, tmp_path / "a.sql") == "select\n"
    assert read(reference, tmp_path / "a.py") == "1\r\n2\r\n"


def test_partial_clones(tmp_path: Path) -> None:
    """What is the same is here; the old version of what is not has to be fetched, which git does by itself."""
    git = repository(tmp_path / "origin", files("0001_a", "0002_b"))
    git("config", "uploadpack.allowFilter", "true")
    git("config", "uploadpack.allowAnySHA1InWant", "true")
    save(tmp_path / "origin", {f"{ORDERS}/0001_a.py": "edited"})
    commit(git)
    clone = tmp_path / "clone"
    git("clone", "-q", "--filter=blob:none", (tmp_path / "origin").as_uri(), str(clone))
    (tmp_path / "origin").rename(tmp_path / "away")
    reference = open_reference("origin/main", clone)
    assert changed(reference, clone) == {f"{ORDERS}/0001_a.py"}
    assert read(reference, clone / ORDERS / "0002_b.py") == migration("0002_b")
    with pytest.raises(GitError, match="git cannot read object"):
        read(reference, clone / ORDERS / "0001_a.py")
    (tmp_path / "away").rename(tmp_path / "origin")
    assert read(open_reference("origin/main", clone), clone / ORDERS / "0001_a.py") == migration("0001_a")


def test_sparse_checkouts_have_deleted_nothing(tmp_path: Path) -> None:
    git = repository(tmp_path, {**files("0001_a"), "front/x.js": "x"})
    git("sparse-checkout", "set", "--cone", "--sparse-index", "front")
    assert not (tmp_path / "orders").exists()
    save(tmp_path, {"front/new.py": "x"})
    with untouched(tmp_path):
        reference = open_reference("main", tmp_path)
        assert changed(reference, tmp_path) == {"front/new.py"}
        assert read(reference, tmp_path / ORDERS / "0001_a.py") == migration("0001_a")


def test_hashes_of_64_digits(tmp_path: Path) -> None:
    git = repository(tmp_path, files("0001_a", "0002_b"), "--object-format=sha256")
    (tmp_path / ORDERS / "0001_a.py").unlink()
    reference = open_reference(git("rev-parse", "main"), tmp_path)
    assert reference.tree.names(tmp_path / ORDERS) == {"0001_a.py", "0002_b.py"}
    assert read(reference, tmp_path / ORDERS / "0001_a.py") == migration("0001_a")


def test_since_when_the_ref_has_a_file(tmp_path: Path) -> None:
    git = repository(tmp_path, files("0001_a"))
    save(tmp_path, files("0002_b"))
    commit(git, day=3)
    git("switch", "-q", "main")
    save(tmp_path, {**files("0002_other"), f"{ORDERS}/0001_a.py": "edited"})
    commit(git, day=4)
    git("merge", "-q", "--no-edit", "feature", day=5)
    git("switch", "-qc", "next")
    save(tmp_path, files("0003_new"))
    commit(git, day=6)
    paths = {name: tmp_path / ORDERS / f"{name}.py" for name in ("0001_a", "0002_b", "0002_other", "0003_new")}
    since = open_reference("main", tmp_path).since(paths.values())
    assert [since[path] for path in paths.values()] == [january(1), january(5), january(4), None]


def test_earlier_commits_of_a_file(tmp_path: Path) -> None:
    git = repository(tmp_path, {"a.py": "1", "b.py": "1"})
    save(tmp_path, {"a.py": "2"})
    commit(git, day=2)
    git("switch", "-qc", "production", "main")
    save(tmp_path, {"a.py": "3", "b.py": "3"})
    commit(git, day=3)
    git("switch", "-q", "--detach", "feature")
    save(tmp_path, {"c.py": "4"})
    commit(git, day=4)
    with untouched(tmp_path):
        trees = list(earlier(tmp_path, tmp_path / "a.py"))
        assert [tree.read(tmp_path / "a.py") for tree in trees] == [b"3", b"2", b"1"]
        assert len(list(earlier(tmp_path, tmp_path / "b.py", tmp_path / "c.py"))) == 3
    assert list(earlier(tmp_path, tmp_path / "nothing.py")) == list(earlier(tmp_path, Path("/etc/passwd"))) == []


def test_without_git_there_are_no_earlier_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(earlier(tmp_path, tmp_path / "a.py")) == []
    git_in(tmp_path)("init", "-q")
    assert list(earlier(tmp_path, tmp_path / "a.py")) == []
    monkeypatch.setenv("PATH", "")
    assert list(earlier(tmp_path, tmp_path / "a.py")) == []


def test_what_actions_checkout_makes(tmp_path: Path) -> None:
    """A merge of the branch into main, without its parents; then main is fetched, as far as the workflow says."""
    git = repository(tmp_path / "origin", files("0001_a"))
    save(tmp_path / "origin", files("0002_mine"))
    commit(git)
    git("switch", "-q", "main")
    save(tmp_path / "origin", files("0002_theirs"))
    main = commit(git)
    git("switch", "-qc", "pull")
    git("merge", "-q", "--no-edit", "feature")
    clone = tmp_path / "clone"
    there = (tmp_path / "origin").as_uri()
    git("clone", "-q", "--depth=1", "--branch=pull", there, str(clone))
    inside = git_in(clone)
    assert fails("origin/main", clone) == (
        f"git knows no commit 'origin/main' in {clone}",
        "Fetch it first: git fetch origin main:refs/remotes/origin/main",
    )
    inside("fetch", "-q", "--depth=1", "origin", "+main:refs/remotes/origin/main")
    with untouched(clone):
        reference = open_reference("origin/main", clone)
        assert (reference.commit, reference.base) == (main, main)
        assert changed(reference, clone) == {f"{ORDERS}/0002_mine.py"}
        theirs = clone / ORDERS / "0002_theirs.py"
        assert reference.since([theirs]) == {theirs: None}, "longer than this clone knows"

    save(tmp_path / "origin", {"README": "main goes on"})
    git("switch", "-q", "main")
    commit(git)
    inside("fetch", "-q", "--depth=1", "origin", "+main:refs/remotes/origin/main")
    assert fails("origin/main", clone) == (
        f"git knows no common commit of HEAD and origin/main: {clone} is a shallow clone, "
        "with 1 commit of HEAD and 1 commit of origin/main",
        "Fetch the rest: git fetch --unshallow, or less of it: git fetch --deepen=100. "
        "In CI: fetch-depth: 0 for actions/checkout, GIT_DEPTH: 0 for GitLab. "
        "HEAD is a merge: with fetch-depth: 2, HEAD^1 is a ref that will do.",
    )
    inside("fetch", "-q", "--depth=2", "origin", "pull")
    assert open_reference("HEAD^1", clone).base == main
    inside("fetch", "-q", "--unshallow")
    reference = open_reference("origin/main", clone)
    assert reference.base == main
    assert reference.since([theirs]) == {theirs: january(1)}


def fails(ref: str, root: Path) -> tuple[str, str | None]:
    with pytest.raises(GitError) as caught:
        open_reference(ref, root)
    return caught.value.message, caught.value.hint


def test_a_repository_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository(tmp_path, files("0001_a"))
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert fails("main", tmp_path / "orders") == (
        f"git refuses the repository of {tmp_path / 'orders'}: its files belong to another user",
        f"Allow it: git config --global --add safe.directory {tmp_path}",
    )


def test_a_hook_names_its_own_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository(tmp_path / "other", {"x.py": "x"})
    repository(tmp_path / "here", files("0001_a"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other/.git"))
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    assert open_reference("main", tmp_path / "here").changed == set()


def test_a_branch_without_commits(tmp_path: Path) -> None:
    git = repository(tmp_path, files("0001_a"))
    git("switch", "-q", "--orphan", "island")
    assert fails("main", tmp_path)[0] == f"HEAD and main have no common commit in {tmp_path}"
    empty = tmp_path / "empty"
    empty.mkdir()
    git_in(empty)("init", "-q")
    assert fails("main", empty)[0] == f"git knows no commit 'main' in {empty}"


def test_a_damaged_repository(tmp_path: Path) -> None:
    repository(tmp_path, files("0001_a"))
    (tmp_path / ".git/index").write_text("nonsense")
    with pytest.raises(GitError, match=r"git fails in .*index"):
        open_reference("main", tmp_path).changed  # noqa: B018


def test_submodules(tmp_path: Path) -> None:
    """An app in a submodule that is edited, one in a new submodule, one whose old commit this clone does not have."""
    library = repository(tmp_path / "library", files("0001_a", "0002_b", folder="migrations"))
    git = repository(tmp_path / "here", {"README": "x"})
    here = tmp_path / "here"
    for name in ("libs/edited", "libs/shallow", "libs/same", "theme"):
        git("submodule", "add", "-q", (tmp_path / "library").as_uri(), name)
    commit(git)
    git("branch", "-f", "main")
    git("submodule", "add", "-q", (tmp_path / "library").as_uri(), "libs/new")
    git("submodule", "deinit", "-q", "-f", "theme")
    inner = git_in(here / "libs/edited")
    save(here / "libs/edited", {"migrations/0001_a.py": "edited"})
    commit(inner)
    commit(git)
    save(here / "libs/edited", files("0003_c", folder="migrations"))
    save(tmp_path / "library", files("0003_c", folder="migrations"))
    commit(library)
    (here / "libs/shallow").rename(tmp_path / "aside")
    git("clone", "-q", "--depth=1", (tmp_path / "library").as_uri(), "libs/shallow")

    with untouched(here):
        reference = open_reference("main", here)
        assert changed(reference, here) == {
            ".gitmodules",
            "libs/edited/migrations/0001_a.py",
            "libs/edited/migrations/0003_c.py",
            "libs/new/migrations/0001_a.py",
            "libs/new/migrations/0002_b.py",
        }
        edited = here / "libs/edited/migrations"
        assert reference.tree.names(edited) == {"0001_a.py", "0002_b.py"}
        assert read(reference, edited / "0001_a.py") == migration("0001_a")
        assert [one.read(edited / "0001_a.py") for one in earlier(here, edited / "0001_a.py")] == [
            b"edited",
            migration("0001_a").encode(),
        ]
        assert reference.tree.names(here / "libs") == {"edited", "shallow", "same"}
        assert reference.since([edited / "0002_b.py", edited / "0003_c.py"]) == {
            edited / "0002_b.py": january(1),
            edited / "0003_c.py": None,
        }
    commit_then = git("rev-parse", "main:libs/shallow")
    with pytest.raises(GitError) as caught:
        reference.tree.read(here / "libs/shallow/migrations/0001_a.py")
    assert caught.value.message == (
        f"submodule {here}/libs/shallow does not have commit {commit_then[:12]} in this clone"
    )
    assert caught.value.hint == f"Fetch it: git -C {here}/libs/shallow fetch origin {commit_then}"
    with pytest.raises(GitError, match="theme is not checked out"):
        reference.tree.names(here / "theme")

    # A project that is a submodule itself has a ref of its own.
    alone = open_reference("HEAD~1", here / "libs/edited")
    assert changed(alone, here / "libs/edited") == {"migrations/0001_a.py", "migrations/0003_c.py"}
