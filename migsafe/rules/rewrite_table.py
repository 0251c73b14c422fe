"""A whole table written anew.

## What it catches
``VACUUM FULL``, ``CLUSTER``, ``SET LOGGED``, ``SET UNLOGGED``, ``SET TABLESPACE`` and ``SET ACCESS METHOD`` on a table
in use, and ``ALL IN TABLESPACE``.

## Why it hurts
PostgreSQL copies every row into a new file, and nobody can read or write the table meanwhile. It needs as much free
disk space again.

## Do this instead
Take it out of the migrations. Plain ``VACUUM`` makes space usable again while people work, and an online tool
(pg_repack, pg_squeeze) copies a table while they do.
"""

from collections.abc import Iterator

from migsafe.actions import Action, AlterTable, Maintenance, MoveAll, Name
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.words import requests
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import migration, steps
from migsafe.sql.effects import named
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS405",
    severity=Severity.ERROR,
    axis=Axis.LOCKS,
    message="{command} writes all of {relation} anew under {lock}",
    why=(
        "PostgreSQL copies every row of {relation} to a new file. Until that is done, {requests} waits. It also needs"
        " as much free disk space as {relation} already takes."
    ),
)

COMMANDS = {
    "SetLogged": "SET LOGGED",
    "SetUnLogged": "SET UNLOGGED",
    "SetTableSpace": "SET TABLESPACE",
    "SetAccessMethod": "SET ACCESS METHOD",
}


@rule.on(AlterTable, Maintenance, MoveAll)
def check(action: AlterTable | Maintenance | MoveAll, context: Context) -> Iterator[Finding]:
    effect = context.stall
    if effect is None or not effect.rewrites or context.fails:
        return
    relation = named(effect.relation) if isinstance(action, MoveAll) else action.relation
    if relation and context.created_here(relation):
        return
    yield rule.finding(
        context,
        relation=relation or named(effect.relation),
        about=_command(action),
        command=_command(action),
        lock=effect.lock.value,
        requests=requests(effect),
        fix=_fix(action, relation),
    )


def _command(action: Action) -> str:
    match action:
        case AlterTable():
            return COMMANDS.get(action.command, action.command)
        case MoveAll():
            return f"Moving every {action.kind} of tablespace {action.tablespace}"
        case Maintenance(command="vacuum"):
            return "VACUUM FULL"
    return "CLUSTER"


def _fix(action: Action, relation: Name | None) -> str:
    if isinstance(action, Maintenance) and relation:
        return steps(
            "A plain VACUUM makes the space of deleted rows usable again while people work, outside a transaction:",
            migration(run_sql(f"VACUUM {quoted(relation)}", None), atomic=False),
            "To give it back to the system, or to sort the rows, use pg_repack or pg_squeeze: they copy the table"
            " online. They are no migrations.",
        )
    return (
        "Take it out of the migrations and do it in a maintenance window; or let an online tool (pg_repack, pg_squeeze)"
        " copy the table. There is no form of this command that lets people work meanwhile."
    )
