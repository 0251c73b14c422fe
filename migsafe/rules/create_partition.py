"""A partition made under a lock on the whole partitioned table.

## What it catches
``CREATE TABLE … PARTITION OF`` a table in use, which could be made first and attached then (PostgreSQL 12 or later);
and on any version where a DEFAULT partition has to be read for rows that belong into the new one.

## Why it hurts
PostgreSQL takes the strongest lock on the partitioned table. It waits for every query on any partition, and all that
come later wait behind it. With a DEFAULT partition, they wait until all its rows have been read.

## Do this instead
Make an ordinary table like it, and attach that: people go on reading and writing.
"""

from collections.abc import Iterator

from migsafe.actions import Bound, Constant, CreateTable, Name
from migsafe.model import Axis, Finding, LockMode, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS408",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="Creating partition {partition} takes {lock} on {relation}{scan}",
    why="While it waits for the queries that are running, and until it is done, {requests} waits too.{read}",
)


@rule.on(CreateTable)
def check(action: CreateTable, context: Context) -> Iterator[Finding]:
    parent = action.partition_of
    effect = context.effect(parent) if parent else None
    if parent is None or effect is None or context.created_here(parent):
        return
    stall = context.stall
    avoidable = context.postgres >= 12 and not context.is_held(effect)
    if stall is None and not (avoidable and effect.lock is LockMode.ACCESS_EXCLUSIVE):
        return
    yield rule.finding(
        context,
        relation=parent,
        about=action.relation.name,
        severity=Severity.ERROR if stall else Severity.WARNING,
        partition=str(action.relation),
        lock=effect.lock.value,
        scan=f" while it reads all of {stall.relation}" if stall else "",
        read=f" All rows of {stall.relation} are read for those that belong into the new partition." if stall else "",
        requests=requests(effect),
        fix=_fix(action, parent, default=stall.relation if stall else None, context=context),
    )


def _fix(action: CreateTable, parent: Name, *, default: str | None, context: Context) -> str:
    if default:
        return (
            f"Give {default} a CHECK constraint that keeps such rows out of it, as NOT VALID, and validate it, both in"
            " earlier migrations: what is proven is not read. A DEFAULT partition is best left empty."
        )
    table, whole = quoted(action.relation), quoted(parent)
    like = f"CREATE TABLE {table}\n(LIKE {whole} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
    attach = f"ALTER TABLE {whole}\nATTACH PARTITION {table} {_bound(action.bound)}"
    return steps(
        "Make an ordinary table like it, and attach that:",
        migration(
            run_sql(like, f"DROP TABLE {table}"),
            run_sql(attach, f"ALTER TABLE {whole}\nDETACH PARTITION {table}"),
        ),
    )


def _bound(bound: Bound | None) -> str:
    if bound is None or not bound.known:
        return "FOR VALUES …"
    if bound.values:
        return f"FOR VALUES IN ({', '.join(_literal(value, 'NULL') for value in bound.values)})"
    lower = ", ".join(_literal(value, "MINVALUE") for value in bound.lower)
    upper = ", ".join(_literal(value, "MAXVALUE") for value in bound.upper)
    return f"FOR VALUES FROM ({lower}) TO ({upper})"


def _literal(value: Constant | None, otherwise: str) -> str:
    return otherwise if value is None else "'" + value.text.replace("'", "''") + "'"
