"""What a plan costs those who use the tables, beside the migration as it was written: the longest stall of each.

    python -m benchmarks.plan                          a million rows, one change for each recipe below
    python -m benchmarks.plan --rows 100000 --only index not-null

Sessions of both releases read and write meanwhile (`migsafe.verify.proof`). What takes long without a lock counts as
well: the machine should have nothing else to do.
"""

import argparse
import time
from collections.abc import Mapping
from typing import Any

from migsafe.config import Sandbox
from migsafe.planning import Phase
from migsafe.sandbox import open_sandbox
from migsafe.testing import Scenario

SHOP = Scenario(
    'migrations.CreateModel("Customer", [("id", models.AutoField(primary_key=True)), ("name", models.TextField())])',
    'migrations.CreateModel("Order", [("id", models.AutoField(primary_key=True)),'
    ' ("number", models.CharField(max_length=40)), ("quantity", models.IntegerField()),'
    ' ("discount", models.IntegerField(null=True))])',
)

CHANGES: Mapping[str, str] = {
    "add-default": 'migrations.AddField("order", "note", models.CharField(max_length=5, default="new"))',
    "add-per-row": 'migrations.AddField("order", "token", models.UUIDField(default=__import__("uuid").uuid4))',
    "add-foreign-key": 'migrations.AddField("order", "customer",'
    ' models.ForeignKey("shop.Customer", models.CASCADE, null=True))',
    "check": 'migrations.AddConstraint("order", models.CheckConstraint(condition=Q(quantity__gt=-1 << 31),'
    ' name="quantity"))',
    "index": 'migrations.AddIndex("order", models.Index(fields=["number"], name="number"))',
    "not-null": 'migrations.AlterField("order", "discount", models.IntegerField(default=0))',
    "primary-key": 'migrations.AlterField("order", "id", models.BigAutoField(primary_key=True))',
    "remove-field": 'migrations.RemoveField("order", "number")',
    "type": 'migrations.AlterField("order", "quantity", models.BigIntegerField())',
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
            report = SHOP.plan(CHANGES[name], verify=True, rows=arguments.rows, server=server, **options)
            proof = report.proof
            assert proof is not None
            cells = (
                name,
                str(len(report.plan.deploys)),
                *(f"{longest(phases):.3f} s" for phases in (proof.original, proof.phases)),
                *(str(refused(phases)) for phases in (proof.original, proof.phases)),
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
