"""Edits of every kind in a real repository: git alone says what a ledger alone says."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.history.repositories import commit, repository
from tests.projects import app, migration, run, write, write_project

MODELS = """
    from django.db import models


    class Order(models.Model):
        note = models.TextField()
        code = models.CharField(max_length=20, default="", help_text="of the customer")
        paid = models.BooleanField(default=False)
"""
FORWARDS = """
    def forwards(apps, schema_editor):
        Order = apps.get_model("orders", "Order")
        for order in Order.objects.filter(code=""):
            order.code = "-"
            order.save()
"""
SAME_FORWARDS = '''
    def forwards(apps, schema_editor):
        """Orders without a code get one."""
        Model = apps.get_model('orders', 'Order')
        for each in Model.objects.filter(code=''):  # not many
            each.code = '-'
            each.save()
'''
READ = """
    from pathlib import Path

    SQL = Path(__file__).with_name("view.sql").read_text()
"""
READ_BESIDE = """
    from django.conf import settings

    SQL = (settings.BASE_DIR / "sql" / "check.sql").read_text()
"""
NOTHING = 'migrations.RunSQL("ANALYZE orders_order", migrations.RunSQL.noop)'
PYTHON = "migrations.RunPython(forwards, migrations.RunPython.noop)"
MIGRATIONS = {
    "0001_initial": 'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)), '
    '("note", models.TextField())])',
    "0002_column": 'migrations.AddField("order", "code", models.CharField(max_length=20, default=""))',
    "0003_help": 'migrations.AlterField("order", "code", models.CharField('
    'max_length=20, default="", help_text="of the customer"))',
    "0004_layout": PYTHON,
    "0005_python": PYTHON,
    "0006_sql_layout": 'migrations.RunSQL("CREATE INDEX code_idx ON orders_order (code)", "DROP INDEX code_idx")',
    "0007_sql": 'migrations.RunSQL("CREATE INDEX note_idx ON orders_order (note)", "DROP INDEX note_idx")',
    "0008_dependency": NOTHING,
    "0009_atomic": NOTHING,
    "0010_reverse": NOTHING,
    "0011_helper": "migrations.RunPython(fill, migrations.RunPython.noop)",
    "0012_file": "migrations.RunSQL(SQL, migrations.RunSQL.noop)",
    "0013_file_beside": "migrations.RunSQL(SQL, migrations.RunSQL.noop)",
    "0014_untouched": 'migrations.AddField("order", "paid", models.BooleanField(default=False))',
    "0015_renamed": NOTHING,
    "0016_deleted": NOTHING,
}
ABOVE = {
    "0004_layout": FORWARDS,
    "0005_python": FORWARDS,
    "0011_helper": "from orders.migrations._helpers import fill",
    "0012_file": READ,
    "0013_file_beside": READ_BESIDE,
}
HELPER = """
    def fill(apps, schema_editor):
        apps.get_model("orders", "Order").objects.filter(note="").update(note="-")
"""
BASE_DIR = "from pathlib import Path\nBASE_DIR = Path(__file__).parents[1]"
VIEW = "CREATE VIEW orders_paid AS SELECT * FROM orders_order"

KINDS = {
    "0001_initial": "unchanged",
    "0002_column": "edited",
    "0003_help": "edited (state)",
    "0004_layout": "edited (cosmetic)",
    "0005_python": "edited",
    "0006_sql_layout": "edited (cosmetic)",
    "0007_sql": "edited",
    "0008_dependency": "edited (state)",
    "0009_atomic": "edited",
    "0010_reverse": "edited (state)",
    "0011_helper": "edited",
    "0012_file": "edited",
    "0013_file_beside": "edited",
    "0014_untouched": "unchanged",
    "0015_renamed": "missing",
    "0016_deleted": "missing",
    "0015_other_name": "new",
}


def text(name: str, operation: str = "", *, above: str = "", dependencies: tuple[str, ...] = (), **more: Any) -> str:
    names = list(MIGRATIONS)
    before = dependencies or tuple(names[max(names.index(name) - 1, 0) : names.index(name)])
    return migration(
        operation or MIGRATIONS[name],
        dependencies=tuple(("orders", one) for one in before),
        imports=above or ABOVE.get(name, ""),
        **more,
    )


EDITS = {
    "0002_column": text("0002_column", MIGRATIONS["0002_column"].replace('""', '"?"')),
    "0003_help": text("0003_help", MIGRATIONS["0003_help"].replace("of the", "given by the")),
    "0004_layout": text("0004_layout", above=SAME_FORWARDS),
    "0005_python": text("0005_python", above=FORWARDS.replace('"-"', '"?"')),
    "0006_sql_layout": text("0006_sql_layout", MIGRATIONS["0006_sql_layout"].replace("CREATE INDEX", "create  index")),
    "0007_sql": text("0007_sql", MIGRATIONS["0007_sql"].replace("(note)", "(note DESC)")),
    "0008_dependency": text("0008_dependency", dependencies=("0006_sql_layout", "0007_sql")),
    "0009_atomic": text("0009_atomic", attributes="atomic = False"),
    "0010_reverse": text("0010_reverse", 'migrations.RunSQL("ANALYZE orders_order", "SELECT 1")'),
}


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that was released with a ledger, in a folder of its repository, with an edit of every kind since."""
    root = tmp_path_factory.mktemp("repository")
    shop = write_project(
        root / "backend",
        app("orders", {name: text(name) for name in MIGRATIONS}, MODELS),
        extra=BASE_DIR,
        **{"sql/check.sql": "SELECT 1"},
    )
    folder = shop / "orders" / "migrations"
    write(folder, {"_helpers.py": HELPER, "view.sql": VIEW})
    recorded = run(shop, "record")
    assert recorded.code == 0, recorded.stderr
    git = repository(root, {})
    write(folder, {f"{name}.py": text for name, text in EDITS.items()})
    write(folder, {"_helpers.py": HELPER.replace('"-"', '"?"'), "view.sql": VIEW + " WHERE paid"})
    write(shop, {"sql/check.sql": "SELECT 2"})
    (folder / "0016_deleted.py").unlink()
    (folder / "0015_renamed.py").rename(folder / "0015_other_name.py")
    commit(git)
    return shop


