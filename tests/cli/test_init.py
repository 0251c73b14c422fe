"""``migsafe init`` as a user runs it, in projects of several kinds."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from migsafe.config import load_config
from tests.projects import Ran, app, migration, run, write, write_project

FIRST = migration('migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])')
NEEDS = 'import os\n\nSECRET_KEY = os.environ["SHOP_SECRET"]\nPORT = int(os.environ.get("SHOP_PORT", "1"))\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two apps of the team's, one of them in conflict, and one of Django's."""
    second = migration(dependencies=(("orders", "0001_initial"),))
    conflict = migration(dependencies=(("users", "0001_initial"),))
    write_project(
        tmp_path,
        app("orders", {"0001_initial": FIRST, "0002_second": second}),
        app("users", {"0001_initial": migration(), "0002_a": conflict, "0002_b": conflict}),
        extra='INSTALLED_APPS += ["django.contrib.contenttypes"]\n' + NEEDS,
    )
    return write(tmp_path, {"pyproject.toml": "[project]\nname = 'shop'\n"})


def init(folder: Path, *arguments: str, **env: str) -> Ran:
    return run(folder, "init", *arguments, env={"GIT_CEILING_DIRECTORIES": str(folder.parent), **env})


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments]
    subprocess.run(command, check=True, capture_output=True)


def test_a_section_for_the_project(project: Path) -> None:
    ran = init(project)
    file = project / "pyproject.toml"
    assert (ran.code, ran.stderr) == (0, "")
    assert ran.stdout == (
        f"{file} has a section for migsafe now. What holds: migsafe config; what to do next: migsafe lint\n"
    )
    assert file.read_text().startswith("[project]\nname = 'shop'\n\n[tool.migsafe]\n")
    config = load_config(project, environ={})
    assert (config.settings, config.database, config.postgres) == ("config.settings", "default", None)
    assert config.env == {"SHOP_SECRET": "for-migsafe"}
    assert config.start_after == {"orders": "0002_second"}
    lint = run(project, "lint", "orders")
    assert (lint.code, lint.stderr) == (0, "")
    assert "left out: 2 up to start-after" in lint.stdout


def test_flags_and_what_is_set_already(project: Path) -> None:
    assert init(project, "--postgres", "17", "--settings", "config.settings", SHOP_SECRET="x").code == 0
    config = load_config(project, environ={})
    assert (config.settings, config.postgres, config.env) == ("config.settings", 17, {})


def test_a_value_that_the_settings_cannot_read_is_said(project: Path) -> None:
    write(
        project,
        {
            "config/settings.py": (project / "config/settings.py")
            .read_text()
            .replace('.get("SHOP_PORT", "1")', '["SHOP_PORT"]')
        },
    )
    before = (project / "pyproject.toml").read_text()
    ran = init(project)
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr.splitlines()[0].startswith(
        "error: settings module config.settings fails to import: ValueError: invalid literal for int()"
    )
    assert ran.stderr.splitlines()[-1] == (
        "If 'for-migsafe' is no possible value, set it yourself: SHOP_SECRET, SHOP_PORT."
    )
    assert (project / "pyproject.toml").read_text() == before


def test_a_section_that_is_there_is_only_replaced_by_force(project: Path) -> None:
    file = project / "pyproject.toml"
    file.write_text("[tool.migsafe]\npostgres = 15\n[tool.migsafe.env]\nSHOP_SECRET = 'mine'\n")
    ran = init(project)
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr == (
        f"error: {file} has a section for migsafe already\n"
        "hint: Change it by hand (migsafe config shows what holds), or replace it with --force.\n"
    )
    assert init(project, "--force").code == 0
    config = load_config(project, environ={})
    assert (config.postgres, config.env) == (None, {"SHOP_SECRET": "mine"})
    file.write_text("[tool.migsafe]\npostgress = 15\nenv = 'none'\n")
    assert init(project, "--force").code == 0
    assert load_config(project, environ={}).env == {"SHOP_SECRET": "for-migsafe"}


def test_uncommitted_work_is_only_touched_by_force(project: Path) -> None:
    file = project / "pyproject.toml"
    git(project, "init", "-q")
    ran = init(project)
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr == (
        f"error: {file} has changes that are not committed\nhint: Commit them first, or go ahead with --force.\n"
    )
    git(project, "add", ".")
    git(project, "commit", "-qm", "x")
    assert init(project).code == 0


def test_what_a_branch_adds_is_not_taken_to_be_in_production(project: Path) -> None:
    git(project, "init", "-q", "-b", "main")
    git(project, "add", ".")
    git(project, "commit", "-qm", "x")
    git(project, "switch", "-qc", "branch")
    for name, before in (("0003_third", "0002_second"), ("0004_fourth", "0003_third")):
        write(project, {f"orders/migrations/{name}.py": migration(dependencies=(("orders", before),))})
        git(project, "add", ".") if name == "0003_third" else None
    git(project, "commit", "-qm", "y")
    assert init(project).code == 0
    assert load_config(project, environ={}).start_after == {"orders": "0002_second"}
    assert '\n# applied-ref = "main"\n' in (project / "pyproject.toml").read_text()


def test_without_pyproject_it_is_a_file_of_its_own(project: Path) -> None:
    (project / "pyproject.toml").unlink()
    assert init(project).code == 0
    assert load_config(project, environ={}).file == project / "migsafe.toml"


def test_no_project(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    ran = init(tmp_path)
    assert (ran.code, list(tmp_path.iterdir())) == (2, [tmp_path / ".git"])
    assert ran.stderr.startswith("error: no Django project here: no manage.py in ")


def on_terminal(folder: Path, answers: str) -> str:
    """Run it on a terminal and return what is seen there."""
    own, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "MIGSAFE"))}
    with subprocess.Popen(
        [sys.executable, "-m", "migsafe", "init"],
        cwd=folder,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        os.write(own, answers.encode())
        seen = b""
        try:
            while part := os.read(own, 4096):
                seen += part
        except OSError:  # how Linux says that the other side is closed
            pass
    os.close(own)
    assert process.returncode == 0, seen.decode()
    return seen.decode()


def test_on_a_terminal_it_asks_what_matters(project: Path) -> None:
    seen = on_terminal(project, "s3cret\n9\n16\nn\n")
    questions = (
        "The settings need SHOP_SECRET. A value for migsafe [for-migsafe]:",
        "Major version of your PostgreSQL server (empty if you do not know):",
        "9 is not in the range 10<=x<=18.",
        "Does production have all up to orders.0002_second? Then lint leaves it out [Y/n]:",
    )
    assert [question for question in questions if question not in seen] == []
    config = load_config(project, environ={})
    assert (config.env, config.postgres, config.start_after) == ({"SHOP_SECRET": "s3cret"}, 16, {})


def test_on_a_terminal_every_question_can_be_left_open(project: Path) -> None:
    on_terminal(project, "\n\n\n")
    config = load_config(project, environ={})
    assert (config.env, config.postgres) == ({"SHOP_SECRET": "for-migsafe"}, None)
    assert config.start_after == {"orders": "0002_second"}
