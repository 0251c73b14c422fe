"""Databases of the throwaway server, and what the migrations of the project do to them."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import NamedTuple

from msgspec.structs import replace

from migsafe.project.databases import Address
from migsafe.project.execute import Executor, Reached
from migsafe.project.graph import Key
from migsafe.sandbox.hints import hint_for
from migsafe.sandbox.server import Server
from migsafe.sandbox.watch import Watcher
from migsafe.verification import Direction, Run


class Place(NamedTuple):
    """A database, and where in the history it stands."""

    database: str
    at: Reached


class Databases:
    """Migrations are run on one at a time, and only one that nobody is connected to can be copied.

    Args:
        executor: Runs the project's migrations; in its context.
        alone: Whether nobody else uses the databases while migrations run, who would have to wait for those who watch.
    """

    def __init__(self, server: Server, executor: Executor, *, alone: bool = True) -> None:
        self.server = server
        self.executor = executor
        self._alone = alone

    def new(self) -> str:
        """Make an empty one; return its name."""
        database = self.server.create_database()
        self.executor.use(self.address(database))
        self.executor.prepare()
        return database

    @contextmanager
    def copy(self, database: str) -> Iterator[str]:
        """A copy of a database as it is now, for as long as the context lasts."""
        self.executor.close()
        copy = self.server.create_database(template=database)
        try:
            yield copy
        finally:
            self.drop(copy)

    def drop(self, database: str) -> None:
        self.executor.close()
        self.server.drop_database(database)

    def address(self, database: str) -> Address:
        server = self.server
        return Address(server.host, server.port, server.user, server.password or None, database, server.options)

    def dsn(self, database: str) -> str:
        return self.server.dsn(database)

    def forward(
        self,
        database: str,
        key: Key,
        at: Reached,
        *,
        watch: bool = True,
        stop_after: int | None = None,
        stop_repeating: int | None = None,
        direction: Direction = "forward",
    ) -> tuple[Reached, Run]:
        """Apply a migration; the arguments are as in `Executor.forward`."""
        self.executor.use(self.address(database))
        watcher = self._watcher(database) if watch else None
        reached, run = self.executor.forward(
            key, at, watcher=watcher, stop_after=stop_after, stop_repeating=stop_repeating, direction=direction
        )
        return reached, self._hinted(run)

    def backward(
        self,
        database: str,
        key: Key,
        before: Reached,
        after: Reached,
        *,
        watch: bool = True,
        patience: float | None = None,
    ) -> tuple[Reached, Run]:
        """Unapply a migration; the arguments are as in `Executor.backward`.

        Args:
            patience: Seconds that it may wait for a lock, if less than otherwise.
        """
        self.executor.use(self.address(database))
        watcher = self._watcher(database) if watch else None
        with nullcontext() if patience is None else self.executor.impatient(patience):
            return self.executor.backward(key, before, after, watcher=watcher)

    def _watcher(self, database: str) -> Watcher:
        return Watcher(self.dsn(database), disturb=self._alone)

    def deployed(self, database: str, at: Reached) -> None:
        """Let Django's signals do what they do when everything so far has been deployed, as in production it has."""
        self.executor.use(self.address(database))
        self.executor.deployed(at)

    def _hinted(self, run: Run) -> Run:
        """The same with who has what the server lacks, if that is why it failed."""
        if run.failure is None or run.failure.hint is not None:
            return run
        return replace(run, failure=replace(run.failure, hint=hint_for(run.failure.error, self.server.provider)))
