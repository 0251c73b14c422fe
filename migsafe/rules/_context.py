"""What a rule can ask about the operation and the action that it looks at."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, dropwhile
from typing import NamedTuple

from msgspec.structs import replace

from migsafe.actions import Action, AddColumn, Name, SetVariable
from migsafe.applied import Graph, Key, Node, Past, Stage
from migsafe.config import Table
from migsafe.model import Effect, LockMode, Migration, Operation, Statement
from migsafe.postgres.locks import blocks, conflicts, stops_traffic
from migsafe.predeploy import KeptDeploy, PendingMigration, ServerStatus, Session, Target
from migsafe.project.operations import Database, ReplayedMigration, ReplayedOperation, SqlStatement
from migsafe.rules._sizes import Sizes
from migsafe.sql.catalog import Catalog
from migsafe.sql.catalog import Table as SqlTable
from migsafe.sql.effects import Step, named
from migsafe.verification import Verification
from migsafe.written.call import Written, written


class Changed(NamedTuple):
    """What one migration makes and removes.

    Attributes:
        created: The object identifiers that it gave out.
        columns: Identifier of the table and name of every column that it adds to a table.
        removed: Models and fields that it takes out of the project (`ReplayedOperation.removes`).
        stage: `ReplayedMigration.stage`.
    """

    created: range
    columns: frozenset[tuple[int, str]]
    removed: frozenset[str]
    stage: Stage | None

    def has(self, table: SqlTable, column: str | None) -> bool:
        """Whether it makes a table, or a column of it."""
        return table.oid in self.created or (table.oid, column) in self.columns


@dataclass(frozen=True)
class Change:
    """Migrations that are deployed together.

    Attributes:
        several: Whether more of them may follow: what is missing may be in one of these.
    """

    migrations: tuple[Changed, ...] = ()
    several: bool = False

    @property
    def removed(self) -> frozenset[str]:
        """Models and fields that they take out of the project."""
        return frozenset().union(*(each.removed for each in self.migrations))

    def with_migration(self, migration: ReplayedMigration) -> "Change":
        """The change with one more migration in it."""
        added = frozenset(
            (table.oid, action.column.name)
            for operation in migration.operations
            for statement in operation.forward
            for action in statement.parsed.actions
            if isinstance(action, AddColumn) and (table := statement.before.table(action.relation))
        )
        created = range(migration.before.next_oid, migration.after.next_oid)
        removed = frozenset(name for operation in migration.operations for name in operation.removes)
        return Change((*self.migrations, Changed(created, added, removed, migration.stage)), self.several)

    def unused(self, migration: ReplayedMigration) -> list[Changed]:
        """Migrations of it that have made what code does not know when the given one runs."""
        # What runs after the deploy meets code that uses what the change has made before it.
        return [one for one in self.migrations if migration.old_code_runs or one.stage == "after"]

    def made(self, migration: ReplayedMigration) -> tuple[str, ...]:
        """`Migration.made`, but for what takes the name of a table that was there: locks are told by name."""
        created = [one.created for one in self.unused(migration) if one.created]
        if not created:
            return ()
        names: tuple[set[str], set[str]] = set(), set()
        for catalog in (migration.before, migration.after):
            for table in catalog.tables.values():
                names[any(table.oid in oids for oids in created)].add(catalog.display(table.name))
        return tuple(sorted(names[True] - names[False]))


class Executed(NamedTuple):
    """An action where it is executed: its operation, its statement with the index in that, and what it does.

    ``fails`` is why the server would refuse the statement; None when it would not.
    """

    operation: ReplayedOperation
    statement: SqlStatement
    statement_index: int
    fails: str | None
    step: Step


@dataclass(frozen=True, kw_only=True)
class MigrationContext:
    """A migration in its surroundings.

    Attributes:
        path: The migration's file as reports show it.
        change: What is deployed together with this migration, itself included.
        postgres: Major version of the target server.
        django: Version of the installed Django.
        database: What the settings tell of the target database.
        catalog: The schema before the action, or before the migration.
        executed: All actions of the migration's forward statements, in the order in which the server gets them.
        statements: What reports say of the forward statements of each operation.
        sizes: What is known of tables in production.
    """

    migration: ReplayedMigration
    path: str
    change: Change
    postgres: int
    django: tuple[int, int]
    database: Database
    catalog: Catalog
    executed: tuple[Executed, ...]
    statements: tuple[tuple[Statement, ...], ...]
    sizes: Sizes

    def operation_context(self, operation: ReplayedOperation) -> "OperationContext":
        """One of the migration's operations; what is found there is reported there."""
        return OperationContext(
            migration=self.migration,
            path=self.path,
            change=self.change,
            postgres=self.postgres,
            django=self.django,
            database=self.database,
            catalog=self.migration.before,
            executed=self.executed,
            statements=self.statements,
            sizes=self.sizes,
            operation=operation,
        )

    def action_context(self, executed: Executed) -> "Context":
        """One of the actions in `executed`."""
        return Context(
            migration=self.migration,
            path=self.path,
            change=self.change,
            postgres=self.postgres,
            django=self.django,
            database=self.database,
            catalog=executed.step.before,
            executed=self.executed,
            statements=self.statements,
            sizes=self.sizes,
            operation=executed.operation,
            statement=executed.statement,
            statement_index=executed.statement_index,
            own_effects=executed.step.effects,
            held=executed.step.held,
            fails=executed.fails,
        )

    def display(self, relation: Name) -> str:
        """A table's name as reports show it."""
        return self.catalog.display(relation)

    def created_here(self, relation: Name, column: str | None = None) -> bool:
        """Whether a table (or the column of it) is made in the same change: empty, and unknown to running code."""
        return self.is_created(relation, self.catalog, column)

    def is_created(self, relation: Name, catalog: Catalog, column: str | None = None) -> bool:
        """The same, in the schema that another action meets."""
        table = catalog.table(relation)
        return table is not None and any(one.has(table, column) for one in self.change.unused(self.migration))

    def size(self, relation: Name) -> Table:
        """What is known of a table in production: nothing, if nobody has said it (``Table()``).

        Findings need not ask: how bad a lock is on a small or a hot table is decided for all of them (`Sizes.judged`).
        """
        return self.sizes.of(relation, self.catalog)

    def migration_actions(self) -> Iterator[Action]:
        """All actions of the migration's forward statements."""
        return chain.from_iterable(map(_actions, self.migration.operations))


