"""Migrations for rules, made of SQL: no Django, no files unless a test gives the operation's code."""

import ast
from dataclasses import dataclass, field
from pathlib import Path

from migsafe.model import Finding
from migsafe.project.operations import Database, ReplayedMigration, ReplayedOperation, SqlStatement
from migsafe.rules import Change, Checker, Pending, Rule, choose_rules
from migsafe.sql.catalog import Catalog
from migsafe.sql.parse import parse

SHOP = """
CREATE TABLE customer (id bigint PRIMARY KEY, email varchar(254));
CREATE TABLE "order" (
    id bigint PRIMARY KEY,
    number varchar(20) NOT NULL,
    status varchar(10),
    total numeric(10, 2),
    quantity integer,
    note text,
    placed_at timestamptz,
    customer_id bigint
);
CREATE INDEX order_status_idx ON "order" (status);
"""
"""Tables that are in use before the migration under test."""

FAMILIES = {
    "AddField": ("AddField", "FieldOperation"),
    "AlterField": ("AlterField", "FieldOperation"),
    "RemoveField": ("RemoveField", "FieldOperation"),
    "RenameField": ("RenameField", "FieldOperation"),
    "RenameModel": ("RenameModel", "ModelOperation"),
    "AlterModelTable": ("AlterModelTable", "ModelOptionOperation", "ModelOperation"),
    "AddIndexConcurrently": ("AddIndexConcurrently", "NotInTransactionMixin", "AddIndex"),
}


@dataclass(frozen=True)
class Op:
    """An operation: what it sends to the server at once, and at the end of the migration."""

    kind: str
    sql: str = ""
    deferred: str = ""
    reversible: bool = True
    removes: tuple[str, ...] = ()
    in_models: tuple[str, ...] = ()
    left_to_database: tuple[str, ...] = ()
    code: str = ""
    model: str = "shop.order"
    unanalysed: str | None = None
    opaque: str | None = None
    source: str | None = None
    exchanges: str | None = None


@dataclass
class Migrations:
    """Checks one migration after another, as a run would."""

    folder: Path
    before: str = SHOP
    postgres: int = 16
    django: tuple[int, int] = (5, 2)
    together: bool = False
    database: Database = field(default_factory=Database)
    rules: tuple[Rule, ...] = field(default_factory=choose_rules)
    catalog: Catalog = field(init=False)
    change: Change = field(default_factory=Change, init=False)
    pending: list[Pending] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.catalog = Catalog()
        for parsed in parse(self.before):
            for action in parsed.actions:
                self.catalog = self.catalog.after(action)

    def check(self, *operations: Op, atomic: bool = True, name: str = "0002_change") -> tuple[Finding, ...]:
        """Run all rules over a migration, and leave its schema to the next one."""
        path = self.folder / f"{name}.py"
        path.write_text("\n".join(operation.code.replace("\n", " ") for operation in operations))
        before = self.catalog
        forward: dict[int, list[SqlStatement]] = {index: [] for index, _ in enumerate(operations)}
        for deferred in (False, True):
            for index, operation in enumerate(operations):
                forward[index] += self._statements(operation.deferred if deferred else operation.sql, deferred, atomic)
        migration = ReplayedMigration(
            app="shop",
            name=name,
            path=str(path),
            atomic=atomic,
            initial=False,
            replaces=(),
            dependencies=(),
            operations=tuple(
                ReplayedOperation(
                    index=index,
                    kind=operation.kind,
                    bases=tuple(f"x.{base}" for base in FAMILIES.get(operation.kind, (operation.kind,))),
                    description=operation.kind,
                    line=index + 1 if operation.code else None,
                    models=(operation.model,),
                    removes=operation.removes,
                    in_models=operation.in_models,
                    left_to_database=operation.left_to_database,
                    reversible=operation.reversible,
                    elidable=False,
                    unanalysed=operation.unanalysed,
                    opaque=operation.opaque,
                    source=operation.source,
                    exchanges=operation.exchanges,
                    forward=tuple(forward[index]),
                )
                for index, operation in enumerate(operations)
            ),
            before=before,
            after=self.catalog,
        )
        self.change = (self.change if self.together else Change(several=self.together)).with_migration(migration)
        checked = self._checker.check(migration, self.change, path.name)
        self.pending += checked.pending
        return parsed_fixes(checked.findings)

    def end(self) -> tuple[Finding, ...]:
        """Findings of all migrations so far that only the end of the history decides."""
        return parsed_fixes(tuple(self._checker.at_end(self.pending, lambda: self.catalog)))

    @property
    def _checker(self) -> Checker:
        return Checker(self.rules, postgres=self.postgres, django=self.django, database=self.database)

    def _statements(self, sql: str, deferred: bool, atomic: bool) -> list[SqlStatement]:
        statements = []
        for parsed in parse(sql):
            statements.append(SqlStatement(parsed=parsed, before=self.catalog, deferred=deferred, transaction=atomic))
            for action in parsed.actions:
                self.catalog = self.catalog.after(action)
        return statements


def parsed_fixes(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings, once it is known that the Python in their fixes is Python."""
    for finding in findings:
        for code in fenced(finding.fix):
            ast.parse(code)
    return findings


def fenced(fix: str) -> list[str]:
    """The Python code in a fix, each block as it would stand in a file."""
    blocks = (block.partition("\n") for block in fix.split("```")[1::2])
    return [code.rstrip().removesuffix(",") for language, _, code in blocks if language == "python"]


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


def flat(code: str) -> str:
    """Code on one line, as it was before it was folded."""
    return " ".join(code.split()).replace("( ", "(").replace(", )", ")")
