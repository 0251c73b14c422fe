"""Migrations as texts, and what they mean."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from migsafe.applied import Meaning
from migsafe.history.meaning import meaning

ROOT = Path("/project")
MIGRATION = "shop/migrations/0002_fill.py"
PACKAGES = {"shop": ROOT / "shop", "shop.migrations": ROOT / "shop" / "migrations"}


class Texts:
    """A tree of files by their paths below `ROOT`."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        files = {"shop/__init__.py": "", "shop/migrations/__init__.py": "", **files}
        self.files = {
            ROOT / name: content if isinstance(content, bytes) else dedent(content).encode()
            for name, content in files.items()
        }

    def read(self, path: Path) -> bytes | None:
        return self.files.get(path)

    def names(self, folder: Path) -> frozenset[str]:
        return frozenset(file.relative_to(folder).parts[0] for file in self.files if folder in file.parents)


def read(files: Mapping[str, str | bytes] | str) -> Meaning:
    """The meaning of `MIGRATION`, given its text or those of all files."""
    files = {MIGRATION: files} if isinstance(files, str) else files
    return meaning(Texts(files), ROOT / MIGRATION, PACKAGES)


def differing(before: Mapping[str, str | bytes], after: Mapping[str, str | bytes]) -> set[str]:
    """Which hashes of two versions differ."""
    one, other = read(before).fingerprint, read(after).fingerprint
    return {name for name in ("operations", "python", "graph", "text") if getattr(one, name) != getattr(other, name)}
