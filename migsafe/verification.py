"""The nouns of ``migsafe verify``: what a real server did with a migration. Frozen values, as in `migsafe.model`.

Names of relations carry their schema unless that is ``public``. Durations are seconds.
"""

from typing import Literal

import msgspec

from migsafe.model import Effect, LockMode, Report

Direction = Literal["forward", "backward", "forward again"]
Provider = Literal["docker", "local", "wheel", "dsn"]
Verdict = Literal["reversible", "loses data", "irreversible", "not clean", "not verified"]
ProbeAction = Literal["select", "insert", "update", "delete"]
Order = Literal["any", "migrate first", "code first", "neither", "not verified"]


class Executed(msgspec.Struct, frozen=True, kw_only=True):
    """One statement that changes the schema or rows, as the server has executed it.

    Attributes:
        sql: As the server got it, parameters merged in; of what is very long, the beginning.
        operation: Index of the operation that it is of; None for what the migration itself executes around them.
        transaction: Whether it ran in a transaction block.
        seconds: How long it took.
        rows: How many rows it has inserted, updated or deleted; None for what does not count rows.
        predicted: Effects that migsafe predicts from the same text and the schema that it met; None if not analysed.
        observed: Effects that were seen on relations that existed before its transaction; None if nothing was watched.
            Locks that earlier statements of the transaction hold are in neither, unless it makes them stronger.
        built: Indexes that it has built.
        error: The server's message when it was refused, else None.
    """

    sql: str
    operation: int | None
    transaction: bool
    seconds: float
    rows: int | None = None
    predicted: tuple[Effect, ...] | None = None
    observed: tuple[Effect, ...] | None = None
    built: tuple[str, ...] = ()
    error: str | None = None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A prediction that did not come true: a bug of migsafe.

    Attributes:
        statement: Index in `Run.statements`.
        predicted: In words (``ACCESS EXCLUSIVE, rewrite``); ``nothing``.
        observed: The same.
        exceeds: Whether more was observed than predicted: the dangerous kind.
    """

    statement: int
    relation: str
    predicted: str
    observed: str
    exceeds: bool


class Queries(msgspec.Struct, frozen=True, kw_only=True):
    """What the Python code of one operation has asked of the server.

    Attributes:
        operation: Its index.
        count: How many statements it has executed.
        rows: How many rows they have inserted, updated or deleted.
        repeated: The text that it has executed most often but for its values, if more than once.
        times: How often; as often as there are rows is a query per row.
        whole_tables: Tables that single statements have read whole or changed in all rows.
    """

    operation: int
    count: int
    seconds: float
    rows: int
    repeated: str | None = None
    times: int = 0
    whole_tables: tuple[str, ...] = ()


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Where something stopped.

    Attributes:
        error: Class and text, in one paragraph: ``IntegrityError: column "x" contains null values``.
        sql: The statement that was refused; None if none was.
        operation: Index of the operation, None if it was outside of all.
        line: 1-based line in the migration file, None if it is not known.
        hint: What to do if the server lacks something that production may have (an extension, a locale), or if a limit
            of the run was reached.
        limit: Whether it was stopped at a limit of the run.
    """

    error: str
    sql: str | None = None
    operation: int | None = None
    line: int | None = None
    hint: str | None = None
    limit: bool = False


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A migration, applied or unapplied once.

    Attributes:
        seconds: All of it, with Django's own work.
        statements: In the order in which they ran. What Python code repeats with other values is only counted, in
            ``queries``; so are its SELECTs.
        queries: By operation with Python code.
        failure: Why it was not carried out; None if it was.
    """

    direction: Direction
    seconds: float
    statements: tuple[Executed, ...] = ()
    queries: tuple[Queries, ...] = ()
    differences: tuple[Difference, ...] = ()
    failure: Failure | None = None


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A table that was given rows.

    Attributes:
        rows: How many it has now.
        reason: What stopped it from having as many as were asked for, with the constraint; None if it has.
    """

    table: str
    rows: int
    reason: str | None = None


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """What code of one release does with one model on a schema, as Django sends it.

    Attributes:
        model: ``app_label.ModelName``.
        action: What was tried.
        sql: The statement, or the last of several.
        error: The server's message; None if it worked.
        writing: The value that it fails with, where others work: ``NULL in note``. The field allows it; whether code
            writes it, nobody knows. None if it fails with any value.
        reason: Why it could not be tried, e.g. no row to be had; None if it could.
    """

    model: str
    table: str
    action: ProbeAction
    sql: str | None = None
    error: str | None = None
    writing: str | None = None
    reason: str | None = None


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """Which order of deploy works.

    Attributes:
        order: ``migrate first`` if only that works, and so on.
        old_code: What code from before the migration does on the schema after it.
        new_code: What code from after it does on the schema before it.
    """

    order: Order = "not verified"
    old_code: tuple[Probe, ...] = ()
    new_code: tuple[Probe, ...] = ()


