"""What the replay hands on: migrations, operations and their SQL, with the schema each statement meets.

Frozen values without Django in them, so that rules and plans can use them without a project being loaded.
"""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from migsafe.actions import Parsed
from migsafe.applied import Stage
from migsafe.project.suppressions import Suppression
from migsafe.python import HistoricalModels, PythonFunction
from migsafe.sql.catalog import Catalog
from migsafe.sql.effects import Analysis
from migsafe.sql.session import Session


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """What Django's settings tell of a database.

    Attributes:
        alias: Its key in DATABASES.
        user: The role that connects; None if the settings do not say.
        lock_timeout: Whether they set one for every connection.
        pooled: Whether they look like those for a pooler such as PgBouncer in transaction mode.
    """

    alias: str = "default"
    user: str | None = None
    lock_timeout: bool = False
    pooled: bool = False


class SqlStatement(msgspec.Struct, frozen=True):
    """One statement in the order in which the server gets it.

    Attributes:
        parsed: Its text and its actions.
        before: The schema just before it runs.
        deferred: Collected while its operation ran, executed at the end of the migration
            (``BaseDatabaseSchemaEditor.deferred_sql``).
        transaction: Whether it runs inside a transaction block (``Migration.atomic``, ``Operation.atomic``).
        text: Number of the text that the server gets it in, with other statements: without a transaction block, a text
            is a transaction of its own. None if it is sent alone.
    """

    parsed: Parsed
    before: Catalog
    deferred: bool
    transaction: bool
    text: int | None = None


