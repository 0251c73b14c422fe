"""How far a replay goes: to the last wanted migration, and to the end of the history only if it is asked for that."""

from pathlib import Path

from tests.projects import app, migration, run_python, write_project

SCRIPT = """
from pathlib import Path
from migsafe.project.graph import History
from migsafe.project.load import load
from migsafe.project.replay import Replay

history = History(load(Path.cwd()))
replay = Replay(history.project, history, 16, wanted={("orders", "0002_b")})
tables = lambda catalog: sorted(name.name for name in catalog.tables)
print([(one.name, tables(one.after)) for one in replay], tables(replay.connection.catalog), tables(replay.end()))
"""


def test_the_end_of_the_history_is_replayed_on_demand(tmp_path: Path) -> None:
    names = ["0001_a", "0002_b", "0003_c"]
    files = {
        name: migration(
            f'migrations.CreateModel("{name[-1]}", [("id", models.BigAutoField(primary_key=True))])',
            dependencies=tuple(("orders", before) for before in names[:number][-1:]),
        )
        for number, name in enumerate(names)
    }
    ran = run_python(write_project(tmp_path, app("orders", files)), SCRIPT)
    assert ran.code == 0, ran.stderr
    until_b, everything = ["orders_a", "orders_b"], ["orders_a", "orders_b", "orders_c"]
    assert ran.stdout.strip() == f"{[('0002_b', until_b)]} {until_b} {everything}"
