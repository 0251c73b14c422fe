"""Write ``[tool.migsafe]`` into a file that people keep by hand: what else stands there stays as it is, to the byte."""

import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from migsafe.config import find_section, folders_upward, toml, toml_key
from migsafe.errors import ConfigError, InputError

DOCS = "https://github.com/migsafe/django-migsafe/blob/main/docs/configuration.md"

HEADER = re.compile(r"^(?=[ \t]*\[)", re.MULTILINE)
OWN_HEADER = re.compile(r"[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*migsafe[ \t]*[].]")
COMMENTS_AT_END = re.compile(r"(?:^[ \t]*#[^\n]*\n)*\Z", re.MULTILINE)


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """What a new section says.

    Attributes:
        oldest: The version that counts as long as ``postgres`` is not known.
        env: What the settings demand.
        branch: What is released, as git names it.
        start_after: By app, the last migration of old history.
    """

    settings: str
    database: str | None = None
    postgres: int | None = None
    oldest: int
    env: Mapping[str, str] = {}
    branch: str | None = None
    start_after: Mapping[str, str] = {}

    def text(self, file: Path) -> str:
        """As it stands in a file."""
        return "".join(f"{line}\n" for line in self._lines("" if _is_whole(file) else "tool.migsafe"))

    def _lines(self, prefix: str) -> Iterator[str]:
        yield from (f"[{prefix}]",) if prefix else ()
        yield f"# Every option: {DOCS}"
        yield f"settings = {toml(self.settings)}"
        if self.database is not None:
            yield f"database = {toml(self.database)}"
        if self.postgres is None:
            yield f"# Major version of your server. Until it is said: {self.oldest}, the oldest that Django supports."
            yield f"# postgres = {self.oldest}"
        else:
            yield f"postgres = {self.postgres}"
        if self.branch is not None:
            yield "# What is applied has to stay what it was. This takes all migrations that a git ref has as applied:"
            yield f"# applied-ref = {toml(self.branch)}"
        if self.env:
            yield ""
            yield "# What the settings demand of the environment. Any value that they can read will do."
            yield from _table(prefix, "env", self.env)
        if self.start_after:
            yield ""
            yield "# The last migration of each app that production has already. Only what comes after it is looked at."
            yield from _table(prefix, "start-after", self.start_after)


def _table(prefix: str, name: str, values: Mapping[str, str]) -> Iterator[str]:
    yield f"[{prefix}.{name}]" if prefix else f"[{name}]"
    yield from (f"{toml_key(key)} = {toml(value)}" for key, value in values.items())


def choose_file(root: Path) -> Path:
    """Where the section of the project in a folder belongs.

    In the file that has one, or else in the nearest ``pyproject.toml``, or else in a new ``migsafe.toml``.
    """
    file, _ = find_section(root)
    pyprojects = (folder / "pyproject.toml" for folder in folders_upward(root))
    return file or next((one for one in pyprojects if one.is_file()), root / "migsafe.toml")


def put(section: Section, file: Path) -> None:
    """Write the section into a file, in place of one that is there. All is written, or nothing.

    Raises:
        ConfigError: The file has no place for it: ``tool`` is written so that nothing can be added to it.
        InputError: The file cannot be written.
    """
    text = section.text(file)
    old = file.read_bytes().decode() if file.exists() else ""
    newline = "\r\n" if "\r\n" in old else "\n"
    kept = "" if _is_whole(file) else _without_section(old)
    if kept and not kept.endswith(newline):
        kept += newline
    if kept and not kept.endswith(newline * 2):
        kept += newline
    new = kept + text.replace("\n", newline)
    if not _is_whole(file) and not _differs_only_in_section(old, new, text):
        raise ConfigError(f"{file} has no place where [tool.migsafe] can be added", f"Add it by hand:\n{text.rstrip()}")
    _replace(file, new)


def _is_whole(file: Path) -> bool:
    """Whether there is nothing but the section in the file."""
    return file.name == "migsafe.toml"


def _without_section(content: str) -> str:
    """Leave out its tables. Comments right above another table are that table's."""
    parts = HEADER.split(content)
    kept = []
    for part, following in zip(parts, [*parts[1:], ""], strict=True):
        if not OWN_HEADER.match(part):
            kept.append(part)
        elif following and not OWN_HEADER.match(following):
            kept += COMMENTS_AT_END.findall(part)
    return "".join(kept)


def _differs_only_in_section(old: str, new: str, section: str) -> bool:
    """As a TOML parser sees it, which is the last word on what was done to the text."""
    try:
        before, after = tomllib.loads(old), tomllib.loads(new)
    except tomllib.TOMLDecodeError:
        return False
    return after == before | {"tool": before.get("tool", {}) | tomllib.loads(section)["tool"]}


def _replace(file: Path, content: str) -> None:
    target = file.resolve()
    temporary = target.with_name(f".{target.name}.migsafe")
    try:
        temporary.write_bytes(content.encode())
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError(f"{file} cannot be written: {error.strerror}", "Nothing has been changed.") from error
