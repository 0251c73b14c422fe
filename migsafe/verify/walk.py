"""One walk over the history on a real server, on which each wanted migration is tried on copies of the database."""

from collections.abc import Collection, Iterator
from typing import NamedTuple, Self

import networkx

from migsafe.project.execute import Executor
from migsafe.project.graph import History, Key
from migsafe.project.operations import ReplayedMigration
from migsafe.project.replay import Replay
from migsafe.sandbox.server import Server
from migsafe.verification import Verification
from migsafe.verify.trial import Options, Progress, Trial
from migsafe.verify.verdict import judged


class Verified(NamedTuple):
    """What came out for a migration; ``replayed`` is None for one that nobody has asked about, and that fails."""

    verification: Verification
    replayed: ReplayedMigration | None


class Walk:
    """Migrates an empty database to the last of the wanted migrations, and tries these on the way.

    Iterating gives what came out for each of them, in the order in which ``migrate`` applies them, and for those before
    them that fail. The walk goes on with what does not depend on these.

    Args:
        executor: Runs migrations on databases of ``server``, which are dropped when the context ends.
        wanted: Migrations to verify.

    Attributes:
        unreached: Wanted migrations that depend on one that fails.
    """

    def __init__(
        self,
        history: History,
        executor: Executor,
        server: Server,
        wanted: Collection[Key],
        options: Options,
        progress: Progress = lambda key, phase: None,
    ) -> None:
        self.unreached: list[Key] = []
        self._history = history
        self._wanted = set(wanted)
        self._trial = Trial(server, executor, options, progress)
        self._replay = Replay(history.project, history, server.version, backward=True, wanted=wanted)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._trial.close()

    @property
    def dsn(self) -> str:
        """Connection string of the database, as far as it has come."""
        return self._trial.dsn

    def __iter__(self) -> Iterator[Verified]:
        trial, replayed = self._trial, iter(self._replay)
        blocked: set[Key] = set()
        left = set(self._wanted)
        for key in self._history.order:
            if not left:
                return
            migration = next(replayed) if key in left else None
            left.discard(key)
            if key in blocked:
                if migration is not None:
                    self.unreached.append(key)
                continue
            if migration is not None:
                yield Verified(trial.run(key, migration), migration)
            elif (run := trial.apply(key)).failure is not None:
                path = str(self._history.path(key))
                yield Verified(judged(Verification(app=key[0], migration=key[1], path=path, forward=run)), None)
            if not trial.reached:
                blocked.update(networkx.descendants(self._history.digraph, key))
