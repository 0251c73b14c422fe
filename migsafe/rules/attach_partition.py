"""A partition attached whose rows have to be read first.

## What it catches
``ATTACH PARTITION`` of a table that has rows, where no valid CHECK constraint proves to PostgreSQL that they belong
there; and of any table to one with a DEFAULT partition, whose rows are read for those that belong into the new one.

## Why it hurts
PostgreSQL reads every row of the partition, or of the DEFAULT partition, and lets nobody near it meanwhile.

## Do this instead
Add a CHECK with the partition's bounds as NOT VALID, and validate it, in earlier migrations: with that proof nothing is
read.
"""

from collections.abc import Iterator

from migsafe.actions import AttachPartition, Constant
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.sql.effects import named
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS407",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="Attaching partition {partition} to {relation} reads every row of {read} under {lock}",
    why=(
        "PostgreSQL makes sure that each row is in the right partition. Until it has read them all, {requests} waits,"
        " and they pile up until they time out."
    ),
)


@rule.on(AttachPartition)
def check(action: AttachPartition, context: Context) -> Iterator[Finding]:
    read = [one for one in context.effects if one.scans and not context.created_here(named(one.relation))]
    if not read or context.created_here(action.relation):
        return
    strongest = max(read, key=lambda one: one.lock)
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.partition.name,
        partition=context.display(action.partition),
        read=" and ".join(one.relation for one in read),
        lock=strongest.lock.value,
        requests=requests(strongest),
        fix=_fix(action, any(one.relation == context.display(action.partition) for one in read), context),
    )


def _fix(action: AttachPartition, of_partition: bool, context: Context) -> str:
    condition = _condition(action, context) if of_partition else None
    if condition is None:
        table = context.display(action.partition) if of_partition else "the DEFAULT partition"
        return (
            f"Add a CHECK constraint to {table} that says what its partition bound will say, as NOT VALID, and validate"
            " it, both in earlier migrations: what is proven is not read. A DEFAULT partition is best left empty."
        )
    table, name = quoted(action.partition), quoted(f"{action.partition.name}_bound")
    drop = f"ALTER TABLE {table}\nDROP CONSTRAINT {name}"
    detach = f"ALTER TABLE {quoted(action.relation)}\nDETACH PARTITION {table}"
    return steps(
        "1. Promise the partition's bounds without looking at the rows:",
        migration(run_sql(f"ALTER TABLE {table}\nADD CONSTRAINT {name} CHECK ({condition}) NOT VALID", drop)),
        "2. In a second migration, check the rows while everybody keeps working:",
        migration(run_sql(f"ALTER TABLE {table}\nVALIDATE CONSTRAINT {name}", None)),
        "3. In a third one, attach it. With the CHECK as proof nothing is read:",
        migration(run_sql(context.statement.parsed.sql, detach), run_sql(drop, None)),
    )


def _condition(action: AttachPartition, context: Context) -> str | None:
    """The bound as an expression; None where it is none of one column with constants."""
    parent, bound = context.catalog.table(action.relation), action.bound
    if parent is None or len(parent.partition_key) != 1 or bound is None or not bound.known:
        return None
    column = quoted(parent.partition_key[0])
    parts = [f"{column} IS NOT NULL"]
    if bound.values:
        if None in bound.values:
            return None
        parts.append(f"{column} IN ({', '.join(_literal(value) for value in bound.values if value)})")
    parts += [f"{column} >= {_literal(value)}" for value in bound.lower if value]
    parts += [f"{column} < {_literal(value)}" for value in bound.upper if value]
    return " AND ".join(parts) if len(parts) > 1 else None


def _literal(value: Constant) -> str:
    text = value.text.replace("'", "''")
    return f"'{text}'" if value.type is None else f"'{text}'::{value.type}"
