"""What pending migrations do to the tables that a server has."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from migsafe.actions import (
    Action,
    AddColumn,
    AddConstraint,
    CreateIndex,
    DetachPartition,
    DropConstraint,
    DropIndex,
    Name,
    Reindex,
    SetVariable,
    ValidateConstraint,
)
from migsafe.config import Table as Known
from migsafe.model import Effect, Estimate, LockMode, Report
from migsafe.postgres.locks import blocks, stops_traffic
from migsafe.predeploy import KeptDeploy, PendingMigration, Target
from migsafe.project.operations import ReplayedMigration
from migsafe.rules import Sizes
from migsafe.sql.catalog import Catalog, Index, Table
from migsafe.sql.effects import Step

_AWAITS: Mapping[type[Action], tuple[LockMode, bool]] = {
    CreateIndex: (LockMode.SHARE, True),
    Reindex: (LockMode.ACCESS_EXCLUSIVE, True),
    DropIndex: (LockMode.ACCESS_EXCLUSIVE, False),
    DetachPartition: (LockMode.ACCESS_EXCLUSIVE, False),
}
"""What waits for others rather than to keep them out, if it is done CONCURRENTLY: `Target.awaits`, `.awaits_snapshots`.

Source: PostgreSQL's ``WaitForLockers`` and ``WaitForOlderSnapshots`` in commands/indexcmds.c, catalog/index.c and
commands/tablecmds.c; real servers are asked in ``tests/gate/test_waits.py``.
"""


def sizes(live: Mapping[str, Known], told: Mapping[str, Known]) -> dict[str, Known]:
    """What is known of tables: the server's numbers, and beside them what the team says of their use."""
    # One that another hides is named with its schema: it must not be taken for that one.
    hidden = {name for name in live if name.removeprefix("public.") in live and name.startswith("public.")}
    return {
        name: replace(live.get(name, Known()), hot=name in told and told[name].hot)
        for name in (live.keys() | told.keys()) - hidden
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
        relations: tuple[Table | Index, ...] = (*catalog.tables.values(), *catalog.index_map.values())
        self._names = {one.oid: catalog.display(one.name) for one in relations}
        self._depths = {self._names[one.oid]: len(catalog.ancestors(_table(one))) for one in relations}
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
                    found[held.relation] = _lasting_as_long(found[held.relation], estimate, estimate)
        return tuple(
            sorted(found.values(), key=lambda one: (-one.lock.strength, self._depths[one.relation], one.relation))
        )

    def _targets(self, steps: Sequence[Step], estimate: Estimate | None) -> Iterator[Target]:
        for step in steps:
            online = getattr(step.action, "concurrently", False)
            awaits, snapshots = _AWAITS.get(type(step.action), (None, False)) if online else (None, False)
            lasting = set(_lasting(step))
            for effect, relation in _locked(step):
                name = self._names.get(relation.oid)
                if name is None:
                    continue
                known = self._tables.get(name, Known())
                long = estimate if _table(relation) in lasting else None
                yield Target(
                    relation=name,
                    lock=effect.lock,
                    blocks=blocks(effect.lock),
                    rewrites=effect.rewrites,
                    indexes=effect.scans and indexes(step.action),
                    awaits=awaits,
                    awaits_snapshots=snapshots,
                    rows=known.rows,
                    bytes=known.bytes,
                    estimate=long,
                    stalls=long if stops_traffic(effect.lock) else None,
                )


def _locked(step: Step) -> Iterator[tuple[Effect, Table | Index]]:
    """What a step locks of tables, and of indexes where that keeps off traffic which the table's lock would let by.

    A query opens all indexes of its tables, whichever it uses: REINDEX INDEX keeps readers off.
    """
    tables: dict[Name, LockMode] = {}
    for effect in step.effects:
        if isinstance(relation := step.relations[effect.relation], Table):
            tables[relation.name] = effect.lock
            yield effect, relation
    for effect in step.effects:
        if isinstance(relation := step.relations[effect.relation], Index) and stops_traffic(effect.lock):
            lock = tables.get(relation.relation)
            if lock is None or lock < effect.lock:
                yield effect, relation


def _table(relation: Table | Index) -> Name:
    return relation.name if isinstance(relation, Table) else relation.relation


def _lasting(step: Step) -> Iterator[Name]:
    """Tables that are read or written whole, and the partitioned ones that these are parts of."""
    for effect in step.effects:
        relation = step.relations[effect.relation]
        if isinstance(relation, Table) and (effect.scans or effect.rewrites):
            yield relation.name
            yield from step.before.ancestors(relation.name)


def sets(migration: ReplayedMigration) -> tuple[str, ...]:
    """Settings that a migration sets itself."""
    return tuple(dict.fromkeys(one.name for one in _actions(migration) if isinstance(one, SetVariable)))


def settles(migration: ReplayedMigration) -> tuple[str, ...]:
    """Indexes that a migration drops or builds anew, and constraints that it drops or validates."""
    names = (_settled(one) for one in _actions(migration))
    return tuple(dict.fromkeys(name for name in names if name))


def _settled(action: Action) -> str | None:
    match action:
        case DropIndex(index=name) | Reindex(kind="index", target=Name() as name):
            return name.name
        case DropConstraint(name=name) | ValidateConstraint(name=name):
            return name
    return None


def _actions(migration: ReplayedMigration) -> Iterator[Action]:
    for _, statement in migration.executed():
        yield from statement.parsed.actions


def indexes(action: Action) -> bool:
    """Whether an action builds an index."""
    if isinstance(action, AddConstraint):
        return action.constraint.kind.is_indexed and action.constraint.using_index is None
    if isinstance(action, AddColumn):
        return any(one.kind.is_indexed for one in action.column.constraints)
    return isinstance(action, CreateIndex | Reindex)


def _worst(one: Target, other: Target) -> Target:
    lock = max(one.lock, other.lock)
    return replace(
        _lasting_as_long(one, other.estimate, other.stalls),
        lock=lock,
        blocks=blocks(lock),
        rewrites=one.rewrites or other.rewrites,
        indexes=one.indexes or other.indexes,
        awaits=max(filter(None, (one.awaits, other.awaits)), default=None),
        awaits_snapshots=one.awaits_snapshots or other.awaits_snapshots,
    )


def _lasting_as_long(target: Target, estimate: Estimate | None, stalls: Estimate | None) -> Target:
    return replace(target, estimate=_longer(target.estimate, estimate), stalls=_longer(target.stalls, stalls))


def _longer(*estimates: Estimate | None) -> Estimate | None:
    return max(filter(None, estimates), key=lambda one: one.seconds, default=None)