@dataclass(frozen=True, kw_only=True)
class OperationContext(MigrationContext):
    """An operation in its surroundings.

    Attributes:
        code_line: Line of the code that it runs, where that is what a finding is about.
    """

    operation: ReplayedOperation
    code_line: int | None = None

    @property
    def line(self) -> int | None:
        """Where findings are shown in the migration's file."""
        return self.code_line or self.operation.line

    @cached_property
    def written(self) -> Written | None:
        """The operation as its author wrote it; None when it is not in the file literally."""
        return written(self.migration.path, self.operation.line) if self.operation.line else None

    @property
    def model(self) -> str:
        """Lower-case name of the model that the operation is about."""
        return self.operation.models[0].rpartition(".")[2] if self.operation.models else "…"

    def leaves_models(self, table: str, column: str | None = None) -> bool:
        """Whether running code knows a table or column that is dropped: models have it, or had it until this change.

        If an earlier release took it out of them, or a marker says that this one is deployed, it can go.
        """
        if (table if column is None else f"{table}.{column}") in self.operation.in_models:
            return True
        return self.migration.old_code_runs and self.removes(table, column)

    def removes(self, table: str, column: str | None = None) -> bool:
        """Whether the operation or the change takes a table or column out of the models."""
        if self.operation.removes:
            return True
        if column is None:
            return any(name.replace(".", "_") == table for name in self.change.removed if name.count(".") == 1)
        return any(name.endswith((f".{column}", f".{column.removesuffix('_id')}")) for name in self.change.removed)

    def takes_away(self, table: Name) -> bool:
        """Whether a table that models of running code have has no successor of that name when the migration ends."""
        return table.name in self.operation.in_models and self.migration.after.table(table) is None

    def actions(self) -> Iterator[Action]:
        """All actions of the operation's forward statements."""
        return _actions(self.operation)


