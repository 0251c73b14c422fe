"""When a migration runs, as markers of syzygy 1.2.3 and django-safemigrate 4.3 and 6.0 say it."""

import pytest

from migsafe.applied import Stage
from migsafe.project.graph import History
from migsafe.project.replay import Replay
from migsafe.project.stages import stage
from migsafe.testing import Migration, Scenario

SYZYGY = """
from enum import Enum


class Stage(Enum):
    PRE_DEPLOY = "pre_deploy"
    POST_DEPLOY = "post_deployment"
"""
SAFEMIGRATE_4 = """
from enum import Enum


class Safe(Enum):
    always = "always"
    before_deploy = "before_deploy"
    after_deploy = "after_deploy"
"""
SAFEMIGRATE_6 = """
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum


class When(Enum):
    ALWAYS = "always"
    BEFORE_DEPLOY = "before_deploy"
    AFTER_DEPLOY = "after_deploy"


@dataclass
class Safe:
    when: When
    delay: timedelta | None = None

    @classmethod
    def always(cls):
        return cls(When.ALWAYS)

    @classmethod
    def before_deploy(cls):
        return cls(When.BEFORE_DEPLOY)

    @classmethod
    def after_deploy(cls, *, delay=None):
        return cls(When.AFTER_DEPLOY, delay)
"""
OWN = """
class Safe:
    pass
"""
CREATE = (
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)), ("note", models.TextField())])'
)
ADD = 'migrations.AddField("order", "status", models.TextField(null=True))'
REMOVE = 'migrations.RemoveField("order", "note")'
SQL = "migrations.RunSQL('SELECT 1')"


def read(migration: Migration, scenario: Scenario | None = None) -> Stage | None:
    """What is read of the second migration of a project, and what the replay says."""
    initial = Migration(CREATE)
    with (scenario or Scenario())._project((), (initial, migration), {}) as (project, _, keys, _):
        history = History(project)
        found = stage(history.migration(keys[-1]))
        (replayed,) = Replay(project, history, 16, wanted=keys[1:])
        assert replayed.stage == found
        return found


@pytest.mark.parametrize(
    ("package", "marker", "expected"),
    [
        (SYZYGY, "stage = Stage.PRE_DEPLOY", "before"),
        (SYZYGY, "stage = Stage.POST_DEPLOY", "after"),
        (SAFEMIGRATE_4, "safe = Safe.before_deploy", "before"),
        (SAFEMIGRATE_4, "safe = Safe.after_deploy", "after"),
        (SAFEMIGRATE_4, "safe = Safe.always", "any"),
        (SAFEMIGRATE_6, "safe = Safe.before_deploy", "before"),
        (SAFEMIGRATE_6, "safe = Safe.before_deploy()", "before"),
        (SAFEMIGRATE_6, "safe = Safe.after_deploy", "after"),
        (SAFEMIGRATE_6, "safe = Safe.after_deploy(delay=timedelta(days=7))", "after"),
        (SAFEMIGRATE_6, "safe = Safe.always()", "any"),
    ],
)
def test_a_marker_is_known_by_what_it_looks_like(package: str, marker: str, expected: Stage) -> None:
    assert read(Migration(ADD, code=package, attributes=marker)) == expected


@pytest.mark.parametrize(
    ("package", "marker"),
    [
        ("", "safe = True"),
        ("", 'stage = "beta"'),
        ("", "stage = 2"),
        (OWN, "safe = Safe()"),
        (OWN, "safe = Safe"),
        ("", ""),
    ],
)
def test_what_looks_otherwise_is_no_marker(package: str, marker: str) -> None:
    assert read(Migration(REMOVE, code=package, attributes=marker)) is None


FILES = {"syzygy/__init__.py": SYZYGY, "stages.py": f"{SYZYGY}\n"}
STAGED = f"""
{SYZYGY}

class Staged(migrations.AddField):
    stage = Stage.POST_DEPLOY
"""


@pytest.mark.parametrize(
    ("migration", "expected"),
    [
        (Migration(REMOVE), "after"),
        (Migration('migrations.DeleteModel("order")'), "after"),
        (Migration(ADD), "before"),
        (Migration(SQL), "before"),
        (Migration(ADD.replace("migrations.AddField", "Staged"), code=STAGED), "after"),
        (Migration(ADD, REMOVE), None),  # AmbiguousStage
        (Migration(), None),
        (Migration(REMOVE, code=SYZYGY, attributes="stage = Stage.PRE_DEPLOY"), "before"),
    ],
)
def test_where_syzygy_is_installed_it_takes_the_stage_from_the_operations(
    migration: Migration, expected: Stage | None
) -> None:
    assert read(migration, Scenario(installed=["syzygy"], files=FILES)) == expected
    if not migration.attributes:
        assert read(migration) is None


def test_settings_of_syzygy_count() -> None:
    scope: dict[str, object] = {}
    exec(SYZYGY, scope)
    after = scope["Stage"]("post_deployment")  # type: ignore[operator]

    def with_settings(**settings: object) -> Scenario:
        return Scenario(installed=["syzygy"], files=FILES, settings=settings)

    override = with_settings(MIGRATION_STAGES_OVERRIDE={"shop.0002_change": after})
    assert read(Migration(ADD), override) == "after"
    assert read(Migration(ADD), with_settings(MIGRATION_STAGES_OVERRIDE={"shop": after})) == "after"
    fallback = with_settings(MIGRATION_STAGES_FALLBACK={"shop": after})
    assert read(Migration(ADD, REMOVE), fallback) == "after"
    assert read(Migration(ADD), fallback) == "before"
