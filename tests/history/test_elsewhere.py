"""Migrations that do nothing here, and something in another database or with other settings."""

import json
from pathlib import Path

import pytest

from tests.history.repositories import repository
from tests.projects import app, migration, run, write, write_project

ROUTER = """
    class Router:
        def allow_migrate(self, db, app_label, **hints):
            return (db == "other") == (app_label == "far")
"""
SETTINGS = """
    DATABASES["other"] = {"ENGINE": "django.db.backends.postgresql", "NAME": "other"}
    DATABASE_ROUTERS = ["config.routers.Router"]
    BIG = False
"""
INSERT = "migrations.RunSQL([('INSERT INTO t VALUES (%s)', [{}])], migrations.RunSQL.noop)"
INDEX = """from django.conf import settings
from django.db import migrations


class Migration(migrations.Migration):
    operations = []
    if settings.BIG:
        operations.append(migrations.RunSQL("{}", migrations.RunSQL.noop))
"""


@pytest.mark.slow
def test_sql_that_is_not_known_here_is_not_the_same(tmp_path: Path) -> None:
    apps = [app("far", {"0001_insert": migration(INSERT.format(1))}), app("near", {"0001_index": INDEX.format("A")})]
    write_project(tmp_path, *apps, extra=SETTINGS, **{"config/routers.py": ROUTER})
    repository(tmp_path, {})
    write(tmp_path / "far" / "migrations", {"0001_insert.py": migration(INSERT.format(2))})
    write(tmp_path / "near" / "migrations", {"0001_index.py": INDEX.format("B")})
    ran = run(tmp_path, "history", "--applied-ref", "main", "--format", "json")
    assert ran.code == 1, ran.stderr
    assert {row["app"]: row["status"] for row in json.loads(ran.stdout)["rows"]} == {"far": "edited", "near": "edited"}
    assert "the routers keep it out" in ran.stdout
