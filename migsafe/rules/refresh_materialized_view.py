"""A materialized view refreshed while nobody can read it.

## What it catches
``REFRESH MATERIALIZED VIEW`` without ``CONCURRENTLY``, of a view in use; also ``WITH NO DATA``.

## Why it hurts
PostgreSQL runs the view's query and writes the view anew, and nobody can read it meanwhile. ``WITH NO DATA`` empties
it: every query of it fails until the next refresh.

## Do this instead
``REFRESH MATERIALIZED VIEW CONCURRENTLY``. The view needs a unique index on columns for that.
"""

from collections.abc import Iterator

from migsafe.actions import RefreshMaterializedView
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import build, quoted, run_sql

rule = Rule(
    __name__,
    code="MS413",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="Refreshing {relation} {does} under {lock}",
    why="Until the transaction ends, every request that reads {relation} waits.{then}",
)


@rule.on(RefreshMaterializedView)
def check(action: RefreshMaterializedView, context: Context) -> Iterator[Finding]:
    effect = context.effect(action.relation)
    if action.concurrently or effect is None or context.created_here(action.relation):
        return
    yield rule.finding(
        context,
        relation=action.relation,
        does="builds it anew" if action.with_data else "WITH NO DATA empties it",
        then="" if action.with_data else ' From then on each fails with "has not been populated", until a refresh.',
        lock=effect.lock.value,
        fix=_fix(action, context),
    )


def _fix(action: RefreshMaterializedView, context: Context) -> str:
    view = quoted(action.relation)
    refresh = migration(run_sql(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {view}", None))
    unique = any(
        index.unique and index.where is None and None not in index.columns
        for index in context.catalog.indexes(action.relation)
    )
    if unique:
        return steps("Refresh it concurrently; the old content can be read until the new one is there:", refresh)
    name = f"{action.relation.name}_unique"
    index = f"CREATE UNIQUE INDEX CONCURRENTLY {quoted(name)}\nON {view} (id)"
    return steps(
        "1. It needs a unique index; put what identifies a row of it in place of `id`:",
        migration(build(name, index), atomic=False),
        "2. Refresh it concurrently; the old content can be read until the new one is there:",
        refresh,
    )
