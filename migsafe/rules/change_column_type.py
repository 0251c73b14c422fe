"""A type change that rewrites or re-reads the table.

## What it catches
``ALTER COLUMN … TYPE`` on a table in use where the stored values have to be converted or checked, or indexes built
again. Widening ``varchar``, ``varchar`` to ``text`` and the like change nothing that is stored, and are not reported.

## Why it hurts
PostgreSQL converts every row, writes the table and its indexes anew, and nobody can read or write it meanwhile.
Queries of code that is still running may fail with the new type, too.

## Do this instead
Add a new column of the new type, write both, fill the old rows in batches, switch reading over, drop the old column.
"""

from collections.abc import Iterator

from migsafe.actions import AlterColumnType, Name
from migsafe.model import Axis, Effect, Finding, Severity
from migsafe.postgres.values import sql_name
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._column_fixes import add_column, by_new_column
from migsafe.rules._columns import column_of, follows_key, only_comment
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS106",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="Changing {column} from {old} to {new} {does} under {lock}",
    why=(
        "PostgreSQL has to go through every row to change the type. Until it is done, {requests} hangs, and they pile"
        " up until they time out. The larger the table, the longer."
    ),
)


@rule.on(AlterColumnType)
def check(action: AlterColumnType, context: Context) -> Iterator[Finding]:
    effect = context.stall
    if effect is None or context.created_here(action.relation) or follows_key(action, context):
        return
    if only_comment(action, context):  # comment_locks says so
        return
    column = column_of(action.relation, action.column, context)
    changes = [other for other in context.actions() if isinstance(other, AlterColumnType)]
    others = dict.fromkeys(context.display(other.relation) for other in changes if other.relation != action.relation)
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.column,
        column=action.column,
        old=sql_name(column.type) if column else "its type",
        new=f"{sql_name(action.type)} COLLATE {action.collation}" if action.collation else sql_name(action.type),
        does=_does(effect, context.display(action.relation))
        + (f" (and {', '.join(others)} with it)" if others else ""),
        lock=effect.lock.value,
        requests=requests(effect),
        fix=_fix(action, effect, context),
    )


def _does(effect: Effect, relation: str) -> str:
    if not effect.rewrites:
        return f"reads all of {effect.relation}"
    return f"rewrites {relation}" if effect.relation == relation else f"rebuilds index {effect.relation}"


def _fix(action: AlterColumnType, effect: Effect, context: Context) -> str:
    table = context.catalog.table(action.relation)
    if table and table.primary_key and action.column in table.primary_key.columns:
        return _fix_key(action)
    index = context.catalog.index(Name(effect.relation))
    if effect.rewrites and index and index.constraint is None:
        return steps(
            f"The change itself is free, but index {effect.relation} has to be built again. Drop it concurrently in a "
            "migration before, and build it concurrently in one after:",
            migration(run_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(index.name)}", None), atomic=False),
        )
    return by_new_column(action, context)


def _fix_key(action: AlterColumnType) -> str:
    table, new = quoted(action.relation), quoted(f"{action.column}_new")
    index = quoted(f"{action.relation.name}_{action.column}_new")
    return steps(
        "It is the table's key, and a key can only be moved in SQL, over several releases:",
        "1. Add a column of the new type, and a trigger that fills it for new rows:",
        migration(add_column(action.relation, f"{action.column}_new", action.type)),
        "2. Fill the old rows in batches, and do both for the columns of other tables that refer to it.",
        "3. Build a unique index on it, in a migration of its own:",
        migration(
            run_sql(
                f"CREATE UNIQUE INDEX CONCURRENTLY {index} ON {table} ({new})",
                f"DROP INDEX CONCURRENTLY IF EXISTS {index}",
            ),
            atomic=False,
        ),
        "4. In one short transaction, swap the names of the columns and make the index the primary key.",
        "If the table is small, keep the operation, and run it with a `lock_timeout` when there is little traffic.",
    )
