"""Everything that can go wrong with a history, each in an app of its own: one repository, one database, one run each."""

import json
from pathlib import Path
from typing import Any

import psycopg

from migsafe.sandbox.server import Server
from tests.history.repositories import commit, repository
from tests.projects import app, migration, run, write, write_project

NOTHING = 'migrations.RunSQL("SELECT 1", migrations.RunSQL.noop)'
MODEL = """
    from django.db import models


    class Thing(models.Model):
        {}
"""


def then(*after: str, **more: Any) -> str:
    """A migration that comes after others, called ``app.name``, and changes no model."""
    operations = more.pop("operations", [NOTHING])
    return migration(*operations, dependencies=tuple(tuple(one.split(".")) for one in after), **more)  # type: ignore[misc]


def models(operation: str = "", *after: str) -> str:
    """One that changes a model."""
    key = 'models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")'
    return then(*after, operations=[operation or f'migrations.CreateModel("Thing", [("id", {key})])'])


def squashed(label: str) -> dict[str, str]:
    """Migrations of an app with a squash and all that it replaces."""
    replaces = f'replaces = [("{label}", "0001_initial"), ("{label}", "0002_next")]'
    return {
        "0001_initial": then(),
        "0002_next": then(f"{label}.0001_initial"),
        "0001_squashed_0002_next": then(attributes=replaces),
    }


RELEASED = {
    "broken": {"0001_initial": "class Migration(:"},
    "deleted": {"0001_initial": then(), "0002_gone": then("deleted.0001_initial")},
    "renamed": {"0001_initial": then(), "0002_old": then("renamed.0001_initial")},
    "moved": {"0001_initial": then(), "0002_next": then("moved.0001_initial")},
    "inserted": {"0001_initial": then(), "0002_next": then("inserted.0001_initial")},
    "forked": {"0001_initial": models()},
    "stale": {"0001_initial": models()},
    "clash": {"0001_initial": then(), "0002_one": then("clash.0001_initial")},
    "gap": {"0001_initial": then()},
    "squashed": squashed("squashed"),
    "typo": {"0001_initial": then()},
    "one": {"0001_initial": then()},
    "other": {"0001_initial": then("one.0001_initial")},
    "latest": {"0001_initial": then()},
    "needy": {"0001_initial": models()},
    "linear": {"0001_initial": then()},
}
CHANGE = {
    "broken/migrations/0001_initial.py": then(),
    "renamed/migrations/0002_new.py": RELEASED["renamed"]["0002_old"],
    "moved/migrations/0002_next.py": then("moved.0001_initial", "one.0001_initial"),
    "inserted/migrations/0003_before.py": then(
        "inserted.0001_initial", attributes='run_before = [("inserted", "0002_next")]'
    ),
    "forked/migrations/0002_left.py": models(
        'migrations.AddField("thing", "name", models.TextField(null=True))', "forked.0001_initial"
    ),
    "forked/migrations/0002_right.py": models(
        'migrations.AddIndex("thing", models.Index(fields=["id"], name="i"))', "forked.0001_initial"
    ),
    "clash/migrations/0002_two.py": then("clash.0002_one"),
    "gap/migrations/0003_next.py": then("gap.0001_initial"),
    "typo/migrations/0001_squashed_0002_x.py": then(
        attributes='replaces = [("typo", "0001_initial"), ("typo", "0002_mistyped")]'
    ),
    "one/migrations/0002_back.py": then("one.0001_initial", "other.0001_initial"),
    "latest/migrations/0002_latest.py": then("latest.0001_initial", "other.__latest__"),
    "needy/migrations/0002_thing.py": models(
        'migrations.AddField("thing", "far", models.ForeignKey("stale.Thing", models.CASCADE, null=True))',
        "needy.0001_initial",
    ),
    "linear/migrations/max_migration.txt": "0002_elsewhere\n",
}
MODELS = {
    "forked": "name = models.TextField(null=True)",
    "stale": "added = models.TextField(null=True)",
    "needy": 'far = models.ForeignKey("stale.Thing", models.CASCADE, null=True)',
}


