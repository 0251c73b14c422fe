"""A dependency on whatever migration of another app is the last.

## What it catches
``("app", "__latest__")`` in ``dependencies``.

## Why it hurts
What it means changes with every migration that the other app gets. Once this one is applied and the other app has a new
one, an applied migration depends on one that is not: Django refuses every ``migrate`` with
``InconsistentMigrationHistory``. If the other app is a package, an upgrade of it is enough.

## Do this instead
Name the migration that is needed.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._dependencies import adding
from migsafe.rules._fixes import pair, steps

rule = Rule(
    __name__,
    code="MS717",
    severity=Severity.ERROR,
    axis=Axis.HISTORY,
    message="Depends on the last migration of {other}, whichever that is: today {latest}",
    why=(
        "As soon as {other} has a new migration, this one depends on it. Where this one is applied already, Django then"
        " refuses every migrate: InconsistentMigrationHistory."
    ),
)


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    for node in context.own():
        for dependency in node.dependencies:
            latest = [key for key in node.parents if key[0] == dependency.app]
            if dependency.name == "__latest__" and dependency.app != node.app and latest:
                yield rule.in_history(
                    context,
                    node.key,
                    about=dependency.app,
                    other=dependency.app,
                    latest=latest[0][1],
                    fix=steps("Name the one that it needs, at most today's last:", adding(pair(latest[0]))),
                )
