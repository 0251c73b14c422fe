"""Configuration: from where, which wins, and what mistakes look like."""

from pathlib import Path

import pytest

from migsafe.config import FIELDS, Config, load_config
from migsafe.errors import ConfigError

PYPROJECT = """\
[tool.migsafe]
settings = "config.production"
database = "main"
postgres = 16
select = ["MS2"]
ignore = ["MS201", "MS202"]
fail-on = "warning"
format = "json"
since = "origin/main"
all-apps = true

[tool.migsafe.env]
SECRET_KEY = "none"
"""


def test_without_a_file_all_is_default(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert load_config(tmp_path, environ={}) == Config()


def test_every_option_in_pyproject(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(PYPROJECT)
    assert load_config(tmp_path, environ={}) == Config(
        settings="config.production",
        env={"SECRET_KEY": "none"},
        database="main",
        postgres=16,
        select=("MS2",),
        ignore=("MS201", "MS202"),
        fail_on="warning",
        format="json",
        since="origin/main",
        all_apps=True,
        file=file,
    )


def test_migsafe_toml_has_the_options_at_the_top_and_wins_over_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "migsafe.toml").write_text("postgres = 14\n")
    assert load_config(tmp_path, environ={}) == Config(postgres=14, file=tmp_path / "migsafe.toml")


def test_the_nearest_file_with_a_section_is_used_up_to_the_repository(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    app = tmp_path / "backend" / "orders"
    app.mkdir(parents=True)
    (app / "pyproject.toml").write_text("[tool.other]\n")
    assert load_config(app, environ={}).file == tmp_path / "pyproject.toml"
    (tmp_path / "backend" / ".git").mkdir()
    assert load_config(app, environ={}).file is None


def test_flag_wins_over_environment_over_file(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    environ = {"MIGSAFE_POSTGRES": "15", "MIGSAFE_DATABASE": "replica"}
    config = load_config(tmp_path, {"postgres": 14, "database": None, "select": ()}, environ)
    assert (config.postgres, config.database, config.select, config.fail_on) == (14, "replica", ("MS2",), "warning")


def test_environment_variables_are_converted(tmp_path: Path) -> None:
    environ = {
        "MIGSAFE_SELECT": "MS1, MS2",
        "MIGSAFE_ALL_APPS": "true",
        "MIGSAFE_FAIL_ON": "never",
        "MIGSAFE_POSTGRES": "17",
        "MIGSAFE_SINCE": "",
    }
    assert load_config(tmp_path, environ=environ) == Config(
        select=("MS1", "MS2"), all_apps=True, fail_on="never", postgres=17
    )


def test_django_settings_module_stands_between_the_file_and_migsafe_settings(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    environ = {"DJANGO_SETTINGS_MODULE": "config.django"}
    assert load_config(tmp_path, environ=environ).settings == "config.django"
    assert load_config(tmp_path, environ=environ | {"MIGSAFE_SETTINGS": "config.own"}).settings == "config.own"
    assert load_config(tmp_path, {"settings": "config.flag"}, environ).settings == "config.flag"


def test_all_mistakes_are_in_one_message(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text(
        "[tool.migsafe]\n"
        'databse = "main"\nfoo = 1\npostgres = 9\nselect = "MS1"\nall-apps = "yes"\nfail-on = "warnings"\n'
        "env = {A = 1}\nsettings = 5\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, {"format": "xml"}, {"MIGSAFE_POSTGRES": "new"})
    assert caught.value.message.splitlines() == [
        f"{file}: there is no option 'databse' (did you mean database?)",
        f"{file}: there is no option 'foo'",
        f"{file}: postgres has to be a whole number from 10 to 18, not 9",
        f"{file}: select has to be a list of strings, not 'MS1'",
        f"{file}: all-apps has to be true or false, not 'yes'",
        f"{file}: fail-on has to be one of error, warning, info, never (did you mean warning?), not 'warnings'",
        f"{file}: env has to be a table of strings, not {{'A': 1}}",
        f"{file}: settings has to be a string, not 5",
        "environment variable MIGSAFE_POSTGRES has to be a whole number from 10 to 18, not 'new'",
        "--format has to be one of text, json, not 'xml'",
    ]


def test_a_file_that_is_not_toml(tmp_path: Path) -> None:
    (tmp_path / "migsafe.toml").write_text("postgres =\n")
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, environ={})
    assert (
        caught.value.message == f"{tmp_path / 'migsafe.toml'} is not valid TOML: Invalid value (at line 1, column 11)"
    )


def test_a_section_that_is_not_a_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool]\nmigsafe = "16"\n')
    with pytest.raises(ConfigError, match=r"tool.migsafe has to be a table"):
        load_config(tmp_path, environ={})


def test_documentation_has_every_option() -> None:
    text = (Path(__file__).parents[1] / "docs" / "configuration.md").read_text()
    rows = [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")]
    assert rows == list(FIELDS)
