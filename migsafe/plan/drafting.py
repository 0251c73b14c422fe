"""Deploys → migration files, not written yet: their names, what they depend on, their text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from migsafe.plan.files import Original
from migsafe.plan.planner import Batch, Item, Outline
from migsafe.plan.recipe import Piece
from migsafe.project.graph import History, Key
from migsafe.project.operations import ReplayedMigration


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A migration file of a plan.

    Attributes:
        path: Where it belongs, absolute.
        original: The migration that its operations come from.
        deploy: 1-based.
    """

    key: Key
    path: Path
    source: str
    original: Key
    deploy: int
    pieces: tuple[tuple[Item, Piece], ...]


def drafts(outline: Outline, migrations: Sequence[ReplayedMigration], history: History) -> Iterator[Draft]:
    """Lay out the files, in the order in which they are applied."""
    files = {(one.app, one.name): Original(Path(one.path)) for one in migrations}
    taken = {key for key in history.loader.disk_migrations if key not in files}
    last: dict[str, Key] = {}
    begun: set[Key] = set()
    for deploy, batch in enumerate(outline.batches, 1):
        for group in _groups(batch):
            migration = group[0][0].work.migration
            original = migration.app, migration.name
            app = migration.app
            name = _name(original, group, taken, last.get(app))
            dependencies = [] if original in begun else list(files[original].dependencies)
            if app in last:
                dependencies = [one for one in dependencies if not re.match(rf"\(['\"]{app}['\"]", one)]
                dependencies.append(repr(last[app]))
            begun.add(original)
            taken.add((app, name))
            last[app] = app, name
            pieces = [piece for _, piece in group]
            yield Draft(
                key=(app, name),
                path=files[original].path.with_name(f"{name}.py"),
                source=files[original].migration(
                    pieces,
                    dependencies=dependencies,
                    comment=" ".join(dict.fromkeys(f"Deploy {deploy}: {piece.why}" for piece in pieces if piece.why)),
                ),
                original=original,
                deploy=deploy,
                pieces=tuple(group),
            )


def _groups(batch: Batch) -> Iterator[list[tuple[Item, Piece]]]:
    """What shares a migration: neighbours that may, of the same original."""
    group: list[tuple[Item, Piece]] = []
    for item, piece in batch.pieces:
        if group:
            other, before = group[-1]
            same = other.work.migration.name == item.work.migration.name and before.atomic == piece.atomic
            if not same or piece.alone or before.alone:
                yield group
                group = []
        group.append((item, piece))
    if group:
        yield group


def _name(original: Key, group: Sequence[tuple[Item, Piece]], taken: set[Key], last: Key | None) -> str:
    app, name = original
    first, _, rest = name.partition("_")
    words = group[0][1].name if len(group) == 1 or not group[0][1].original else rest
    if not first.isdigit():
        return next(one for one in (f"{words}{n or ''}" for n in count()) if (app, one) not in taken)
    numbers = {key[1].partition("_")[0] for key in taken if key[0] == app}
    number = int(first)
    while f"{number:0{len(first)}}" in numbers:
        number += 1
    return f"{number:0{len(first)}}_{words}"
