"""A plan, from what the original migrations do: tried offline before anybody sees it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypedDict

from migsafe.config import Table
from migsafe.model import Report, Statement
from migsafe.plan.changes import CodeChanges, apart, by_target
from migsafe.plan.dependents import dependents
from migsafe.plan.drafting import Draft
from migsafe.plan.files import read_source
from migsafe.plan.planner import Outline
from migsafe.plan.undo import refused_back
from migsafe.planning import Check, Deploy, Plan, Size, Step, WriteMigration
from migsafe.project.definitions import Edit, defined, edits
from migsafe.project.definitions import differences as model_differences
from migsafe.project.graph import History, Key, overlaid
from migsafe.project.releases import Release, Releases
from migsafe.sql.differences import differences as schema_differences

NEW_RELEASE = "every process runs the new release"


def planned(before: History, drafts: Sequence[Draft], originals: Sequence[Key]) -> AbstractContextManager[History]:
    """The project's history with the migrations of a plan in the place of the originals.

    Other migrations that name these are as they are written with deploy 1.

    Raises:
        MigsafeError: They cannot be loaded.
    """
    first = {key: [one.key for one in drafts if one.original == key and one.deploy == 1] for key in originals}
    sources: dict[Key, str | None] = dict.fromkeys(originals)
    sources |= dependents(before, first) | {draft.key: draft.source for draft in drafts}
    return overlaid(before, sources, [draft.key for draft in drafts])


def wrong_end(outline: Outline, before: Releases, after: Releases) -> tuple[str, ...]:
    """How the models and the schema at the end of the plan differ from those at the end of the originals, in words."""
    kept = outline.keeps
    return (
        *model_differences(after.end.state, before.end.state, kept),
        *schema_differences(after.end.catalog, before.end.catalog, kept),
    )


class Executed(TypedDict):
    """What a `WriteMigration` says of its SQL and its Python code."""

    atomic: bool
    statements: tuple[Statement, ...]
    opaque: tuple[str, ...]


def executed(report: Report, key: Key) -> Executed:
    """What a migration executes.

    Args:
        report: What lint says of it.
    """
    migration = next(one for one in report.migrations if (one.app, one.name) == key)
    return Executed(
        atomic=migration.atomic,
        statements=tuple(one for operation in migration.operations for one in operation.statements),
        opaque=tuple(operation.opaque for operation in migration.operations if operation.opaque),
    )


@dataclass(frozen=True, kw_only=True)
class Making:
    """Puts together what is told of a plan.

    Attributes:
        originals: The files that it replaces.
        before: The releases of the originals' history.
        after: Those of the plan's.
        history: With the plan's migrations.
        report: What lint says of these.
        show: Makes a path what reports show.
        tables: What is known of them, by name.
    """

    outline: Outline
    drafts: Sequence[Draft]
    originals: Mapping[Key, Path]
    before: Releases
    after: Releases
    history: History
    report: Report
    show: Callable[[Path], str]
    tables: Mapping[str, Table]

    def plan(self, *, postgres: int, django: str) -> Plan:
        return Plan(
            targets=tuple(map(".".join, self.originals)),
            originals={self.show(path): read_source(path) for path in self.originals.values()},
            deploys=tuple(self._deploys()),
            unsolved=self.outline.unsolved,
            strategies=self.outline.strategies,
            postgres=postgres,
            django=django,
            notes=self.outline.notes,
            sizes=dict(self._sizes()),
            keeps=dict(self.outline.keeps),
        )

    def _deploys(self) -> Iterator[Deploy]:
        wanted = [by_target(self._edits(number)) for number in range(1, len(self.outline.batches) + 1)]
        duties = [[(duty, item.work.codes) for item, duty in batch.duties] for batch in self.outline.batches]
        targets = {target for one in wanted for target in one}
        targets |= {(duty.model, field) for one in duties for duty, _ in one for field in (duty.field or "", "")}
        definitions = {target: defined(target[0], target[1] or None) for target in targets}
        paths = {one.path: self.show(Path(one.path)) for one in definitions.values() if one}
        code = CodeChanges(definitions, paths, apart(wanted, definitions))
        for number, batch in enumerate(self.outline.batches, 1):
            drafts = [draft for draft in self.drafts if draft.deploy == number]
            steps: list[Step] = [self._migration(draft) for draft in drafts]
            steps += code.next(wanted[number - 1], duties[number - 1])
            if number < len(self.outline.batches):
                steps.append(Check(what=NEW_RELEASE))
            steps += batch.then
            yield Deploy(number=number, kinds=batch.kinds, steps=tuple(steps), undo=self._undo(drafts))

    def _edits(self, deploy: int) -> Iterator[tuple[str, tuple[Edit, ...]]]:
        """What the release of a deploy has otherwise than the project's files."""
        applied = [self.after.after[draft.key] for draft in self.drafts if draft.deploy <= deploy]
        release = applied[-1] if applied else self.after.before
        final = self.before.after[list(self.originals)[-1]]
        for one in edits(final.state, release.state, self._labels):
            yield one.label, one.edits

    @cached_property
    def _labels(self) -> set[str]:
        """Models that the originals are about, and those that refer to them."""
        own = {label for draft in self.drafts for item, _ in draft.pieces for label in item.work.operation.models}
        models = next(item.work.after for draft in self.drafts for item, _ in draft.pieces)
        return own | {
            model.key
            for model in models.by_key.values()
            if own.intersection(f.refers_to for f in model.fields.values() if f.refers_to)
        }

    def _migration(self, draft: Draft) -> WriteMigration:
        pieces = [piece for _, piece in draft.pieces]
        return WriteMigration(
            app=draft.key[0],
            name=draft.key[1],
            target=".".join(draft.original),
            path=self.show(draft.path),
            source=draft.source,
            why=" ".join(dict.fromkeys(piece.why for piece in pieces if piece.why)),
            undo=f"python manage.py migrate {draft.key[0]} {self._earlier(draft.key)}",
            effect="; ".join(dict.fromkeys(piece.effect for piece in pieces if piece.effect)),
            codes=tuple(dict.fromkeys(code for piece in pieces for code in piece.codes)),
            original=all(piece.original for piece in pieces),
            makes=self._made(draft.key),
            **executed(self.report, draft.key),
        )

    def _made(self, key: Key) -> tuple[str, ...]:
        """Tables that a migration makes, but for what takes the name of one that was there: locks are told by name."""
        before = self._before(key)
        after = self.after.after[key].catalog
        there = before.catalog.tables.values()
        known, names = {table.oid for table in there}, {before.catalog.display(table.name) for table in there}
        return tuple(sorted({after.display(one.name) for one in after.tables.values() if one.oid not in known} - names))

    def _sizes(self) -> Iterator[tuple[str, Size]]:
        """How large the tables are that statements are about."""
        known = {name.removeprefix("public."): table for name, table in self.tables.items()}
        operations = (operation for each in self.report.migrations for operation in each.operations)
        effects = (effect for operation in operations for one in operation.statements for effect in one.effects)
        for name in sorted({effect.relation for effect in effects}):
            if name in known and (known[name].rows, known[name].bytes) != (None, None):
                yield name, Size(rows=known[name].rows, bytes=known[name].bytes)

    def _earlier(self, key: Key) -> str:
        """What ``migrate`` goes back to when it unapplies a migration."""
        earlier = {one for one in self.history.digraph.predecessors(key) if one[0] == key[0]}
        return next((name for app, name in reversed(self.history.order) if (app, name) in earlier), "zero")

    def _undo(self, drafts: Sequence[Draft]) -> str:
        first = {draft.key[0]: draft.key for draft in reversed(drafts)}
        commands = [f"`python manage.py migrate {app} {self._earlier(key)}`" for app, key in first.items()]
        back = "Bring the release before back"
        if not commands:
            return f"{back}: nothing in the database changes."
        before, after = self._before(drafts[0].key), self.after.after[drafts[-1].key]
        risks = refused_back(self.after.before.catalog, before.catalog, after.catalog)
        return " ".join([f"{back}, then run {' and '.join(commands)}.", *risks])

    def _before(self, key: Key) -> Release:
        """What a migration of the plan meets."""
        keys = [draft.key for draft in self.drafts]
        number = keys.index(key)
        return self.after.after[keys[number - 1]] if number else self.after.before
