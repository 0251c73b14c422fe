"""Historical models rendered as far as needed lead to the SQL of Django's own states, at a cost that does not grow."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.projects import app, migration, run_python, write_project

SHOP = Path(__file__).parents[2] / "scenarios" / "shop"

REPLAY = """
import json
from pathlib import Path
from django.db.migrations.state import ModelState, ProjectState
from migsafe.project import replay as module
from migsafe.project.graph import History
from migsafe.project.load import load

class PlainState(ProjectState):
    "Django's own, with what the replay calls beside Django's methods."

    def __init__(self, registries):
        super().__init__(real_apps=registries.real_apps)
        self.registries = registries
        self.apps

    def clone(self):
        clone = ProjectState.clone(self)
        clone.__class__, clone.registries = PlainState, self.registries
        return clone

rendered = []
render = ModelState.render

def counting(self, apps):
    rendered.append(f"{self.app_label}.{self.name_lower}" + ("" if len(self.fields) > 1 else " (key)"))
    return render(self, apps)

ModelState.render = counting

def run(state):
    module.HistoricalState = state
    for one in module.Replay(project, history, 16, backward=True):
        yield f"{one.app}.{one.name}", {
            "rendered": list(rendered),
            "failures": [[o.unanalysed, o.backward_unanalysed] for o in one.operations],
            "forward": sorted([o.index, s.deferred, s.parsed.sql] for o, s in one.executed()),
            "backward": sorted([o.index, s.deferred, s.parsed.sql] for o, s in one.executed_backward()),
        }
        rendered.clear()

from tests.equality import frozen

frozen.freeze()  # the SQL has defaults such as the current time in it
project = load(Path.cwd())
history = History(project)
lazy = module.HistoricalState
"""


def replayed(folder: Path, script: str) -> Any:
    ran = run_python(folder, REPLAY + script)
    assert ran.code == 0, ran.stderr
    return json.loads(ran.stdout)


def compare(folder: Path) -> None:
    lazy, plain = replayed(folder, "print(json.dumps([dict(run(lazy)), dict(run(PlainState))]))")
    assert lazy.keys() == plain.keys()
    for key, expected in plain.items():
        for what in ("failures", "forward", "backward"):
            assert lazy[key][what] == expected[what], key


def model(name: str, fields: str = "", options: str = "") -> str:
    return (
        f'migrations.CreateModel("{name}", fields=[("id", models.AutoField(primary_key=True)),'
        f' ("name", models.TextField(default="")), {fields}], options={{{options}}})'
    )


def fk(name: str, to: str, options: str = "") -> str:
    return f'("{name}", models.ForeignKey("{to}", models.CASCADE, {options}))'


def chain(label: str, *migrations: tuple[str, ...]) -> dict[str, str]:
    return app(
        label,
        {
            f"{number:04}": migration(*operations, dependencies=((label, f"{number - 1:04}"),) if number > 1 else ())
            for number, operations in enumerate(migrations, start=1)
        },
    )


def hub(spokes: int) -> dict[str, str]:
    """An app in which everything refers to one model and to its neighbour, then some changes."""

    def spoke(number: int) -> str:
        many = f'("many", models.ManyToManyField("dense.Hub", related_name="many{number}"))'
        neighbour = [fk("next", f"dense.Spoke{number - 1}")] if number else []
        return model(f"Spoke{number}", ", ".join([fk("hub", "dense.Hub"), many, *neighbour]))

    return chain(
        "dense",
        (model("Hub"), *map(spoke, range(spokes))),
        ('migrations.AddField("Spoke5", "note", models.TextField(null=True))',),
        ('migrations.AddField("Spoke5", "more", models.TextField(null=True))',),
        ('migrations.AddField("Hub", "note", models.TextField(null=True))',),
        ('migrations.AddField("Spoke6", "note", models.TextField(null=True))',),
        ('migrations.AlterField("Hub", "id", models.BigAutoField(primary_key=True))',),
        ('migrations.RenameModel("Spoke5", "Fifth")', 'migrations.RenameModel("Hub", "Centre")'),
    )


@pytest.mark.slow
def test_shop_is_the_same_with_djangos_own_states() -> None:
    compare(SHOP)


@pytest.mark.slow
def test_dense_relations_are_the_same_with_djangos_own_states(tmp_path: Path) -> None:
    compare(write_project(tmp_path, hub(12)))


def test_an_operation_renders_its_model_and_keys_of_others(tmp_path: Path) -> None:
    ran = replayed(write_project(tmp_path, hub(12)), "print(json.dumps(dict(run(lazy))))")
    assert len(ran["dense.0001"]["rendered"]) <= 4 * 13
    # The models that it refers to are kept from before, reduced to their keys.
    assert ran["dense.0002"]["rendered"] == ["dense.spoke5"]
    assert ran["dense.0003"]["rendered"] == ["dense.spoke5"]
    assert ran["dense.0004"]["rendered"] == ["dense.hub"]
    # A change of the hub that leaves its key as it was is nothing to those that refer to it.
    assert ran["dense.0005"]["rendered"] == ["dense.spoke6"]
    # A change of its key is: now the models that refer to it are needed, before and after.
    assert {"dense.spoke0", "dense.spoke11"} <= set(ran["dense.0006"]["rendered"])


def test_cost_of_an_operation_does_not_grow_with_the_number_of_models(tmp_path: Path) -> None:
    counts = [
        [len(one["rendered"]) for key, one in replayed(project, "print(json.dumps(dict(run(lazy))))").items()][1:5]
        for project in (write_project(tmp_path / "few", hub(8)), write_project(tmp_path / "many", hub(40)))
    ]
    assert counts[0] == counts[1]


def test_a_state_does_not_change_with_the_one_after_it(tmp_path: Path) -> None:
    """Django changes fields that name a renamed one in place; the state before has to keep the old name."""
    relations = chain(
        "named",
        (
            'migrations.CreateModel("Country", fields=[("code", models.CharField(max_length=2, primary_key=True)),'
            ' ("iso", models.CharField(max_length=3, unique=True))])',
            model("City", fk("country", "named.Country", 'to_field="iso"')),
        ),
        ('migrations.RenameField("Country", "iso", "iso3")',),
        (
            'migrations.AlterField("City", "country", models.ForeignKey("named.Country", models.PROTECT, to_field="iso3"))',
        ),
        ('migrations.AlterField("Country", "iso3", models.CharField(max_length=9, unique=True))',),
    )
    project = write_project(tmp_path, relations)
    ran = replayed(project, "print(json.dumps(dict(run(lazy))))")
    assert all(failure == [None, None] for one in ran.values() for failure in one["failures"])
    assert any("DROP CONSTRAINT" in sql for *_, sql in ran["named.0004"]["forward"])
    compare(project)
