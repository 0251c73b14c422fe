"""How long work on a whole table takes, roughly: its size over what a modest server gets done in a second.

Measured by ``python -m benchmarks.throughput`` on PostgreSQL 16 as it comes (128 MB of shared buffers, durable), two
cores of a busy machine, data in the page cache; rounded down. A disk that has to be read first, long rows that are
indexed, and replicas that have to follow make it longer; a large machine makes it shorter.
"""

from collections.abc import Mapping
from typing import Literal

Work = Literal["read", "rewrite", "index", "update"]
"""Read all rows; write them anew, without indexes; build one index; change or delete all rows, with their indexes."""

Unit = Literal["bytes", "rows"]

RATES: Mapping[Work, Mapping[Unit, int]] = {
    "read": {"bytes": 200_000_000, "rows": 1_000_000},
    "rewrite": {"bytes": 100_000_000, "rows": 500_000},
    "index": {"rows": 500_000, "bytes": 50_000_000},
    "update": {"rows": 15_000, "bytes": 1_500_000},
}
"""A second's work; what it depends on more comes first, and the other is for where only that is known."""


def amount(number: int, unit: Unit) -> str:
    """``40 GB``, ``300 million rows``."""
    steps = ("B", "kB", "MB", "GB", "TB", "PB") if unit == "bytes" else ("rows", "", "million rows", "billion rows")
    power = min(max(len(str(number)) - 1, 0) // 3, len(steps) - 1)
    if unit == "rows" and power < 2:
        return f"{number:,} {'row' if number == 1 else 'rows'}"
    return f"{number / 1000**power:.3g} {steps[power]}"


def duration(seconds: float) -> str:
    """``about 3 min``."""
    if seconds < 1:
        return "less than a second"
    for unit, length in (("s", 1), ("min", 60)):
        if seconds < 100 * length:
            return f"about {seconds / length:.0f} {unit}"
    return f"about {seconds / 3600:.0f} h"


def done(work: Work, times: int) -> str:
    """What is done with an amount, ``times`` times in all: ``indexed``."""
    if work == "index":
        return "indexed" if times == 1 else f"in {times} indexes"
    return {"read": "read", "rewrite": "written anew", "update": "changed"}[work]
