"""A plan, carried out on a real server deploy by deploy, while code of the releases before and after runs.

One database stands just before the change. A copy of it is taken through the original migrations at rest, which says
what the schema and the rows have to be; another one through the plan, under traffic. Last, the originals run under
traffic themselves, for comparison.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from msgspec.structs import replace

from migsafe.errors import GraphError
from migsafe.planning import CodeError, Phase, Plan, Proof, WrongRows
from migsafe.planning import Run as Command
from migsafe.project.execute import Executor
from migsafe.project.graph import History, Key, overlaid
from migsafe.project.operations import ReplayedMigration
from migsafe.project.orm import Lineage, Sample, State, computed_fields, state_after
from migsafe.project.state import choices_of
from migsafe.sandbox.fill import fill
from migsafe.sandbox.rolling import Sessions, execute, refuses
from migsafe.sandbox.rows import rows_of
from migsafe.sandbox.schema import differences, snapshot
from migsafe.sandbox.server import Server
from migsafe.verification import SchemaDifference
from migsafe.verify.databases import Databases, Place
from migsafe.verify.ends import expected, settle, wrong_rows
from migsafe.verify.ground import Ground, NotReached, ground
from migsafe.verify.phases import UNAPPLY, Phases, Progress
from migsafe.verify.rolling import Pool, Release, Worker

WORKERS = 4
"""Sessions that read and write."""

READERS = 2
"""Sessions that only read: the others may all wait to write."""

SAMPLES = 8
"""Rows of each model that each of them may insert."""

KEPT = 3
"""Rows of each model that were there before the change, and that each of them changes."""

EMPTY = "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    pass\n"
"""A migration that does nothing."""

FOREIGN_KEY = "violates foreign key constraint"
"""What is said of a row that refers to one that is not there."""

BEFORE = "before"
AFTER = "after"
"""Names of releases: those of the plan are ``deploy 1`` and so on."""


def prove(
    plan: Plan,
    history: History,
    migrations: Sequence[ReplayedMigration],
    server: Server,
    executor: Executor,
    *,
    rows: int,
    progress: Progress = lambda phase: None,
) -> Proof:
    """Carry a plan out. What cannot be tried is in `Proof.unproven`, with the reason.

    Args:
        history: With the original migrations.
        migrations: The originals, in order.
        server: A throwaway one.
        executor: Runs migrations on it; in its context.
        rows: How many the tables that the change touches are to have.
    """
    databases = Databases(server, executor, alone=False)
    proof = Proof(server=server.release or str(server.version), rows=rows, phases=())
    try:
        with (
            planned(plan, history) as new,
            ground(databases, history, migrations, rows + WORKERS * SAMPLES) as found,
            ExitStack() as stack,
        ):
            trial = _Trial(plan, history, new, databases, found, progress, stack)
            return trial.proven(proof)
    except (NotReached, GraphError) as error:
        return replace(proof, unproven=(str(error),))
    except Exception as error:  # noqa: BLE001, models, fields and migrations may raise anything
        return replace(proof, unproven=(f"the proof could not go on: {type(error).__name__}: {error}",))


def planned(plan: Plan, history: History) -> AbstractContextManager[History]:
    """The history with the migrations of a plan in the place of those that it replaces.

    What needs these is not carried out: it is there without operations, since later deploys may come after it.

    Raises:
        MigsafeError: They cannot be loaded.
    """
    targets = {(app, name) for app, _, name in (target.partition(".") for target in plan.targets)}
    sources: dict[Key, str | None] = dict.fromkeys(targets)
    sources |= dict.fromkeys(history.after(targets) - targets, EMPTY)
    sources |= {one.key: one.source for deploy in plan.deploys for one in deploy.migrations}
    return overlaid(history, sources)


class _Trial:
    def __init__(
        self,
        plan: Plan,
        history: History,
        planned: History,
        databases: Databases,
        ground: Ground,
        progress: Progress,
        stack: ExitStack,
    ) -> None:
        self._plan = plan
        self._history = history
        self._planned = planned
        self._databases = databases
        self._ground = ground
        self._progress = progress
        self._notes: dict[str, None] = {}
        before, after = (
            (place.at.state, stack.enter_context(databases.executor.beside(databases.address(place.database))))
            for place in (ground.before, ground.after)
        )
        targets = [(app, name) for app, _, name in (target.partition(".") for target in plan.targets)]
        self._lineage = Lineage(before, after, ground.tables | _locked(plan), computed_fields(history, targets))
        self._lines = self._lineage.lines
        self._samples: list[tuple[Sample, ...]] = []
        """By line; first those that are in no database any more."""
        self._taken: list[int] = []
        """How many that are."""

    def proven(self, proof: Proof) -> Proof:
        """Carry out the plan, and then the originals."""
        ground, databases = self._ground, self._databases
        self._take_samples()
        codes = self._codes()
        self._lineage.close()
        workers = self._workers()
        with (
            databases.copy(ground.before.database) as copy,
            Sessions(databases.dsn(copy), WORKERS + READERS) as sessions,
        ):
            databases.executor.history = self._planned
            phases = Phases(databases, Place(copy, ground.before.at), proof.rows, sessions, workers, self._progress)
            with phases.running(codes[0]):
                done = self._forward(phases, codes)
            if done and all(phase.failure is None for phase in done):
                proof = replace(proof, finished=True, **self._end(copy, workers))
                with phases.running(codes[-2]):
                    back, not_reversible = self._backward(phases, codes)
                done, proof = [*done, *back], replace(proof, not_reversible=not_reversible)
            databases.executor.history = self._history
        done = [replace(phase, errors=tuple(self._of_code(phase, len(codes) - 1))) for phase in done]
        return replace(
            proof,
            phases=tuple(done),
            original=tuple(self._original(codes, proof.rows)),
            unproven=tuple(self._unproven(codes)),
        )

    def _take_samples(self) -> None:
        """Take rows out of the tables, for code to insert them, and choose others for it to change."""
        lineage, known = self._lineage, self._ground.refused is None
        wanted = WORKERS * SAMPLES
        free: list[list[Sample]] = []
        kept: list[list[Sample]] = []
        for line in lineage.lines:
            new = line.before is None
            if new and known:
                at = self._ground.after
                lineage.close()
                dsn, choices = self._databases.dsn(at.database), choices_of(at.at.state)
                fill(dsn, [line.table], wanted, referred=0, choices=choices)
            keys = lineage.keys(line, 2 * (wanted + WORKERS * KEPT), new=new)
            samples = {one.key: one for one in lineage.samples(line, keys, known=known)}
            taken: list[str] = []
            left = [key for key in keys if key in samples]
            while left and len(taken) < wanted:
                number = wanted - len(taken)
                possible = lineage.take(line, left[:number])
                taken += [key for key in left[:number] if key in possible]
                left = left[number:]
            free.append([samples[key] for key in taken])
            kept.append([] if new else [samples[key] for key in left[: WORKERS * KEPT]])
        # Only now is it known what there is to refer to.
        for line, gone, there in zip(lineage.lines, free, kept, strict=True):
            own = lineage.written(line, lineage.insertable(line, gone))
            self._samples.append((*own, *there))
            self._taken.append(len(own))
        lineage.restart()

    def _codes(self) -> list[Release]:
        """What code of each release has, from the one before the plan on."""
        start = self._ground.before.at.state
        codes = [self._release(BEFORE, start, first=True)]
        keys: list[Key] = []
        for deploy in self._plan.deploys:
            keys += [migration.key for migration in deploy.migrations]
            codes.append(self._release(f"deploy {deploy.number}", state_after(self._planned, keys, start)))
        return codes

    def _release(self, name: str, state: State, *, first: bool = False) -> Release:
        made = (
            (number, self._lineage.code(name, state, line, self._samples[number], first=first))
            for number, line in enumerate(self._lineage.lines)
        )
        return {number: code for number, code in made if code is not None}

    def _workers(self) -> list[Worker]:
        """As many as there are sessions, each that writes with rows of its own."""

        def pool(line: int, worker: int) -> Pool:
            samples, taken = self._samples[line], self._taken[line]
            keys = {number: sample.key for number, sample in enumerate(samples)}
            return Pool(range(worker, taken, WORKERS), keys=keys, rows=range(taken + worker, len(samples), WORKERS))

        lines = range(len(self._lineage.lines))
        writing = [Worker(worker, {line: pool(line, worker) for line in lines}) for worker in range(WORKERS)]
        none = {line: Pool((), {}, ()) for line in lines}
        reading = [Worker(WORKERS + each, none, writes=False) for each in range(READERS)]
        return [*writing, *reading]

    def _forward(self, phases: Phases, codes: Sequence[Release]) -> list[Phase]:
        """One deploy after the other, as far as migrations can be applied and checks hold."""
        done: list[Phase] = []
        for deploy, old, new in zip(self._plan.deploys, codes, codes[1:], strict=False):
            for migration in deploy.migrations:
                done.append(phases.apply(migration.key, deploy.number, old, migration))
                if done[-1].failure is not None:
                    return done
            done.append(phases.rollout(deploy.number, [old, new], deploy.checks))
            if done[-1].failure is not None:
                return done
        return done

    def _backward(self, phases: Phases, codes: Sequence[Release]) -> tuple[list[Phase], tuple[str, ...]]:
        """Take one deploy after the other back, the last first."""
        done: list[Phase] = []
        for deploy, old in reversed(list(zip(self._plan.deploys, codes, strict=False))):
            for migration in reversed(deploy.migrations):
                phase = phases.unapply(migration.key, deploy.number, old)
                if phase.failure is not None:
                    return done, (f"deploy {deploy.number}: {'.'.join(migration.key)}: {phase.failure}",)
                done.append(phase)
        return done, ()

    def _end(self, database: str, workers: Sequence[Worker]) -> dict[str, Any]:
        """What differs from the end of the originals."""
        made, carried_out = map(self._databases.dsn, (self._ground.after.database, database))
        wrong: tuple[WrongRows, ...] = ()
        compared = 0
        known = self._ground.refused is None
        for message in settle(made, expected(self._lineage, self._samples, workers)) if known else ():
            self._notes[f"What code has written cannot be compared: {message}"] = None
        execute(made, _renamed(self._plan.keeps))
        if known:
            wrong, unknown = wrong_rows(self._lineage, self._samples, workers, made, carried_out)
            for table, number in unknown.items():
                self._notes[
                    f"{number:,} rows of {table} are not compared: code has written them, and the change deletes rows"
                    " by what is in them: when each was written decides"
                ] = None
            compared = rows_of(carried_out, [line.table_after for line in self._lineage.lines if line.table_after])
        schema = differences(snapshot(made), snapshot(carried_out))
        return {
            "wrong_rows": wrong,
            "rows_compared": compared,
            "schema": tuple(_told(one) for one in schema if not one.harmless),
        }

    def _original(self, codes: Sequence[Release], rows: int) -> Iterator[Phase]:
        """The originals, in one deploy."""
        databases, before = self._databases, self._ground.before
        databases.executor.history = self._history
        last = self._release(AFTER, self._ground.after.at.state)
        self._lineage.close()
        with Sessions(databases.dsn(before.database), WORKERS + READERS) as sessions:
            phases = Phases(databases, before, rows, sessions, self._workers(), self._progress)
            with phases.running(codes[0]):
                for target in self._plan.targets:
                    app, _, name = target.partition(".")
                    phase = phases.apply((app, name), 0, codes[0])
                    yield phase
                    if phase.failure is not None:
                        return
                yield phases.rollout(0, [codes[0], last], ())

    def _of_code(self, phase: Phase, last: int) -> Iterator[CodeError]:
        """Those that code does not meet on the schema of its own release as well, nor because rows are gone."""
        own = {BEFORE: self._ground.before.database, f"deploy {last}": self._ground.after.database}
        gone = [line for line in self._lines if line.after is None]
        refer = {line.name for line in self._lines if line.refers_to(gone)}
        for error in phase.errors:
            database = own.get(error.release)
            if database and error.sql and refuses(self._databases.dsn(database), error.sql) == error.error:
                why = "also on the schema of its own release"
            elif phase.name.startswith(UNAPPLY) and error.model in refer and FOREIGN_KEY in error.error:
                why = "a table that was dropped is there again, but empty"
            else:
                yield error
                continue
            self._notes[f"{error.model}: {error.action}: {why}: {error.error}"] = None

    def _unproven(self, codes: Sequence[Release]) -> Iterator[str]:
        if self._ground.refused is not None:
            yield f"The originals refuse the rows that could be had, so rows are not compared: {self._ground.refused}"
        for table in self._ground.filled:
            if table.reason is not None:
                yield f"{table.table} has {table.rows:,} rows: {table.reason}"
        for code in codes:
            for one in code.values():
                if one.reason is not None:
                    yield f"{one.model} is not used in every way by code of {one.release}: {one.reason}"
        for deploy in self._plan.deploys:
            for step in deploy.steps:
                if isinstance(step, Command):
                    yield f"Deploy {deploy.number}: {step.command} was not run"
        yield from self._notes


def _locked(plan: Plan) -> frozenset[str]:
    """What the plan's statements are known to lock."""
    return frozenset(
        effect.relation
        for deploy in plan.deploys
        for migration in deploy.migrations
        for statement in migration.statements
        for effect in statement.effects
    )


