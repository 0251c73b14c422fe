"""Writing a section into a file of other people: what stays, what goes, and what is refused."""

import tomllib
from pathlib import Path

import pytest

from migsafe.config import load_config
from migsafe.errors import ConfigError, InputError
from migsafe.section import DOCS, Section, choose_file, put

SECTION = Section(
    settings="config.settings",
    oldest=14,
    env={"SECRET_KEY": 'a "quoted" one'},
    branch="origin/main",
    start_after={"orders": "0041_x", "users": "0007_y"},
)
TEXT = f"""\
[tool.migsafe]
# Every option: {DOCS}
settings = "config.settings"
# Major version of your server. Until it is said: 14, the oldest that Django supports.
# postgres = 14
# What is applied has to stay what it was. This takes all migrations that a git ref has as applied:
# applied-ref = "origin/main"

# What the settings demand of the environment. Any value that they can read will do.
[tool.migsafe.env]
SECRET_KEY = "a \\"quoted\\" one"

# The last migration of each app that production has already. Only what comes after it is looked at.
[tool.migsafe.start-after]
orders = "0041_x"
users = "0007_y"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path / "pyproject.toml"


def written(file: Path, before: str, section: Section = SECTION) -> str:
    file.write_bytes(before.encode())
    put(section, file)
    return file.read_bytes().decode()


@pytest.mark.parametrize(
    ("before", "between"),
    [
        ("[tool.other]\nx = 1 # ä\n", "\n"),
        ("x = 1", "\n\n"),
        ("x = 1\n\n", ""),
        ("", ""),
        ('text = """\n[x]\n[tool.mine]\n"""\nlist = [\n[1],\n]\n', "\n"),
        ("[tool]\nother = {x = 1}\n", "\n"),
    ],
)
def test_it_is_added_at_the_end(file: Path, before: str, between: str) -> None:
    assert written(file, before) == f"{before}{between}{TEXT}"


def test_lines_end_as_they_do_in_the_file(file: Path) -> None:
    after = written(file, "[tool.other]\r\nx = 1\r\n")
    assert after == "[tool.other]\r\nx = 1\r\n\r\n" + TEXT.replace("\n", "\r\n")


def test_a_section_that_is_there_is_replaced_and_nothing_else(file: Path) -> None:
    before = (
        "# top\n[tool.a]\nx = 1\n\n"
        "[tool.migsafe]\npostgres = 10 # old\n\n# of env\n[tool.migsafe.env]\nA = 'b'\n\n"
        "# of b\n# and more\n[tool.b] # beside\ny = [\n 2,\n]\n"
        "[ tool . migsafe . tables ]\na = 'hot'\n# about nothing any more\n"
    )
    assert written(file, before) == (
        "# top\n[tool.a]\nx = 1\n\n# of b\n# and more\n[tool.b] # beside\ny = [\n 2,\n]\n\n" + TEXT
    )


def test_it_is_read_as_it_was_meant(file: Path) -> None:
    written(file, "", Section(settings="a.b", oldest=14, database="main", postgres=17, start_after={"a-b c": "x"}))
    config = load_config(file.parent, environ={})
    assert (config.settings, config.database, config.postgres) == ("a.b", "main", 17)
    assert (config.env, config.start_after) == ({}, {"a-b c": "x"})


def test_migsafe_toml_has_no_prefix_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "migsafe.toml"
    after = written(file, "postgres = 10\n")
    assert after == TEXT.replace("[tool.migsafe]\n", "").replace("tool.migsafe.", "")
    assert tomllib.loads(after) == tomllib.loads(TEXT)["tool"]["migsafe"]


@pytest.mark.parametrize(
    "before",
    [
        "tool = {other = {x = 1}}\n",
        "[tool]\nmigsafe = {postgres = 10}\n",
        "[tool]\nmigsafe.postgres = 10\n",
        'x = """\n[tool.migsafe]\n"""\n',
    ],
)
def test_where_no_section_can_be_added_nothing_is_changed(file: Path, before: str) -> None:
    file.write_text(before)
    with pytest.raises(ConfigError) as caught:
        put(SECTION, file)
    assert caught.value.message == f"{file} has no place where [tool.migsafe] can be added"
    assert caught.value.hint == f"Add it by hand:\n{TEXT.rstrip()}"
    assert file.read_text() == before
    assert [one.name for one in file.parent.iterdir() if one.is_file()] == ["pyproject.toml"]


def test_what_cannot_be_written_leaves_nothing_behind(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    file.write_text("x = 1\n")
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(InputError) as caught:
        put(SECTION, file)
    assert caught.value.message == f"{file} cannot be written: Permission denied"
    assert caught.value.hint == "Nothing has been changed."
    assert [one.read_text() for one in file.parent.iterdir() if one.is_file()] == ["x = 1\n"]


def test_permissions_and_links_stay(file: Path) -> None:
    real = file.with_name("real.toml")
    real.write_text("x = 1\n")
    real.chmod(0o640)
    file.symlink_to(real)
    put(SECTION, file)
    assert file.is_symlink()
    assert real.read_text().endswith(TEXT)
    assert real.stat().st_mode & 0o777 == 0o640


def test_the_file_is_the_one_with_a_section_or_the_nearest_pyproject_or_a_new_one(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    root = tmp_path / "backend"
    root.mkdir()
    assert choose_file(root) == root / "migsafe.toml"
    (tmp_path / "pyproject.toml").write_text("")
    assert choose_file(root) == tmp_path / "pyproject.toml"
    (root / "pyproject.toml").write_text("")
    assert choose_file(root) == root / "pyproject.toml"
    (tmp_path / "migsafe.toml").write_text("")
    assert choose_file(root) == tmp_path / "migsafe.toml"
