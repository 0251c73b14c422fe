"""A table of a pending migration has an index that is not valid.

## What it catches
An index with ``indisvalid`` false on a table that a pending migration locks, and that nobody is building at the
moment: what a CREATE INDEX CONCURRENTLY that was cancelled has left. Unless a pending migration drops it or builds it
anew.

## Why it hurts
It costs every write and serves no query. ``IF NOT EXISTS`` finds it and builds none, so that a migration seems to
have done its work; without that it fails.

## Do this instead
Drop it before the deploy, or build it anew (``REINDEX INDEX CONCURRENTLY``, since 12).
"""

from collections.abc import Iterator

from migsafe.actions import Name
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import GateContext, Rule
from migsafe.rules._fixes import steps
from migsafe.written.operations import quoted

rule = Rule(
    __name__,
    code="MS908",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    message="Index {index} of {relation}, which {app}.{migration} is about, is not valid",
    why="Every write keeps it up, and no query uses it.",
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for index in context.status.invalid_indexes:
        if index.building or any(index.name in one.settles for one in context.pending):
            continue
        migration = next((one for one in context.pending if one.target(index.relation)), None)
        if migration:
            schema, _, _ = index.relation.rpartition(".")
            yield rule.at_gate(
                context,
                migration,
                relation=index.relation,
                about=index.name,
                index=index.name,
                fix=steps(
                    "Drop it:",
                    f"```sql\nDROP INDEX CONCURRENTLY IF EXISTS {quoted(Name(index.name, schema or None))};\n```",
                ),
            )
