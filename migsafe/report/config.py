"""The configuration as it came to be: TOML with the source of each value, and JSON."""

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, Literal

import msgspec

from migsafe.config import FIELDS, Config, toml, toml_key

LEFT_OPEN = {"settings": "what manage.py says", "postgres": "the oldest that the installed Django supports"}
"""What holds where an option has no value."""

COMMENTS = 48
"""Column at which comments stand where lines are no longer."""


class Option(msgspec.Struct, frozen=True):
    """One option.

    Attributes:
        value: As in a file; null where nothing is said, or where a variable may have a password.
        source: Name of the flag or variable, or path of the file; None for a default.
    """

    value: Any
    kind: Literal["flag", "variable", "file", "default"]
    source: str | None


class Effective(msgspec.Struct, frozen=True, kw_only=True):
    """What ``migsafe config`` shows; its encoding is the JSON format.

    Attributes:
        version: Of the JSON contract; only raised when something is removed or changes its meaning.
        file: The file that was read, if any.
        options: By the name that they have in the file; paths are absolute.
    """

    version: int = 1
    file: str | None
    options: dict[str, Option]


def effective(config: Config) -> Effective:
    """Say of every option what it is and where that is from."""
    return Effective(
        file=None if config.file is None else str(config.file),
        options={
            option: Option(
                None
                if _may_be_secret(field.name, config)
                else msgspec.to_builtins(attrgetter(field.name)(config), builtin_types=(), enc_hook=str),
                _kind(config.sources.get(field.name), config),
                config.sources.get(field.name),
            )
            for option, field in FIELDS.items()
        },
    )


def _may_be_secret(name: str, config: Config) -> bool:
    """A connection string has a password, and who gives it in a variable does not want to see it in a log."""
    return name == "sandbox.dsn" and _kind(config.sources.get(name), config) == "variable"


def _kind(source: str | None, config: Config) -> Literal["flag", "variable", "file", "default"]:
    if source is None:
        return "default"
    if source == str(config.file):
        return "file"
    return "flag" if source.startswith("--") else "variable"


def text(shown: Effective, style: Callable[[str], str] = str) -> str:
    """A file that would have the same effect, with the source of each value as a comment.

    Args:
        style: Makes a comment of a line quiet.
    """
    return "".join(f"{line}\n" for line in _lines(shown, style))


def _lines(shown: Effective, style: Callable[[str], str]) -> Iterator[str]:
    tables = {name: one for name, one in shown.options.items() if isinstance(one.value, dict) and one.value}
    yield "[tool.migsafe]"
    for name, option in shown.options.items():
        if option.value is None and option.kind == "variable":
            yield style(f"# {name}: what {option.source} says")
        elif option.value in (None, {}):
            yield style(f"# {name}: {LEFT_OPEN.get(name, 'none')}")
        elif name not in tables:
            yield f"{f'{name} = {toml(option.value)}':<{COMMENTS}}  {style(_comment(option))}"
    for name, option in tables.items():
        yield ""
        yield f"{f'[tool.migsafe.{name}]':<{COMMENTS}}  {style(_comment(option))}"
        yield from (f"{toml_key(key)} = {toml(value)}" for key, value in option.value.items())


def _comment(option: Option) -> str:
    return f"# {option.source or option.kind}"
