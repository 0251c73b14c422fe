"""Deploys → migration files, not written yet: their names, what they depend on, their text."""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

import networkx

from migsafe.errors import MigsafeError
from migsafe.plan.files import Original, Part, read_source
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


LONGEST = 80
"""Characters of a name without its number: a file's name may have 255 bytes."""

Group = list[tuple[Item, Piece]]
"""What shares a migration, of one original."""


def drafts(
    outline: Outline,
    migrations: Sequence[ReplayedMigration],
    history: History,
    formatted: Callable[[str, Path], str] = lambda source, _: source,
) -> Iterator[Draft]:
    """Lay out the files, in the order in which they are applied.

    Args:
        formatted: Makes the text of a file what the project's formatter makes of it.

    Raises:
        MigsafeError: An original cannot be taken apart.
    """
    files = {(one.app, one.name): Original(Path(one.path)) for one in migrations}
    order = [(deploy, group) for deploy, batch in enumerate(outline.batches, 1) for group in _groups(batch)]
    last_of = {_original(group): number for number, (_, group) in enumerate(order)}
    names = Names({key for key in history.loader.disk_migrations if key not in files} | history.replaced.keys())
    chained = _Chain(history, files, {_original(group) for _, group in order if not _is_whole(group)})
    explained: set[int] = set()
    for number, (deploy, group) in enumerate(order):
        original = _original(group)
        file = files[original]
        dependencies = chained.dependencies(original, deploy)
        named = dependencies, chained.run_before(original)
        whole = _is_whole(group) and named == tuple(list(file.elements(one)) for one in ("dependencies", "run_before"))
        words = [_words(group)]
        if not whole:  # where the original was applied, this one must not pass for it
            words.append(f"{words[0]}_{outline.batches[deploy - 1].kinds[0]}")
        key = names.choose(original, words, after=chained.last.get(original[0]), other_than=() if whole else files)
        chained.add(key, original)
        path = file.path.with_name(f"{key[1]}.py")
        if whole:
            source = read_source(file.path)
        elif squash := _squash(original, history):
            raise squash
        elif file.obstacle:
            raise MigsafeError(file.obstacle, "Write it out, so that it can be split.")
        else:
            source = file.migration(
                list(_parts(group, explained)),
                dependencies=dependencies,
                run_before=chained.run_before(original) if last_of[original] == number else (),
                comment=_comment(group, deploy, len(outline.batches)),
            )
            source = formatted(source, path)
        yield Draft(key=key, path=path, source=source, original=original, deploy=deploy, pieces=tuple(group))


def _squash(key: Key, history: History) -> MigsafeError | None:
    """Why nothing can take the place of a migration that itself stands for others: who has these never runs it."""
    there = history.loader.disk_migrations
    if not (replaced := [one for one in there[key].replaces if one != key]):
        return None
    names = [".".join(one) for one in replaced]
    plan = f"delete it, and plan these: migsafe plan {' '.join(names)}"
    if not there.keys() >= set(replaced):
        plan = f"take `replaces` out of it, let others depend on it instead, and plan it: migsafe plan {'.'.join(key)}"
    return MigsafeError(
        f"{key[1]} is a squash of {', '.join(names)}, and a database that has these never runs it",
        f"Where they are applied, nothing is left to do. If none of them is applied anywhere, {plan}.",
    )


class Names:
    """Chooses names of migrations.

    Args:
        taken: Those of all migrations that there are, or have been.
    """

    def __init__(self, taken: set[Key]) -> None:
        self.taken = taken

    def next(self, key: Key, *, after: Key) -> Key:
        """What a migration is called that has a name, but comes after others now."""
        first, _, rest = key[1].partition("_")
        return self.choose(key, [rest if first.isdigit() and rest else key[1]], after=after)

    def choose(
        self, original: Key, words: Sequence[str], *, after: Key | None, other_than: Collection[Key] = ()
    ) -> Key:
        """The next file of an original.

        Its number is the original's, or the next one that is free and higher than that of what it comes after.

        Args:
            words: What it may be called, without number; the first is best.
            other_than: Names that it must not have, though their numbers are free.
        """
        app, name = original
        first, _, _ = name.partition("_")
        number = ""
        if first.isdigit():
            numbers = {key[1].partition("_")[0] for key in self.taken if key[0] == app}
            before = after[1].partition("_")[0] if after else ""
            least = max(int(first), int(before) + 1) if before.isdigit() else int(first)
            number = next(one for n in count(least) if (one := f"{n:0{len(first)}}") not in numbers) + "_"
        last = (f"{words[-1]}_{n}" for n in count(2))
        free = ((app, f"{number}{one}") for one in chain(words, last))
        chosen = next(one for one in free if one not in self.taken and one not in other_than)
        self.taken.add(chosen)
        return chosen


