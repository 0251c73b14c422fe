"""``[tool.migsafe]`` of ``pyproject.toml``, or ``migsafe.toml``, made one frozen `Config`.

Precedence: flag > ``MIGSAFE_*`` > file > default. The names of options are the same everywhere: ``--fail-on``,
``MIGSAFE_FAIL_ON``, ``fail-on = "warning"``, ``Config.fail_on``. Lists in environment variables have commas.
"""

import os
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec

from migsafe.errors import ConfigError

FailOn = Literal["error", "warning", "info", "never"]
Format = Literal["text", "json"]
Major = Annotated[int, msgspec.Meta(ge=10, le=18)]
"""A major version of PostgreSQL that migsafe knows."""


class Config(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """Everything that can be configured.

    Attributes:
        settings: Django settings module; None to find it as ``project.load`` does.
        env: Environment variables that settings demand; those that are set already win. Only from the file.
        database: Alias in DATABASES.
        postgres: Major version of the target server; None is the oldest that the installed Django supports.
        select: Codes, or beginnings of codes, of the rules to run; empty for all.
        ignore: Codes, or beginnings of codes, of rules not to run.
        fail_on: Least severity that makes the exit code 1.
        format: Of the report.
        since: Git ref: only migrations that were added or edited since.
        all_apps: Third-party apps too.
        file: The file that was read, if any.
    """

    settings: str | None = None
    env: dict[str, str] = {}
    database: str = "default"
    postgres: Major | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: FailOn = "error"
    format: Format = "text"
    since: str | None = None
    all_apps: bool = False
    file: Path | None = None


FIELDS = {field.encode_name: field for field in msgspec.structs.fields(Config) if field.name != "file"}
"""Options by the name that they have in the file."""


def load_config(
    start: Path, overrides: Mapping[str, object] | None = None, environ: Mapping[str, str] | None = None
) -> Config:
    """Read the configuration of the project that ``start`` is in.

    ``DJANGO_SETTINGS_MODULE`` counts as the value of ``settings``, between the file's and ``MIGSAFE_SETTINGS``.

    Args:
        start: A file or folder inside the project.
        overrides: What flags say, by attribute name; None and ``()`` are flags that were not given.
        environ: Instead of ``os.environ``.

    Raises:
        ConfigError: A file is not valid TOML, or options are unknown or impossible: all of them in one message.
    """
    environ = os.environ if environ is None else environ
    file, section = _find_section(start)
    values: dict[str, object] = {}
    mistakes: list[str] = []

    def accept(option: str, value: object, source: str, *, strict: bool) -> None:
        field = FIELDS[option]
        try:
            values[field.name] = msgspec.convert(value, field.type, strict=strict)
        except msgspec.ValidationError:
            mistakes.append(f"{source} has to be {_expected(field.type, value)}, not {value!r}")

    for option, value in section.items():
        if option in FIELDS:
            accept(option, value, f"{file}: {option}", strict=True)
        else:
            mistakes.append(f"{file}: there is no option {option!r}{_did_you_mean(option, FIELDS)}")
    if environ.get("DJANGO_SETTINGS_MODULE"):
        values["settings"] = environ["DJANGO_SETTINGS_MODULE"]
    for option, field in FIELDS.items():
        variable = f"MIGSAFE_{field.name.upper()}"
        if option != "env" and (text := environ.get(variable)):
            words = [word.strip() for word in text.split(",")] if field.type == tuple[str, ...] else text
            accept(option, words, f"environment variable {variable}", strict=False)
    for name, value in (overrides or {}).items():
        if value not in (None, ()):
            option = name.replace("_", "-")
            accept(option, value, f"--{option}", strict=True)
    if mistakes:
        raise ConfigError("\n".join(mistakes), "docs/configuration.md describes every option.")
    return msgspec.structs.replace(Config(file=file), **values)


def folders_upward(start: Path) -> tuple[Path, ...]:
    """``start`` (or the folder it is in) and those above it, up to the repository's root if there is one."""
    folders: list[Path] = []
    for folder in (start.resolve(), *start.resolve().parents):
        if folder.is_dir():
            folders.append(folder)
            if (folder / ".git").exists():
                break
    return tuple(folders)


def _find_section(start: Path) -> tuple[Path | None, dict[str, Any]]:
    """Find the nearest ``migsafe.toml``, or ``pyproject.toml`` with a section for migsafe."""
    for folder in folders_upward(start):
        if (file := folder / "migsafe.toml").is_file():
            return file, _read(file)
        if (file := folder / "pyproject.toml").is_file():
            section = _read(file).get("tool", {}).get("migsafe")
            if isinstance(section, dict):
                return file, section
            if section is not None:
                raise ConfigError(f"{file}: tool.migsafe has to be a table, not {section!r}", "Write [tool.migsafe].")
    return None, {}


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}", "Make it a readable UTF-8 file.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is not valid TOML: {error}", "Correct that line.") from error


def _expected(kind: Any, value: object) -> str:
    """Say in words what a type accepts."""
    if kind in (FailOn, Format):
        choices = get_args(kind)
        near = _did_you_mean(value, choices) if isinstance(value, str) else ""
        return f"one of {', '.join(choices)}{near}"
    if kind == Major | None:
        return "a whole number from 10 to 18"
    return {tuple[str, ...]: "a list of strings", dict[str, str]: "a table of strings", bool: "true or false"}.get(
        kind, "a string"
    )


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    matches = get_close_matches(word, known, n=1)
    return f" (did you mean {matches[0]}?)" if matches else ""
