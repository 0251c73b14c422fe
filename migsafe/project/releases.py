"""What the models and the schema are at some points of a history: the releases of a plan."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from django.db.migrations.state import ProjectState

from migsafe.actions import AddConstraint, CreateIndex
from migsafe.project.graph import History, Key
from migsafe.project.load import Project
from migsafe.project.operations import ReplayedMigration
from migsafe.project.replay import Point, Replay
from migsafe.sql.catalog import Catalog


class Release(NamedTuple):
    """A point of the history.

    Attributes:
        state: Django's models there; not to be changed.
    """

    state: ProjectState
    catalog: Catalog


class Releases(NamedTuple):
    """Some points of a history.

    Attributes:
        before: Just before the first of the migrations.
        after: After each of them.
        end: After the last migration of the project.
        unknown: What SQL of these migrations builds on columns that their tables do not have, in words.
    """

    before: Release
    after: dict[Key, Release]
    end: Release
    unknown: tuple[str, ...]


def releases(
    project: Project, history: History, postgres: int, keys: Collection[Key], start: Point | None = None
) -> Releases:
    """Replay a history, and look at the models and the schema before and after some migrations of it.

    Args:
        postgres: Major version of the target server.
        keys: At least one.
        start: As for `Replay`.
    """
    replay = Replay(project, history, postgres, wanted=keys, start=start)
    point = replay.until(keys)
    before = Release(point.state, point.session.catalog)
    after, unknown = {}, list[str]()
    for one in replay:
        after[one.app, one.name] = Release(replay.state, one.after)
        unknown += _unknown(one)
    catalog = replay.end()
    return Releases(before, after, Release(replay.state, catalog), tuple(unknown))


def _unknown(migration: ReplayedMigration) -> Iterator[str]:
    for _, statement in migration.executed():
        catalog = statement.before
        for action in statement.parsed.actions:
            what, columns = "", set[str | None]()
            match action:
                case CreateIndex():
                    what, columns = f"index {action.name}", {key.column for key in action.keys} | {*action.include}
                case AddConstraint():
                    what, columns = f"constraint {action.constraint.name}", {*action.constraint.columns}
            table = catalog.table(action.relation) if isinstance(action, CreateIndex | AddConstraint) else None
            missing = sorted(one for one in columns - table.columns.keys() if one) if table else []
            if missing and table and table.kind != "view":
                yield f"{migration.name}: {what} is on {missing[0]}, which {table.name.name} does not have"
            catalog = catalog.after(action)
