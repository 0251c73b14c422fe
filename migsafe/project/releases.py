"""What the models and the schema are at some points of a history: the releases of a plan."""

from collections.abc import Collection
from typing import NamedTuple

from django.db.migrations.state import ProjectState

from migsafe.project.graph import History, Key
from migsafe.project.load import Project
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
    """

    before: Release
    after: dict[Key, Release]
    end: Release


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
    after = {(one.app, one.name): Release(replay.state, one.after) for one in replay}
    catalog = replay.end()
    return Releases(before, after, Release(replay.state, catalog))