@dataclass(frozen=True, kw_only=True)
class Context(OperationContext):
    """An action in its surroundings.

    Attributes:
        statement: The statement that the action is part of.
        statement_index: Its position in the operation.
        own_effects: What the action itself does.
        held: Locks that the transaction has taken before, on relations that existed before it.
        fails: Why the server would refuse the statement; None when it would not.
    """

    statement: SqlStatement
    statement_index: int
    own_effects: tuple[Effect, ...]
    held: Mapping[str, LockMode]
    fails: str | None

    def later(self) -> Iterator[Executed]:
        """What the migration executes after this statement."""
        after = dropwhile(lambda one: one.statement is not self.statement, self.executed)
        return dropwhile(lambda one: one.statement is self.statement, after)

    @property
    def transaction(self) -> tuple[int, ...] | None:
        """What tells apart the transactions of the migration; None for a statement that commits by itself."""
        return self.migration.transaction(self.operation, self.statement)

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """What is locked while the action runs: by itself and, if it takes long, by what the transaction did before.

        An index is left out where its table is locked as much.
        """
        effects = {}
        for effect in self.own_effects:
            lock = max(effect.lock, self.held.get(effect.relation, effect.lock))
            effects[effect.relation] = replace(effect, lock=lock, blocks=blocks(lock))
        if any(effect.rewrites or effect.scans for effect in self.own_effects):
            for relation, lock in sorted(self.held.items()):
                if stops_traffic(lock) and relation not in effects:
                    effects[relation] = Effect(relation, lock, False, False, blocks(lock))
        for table in tuple(effects):
            for index in self.catalog.indexes(named(table)):
                own = effects.get(self.display(index.name))
                if own and own.lock <= effects[table].lock and own.rewrites <= effects[table].rewrites:
                    del effects[own.relation]
        return tuple(effects.values())

    @cached_property
    def stall(self) -> Effect | None:
        """The worst that the action does to traffic for longer than a moment.

        That is reading or rewriting all rows of a relation while reads or writes of it wait; None if it does neither.
        """
        long = [one for one in self.effects if (one.rewrites or one.scans) and stops_traffic(one.lock)]
        return max(long, key=lambda effect: (effect.lock, effect.rewrites), default=None)

    def effect(self, relation: Name) -> Effect | None:
        """What is locked of a relation while the action runs."""
        name = self.display(relation)
        return next((effect for effect in self.effects if effect.relation == name), None)

    def earlier(self) -> Iterator[Action]:
        """What the server carries out before this statement in the migration."""
        for executed in self.executed:
            if executed.statement is self.statement:
                return
            yield executed.step.action

    @property
    def gives_up(self) -> bool:
        """Whether the migration has set a ``lock_timeout`` that holds for this statement."""
        # SET LOCAL ends with the transaction; outside one, with itself.
        in_force = [
            action
            for action in self.earlier()
            if isinstance(action, SetVariable)
            and action.name == "lock_timeout"
            and (self.statement.transaction or not action.local)
        ]
        return bool(in_force) and in_force[-1].value not in (None, "0")

    def waits(self, effect: Effect) -> bool:
        """Whether the transaction does not have the lock yet, so that it has to wait for it."""
        held = self.held.get(effect.relation)
        return held is None or held < effect.lock

    def is_held(self, effect: Effect) -> bool:
        """Whether it is because of what ran before in the transaction that a lock is so strong."""
        return all(own.lock < effect.lock for own in self.own_effects if own.relation == effect.relation)


@dataclass(frozen=True)
class VerificationContext:
    """A migration that was tried on a real server.

    Attributes:
        verification: What the server did.
        migration: What it consists of.
        stage: When it runs, seen from the deploy of its code, if a marker says so.
    """

    verification: Verification
    migration: Migration
    stage: Stage | None = None

    @property
    def name(self) -> str:
        """As commands take it: ``app.name``."""
        return f"{self.verification.app}.{self.verification.migration}"

    def operation(self, index: int | None) -> Operation | None:
        """One of the migration's operations; None if it could not be loaded with them."""
        return next((one for one in self.migration.operations if one.index == index), None)


