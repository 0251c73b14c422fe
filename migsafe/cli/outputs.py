"""Where reports go: which format to which file, and all of the files or none."""

import errno
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import click

from migsafe.config import Format, did_you_mean
from migsafe.errors import ConfigError, InputError

STDOUT = "-"


def read(
    outputs: Iterable[str],
    format_: Format,
    base: Path | None = None,
    formats: Sequence[Format] = get_args(Format),
) -> dict[str, Format]:
    """Read what ``--output`` names, ``[FORMAT=]FILE`` each.

    Args:
        format_: Of a file without one; of stdout, unless a file takes it.
        base: Folder that files are relative to; None for the working directory.
        formats: Those that the report can be had in.

    Returns:
        The format by file; `STDOUT` is one.

    Raises:
        ConfigError: A format does not exist, or a file is missing or there twice: all mistakes in one message.
    """
    known: dict[str, Format] = {name: name for name in formats}
    chosen: dict[str, Format] = {}
    mistakes = []
    is_taken = False
    for output in outputs:
        prefix, equals, rest = output.partition("=")
        is_plain = not (equals and re.fullmatch("[a-z]+", prefix))
        file = output if is_plain else rest
        if not is_plain and prefix not in known:
            near = did_you_mean(prefix, known)
            mistakes.append(f"--output {output}: there is no format {prefix!r}{near}")
        elif not file:
            mistakes.append(f"--output {output}: the file is missing")
        else:
            is_taken |= is_plain
            path = file if file == STDOUT else str((base or Path()) / file)
            if path in chosen:
                mistakes.append(f"--output {output}: that file takes a report already")
            chosen[path] = format_ if is_plain else known[prefix]
    if mistakes:
        raise ConfigError("\n".join(mistakes), "Write FILE, FORMAT=FILE, or ./a=b for a file with such a name.")
    return chosen if is_taken else {STDOUT: format_} | chosen


def write(texts: Mapping[str, str]) -> None:
    """Write texts by file; if a regular file cannot be written, all of them stay as they were.

    Raises:
        InputError: A file cannot be written.
    """
    streams = [file for file in texts if file == STDOUT or not _is_regular(Path(file))]  # /dev/stdout, a named pipe
    files = [_File(file) for file in texts if file not in streams]
    try:
        for file in files:
            with _named(file.name):
                file.stage(texts[file.name])
        for file in files:
            with _named(file.name):
                file.replace()
    except BaseException:
        for file in files:
            file.undo()
        raise
    for file in files:
        file.old.unlink(missing_ok=True)
    for stream in streams:
        with _named(stream):
            if stream == STDOUT:
                click.echo(texts[stream], nl=False)
            else:
                Path(stream).write_text(texts[stream], encoding="utf-8")


class _File:
    """A file that gets its text beside it first, so that it has either text whole."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.path = Path(os.path.realpath(name))
        token = secrets.token_hex(4)
        self.new, self.old = (self.path.with_name(f".migsafe-{token}.{age}") for age in ("new", "old"))
        self.is_replaced = False

    def stage(self, text: str) -> None:
        if self.path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with self.new.open("x", encoding="utf-8") as file:
            file.write(text)
        if self.path.exists():
            self.new.chmod(self.path.stat().st_mode)

    def replace(self) -> None:
        if self.path.exists():
            self.path.replace(self.old)
        self.new.replace(self.path)
        self.is_replaced = True

    def undo(self) -> None:
        self.new.unlink(missing_ok=True)
        if self.old.exists():
            self.old.replace(self.path)
        elif self.is_replaced:
            self.path.unlink()


def _is_regular(path: Path) -> bool:
    in_dev = path.absolute().is_relative_to("/dev")  # where stdout may be a file, which must not be replaced
    return not in_dev and (path.is_file() or path.is_dir() or not path.exists())


@contextmanager
def _named(file: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # whoever reads has seen enough
        raise
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}", "Choose another file.") from error
