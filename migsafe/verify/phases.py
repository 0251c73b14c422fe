"""Migrations of a plan, or the originals, on one database that code of one release or two uses meanwhile."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from migsafe.planning import Check, Phase, Stalled, WriteMigration
from migsafe.project.execute import Reached
from migsafe.project.graph import Key
from migsafe.project.recording import STOPPED
from migsafe.sandbox.rolling import Sessions, cutting
from migsafe.verification import Run
from migsafe.verify.databases import Databases, Place
from migsafe.verify.rolling import Release, Worker, errors

CUT = (STOPPED, "terminating connection due to administrator command", "server closed the connection unexpectedly")
"""What is said of a migration that was stopped from outside."""

PATIENCE = 0.2
"""Seconds that going back waits for a lock: less than it takes PostgreSQL to look for a deadlock, and to end code."""

TRIES = 10
"""How often a migration is tried, if others have the locks."""

GAVE_UP = "canceling statement due to lock timeout"
"""What is said of a migration that has a lock_timeout of its own."""

GAVE_WAY = ("lock timeout", "deadlock detected")
"""What is said of a migration that others are in the way of."""

BATCH = 1_000
"""Rows that Python code is taken to write at once."""

START = 16
"""How often each model is used in every way before the first migration: as often as it takes for rows to be deleted."""

ROLLING = 8
"""How often that is while code of two releases runs, which each time makes some of the queries."""

TURNS = 2
"""How often after each migration, and when only code of one release is left."""

UNAPPLY = "unapply"
"""What names of phases begin with in which a migration is taken back."""

Progress = Callable[[str], None]
"""Told which phase begins."""


class Phases:
    """What happens to one database, one phase after the other.

    Args:
        start: The database, and where it stands.
        rows: How many the main tables have.
        sessions: On that database.
        workers: What each of these does.
    """

    def __init__(
        self,
        databases: Databases,
        start: Place,
        rows: int,
        sessions: Sessions,
        workers: Sequence[Worker],
        progress: Progress,
    ) -> None:
        self._databases = databases
        self._database = start.database
        self._batches = rows // BATCH
        self._sessions = sessions
        self._workers = workers
        self._models = len(workers[0].pools)
        self._progress = progress
        self._releases: Sequence[Release] = ()
        self._reached: list[tuple[Key, Reached]] = [(("", ""), start.at)]

    def apply(self, key: Key, deploy: int, release: Release, step: WriteMigration | None = None) -> Phase:
        """Apply a migration while code of one release runs, with interruptions if it is not atomic.

        One that gives up on a lock is tried again, as its comment says.

        Args:
            step: What is known of it.
        """
        at = self._reached[-1][1]
        self._begin(".".join(key), [release])
        interrupted = 0
        for attempt in self._attempts(key, step):
            now, run = attempt(self._database, key, at)
            if run.failure is None or not any(text in run.failure.error for text in (*CUT, GAVE_UP)):
                break
            interrupted += GAVE_UP not in run.failure.error
        if run.failure is None:
            self._reached.append((key, now))
        self._turns(TURNS)
        return self._phase(".".join(key), deploy, run, interrupted=interrupted)

    def _attempts(
        self, key: Key, step: WriteMigration | None
    ) -> Iterator[Callable[[str, Key, Reached], tuple[Reached, Run]]]:
        """Ways to apply a migration that are tried one after the other as long as it is stopped, or gives up."""
        forward = self._databases.forward
        if not self._databases.executor.history.migration(key).atomic:
            if step and any("CONCURRENTLY" in statement.sql for statement in step.statements):
                yield self._cut
            yield partial(forward, stop_after=1)
            if step and step.opaque:
                yield partial(forward, stop_repeating=max(self._batches // 2, 1))
            else:
                yield partial(forward, stop_after=2)
        for _ in range(TRIES):
            yield forward

    def _cut(self, database: str, key: Key, at: Reached) -> tuple[Reached, Run]:
        """Apply a migration, and end its session if it waits while it builds or drops an index online."""
        with cutting(self._databases.dsn(database)):
            return self._databases.forward(database, key, at)

    def unapply(self, key: Key, deploy: int, release: Release) -> Phase:
        """Unapply the migration that was applied last, while code of one release runs."""
        name = f"{UNAPPLY} {'.'.join(key)}"
        (_, before), (_, after) = self._reached[-2:]
        self._begin(name, [release])
        for _ in range(TRIES):
            _, run = self._databases.backward(self._database, key, before, after, patience=PATIENCE)
            if run.failure is None or not any(text in run.failure.error for text in GAVE_WAY):
                break
        if run.failure is None:
            self._reached.pop()
        self._turns(TURNS)
        return self._phase(name, deploy, run)

    def rollout(self, deploy: int, releases: Sequence[Release], checks: Sequence[Check]) -> Phase:
        """Let code of one release take the place of another, and make the checks when only that is left."""
        name = f"rollout of deploy {deploy}" if deploy else "rollout"
        self._begin(name, releases, ROLLING)
        self._use(releases[-1:], TURNS)
        wrong = [
            f"{check.what}: {check.sql} gives {answer}, not {check.expected}"
            for check in checks
            if check.sql and (answer := self._sessions.ask(check.sql)) != (check.expected or answer)
        ]
        return self._phase(name, deploy, failure="; ".join(wrong) or None)

    @contextmanager
    def running(self, release: Release) -> Iterator[None]:
        """Let code run, of this release at first: it goes on while migrations come and go."""
        for worker in self._workers:
            worker.releases = self._releases = [release]
        with self._sessions.running([worker.turn for worker in self._workers]) as self._running:
            self._turns(START if len(self._reached) == 1 else TURNS)
            yield

    def _begin(self, name: str, releases: Sequence[Release], turns: int = TURNS) -> None:
        self._progress(name)
        if releases != self._releases:
            self._use(releases, turns)

    def _use(self, releases: Sequence[Release], turns: int) -> None:
        for worker in self._workers:
            worker.releases = self._releases = releases
        self._turns(turns)

    def _turns(self, number: int) -> None:
        """Wait until code has used each model so often."""
        self._running.turns(range(self._models), number)

    def _phase(
        self,
        name: str,
        deploy: int,
        run: Run | None = None,
        *,
        interrupted: int = 0,
        failure: str | None = None,
    ) -> Phase:
        statements, met = run.statements if run else (), self._running.met()
        stalls = tuple(
            Stalled(
                table=one.table,
                kind=one.kind,
                release=release,
                queries=one.queries,
                seconds=one.seconds,
                lock=one.lock,
                sql=one.sql,
            )
            for release, one in met.stalls(statements)
        )
        return Phase(
            name=name,
            deploy=deploy,
            seconds=run.seconds if run else met.seconds,
            statements=statements,
            longest_read=_longest(stalls, "reads") if run else None,
            longest_write=_longest(stalls, "writes") if run else None,
            stalls=stalls,
            errors=errors(self._workers),
            failure=run.failure.error if run and run.failure else failure,
            interrupted=interrupted,
        )


def _longest(stalls: Sequence[Stalled], kind: str) -> float | None:
    return max((one.seconds for one in stalls if one.kind == kind), default=None)
