"""Deploys of a plan → files of the project: all of them, or none."""

import ast
import re
import shutil
import tokenize
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from msgspec.structs import replace

from migsafe.applied import Past
from migsafe.errors import InputError, MigsafeError
from migsafe.plan import keeping
from migsafe.plan.code import CannotEdit, patched, reversed_patch
from migsafe.plan.dependents import Places, dependents, own_dependencies, renamed
from migsafe.plan.drafting import Names
from migsafe.plan.files import read_source
from migsafe.planning import ChangeCode, Deploy, FileChange, Plan, Step, WriteMigration, Writing
from migsafe.project.git import has_uncommitted_changes, is_new
from migsafe.project.graph import History, Key, migration_path, overlaid
from migsafe.project.load import show

MAX_MIGRATION = "max_migration.txt"
"""Where django-linear-migrations keeps the name of an app's last migration."""


@dataclass
class Writer:
    """Works out what a deploy of a plan makes of the project's files.

    Args:
        plan: Its paths are relative to the project's root, or absolute.
        history: The project's migrations as they are now.
        past: What git, the ledger and the database say, as far as they were asked.
        force: Whether uncommitted changes may be overwritten, what people have done themselves is left to them, and a
            deploy may be written before the one before it is live.
    """

    plan: Plan
    history: History
    past: Past
    force: bool = False
    _texts: dict[Path, str | None] = field(default_factory=dict)
    _left: list[ChangeCode] = field(default_factory=list)

    def write(self, number: int, *, dry_run: bool = False) -> Writing:
        """Write a deploy.

        Raises:
            MigsafeError: It cannot or must not be written; nothing has been changed.
        """
        deploy = self._deploy(number)
        if number == 1:
            self._first(deploy)
        else:
            deploy = self._later(deploy)
        self._max_migrations(deploy)
        for step in deploy.steps:
            if isinstance(step, ChangeCode):
                self._change(step)
        kept = keeping.path(self.plan, self._root)
        self._check_kept(kept)
        self._texts[kept] = keeping.text(self.plan)
        changes = {path: (_bytes(path), text) for path, text in self._texts.items()}
        changes = {path: one for path, one in changes.items() if _decoded(one[0]) != one[1]}
        self._check_committed(path for path, (before, _) in changes.items() if before is not None)
        if not dry_run:
            put({path: None if text is None else _encoded(text, before) for path, (before, text) in changes.items()})
        return Writing(
            deploy=number,
            plan=self.plan,
            kept=self._shown(kept),
            changes=tuple(
                FileChange(path=self._shown(path), before=_decoded(one[0]), after=one[1])
                for path, one in changes.items()
            ),
            left=tuple(self._left),
        )

    @property
    def _root(self) -> Path:
        return self.history.project.root

    def _shown(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix() if path.is_relative_to(self._root) else str(path)

    def _deploy(self, number: int) -> Deploy:
        if not 1 <= number <= len(self.plan.deploys):
            last = len(self.plan.deploys)
            raise InputError(f"there is no deploy {number}: the last one of the plan for {self._target} is {last}")
        return self.plan.deploys[number - 1]

    @property
    def _target(self) -> str:
        return " and ".join(self.plan.targets)

    # The first deploy takes the place of the originals

    def _first(self, deploy: Deploy) -> None:
        if self.plan.is_safe or not self.plan.originals:
            if self.plan.unsolved:
                why = "; ".join(f"{one.description}: {one.why}" for one in self.plan.unsolved)
                raise MigsafeError(
                    f"{self._target} has no safe way that could be written: {why}", self.plan.unsolved[0].instead
                )
            raise MigsafeError(
                f"{self._target} is safe as it is: there is nothing to write", "Apply it with the next deploy."
            )
        originals = [_key(target) for target in self.plan.targets]
        self._check_not_applied(originals)
        for name, text in self.plan.originals.items():
            path = self._root / name
            if not path.exists() or read_source(path) != text:
                raise MigsafeError(f"{show(path)} is not what it was when the plan was made", "Plan again.")
            self._texts[path] = None
        for step in deploy.migrations:
            self._add(step)
        files = {key: [step.key for step in deploy.migrations if _key(step.target) == key] for key in originals}
        for key, text in dependents(self.history, files).items():
            self._texts[self._path_of(key)] = text

    def _check_not_applied(self, keys: Iterable[Key]) -> None:
        for key in keys:
            known = next((old for old, new in self.past.renamed.items() if new == key), key)
            if known not in self.past.applied:
                continue
            app, name = key
            before = next((one[1] for one in sorted(self.history.digraph.predecessors(key)) if one[0] == app), "zero")
            raise MigsafeError(
                f"{app}.{name} is applied according to {self.past.where(self.past.applied[known])}:"
                " whoever has it would never get what is written in its place",
                f"Leave it as it is. Where it has not run everywhere, take it back"
                f" (python manage.py migrate {app} {before}) and plan again. What is still to do is a new migration"
                f" (python manage.py makemigrations {app}), and has a plan of its own:"
                f" migsafe plan {app} NUMBER --write.",
            )

    # Later ones come after what there is by now

    def _later(self, deploy: Deploy) -> Deploy:
        self._check_earlier(deploy.number)
        there = [step for step in deploy.migrations if step.key in self.history.loader.disk_migrations]
        if there and _same_code(there[0].source, read_source(self._path_of(there[0].key))):
            raise MigsafeError(
                f"deploy {deploy.number} is there already: {'.'.join(there[0].key)}",
                f"The next one: --deploy {deploy.number + 1}." if deploy.number < len(self.plan.deploys) else None,
            )
        apps = {step.app for step in deploy.migrations}
        if conflicts := {app: keys for app, keys in self.history.conflicts.items() if app in apps}:
            app, keys = next(iter(conflicts.items()))
            raise MigsafeError(
                f"{app} has several last migrations: {', '.join(name for _, name in keys)}",
                "Merge them first: python manage.py makemigrations --merge.",
            )
        self._follow(deploy.number)
        deploy = self.plan.deploys[deploy.number - 1]
        for step in deploy.migrations:
            self._add(step)
        self._squashes(deploy)
        return deploy

    def _check_earlier(self, number: int) -> None:
        for deploy in self.plan.deploys[: number - 1]:
            for step in deploy.migrations:
                if step.key not in self.history.loader.disk_migrations:
                    raise MigsafeError(
                        f"deploy {deploy.number} is not there: there is no migration {'.'.join(step.key)}",
                        f"Write and release it first: migsafe plan {' '.join(step.target.split('.'))} --write"
                        + (f" --deploy {deploy.number}." if deploy.number > 1 else "."),
                    )
                if not self.force and not _same_code(step.source, read_source(self._path_of(step.key))):
                    raise MigsafeError(
                        f"{show(self._path_of(step.key))} is not what the plan has for deploy {deploy.number},"
                        f" and deploy {number} counts on that",
                        "Restore it, or look at what follows yourself and use --force.",
                    )
                if not self.force:
                    self._check_live(deploy.number, step.key)

    def _check_live(self, number: int, key: Key) -> None:
        """Refuse to go on from a migration that some who were asked do not know to be applied."""
        name = ".".join(key)
        if missing := [source for source in self.past.sources if key not in self.past.by_source[source]]:
            raise MigsafeError(
                f"deploy {number} is not live: {name} is not applied according to {self.past.where(missing)}",
                "Release it first, and answer its checks. If it is live, they have to know (git fetch and rebase;"
                " migsafe record), or write what comes next all the same with --force.",
            )
        if has_uncommitted_changes(self._path_of(key)):
            raise MigsafeError(
                f"deploy {number} is not live: {name} is not committed",
                "Commit and release it first, or write what comes next all the same with --force.",
            )

    def _follow(self, number: int) -> None:
        """Let what is still to be written come after the migrations that there are by now."""
        steps = [(deploy.number, step) for deploy in self.plan.deploys[number - 1 :] for step in deploy.migrations]
        last = {app: leaf for app in {step.app for _, step in steps} for leaf in self.history.leaf_nodes(app)}
        ours = {step.key for _, step in steps}
        names = Names(self.history.loader.disk_migrations.keys() | self.history.replaced.keys())
        instead: dict[Key, Key] = {}
        for deploy, step in steps:
            if deploy == number:
                before = [one for one in own_dependencies(step.source, step.app) if one not in ours]
                instead |= dict.fromkeys(before, last[step.app])
            instead[step.key] = last[step.app] = names.next(step.key, after=last[step.app])
        self.plan = _called(self.plan, number, {old: new for old, new in instead.items() if old != new})

    def _squashes(self, deploy: Deploy) -> None:
        """Add the migrations to squashes that stand for those of the deploy before."""
        by_target: dict[str, list[Key]] = {}
        for one in self.plan.deploys[: deploy.number - 1]:
            for step in one.migrations:
                by_target[step.target] = [step.key]
        replaces = {
            before[0]: [*before, *(step.key for step in deploy.migrations if step.target == target)]
            for target, before in by_target.items()
        }
        for key, migration in self.history.loader.disk_migrations.items():
            if any(one in replaces for one in migration.replaces):
                path = self._path_of(key)
                self._texts[path] = renamed(read_source(path), Places({}, {}, replaces))

    # Both

    def _path_of(self, key: Key) -> Path:
        return migration_path(self.history.loader.disk_migrations[key])

    def _add(self, step: WriteMigration) -> None:
        path = self._root / step.path
        if path not in self._texts and path.exists():
            raise MigsafeError(f"{show(path)} exists already", "Rename it, or plan again.")
        self._texts[path] = step.source

    def _max_migrations(self, deploy: Deploy) -> None:
        """Say which migration is an app's last one now, where the team keeps that in a file.

        Raises:
            GraphError: The migrations would not be a graph any more.
        """
        keys = {path: self._key_at(path, deploy) for path in self._texts}
        with overlaid(self.history, {keys[path]: text for path, text in self._texts.items()}) as after:
            for folder, app in {path.parent: key[0] for path, key in keys.items()}.items():
                leaves = after.leaf_nodes(app)
                if (folder / MAX_MIGRATION).exists() and len(leaves) == 1:
                    self._texts[folder / MAX_MIGRATION] = f"{leaves[0][1]}\n"

    def _key_at(self, path: Path, deploy: Deploy) -> Key:
        for step in deploy.migrations:
            if self._root / step.path == path:
                return step.key
        return next(key for key in self.history.loader.disk_migrations if self._path_of(key) == path)

    def _change(self, step: ChangeCode) -> None:
        if step.by_hand or step.path is None or not step.diff:
            self._left.append(step)
            return
        path = self._root / step.path
        try:
            before = self._texts[path] if path in self._texts else read_source(path)
            assert before is not None
            self._texts[path] = patched(before, step.diff)
        except (CannotEdit, OSError) as error:
            with suppress(CannotEdit, OSError):
                patched(read_source(path), reversed_patch(step.diff))
                return  # it is so already
            if not self.force:
                raise MigsafeError(
                    f"{step.name} in {show(path)} cannot be changed as the plan has it: {error}",
                    f"With --force it is left to you:\n{step.diff}",
                ) from error
            self._left.append(step)

    def _check_kept(self, path: Path) -> None:
        """Refuse to overwrite what is kept of another plan."""
        if path.exists() and not self.force and (kept := keeping.read(path)).targets != self.plan.targets:
            raise MigsafeError(
                f"{show(path)} has the plan for {' and '.join(kept.targets)}",
                "Rename it, or overwrite it with --force.",
            )

    def _check_committed(self, paths: Iterable[Path]) -> None:
        """Refuse to touch what would be lost.

        An original that was never committed is not: the kept plan has its text.
        """
        if self.force:
            return
        originals = {self._root / name for name in self.plan.originals}
        lost = sorted(
            show(path) for path in paths if has_uncommitted_changes(path) and not (path in originals and is_new(path))
        )
        if lost:
            raise MigsafeError(
                f"uncommitted changes in {', '.join(lost)}", "Commit them, or write over them with --force."
            )


def put(changes: Mapping[Path, bytes | None]) -> None:
    """Write files, and delete those that have no content: all, or none.

    Raises:
        InputError: One of them cannot be written.
    """
    before = {path: _bytes(path) for path in changes}
    folders: list[Path] = []
    made: list[Path] = []
    done: list[Path] = []
    path = next(iter(changes), Path())
    try:
        for path, content in changes.items():
            if content is not None:
                folders += _make_folder(path.parent)
                temporary = path.with_name(f".{path.name}.migsafe")
                made.append(temporary)
                temporary.write_bytes(content)
                if path.exists():
                    shutil.copymode(path, temporary)
        for path, content in changes.items():
            done.append(path)
            if content is None:
                path.unlink()
            else:
                path.with_name(f".{path.name}.migsafe").replace(path)
    except BaseException as error:
        for one in done:
            old = before[one]
            if old is None:
                one.unlink(missing_ok=True)
            elif _bytes(one) != old:
                one.write_bytes(old)
        for one in made:
            one.unlink(missing_ok=True)
        for folder in reversed(folders):
            folder.rmdir()
        if isinstance(error, OSError):
            raise InputError(
                f"{show(path)} cannot be written: {error.strerror}", "Nothing has been changed."
            ) from error
        raise


def _make_folder(folder: Path) -> list[Path]:
    """Make a folder; return those that were not there, outermost first."""
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return new[::-1]


def _called(plan: Plan, number: int, instead: Mapping[Key, Key]) -> Plan:
    """The plan with other migrations in the place of some that the deploys from one on write or name."""
    if not instead:
        return plan
    places = Places({old: [new] for old, new in instead.items()}, {}, {})
    names = re.compile("|".join(rf"\b{re.escape(name)}\b" for _, name in instead))
    by_name = {old[1]: new[1] for old, new in instead.items()}

    def undo(text: str) -> str:
        return names.sub(lambda found: by_name[found[0]], text)

    def step_of(step: Step) -> Step:
        if isinstance(step, WriteMigration):
            _, name = instead.get(step.key, step.key)
            path = str(Path(step.path).with_name(f"{name}.py"))
            return replace(step, name=name, path=path, source=renamed(step.source, places), undo=undo(step.undo))
        return step

    later = [
        replace(one, steps=tuple(map(step_of, one.steps)), undo=undo(one.undo)) for one in plan.deploys[number - 1 :]
    ]
    return replace(plan, deploys=(*plan.deploys[: number - 1], *later))


def _key(target: str) -> Key:
    app, _, name = target.partition(".")
    return app, name


def _same_code(one: str, other: str) -> bool:
    """Whether two files say the same, but for layout, comments, and what they depend on."""
    return _meaning(one) == _meaning(other)


def _meaning(text: str) -> str | None:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "Migration":
            node.body = [
                one
                for one in node.body
                if not (isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "dependencies")
            ]
    return ast.dump(tree)


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _encoding(content: bytes) -> str:
    return tokenize.detect_encoding(BytesIO(content).readline)[0]


def _decoded(content: bytes | None) -> str | None:
    return None if content is None else content.decode(_encoding(content))


def _encoded(text: str, before: bytes | None) -> bytes:
    """The content of a file, in the encoding that it had."""
    return text.encode(_encoding(text.encode() if before is None else before))
