"""``migsafe rules`` and ``migsafe explain`` as a user runs them."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from migsafe.cli import cli
from migsafe.errors import ConfigError
from migsafe.report.rules import Rules
from migsafe.rules import all_rules


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a project: rules are the same everywhere."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, catch_exceptions=True)


def codes(*arguments: str) -> list[str]:
    return [rule["code"] for rule in json.loads(run("rules", *arguments, "--format", "json").stdout)["rules"]]


def test_rules_has_all_of_them_and_json_is_the_documented_type() -> None:
    text = run("rules", "--format", "json").stdout
    rules = msgspec.json.decode(text, type=Rules, strict=True)
    assert rules.rules == tuple(rule.described({}) for rule in all_rules())
    assert json.loads(text) == json.loads(msgspec.json.encode(rules))
    lines = run("rules").stdout.splitlines()
    assert [line.partition(" ")[0] for line in lines[:-1]] == [rule.code for rule in all_rules()]
    assert lines[-1] == f"{len(all_rules())} rules"


def test_filters_of_different_kinds_go_together() -> None:
    assert codes("MS201", "MS5") == ["MS201", *(rule.code for rule in all_rules() if rule.code.startswith("MS5"))]
    assert set(codes("--axis", "reversibility", "--axis", "compatibility")) >= {"MS101", "MS501"}
    assert "MS201" not in codes("--axis", "compatibility")
    assert "MS201" not in codes("MS2", "--severity", "warning")
    assert codes("MS2", "--severity", "warning", "--axis", "locks")[0] == "MS202"


def test_severities_are_as_the_configuration_sets_them(folder: Path) -> None:
    (folder / "migsafe.toml").write_text('severity = {MS201 = "info"}')
    assert codes("--severity", "info", "MS201") == ["MS201"]
    assert "severity info (configured; its own is error)\n" in run("explain", "MS201").stdout


def test_explain_takes_codes_and_names_and_shows_each_once() -> None:
    shown = run("explain", "ms201", "irreversible", "MS201", "index_not_concurrent").stdout
    assert [line.split()[1] for line in shown.splitlines() if line.startswith("──")] == ["MS201", "MS501"]


@pytest.mark.parametrize("command", ["explain", "rules"])
@pytest.mark.parametrize(
    ("word", "near"),
    [("MS2O1", " (did you mean MS201?)"), ("index_not_concurent", " (did you mean index_not_concurrent?)"), ("x", "")],
)
def test_an_unknown_rule(command: str, word: str, near: str) -> None:
    error = run(command, word).exception
    assert isinstance(error, ConfigError)
    assert error.message == f"there is no rule {word!r}{near}"
    assert error.hint == "migsafe rules lists them all."


def test_output_to_a_file(folder: Path) -> None:
    assert run("rules", "MS201", "-o", "rules.txt").stdout == ""
    assert (folder / "rules.txt").read_text().endswith("An index built without CONCURRENTLY\n1 rule\n")


@pytest.mark.parametrize(("environment", "expected"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_color_when_asked_for(environment: dict[str, str], expected: bool) -> None:
    result = CliRunner(env=environment).invoke(cli, ["explain", "MS201", "--color", "always" if expected else "auto"])
    assert ("\x1b[" in result.stdout) is expected
