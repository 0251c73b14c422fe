"""A setting that outlives its migration, or never gets to it.

## What it catches
``SET`` without ``LOCAL`` in SQL of a migration that does not reset it; in a migration that is not atomic also if it
does, where Django's settings look like those for PgBouncer in transaction mode.

## Why it hurts
It counts for the session, not for the migration: what ``migrate`` runs afterwards has it too. Behind PgBouncer in
transaction mode each transaction may get another server connection: the statements after it run without the setting,
and some request of the application gets the connection that has it.

## Do this instead
``SET LOCAL``, which ends with the transaction. Where there is none, set it for the role, or connect migrations to
PostgreSQL directly.
"""

from collections.abc import Iterator

from migsafe.actions import SetVariable
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import run_sql

rule = Rule(
    __name__,
    code="MS606",
    severity=Severity.INFO,
    axis=Axis.LOCKS,
    sized=False,
    message="SET {name} {does}",
    why="{why}",
)


@rule.on(SetVariable)
def check(action: SetVariable, context: Context) -> Iterator[Finding]:
    if action.local or action.value is None or not context.operation.is_a("RunSQL"):
        return
    pooled, reset = context.database.pooled, _is_reset(action, context)
    if context.transaction is not None:
        if reset:
            return
        does = "stays after the migration, for all that runs in this session"
        why = "What `migrate` does next has the setting too." + (
            " Behind PgBouncer in transaction mode, so has any request that gets this connection." if pooled else ""
        )
        fix = _local(action, context)
    else:
        if reset and not pooled:
            return
        does = "may not reach the statement that it is for" if pooled else "stays after the migration"
        why = (
            "Behind PgBouncer in transaction mode the next statement may run on another connection, without the"
            " setting, and some request gets the connection that has it."
            if pooled
            else "What `migrate` does next in this session has the setting too."
        )
        fix = _outside(action, context)
    severity = Severity.WARNING if pooled else Severity.INFO
    yield rule.finding(context, about=action.name, severity=severity, name=action.name, does=does, why=why, fix=fix)


def _is_reset(action: SetVariable, context: Context) -> bool:
    return any(
        isinstance(other := later.step.action, SetVariable) and other.name == action.name and not other.local
        for later in context.later()
    )


def _local(action: SetVariable, context: Context) -> str:
    statements = [
        f"SET LOCAL {action.name} = '{(action.value or '').replace(chr(39), chr(39) * 2)}'"
        if one is context.statement
        else one.parsed.sql
        for one in context.operation.forward
    ]
    return steps("Let it end with the transaction:", migration(run_sql(statements, None)))


def _outside(action: SetVariable, context: Context) -> str:
    if context.database.pooled:
        return "Connect migrations to PostgreSQL directly, past the pooler; or set it for the role that runs them."
    return steps(
        "Reset it at the end of the migration:", migration(run_sql(f"RESET {action.name}", None), atomic=False)
    )
