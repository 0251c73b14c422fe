"""What migsafe predicts is what a server does: over whole histories, for every statement that ``migrate`` executes.

A statement that is predicted to do less than it does is an outage. Each of them is predicted against the schema that those
before it have left, observed on a real server with rows in the tables, executed, and so on, up and down again.
"""

from pathlib import Path

import msgspec

import pytest

from migsafe.sandbox.observe import Observer
from migsafe.sandbox.server import Server
from tests.observed import Database
from tests.projects import run_python, write_project

pytestmark = pytest.mark.slow

SHOP = Path(__file__).parents[2] / "scenarios" / "shop"
CONTRIB = """
INSTALLED_APPS += [
    f"django.contrib.{app}"
    for app in ("admin", "auth", "contenttypes", "flatpages", "redirects", "sessions", "sites")
]
"""
REPLAY = """
import json
import sys
from pathlib import Path

from migsafe.config import load_config
from migsafe.project.graph import History
from migsafe.project.load import load

config = load_config(Path.cwd(), environ={{}})
project = load(Path.cwd(), settings=config.settings, env=config.env)
from migsafe.project.replay import Replay

migrations = list(Replay(project, History(project), {postgres}, backward=True))
executed = [migration.executed() for migration in migrations]
executed += [migration.executed_backward() for migration in reversed(migrations)]
sys.stdout.write(json.dumps([statement.parsed.sql for one in executed for _, statement in one]))
"""


@pytest.fixture(params=["shop", "django.contrib"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return SHOP if request.param == "shop" else write_project(tmp_path, extra=CONTRIB)


def test_every_statement_of_a_history_does_what_is_predicted(project: Path, postgres: Server, database: str) -> None:
    replayed = run_python(project, REPLAY.format(postgres=postgres.version))
    assert replayed.code == 0, replayed.stderr
    statements = msgspec.json.decode(replayed.stdout, type=list[str])

    with Observer(postgres.dsn(database)) as observer:
        watched = Database(observer)
        for statement in statements:
            watched.run(statement)

    assert watched.differences == []
    assert watched.compared >= len(statements) > 60
    assert watched.with_rows > 0.9 * watched.compared
