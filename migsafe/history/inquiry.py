"""What git, the ledger and the database say is applied, beside what is there now."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import islice
from pathlib import Path

import migsafe
from migsafe.applied import Acceptance, Edit, Fingerprint, Meaning, Past, Source, Unread, Version
from migsafe.config import Config, find_ledger
from migsafe.errors import GitError
from migsafe.history import ledger
from migsafe.history.compare import changed, edit, executes_same
from migsafe.history.labels import app_labels, configurations
from migsafe.history.ledger import Ledger
from migsafe.history.meaning import Disk, Unreadable, meaning
from migsafe.history.previous import previous
from migsafe.history.reference import Commit, Reference, earlier, open_reference
from migsafe.history.resources import AROUND
from migsafe.history.version import executed, version
from migsafe.project.applied import Recorded
from migsafe.project.graph import History, Key, migration_path
from migsafe.project.operations import ReplayedMigration

ONLY_HASH = "the ledger keeps no more than a fingerprint of what it executed"

EARLIER = 50
"""How many commits are looked at for what a ledger knows."""


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """An applied migration that may be another one now.

    Attributes:
        was: What was applied.
        before: What it said.
        commit: Where git has it as it was.
        sql: Fingerprint of what it executed, if what it executes now can be compared with that.
    """

    source: Source
    key: Key
    was: Fingerprint
    after: Meaning
    before: Meaning | None = None
    commit: Commit | None = None
    sql: str | None = None

    @property
    def executes_other(self) -> bool:
        return not executes_same(self.was, self.after.fingerprint)


class Inquiry:
    """Asks all sources; what needs SQL is known when `see` has been given the replayed migrations.

    Args:
        apps: Labels of the apps to look at.
        postgres: Major version of the target server.
        recorded: What the database has recorded; None if it was not asked.
        thorough: Whether to compare the SQL of all that the ledger has, and to find out since when all is applied.
        shown: Makes a path what reports show.

    Raises:
        GitError: The ref cannot be compared with.
        InputError: The ledger cannot be read.
    """

    def __init__(
        self,
        history: History,
        config: Config,
        *,
        apps: Collection[str],
        postgres: int,
        recorded: Sequence[Recorded] | None = None,
        thorough: bool = False,
        shown: Callable[[str], str],
    ) -> None:
        self.disk = Disk()
        self.history = history
        self.project = history.project
        self.config = config
        self.apps = apps
        self.postgres = postgres
        self.thorough = thorough
        self.shown = shown
        self.files = {key: migration_path(one) for key, one in history.loader.disk_migrations.items()}
        self.applied: dict[Key, dict[Source, datetime | None]] = {}
        self.renamed: dict[Key, Key] = {}
        self.paths: dict[Key, str] = {}
        self.unread: list[Unread] = []
        self.candidates: list[_Candidate] = []
        self.versions: dict[Key, Version] = {}
        self.sql: dict[Key, str] = {}
        self.recorded: dict[Key, str] = {}
        self.order: tuple[Key, ...] = ()
        self.connected = recorded is not None
        self._meanings: dict[Key, Meaning | None] = {}
        self.reference = open_reference(config.reference, self.project.root) if config.reference else None
        file = find_ledger(config, self.project.root)
        self.ledger = ledger.read(file) if file else None
        if self.reference:
            self._ask_git(self.reference)
        if self.ledger:
            self._ask_ledger(self.ledger)
        self._ask_database(recorded or ())

    @property
    def wanted(self) -> frozenset[Key]:
        """Migrations whose SQL has to be known for a verdict: to be given to `see`."""
        keys = self._other | self.recorded.keys() if self.thorough else self._other
        return frozenset(keys & self.history.digraph.nodes)

    @cached_property
    def _other(self) -> frozenset[Key]:
        """Migrations that may execute something else than they did."""
        return frozenset(one.key for one in self.candidates if one.executes_other)

    @property
    def rewritten(self) -> frozenset[Key]:
        """Migrations that git has and that are only written otherwise now."""
        return frozenset(one.key for one in self.candidates if one.source == "git" and _is(one.after, one.was))

    def see(self, replayed: ReplayedMigration) -> None:
        """Take note of what a migration executes."""
        key = (replayed.app, replayed.name)
        if key in self.recorded and (sql := executed(replayed)):
            self.sql[key] = sql
        if key in self._other:
            self.versions[key] = version(replayed)

    def past(self) -> Past:
        """What has become of all that is applied."""
        return Past(
            ref=self.reference.ref if self.reference else None,
            ledger=self.shown(str(self.ledger.path)) if self.ledger else None,
            database=self.project.database if self.connected else None,
            applied=self.applied,
            order=self.order,
            edits=tuple(self._edits()),
            renamed=self.renamed,
            paths=self.paths,
            accepted=dict(self._accepted()),
            unread=tuple(self.unread),
        )

    # What each source says

    def _ask_git(self, reference: Reference) -> None:
        then = dict(self._at(reference))
        touched = self._touched(reference.changed)
        deleted = any(not file.exists() for file in reference.changed)
        for key, file in then.items():
            self.applied.setdefault(key, {})["git"] = None
            if key not in self.files:
                self.paths[key] = self.shown(str(file))
            elif key[0] in touched and (deleted or self._depends_on(key, reference.changed)):
                self._compare_with_git(reference, key, file)
        gone = {key: self._then(reference.tree, key, file) for key, file in then.items() if key not in self.files}
        self._find_renamed({key: before.fingerprint for key, before in gone.items() if before}, then.keys())
        if self.thorough:
            since = reference.since(then.values())
            for key, file in then.items():
                self.applied[key]["git"] = since[file]

    def _at(self, reference: Reference) -> Iterator[tuple[Key, Path]]:
        """The migrations that exist at the ref, and where: also those of apps whose folder has been moved."""
        found = set()
        for app in self.apps:
            folder = self._folder(app)
            if folder is None:
                continue
            label = self._label(reference, app, folder)
            for name in sorted(reference.tree.names(folder)):
                if name.endswith(".py") and name[0] not in "_~":
                    found.add((app, name.removesuffix(".py")))
                    yield self._called(label, (app, name.removesuffix(".py"))), folder / name
        before = {new: old for old, new in reference.renamed.items()}
        for key, file in self.files.items():
            if key[0] in self.apps and key not in found and (old := before.get(file)) and old.name == file.name:
                yield self._called(self._label(reference, key[0], old.parent), key), old

    def _label(self, reference: Reference, app: str, folder: Path) -> str:
        """What an app was called at the ref, whose migrations were in a folder, as far as its source says so."""
        here = self._folder(app)
        if here is None or here.parent not in self.history.packages(app).values():
            return app
        if folder == here and reference.changed.isdisjoint(configurations(here.parent)):
            return app
        before = app_labels(reference.tree, folder.parent)
        if app in before or app not in app_labels(self.disk, here.parent) or not before.isdisjoint(self.project.apps):
            return app
        return next(iter(before)) if len(before) == 1 else app

    def _called(self, label: str, key: Key) -> Key:
        """What a migration was called when its app had a label."""
        if label == key[0]:
            return key
        self.renamed[label, key[1]] = key
        return label, key[1]

    def _folder(self, app: str) -> Path | None:
        """Where an app has its migrations."""
        module = self.history.loader.migrations_module(app)[0]
        return self.history.packages(app).get(module) if module else None

    def _touched(self, changed: Collection[Path]) -> set[str]:
        """Apps whose migrations may depend on a file that has changed: one of the app, or SQL and the like near it."""
        inside = {folder for file in changed for folder in file.parents}
        beside = {folder for file in changed if file.suffix != ".py" for folder in file.parents}
        touched = set()
        for app in self.apps:
            folders = self.history.packages(app).values()
            if not inside.isdisjoint(folders) or any(not beside.isdisjoint(one.parents[:AROUND]) for one in folders):
                touched.add(app)
        return touched

    def _depends_on(self, key: Key, changed: frozenset[Path]) -> bool:
        now = self._now(key)
        return now is None or self.files[key] in changed or not changed.isdisjoint(map(Path, now.files))

    def _compare_with_git(self, reference: Reference, key: Key, file: Path) -> None:
        moved = {self.files[key].parent: file.parent, self.files[key].parent.parent: file.parent.parent}
        packages = {name: moved.get(folder, folder) for name, folder in self.history.packages(key[0]).items()}
        try:
            before = meaning(reference.tree, file, packages)
        except Unreadable as error:
            reason = f"at {reference.ref}, it is no Python that can be read ({error.reason})"
            self.unread.append(Unread(app=key[0], name=key[1], source="git", reason=reason))
            return
        after = self._readable(key, "git")
        if after and changed(before.fingerprint, after.fingerprint):
            self.candidates.append(
                _Candidate(
                    source="git", key=key, was=before.fingerprint, before=before, after=after, commit=reference.tree
                )
            )

    def _ask_ledger(self, ledger: Ledger) -> None:
        release = _release(self.project.django)
        entries = {key: entry for key, entry in ledger.entries.items() if key[0] in self.apps}
        gone = {key: entry.fingerprint for key, entry in entries.items() if key not in self.files}
        self._find_renamed(gone, entries.keys())
        found: list[_Candidate] = []
        for key, entry in entries.items():
            self.applied.setdefault(key, {})["ledger"] = entry.date
            if key in gone and (folder := self._folder(key[0])):
                self.paths.setdefault(key, self.shown(str(folder / f"{key[1]}.py")))
            after = self._readable(key, "ledger") if key in self.files else None
            if after is None:
                continue
            sql = entry.fingerprint.sql.get(self.postgres) if _release(entry.django) == release else None
            if changed(entry.fingerprint, after.fingerprint):
                found.append(_Candidate(source="ledger", key=key, was=entry.fingerprint, after=after, sql=sql))
            # Without an edit, the SQL differs only if something outside of the migration does: this must not be Django.
            elif sql and (entry.django, entry.migsafe) == (self.project.django, migsafe.__version__):
                self.recorded[key] = sql
        self.candidates += self._with_old(found)

    def _find_renamed(self, gone: Mapping[Key, Fingerprint], applied: Collection[Key]) -> None:
        """Find new files that do what missing ones did: what git takes for a rename need not be one."""
        apps = {app for app, _ in gone}
        files = (key for key in self.files if key[0] in apps and key not in applied)
        new = {key: now for key in files if (now := self._now(key))}
        replaced = {key for other in new for key in self.history.loader.disk_migrations[other].replaces}
        left = {key: was for key, was in gone.items() if key not in replaced}
        for told_apart in (_by_all, _by_what_it_does):
            index: dict[tuple[str, ...], list[Key]] = {}
            for key, now in new.items():
                if now.operations or told_apart is _by_all:  # merges do nothing
                    index.setdefault((key[0], *told_apart(now.fingerprint)), []).append(key)
            for key, was in list(left.items()):
                if same := index.get((key[0], *told_apart(was))):
                    self.renamed[key] = same.pop(0)
                    del new[self.renamed[key]], left[key]

    def _with_old(self, candidates: Sequence[_Candidate]) -> Iterator[_Candidate]:
        """Find out which migrations git has as the ledger says that they were."""
        known = {one.key: one for one in self.candidates}
        wanted: dict[Key, _Candidate] = {}
        for one in candidates:
            git = known.get(one.key)
            if _is(one.after, one.was):
                yield one  # only written otherwise
            elif git and _is(git.before, one.was):
                yield replace(one, before=git.before, commit=git.commit)
            else:
                wanted[one.key] = one
        files = {Path(file) for one in wanted.values() for file in one.after.files}
        with suppress(GitError):  # whoever has a ledger needs no git
            for tree in islice(earlier(self.project.root, *files) if files else (), EARLIER):
                for key, one in list(wanted.items()):
                    before = self._then(tree, key, self.files[key])
                    if _is(before, one.was):
                        yield replace(wanted.pop(key), before=before, commit=tree)
        yield from wanted.values()

    def _then(self, tree: Commit, key: Key, file: Path) -> Meaning | None:
        """What a migration said in another tree; None if that is not Python."""
        try:
            return meaning(tree, file, self.history.packages(key[0]))
        except Unreadable:
            return None

    def _ask_database(self, recorded: Sequence[Recorded]) -> None:
        self.order = tuple((one.app, one.name) for one in recorded)
        for one in recorded:
            self.applied.setdefault((one.app, one.name), {})["database"] = one.applied

    # What is there now

    def _now(self, key: Key) -> Meaning | None:
        """What a migration says; None if its source cannot be read: Python needs no more than a .pyc file."""
        if key not in self._meanings:
            self._meanings[key] = None
            with suppress(Unreadable):
                self._meanings[key] = meaning(self.disk, self.files[key], self.history.packages(key[0]))
        return self._meanings[key]

    def _readable(self, key: Key, source: Source) -> Meaning | None:
        """The same; that it cannot be read is told."""
        now = self._now(key)
        if now is None:
            reason = f"there is no source of it that can be read, only {self.files[key].name}"
            self.unread.append(Unread(app=key[0], name=key[1], source=source, reason=reason))
        return now

    def _edits(self) -> Iterator[Edit]:
        old = self._old_versions()
        for one in self.candidates:
            new = self.versions.get(one.key)
            sql = (one.sql, new.sql) if one.sql and new and new.sql else None
            if found := edit(
                one.source,
                one.key,
                one.was,
                one.after,
                before=one.before,
                old=old.get((one.key, one.commit)) or self._not_replayed(one),
                new=new,
                sql=sql,
            ):
                yield found
        for key in self.sql.keys() - self._after_others():
            after, sql = self._now(key), (self.recorded[key], self.sql[key])
            assert after is not None  # or its SQL would not be compared
            if found := edit("ledger", key, after.fingerprint, after, before=after, old=ONLY_HASH, sql=sql):
                yield found

    def _not_replayed(self, one: _Candidate) -> str | None:
        """Why nobody has asked what a migration does."""
        squash = self.history.replaced.get(one.key) if one.executes_other else None
        return f"{'.'.join(squash)} stands for it, and is what is replayed" if squash else None

    def _after_others(self) -> Collection[Key]:
        """What executes something else, if it does, because other migrations before it do or are not the same."""
        ledger = self.ledger
        changed = {one.key for one in self.candidates if not _is(one.after, one.was)}
        if ledger:
            changed |= {key for key in self.history.order if key[0] in self.apps and key not in ledger.entries}
            if not ledger.entries.keys() <= self.files.keys():  # what is gone may have been anywhere
                return set(self.sql)
        return self.history.after(changed)

    def _old_versions(self) -> dict[tuple[Key, Commit | None], Version | str]:
        """What migrations did that execute something else now, as far as git has them as they were."""
        wanted: dict[Commit, set[Key]] = {}
        for one in self.candidates:
            if one.executes_other and one.commit and one.key in self.versions:
                wanted.setdefault(one.commit, set()).add(one.key)
        return {
            (key, commit): old
            for commit, keys in wanted.items()
            for key, old in previous(commit, self.history, self.config, keys, self.postgres).items()
        }

    def _accepted(self) -> Iterator[tuple[Key, Acceptance]]:
        """Acceptances of what is there now: an edit after it is another one."""
        for key, entry in self.ledger.entries.items() if self.ledger else ():
            if (accepted := entry.accepted) is None:
                continue
            if key not in self.files:
                matches = accepted.fingerprint is None
            else:
                matches = accepted.fingerprint is not None and _is(self._now(key), accepted.fingerprint)
            if matches:
                yield key, accepted


def _is(meaning: Meaning | None, was: Fingerprint) -> bool:
    """Whether a migration that reads so is the one with a fingerprint, cosmetics aside."""
    return meaning is not None and _by_all(meaning.fingerprint) == _by_all(was)


def _by_all(fingerprint: Fingerprint) -> tuple[str, ...]:
    """What migrations are told apart by, cosmetics aside."""
    return fingerprint.operations, fingerprint.python, fingerprint.graph


def _by_what_it_does(fingerprint: Fingerprint) -> tuple[str, ...]:
    """The same, whatever they depend on."""
    return fingerprint.operations, fingerprint.python


def _release(version: str) -> tuple[str, ...]:
    """Feature release of a Django version: what SQL depends on."""
    return tuple(version.split(".")[:2])
