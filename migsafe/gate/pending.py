"""What pending migrations do to the tables that a server has."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from migsafe.actions import (
    Action,
    AddConstraint,
    ConstraintKind,
    CreateIndex,
    DetachPartition,
    DropIndex,
    Name,
    Reindex,
)
from migsafe.config import Table as Known
from migsafe.model import Estimate, Report
from migsafe.postgres.locks import blocks
from migsafe.predeploy import KeptDeploy, PendingMigration, Target
from migsafe.project.operations import ReplayedMigration
from migsafe.rules import Sizes
from migsafe.sql.catalog import Catalog, Table
from migsafe.sql.effects import Step

_ONLINE = (CreateIndex, DropIndex, DetachPartition, Reindex)
"""What waits for transactions rather than to keep them out, if it is done CONCURRENTLY."""


_INDEXED = (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY_KEY, ConstraintKind.EXCLUDE)


def sizes(live: Mapping[str, Known], told: Mapping[str, Known]) -> dict[str, Known]:
    """What is known of tables: the server's numbers, and beside them what the team says of their use."""
    return {
        name: replace(live.get(name, Known()), hot=name in told and told[name].hot)
        for name in live.keys() | told.keys()
    }


def judged(
    pending: Iterable[PendingMigration], report: Report, deploys: Iterable[KeptDeploy]
) -> tuple[PendingMigration, ...]:
    """Pending migrations with what a report says of them.

    Args:
        report: Everything that was found.
    """
    places = {key: (one.plan, one.number) for one in deploys for key in one.migrations}
    approved = {(one.finding.app, one.finding.migration) for one in report.suppressed if one.by == "approval"}
    against: defaultdict[tuple[str | None, str | None], list[str]] = defaultdict(list)
    for finding in filter(report.fails, report.findings):
        against[finding.app, finding.migration].append(finding.code)
    return tuple(
        replace(
            one,
            verdict="no-go" if against[one.key] else "allowed" if one.key in approved else "go",
            codes=tuple(dict.fromkeys(against[one.key])),
            plan=places.get(one.key),
        )
        for one in pending
    )


class Targets:
    """Says what migrations do to tables, under the names that they have on the server.

    Args:
        catalog: The schema before the first of them.
        tables: Sizes by name.
    """

    def __init__(self, catalog: Catalog, tables: Mapping[str, Known], postgres: int) -> None:
        self._names = {one.oid: catalog.display(one.name) for one in catalog.tables.values()}
        self._depths = {self._names[one.oid]: len(catalog.ancestors(one.name)) for one in catalog.tables.values()}
        self._tables = tables
        self._sizes = Sizes(tables, unapplied=True)
        self._postgres = postgres

    def of(self, migration: ReplayedMigration) -> tuple[Target, ...]:
        """What the next migration does; the worst first."""
        self._sizes.note(migration)
        found: dict[str, Target] = {}
        for _, _, analysis in migration.analysed(self._postgres):
            estimate = self._sizes.estimate(analysis.steps)
            for target in self._targets(analysis.steps, estimate):
                before = found.get(target.relation)
                found[target.relation] = target if before is None else _worst(before, target)
            for held in analysis.statement.held:
                if held.relation in found:  # locked by what ran before in the same transaction, and still is
                    found[held.relation] = _lasting_as_long(found[held.relation], estimate)
        return tuple(
            sorted(found.values(), key=lambda one: (-one.lock.strength, self._depths[one.relation], one.relation))
        )

    def _targets(self, steps: Sequence[Step], estimate: Estimate | None) -> Iterator[Target]:
        for step in steps:
            online = isinstance(step.action, _ONLINE) and step.action.concurrently
            lasting = set(_lasting(step))
            for effect in step.effects:
                relation = step.relations[effect.relation]
                if not isinstance(relation, Table) or relation.oid not in self._names:
                    continue
                name = self._names[relation.oid]
                known = self._tables.get(name, Known())
                yield Target(
                    relation=name,
                    lock=effect.lock,
                    blocks=blocks(effect.lock),
                    rewrites=effect.rewrites,
                    indexes=effect.scans and indexes(step.action),
                    waits_for_transactions=online,
                    rows=known.rows,
                    bytes=known.bytes,
                    estimate=estimate if relation.name in lasting else None,
                )


def _lasting(step: Step) -> Iterator[Name]:
    """Tables that are read or written whole, and the partitioned ones that these are parts of."""
    for effect in step.effects:
        relation = step.relations[effect.relation]
        if isinstance(relation, Table) and (effect.scans or effect.rewrites):
            yield relation.name
            yield from step.before.ancestors(relation.name)


def indexes(action: Action) -> bool:
    """Whether an action builds an index."""
    if isinstance(action, AddConstraint):
        return action.constraint.kind in _INDEXED and action.constraint.using_index is None
    return isinstance(action, CreateIndex | Reindex)


def _worst(one: Target, other: Target) -> Target:
    lock = max(one.lock, other.lock)
    return replace(
        _lasting_as_long(one, other.estimate),
        lock=lock,
        blocks=blocks(lock),
        rewrites=one.rewrites or other.rewrites,
        indexes=one.indexes or other.indexes,
        waits_for_transactions=one.waits_for_transactions or other.waits_for_transactions,
    )


def _lasting_as_long(target: Target, estimate: Estimate | None) -> Target:
    known = [one for one in (target.estimate, estimate) if one]
    return replace(target, estimate=max(known, key=lambda one: one.seconds, default=None))
