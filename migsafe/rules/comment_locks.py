"""A column's comment whose change locks the table.

## What it catches
``AlterField`` that changes ``db_comment``. Beside ``COMMENT ON COLUMN``, Django sends ``ALTER COLUMN … TYPE`` with the
type that the column has.

## Why it hurts
``COMMENT`` stops nobody, but ``ALTER COLUMN … TYPE`` needs the lock that stops everybody, and every query waits behind
it. Where a CHECK constraint is on the column (``PositiveIntegerField`` has one), PostgreSQL even reads the whole table.

## Do this instead
Send ``COMMENT ON COLUMN`` alone, and let Django know of the field by ``state_operations``.
"""

from collections.abc import Iterator

from migsafe.actions import AlterColumnType, Comment
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._columns import follows_key, only_comment
from migsafe.rules._fixes import migration, steps
from migsafe.written.operations import run_sql, separate

rule = Rule(
    __name__,
    code="MS118",
    severity=Severity.INFO,
    axis=Axis.LOCKS,
    message="Changing the comment of {column} takes {lock} on {relation}{reading}",
    why="Django sends an ALTER COLUMN … TYPE with it, which changes nothing, and for which {requests} {waits}.",
)


@rule.on(AlterColumnType)
def check(action: AlterColumnType, context: Context) -> Iterator[Finding]:
    if not only_comment(action, context) or context.created_here(action.relation):
        return
    effect = context.stall or context.effect(action.relation)
    if effect is None or follows_key(action, context):
        return
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.column,
        severity=Severity.ERROR if context.stall else Severity.INFO,
        column=action.column,
        lock=effect.lock.value,
        reading=" while it reads the whole table" if context.stall else "",
        requests=requests(effect),
        waits="hangs until every row has been read" if context.stall else "waits in the same queue",
        fix=_fix(context),
    )


def _fix(context: Context) -> str:
    comment = [
        run_sql(statement.parsed.sql, None)
        for statement in context.operation.forward
        if all(isinstance(action, Comment) for action in statement.parsed.actions)
    ]
    state = [str(context.written)] if context.written else []
    return steps(
        "Send the comment alone:",
        migration(separate(database=comment, state=state) if state else comment[0]),
    )
