"""What a rule is."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from migsafe.actions import Action, Name
from migsafe.applied import Key
from migsafe.model import Axis, Described, Evidence, Finding, Severity, fingerprint
from migsafe.predeploy import PendingMigration
from migsafe.project.operations import ReplayedOperation
from migsafe.rules._context import (
    Context,
    GateContext,
    HistoryContext,
    MigrationContext,
    OperationContext,
    VerificationContext,
)
from migsafe.sql.catalog import Catalog


class Pending(msgspec.Struct, frozen=True):
    """A finding that stands or falls with what comes later in the history: the rule's `Rule.on_end` says which.

    Attributes:
        about: Whatever that needs to know (an `oid`, a constraint's name).
    """

    finding: Finding
    about: Any = None


A = TypeVar("A", bound=Action)
Found = Iterator[Finding | Pending]
Check = Callable[[A, Context], Found]
OperationCheck = Callable[[ReplayedOperation, OperationContext], Found]
MigrationCheck = Callable[[MigrationContext], Found]
EndCheck = Callable[[Sequence[Pending], Callable[[], Catalog]], Iterator[Finding]]
VerificationCheck = Callable[[VerificationContext], Iterator[Finding]]
HistoryCheck = Callable[[HistoryContext], Iterator[Finding]]
GateCheck = Callable[[GateContext], Iterator[Finding]]

SECTIONS = ("What it catches", "Why it hurts", "Do this instead")
"""Of a rule's documentation, in this order."""

OWN = "migsafe.rules"
"""The package of migsafe's own rules."""

DOCS = "https://github.com/migsafe/django-migsafe/blob/main/docs/rules"
"""Where the pages about migsafe's own rules are: one ``CODE.md`` each."""


class Rule:
    """One hazard: when it fires and what it says.

    Args:
        module: ``__name__`` of the module that defines it.
        code: ``MS`` and three digits, of which the first is the `migsafe.rules.GROUPS`; never reused.
        message: What happens, one sentence; a `str.format` template for the names given to `finding`, and ``app``,
            ``migration`` and ``relation``.
        why: Who waits or what fails, in words that need no knowledge of PostgreSQL; a template too.
        docs: Address of a page about it, for rules of plug-ins; migsafe's own have one each.
        suppressable: False for what is wrong with suppressions and with rules: that can only be switched off.
        sized: Whether it hurts as long as its statement runs, or as many rows as Python code changes, so that sizes of
            tables say how bad it is (`Sizes`). By default what is about locks.
        passes: Whether it may be over after a while, so that waiting helps (``migsafe gate --wait``).
    """

    def __init__(
        self,
        module: str,
        *,
        code: str,
        severity: Severity,
        axis: Axis,
        message: str,
        why: str,
        docs: str | None = None,
        suppressable: bool = True,
        sized: bool | None = None,
        passes: bool = False,
    ) -> None:
        self.module = module
        self.name = module.rpartition(".")[2]
        self.code = code
        self.severity = severity
        self.axis = axis
        self.message = message
        self.why = why
        self.suppressable = suppressable
        self.sized = axis is Axis.LOCKS if sized is None else sized
        self.passes = passes
        self.docs = f"{DOCS}/{code}.md" if self.is_own else docs
        self.checks: dict[type[Action], Check[Any]] = {}
        self.operation_checks: list[OperationCheck] = []
        self.migration_checks: list[MigrationCheck] = []
        self.end_checks: list[EndCheck] = []
        self.verification_checks: list[VerificationCheck] = []
        self.history_checks: list[HistoryCheck] = []
        self.gate_checks: list[GateCheck] = []

    def __repr__(self) -> str:
        return f"<Rule {self.code} {self.name}>"

    @property
    def documentation(self) -> str:
        """The module's docstring as Markdown: a summary line and the `SECTIONS` as headings."""
        module = sys.modules.get(self.module)
        return re.sub("(?<!`)``(?!`)", "`", ((module and module.__doc__) or "").strip())

    @property
    def summary(self) -> str:
        """What it catches, on one line and without a full stop."""
        return " ".join(self.documentation.partition("\n\n")[0].split()).rstrip(".")

    @property
    def sections(self) -> dict[str, str]:
        """The documentation below the summary: Markdown by title."""
        _, *parts = re.split(r"^## (.+)\n", self.documentation, flags=re.MULTILINE)
        return {title.strip(): text.strip() for title, text in zip(parts[::2], parts[1::2], strict=True)}

    @property
    def is_own(self) -> bool:
        """Whether it is migsafe's, not a plug-in's."""
        return self.module.startswith(f"{OWN}.")

    @property
    def is_used(self) -> bool:
        """Whether it has a check."""
        return self.lints or self.verifies or bool(self.gate_checks)

    @property
    def lints(self) -> bool:
        """Whether ``migsafe lint`` has something to ask it."""
        return bool(self.checks or self.operation_checks or self.migration_checks or self.history_checks)

    @property
    def verifies(self) -> bool:
        """Whether ``migsafe verify`` has something to ask it."""
        return bool(self.verification_checks)

    def described(self, severity: Mapping[str, Severity]) -> Described:
        """What reports say of it.

        Args:
            severity: By code, in place of the rule's own.
        """
        catches, why, instead = (self.sections.get(title, "") for title in SECTIONS)
        return Described(
            code=self.code,
            name=self.name,
            severity=severity.get(self.code, self.severity),
            default_severity=self.severity,
            axis=self.axis,
            summary=self.summary,
            catches=catches,
            why=why,
            instead=instead,
            docs=self.docs,
            suppressable=self.suppressable,
        )

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

    def on_migration(self, check: MigrationCheck) -> MigrationCheck:
        """Register a check of every migration as a whole.

        Its findings are about the migration, or about one operation or action of it: `MigrationContext` has contexts
        for these.
        """
        self.migration_checks.append(check)
        return check

    def on_end(self, check: EndCheck) -> EndCheck:
        """Register a check at the end of the run, if one of the rule's other checks has yielded a `Pending`.

        It is given all of them, in order, and a function that gives the schema at the end of the history: calling it
        makes the replay go on until there.
        """
        self.end_checks.append(check)
        return check

    def on_verification(self, check: VerificationCheck) -> VerificationCheck:
        """Register a check of every migration that was tried on a real server (``migsafe verify``).

        A rule looks at migrations or at what came of them, not at both: who runs one is told nothing of the other.
        """
        self.verification_checks.append(check)
        return check

    def on_history(self, check: HistoryCheck) -> HistoryCheck:
        """Register a check of the migration graph as a whole, and of what has been applied (``migsafe history``)."""
        self.history_checks.append(check)
        return check

    def on_gate(self, check: GateCheck) -> GateCheck:
        """Register a check of a live server before a deploy (``migsafe gate``)."""
        self.gate_checks.append(check)
        return check

    def finding(
        self,
        context: MigrationContext,
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
        operation = context.operation if isinstance(context, OperationContext) else None
        action = context if isinstance(context, Context) else None
        table = context.display(relation) if relation else None
        finding = self.finding_at(
            app=context.migration.app,
            migration=context.migration.name,
            operation=operation.index if operation else None,
            statement=action.statement_index if action else None,
            path=context.path,
            line=context.line if isinstance(context, OperationContext) else None,
            relation=table,
            about=about,
            fix=fix,
            **names,
        )
        return msgspec.structs.replace(
            finding, severity=severity or self.severity, effects=action.effects if action else ()
        )

    def observed(
        self,
        context: VerificationContext,
        *,
        fix: str,
        operation: int | None = None,
        line: int | None = None,
        relation: str | None = None,
        about: str = "",
        severity: Severity | None = None,
        evidence: Sequence[Evidence] = (),
        **names: str,
    ) -> Finding:
        """Make a finding about what a server did; the other arguments are as in `finding`.

        Args:
            operation: Index of the operation that it is about; None for the migration as a whole.
            line: Where it is shown in the file; None for where the operation is.
            relation: As reports show it.
            evidence: What it rests on.
        """
        place = context.operation(operation)
        finding = self.finding_at(
            app=context.verification.app,
            migration=context.verification.migration,
            operation=place.index if place else None,
            statement=None,
            path=context.verification.path,
            line=line or (place.line if place else None),
            relation=relation,
            about=about,
            fix=fix,
            **names,
        )
        return msgspec.structs.replace(finding, severity=severity or self.severity, evidence=tuple(evidence))

    def in_history(
        self,
        context: HistoryContext,
        where: Key | str,
        *,
        fix: str,
        path: str | None = None,
        about: str = "",
        severity: Severity | None = None,
        evidence: Sequence[Evidence] = (),
        **names: str,
    ) -> Finding:
        """Make a finding about a migration, which may be gone, or about an app; the rest is as in `finding`.

        Args:
            where: Key of the migration, or label of the app.
            path: Where it is shown; None for the migration's file, or that of the app's last one.
            evidence: What it rests on.
        """
        app, migration = (where, None) if isinstance(where, str) else where
        leaf_nodes = context.graph.leaf_nodes.get(app) or (("", ""),)
        node = context.graph.nodes.get(leaf_nodes[-1] if migration is None else (app, migration))
        finding = self.finding_at(
            app=app,
            migration=migration,
            path=path or (node.path if node else None),
            line=1 if path or node else None,
            operation=None,
            statement=None,
            relation=None,
            about=about,
            fix=fix,
            **names,
        )
        return msgspec.structs.replace(finding, severity=severity or self.severity, evidence=tuple(evidence))

    def at_gate(
        self,
        context: GateContext,
        migration: PendingMigration | None = None,
        *,
        fix: str,
        relation: str | None = None,
        about: str = "",
        severity: Severity | None = None,
        evidence: Sequence[Evidence] = (),
        **names: str,
    ) -> Finding:
        """Make a finding about a pending migration on a live server, or about the server; the rest is as in `finding`.

        Args:
            relation: As it is called on the server.
            evidence: What was seen there.
        """
        finding = self.finding_at(
            app=migration.app if migration else None,
            migration=migration.name if migration else None,
            path=context.paths.get(migration.key) if migration else None,
            line=1 if migration else None,
            operation=None,
            statement=None,
            relation=relation,
            about=about,
            fix=fix,
            **names,
        )
        return msgspec.structs.replace(finding, severity=severity or self.severity, evidence=tuple(evidence))

    def finding_at(
        self,
        *,
        fix: str,
        path: str | None,
        line: int | None = None,
        app: str | None = None,
        migration: str | None = None,
        operation: int | None = None,
        statement: int | None = None,
        relation: str | None = None,
        about: str = "",
        **names: str,
    ) -> Finding:
        """Make a finding at a place that no context stands for; the arguments are as in `finding` and `Finding`."""
        names |= {"relation": relation or "", "app": app or "", "migration": migration or ""}
        return Finding(
            code=self.code,
            name=self.name,
            severity=self.severity,
            axis=self.axis,
            message=self.message.format_map(names),
            why=self.why.format_map(names),
            fix=fix,
            app=app,
            migration=migration,
            operation=operation,
            statement=statement,
            path=path,
            line=line,
            relation=relation,
            effects=(),
            fingerprint=fingerprint(self.code, app, migration, relation, about),
            docs=self.docs,
        )
