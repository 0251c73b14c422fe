"""How code changes from release to release."""

from pathlib import Path

from migsafe.api import plan_project
from migsafe.config import Config
from migsafe.planning import ChangeCode
from migsafe.project.temporary import temporary_project
from migsafe.rules import choose_rules
from tests.projects import migration, write

MODELS = """\
from django.db import models


class Priced(models.Model):
    price = models.IntegerField(default=0)

    class Meta:
        abstract = True


class Seat(Priced):
    pass


class Box(Priced):
    pass
"""
ID = '("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))'


def created(name: str, field: str) -> str:
    return f'migrations.CreateModel("{name}", [{ID}, ("price", {field})])'


def test_field_of_an_abstract_class_changes_only_with_all_that_have_it(tmp_path: Path) -> None:
    before, after = "models.IntegerField(null=True)", "models.IntegerField(default=0)"
    changed = [f'migrations.AlterField("{name}", "price", {after})' for name in ("seat", "box")]
    first = (("theatre", "0001_initial"),)
    ways = {
        "one": ([created("Seat", before), created("Box", after)], changed[:1]),
        "both": ([created("Seat", before), created("Box", before)], changed),
    }
    found = {}
    for way, (initial, operations) in ways.items():
        files = {
            "theatre/__init__.py": "",
            "theatre/models.py": MODELS,
            "theatre/migrations/__init__.py": "",
            "theatre/migrations/0001_initial.py": migration(*initial),
            "theatre/migrations/0002_price.py": migration(*operations, dependencies=first),
        }
        root = write(tmp_path / way, files)
        config = Config(initial=True, postgres=16)
        with temporary_project(root, {"theatre": root}) as project:
            plan = plan_project(project, config, ["theatre.0002"], rules=choose_rules(config), below=root).plan
        steps = [step for deploy in plan.deploys for step in deploy.steps if isinstance(step, ChangeCode)]
        found[way] = [(step.name, step.by_hand, step.undo if step.by_hand else "") for step in steps]
        assert [bool(step.diff) for step in steps if not step.by_hand].count(True) == (2 if way == "both" else 0)
    why = "theatre.box has it from Priced as well: give theatre.seat a definition of its own"
    assert found["one"] == [("theatre.seat.price", True, why), ("theatre.seat.price", True, "")]
    assert not any(by_hand for _, by_hand, _ in found["both"])
