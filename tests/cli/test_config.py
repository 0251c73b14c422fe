"""``migsafe config``: every option, and where its value is from."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from migsafe.cli import cli
from migsafe.config import FIELDS, load_config
from migsafe.report.config import Effective

FILE = """\
[tool.migsafe]
settings = "config.production"
select = ["MS1", "MS2"]
tables-file = "sizes.json"
baseline = "base.json"

[tool.migsafe.env]
"A b" = "\\"ä\\\\\\u007f\\n\\u202e\\U0001f600##[error]"

[tool.migsafe.severity]
MS201 = "info"

[tool.migsafe.per-migration-ignores]
"orders.0042_x" = {MS201 = "small"}

[tool.migsafe.tables]
orders_order = {rows = 5, hot = true}
"audit.log" = "small"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text(FILE)
    monkeypatch.chdir(tmp_path)
    for name in ("DJANGO_SETTINGS_MODULE", "MIGSAFE_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, ["config", *arguments])
    assert result.exit_code == 0, result.output
    return result


def test_text_says_where_each_value_is_from(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGSAFE_DATABASE", "main")
    lines = run("--postgres", "14", "--exit-zero").stdout.splitlines()
    file = project / "pyproject.toml"
    assert [line for line in lines if line.startswith(("settings", "database", "postgres", "fail-on", "format"))] == [
        f'settings = "config.production"                    # {file}',
        'database = "main"                                 # MIGSAFE_DATABASE',
        "postgres = 14                                     # --postgres",
        'fail-on = "never"                                 # --fail-on',
        'format = "text"                                   # default',
    ]
    assert "# since: none" in lines
    assert f"[tool.migsafe.severity]                           # {file}" in lines


def test_text_is_a_file_of_the_same_effect(project: Path) -> None:
    before = load_config(project, environ={})
    shown = run().stdout
    assert "##[" not in shown  # a command to Azure's logs
    (project / "pyproject.toml").write_text(shown)
    after = load_config(project, environ={})
    assert msgspec.structs.replace(after, sources=before.sources) == before


def test_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    lines = run().stdout.splitlines()
    assert lines[:2] == ["[tool.migsafe]", "# settings: what manage.py says"]
    assert "# postgres: the oldest that the installed Django supports" in lines


def test_a_connection_string_in_a_variable_is_not_shown(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGSAFE_SANDBOX_DSN", "host=scratch password=hidden")
    assert "# sandbox.dsn: what MIGSAFE_SANDBOX_DSN says" in run().stdout.splitlines()
    assert "hidden" not in run().stdout + run("--format", "json").stdout


def test_json_is_the_documented_type(project: Path) -> None:
    text = run("--format", "json", "--select", "MS3", "--", "--format", "json").stdout
    shown = msgspec.json.decode(text, type=Effective, strict=True)
    assert json.loads(text) == json.loads(msgspec.json.encode(shown))
    assert list(shown.options) == list(FIELDS)
    assert shown.file == str(project / "pyproject.toml")
    options = json.loads(text)["options"]
    assert options["select"] == {"value": ["MS3"], "kind": "flag", "source": "--select"}
    assert options["format"] == {"value": "json", "kind": "flag", "source": "--format"}
    assert options["baseline"] == {"value": str(project / "base.json"), "kind": "file", "source": shown.file}
    assert options["tables"]["value"] == {"orders_order": {"rows": 5, "hot": True}, "audit.log": {"small": True}}
    assert options["since"] == {"value": None, "kind": "default", "source": None}


def test_a_flag_that_lint_does_not_have() -> None:
    result = CliRunner().invoke(cli, ["config", "--selec", "MS2"])
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: cli lint [OPTIONS] [APP [MIGRATION]]...\n")
    assert "--selec" in result.stderr
