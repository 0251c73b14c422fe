"""One migration under all rules."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from migsafe.actions import Action
from migsafe.model import Finding, Statement
from migsafe.model import fingerprint as hashed
from migsafe.project.operations import ReplayedMigration, ReplayedOperation
from migsafe.rules._context import Change, Context, OperationContext
from migsafe.rules._rule import Rule


class Checked(msgspec.Struct, frozen=True):
    """What came out for a migration: its forward statements by operation, and its findings in order."""

    statements: tuple[tuple[Statement, ...], ...]
    findings: tuple[Finding, ...]


class Checker:
    """Rules for a server version. What a migration costs is proportional to its actions, not to the number of rules.

    Args:
        postgres: Major version of the target server.
        django: Version of the installed Django.
    """

    def __init__(self, rules: Sequence[Rule], *, postgres: int, django: tuple[int, int]) -> None:
        self.rules = rules
        self.postgres = postgres
        self.django = django
        self._checks: defaultdict[type[Action], list[Callable[[Any, Context], Iterator[Finding]]]] = defaultdict(list)
        for rule in rules:
            for kind, check in rule.checks.items():
                self._checks[kind].append(check)

    def check(self, migration: ReplayedMigration, change: Change, path: str) -> Checked:
        """Check one migration.

        Args:
            change: What is deployed together with it, itself included.
            path: Its file as reports show it.
        """
        statements: dict[int, list[Statement]] = {operation.index: [] for operation in migration.operations}
        findings: list[Finding] = []
        for operation, statement, analysis in migration.analysed(self.postgres):
            for step in analysis.steps:
                if checks := self._checks.get(type(step.action)):
                    context = Context(
                        migration=migration,
                        operation=operation,
                        path=path,
                        change=change,
                        postgres=self.postgres,
                        django=self.django,
                        catalog=step.before,
                        statement=statement,
                        statement_index=len(statements[operation.index]),
                        own_effects=step.effects,
                        held=step.held,
                        fails=analysis.statement.fails,
                    )
                    for check in checks:
                        findings += check(step.action, context)
            statements[operation.index].append(analysis.statement)
        for operation in migration.operations:
            findings += self._check_operation(operation, migration, change, path)
        return Checked(tuple(tuple(each) for each in statements.values()), tuple(_distinct(findings)))

    def _check_operation(
        self, operation: ReplayedOperation, migration: ReplayedMigration, change: Change, path: str
    ) -> Iterator[Finding]:
        context = OperationContext(
            migration=migration,
            operation=operation,
            path=path,
            change=change,
            postgres=self.postgres,
            django=self.django,
            catalog=migration.before,
        )
        for rule in self.rules:
            for check in rule.operation_checks:
                yield from check(operation, context)


def _distinct(findings: list[Finding]) -> Iterator[Finding]:
    """Put findings in order, and keep one of those that say the same of one operation.

    Where two operations of a migration do the same to the same thing, fingerprints get a number.
    """
    seen: set[tuple[int | None, str]] = set()
    count: Counter[str] = Counter()
    for finding in sorted(findings, key=lambda one: (one.operation or 0, one.statement or 0, one.code)):
        key = (finding.operation, finding.fingerprint)
        if key not in seen:
            seen.add(key)
            count[finding.fingerprint] += 1
            if (number := count[finding.fingerprint]) > 1:
                finding = msgspec.structs.replace(finding, fingerprint=hashed(finding.fingerprint, str(number)))
            yield finding