class ReplayedOperation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of a migration with its SQL.

    Attributes:
        kind: Class name (``AddField``).
        bases: Names of all classes in its MRO below ``Operation``, most derived first, with their modules
            (``django.db.migrations.operations.fields.AddField``): how rules recognise subclasses.
        line: 1-based line in the migration file, None when it is not written there literally.
        models: Lower-case ``app_label.model_name`` of the models it is about, if any.
        exchanges: The automatic table of a many-to-many field, if it would exchange that for a ``through`` model's, or
            the other way round; also when another operation adds the field again.
        removes: What it takes out of the project's models, state operations included: ``app_label.model_name`` or
            ``app_label.model_name.field_name``, lower-case.
        in_models: Of the tables and views that its SQL drops, renames, moves or empties, and the columns it drops or
            renames (``table.column``), those that models of running code have (`ReplayedMigration.old_code_runs`).
        awaited: Of the tables that its SQL makes or gives another name, and such columns (``table.column``), those that
            models have after the migration, if the code with these models runs before it.
        left_to_database: Columns (``table.column``) whose default, identity or expression its SQL changes while running
            code leaves their values to the database: it has a ``db_default`` or the like, or no field for the column at
            all.
        forgets: Columns (``table.column``) that it takes out of the models without touching the database.
        atomic: Whether it runs in a transaction (``Migration.atomic``, ``Operation.atomic``).
        opaque: Why its effect on data is not known (``RunPython``), or None.
        python: The functions that it calls (``RunPython``), those that unapply it last.
        source: Python source of the forward function of a RunPython, None when it cannot be had.
        computed: Literals in its SQL that are others each time it is made (the present time, a random value) → name of
            the function that computes them; empty if that is the team's own.
        unanalysed: Why its SQL could not be had offline, or None.
        forward: Statements that apply it.
        backward: Statements that unapply it; empty when not reversible, or not asked for.
        backward_unanalysed: Why the backward SQL could not be had, or None.
        serialized: The operation as Django writes it, and the imports that this needs, if models are asked for; None
            where Django cannot.
        renamed_field: Of RenameField: the field as Django writes it, and the imports that this needs, if models are
            asked for.
        models_before: The project's models before it; None if not asked for.
        models_after: The same after it.
    """

    index: int
    kind: str
    bases: tuple[str, ...]
    description: str
    line: int | None
    models: tuple[str, ...]
    exchanges: str | None = None
    removes: tuple[str, ...] = ()
    in_models: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()
    left_to_database: tuple[str, ...] = ()
    forgets: tuple[str, ...] = ()
    reversible: bool
    elidable: bool
    atomic: bool = True
    opaque: str | None = None
    python: tuple[PythonFunction, ...] = ()
    source: str | None = None
    computed: dict[str, str] = {}
    unanalysed: str | None = None
    forward: tuple[SqlStatement, ...] = ()
    backward: tuple[SqlStatement, ...] = ()
    backward_unanalysed: str | None = None
    serialized: tuple[str, tuple[str, ...]] | None = None
    renamed_field: tuple[str, tuple[str, ...]] | None = None
    models_before: HistoricalModels | None = None
    models_after: HistoricalModels | None = None

    def settled(self, sql: str) -> str:
        """SQL of its own that is the same each time: with the names of functions for the values that they compute."""
        for literal, name in self.computed.items():
            sql = sql.replace(literal, f"'{name or '?'}'")
        return sql

    def is_a(self, name: str) -> bool:
        """Whether it is an instance of the class called ``name`` (``RunSQL``), or of a subclass of it."""
        return any(base.rpartition(".")[2] == name for base in self.bases)


class ReplayedMigration(msgspec.Struct, frozen=True, kw_only=True):
    """One migration, replayed.

    Attributes:
        path: Absolute path of its file.
        before: The schema just before it.
        after: The schema it leaves.
        suppressions: Comments in its file and in its SQL that are about findings.
        stage: When it runs, seen from the deploy of its code, if a marker says so.
        routed_elsewhere: Whether the routers keep some of it out of the database, so that no SQL is known of that.
    """

    app: str
    name: str
    path: str
    atomic: bool
    initial: bool
    replaces: tuple[tuple[str, str], ...]
    dependencies: tuple[tuple[str, str], ...]
    operations: tuple[ReplayedOperation, ...]
    before: Catalog
    after: Catalog
    suppressions: tuple[Suppression, ...] = ()
    stage: Stage | None = None
    routed_elsewhere: bool = False

    @property
    def old_code_runs(self) -> bool:
        """Whether code of the release before may run when it does: the code that running code means then.

        If a marker says that it runs after the deploy, running code is the release that it belongs to.
        """
        return self.stage != "after"

    def executed(self) -> Iterator[tuple[ReplayedOperation, SqlStatement]]:
        """Forward statements in the order in which the server gets them: deferred ones last."""
        for deferred in (False, True):
            for operation in self.operations:
                for statement in operation.forward:
                    if statement.deferred is deferred:
                        yield operation, statement

    def executed_backward(self) -> Iterator[tuple[ReplayedOperation, SqlStatement]]:
        """Backward statements in the order in which the server gets them: last operation first, deferred ones last."""
        for deferred in (False, True):
            for operation in reversed(self.operations):
                for statement in operation.backward:
                    if statement.deferred is deferred:
                        yield operation, statement

    def refuses(self, operation: ReplayedOperation) -> bool:
        """Whether Django refuses an operation before it makes any SQL.

        It does so if it cannot run in a transaction, or would have to exchange the table of a many-to-many field.
        """
        in_transaction = self.atomic and operation.is_a("NotInTransactionMixin")
        return operation.unanalysed is not None and (in_transaction or operation.exchanges is not None)

    def analysed(
        self, postgres: int, *, backward: bool = False
    ) -> Iterator[tuple[ReplayedOperation, SqlStatement, Analysis]]:
        """The statements of one direction in the order in which the server gets them, and what each would do."""
        session = Session(postgres=postgres, catalog=self.before)
        # Python code, which is not run, may put rows into tables.
        filled = any(operation.opaque for operation in self.operations)
        current: tuple[int, ...] | None = None
        for operation, statement in self.executed_backward() if backward else self.executed():
            transaction = self.transaction(operation, statement)
            changed, current = transaction != current, transaction
            session = replace(session.commit() if changed else session, catalog=statement.before)
            if changed and transaction is not None:
                session = session.begin(filled=filled)
            session, analysis = session.run(statement.parsed, alone=statement.text is None)
            yield operation, statement, analysis

    def transaction(self, operation: ReplayedOperation, statement: SqlStatement) -> tuple[int, ...] | None:
        """What tells apart the transactions that statements run in; None for one that commits by itself."""
        if not statement.transaction:
            return None if statement.text is None else (operation.index, statement.text)
        # In a migration that is not atomic, operations that are have a transaction each.
        return () if self.atomic else (operation.index,)