class RowDifference(msgspec.Struct, frozen=True, kw_only=True):
    """Data that is not what it was before, after the migration was applied and unapplied.

    Attributes:
        column: None for rows as a whole.
        rows: How many differ.
        added: Whether there is now something where nothing was: rows, or values in place of NULL. Nothing is lost then.
    """

    table: str
    column: str | None
    rows: int
    added: bool = False


class SchemaDifference(msgspec.Struct, frozen=True, kw_only=True):
    """One object that is not the same in two schemas.

    Attributes:
        kind: ``table``, ``column``, ``constraint``, ``index``, ``sequence``, ``view``, ``trigger``, ``function``,
            ``type`` and the like.
        name: Of the object: ``shop_order``, ``shop_order.note``.
        before: Its definition; None if it is new.
        after: Its definition; None if it is gone.
        harmless: Whether it changes nothing for anybody who does not look closely (the order of columns).
    """

    kind: str
    name: str
    before: str | None
    after: str | None
    harmless: bool = False


class Interrupted(msgspec.Struct, frozen=True, kw_only=True):
    """A migration that is not atomic, stopped after one of its statements and run again.

    Attributes:
        statement: Index in the statements of the forward run.
        left: What it had left behind when it was stopped.
        failure: Why it cannot be run again; None if it can.
    """

    statement: int
    sql: str
    left: tuple[SchemaDifference, ...] = ()
    failure: Failure | None = None


class Stall(msgspec.Struct, frozen=True, kw_only=True):
    """The longest that other sessions had to wait for a table while the migration ran.

    Attributes:
        queries: How many they made.
        seconds: The longest of them.
        lock: What the one that it waited for held or waited for; None if it did not wait for a lock.
        sql: The statement of the migration that it waited for, if known.
        errors: What they were refused with, without repetitions.
    """

    table: str
    kind: Literal["reads", "writes"]
    queries: int
    seconds: float
    lock: LockMode | None = None
    sql: str | None = None
    errors: tuple[str, ...] = ()


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """One migration, proven.

    Attributes:
        path: The file, relative to the working directory where possible.
        verdict: Whether it can be undone.
        why: In one sentence, what the verdict rests on; empty for ``reversible``.
        filled: Tables that it touches, and those they need.
        forward: None if the state before it could not be reached.
        refused: What it fails with on rows that the schema before it allows; None if it does not. All else is then with
            rows that it accepts: those that the schema after it allows, or none.
        backward: None if it was not tried.
        again: Applied after it was unapplied; None if it was not tried.
        rows: What is not as it was after applying and unapplying.
        schema: What unapplying does not bring back.
        schema_again: What differs between the schema of the first time and of the second.
        interrupted: Of a migration that is not atomic: by statement.
        traffic: Empty unless it was asked for.
        disturbed: What it fails with under traffic; None if it does not.
    """

    app: str
    migration: str
    path: str
    verdict: Verdict = "not verified"
    why: str = ""
    filled: tuple[Filled, ...] = ()
    forward: Run | None = None
    refused: Failure | None = None
    rollout: Rollout = Rollout()
    backward: Run | None = None
    again: Run | None = None
    rows: tuple[RowDifference, ...] = ()
    schema: tuple[SchemaDifference, ...] = ()
    schema_again: tuple[SchemaDifference, ...] = ()
    interrupted: tuple[Interrupted, ...] = ()
    traffic: tuple[Stall, ...] = ()
    disturbed: Failure | None = None

    @property
    def lost(self) -> tuple[RowDifference, ...]:
        return tuple(one for one in self.rows if not one.added)

    @property
    def runs(self) -> tuple[Run, ...]:
        return tuple(run for run in (self.forward, self.backward, self.again) if run is not None)

    @property
    def compared(self) -> tuple[Run, ...]:
        """Runs whose predictions say something: the second time does not meet the schema that they are about, if
        unapplying has left another one, and be it with other names.
        """
        return tuple(run for run in self.runs if run is not self.again or not self.schema)


class VerifyReport(Report, frozen=True, kw_only=True):
    """What ``migsafe verify`` says: a report with what it rests on.

    Attributes:
        provider: Where the server was from.
        server: Its version, such as ``16.14``.
        rows: How many each table was to have.
        verifications: In the order in which ``migrate`` would apply them.
        signals: Handlers of ``pre_migrate`` and ``post_migrate`` that failed, with the error; ``migrate`` would stop.
        unreached: Migrations that were not verified since one before them cannot be applied: ``app.name``.
    """

    provider: Provider
    server: str
    rows: int
    verifications: tuple[Verification, ...]
    signals: dict[str, str] = msgspec.field(default_factory=dict)
    unreached: tuple[str, ...] = ()
