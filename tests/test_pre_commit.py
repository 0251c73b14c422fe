"""The hooks of .pre-commit-hooks.yaml, run by pre-commit in a repository with the project in a folder of it.

With ``language: system``, as docs/ci.md shows it: what ``language: python`` adds is an installation from the network.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.history.repositories import Git, commit, git_in
from tests.projects import app, migration, write, write_project

ROOT = Path(__file__).parent.parent
HOOKS = ".pre-commit-hooks.yaml"
TABLE = 'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])'
INDEX = 'migrations.AddIndex("order", models.Index(fields=["id"], name="order_index"))'

pytest.importorskip("pre_commit")


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone in which the hooks are configured."""
    folder = tmp_path_factory.mktemp("pre-commit")
    hooks = git_in(folder / "hooks")
    (folder / "hooks").mkdir()
    shutil.copy(ROOT / HOOKS, folder / "hooks")
    hooks("init", "-q")
    rev = commit(hooks)
    origin = git_in(folder / "origin")
    write_project(folder / "origin/backend", app("orders", {"0001_initial": migration(TABLE)}))
    used: list[dict[str, str]] = [
        {"id": "migsafe-lint", "language": "system"},
        {"id": "migsafe-history", "language": "system", "entry": "env -C backend migsafe history"},
    ]
    repo = {"repo": (folder / "hooks").as_uri(), "rev": rev, "hooks": used}
    (folder / "origin/.pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [repo]}))
    origin("init", "-q", "-b", "main")
    commit(origin)
    git_in(folder)("clone", "-q", "origin", "work")
    return folder / "work"


def committed(work: Path, hook: str) -> tuple[int, str]:
    """What a hook says of what is staged."""
    bin_ = work.parent / "bin"
    bin_.mkdir(exist_ok=True)
    (bin_ / "migsafe").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m migsafe "$@"\n')
    (bin_ / "migsafe").chmod(0o755)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MIGSAFE_", "DJANGO_", "GIT_"))}
    env = clean | {
        "PATH": f"{bin_}:{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(work.parent / "home"),
        "PYTHONPATH": str(ROOT),
        "MIGSAFE_IGNORE": "MS709",
    }
    command = [sys.executable, "-m", "pre_commit", "run", hook]
    done = subprocess.run(command, cwd=work, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def staged(git: Git, work: Path, files: dict[str, str]) -> None:
    git("reset", "-q", "--hard", "origin/main")
    write(work / "backend", files)
    git("add", "-A")


def test_lint_is_of_the_migrations_that_are_committed(work: Path) -> None:
    change = migration(INDEX, dependencies=(("orders", "0001_initial"),))
    staged(git_in(work), work, {"orders/migrations/0002_index.py": change})
    code, said = committed(work, "migsafe-lint")
    assert code == 1
    assert "backend/orders/migrations/0002_index.py:" in said
    assert "MS201" in said


def test_an_applied_migration_that_is_gone_is_noticed(work: Path) -> None:
    git = git_in(work)
    staged(git, work, {})
    git("rm", "-q", "backend/orders/migrations/0001_initial.py")
    code, said = committed(work, "migsafe-history")
    assert code == 1
    assert "MS702" in said
