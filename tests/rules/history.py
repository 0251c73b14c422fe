"""Small projects for rules about history, loaded in this process: what rules find in them, and what Django does."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from migsafe.applied import Key, Past
from migsafe.model import Finding
from migsafe.project.graph import History
from migsafe.project.load import Project
from migsafe.project.nodes import graph
from migsafe.project.replay import Replay
from migsafe.rules import HistoryContext, Rule, in_history
from migsafe.testing import POSTGRES, Migration, Scenario


def found(
    rule: Rule,
    *migrations: Migration,
    scenario: Scenario | None = None,
    past: Past | None = None,
    looked_at: Collection[Key] | None = None,
    apps: Collection[str] | None = None,
    together: bool = False,
) -> tuple[Finding, ...]:
    """What a rule says of a project.

    Args:
        scenario: The project that has the migrations; by default one with nothing else in it.
        past: What is known to be applied; by default nothing.
        looked_at: What the run is about; None for everything.
        together: Whether that is one change.
    """
    with (scenario or Scenario())._project((), migrations, {}) as (project, _, _, root):
        history = History(project)
        described = graph(history, changes=True, shown=lambda path: path.removeprefix(f"{root}/"))
        replayed = {(one.app, one.name): one for one in Replay(project, history, POSTGRES)}
    keys = frozenset(described.nodes if looked_at is None else looked_at)
    context = HistoryContext(
        graph=described,
        past=past or Past(),
        looked_at=keys,
        apps=frozenset({app for app, _ in keys} if apps is None else apps),
        replayed=replayed,
        together=together,
    )
    return tuple(in_history(context, [rule]))


SQLITE = {"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}


@contextmanager
def with_database(migrations: Sequence[Migration]) -> Iterator[Project]:
    """A project with an empty database, for Django's own commands."""
    with Scenario(settings=SQLITE)._project((), migrations, {}) as (project, *_):
        try:
            yield project
        finally:
            # Django does not close databases in memory.
            if project.connection.connection is not None:
                project.connection.connection.close()
