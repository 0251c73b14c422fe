"""Files that code names in its strings."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from migsafe.history.modules import Sources, digest
from migsafe.sql.parse.canonical import canonical

_PLACEHOLDER = re.compile(r"%\(\w+\)s|%[sd]|\{[^{}]*\}")

_LONGEST_NAME = 255

AROUND = 2
"""Folders above that of an app."""

_LONGEST_SQL = 200_000
"""Characters of a file up to which its SQL is read; of a longer one every character counts."""


class Resources:
    """Collects strings, and finds the files and folders that they name.

    Attributes:
        folders: Where relative paths may start, besides the folder of the module that has the string.
        around: Where they may start too, if they name a file.
    """

    def __init__(self, sources: Sources, folders: tuple[Path, ...] = ()) -> None:
        self.sources = sources
        self.folders = folders
        # A project has its SQL beside its apps too; of the root of a disk, no file is meant.
        around = [outer for folder in folders for outer in list(folder.parents)[:AROUND]]
        self.around = [folder for folder in around if folder.parent != folder]
        self._strings: dict[tuple[str, Path], None] = {}
        self._found: tuple[Path, ...] | None = None

    def mention(self, text: str, module: Path) -> None:
        """A string in a module."""
        if 1 < len(text) <= _LONGEST_NAME and "\n" not in text and not text.isspace():
            self._strings[text, module] = None
            self._found = None

    @property
    def files(self) -> tuple[Path, ...]:
        """Files that the strings name, each once."""
        if self._found is None:
            self._found = tuple(self._find())
        return self._found

    @cached_property
    def contents(self) -> tuple[str, ...]:
        """What is in them, as far as it counts."""
        read = ((path, self.sources.read_file(path)) for path in self.files)
        return tuple(f"{path.name} {_meaning(path, content)}" for path, content in read if content is not None)

    def _find(self) -> dict[Path, None]:
        starts = dict.fromkeys([*(module.parent for _, module in self._strings), *self.folders])
        folders = self._below(list(dict.fromkeys([*starts, *self.around])))
        found: dict[Path, None] = {}
        for text, module in self._strings:
            found |= dict.fromkeys(self._named(text, module, folders))
        for folder in folders:
            own = folder not in starts and not starts.keys().isdisjoint(folder.parents)
            if own and not any(folder in path.parents for path in found):
                names = sorted(self.sources.names(folder))
                found |= dict.fromkeys(folder / name for name in names if name.endswith(".sql"))
        return found

    def _below(self, folders: list[Path]) -> list[Path]:
        """Where relative paths start, and what strings name below that, one part after the other."""
        parts = [text for text, _module in self._strings if "." not in text or "/" in text]
        for text, _module in self._strings:
            folder = self.sources.folder(text)
            if folder is not None and folder not in folders:
                folders.append(folder)
        for _ in range(2 if parts else 0):
            for start in tuple(folders):
                here = self.sources.names(start)
                for text in parts:
                    if text.partition("/")[0] in here or text.startswith((".", "/")):
                        folder = _joined(start, text)
                        if folder is not None and folder not in folders and self._is_folder(folder):
                            folders.append(folder)
        return folders

    def _is_folder(self, path: Path) -> bool:
        return path.name in self.sources.names(path.parent) and bool(self.sources.names(path))

    def _named(self, text: str, module: Path, folders: list[Path]) -> Iterator[Path]:
        name = text.rsplit("/", 1)[-1]
        if name and "." not in name:
            yield from self._fixtures(text, folders)
            return
        if "." not in name or name.endswith("."):
            return
        if name == text and name.startswith(".") and f"{module.stem}{name}" in self.sources.names(module.parent):
            yield module.parent / f"{module.stem}{name}"
            return
        pattern = _PLACEHOLDER.sub("*", f"*{name}" if name.startswith(".") else name)
        for folder in folders:
            path = _joined(folder, text)
            if path is None:
                continue
            here = self.sources.names(path.parent)
            if path.name in here:
                yield path
            elif "*" in pattern and pattern.strip("*.") and not name.endswith(" "):
                yield from (path.parent / one for one in sorted(here) if fnmatchcase(one, pattern) and "." in one)

    def _fixtures(self, text: str, folders: list[Path]) -> Iterator[Path]:
        """What loaddata finds under a name without its format."""
        for folder in folders:
            if folder.name == "fixtures" and (path := _joined(folder, text)):
                here = sorted(self.sources.names(path.parent))
                yield from (path.parent / one for one in here if one.startswith(f"{path.name}.") and one[0] != ".")


def _joined(folder: Path, text: str) -> Path | None:
    path = folder
    for part in text.split("/"):
        if part == "..":
            path = path.parent
        elif part not in {"", "."}:
            path /= part
    return None if path == folder or "\0" in text else path


def _meaning(path: Path, content: bytes) -> str:
    content = content.replace(b"\r\n", b"\n")
    if path.suffix == ".sql" and len(content) <= _LONGEST_SQL:
        try:
            return digest(canonical(content.decode()))
        except UnicodeDecodeError:
            pass
    return digest(content)
