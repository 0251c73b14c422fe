"""SET LOCAL where there is no transaction.

## What it catches
``SET LOCAL`` in a migration with ``atomic = False``, in a statement by itself.

## Why it hurts
It ends with the transaction, which is that one statement: PostgreSQL warns and does nothing. What the author relied on,
a ``lock_timeout`` for example, is not there.

## Do this instead
``SET``, and ``RESET`` at the end of the migration.
"""

from collections.abc import Iterator

from migsafe.actions import SetVariable, Transaction
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import run_sql

rule = Rule(
    __name__,
    code="MS608",
    severity=Severity.WARNING,
    axis=Axis.LOCKS,
    sized=False,
    message="SET LOCAL {name} does nothing here: there is no transaction that it could last for",
    why="The statements after it run without the setting, as if it were not written.",
)


@rule.on(SetVariable)
def check(action: SetVariable, context: Context) -> Iterator[Finding]:
    if not action.local or context.transaction is not None or _begun(context):
        return
    value = (action.value or "").replace("'", "''")
    yield rule.finding(
        context,
        about=action.name,
        name=action.name,
        fix=steps(
            "Set it for the session, and reset it at the end:",
            migration(
                run_sql(f"SET {action.name} = '{value}'", None), run_sql(f"RESET {action.name}", None), atomic=False
            ),
        ),
    )


def _begun(context: Context) -> bool:
    """Whether SQL before it has opened a transaction."""
    commands = [action.command for action in context.earlier() if isinstance(action, Transaction)]
    return bool(commands) and commands[-1] in ("begin", "savepoint", "release", "rollback to")
