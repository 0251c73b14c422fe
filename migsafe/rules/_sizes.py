"""What is known of tables in production, and what follows for findings."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from migsafe import actions as a
from migsafe.actions import Action, Name
from migsafe.config import Table
from migsafe.model import Estimate, Finding, Severity
from migsafe.postgres.locks import stops_traffic
from migsafe.postgres.throughput import RATES, Unit, Work, amount, done, duration
from migsafe.project.operations import ReplayedMigration
from migsafe.sql.catalog import Catalog, Index
from migsafe.sql.effects import Step, named

UNKNOWN = Table()

BRIEF = 1.0
"""Seconds: what takes no longer is over before anybody minds."""

LONG = 10.0
"""Seconds: who waits as long does not wait in vain by bad luck."""

FEW = 1000
"""Rows that Python code changes in about a second, even if one by one."""


class Sizes:
    """Sizes of tables, under whatever name a table has.

    Args:
        tables: By the names that tables have in production (`migsafe.config.read_tables`).
        unapplied: Whether production has none of the migrations that are looked at, so that a table's first name among
            them is its name there. Else it is the last one.
    """

    def __init__(self, tables: Mapping[str, Table] | None = None, *, unapplied: bool = False) -> None:
        self.tables = {name.removeprefix("public."): table for name, table in (tables or {}).items()}
        self.unapplied = unapplied
        self._names: defaultdict[int, list[str]] = defaultdict(list)

    def note(self, migration: ReplayedMigration) -> None:
        """Remember what a migration renames."""
        for operation in migration.operations:
            for statement in operation.forward:
                for action in statement.parsed.actions:
                    if isinstance(action, a.RenameTable | a.SetSchema):
                        self._rename(action, statement.before)

    def _rename(self, action: a.RenameTable | a.SetSchema, before: Catalog) -> None:
        if table := before.table(action.relation):
            after = before.after(action)
            names = [one.name for one in after.tables.values() if one.oid == table.oid]
            self._names[table.oid] += [before.display(table.name), *map(after.display, names)]

    def of(self, relation: Name, catalog: Catalog) -> Table:
        """What is known of a table, or else of the partitioned table that it is part of."""
        return self._known(relation, catalog)[1]

    def _known(self, relation: Name, catalog: Catalog) -> tuple[str, Table]:
        """What is known, and under which name."""
        for name in (relation, *catalog.ancestors(relation)):
            table = catalog.table(name)
            names = self._names[table.oid] if table and table.oid in self._names else []
            for candidate in (*(names if self.unapplied else reversed(names)), catalog.display(name)):
                if candidate in self.tables:
                    return candidate, self.tables[candidate]
        return catalog.display(relation), UNKNOWN

    def judged(self, finding: Finding, steps: Sequence[Step]) -> Finding:
        """Say how long the locks last that a finding is about, and what that means for its severity.

        What is over in a moment is worth knowing and no more. What depends on size or luck is to be expected where
        reads or writes of a hot table have to wait, or where they have to for long.

        Args:
            steps: Of the statement that it is about.
        """
        tasks = self._tasks(steps)
        stopped = [effect for effect in finding.effects if stops_traffic(effect.lock)]
        lasts = any(effect.scans or effect.rewrites for effect in stopped) or any(one.work == "update" for one in tasks)
        at_most = _estimate(tasks) if lasts else None
        estimate = at_most if all(one.whole for one in tasks) else None
        if estimate:
            finding = replace(finding, estimate=estimate, message=f"{finding.message}: {estimate.words}")
        brief = all(one.table.small for one in tasks) or (at_most is not None and at_most.seconds < BRIEF)
        if lasts and brief:
            return replace(finding, severity=Severity.INFO)
        if finding.severity is Severity.WARNING and stopped:
            hot = any(self.of(named(effect.relation), steps[0].before).hot for effect in stopped)
            if hot or (estimate is not None and estimate.seconds >= LONG):
                return replace(finding, severity=Severity.ERROR)
        return finding

    def estimate(self, steps: Sequence[Step]) -> Estimate | None:
        """How long a statement takes that reads, writes or indexes whole tables; None if that is not known."""
        tasks = self._tasks(steps)
        return _estimate(tasks) if all(one.whole for one in tasks) else None

    def judged_rows(self, finding: Finding, before: Catalog) -> Finding:
        """The same for what Python code does to the rows of a table, which nobody knows how long takes."""
        table = self.of(named(finding.relation or ""), before)
        few = table.small or (table.rows is not None and table.rows <= FEW)
        return replace(finding, severity=Severity.INFO) if few else finding

    def _tasks(self, steps: Sequence[Step]) -> "list[_Task]":
        """What a statement does to all rows of tables: once each, but for every index by itself."""
        tasks: dict[tuple[Work, str, str], _Task] = {}
        for number, step in enumerate(steps):
            for work, relation, index, whole in _work(step, str(number)):
                name, table = self._known(relation, step.before)
                tasks[work, name, index] = _Task(work, table, whole)
        written = {name for work, name, _ in tasks if work == "rewrite"}
        return [task for (work, name, _), task in tasks.items() if work != "read" or name not in written]


class _Task(NamedTuple):
    """Something that is done to a table; ``whole`` says whether to all of its rows or perhaps to a few."""

    work: Work
    table: Table
    whole: bool


def _work(step: Step, number: str) -> Iterator[tuple[Work, Name, str, bool]]:
    """What an action does to tables, as in `_Task`; indexes are told apart by their number in a table."""
    action, before = step.action, step.before
    indexes = [step.relations[effect.relation] for effect in step.effects if effect.rewrites]
    for effect in step.effects:
        relation = step.relations[effect.relation]
        if isinstance(relation, Index):
            continue
        table = relation.name if relation else before.locate(named(effect.relation))
        family = (table, *before.ancestors(table))
        if isinstance(action, a.Update | a.Delete) and before.locate(action.relation) in family:
            yield "update", table, "", effect.scans
        elif effect.scans:
            rebuilt = [index for index in indexes if isinstance(index, Index) and index.relation == table]
            built = [f"new {number}"] if _indexed(action, before) in family else []
            if effect.rewrites:
                yield "rewrite", table, "", True
            for index in (*map(str, range(len(rebuilt))), *built):
                yield "index", table, index, True
            if not (effect.rewrites or rebuilt or built):
                yield "read", table, "", True


def _indexed(action: Action, before: Catalog) -> Name | None:
    """The table that gets an index more."""
    match action:
        case a.CreateIndex(relation=relation):
            return before.locate(relation)
        case a.AddConstraint(relation=relation, constraint=constraint) if constraint.using_index is None:
            return before.locate(relation) if constraint.kind.is_indexed else None
        case a.AddColumn(relation=relation, column=column) if any(one.kind.is_indexed for one in column.constraints):
            return before.locate(relation)
    return None


def _estimate(tasks: Sequence[_Task]) -> Estimate | None:
    """Sum up; None where nothing takes long, or the size of a table is not known."""
    totals: Counter[tuple[Work, Unit]] = Counter()
    times: Counter[Work] = Counter(task.work for task in tasks)
    for kind, table, _ in tasks:
        unit = next((unit for unit in RATES[kind] if getattr(table, unit) is not None), None)
        if unit is None:
            return None
        totals[kind, unit] += getattr(table, unit)
    seconds = sum(total / RATES[kind][unit] for (kind, unit), total in totals.items())
    parts = [
        f"{amount(total, unit)} {done(kind, times[kind])} at {amount(RATES[kind][unit], unit)}/s"
        for (kind, unit), total in sorted(totals.items())
    ]
    return Estimate(round(seconds, 1), f"{duration(seconds)} (estimate: {', '.join(parts)})") if parts else None
