"""Configuration: from where, which wins, and what mistakes look like."""

from pathlib import Path

import pytest

from migsafe.config import FIELDS, Config, Sandbox, Table, find_ledger, ledger_to_write, load_config, read_tables
from migsafe.errors import ConfigError
from migsafe.model import Severity

PYPROJECT = """\
[tool.migsafe]
settings = "config.production"
database = "main"
postgres = 16
select = ["MS2"]
ignore = ["MS201", "MS202"]
plugins = ["ours"]
fail-on = "warning"
format = "json"
output = ["json=report.json"]
since = "origin/main"
applied-ref = "deploy/production"
ledger = "ops/migsafe.lock"
approvals = "ops/approvals.toml"
all-apps = true
initial = true
start-after = {orders = "0041"}
baseline = "migsafe-baseline.json"
tables-file = "ops/migsafe-tables.json"
rows = 50
statement-timeout = 5
size-limit = "500MB"

[tool.migsafe.sandbox]
provider = "docker"
image = "postgis/postgis:16-3.4"
dsn = "host=scratch"
bin = "ops/bin"

[tool.migsafe.env]
SECRET_KEY = "none"

[tool.migsafe.severity]
MS201 = "warning"

[tool.migsafe.per-migration-ignores]
"orders.0042_x" = {MS201 = "done at night"}

[tool.migsafe.tables]
orders_order = "hot"
"crm.tag" = "small"
payments_payment = {rows = 2_000_000, bytes = 600_000_000, hot = true}
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
        applied_ref="deploy/production",
        ledger=tmp_path / "ops" / "migsafe.lock",
        approvals=tmp_path / "ops" / "approvals.toml",
        all_apps=True,
        initial=True,
        plugins=("ours",),
        severity={"MS201": Severity.WARNING},
        output=("json=report.json",),
        start_after={"orders": "0041"},
        per_migration_ignores={"orders.0042_x": {"MS201": "done at night"}},
        baseline=tmp_path / "migsafe-baseline.json",
        sandbox=Sandbox("docker", "postgis/postgis:16-3.4", "host=scratch", tmp_path / "ops" / "bin"),
        tables={
            "orders_order": Table(hot=True),
            "crm.tag": Table(small=True),
            "payments_payment": Table(rows=2_000_000, bytes=600_000_000, hot=True),
        },
        tables_file=tmp_path / "ops" / "migsafe-tables.json",
        rows=50,
        statement_timeout=5.0,
        size_limit=500 * 1024**2,
        file=file,
        sources={field.name: str(file) for field in FIELDS.values()},
    )


def test_migsafe_toml_has_the_options_at_the_top_and_wins_over_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "migsafe.toml").write_text("postgres = 14\n")
    file = tmp_path / "migsafe.toml"
    assert load_config(tmp_path, environ={}) == Config(postgres=14, file=file, sources={"postgres": str(file)})


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
    assert [config.sources[option] for option in ("postgres", "database", "select")] == [
        "--postgres",
        "MIGSAFE_DATABASE",
        str(tmp_path / "pyproject.toml"),
    ]


def test_environment_variables_are_converted(tmp_path: Path) -> None:
    environ = {
        "MIGSAFE_SELECT": "MS1, MS2",
        "MIGSAFE_ALL_APPS": "true",
        "MIGSAFE_FAIL_ON": "never",
        "MIGSAFE_POSTGRES": "17",
        "MIGSAFE_SINCE": "",
    }
    assert load_config(tmp_path, environ=environ) == Config(
        select=("MS1", "MS2"),
        all_apps=True,
        fail_on="never",
        postgres=17,
        sources={
            "select": "MIGSAFE_SELECT",
            "all_apps": "MIGSAFE_ALL_APPS",
            "fail_on": "MIGSAFE_FAIL_ON",
            "postgres": "MIGSAFE_POSTGRES",
        },
    )


def test_parts_of_the_sandbox_have_sources_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "migsafe.toml"
    file.write_text('sandbox = {provider = "wheel", image = "a:1"}\n')
    flags = {"sandbox": "local", "image": None, "pg_bin": "here"}
    config = load_config(tmp_path, flags, {"MIGSAFE_SANDBOX_DSN": "host=a,b"})
    assert config.sandbox == Sandbox("local", "a:1", "host=a,b", Path("here"))
    assert config.sources == {
        "sandbox.provider": "--sandbox",
        "sandbox.image": str(file),
        "sandbox.dsn": "MIGSAFE_SANDBOX_DSN",
        "sandbox.bin": "--pg-bin",
    }


def test_mistakes_in_the_sandbox(tmp_path: Path) -> None:
    file = tmp_path / "migsafe.toml"
    file.write_text('sandbox = {provider = "dockr", imag = "a:1"}\n')
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, {"sandbox": "podman"}, {})
    assert caught.value.message.splitlines() == [
        f"{file}: sandbox.provider has to be one of auto, docker, local, wheel, dsn (did you mean docker?), not 'dockr'",
        f"{file}: there is no option 'sandbox.imag' (did you mean sandbox.image?)",
        "--sandbox has to be one of auto, docker, local, wheel, dsn, not 'podman'",
    ]
    file.write_text('sandbox = "docker"\n')
    with pytest.raises(ConfigError, match="sandbox has to be a table, not 'docker'"):
        load_config(tmp_path, {}, {})


def test_django_settings_module_stands_between_the_file_and_migsafe_settings(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    environ = {"DJANGO_SETTINGS_MODULE": "config.django"}
    config = load_config(tmp_path, environ=environ)
    assert (config.settings, config.sources["settings"]) == ("config.django", "DJANGO_SETTINGS_MODULE")
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
        f"{file}: env.A has to be a string, not 1",
        f"{file}: settings has to be a string, not 5",
        "environment variable MIGSAFE_POSTGRES has to be a whole number from 10 to 18, not 'new'",
        "--format has to be one of text, concise, json, sarif, github, gitlab, junit, markdown, not 'xml'",
    ]


def test_mistakes_within_tables_are_named_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "migsafe.toml"
    file.write_text(
        'start-after = "0041"\nplugins = [1]\nbaseline = 1\n'
        'severity = {MS201 = "eror", MS202 = 1}\n'
        '[per-migration-ignores]\n"orders.0042_x" = {MS201 = " ", MS202 = true}\n'
        '[tables]\na = "hott"\nb = {row = 1, bytes = -1}\nc = {hot = true, small = true}\n"d.e" = {rows = "many"}\n'
    )
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, environ={})
    assert caught.value.message.splitlines() == [
        f"{file}: start-after has to be a table, not '0041'",
        f"{file}: plugins has to be a list of strings, not [1]",
        f"{file}: baseline has to be a string, not 1",
        f"{file}: severity.MS201 has to be one of error, warning, info (did you mean error?), not 'eror'",
        f"{file}: severity.MS202 has to be one of error, warning, info, not 1",
        f"{file}: per-migration-ignores.\"orders.0042_x\".MS201 has to be a reason, not ' '",
        f'{file}: per-migration-ignores."orders.0042_x".MS202 has to be a reason, not True',
        f'{file}: tables.a has to be "hot", "small" or a table with rows, bytes, hot or small'
        " (did you mean hot?), not 'hott'",
        f"{file}: tables.b: there is no 'row' of a table (did you mean rows?)",
        f"{file}: tables.b.bytes has to be a whole number from 0, not -1",
        f"{file}: tables.c cannot be both hot and small",
        f"{file}: tables.\"d.e\".rows has to be a whole number from 0, not 'many'",
    ]


def test_paths_on_the_command_line_and_in_variables_are_relative_to_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "migsafe.toml").write_text('baseline = "a.json"\ntables-file = "b.json"\n')
    config = load_config(tmp_path, {"baseline": "c.json"}, {"MIGSAFE_TABLES_FILE": "d.json"})
    assert (config.baseline, config.tables_file) == (Path("c.json"), Path("d.json"))


def test_the_ledger_is_looked_for_beside_the_file_then_in_the_project(tmp_path: Path) -> None:
    root = tmp_path / "backend"
    root.mkdir()
    (tmp_path / "migsafe.toml").write_text("")
    config = load_config(root, environ={})
    beside, inside = tmp_path / "migsafe.lock", root / "migsafe.lock"
    assert (find_ledger(config, root), ledger_to_write(config, root)) == (None, beside)
    inside.write_text("")
    assert (find_ledger(config, root), ledger_to_write(config, root)) == (inside, inside)
    beside.write_text("")
    assert find_ledger(config, root) == beside
    assert (find_ledger(Config(), root), ledger_to_write(Config(), tmp_path / "x")) == (
        inside,
        tmp_path / "x/migsafe.lock",
    )


def test_a_ledger_that_is_named_has_to_be_there_unless_it_is_to_be_written(tmp_path: Path) -> None:
    (tmp_path / "migsafe.lock").write_text("")
    config = load_config(tmp_path, {"ledger": str(tmp_path / "other.lock")}, {})
    assert ledger_to_write(config, tmp_path) == tmp_path / "other.lock"
    with pytest.raises(ConfigError) as caught:
        find_ledger(config, tmp_path)
    assert caught.value.message == f"--ledger: there is no ledger {tmp_path / 'other.lock'}"


def test_an_empty_ref_is_not_the_same_as_none(tmp_path: Path) -> None:
    (tmp_path / "migsafe.toml").write_text('since = "main"\napplied-ref = "deploy"\n')
    assert load_config(tmp_path, {}, {}).reference == "deploy"
    assert load_config(tmp_path, {"applied_ref": ""}, {}).reference is None
    assert Config(since="main").reference == "main"
    assert Config().reference is None


def test_what_people_write_of_a_table_wins_over_its_measured_size(tmp_path: Path) -> None:
    file = tmp_path / "sizes.json"
    file.write_text('{"a": {"rows": 10, "bytes": 8192}, "b": {"rows": 20, "small": true}, "c": "hot"}')
    tables = {"a": Table(hot=True, rows=5_000), "b": Table(hot=True), "d": Table(small=True)}
    assert read_tables(Config(tables=tables, tables_file=file)) == {
        "a": Table(rows=5_000, bytes=8192, hot=True),
        "b": Table(rows=20, hot=True),
        "c": Table(hot=True),
        "d": Table(small=True),
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '{"a": {"row": 1}, "b": 2}',
            'FILE: a: there is no \'row\' of a table (did you mean rows?)\nFILE: b has to be "hot", "small" or a table with rows, bytes, hot or small, not 2',
        ),
        ("[1]", "FILE has to be an object with tables, not [1]"),
        ("", "FILE is not valid JSON: Expecting value: line 1 column 1 (char 0)"),
        (None, "FILE cannot be read: [Errno 2] No such file or directory: 'FILE'"),
    ],
)
def test_a_file_of_tables_with_mistakes(tmp_path: Path, content: str | None, message: str) -> None:
    file = tmp_path / "sizes.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ConfigError) as caught:
        read_tables(Config(tables_file=file))
    assert caught.value.message == message.replace("FILE", str(file))


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
