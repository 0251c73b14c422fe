"""A data migration that writes to another database than the one that is migrated.

## What it catches
A ``RunPython`` in an app whose models are migrated in more than one database (``DATABASES``, and what the routers say)
that uses the database without looking at ``schema_editor.connection.alias``.

## Why it hurts
``migrate --database other`` runs the function as well. Its queries go to the database that the routers choose, mostly
``default``: that one is written twice, the other never.

## Do this instead
``.using(schema_editor.connection.alias)``, or return at once for databases that it is not meant for.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.rules import OperationContext, Rule
from migsafe.rules._fixes import python, steps
from migsafe.rules._python import at, forward, who

rule = Rule(
    __name__,
    code="MS512",
    severity=Severity.WARNING,
    axis=Axis.DATA,
    message="{who} uses the default database, whichever one is migrated",
    why=(
        "The app's models are migrated in more than one database, and the function runs for each of them, but its"
        " queries always go to the same one."
    ),
)


@rule.on_operation
def check(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    for function in forward(operation):
        reading = function.reading
        if function.several_databases and reading.default_queries and not reading.asks_alias:
            place = reading.default_queries[0]
            yield rule.finding(
                at(function, place, context),
                about=function.name,
                who=who(function, place, context),
                fix=steps(
                    "Use the connection that is migrated in each query:",
                    python("alias = schema_editor.connection.alias", "Model.objects.using(alias).filter(...)"),
                ),
            )
