"""One migration under all rules."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from migsafe.actions import Action
from migsafe.applied import Stage
from migsafe.model import Axis, Finding, Migration, Statement, numbered
from migsafe.project.operations import Database, ReplayedMigration
from migsafe.project.suppressions import Suppression
from migsafe.rules._context import Change, Executed, GateContext, HistoryContext, MigrationContext, VerificationContext
from migsafe.rules._rule import Check, Found, Pending, Rule
from migsafe.rules._sizes import Sizes
from migsafe.rules.plugin_failed import guarded, guarded_end
from migsafe.sql.catalog import Catalog
from migsafe.sql.effects import Step
from migsafe.verification import Verification

Place = tuple[str | None, str | None, int | None, int | None]
"""App, migration, operation and statement."""


class Checked(msgspec.Struct, frozen=True):
    """What came out for a migration: its forward statements by operation, and its findings in order.

    ``pending`` is for `Checker.at_end`.
    """

    statements: tuple[tuple[Statement, ...], ...]
    findings: tuple[Finding, ...]
    pending: tuple[Pending, ...] = ()


class Checker:
    """Rules for a server version. What a migration costs is proportional to its actions, not to the number of rules.

    Args:
        postgres: Major version of the target server.
        django: Version of the installed Django.
        database: What the settings tell of the target database.
        sizes: What is known of tables in production.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        *,
        postgres: int,
        django: tuple[int, int],
        database: Database | None = None,
        sizes: Sizes | None = None,
    ) -> None:
        self.rules = rules
        self.postgres = postgres
        self.django = django
        self.database = database or Database()
        self.sizes = sizes or Sizes()
        self._before: dict[tuple[str | None, str | None], Catalog] = {}
        self._statements: defaultdict[Place, list[Step]] = defaultdict(list)
        self._checks: defaultdict[type[Action], list[Check[Any]]] = defaultdict(list)
        for rule in rules:
            for kind, check in rule.checks.items():
                self._checks[kind].append(guarded(rule, check))
        self._operation_checks = [guarded(rule, check) for rule in rules for check in rule.operation_checks]
        self._migration_checks = [guarded(rule, check) for rule in rules for check in rule.migration_checks]

    def check(self, migration: ReplayedMigration, change: Change, path: str) -> Checked:
        """Check one migration.

        Args:
            change: What is deployed together with it, itself included.
            path: Its file as reports show it.
        """
        statements: dict[int, list[Statement]] = {operation.index: [] for operation in migration.operations}
        executed: list[Executed] = []
        if self.sizes.tables:
            self.sizes.note(migration)
            self._before[migration.app, migration.name] = migration.before
        for operation, statement, analysis in migration.analysed(self.postgres):
            own = statements[operation.index]
            fails = analysis.statement.fails
            executed += [Executed(operation, statement, len(own), fails, step) for step in analysis.steps]
            if self.sizes.tables and fails is None:
                self._statements[migration.app, migration.name, operation.index, len(own)] += analysis.steps
            own.append(analysis.statement)
        context = MigrationContext(
            migration=migration,
            path=path,
            change=change,
            postgres=self.postgres,
            django=self.django,
            database=self.database,
            catalog=migration.before,
            executed=tuple(executed),
            statements=tuple(map(tuple, statements.values())),
            sizes=self.sizes,
        )
        found = list(_distinct(list(self._found(context)), migration.suppressions))
        return Checked(
            statements=context.statements,
            findings=tuple(one for one in found if isinstance(one, Finding)),
            pending=tuple(one for one in found if isinstance(one, Pending)),
        )

    def at_end(self, pending: Sequence[Pending], end: Callable[[], Catalog]) -> Iterator[Finding]:
        """Say which of the findings that were left pending stand.

        Args:
            end: Gives the schema at the end of the history.
        """
        for rule in self.rules:
            if own := [one for one in pending if one.finding.code == rule.code]:
                for check in rule.end_checks:
                    yield from guarded_end(rule, check)(own, end)

    def judged(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Findings with what the sizes of tables make of them, known once all migrations have been checked."""
        sized = {rule.code for rule in self.rules if rule.sized}
        for one in findings:
            steps = self._statements.get((one.app, one.migration, one.operation, one.statement))
            before = self._before.get((one.app, one.migration))
            if one.code in sized and steps:
                one = self.sizes.judged(one, steps)
            elif one.code in sized and before and one.axis is Axis.DATA and one.statement is None:
                one = self.sizes.judged_rows(one, before)
            yield one

    def _found(self, context: MigrationContext) -> Found:
        for executed in context.executed:
            if checks := self._checks.get(type(executed.step.action)):
                action = context.action_context(executed)
                for check in checks:
                    yield from check(executed.step.action, action)
        for operation in context.migration.operations:
            surroundings = context.operation_context(operation)
            for operation_check in self._operation_checks:
                yield from operation_check(operation, surroundings)
        for migration_check in self._migration_checks:
            yield from migration_check(context)


def verified(
    verification: Verification,
    migration: Migration,
    rules: Sequence[Rule],
    suppressions: Sequence[Suppression] = (),
    stage: Stage | None = None,
) -> tuple[Finding, ...]:
    """What rules find in what a server did with a migration, in order.

    Args:
        migration: The same one, as reports show it.
        suppressions: Comments about its findings.
        stage: When it runs, seen from the deploy of its code, if a marker says so.
    """
    context = VerificationContext(verification, migration, stage)
    checks = [guarded(rule, check) for rule in rules for check in rule.verification_checks]
    found = [one for check in checks for one in check(context)]
    return tuple(one for one in _distinct(found, suppressions) if isinstance(one, Finding))


def in_history(context: HistoryContext, rules: Sequence[Rule]) -> Iterator[Finding]:
    """What rules find in the graph of migrations and in what has been applied, by app and migration."""
    checks = [guarded(rule, check) for rule in rules for check in rule.history_checks]
    return _numbered(one for check in checks for one in check(context) if isinstance(one, Finding))


def at_gate(context: GateContext, rules: Sequence[Rule]) -> Iterator[Finding]:
    """What rules find on a live server before a deploy: what is about the server first."""
    checks = [guarded(rule, check) for rule in rules for check in rule.gate_checks]
    return _numbered(one for check in checks for one in check(context) if isinstance(one, Finding))


def _numbered(found: Iterable[Finding]) -> Iterator[Finding]:
    numbers: Counter[str] = Counter()
    for one in sorted(found, key=lambda one: (one.app or "", one.migration or "", one.code)):
        numbers[one.fingerprint] += 1
        yield msgspec.structs.replace(one, fingerprint=numbered(one.fingerprint, numbers[one.fingerprint]))


def _distinct(found: list[Finding | Pending], suppressions: Sequence[Suppression]) -> Found:
    """Put findings in order, and keep one of those that say the same of one operation.

    One that is suppressed does not stand for one that is not. Where two operations of a migration do the same to the
    same thing, fingerprints get a number.
    """
    numbers: dict[tuple[int | None, str], int] = {}
    seen: set[tuple[int | None, str, bool]] = set()
    count: Counter[str] = Counter()
    for one in sorted(found, key=_place):
        finding = _finding(one)
        place = (finding.operation, finding.fingerprint)
        if place not in numbers:
            count[finding.fingerprint] += 1
            numbers[place] = count[finding.fingerprint]
        key = (*place, any(each.covers(finding) for each in suppressions))
        if key not in seen:
            seen.add(key)
            finding = msgspec.structs.replace(finding, fingerprint=numbered(finding.fingerprint, numbers[place]))
            yield msgspec.structs.replace(one, finding=finding) if isinstance(one, Pending) else finding


def _finding(found: Finding | Pending) -> Finding:
    return found.finding if isinstance(found, Pending) else found


def _place(found: Finding | Pending) -> tuple[int, int, str]:
    finding = _finding(found)
    return finding.operation or 0, finding.statement or 0, finding.code
