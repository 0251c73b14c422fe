"""``manage.py migsafe``: what ``migsafe`` says, from within a project that Django has set up."""

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from tests.projects import Ran, app, migration, run, write_project

ORDERS = app(
    "orders",
    {
        "0001_initial": migration('migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True))])'),
        "0002_drop": migration('migrations.DeleteModel("Order")', dependencies=(("orders", "0001_initial"),)),
    },
)
INSTALLED = 'INSTALLED_APPS += ["migsafe"]'


def manage(folder: Path, *arguments: str, **env: str) -> Ran:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=folder,
        env=os.environ | {"MIGSAFE_IGNORE": "MS709"} | env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def test_it_says_what_migsafe_says(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS, extra=INSTALLED)
    plain = run(tmp_path, "lint", "orders", "--format", "json")
    managed = manage(tmp_path, "migsafe", "lint", "orders", "--format", "json")
    assert managed == plain
    assert plain.code == 1
    assert [one["code"] for one in json.loads(plain.stdout)["findings"]] == ["MS401"]


def test_errors_keep_their_exit_code_and_usage_names_what_was_typed(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS, extra=INSTALLED)
    usage = manage(tmp_path, "migsafe", "lint", "--no-such-option")
    assert usage.code == 2
    assert usage.stderr.startswith("Usage: manage.py migsafe lint [OPTIONS]")


def test_other_settings_than_djangos_are_refused(tmp_path: Path) -> None:
    write_project(tmp_path, ORDERS, extra=INSTALLED, **{"config/ci.py": "from config.settings import *"})
    # not --settings, which Django obeys itself
    refused = manage(tmp_path, "migsafe", "lint", MIGSAFE_SETTINGS="config.ci")
    assert refused.code == 2
    assert refused.stderr == (
        "error: Django is set up with settings module config.settings, and migsafe is to use config.ci\n"
        "hint: Say the same to Django: set DJANGO_SETTINGS_MODULE=config.ci, or run `migsafe` without manage.py.\n"
    )


def test_call_command_has_its_output_and_raises_its_exit_code(tmp_path: Path) -> None:
    calls = """
        from io import StringIO
        from django.core.management import call_command
        call_command("migsafe", "graph", "orders", stdout=(written := StringIO()))
        assert "0002_drop" in written.getvalue()
        try:
            call_command("migsafe", "lint", "--format", "concise", stdout=(written := StringIO()))
        except SystemExit as exit_:
            print(exit_.code, written.getvalue().startswith("orders/migrations/0002_drop.py:"))
        """
    write_project(tmp_path, ORDERS, extra=INSTALLED)
    called = manage(tmp_path, "shell", "-c", dedent(calls))
    assert (called.code, called.stdout.splitlines()[-1:]) == (0, ["1 True"]), called.stderr