SAID = {
    "broken MS723": "broken.0001_initial is applied (main), and cannot be compared with what it was: "
    "at main, it is no Python that can be read (line 1: invalid syntax)",
    "clash MS710": "0002_two has the same number as 0002_one, which it depends on",
    "deleted MS702": "deleted.0002_gone is applied (main), and its file is gone",
    "forked MS708": "App forked has several leaf nodes, 0002_left and 0002_right, "
    "which change different things of table forked_thing",
    "gap MS711": "0003_next comes after 0001_initial, and no migration of gap has number 0002",
    "inserted MS705": "inserted.0003_before has to come before inserted.0002_next, which is applied (main) without it: "
    "its run_before says so",
    "latest MS717": "Depends on the last migration of other, whichever that is: today 0001_initial",
    "linear MS720": "max_migration.txt of linear names 0002_elsewhere, but the last migration is 0001_initial",
    "moved MS704": "moved.0002_next is applied (main), and its dependencies changed",
    "needy MS718": "Field far refers to stale.thing, which stale.0001_initial makes, "
    "but the migration does not depend on that",
    "one MS716": "Apps one and other depend on each other: one.0002_back depends on other.0001_initial, "
    "and other.0001_initial depends on one.0001_initial",
    "renamed MS703": "renamed.0002_new is applied (main) as renamed.0002_old: under its new name it will run again",
    "squashed MS712": "0001_squashed_0002_next is applied in main: the migrations that it replaces can go",
    "stale MS709": "Models of stale have changed without a migration: Add field added to thing",
    "typo MS714": "0001_squashed_0002_x replaces typo.0002_mistyped, of which there is no file",
}


def released(folder: Path) -> Path:
    """All apps as they were when somebody deployed them, but for models, which are of the change."""
    apps = [
        app(label, files, MODEL.format(MODELS[label]) if label in MODELS else "") for label, files in RELEASED.items()
    ]
    return write_project(folder, *apps)


def found(folder: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    """Findings of all rules about history, by app and code."""
    ran = run(folder, *arguments, "--select", "MS7", "--format", "json", "--exit-zero", env={"MIGSAFE_IGNORE": None})
    assert ran.code == 0, ran.stderr
    return {f"{one['app']} {one['code']}": one for one in json.loads(ran.stdout)["findings"]}


def test_what_git_and_the_graph_tell(tmp_path: Path) -> None:
    git = repository(released(tmp_path), {})
    (tmp_path / "deleted/migrations/0002_gone.py").unlink()
    (tmp_path / "renamed/migrations/0002_old.py").unlink()
    write(tmp_path, CHANGE)
    commit(git)
    findings = found(tmp_path, "lint", "--applied-ref", "main")
    assert {name: one["message"] for name, one in findings.items()} == SAID
    # A pull request hears of what is applied and of what it adds, not of what was there before.
    assert found(tmp_path, "lint", "--since", "main").keys() == SAID.keys() - {"squashed MS712"}


def test_what_a_database_tells(tmp_path: Path, postgres: Server, database: str) -> None:
    target = {"NAME": database, "HOST": str(postgres.host), "PORT": postgres.port, "USER": postgres.user}
    write_project(
        tmp_path,
        app("half", squashed("half")),
        app("skipped", {"0001_initial": then(), "0002_next": then("skipped.0001_initial")}),
        app(
            "turned",
            {
                "0001_initial": then(),
                "0002_next": then("turned.0001_initial"),
                "0003_last": then("turned.0002_next"),
            },
        ),
        extra=f'DATABASES["default"].update({target!r})',
    )
    recorded = ["half.0001_initial", "skipped.0002_next", "removed.0001_initial"]
    recorded += [f"turned.{name}" for name in ("0001_initial", "0003_last", "0002_next", "0009_lost")]
    with psycopg.connect(postgres.dsn(database), autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE django_migrations (id serial PRIMARY KEY, app text, name text, applied timestamptz DEFAULT now())"
        )
        for name in recorded:
            connection.execute("INSERT INTO django_migrations (app, name) VALUES (%s, %s)", name.split("."))
    findings = found(tmp_path, "history", "--database", "default")
    assert {name: one["message"] for name, one in findings.items()} == {
        "half MS713": "database default has 1 of the 2 migrations that it replaces (half.0002_next missing), "
        "so Django does not use 0001_squashed_0002_next there",
        "removed MS706": "database default has recorded 1 migration of app removed, which is not installed",
        "skipped MS705": "skipped.0001_initial has to come before skipped.0002_next, "
        "which is applied (database default) without it: skipped.0002_next depends on it",
        "turned MS706": "database default has recorded turned.0009_lost, of which there is no file",
        "turned MS707": "database default has recorded turned.0003_last before turned.0002_next, on which it depends",
    }
