"""Plans carried out on a real server beside their originals: do both end alike, and does the plan's way back?"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count

import psycopg
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.state import ProjectState
from msgspec.structs import replace

from migsafe.api import plan_project
from migsafe.plan.planner import counts
from migsafe.planning import Plan, PlanReport
from migsafe.project.databases import Address
from migsafe.project.execute import Executor, Reached
from migsafe.project.graph import History, Key, overlaid
from migsafe.project.load import Project
from migsafe.rules import choose_rules
from migsafe.sandbox.rows import row_differences
from migsafe.sandbox.schema import differences, snapshot
from migsafe.sandbox.server import Server
from migsafe.testing import Migration, Scenario, _migrations

NAMELESS = ("table", "constraint")


@dataclass(frozen=True)
class Proved:
    """A plan that has passed.

    Attributes:
        sql: What the server was asked, each on one line, by name of the migration.
    """

    report: PlanReport
    sql: Mapping[str, tuple[str, ...]]

    @property
    def plan(self) -> Plan:
        return self.report.plan


def prove(
    scenario: Scenario,
    *change: str | Migration,
    server: Server,
    rows: str = "",
    keeps: Collection[str] = (),
    strategies: Sequence[str] = (),
    atomic: bool = True,
    code: str = "",
    unsolved: bool = False,
    lost: Collection[str] = (),
    results: Mapping[str, int] | None = None,
    spoiled: tuple[str, str] | None = None,
    leftover: str = "",
) -> Proved:
    """Apply the originals to one database and the plan to another, with the same rows before; compare; go back.

    A planned migration that is not atomic is stopped after its first statement, its second, …, and run again each time,
    on the way back too.

    Args:
        rows: SQL that fills the tables as they are before the change.
        keeps: Names of tables and other objects that may differ at the end (`Way.keeps`).
        lost: Names of columns that cannot be NOT NULL again on the way back, since what was in them is gone.
        spoiled: SQL for rows that the first planned migration is refused for, and SQL that takes them away: it is
            tried with them first, and then again without.
        leftover: SQL that makes what an attempt to go back has left behind.
        unsolved: Whether something in the plan may have no safe way; lint then finds it there too.
        results: Queries → the number that each gives at the end of the plan.

    Raises:
        AssertionError: Something is unsolved, lint finds something in the plan, a migration fails, or models, schema or
            rows are not those of the original at the end, or not those of before when all is unapplied.
    """
    migrations = _migrations(change, atomic=atomic, code=code)
    options = {"postgres": server.version}
    with scenario._project(scenario.before, migrations, options) as (project, config, keys, root), ExitStack() as stack:
        originals = keys[len(scenario.before) :]
        report = plan_project(
            project,
            replace(config, initial=True),
            rules=choose_rules(config),
            changed=originals,
            strategies=strategies,
            below=root,
        )
        if not unsolved:
            _none([f"{one.description}: {one.why}" for one in report.plan.unsolved])
            _none([f"{one.code} {one.message}" for one in report.remaining if counts(one)])
        history = History(project)
        before = [key for key in history.order if key not in originals]
        begun = _Database(project, history, server, stack)
        begun.apply(before)
        begun.execute(rows)
        original = begun.copy(history)
        original.apply([key for key in history.order if key not in before])
        steps = [step for deploy in report.plan.deploys for step in deploy.migrations]
        sources: dict[Key, str | None] = dict.fromkeys(originals)
        sources |= {step.key: step.source for step in steps}
        after = begun.copy(stack.enter_context(overlaid(history, sources)))
        assert [key for key in after.history.order if key not in before] == [step.key for step in steps]
        if spoiled:
            after.execute(spoiled[0])
            after.refuse(steps[0].key)
            after.execute(spoiled[1])
        for step in steps:
            after.apply([step.key], again=not step.atomic)
        _none(_difference(original.state, after.state, history))
        ends = differences(snapshot(original.dsn), snapshot(after.dsn))
        # A column that takes the place of another comes last, and PostgreSQL 18 names its NOT NULL after it.
        _none([one for one in ends if one.name not in keeps and not (one.harmless and one.kind in NAMELESS)])
        rows_differ = row_differences(original.dsn, after.dsn)
        _none([one for one in rows_differ if one.table not in {"django_migrations", *keeps}])
        for query, number in (results or {}).items():
            assert after.number(query) == number, query
        if leftover:
            after.execute(leftover)
        for step in reversed(steps):
            after.unapply(step.key, again=not step.atomic)
        back = differences(snapshot(begun.dsn), snapshot(after.dsn))
        _none([one for one in back if not one.harmless and one.name not in lost])
        assert set(lost) <= {one.name for one in back}
    return Proved(report, after.sql)


def _none(found: Sequence[object]) -> None:
    assert not found, "\n".join(map(str, found))


def _difference(one: ProjectState, other: ProjectState, history: History) -> list[str]:
    """What ``makemigrations`` would do to get from one to the other."""
    changes = MigrationAutodetector(one, other).changes(graph=history.loader.graph)
    return [operation.describe() for each in changes.values() for change in each for operation in change.operations]


class _Database:
    """A database of its own, dropped at the end, and where in a history it stands."""

    def __init__(
        self,
        project: Project,
        history: History,
        server: Server,
        stack: ExitStack,
        template: "_Database | None" = None,
    ) -> None:
        self.project = project
        self.history = history
        self.server = server
        self.stack = stack
        self.name: str = server.create_database(template.name if template else None)
        stack.callback(server.drop_database, self.name)
        self.dsn = server.dsn(self.name)
        self.reached: list[Reached] = template.reached[-1:] if template else []
        self.sql: dict[str, tuple[str, ...]] = {}

    @property
    def state(self) -> ProjectState:
        return self.reached[-1].state

    def copy(self, history: History) -> "_Database":
        return _Database(self.project, history, self.server, self.stack, self)

    def execute(self, sql: str) -> None:
        if sql:
            with psycopg.connect(self.dsn) as connection:
                connection.execute(sql.encode())

    def number(self, query: str) -> int:
        with psycopg.connect(self.dsn) as connection:
            row = connection.execute(query.encode()).fetchone()
            assert row is not None
            return int(row[0])

    @contextmanager
    def _executor(self) -> Iterator[Executor]:
        with Executor(self.project, self.history, postgres=self.server.version) as executor:
            executor.use(Address(self.server.host, self.server.port, self.server.user, None, self.name))
            self.reached = self.reached or [executor.empty()]
            yield executor

    def apply(self, keys: Sequence[Key], *, again: bool = False) -> None:
        with self._executor() as executor:
            for key in keys:
                for stop_after in count(1) if again else (None,):
                    reached, run = executor.forward(key, self.reached[-1], stop_after=stop_after)
                    if run.failure is None:
                        break
                    assert run.failure.error == f"stopped by migsafe after statement {stop_after}", run.failure
                self.reached.append(reached)
                self.sql[key[1]] = tuple(" ".join(one.sql.split()) for one in run.statements)

    def refuse(self, key: Key) -> None:
        """Try a migration that fails; what it has committed by then stays."""
        with self._executor() as executor:
            _, run = executor.forward(key, self.reached[-1])
            assert run.failure is not None, key

    def unapply(self, key: Key, *, again: bool) -> None:
        after = self.reached.pop()
        with self._executor() as executor:
            for stop_after in count(1) if again else (None,):
                _, run = executor.backward(key, self.reached[-1], after, stop_after=stop_after)
                if run.failure is None:
                    break
                assert run.failure.error == f"stopped by migsafe after statement {stop_after}", (key, run.failure)
