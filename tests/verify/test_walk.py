"""What a verdict rests on, where several things hold; and what a migration needs rows in."""

from typing import Any

import pytest

from migsafe.sandbox.server import Server
from migsafe.testing import Migration, Scenario
from migsafe.verification import Failure, RowDifference, Run, SchemaDifference, Verification
from migsafe.verify.verdict import judged

APPLIED = Run(direction="forward", seconds=0.1)
UNAPPLIED = Run(direction="backward", seconds=0.1)
FAILED = Run(direction="backward", seconds=0.1, failure=Failure(error="ValueError: no"))
NOTE = RowDifference(table="shop_order", column="note", rows=1)
GONE = RowDifference(table="shop_line", column=None, rows=3)
NEW = RowDifference(table="shop_line", column=None, rows=3, added=True)
INDEX = SchemaDifference(kind="index", name="i", before=None, after="CREATE INDEX i ON t (a)")
VIEW = SchemaDifference(kind="view", name="v", before="VIEW AS SELECT 1", after=None)
DEFAULT = SchemaDifference(kind="column", name="t.a", before="integer DEFAULT 1", after="integer")
ORDER = SchemaDifference(kind="table", name="t", before="a, b", after="b, a", harmless=True)
LACKS = Failure(error='NotSupportedError: extension "x" is not available.', hint="Docker has it.")

VERDICTS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "not verified", "the state before it cannot be reached"),
    ({"forward": FAILED}, "not verified", "it cannot be applied: ValueError: no"),
    (
        {"forward": Run(direction="forward", seconds=0.1, failure=LACKS)},
        "not verified",
        'it cannot be applied: NotSupportedError: extension "x" is not available. Docker has it.',
    ),
    ({"forward": APPLIED}, "not verified", "it was not unapplied"),
    ({"forward": APPLIED, "backward": FAILED, "schema": (INDEX,)}, "irreversible", "ValueError: no"),
    (
        {"forward": APPLIED, "backward": UNAPPLIED, "rows": (NOTE, GONE), "schema": (INDEX,)},
        "loses data",
        "shop_order.note in 1 row; shop_line: 3 rows",
    ),
    (
        {"forward": APPLIED, "backward": UNAPPLIED, "rows": (NEW,), "schema": (ORDER, INDEX, VIEW, DEFAULT)},
        "not clean",
        "index i is left behind; view v is gone; column t.a is another",
    ),
    ({"forward": APPLIED, "backward": UNAPPLIED, "rows": (NEW,), "schema": (ORDER,)}, "reversible", ""),
]


@pytest.mark.parametrize(("found", "verdict", "why"), VERDICTS)
def test_the_worst_that_holds_is_the_verdict(found: dict[str, Any], verdict: str, why: str) -> None:
    one = judged(Verification(app="shop", migration="0002", path="0002.py", **found))
    assert (one.verdict, one.why) == (verdict, why)


HISTORY = Scenario(
    'migrations.CreateModel("Order", [("id", models.BigAutoField(primary_key=True)), ("code", models.TextField())])',
    'migrations.CreateModel("Line", [("order", models.ForeignKey("shop.Order", models.CASCADE))])',
    'migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))])',
)
READ = """
def one(apps, editor):
    apps.get_model("shop", "Line").objects.count()

def unknown(apps, editor):
    for model in apps.get_models():
        model.objects.count()
"""
FILLED = {
    "what is locked": ('migrations.AddField("order", "x", models.TextField(null=True))', {"shop_order"}),
    "and what it needs": ('migrations.AddField("line", "x", models.TextField(null=True))', {"shop_line", "shop_order"}),
    "what is locked by the way back": (
        'migrations.RunSQL("SELECT 1", "ALTER TABLE shop_other ADD x int")',
        {"shop_other"},
    ),
    "by any name that it has on the way": (
        """migrations.RunSQL(
            "ALTER TABLE shop_other RENAME TO a; ALTER TABLE a ADD x int", "ALTER TABLE a RENAME TO shop_other"
        )""",
        {"shop_other"},
    ),
    "what code asks for": ("migrations.RunPython(one, one)", {"shop_line", "shop_order"}),
    "all, where that cannot be read": (
        "migrations.RunPython(unknown, unknown)",
        {"shop_line", "shop_order", "shop_other"},
    ),
    "nothing that is not there yet": (
        'migrations.RunSQL("CREATE TABLE fresh (a int)", "DROP TABLE fresh")',
        set[str](),
    ),
}


@pytest.mark.parametrize(("change", "tables"), FILLED.values(), ids=FILLED)
def test_tables_that_a_migration_needs_rows_in(postgres: Server, change: str, tables: set[str]) -> None:
    [one] = HISTORY.verify(Migration(change, code=READ), server=postgres, rows=3, rules=()).verifications
    assert {table.table for table in one.filled} == tables
    assert all(table.rows == 3 for table in one.filled)
