"""``migsafe verify`` on projects that behave badly, as a user runs it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ONE
from tests.projects import app, migration, run, write_project

SERVER = ("--sandbox", "wheel", "--postgres", str(ONE), "--rows", "5")
INITIAL = migration(
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)), ("note", models.TextField())])',
    attributes="initial = True",
)


def python(code: str, after: str = "0001_initial") -> str:
    """Text of a migration that runs Python code: the body of a function."""
    lines = "".join(f"    {line}\n" for line in code.splitlines())
    return migration(
        "migrations.RunPython(go, migrations.RunPython.noop)",
        dependencies=(("orders", after),),
        imports=f"import os, sys, urllib.request\ndef go(apps, editor):\n{lines}",
    )


@pytest.mark.postgres
def test_what_migrations_print_stays_out_of_the_report_and_other_databases_out_of_reach(tmp_path: Path) -> None:
    models = 'Order = apps.get_model("orders", "Order")\n'
    migrations = {
        "0001_initial": INITIAL,
        "0002_print": python(
            'print("one")\nsys.__stdout__.write("two")\nos.system("echo three")\nos.write(1, b"four")'
        ),
        "0003_routed": python(f"{models}Order.objects.count()", after="0002_print"),
        "0004_other": python(f'{models}Order.objects.using("other").count()', after="0003_routed"),
        "0005_network": python('urllib.request.urlopen("http://127.0.0.1:9/", timeout=1)', after="0003_routed"),
    }
    extra = """
    DATABASES["other"] = DATABASES["default"] | {"NAME": "other"}
    DATABASE_ROUTERS = ["config.settings.Router"]
    class Router:
        def db_for_read(self, model, **hints): return "default"
        def allow_migrate(self, db, app_label, **hints): return db == "default"
    """
    project = write_project(tmp_path, app("orders", migrations), extra=extra)
    ran = run(project, "verify", *SERVER, "--format", "json")
    report = json.loads(ran.stdout)
    assert ran.code == 1
    assert all(word in ran.stderr for word in ("one", "two", "three", "four"))
    assert {one["migration"]: one["verdict"] for one in report["verifications"]} == {
        "0002_print": "reversible",
        "0003_routed": "reversible",
        "0004_other": "not verified",
        "0005_network": "not verified",
    }
    found = {one["migration"]: one for one in report["findings"] if one["code"] == "MS806"}
    other, network = found["0004_other"], found["0005_network"]
    assert (other["severity"], other["message"]) == ("warning", "Applying the migration fails on this server")
    assert "database 'other' is out of reach" in other["evidence"][-1]["text"]
    assert (network["severity"], network["message"]) == ("error", "Applying the migration fails")
    assert network["evidence"][-1]["text"] == "URLError: <urlopen error [Errno 111] Connection refused>"


@pytest.mark.postgres
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_code_that_never_ends_can_be_stopped(tmp_path: Path, stop: signal.Signals) -> None:
    loop = 'open("running", "w").write(editor.connection.settings_dict["HOST"])\nwhile True:\n    pass'
    project = write_project(tmp_path, app("orders", {"0001_initial": INITIAL, "0002_loop": python(loop)}))
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "MIGSAFE_"))}
    command = [sys.executable, "-m", "migsafe", "verify", *SERVER]
    running = project / "running"
    with subprocess.Popen(
        command, cwd=project, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until and not (running.exists() and running.read_text()):
            time.sleep(0.05)
        process.send_signal(stop)
        try:
            output, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    host = Path(running.read_text())
    assert process.returncode == (130 if stop == signal.SIGINT else 128 + stop)
    assert output == ""
    assert "Traceback" not in errors
    assert not host.exists()


def test_without_a_driver_there_is_one_error(tmp_path: Path) -> None:
    project = write_project(tmp_path, app("orders", {"0001_initial": INITIAL}))
    for driver in ("psycopg", "psycopg2"):
        (project / driver).mkdir()
        (project / driver / "__init__.py").write_text("raise ImportError('there is none')\n")
    ran = run(project, "verify", *SERVER)
    assert ran.code == 2
    assert "Error loading psycopg2 or psycopg module" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("orders", "0009"), "error: app orders has no migration '0009'", "Its last migrations: 0001_initial."),
        (
            ("orders", "0001", "--sandbox", "local", "--pg-bin", "/nowhere"),
            "error: PostgreSQL could not be had: there is no postgres in /nowhere",
            "Name the folder of its initdb with --pg-bin.",
        ),
    ],
)
def test_what_cannot_be_had_is_one_error(tmp_path: Path, arguments: tuple[str, ...], message: str, hint: str) -> None:
    project = write_project(tmp_path, app("orders", {"0001_initial": INITIAL}))
    ran = run(project, "verify", *arguments)
    assert (ran.code, ran.stdout) == (2, "")
    assert ran.stderr == f"{message}\nhint: {hint}\n"