def _renamed(keeps: Mapping[str, str]) -> Iterator[str]:
    """Statements that give what the originals make the names that the plan keeps."""
    for kept, made in sorted(keeps.items(), key=lambda item: "." in item[0]):
        if "." not in kept:
            yield f"ALTER TABLE {_quoted(made)} RENAME TO {_quoted(kept)}"
            continue
        # What is in a table is a column or a constraint.
        table, _, old = kept.rpartition(".")
        new, alter = made.rpartition(".")[2], f"ALTER TABLE {_quoted(table)} RENAME"
        within = f"conrelid = '{_quoted(table)}'::regclass AND conname = '{new}'"
        yield (
            f"DO $$ BEGIN IF EXISTS (SELECT FROM pg_constraint WHERE {within})"
            f" THEN {alter} CONSTRAINT {_quoted(new)} TO {_quoted(old)};"
            f" ELSE {alter} COLUMN {_quoted(new)} TO {_quoted(old)}; END IF; END $$"
        )


def _quoted(name: str) -> str:
    return ".".join(f'"{part}"' for part in name.split("."))


def _told(difference: SchemaDifference) -> str:
    """A difference in words."""
    name = f"{difference.kind} {difference.name}"
    if difference.after is None:
        return f"{name} is missing: {difference.before}"
    if difference.before is None:
        return f"{name} should not be there: {difference.after}"
    return f"{name} is {difference.after}, not {difference.before}"
