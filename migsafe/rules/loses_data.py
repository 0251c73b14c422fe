"""A way back that does not bring back what was in the tables.

## What it catches
On a real server, with rows in the tables: the migration was applied and unapplied, and a table that was there before
has lost rows, or has other values in a column than it had. New rows, and values where there were none, are no loss.

## Why it hurts
Rolling back a release is what one does in a hurry. The command succeeds, and what customers had entered is gone, or
is something else; only a backup has it.

## Do this instead
If it must be possible to go back, keep what is replaced until nobody will: copy it into a column or table of its own,
write the reverse so that it puts it back, and drop it a release later. If going back may lose it, say so in a
suppression with a reason.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Evidence, Finding, Severity
from migsafe.rules import Rule, VerificationContext
from migsafe.rules._evidence import rows, some
from migsafe.verification import RowDifference

rule = Rule(
    __name__,
    code="MS801",
    severity=Severity.WARNING,
    axis=Axis.REVERSIBILITY,
    message="Applied and unapplied, the migration loses data of {what}",
    why=(
        "If this release is rolled back, `migrate` succeeds, and the data is not what it was before: from then on only"
        " a backup has it."
    ),
)

FIX = (
    "If there must be a way back, keep the old values in a column or table of their own until nobody wants them back,"
    " and let the reverse of the migration restore them. If they may go, say so above `class Migration`, with the"
    " reason."
)


@rule.on_verification
def check(context: VerificationContext) -> Iterator[Finding]:
    by_table: dict[str, list[RowDifference]] = {}
    for one in context.verification.lost:
        by_table.setdefault(one.table, []).append(one)
    for table, lost in by_table.items():
        yield rule.observed(
            context,
            relation=table,
            what=table,
            fix=FIX,
            evidence=[Evidence("lost", "\n".join(some(list(map(_said, lost)))))],
        )


def _said(lost: RowDifference) -> str:
    if lost.column is None:
        return f"{rows(lost.rows)} of {lost.table}: gone"
    return f"{lost.table}.{lost.column}: not what it was in {rows(lost.rows)}"
