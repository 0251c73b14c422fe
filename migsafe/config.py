"""``[tool.migsafe]`` of ``pyproject.toml``, or ``migsafe.toml``, made one frozen `Config`.

Precedence: flag > ``MIGSAFE_*`` > file > default. The names of options are the same everywhere: ``--fail-on``,
``MIGSAFE_FAIL_ON``, ``fail-on = "warning"``, ``Config.fail_on``; `FLAGS` are those with another name. Lists in
environment variables have commas; options that are tables are only in the file. Paths in the file are relative to it.
"""

import json
import operator
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

import msgspec

from migsafe.errors import ConfigError
from migsafe.model import FailOn, Severity
from migsafe.verification import Provider

Source = Literal["auto", Provider]
"""Where a throwaway PostgreSQL comes from."""
Format = Literal["text", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown"]
Major = Annotated[int, msgspec.Meta(ge=10, le=18)]
"""A major version of PostgreSQL that migsafe knows."""
Count = Annotated[int, msgspec.Meta(ge=0)]
Reason = Annotated[str, msgspec.Meta(pattern=r"\S")]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
Size = Annotated[int, msgspec.Meta(ge=1)]
"""Bytes; as text with one of the `UNITS` (``"2GB"``)."""

UNITS = {"": 1, "kB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
"""Units of sizes, which are those of PostgreSQL's settings."""


TABLE_WORDS = ("hot", "small")
WRITE_TABLES = "migsafe stats writes such a file."

APPROVALS = "migsafe-approvals.toml"
"""Name of a file of approvals of which the configuration says nothing."""

LEDGER = "migsafe.lock"
"""Name of a ledger of which the configuration says nothing."""


class Table(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a table in production; ``"hot"`` and ``"small"`` are short for one of these.

    Attributes:
        rows: How many it has, about.
        bytes: Its size on disk without indexes.
        hot: Running code reads and writes it all the time.
        small: Reading it whole takes no time.
    """

    rows: Count | None = None
    bytes: Count | None = None
    hot: bool = False
    small: bool = False


class Sandbox(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a throwaway PostgreSQL comes from.

    Attributes:
        provider: ``auto`` is Docker if an engine answers, else what this machine has, else what packages bring.
        image: Of Docker; None is the official one of the version.
        dsn: Connection string of a scratch server, for the provider of that name.
        bin: Folder of PostgreSQL's programs; None to look for them.
    """

    provider: Source = "auto"
    image: str | None = None
    dsn: str | None = None
    bin: Path | None = None


class Config(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """Everything that can be configured.

    Attributes:
        settings: Django settings module; None to find it as ``project.load`` does.
        env: Environment variables that settings demand; those that are set already win.
        database: Alias in DATABASES.
        postgres: Major version of the target server; None is the oldest that the installed Django supports.
        select: Codes, or beginnings of codes, of the rules to run; empty for all.
        ignore: Codes, or beginnings of codes, of rules not to run.
        severity: By code of a rule, in place of its own.
        plugins: Names of entry points in the group ``migsafe.rules``.
        fail_on: Least severity that makes the exit code 1.
        format: Of the report.
        output: Reports to write to files, each ``FORMAT=FILE``.
        since: Git ref: only migrations that were added or edited since.
        applied_ref: Git ref: every migration that exists there is taken as applied; None for what ``since`` says, empty
            to ask git nothing.
        ledger: File of what is applied, as ``migsafe record`` writes it; None to look for it (`find_ledger`).
        all_apps: Third-party apps too.
        initial: Initial migrations too.
        start_after: By app, the migration (or the beginning of its name) up to which history is not looked at.
        per_migration_ignores: By migration (``orders.0042_x``) and code, the reason why it is not reported.
        baseline: File with the findings that were there before.
        sandbox: Where a throwaway server comes from.
        tables: By name, ``schema.name`` outside of the search path (`read_tables`).
        tables_file: JSON file of the shape of ``tables``, as ``migsafe stats`` writes it.
        approvals: File of what somebody answers for at the gate; None to look for it (`find_approvals`).
        rows: How many ``migsafe verify`` puts into each table that a migration touches.
        statement_timeout: Seconds that a statement may take there.
        size_limit: Bytes that a migration may write there.
        file: The file that was read, if any.
        sources: By attribute name (``sandbox.image``), the flag, environment variable or file that a value is from;
            defaults are not here.
    """

    settings: str | None = None
    env: dict[str, str] = {}
    database: str = "default"
    postgres: Major | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: dict[str, Severity] = {}
    plugins: tuple[str, ...] = ()
    fail_on: FailOn = "error"
    format: Format = "text"
    output: tuple[str, ...] = ()
    since: str | None = None
    applied_ref: str | None = None
    ledger: Path | None = None
    all_apps: bool = False
    initial: bool = False
    start_after: dict[str, str] = {}
    per_migration_ignores: dict[str, dict[str, Reason]] = {}
    baseline: Path | None = None
    sandbox: Sandbox = Sandbox()
    tables: dict[str, Table] = {}
    tables_file: Path | None = None
    approvals: Path | None = None
    rows: Count = 1000
    statement_timeout: Seconds = 60.0
    size_limit: Size = 2 * UNITS["GB"]
    file: Path | None = None
    sources: dict[str, str] = {}

    @property
    def reference(self) -> str | None:
        """Git ref whose migrations are taken as applied."""
        return self.since if self.applied_ref is None else self.applied_ref or None


class Field(NamedTuple):
    """An option.

    Attributes:
        name: Of the attribute of `Config`, with a dot before that of a part of it.
        type: Of its values.
    """

    name: str
    type: Any


def _fields() -> Iterator[tuple[str, Field]]:
    for field in msgspec.structs.fields(Config):
        if field.type is Sandbox:
            for part in msgspec.structs.fields(Sandbox):
                yield f"{field.encode_name}.{part.encode_name}", Field(f"{field.name}.{part.name}", part.type)
        elif field.name not in ("file", "sources"):
            yield field.encode_name, Field(field.name, field.type)


FIELDS = dict(_fields())
"""Options by the name that they have in the file."""

FLAGS = {"sandbox.provider": "sandbox", "sandbox.image": "image", "sandbox.bin": "pg-bin"}
"""Options whose flags have another name."""


def load_config(
    start: Path, overrides: Mapping[str, object] | None = None, environ: Mapping[str, str] | None = None
) -> Config:
    """Read the configuration of the project that ``start`` is in.

    ``DJANGO_SETTINGS_MODULE`` counts as the value of ``settings``, between the file's and ``MIGSAFE_SETTINGS``.

    Args:
        start: A file or folder inside the project.
        overrides: What flags say, by their name with underscores; None and ``()`` are flags that were not given.
        environ: Instead of ``os.environ``.

    Raises:
        ConfigError: A file is not valid TOML, or options are unknown or impossible: all of them in one message.
    """
    environ = os.environ if environ is None else environ
    file, section = find_section(start)
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    mistakes: list[str] = []

    def accept(option: str, value: object, source: str, where: str, *, strict: bool = True) -> None:
        field = FIELDS[option]
        reader = _Reader(strict=strict)
        converted = reader.read(value, field.type, where)
        mistakes.extend(reader.mistakes)
        if not reader.mistakes:
            values[field.name], sources[field.name] = converted, source

    for option, value in flat(section):
        if option in FIELDS:
            accept(option, value, str(file), f"{file}: {option}")
        elif option == "sandbox":
            mistakes.append(f"{file}: sandbox has to be a table, not {value!r}")
        else:
            mistakes.append(f"{file}: there is no option {option!r}{did_you_mean(option, FIELDS)}")
    for name, value in values.items():
        if file and isinstance(value, Path):
            values[name] = file.parent / value
    if environ.get("DJANGO_SETTINGS_MODULE"):
        values["settings"], sources["settings"] = environ["DJANGO_SETTINGS_MODULE"], "DJANGO_SETTINGS_MODULE"
    for option, field in FIELDS.items():
        variable = f"MIGSAFE_{field.name.upper().replace('.', '_')}"
        if get_origin(field.type) is not dict and (text := environ.get(variable)):
            words = [word.strip() for word in text.split(",")] if field.type == tuple[str, ...] else text
            accept(option, words, variable, f"environment variable {variable}", strict=False)
    options = {flag: option for option, flag in FLAGS.items()}
    for name, value in (overrides or {}).items():
        if value not in (None, ()):
            flag = name.replace("_", "-")
            accept(options.get(flag, flag), value, f"--{flag}", f"--{flag}")
    if mistakes:
        raise ConfigError("\n".join(mistakes), "docs/configuration.md describes every option.")
    parts = {name.removeprefix("sandbox."): values.pop(name) for name in list(values) if name.startswith("sandbox.")}
    return msgspec.structs.replace(Config(file=file, sources=sources, sandbox=Sandbox(**parts)), **values)


def flat(section: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Options of a file, each part of the sandbox on its own."""
    for option, value in section.items():
        if option == "sandbox" and isinstance(value, dict):
            yield from ((f"sandbox.{part}", each) for part, each in value.items())
        else:
            yield option, value


def read_tables(config: Config) -> dict[str, Table]:
    """What is known of tables: ``tables``, and where that leaves something open, ``tables_file``.

    Raises:
        ConfigError: The file cannot be read, is not valid JSON, or has another shape: all mistakes in one message.
    """
    if (file := config.tables_file) is None:
        return config.tables
    content = _read(file, json.loads, "JSON")
    if not isinstance(content, dict):
        raise ConfigError(f"{file} has to be an object with tables, not {content!r}", WRITE_TABLES)
    reader = _Reader()
    tables = {name: reader.read(value, Table, f"{file}: {name}") for name, value in content.items()}
    if reader.mistakes:
        raise ConfigError("\n".join(reader.mistakes), WRITE_TABLES)
    for name, table in config.tables.items():
        measured = tables.get(name, Table())
        if table.hot or table.small:
            measured = msgspec.structs.replace(measured, hot=False, small=False)
        tables[name] = Table(**msgspec.to_builtins(measured) | msgspec.to_builtins(table))
    return tables


def find_ledger(config: Config, root: Path) -> Path | None:
    """Find the ledger: the file that is configured, else a `LEDGER` beside the configuration file or in the project.

    Args:
        root: The project's folder.

    Raises:
        ConfigError: The file that is configured does not exist.
    """
    file = ledger_to_write(config, root)
    if file.exists():
        return file
    if config.ledger is None:
        return None
    raise ConfigError(f"{config.sources['ledger']}: there is no ledger {file}", "migsafe record writes one.")


def ledger_to_write(config: Config, root: Path) -> Path:
    """The same, or where one is to be made."""
    return config.ledger or _beside(config, root, LEDGER)


def find_approvals(config: Config, root: Path) -> Path | None:
    """Find the file of approvals, in the same way as the ledger.

    Raises:
        ConfigError: The file that is configured does not exist.
    """
    file = config.approvals or _beside(config, root, APPROVALS)
    if file.exists():
        return file
    if config.approvals is None:
        return None
    raise ConfigError(f"{config.sources['approvals']}: there is no file {file}", "docs/gate.md says what it has.")


def _beside(config: Config, root: Path, name: str) -> Path:
    """A file of a name beside the configuration file or in the project's folder, or where it would be."""
    folders = [config.file.parent, root] if config.file else [root]
    files = [folder / name for folder in folders]
    return next((file for file in files if file.exists()), files[0])


def folders_upward(start: Path) -> tuple[Path, ...]:
    """``start`` (or the folder it is in) and those above it, up to the repository's root if there is one."""
    folders: list[Path] = []
    for folder in (start.resolve(), *start.resolve().parents):
        if folder.is_dir():
            folders.append(folder)
            if (folder / ".git").exists():
                break
    return tuple(folders)


def find_root(start: Path) -> tuple[Path, Path | None]:
    """Find the project's folder and its ``manage.py``, from ``start`` upward to the repository's root.

    A ``manage.py`` wins over a ``pyproject.toml`` further down; ``src/manage.py`` is looked for in each folder too.
    """
    folders = folders_upward(start)
    for folder in folders:
        for manage in (folder / "manage.py", folder / "src" / "manage.py"):
            if manage.is_file():
                return manage.parent, manage
    for folder in folders:
        if (folder / "pyproject.toml").is_file() or (folder / "migsafe.toml").is_file():
            return folder, None
    return folders[0], None


class _Reader:
    """Converts values to types; of each part that is wrong, `mistakes` says what is wrong, and what is read is void."""

    def __init__(self, *, strict: bool = True) -> None:
        self.strict = strict
        self.mistakes: list[str] = []

    def read(self, value: object, kind: Any, where: str) -> Any:
        if kind is Table and isinstance(value, str) and value in TABLE_WORDS:
            value = {value: True}
        if isinstance(value, dict):
            if get_origin(kind) is dict:
                return {key: self.read(each, get_args(kind)[1], _within(where, key)) for key, each in value.items()}
            if kind is Table:
                return self._read_table(value, where)
        if kind == Size and isinstance(value, str) and (size := re.fullmatch(r"(\d+) *([kMGT]B)?", value)):
            value = int(size[1]) * UNITS[size[2] or ""]
        try:
            if kind == Path | None and isinstance(value, str):
                return Path(value)
            return msgspec.convert(value, kind, strict=self.strict)
        except msgspec.ValidationError:
            self.mistakes.append(f"{where} has to be {_expected(kind, value)}, not {value!r}")

    def _read_table(self, value: dict[str, object], where: str) -> Table:
        fields = {field.name: field for field in msgspec.structs.fields(Table)}
        values = {}
        for name, each in value.items():
            if name in fields:
                values[name] = self.read(each, fields[name].type, _within(where, name))
            else:
                self.mistakes.append(f"{where}: there is no {name!r} of a table{did_you_mean(name, fields)}")
        if values.get("hot") and values.get("small"):
            self.mistakes.append(f"{where} cannot be both hot and small")
        return Table(**values)


def find_section(start: Path) -> tuple[Path | None, dict[str, Any]]:
    """Find the nearest ``migsafe.toml``, or ``pyproject.toml`` with a section for migsafe."""
    for folder in folders_upward(start):
        if (file := folder / "migsafe.toml").is_file():
            return file, _read(file, tomllib.loads, "TOML")
        if (file := folder / "pyproject.toml").is_file():
            section = _read(file, tomllib.loads, "TOML").get("tool", {}).get("migsafe")
            if isinstance(section, dict):
                return file, section
            if section is not None:
                raise ConfigError(f"{file}: tool.migsafe has to be a table, not {section!r}", "Write [tool.migsafe].")
    return None, {}


def _read(file: Path, parse: Callable[[str], Any], language: str) -> Any:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}", "Make it a readable UTF-8 file.") from error
    try:
        return parse(text)
    except ValueError as error:
        raise ConfigError(f"{file} is not valid {language}: {error}", "Correct that line.") from error


def _within(where: str, key: str) -> str:
    """Where a part is."""
    return f"{where}.{toml_key(key)}"


def toml_key(key: str) -> str:
    """A key as it stands in TOML."""
    bare = key.replace("_", "").replace("-", "").isalnum() and key.isascii()
    return key if bare else toml(key)


def toml(value: object) -> str:
    """A string, number, boolean, or a list or table of them, on one line of TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml_key(key)} = {toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    # Strings of JSON are strings of TOML, but for what JSON escapes in pairs or not at all.
    text = json.dumps(value, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in text)


def _expected(kind: Any, value: object) -> str:
    """Say in words what a type accepts."""
    if kind in (FailOn, Format, Severity, Source):
        choices = tuple(Severity) if kind is Severity else get_args(kind)
        near = did_you_mean(value, choices) if isinstance(value, str) else ""
        return f"one of {', '.join(choices)}{near}"
    if kind is Table:
        near = did_you_mean(value, TABLE_WORDS) if isinstance(value, str) else ""
        return f'"hot", "small" or a table with rows, bytes, hot or small{near}'
    if get_origin(kind) is dict:
        return "a table"
    return {
        Major | None: "a whole number from 10 to 18",
        Count | None: "a whole number from 0",
        Count: "a whole number from 0",
        Seconds: "a number of seconds",
        Size: 'a number of bytes, or a text such as "2GB"',
        tuple[str, ...]: "a list of strings",
        bool: "true or false",
        Reason: "a reason",
    }.get(kind, "a string")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Words to append to a message about a word that is not known: empty when none is like it."""
    candidates = tuple(known)
    matches = get_close_matches(word, candidates, n=len(candidates) or 1)
    # Many codes are as like as each other.
    best = max(matches, key=lambda one: (SequenceMatcher(None, one, word).ratio(), _in_place(word, one)), default=None)
    return f" (did you mean {best}?)" if best else ""


def _in_place(word: str, other: str) -> int:
    """How many letters are the same at the same place."""
    return sum(map(operator.eq, word, other))
