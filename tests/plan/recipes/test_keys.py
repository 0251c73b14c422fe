"""Indexes and constraints of tables in use, on a real server: the plan ends where the original does."""

import pytest

from migsafe.sandbox.server import Server
from migsafe.testing import Scenario
from tests.plan.proving import prove

shop = Scenario(
    """migrations.CreateModel("Order", [
        ("id", models.BigAutoField(primary_key=True)),
        ("email", models.CharField(max_length=100)),
        ("code", models.CharField(max_length=100, db_index=True)),
        ("slug", models.SlugField(unique=True)),
        ("total", models.IntegerField(null=True)),
        ("count", models.IntegerField(default=0)),
        ("note", models.TextField(default="")),
    ], options={
        "indexes": [models.Index(fields=["total"], name="total_idx")],
        "constraints": [models.UniqueConstraint(fields=["note"], condition=Q(total=1), name="note_of_one")],
        "unique_together": {("email", "code")},
    })"""
)
ROWS = """
INSERT INTO shop_order (email, code, slug, total, count, note)
SELECT 'e' || n, n, n, NULLIF(n % 3, 1), n, n FROM generate_series(1, 9) n
"""


CHANGES = {
    "indexes": [
        'migrations.AddIndex("order", models.Index(fields=["email"], name="order_email_idx"))',
        'migrations.AddIndex("order", models.Index(fields=["-total", "email"], condition=Q(count__gt=3), name="partial_idx"))',
        'migrations.AddIndex("order", models.Index(models.functions.Lower("email"), F("code").desc(), name="lower_idx"))',
        'migrations.AddIndex("order", models.Index(fields=["email"], name="ops_idx", opclasses=["varchar_pattern_ops"], include=["total"]))',
        'migrations.RemoveIndex("order", "total_idx")',
    ],
    "fields": [
        'migrations.AlterField("order", "email", models.CharField(max_length=100, db_index=True))',
        'migrations.AlterField("order", "note", models.TextField(default="", unique=True))',
        'migrations.AlterField("order", "code", models.CharField(max_length=100))',
        'migrations.AlterField("order", "slug", models.SlugField(db_index=False))',
        'migrations.AlterField("order", "total", models.IntegerField(null=True, unique=True))',
        'migrations.AlterField("order", "count", models.PositiveIntegerField(default=0))',
    ],
    "together": [
        'migrations.AlterUniqueTogether("order", {("email", "total"), ("slug", "count")})',
    ],
    "constraints": [
        'migrations.AddConstraint("order", models.UniqueConstraint(fields=["email", "total"], name="email_total"))',
        'migrations.AddConstraint("order", models.UniqueConstraint(fields=["email"], condition=Q(total__gt=3), name="partial_email"))',
        'migrations.AddConstraint("order", models.UniqueConstraint(models.functions.Lower("email"), name="lower_email"))',
        'migrations.AddConstraint("order", models.UniqueConstraint(fields=["note"], include=["total"], name="note_including"))',
        'migrations.AddConstraint("order", models.UniqueConstraint(fields=["note", "count"], deferrable=models.Deferrable.DEFERRED, name="later"))',
        'migrations.RemoveConstraint("order", "note_of_one")',
    ],
}


@pytest.mark.parametrize("change", CHANGES)
def test_ends_where_the_original_does(change: str, postgres: Server) -> None:
    prove(shop, *CHANGES[change], server=postgres, rows=ROWS.replace("NULLIF(n % 3, 1)", "n"))
