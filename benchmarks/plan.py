"""What a plan costs those who use the tables, beside the migration as it was written: the longest stall of each.

    python -m benchmarks.plan                          a million rows, one change for each recipe below
    python -m benchmarks.plan --rows 100000 --only index not-null

Sessions of both releases read and write meanwhile (`migsafe.verify.proof`). What takes long without a lock counts as
well: the machine should have nothing else to do.
"""

import argparse
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from migsafe.config import Sandbox
from migsafe.planning import Phase
from migsafe.sandbox import open_sandbox
from migsafe.testing import Scenario

SHOP = (
    'migrations.CreateModel("Customer", [("id", models.AutoField(primary_key=True)), ("name", models.TextField())])',
    'migrations.CreateModel("Person", [("id", models.AutoField(primary_key=True)), ("name", models.TextField())])',
    'migrations.CreateModel("Order", [("id", models.AutoField(primary_key=True)),'
    ' ("number", models.CharField(max_length=40)), ("quantity", models.IntegerField()),'
    ' ("discount", models.IntegerField(null=True))])',
)


class Change(NamedTuple):
    """What a table of orders has to go through.

    Attributes:
        before: What the table has beside `SHOP`.
        code: What of the migration's file the operation needs.
    """

    operation: str
    strategies: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    code: str = ""


PYTHON = """
def fill(apps, schema_editor):
    for order in apps.get_model("shop", "Order").objects.filter(discount=None):
        order.discount = 0
        order.save()
"""

UUID = "from uuid import uuid4"

CHANGES: Mapping[str, Change] = {
    "add-default": Change('migrations.AddField("order", "note", models.CharField(max_length=5, default="new"))'),
    "add-per-row": Change('migrations.AddField("order", "token", models.UUIDField(default=uuid4))', code=UUID),
    "add-unique": Change(
        'migrations.AddField("order", "token", models.UUIDField(default=uuid4, unique=True))', code=UUID
    ),
    "add-foreign-key": Change(
        'migrations.AddField("order", "payer", models.ForeignKey("shop.Person", models.CASCADE, null=True))'
    ),
    "add-many-to-many": Change('migrations.AddField("order", "persons", models.ManyToManyField("shop.Person"))'),
    "check": Change(
        'migrations.AddConstraint("order", models.CheckConstraint(condition=Q(quantity__gte=-1 << 31), name="signed"))'
    ),
    "foreign-key-target": Change(
        'migrations.AlterField("order", "customer", models.ForeignKey("shop.Person", models.CASCADE))',
        before=('migrations.AddField("order", "customer", models.ForeignKey("shop.Customer", models.CASCADE))',),
    ),
    "index": Change('migrations.AddIndex("order", models.Index(fields=["number"], name="number"))'),
    "unique": Change('migrations.AlterField("order", "number", models.CharField(max_length=40, unique=True))'),
    "unique-constraint": Change(
        'migrations.AddConstraint("order", models.UniqueConstraint(fields=["number", "quantity"], name="number"))'
    ),
    "not-null": Change('migrations.AlterField("order", "discount", models.IntegerField(default=0))'),
    "type": Change('migrations.AlterField("order", "quantity", models.BigIntegerField())'),
    "narrow": Change('migrations.AlterField("order", "number", models.CharField(max_length=39))'),
    "primary-key": Change('migrations.AlterField("order", "id", models.BigAutoField(primary_key=True))'),
    "rename-field": Change('migrations.RenameField("order", "number", "code")'),
    "rename-field-copy": Change('migrations.RenameField("order", "number", "code")', ("copy",)),
    "rename-column": Change(
        'migrations.AlterField("order", "number", models.CharField(max_length=40, db_column="no"))'
    ),
    "rename-model": Change('migrations.RenameModel("Order", "Purchase")', ("view",)),
    "rename-table": Change('migrations.AlterModelTable("order", "orders")'),
    "remove-field": Change('migrations.RemoveField("order", "number")'),
    "delete-model": Change('migrations.DeleteModel("Order")'),
    "python": Change("migrations.RunPython(fill, migrations.RunPython.noop)", code=PYTHON),
    "sql": Change(
        'migrations.RunSQL("UPDATE shop_order SET discount = 0 WHERE discount IS NULL", migrations.RunSQL.noop)'
    ),
}


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--postgres", type=int, default=16)
    parser.add_argument("--only", nargs="*", choices=CHANGES, default=list(CHANGES))
    arguments = parser.parse_args()
    print("| change | deploys | longest stall: original | plan | refused: original | plan | proof |")
    print("|---|--:|--:|--:|--:|--:|---|")
    with open_sandbox(Sandbox(), arguments.postgres) as server:
        for name in arguments.only:
            started = time.perf_counter()
            options: dict[str, Any] = {"statement_timeout": 600.0, "size_limit": 8 << 30, "postgres": server.version}
            change = CHANGES[name]
            options |= {"code": change.code, "strategies": change.strategies}
            scenario = Scenario(*SHOP, *change.before)
            report = scenario.plan(change.operation, verify=True, rows=arguments.rows, server=server, **options)
            proof = report.proof
            assert proof is not None
            cells = (
                name,
                str(len(report.plan.deploys)),
                *(f"{longest(phases):.3f} s" for phases in (proof.original, proof.phases)),
                "it fails" if any(phase.failure for phase in proof.original) else str(refused(proof.original)),
                str(refused(proof.phases)),
                f"{'holds' if proof.holds else 'does not hold'}, {time.perf_counter() - started:.0f} s",
            )
            print(f"| {' | '.join(cells)} |", flush=True)


def longest(phases: tuple[Phase, ...]) -> float:
    """Seconds that the longest query took while migrations ran, not counting those that go back."""
    return max(
        (
            seconds or 0.0
            for phase in phases
            if not phase.name.startswith("unapply")
            for seconds in (phase.longest_read, phase.longest_write)
        ),
        default=0.0,
    )


def refused(phases: tuple[Phase, ...]) -> int:
    """Queries that were refused."""
    return sum(error.count for phase in phases for error in phase.errors)


if __name__ == "__main__":
    main()
