"""Indexes rebuilt without CONCURRENTLY.

## What it catches
``REINDEX`` of an index, a table, a schema or the database.

## Why it hurts
Nobody can write to the table until its indexes are rebuilt; and since PostgreSQL opens all indexes of a table to plan a
query, nobody can read it either.

## Do this instead
``REINDEX … CONCURRENTLY`` in a migration with ``atomic = False`` (PostgreSQL 12 and later). Before 12, build a new
index concurrently and drop the old one.
"""

from collections.abc import Iterator

from migsafe.actions import Name, Reindex
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.rules._online import rebuilt
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS206",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="Rebuilding {what} holds {lock} on {indexes} until it is done",
    why=(
        "PostgreSQL reads all rows and sorts them into the index again. Every query opens all indexes of its tables, so"
        " until that is done, every request that touches {tables} hangs."
    ),
)


@rule.on(Reindex)
def check(action: Reindex, context: Context) -> Iterator[Finding]:
    relation = rebuilt(action, context)
    worst = max(context.own_effects, key=lambda effect: (effect.lock, effect.rewrites), default=None)
    if action.concurrently or worst is None or not worst.rewrites:
        return
    if relation and context.created_here(relation):
        return
    what = f"{action.kind} {action.target or ''}".rstrip()
    yield rule.finding(
        context,
        relation=relation,
        about=what,
        what=what if action.kind == "index" else f"the indexes of {what}",
        lock=worst.lock.value,
        indexes="it" if action.kind == "index" else "each of them",
        tables=context.display(relation) if relation else "one of its tables",
        fix=_fix(action, context),
    )


def _fix(action: Reindex, context: Context) -> str:
    if context.postgres < 12:
        return "Build a new index concurrently, drop the old one concurrently, and give the new one its name."
    target = f" {quoted(action.target)}" if isinstance(action.target, Name) else ""
    sql = f"REINDEX {action.kind.upper()} CONCURRENTLY{target}"
    return steps(
        "Rebuild online, in a migration of its own; if it fails, drop the INVALID index whose name ends in `_ccnew`:",
        migration(run_sql(sql, None), atomic=False),
    )
