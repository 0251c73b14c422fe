"""Migrations of a plan, or the originals, on one database that code of one release or two uses meanwhile."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from migsafe.planning import Check, Phase, Stalled, WriteMigration
from migsafe.project.execute import Reached
from migsafe.project.graph import Key
from migsafe.project.recording import STOPPED
from migsafe.sandbox.rolling import Running, Sessions, cutting
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

ROUNDS = 2
"""Rounds that every session makes while both releases run."""

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
        self._progress = progress
        self._reached: list[tuple[Key, Reached]] = [(("", ""), start.at)]

    def apply(self, key: Key, deploy: int, release: Release, step: WriteMigration | None = None) -> Phase:
        """Apply a migration while code of one release runs, with interruptions if it is not atomic.

        One that gives up on a lock is tried again, as its comment says.

        Args:
            step: What is known of it.
        """
        at = self._reached[-1][1]
        with self._running(".".join(key), [release]) as running:
            running.rounds(1)
            interrupted = 0
            for attempt in self._attempts(key, step):
                now, run = attempt(self._database, key, at)
                if run.failure is None or not any(text in run.failure.error for text in (*CUT, GAVE_UP)):
                    break
                interrupted += GAVE_UP not in run.failure.error
            running.rounds(1)
        if run.failure is None:
            self._reached.append((key, now))
        return self._phase(".".join(key), deploy, running, run, interrupted=interrupted)

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
        name = f"unapply {'.'.join(key)}"
        (_, before), (_, after) = self._reached[-2:]
        with self._running(name, [release]) as running:
            running.rounds(1)
            for _ in range(TRIES):
                _, run = self._databases.backward(self._database, key, before, after, patience=PATIENCE)
                if run.failure is None or not any(text in run.failure.error for text in GAVE_WAY):
                    break
            running.rounds(1)
        if run.failure is None:
            self._reached.pop()
        return self._phase(name, deploy, running, run)

    def rollout(self, deploy: int, releases: Sequence[Release], checks: Sequence[Check]) -> Phase:
        """Let code of one release take the place of another, and make the checks when only that is left."""
        name = f"rollout of deploy {deploy}" if deploy else "rollout"
        with self._running(name, releases) as running:
            running.rounds(ROUNDS)
        with self._running(name, releases[-1:]) as alone:
            alone.rounds(1)
        running.add(alone)
        wrong = [
            f"{check.what}: {check.sql} gives {answer}, not {check.expected}"
            for check in checks
            if check.sql and (answer := self._sessions.ask(check.sql)) != (check.expected or answer)
        ]
        return self._phase(name, deploy, running, failure="; ".join(wrong) or None)

    @contextmanager
    def _running(self, name: str, releases: Sequence[Release]) -> Iterator[Running]:
        self._progress(name)
        for worker in self._workers:
            worker.releases = releases
        with self._sessions.running([worker.round for worker in self._workers]) as running:
            yield running

    def _phase(
        self,
        name: str,
        deploy: int,
        running: Running,
        run: Run | None = None,
        *,
        interrupted: int = 0,
        failure: str | None = None,
    ) -> Phase:
        statements = run.statements if run else ()
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
            for release, one in running.stalls(statements)
        )
        return Phase(
            name=name,
            deploy=deploy,
            seconds=run.seconds if run else running.seconds,
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
