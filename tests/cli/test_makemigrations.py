"""``migsafe makemigrations``: what Django makes, and what lint says of it."""

import json
from pathlib import Path

import pytest

from migsafe.sandbox.server import Server
from tests.projects import app, migration, run_python, write_project

ORDER = '("id", models.BigAutoField(primary_key=True))'
SCRIPT = """
    import contextlib, io, json, os, sys
    from migsafe.cli import main

    os.environ["MIGSAFE_POSTGRES"] = "16"
    for arguments in json.loads({runs!r}):
        with contextlib.redirect_stdout(io.StringIO()) as said:
            try:
                main(["makemigrations", *arguments, "--format", "json"])
            except SystemExit as exit_:
                code = exit_.code
        report = json.loads(said.getvalue() or "{{}}")
        made = [f"{{one['app']}}.{{one['name']}}" for one in report.get("migrations", [])]
        print(code, *made, *[one["code"] for one in report.get("findings", [])])
    """


@pytest.fixture
def project(tmp_path: Path) -> Path:
    code = 'models.CharField(max_length=9, default="")'
    models = f"from django.db import models\n\nclass Order(models.Model):\n    code = {code}\n"
    orders = app("orders", {"0001_initial": migration(f'migrations.CreateModel("Order", [{ORDER}])')}, models)
    new = app("new", {}, "from django.db import models\n\nclass Thing(models.Model):\n    pass\n")
    return write_project(tmp_path, orders, new)


def made(project: Path, *runs: list[str]) -> tuple[list[str], str]:
    ran = run_python(project, SCRIPT.format(runs=json.dumps(runs)))
    return ran.stdout.splitlines(), ran.stderr


def test_what_it_makes_is_linted_and_nothing_else(project: Path) -> None:
    said, _ = made(project, ["--dry-run"], ["-nhello", "orders"], ["new"], ["orders"])
    assert said == ["0", "1 orders.0002_hello MS101", "0 new.0001_initial", "0"]
    assert (project / "orders/migrations/0002_hello.py").exists()


def test_what_it_replaces_is_linted_anew(project: Path, postgres: Server, database: str) -> None:
    """``--update`` asks the database whether the migration is applied."""
    server = {"HOST": postgres.host, "PORT": postgres.port, "USER": postgres.user, "NAME": database}
    with (project / "config/settings.py").open("a") as settings:
        settings.write(f"DATABASES['default'].update({server!r})\n")
    existing = migration("migrations.RunSQL('SELECT 1', '')", dependencies=(("orders", "0001_initial"),))
    (project / "orders/migrations/0002_old.py").write_text(existing)
    said, _ = made(project, ["--update", "--name", "again", "orders"])
    assert said == ["1 orders.0002_again MS101"]
    assert not (project / "orders/migrations/0002_old.py").exists()


def test_its_exit_codes_and_errors_are_kept(project: Path) -> None:
    said, errors = made(project, ["--check"], ["nope"], ["--bogus"], ["orders", "--name", "no-name"])
    assert said == ["1", "2", "2", "2"]
    assert "No installed app with label 'nope'." in errors
    assert "error: makemigrations: unrecognized arguments: --bogus" in errors
    assert "error: makemigrations: The migration name must be a valid Python identifier." in errors
