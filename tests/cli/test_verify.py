"""``migsafe verify`` as a user runs it."""

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.conftest import ONE
from tests.projects import Ran, app, migration, run, write_project

pytestmark = pytest.mark.postgres

SERVER = ("--sandbox", "wheel", "--postgres", str(ONE), "--rows", "30")
INITIAL = migration(
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)), ("note", models.TextField(null=True))])',
    attributes="initial = True",
)
DROP = """# migsafe: ignore[MS801]: nobody has used it for a year
class Migration"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A new column, and one that is dropped after nobody needs it back."""
    add = migration(
        'migrations.AddField("order", "code", models.TextField(null=True))', dependencies=(("orders", "0001_initial"),)
    )
    drop = migration('migrations.RemoveField("order", "note")', dependencies=(("orders", "0002_add"),))
    migrations = {"0001_initial": INITIAL, "0002_add": add, "0003_drop": drop.replace("class Migration", DROP)}
    return write_project(tmp_path, app("orders", migrations))


def verify(folder: Path, *arguments: str) -> Ran:
    return run(folder, "verify", *SERVER, *arguments)


def test_a_line_for_what_is_well_and_findings_for_what_is_not(project: Path) -> None:
    ran = verify(project, "--output", "text=report.txt", "--output", "json=report.json", "--format", "concise")
    assert (ran.code, ran.stderr) == (1, "")
    assert [line.split()[1] for line in ran.stdout.splitlines()] == ["MS807"]
    text = (project / "report.txt").read_text()
    assert text.startswith("✓ orders.0002_add  reversible · migrate first · ACCESS EXCLUSIVE for ")
    assert "── orders.0003_drop ──" in text
    assert "✗ reversible, loses data · code first · ACCESS EXCLUSIVE for " in text
    assert "refused  column orders_order.note does not exist\n" in text
    assert "because  nobody has used it for a year\n" in text
    report = json.loads((project / "report.json").read_text())
    assert (report["postgres"], report["provider"], report["rows"], report["skipped"]["initial"]) == (
        ONE,
        "wheel",
        30,
        1,
    )
    assert [one["verdict"] for one in report["verifications"]] == ["reversible", "loses data"]
    assert [one["finding"]["code"] for one in report["suppressed"]] == ["MS801"]


def test_what_is_accepted_for_nothing_is_found(project: Path) -> None:
    file = project / "orders/migrations/0003_drop.py"
    file.write_text(file.read_text().replace("MS801", "MS801, MS804, MS201"))
    ran = verify(project, "orders", "0003", "--format", "concise", "--ignore", "MS807", "--fail-on", "info")
    assert [line.partition(" info ")[2] for line in ran.stdout.splitlines()] == [
        "MS804 is ignored here, but there is no such finding"
    ]
    assert ran.code == 1


@pytest.mark.slow
def test_all_is_the_whole_history(project: Path) -> None:
    settings = project / "config/settings.py"
    settings.write_text(settings.read_text() + 'INSTALLED_APPS += ["django.contrib.contenttypes"]\n')
    ran = verify(project, "--all", "--rows", "0", "--format", "json", "--exit-zero")
    assert ran.code == 0
    verified = {(one["app"], one["migration"]) for one in json.loads(ran.stdout)["verifications"]}
    assert {app for app, _ in verified} == {"contenttypes", "orders"}
    assert ("orders", "0001_initial") in verified


def test_keep_leaves_the_server_up_until_ctrl_c(project: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "migsafe", "verify", *SERVER, "orders.0002", "--keep"],
        cwd=project,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            command, dsn = shlex.split(process.stderr.readline().partition("Ctrl-C: ")[2])
            assert command == "psql"
            with psycopg.connect(dsn) as connection:
                assert connection.execute("SELECT code FROM orders_order").fetchall() == []
                host = Path(connection.info.host)
        finally:
            process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "note: removing the server\n")
    assert "\n1 migration: 1 reversible; " in output
    assert not host.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "error: there is no app 'nothing'"),
        (
            ["--size-limit", "much"],
            "error: --size-limit has to be a number of bytes, or a text such as \"2GB\", not 'much'",
        ),
    ],
)
def test_bad_input_is_one_error(project: Path, arguments: list[str], message: str) -> None:
    ran = verify(project, *arguments)
    assert ran.code == 2
    assert ran.stderr.startswith(message)
    assert "Traceback" not in ran.stderr
