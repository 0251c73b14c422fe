"""What a rule can ask about the operation and the action that it looks at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from migsafe.actions import Action, AddColumn, Name
from migsafe.model import Effect, LockMode
from migsafe.postgres.locks import blocks
from migsafe.project.operations import ReplayedMigration, ReplayedOperation, SqlStatement
from migsafe.rules._written import Written, written
from migsafe.sql.catalog import Catalog


@dataclass(frozen=True)
class Change:
    """Migrations that are deployed together.

    Attributes:
        created: The object identifiers that each of them gave out.
        columns: Identifier of the table and name of every column that they add to a table.
        removed: Models and fields that they take out of the project (`ReplayedOperation.removes`).
    """

    created: tuple[range, ...] = ()
    columns: frozenset[tuple[int, str]] = frozenset()
    removed: frozenset[str] = frozenset()

    def with_migration(self, migration: ReplayedMigration) -> "Change":
        """The change with one more migration in it."""
        added = {
            (table.oid, action.column.name)
            for operation in migration.operations
            for statement in operation.forward
            for action in statement.parsed.actions
            if isinstance(action, AddColumn) and (table := statement.before.table(action.relation))
        }
        created = range(migration.before.next_oid, migration.after.next_oid)
        removed = {name for operation in migration.operations for name in operation.removes}
        return Change((*self.created, created), self.columns | added, self.removed | removed)


@dataclass(frozen=True, kw_only=True)
class OperationContext:
    """An operation in its surroundings.

    Attributes:
        path: The migration's file as reports show it.
        change: What is deployed together with this migration, itself included.
        postgres: Major version of the target server.
        django: Version of the installed Django.
        catalog: The schema before the action, or before the migration.
        effects: What is locked while the action runs, by it or by what ran before it in the transaction.
        statement_index: Position of the action's statement in the operation.
    """

    migration: ReplayedMigration
    operation: ReplayedOperation
    path: str
    change: Change
    postgres: int
    django: tuple[int, int]
    catalog: Catalog
    effects: tuple[Effect, ...] = ()
    statement_index: int | None = None

    @cached_property
    def written(self) -> Written | None:
        """The operation as its author wrote it; None when it is not in the file literally."""
        return written(self.migration.path, self.operation.line) if self.operation.line else None

    @property
    def model(self) -> str:
        """Lower-case name of the model that the operation is about."""
        return self.operation.models[0].rpartition(".")[2] if self.operation.models else "…"

    def display(self, relation: Name) -> str:
        """A table's name as reports show it."""
        return self.catalog.display(relation)

    def created_here(self, relation: Name, column: str | None = None) -> bool:
        """Whether a table (or the column of it) is made in the same change: it is empty, and no running code knows it."""
        table = self.catalog.table(relation)
        if table is None:
            return False
        return any(table.oid in created for created in self.change.created) or (table.oid, column) in self.change.columns

    def leaves_models(self, table: str, column: str | None = None) -> bool:
        """Whether a table or column that is dropped was part of the models until this change.

        If an earlier release took it out of them, no running code knows it, and it can go.
        """
        if self.operation.removes:
            return True
        if column is None:
            return any(name.replace(".", "_") == table for name in self.change.removed if name.count(".") == 1)
        return any(name.endswith((f".{column}", f".{column.removesuffix('_id')}")) for name in self.change.removed)

    def actions(self) -> Iterator[Action]:
        """All actions of the operation's forward statements."""
        for statement in self.operation.forward:
            yield from statement.parsed.actions


@dataclass(frozen=True, kw_only=True)
class Context(OperationContext):
    """An action in its surroundings.

    Attributes:
        statement: The statement that the action is part of.
        fails: Why the server would refuse the statement; None when it would not.
    """

    statement: SqlStatement
    fails: str | None = None

    @cached_property
    def stall(self) -> Effect | None:
        """The worst that the action does to traffic for longer than a moment: reading or rewriting all rows of a relation
        while reads or writes of it wait. None when it does nothing of the kind."""
        long = [
            effect
            for effect in self.effects
            if (effect.rewrites or effect.scans) and {"reads", "writes"} & set(effect.blocks)
        ]
        return max(long, key=lambda effect: (effect.lock, effect.rewrites), default=None)

    def effect(self, relation: Name) -> Effect | None:
        """What is locked of a relation while the action runs."""
        name = self.display(relation)
        return next((effect for effect in self.effects if effect.relation == name), None)


def in_force(own: tuple[Effect, ...], held: Mapping[str, LockMode]) -> tuple[Effect, ...]:
    """What is locked while an action runs: what it locks, and if that takes long, what the transaction holds already."""
    effects = {effect.relation: effect for effect in own}
    long = any(effect.rewrites or effect.scans for effect in own)
    for relation, lock in held.items():
        if relation in effects:
            effect = effects[relation]
            if effect.lock < lock:
                effects[relation] = Effect(relation, lock, effect.rewrites, effect.scans, blocks(lock))
        elif long and {"reads", "writes"} & set(blocks(lock)):
            effects[relation] = Effect(relation, lock, False, False, blocks(lock))
    return tuple(effects.values())