@dataclass(frozen=True, kw_only=True)
class HistoryContext:
    """The migrations of a project, and what is known to be applied.

    Attributes:
        looked_at: Migrations that the run is about: of these, rules say what is wrong with them as they are. What has
            become of applied ones is reported whatever the run is about.
        apps: Labels of the apps that it is about.
        replayed: What those on the sides of conflicts execute.
        together: Whether what is looked at is one change (``--since``).
    """

    graph: Graph
    past: Past
    looked_at: frozenset[Key]
    apps: frozenset[str]
    replayed: Mapping[Key, ReplayedMigration]
    together: bool = False

    def is_whole(self, app: str) -> bool:
        """Whether the run is about all migrations of an app, initial ones aside."""
        return app not in self._partly

    @cached_property
    def _partly(self) -> frozenset[str]:
        nodes = self.graph.nodes.items()
        return frozenset(one.app for key, one in nodes if not (one.initial or one.replaced_by or key in self.looked_at))

    def is_new(self, key: Key) -> bool:
        """Whether a migration can still be changed: nobody who was asked has applied it.

        If nobody was asked, those of a change, or of a run about some of an app's migrations, are taken to be new.
        """
        if self.past.sources:
            return key not in self.past.applied
        return key in self.looked_at and (self.together or not self.is_whole(key[0]))

    def own(self) -> Iterator[Node]:
        """Migrations of the team's that the run is about, but for those that a squash stands for."""
        for key, node in self.graph.nodes.items():
            if node.own and key in self.looked_at and node.replaced_by is None:
                yield node


@dataclass(frozen=True, kw_only=True)
class GateContext:
    """A live server before a deploy.

    Attributes:
        status: How it is now.
        pending: What ``migrate`` would apply now, in order.
        deploys: Deploys of kept plans that some of it belongs to.
        longest: Seconds from which on a transaction or a query is long.
        paths: Files of migrations, as reports show them.
    """

    status: ServerStatus
    pending: tuple[PendingMigration, ...]
    deploys: tuple[KeptDeploy, ...] = ()
    longest: float = 5.0
    paths: Mapping[Key, str] = field(default_factory=dict)

    def migration(self, key: Key) -> PendingMigration | None:
        """A pending migration."""
        return next((one for one in self.pending if one.key == key), None)

    def in_the_way(self, locks: Mapping[str, LockMode], *, snapshot: bool = False) -> Iterator["Wait"]:
        """Pending migrations that would wait for somebody, each with the worst that it waits for.

        Args:
            locks: That they hold, by relation.
            snapshot: Whether they have one.
        """
        for migration in self.pending:
            waits = [one for target in migration.targets if (one := _wait(migration, target, locks, snapshot))]
            if waits:
                yield max(waits, key=lambda one: one.badness)

    def waits_for_sessions(self) -> Iterator[list[tuple["Wait", Session]]]:
        """Of each pending migration, sessions that it would wait for, in a transaction for long; the worst first."""
        found: defaultdict[Key, list[tuple[Wait, Session]]] = defaultdict(list)
        for session in self.status.sessions:
            if (session.busy or 0) >= self.longest and not session.vacuum:
                for wait in self.in_the_way(session.locks, snapshot=session.snapshot):
                    found[wait.migration.key].append((wait, session))
        for waits in found.values():
            yield sorted(waits, key=lambda one: (one[0].badness, one[1].busy or 0), reverse=True)

    def writing_much(self) -> Iterator[tuple[PendingMigration, Target]]:
        """Pending migrations that write much WAL, each with the table that they do."""
        for migration in self.pending:
            if target := next((one for one in migration.targets if one.writes_much), None):
                yield migration, target


class Wait(NamedTuple):
    """A pending migration that would wait for somebody at a relation.

    Attributes:
        held: The lock that it waits for; None if it waits for a snapshot.
        queues: Whether it waits in the queue for a lock, where others come to stand behind it.
    """

    migration: PendingMigration
    target: Target
    held: LockMode | None
    queues: bool

    @property
    def badness(self) -> tuple[bool, int]:
        """The greater, the worse: others wait behind whoever is in a queue."""
        return self.queues, self.target.lock.strength


def _wait(migration: PendingMigration, target: Target, locks: Mapping[str, LockMode], snapshot: bool) -> Wait | None:
    held = locks.get(target.relation)
    if held is not None and conflicts(target.lock, held):
        return Wait(migration, target, held, queues=True)
    if held is not None and target.awaits is not None and conflicts(target.awaits, held):
        return Wait(migration, target, held, queues=False)
    return Wait(migration, target, None, queues=False) if snapshot and target.awaits_snapshots else None


def _actions(operation: ReplayedOperation) -> Iterator[Action]:
    for statement in operation.forward:
        yield from statement.parsed.actions
