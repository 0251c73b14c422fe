"""Shell completion, through click's protocol: what is offered, how fast it has to be, and that it never fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from migsafe.cli import COMMANDS, cli
from migsafe.rules import all_rules
from tests.history.repositories import git_in
from tests.projects import app, migration, run_python, write, write_project

MAIN = "import sys; sys.argv[0] = 'migsafe'; from migsafe.cli import main; main()"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """It cannot be loaded: its settings do not even exist."""
    names = ["0001_initial", "0041_note", "0042_index"]
    write_project(
        tmp_path,
        app("orders", dict.fromkeys(names, "this is no Python")),
        app("users", {"0001_initial": migration()}),
        app("empty", {}),
    )
    write(
        tmp_path,
        {
            "config/settings.py": "raise SystemExit",
            "env/pyvenv.cfg": "",
            "env/lib/site-packages/foreign/migrations/0001_initial.py": "",
            "node_modules/x/migrations/0001_initial.py": "",
            ".git/x/migrations/0001_initial.py": "",
        },
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def offered(*words: str) -> list[str]:
    *before, incomplete = words
    completion = ShellComplete(cli, {}, "migsafe", "_MIGSAFE_COMPLETE")
    return [item.value for item in completion.get_completions(before, incomplete)]


def test_commands() -> None:
    assert offered("") == sorted(COMMANDS)
    assert offered("ex") == ["explain"]
    assert offered("--v") == ["--version"]


def test_codes_of_rules(project: Path) -> None:
    codes = [rule.code for rule in all_rules()]
    assert offered("lint", "--select", "")[:3] == ["MS0", "MS1", "MS2"]
    assert offered("lint", "--select", "MS1", "--ignore", "MS2") == [code for code in codes if code.startswith("MS2")]
    assert offered("explain", "MS201", "") == codes
    assert offered("explain", "index_n") == ["index_not_concurrent"]
    assert offered("rules", "MS20") == [code for code in codes if code.startswith("MS20")]
    assert offered("rules", "--axis", "l") == ["locks"]


def test_strategies_of_recipes(project: Path) -> None:
    assert set(offered("plan", "orders", "--strategy", "")) >= {"nullable", "db_default", "db_column"}
    assert offered("plan", "--strategy", "null") == ["nullable"]


def test_apps_and_migrations_without_loading_the_project(project: Path) -> None:
    assert offered("lint", "") == ["orders", "users"]
    assert offered("graph", "o") == ["orders"]
    assert offered("lint", "orders", "004") == ["0041_note", "0042_index"]
    assert offered("lint", "orders", "") == ["0001_initial", "0041_note", "0042_index", "orders", "users"]
    assert offered("lint", "users", "orders.0042") == ["orders.0042_index"]
    assert offered("lint", "0042") == ["0042_index"]
    assert offered("lint", "nothing") == offered("lint", "nothing.") == []
    (project / "orders").joinpath("deep").mkdir()
    os.chdir(project / "orders" / "deep")
    assert offered("lint", "u") == ["users"]


def test_refs(project: Path) -> None:
    assert offered("history", "--applied-ref", "") == []  # no repository: .git has nothing in it
    (project / ".git/x").rename(project / "x")
    for command in ("init -q -b main", "commit -q --allow-empty -m x", "tag v1", "branch deploy"):
        git_in(project)(*command.split())
    assert offered("history", "--applied-ref", "") == ["deploy", "main", "v1"]
    assert offered("lint", "--since", "v") == ["v1"]


def test_outside_of_a_project_there_are_rules_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {".git/x": "", "orders/migrations/0001_initial.py": ""})
    monkeypatch.chdir(tmp_path)
    assert offered("lint", "") == offered("graph", "") == []
    assert "MS201" in offered("explain", "MS")


@pytest.mark.parametrize("broken", ["postgres = 'x'", "postgres =", "plugins = ['nowhere']"])
def test_a_broken_configuration_leaves_migsafes_own_rules(project: Path, broken: str) -> None:
    (project / "migsafe.toml").write_text(broken)
    assert offered("explain", "MS201") == ["MS201"]
    assert offered("lint", "us") == ["users"]


def test_whatever_goes_wrong_nothing_is_offered(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        print("something")
        raise SystemExit(3)

    monkeypatch.setattr("migsafe.cli.complete.find_root", fail)
    assert offered("lint", "") == []


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        ("bash", "plain,users\n"),
        ("zsh", "plain\nusers\n1 migration\n"),
        ("fish", "plain,users\t1 migration\n"),
    ],
)
def test_the_protocol(project: Path, shell: str, expected: str) -> None:
    words = {"COMP_WORDS": "migsafe lint u", "COMP_CWORD": "u" if shell == "fish" else "2"}
    environment = os.environ | words | {"_MIGSAFE_COMPLETE": f"{shell}_complete"}
    done = subprocess.run(
        [sys.executable, "-c", MAIN], env=environment, capture_output=True, text=True, check=False, cwd=project
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == expected.splitlines()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_documented_lines_give_a_script(shell: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "completion.md").read_text()
    assert f"_MIGSAFE_COMPLETE={shell}_source migsafe" in page
    environment = os.environ | {"_MIGSAFE_COMPLETE": f"{shell}_source"}
    done = subprocess.run([sys.executable, "-c", MAIN], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert f"_MIGSAFE_COMPLETE={shell}_complete" in done.stdout


def test_neither_django_nor_the_parser_is_imported_for_migrations(project: Path) -> None:
    script = """
        import sys
        from click.shell_completion import ShellComplete
        from migsafe.cli import cli
        assert ShellComplete(cli, {}, "migsafe", "X").get_completions(["lint"], "")
        assert {"django", "postgast", "networkx", "rich"}.isdisjoint(sys.modules)
    """
    assert run_python(project, script).stderr == ""
