"""The nouns of history hazards: what has been applied where, and what has become of it. Frozen values without Django.

A migration's key is its app label and name, as in `django_migrations`.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Literal, Self, get_args

import msgspec

from migsafe.model import Report

Key = tuple[str, str]

Source = Literal["git", "ledger", "database"]
"""Who says that a migration is applied."""

SOURCES: tuple[Source, ...] = get_args(Source)

EditKind = Literal["cosmetic", "state", "real"]
"""What has changed: only how it is written; what it tells Django or how it is undone; what it executes."""

Stage = Literal["before", "after", "any"]
"""When a migration runs, seen from the deploy of its code: what markers of other packages say."""


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What tells a migration from any other, however it is formatted: hashes of 16 hexadecimal digits.

    Attributes:
        operations: All that the class says but for what is in ``graph``.
        python: The code that runs when it is applied: that of RunPython, and operations of unknown classes. Empty if it
            has none.
        graph: Dependencies, ``run_before``, ``replaces``, ``initial``.
        text: The file, whatever its line ends: of two with all else equal, one is a cosmetic edit of the other.
        sql: What applying it executes, by major version of PostgreSQL; it depends on Django's version too.
    """

    operations: str
    python: str = ""
    graph: str
    text: str
    sql: dict[int, str] = {}


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """What the source of a migration says; nothing is imported for it.

    Attributes:
        fingerprint: Without ``sql``.
        operations: Source of each operation, laid out in one way; None if the list is worked out when it is imported.
        python: Source of the functions and classes that run, laid out in one way.
        dependencies: As they are written, swappable ones with the name of their setting (``settings.AUTH_USER_MODEL``).
        run_before: As they are written.
        replaces: As they are written.
        files: Absolute paths of all files it depends on, the migration's own first.
    """

    fingerprint: Fingerprint
    operations: tuple[str, ...] | None
    python: tuple[str, ...]
    dependencies: tuple[Key, ...]
    run_before: tuple[Key, ...] = ()
    replaces: tuple[Key, ...] = ()
    files: tuple[str, ...]


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of a version.

    Attributes:
        description: Django's own ``describe()``.
        sql: What applying it executes, as far as that is known.
    """

    description: str
    sql: tuple[str, ...]


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A migration as it is, or as it was somewhere, replayed by Django.

    Attributes:
        operations: In order.
        sql: Fingerprint of all that it executes; None if some of it is not known.
        atomic: ``Migration.atomic``.
    """

    operations: tuple[Done, ...]
    sql: str | None
    atomic: bool = True


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """A migration that is applied as something else than it is now.

    Attributes:
        source: Who knows what it was.
        kind: The worst that has changed, but for what is in the graph.
        graph: Whether dependencies, ``run_before``, ``replaces`` or ``initial`` have changed.
        before: What it said; None if nobody has kept that.
        after: What it says.
        operations: Unified diff (lines that begin with ``-``, ``+`` or a space) of operations in Django's words and of
            Python code; empty if that is not known, or the same.
        sql: The same of what it executes.
        unknown: Why the old operations or the old SQL are not known, or None.
    """

    app: str
    name: str
    source: Source
    kind: EditKind
    graph: bool = False
    before: Meaning | None = None
    after: Meaning
    operations: tuple[str, ...] = ()
    sql: tuple[str, ...] = ()
    unknown: str | None = None

    @property
    def key(self) -> Key:
        return self.app, self.name


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """A deliberate edit, as ``migsafe accept`` has written it into the ledger.

    Attributes:
        fingerprint: Of what is accepted; None if it is that the migration is gone.
    """

    reason: str
    date: datetime
    fingerprint: Fingerprint | None


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was applied and cannot be compared.

    Attributes:
        reason: Why: one sentence.
    """

    app: str
    name: str
    source: Source
    reason: str

    @property
    def key(self) -> Key:
        return self.app, self.name


class Past(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What is known to be applied, and what has become of it.

    Attributes:
        ref: The git ref that was asked, if one was.
        ledger: Path of the ledger that was asked, as reports show it.
        database: Alias of the database that was asked.
        applied: By migration and source, since when; None where that is not known.
        order: What the database has recorded, in its order.
        edits: At most one for each migration and source.
        renamed: Applied migrations whose file has another name now → the new key.
        paths: Files that applied migrations had and that are gone, as reports show them.
        accepted: By migration.
        unread: What could not be compared.
    """

    ref: str | None = None
    ledger: str | None = None
    database: str | None = None
    applied: dict[Key, dict[Source, datetime | None]] = {}
    order: tuple[Key, ...] = ()
    edits: tuple[Edit, ...] = ()
    renamed: dict[Key, Key] = {}
    paths: dict[Key, str] = {}
    accepted: dict[Key, Acceptance] = {}
    unread: tuple[Unread, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """Those that were asked."""
        return tuple(asked(self))

    @cached_property
    def by_source(self) -> dict[Source, frozenset[Key]]:
        """What each source says is applied; empty where it was not asked."""
        return {source: frozenset(key for key, one in self.applied.items() if source in one) for source in SOURCES}

    def where(self, sources: Iterable[Source]) -> str:
        """Sources in words: ``origin/main, migsafe.lock and database default``."""
        wanted = set(sources)
        names = {source: name for source, name in asked(self).items() if source in wanted}
        *first, last = [f"database {name}" if source == "database" else name for source, name in names.items()]
        return f"{', '.join(first)} and {last}" if first else last


class Dependency(msgspec.Struct, frozen=True):
    """A dependency as Django has read it.

    Attributes:
        name: Of a migration, or ``__first__`` or ``__latest__``.
        setting: The setting that says which app it is (``AUTH_USER_MODEL``), of a swappable one; the model, if no
            model can be swapped by a setting that names it.
    """

    app: str
    name: str
    setting: str | None = None


class ModelReference(msgspec.Struct, frozen=True):
    """A model that a field or a base class in an operation refers to.

    Attributes:
        label: Lower-case ``app_label.model_name``.
        field: Name of the field; None for a base class.
        setting: The setting that the model is swapped by, if the field says so (``AUTH_USER_MODEL``).
    """

    label: str
    field: str | None = None
    setting: str | None = None


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One migration of the project, in the graph or replaced by a squash.

    Attributes:
        path: As reports show it.
        own: Whether its app is the team's.
        initial: What `Migration.initial` means.
        parents: Migrations of the graph that come directly before it; empty for one that is replaced.
        dependencies: As they are written.
        replaced_by: The squash that stands for it on an empty database.
        atomic: ``Migration.atomic``.
        kept: How many of its operations a squash keeps as they are: RunPython and RunSQL that are not ``elidable``.
        makes: Lower-case ``app_label.model_name`` of models that are there once it is applied: new ones, and renamed
            ones under their new name.
        refers_to: Models of fields and base classes.
        stage: When it runs, if a marker says so.
    """

    app: str
    name: str
    path: str
    own: bool
    initial: bool
    parents: tuple[Key, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    run_before: tuple[Key, ...] = ()
    replaces: tuple[Key, ...] = ()
    replaced_by: Key | None = None
    atomic: bool = True
    kept: int = 0
    makes: tuple[str, ...] = ()
    refers_to: tuple[ModelReference, ...] = ()
    stage: Stage | None = None

    @property
    def key(self) -> Key:
        return self.app, self.name


class ModelChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What ``makemigrations`` would write for an app.

    Attributes:
        name: Of the migration that it would make.
        operations: Django's own ``describe()`` of each.
        tables: Whether they change tables, and not only what models say.
    """

    app: str
    name: str
    operations: tuple[str, ...]
    tables: bool


class Graph(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The migrations of a project.

    Attributes:
        nodes: In the order in which ``migrate`` would apply them to an empty database; then those that are replaced.
        leaf_nodes: Of each app, sorted; more than one is a conflict.
        installed: Labels of all installed apps.
        swappable: What settings such as ``AUTH_USER_MODEL`` name, lower-case, by setting.
        swapped: Models that another one has taken the place of (``auth.user``): the setting that says so, by label.
        max_migrations: What the file ``max_migration.txt`` of an app says (django-linear-migrations).
        changes: What the models have and no migration makes; None if that was not looked for, or cannot be said.
        changes_unknown: Why it cannot be said, or None.
    """

    nodes: dict[Key, Node]
    leaf_nodes: dict[str, tuple[Key, ...]] = {}
    installed: tuple[str, ...] = ()
    swappable: dict[str, str] = {}
    swapped: dict[str, str] = {}
    max_migrations: dict[str, str] = {}
    changes: tuple[ModelChanges, ...] | None = None
    changes_unknown: str | None = None

    def ancestors(self, key: Key) -> set[Key]:
        """Migrations that one depends on, directly or not."""
        found: set[Key] = set()
        rest = list(self.nodes[key].parents)
        while rest:
            if (one := rest.pop()) not in found:
                found.add(one)
                rest += self.nodes[one].parents
        return found

    def comes_before(self, key: Key, other: Key) -> bool:
        """Whether a migration is one of those that another depends on, directly or not; False if there is none."""
        place, _ = self._bits.get(key, (0, 0))
        _, ancestors = self._bits.get(other, (0, 0))
        return bool(place & ancestors)

    @cached_property
    def _bits(self) -> dict[Key, tuple[int, int]]:
        """A bit for each migration, and those of its ancestors: of thousands, to ask each one takes seconds."""
        found: dict[Key, tuple[int, int]] = {}
        order = TopologicalSorter({key: node.parents for key, node in self.nodes.items()}).static_order()
        for number, key in enumerate(order):
            ancestors = 0
            for parent in self.nodes[key].parents:
                place, before = found[parent]
                ancestors |= place | before
            found[key] = 1 << number, ancestors
        return found

    def conflict_sides(self) -> dict[str, dict[Key, tuple[Key, ...]]]:
        """Of each app with several leaf nodes, what is on the side of each.

        These are the app's migrations that the leaf node depends on and not all others do, with itself, in order.
        """
        sides: dict[str, dict[Key, tuple[Key, ...]]] = {}
        for app, leaf_nodes in self.leaf_nodes.items():
            if len(leaf_nodes) > 1:
                plans = {leaf: {leaf, *self.ancestors(leaf)} for leaf in leaf_nodes}
                common = set.intersection(*plans.values())
                sides[app] = {
                    leaf: tuple(key for key in self.nodes if key[0] == app and key in plan - common)
                    for leaf, plan in plans.items()
                }
        return sides


Status = Literal[
    "unchanged", "edited", "edited (state)", "edited (cosmetic)", "accepted", "missing", "replaced", "new", "unknown"
]
"""Of ``replaced`` ones the file is gone and a squash stands for them; ``new`` ones are applied nowhere; of ``unknown``
ones nobody has kept what they were.
"""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One migration beside what each source says of it.

    Attributes:
        path: As reports show it; None if its file is gone and it is not known where it was.
        applied: By source, since when; None where that is not known.
        replaced_by: The squash that stands for it (``app.name``).
        accepted: The reason that ``migsafe accept`` was given.
    """

    app: str
    name: str
    path: str | None
    status: Status
    applied: dict[Source, datetime | None] = {}
    stage: Stage | None = None
    replaced_by: str | None = None
    accepted: str | None = None


class HistoryReport(Report, frozen=True, kw_only=True):
    """What ``migsafe history`` says: findings of the rules about history, and all migrations side by side.

    Attributes:
        ref: The git ref that was asked, if one was.
        ledger: Path of the ledger that was asked, as reports show it.
        database: Alias of the database that was asked.
        rows: All migrations, or those that ``--only`` has left.
        left_out: How many rows ``--only`` has left out, by status.
        unread: What could not be compared.
    """

    ref: str | None = None
    ledger: str | None = None
    database: str | None = None
    rows: tuple[Row, ...] = ()
    left_out: dict[Status, int] = msgspec.field(default_factory=dict)
    unread: tuple[Unread, ...] = ()

    def only(self, statuses: Collection[str]) -> Self:
        """Leave out rows of other statuses; ``edited`` stands for all edits."""
        wanted = {one for one in get_args(Status) if one.partition(" ")[0] in statuses}
        gone = Counter(row.status for row in self.rows if row.status not in wanted)
        rows = tuple(row for row in self.rows if row.status in wanted)
        return msgspec.structs.replace(self, rows=rows, left_out=dict(gone))


def asked(known: Past | HistoryReport) -> dict[Source, str]:
    """What the sources that were asked are called: a ref, a path, an alias."""
    names: dict[Source, str | None] = {"git": known.ref, "ledger": known.ledger, "database": known.database}
    return {source: name for source, name in names.items() if name is not None}
