"""On the shop, what git, the ledger and a real database say is applied is the same, and so is what has become of it."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import django
import pytest

from migsafe.config import load_config
from migsafe.sandbox.server import Server
from tests.history.repositories import git_in
from tests.projects import migration

pytestmark = [
    pytest.mark.skipif(django.VERSION < (5, 2), reason="the shop needs Django 5.2"),
    pytest.mark.slow,
]

SHOP = Path(__file__).parents[2] / "scenarios" / "shop"
PENDING = {tuple(line.split(".")) for line in (SHOP / "pending.txt").read_text().split()}

# What migrate records of all but some migrations, on a database that was empty, without running them.
RECORD = """
import sys
import django

django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

executor = MigrationExecutor(connection)
executor.recorder.ensure_schema()
for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()):
    if f"{migration.app_label}.{migration.name}" not in sys.argv:
        for app, name in migration.replaces or [(migration.app_label, migration.name)]:
            executor.recorder.record_applied(app, name)
executor.check_replacements()
"""

# Several commands in one process: loading Django and the shop is most of what each takes.
COMMANDS = """
import json, sys
from migsafe.cli import cli

for arguments in json.loads(sys.argv[1]):
    cli.main(arguments, standalone_mode=False)
"""

EDITS = {
    ("orders", "0034_order_locale"): ("max_length=10", "max_length=16", "edited"),
    ("orders", "0024_link_carriers"): ("slugify(name)[:20]", "slugify(name)[:19]", "edited"),
    ("orders", "0022_carrier"): ("{number} stands for", "{number} is", "edited (state)"),
    ("orders", "0039_order_on_hold"): ("'", '"', "edited (cosmetic)"),
    ("customers", "0010_loyalty"): ("from django.db", "# Points.\nfrom django.db", "edited (cosmetic)"),
    ("payments", "0016_dispute"): ("dependencies = [", "dependencies = [\n        ('users', '0001_initial'),", "edited (state)"),
}
"""What is replaced by what, and what becomes of the migration."""

GONE = ("users", "0012_login_event")
NEW = ("orders", "0043_new")


class Shop:
    """A copy of the shop in a repository, with a database to which production's migrations were applied."""

    def __init__(self, folder: Path, server: Server, database: str) -> None:
        self.folder = shutil.copytree(SHOP, folder / "shop", ignore=shutil.ignore_patterns("__pycache__"))
        config = load_config(self.folder, environ={})
        where = {"HOST": server.host, "PORT": str(server.port), "USER": server.user, "DB": database}
        self.environment = os.environ | config.env | {f"POSTGRES_{name}": value for name, value in where.items()}
        self.environment["DJANGO_SETTINGS_MODULE"] = str(config.settings)
        pending = {self.file(*key): self.file(*key).read_text() for key in PENDING}
        for file in pending:
            file.unlink()
        for command in ("init -q -b main", "add .", "commit -q -m production", "switch -q -c branch"):
            git_in(self.folder)(*command.split())
        for file, text in pending.items():
            file.write_text(text)
        self.python(RECORD, *map(".".join, PENDING))

    def file(self, app: str, name: str) -> Path:
        return self.folder / "shop" / app / "migrations" / f"{name}.py"

    def python(self, script: str, *arguments: str) -> None:
        command = [sys.executable, "-c", script, *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def commands(self, *commands: str) -> list[dict[str, Any]]:
        """Run commands of migsafe; return the reports of those that are about history."""
        arguments = [command.split() for command in commands]
        reports = [self.folder / f"{number}.json" for number, _ in enumerate(arguments)]
        for words, report in zip(arguments, reports, strict=True):
            if words[0] == "history":
                words += ["-o", f"json={report}"]
        self.python(COMMANDS, json.dumps(arguments))
        return [json.loads(report.read_text()) for report in reports if report.exists()]


def statuses(report: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(row["app"], row["name"]): row["status"] for row in report["rows"]}


def test_git_the_ledger_and_a_database_agree(tmp_path: Path, postgres: Server, database: str) -> None:
    shop = Shop(tmp_path, postgres, database)
    record = "record --database default --ledger production.lock"
    git = "--applied-ref main"
    ledger = "--ledger production.lock"
    (before,) = shop.commands(record, f"history {git} {ledger} --database default")
    assert {one["code"] for one in before["findings"]} == {"MS712", "MS716"}  # its squash, and apps in a circle
    assert Counter(statuses(before).values()) == {"unchanged": 133, "new": len(PENDING)}
    for row in before["rows"]:
        where = set() if (row["app"], row["name"]) in PENDING else {"git", "ledger", "database"}
        assert set(row["applied"]) == where, row

    for key, (old, new, _) in EDITS.items():
        file = shop.file(*key)
        file.write_text(file.read_text().replace(old, new))
    shop.file(*GONE).unlink()
    shop.file("users", "0013_rename_phone_to_mobile").unlink()
    shop.file(*NEW).write_text(migration(dependencies=(("orders", "0042_add_tracking_number"),)))
    reports = shop.commands(f"history {git}", f"history {ledger}", "history --database default")
    by_git, by_ledger, by_database = map(statuses, reports)
    expected = {key: status for key, (_, _, status) in EDITS.items()} | {GONE: "missing", NEW: "new"}
    assert {key: by_git[key] for key in expected} == expected
    assert by_ledger == by_git
    # A database has names only: it cannot know of edits.
    assert by_database == {
        key: status if status in ("missing", "new") else "unknown" for key, status in by_git.items()
    }