def history(folder: Path, *arguments: str) -> dict[str, Any]:
    ran = run(folder, "history", "--format", "json", "--exit-zero", *arguments)
    assert ran.code == 0, ran.stderr
    report: dict[str, Any] = json.loads(ran.stdout)
    return report


def statuses(report: dict[str, Any]) -> dict[str, str]:
    return {row["name"]: row["status"] for row in report["rows"]}


@pytest.mark.slow
@pytest.mark.parametrize("source", ["git", "ledger"])
def test_every_kind(edited: Path, source: str) -> None:
    asked = ("--applied-ref", "main") if source == "git" else ()
    if source == "git":
        (edited / "migsafe.lock").rename(edited / "aside")
    try:
        report = history(edited, *asked)
    finally:
        if source == "git":
            (edited / "aside").rename(edited / "migsafe.lock")
    assert statuses(report) == KINDS
    found = {(one["code"], one["migration"]): one for one in report["findings"]}
    severities = {"edited": "error", "edited (state)": "warning", "edited (cosmetic)": "info"}
    assert {name: one["severity"] for (code, name), one in found.items() if code == "MS701"} == {
        name: severities[kind] for name, kind in KINDS.items() if kind in severities and name != "0008_dependency"
    }
    assert {key for key in found if key[0] in ("MS702", "MS703", "MS704")} == {
        ("MS702", "0016_deleted"),
        ("MS703", "0015_other_name"),
        ("MS704", "0008_dependency"),
    }
    assert found["MS702", "0016_deleted"]["path"] == "orders/migrations/0016_deleted.py"

    def diff(name: str) -> str:
        return "\n".join(one["text"] for one in found["MS701", name]["evidence"])

    assert "+migrations.AddField('order', 'code', models.CharField(max_length=20, default='?'))" in diff("0002_column")
    assert '+ALTER TABLE "orders_order" ADD COLUMN "code" varchar(20) DEFAULT \'?\' NOT NULL;' in diff("0002_column")
    assert diff("0009_atomic").endswith("-atomic = True\n+atomic = False")
    assert "-        order.code = '-'" in diff("0005_python")
    assert "+CREATE INDEX note_idx ON orders_order (note DESC);" in diff("0007_sql")
    assert "+CREATE VIEW orders_paid AS SELECT * FROM orders_order WHERE paid;" in diff("0012_file")


def test_what_a_squash_stands_for_is_not_replayed(tmp_path: Path) -> None:
    replaces = 'replaces = [("orders", "0001_initial")]'
    initial, squash = MIGRATIONS["0001_initial"], "0001_squashed_0001_initial"
    shop = write_project(
        tmp_path,
        app("orders", {"0001_initial": migration(initial), squash: migration(initial, attributes=replaces)}),
    )
    repository(tmp_path, {})
    edit = migration(initial.replace("note", "text"))
    write(shop, {"orders/migrations/0001_initial.py": edit})
    report = history(shop, "--applied-ref", "main")
    (found,) = (one for one in report["findings"] if one["code"] == "MS701")
    assert found["severity"] == "error"
    assert {one["label"]: one["text"] for one in found["evidence"]}["unknown"] == (
        f"orders.{squash} stands for it, and is what is replayed"
    )
