"""A pending migration makes what is there already, or needs what is not.

## What it catches
A table, column, index or constraint that a pending migration makes and that this server has already, or one that it
changes or drops and that this server does not have. After Python code or SQL that could not be read nothing is said.

## Why it hurts
The migration fails on this server, though it passes on every database that was made by the migrations alone.

## Do this instead
Find out who has changed the schema by hand. Undo that; or, if the migration does nothing else, tell Django that it is
applied: ``python manage.py migrate APP MIGRATION --fake``.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import GateContext, Rule
from migsafe.rules._fixes import shell, steps

rule = Rule(
    __name__,
    code="MS917",
    severity=Severity.ERROR,
    axis=Axis.HISTORY,
    message="{app}.{migration} fails on this server: {clash}",
    why="The schema is not as the migrations have left it, so that the server refuses this one.",
)


@rule.on_gate
def check(context: GateContext) -> Iterator[Finding]:
    for migration in context.pending:
        if migration.clash:
            yield rule.at_gate(
                context,
                migration,
                about=migration.clash,
                clash=migration.clash,
                fix=steps(
                    "Undo what was done by hand. Or, if that is all that the migration does, tell Django that it is"
                    " applied:",
                    shell(f"python manage.py migrate {migration.app} {migration.name} --fake"),
                ),
            )
