"""MS709: what makemigrations would write."""

import pytest

from migsafe.api import lint_project
from migsafe.model import Severity
from migsafe.rules import models_changed
from migsafe.testing import Migration, Scenario
from tests.rules.history import found

CREATE = Migration(
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True, serialize=False)),'
    ' ("note", models.CharField(max_length=20))])',
    'migrations.CreateModel("Old", [("id", models.BigAutoField(primary_key=True, serialize=False))],'
    ' options={"managed": False})',
)
MODELS = """
from django.db import models

class Order(models.Model):
    id = models.BigAutoField(primary_key=True)
    note = models.CharField(max_length=20)

class Old(models.Model):
    id = models.BigAutoField(primary_key=True)

    class Meta:
        managed = False
"""
NOTE = "note = models.CharField(max_length=20)"


def project(models: str) -> Scenario:
    return Scenario(files={"shop/models.py": models})


def test_models_that_migrations_make_are_fine() -> None:
    assert found(models_changed.rule, CREATE, scenario=project(MODELS)) == ()


@pytest.mark.parametrize(
    ("old", "new", "said", "severity"),
    [
        (NOTE, f"{NOTE}\n    total = models.IntegerField()", "Add field total to order", Severity.ERROR),
        (NOTE, "note = models.CharField(max_length=30)", "Alter field note on order", Severity.ERROR),
        (NOTE, "note = models.CharField(max_length=20, db_column='n')", "Alter field note on order", Severity.ERROR),
        (NOTE, "note = models.CharField('Note', max_length=20)", "Alter field note on order", Severity.WARNING),
        (NOTE, f"{NOTE}\n    class Meta:\n        ordering = ['id']", "Change Meta options on order", Severity.WARNING),
        ("class Old(", "class Older(", "Create model Older; Delete model Old", Severity.WARNING),
        ("class Order(", "class Purchase(", "Create model Purchase; Delete model Order", Severity.ERROR),
    ],
)
def test_changes_are_named_in_djangos_words(old: str, new: str, said: str, severity: Severity) -> None:
    (finding,) = found(models_changed.rule, CREATE, scenario=project(MODELS.replace(old, new)))
    assert finding.message == f"Models of shop have changed without a migration: {said}"
    assert finding.severity is severity
    assert "python manage.py makemigrations shop\n" in finding.fix
    assert "This makes `0002_" in finding.fix


def test_only_apps_that_the_run_is_about() -> None:
    changed = project(MODELS.replace("20", "30"))
    assert found(models_changed.rule, CREATE, scenario=changed, apps=["orders"]) == ()


def test_an_app_that_has_no_migration_yet() -> None:
    """Also for the whole of lint, which may leave out apps."""
    files = {f"new/{name}": "" for name in ("__init__.py", "migrations/__init__.py")} | {"new/models.py": MODELS}
    scenario = Scenario(files={**files, "shop/models.py": MODELS}, installed=["new"])
    with scenario._project((), [CREATE], {}) as (project, config, _, root):
        report = lint_project(project, config, rules=[models_changed.rule], past=True, below=root)
        named = lint_project(project, config, ["shop"], rules=[models_changed.rule], past=True, below=root)
    assert [(one.app, one.message.partition(": ")[2]) for one in report.findings] == [
        ("new", "Create model Old; Create model Order")
    ]
    assert named.findings == ()


def test_what_cannot_be_compared_is_said() -> None:
    remove = 'migrations.RemoveField("order", "note")'
    twice = Migration(remove), Migration(remove)
    (finding,) = found(models_changed.rule, CREATE, *twice, scenario=project(MODELS))
    assert finding.severity is Severity.INFO
    assert "is not known: KeyError: 'note'" in finding.message
    sides = (Migration(remove, name=f"0002_{side}", dependencies=[("shop", "0001_initial")]) for side in "ab")
    # That there is a conflict is said anyway.
    assert found(models_changed.rule, CREATE, *sides, scenario=project(MODELS)) == ()
