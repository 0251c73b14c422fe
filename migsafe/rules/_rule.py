"""What a rule is."""

import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from migsafe.actions import Action, Name
from migsafe.model import Axis, Finding, Severity, fingerprint
from migsafe.project.operations import ReplayedOperation
from migsafe.rules._context import Context, OperationContext

A = TypeVar("A", bound=Action)
Check = Callable[[A, Context], Iterator[Finding]]
OperationCheck = Callable[[ReplayedOperation, OperationContext], Iterator[Finding]]


class Rule:
    """One hazard: when it fires and what it says.

    Args:
        module: ``__name__`` of the module that defines it.
        code: ``MS`` and three digits (1xx columns, 2xx indexes, 3xx constraints, 4xx tables, 5xx data); never reused.
        message: What happens, one sentence; a `str.format` template for the names given to `finding`.
        why: Who waits or what fails, in words that need no knowledge of PostgreSQL; a template too.
    """

    def __init__(self, module: str, *, code: str, severity: Severity, axis: Axis, message: str, why: str) -> None:
        self.module = module
        self.name = module.rpartition(".")[2]
        self.code = code
        self.severity = severity
        self.axis = axis
        self.message = message
        self.why = why
        self.checks: dict[type[Action], Check[Any]] = {}
        self.operation_checks: list[OperationCheck] = []

    def __repr__(self) -> str:
        return f"<Rule {self.code} {self.name}>"

    @property
    def documentation(self) -> str:
        """The module's docstring: a summary line and the `SECTIONS` as Markdown headings."""
        return sys.modules[self.module].__doc__ or ""

    def on(self, *kinds: type[Action]) -> Callable[[Check[A]], Check[A]]:
        """Register a check of every action of these kinds in forward statements."""

        def register(check: Check[A]) -> Check[A]:
            for kind in kinds:
                self.checks[kind] = check
            return check

        return register

    def on_operation(self, check: OperationCheck) -> OperationCheck:
        """Register a check of every operation of a migration."""
        self.operation_checks.append(check)
        return check

    def finding(
        self,
        context: OperationContext,
        *,
        fix: str,
        relation: Name | None = None,
        about: str = "",
        severity: Severity | None = None,
        **names: str,
    ) -> Finding:
        """Make a finding at the place that the context stands for.

        Args:
            fix: What to do instead: Markdown with fenced code.
            relation: The table it is about; ``{relation}`` in the templates.
            about: What tells it apart from the rule's other findings on this table in this migration (a column, an
                index); part of the fingerprint.
            severity: When it differs from the rule's own.
            names: Values for ``message`` and ``why``.
        """
        migration, operation = context.migration, context.operation
        action = context if isinstance(context, Context) else None
        table = context.display(relation) if relation else None
        names["relation"] = table or ""
        return Finding(
            code=self.code,
            name=self.name,
            severity=severity or self.severity,
            axis=self.axis,
            message=self.message.format_map(names),
            why=self.why.format_map(names),
            fix=fix,
            app=migration.app,
            migration=migration.name,
            operation=operation.index,
            statement=action.statement_index if action else None,
            path=context.path,
            line=operation.line,
            relation=table,
            effects=action.effects if action else (),
            fingerprint=fingerprint(self.code, migration.app, migration.name, table, about),
        )