class _Chain:
    """What each new file depends on.

    Attributes:
        split: Originals that do not stay as they are.
        last: By app, the migration that the next new one of it comes after.
    """

    def __init__(self, history: History, files: Mapping[Key, Original], split: Collection[Key]) -> None:
        self.history = history
        self.files = files
        self.split = split
        self.last: dict[str, Key] = {}
        self._earlier: defaultdict[Key, list[Key]] = defaultdict(list)
        for key, file in files.items():
            for later in map(_literal, file.elements("run_before")):
                if later is not None and later in split:
                    self._earlier[later].append(key)
        self._begun: set[str] = set()
        self._covered: defaultdict[str, set[Key]] = defaultdict(set)
        self._made: defaultdict[Key, list[Key]] = defaultdict(list)
        self._named: set[tuple[Key, Key]] = set()

    def dependencies(self, original: Key, deploy: int) -> list[str]:
        """Source of each."""
        app = original[0]
        if deploy > 1 and app not in self._begun:
            self._begun.add(app)
            self.last.update((app, leaf) for leaf in self._leaves(app))
        file = self.files[original]
        found = [file.dependency(self.last[app])] if app in self.last else []
        elements = [*file.elements("dependencies"), *map(file.dependency, self._earlier[original])]
        for element in elements:
            key = _literal(element)
            if key is not None and key in self.files:
                made = self._made[key][-1:]
                if key[0] != app and made and (original, *made) not in self._named:
                    self._named.add((original, made[0]))
                    found.append(file.dependency(made[0]))
            elif not self._made[original] and key not in self._covered[app]:
                found.append(element)
        return found

    def run_before(self, original: Key) -> list[str]:
        """Source of each: what is split as well has a first file that depends on this one instead."""
        return [one for one in self.files[original].elements("run_before") if _literal(one) not in self.split]

    def add(self, key: Key, original: Key) -> None:
        """Take note of a new file."""
        app = key[0]
        self.last[app] = key
        self._made[original].append(key)
        self._covered[app] |= {one for one in networkx.ancestors(self.history.digraph, original) if one[0] == app}

    def _leaves(self, app: str) -> list[Key]:
        """The last migrations of an app, if they come after originals and are none: they are there in deploy 1."""
        after = self.history.after(key for key in self.files if key[0] == app)
        return [key for key in self.history.leaf_nodes(app) if key in after and key not in self.files]


def _literal(element: str) -> Key | None:
    """The migration that a dependency names; None if it is not written out."""
    try:
        value = ast.literal_eval(f"[{element}\n]")
    except (ValueError, SyntaxError):
        return None
    match value:
        case [(str(app), str(name))]:
            return app, name
    return None


def _original(group: Group) -> Key:
    migration = group[0][0].work.migration
    return migration.app, migration.name


def _groups(batch: Batch) -> Iterator[Group]:
    """What shares a migration: neighbours that may, of the same original."""
    group: Group = []
    for item, piece in batch.pieces:
        if group:
            before = group[-1][1]
            same = _original(group) == _original([(item, piece)]) and before.atomic == piece.atomic
            if not same or piece.alone or before.alone:
                yield group
                group = []
        group.append((item, piece))
    if group:
        yield group


def _is_whole(group: Group) -> bool:
    """Whether it is all that the original does, as it does it."""
    migration = group[0][0].work.migration
    places = [item.work.operation.index for item, piece in group if piece.original]
    return (
        places == list(range(len(migration.operations)))
        and len(places) == len(group)
        and all(piece.atomic == migration.atomic for _, piece in group)
    )


def _parts(group: Group, explained: set[int]) -> Iterator[Part]:
    """What its file is made of; what the author says of an operation goes with the first piece of it."""
    for item, piece in group:
        first = id(item) not in explained
        explained.add(id(item))
        yield Part(piece, item.work.operation.line if piece.original or first else None)


def _words(group: Group) -> str:
    """What a file is called, without number."""
    name = _original(group)[1]
    words = name.partition("_")[2] or name
    if not any(piece.original for _, piece in group):
        words = group[0][1].name
    words = re.sub(r"\W+", "_", words).strip("_")
    if len(words) > LONGEST:
        words = words[:LONGEST].rpartition("_")[0] or words[:LONGEST]
    return words


def _comment(group: Group, deploy: int, deploys: int) -> str:
    whys = " ".join(dict.fromkeys(_sentence(piece.why) for _, piece in group if piece.why))
    if deploys == 1:
        return whys
    head = f"Deploy {deploy} of {deploys} of what was {_original(group)[1]}"
    return f"{head}. {whys}" if whys else f"{head}."


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else f"{text}."
