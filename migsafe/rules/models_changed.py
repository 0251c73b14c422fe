"""Models that were changed without a migration.

## What it catches
What ``makemigrations`` would write for an app: it is asked in process, without a database and without a question. An
error if tables would change, else (``help_text``, ``choices``, ``verbose_name``) a warning. Quiet about an app that has
several leaf nodes: Django does not know then what the migrations make of the models.

## Why it hurts
Code is deployed that counts on tables that nobody has made. What only the models say harms no query, but it gets into
the next migration of whoever runs ``makemigrations``, and makes ``makemigrations --check`` fail for all.

## Do this instead
Make the migration, and deploy it with the models.
"""

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from migsafe.applied import ModelChanges
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._evidence import listed, some
from migsafe.rules._fixes import shell, steps

rule = Rule(
    __name__,
    code="MS709",
    severity=Severity.ERROR,
    axis=Axis.HISTORY,
    message="{what}",
    why="{consequence}",
)


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    graph = context.graph
    conflicts = graph.conflict_sides()
    changes: defaultdict[str, list[ModelChanges]] = defaultdict(list)
    for one in graph.changes or ():
        if one.app in context.apps and one.app not in conflicts:
            changes[one.app].append(one)
    for app, migrations in changes.items():
        operations = [operation for one in migrations for operation in one.operations]
        tables = any(one.tables for one in migrations)
        yield rule.in_history(
            context,
            app,
            severity=Severity.ERROR if tables else Severity.WARNING,
            what=f"Models of {app} have changed without a migration: {'; '.join(some(operations))}",
            consequence="Code counts on tables that no migration makes."
            if tables
            else "No table would change, but whoever runs makemigrations next gets this into their migration.",
            fix=steps(
                f"This makes {listed([f'`{one.name}`' for one in migrations])}:",
                shell(f"python manage.py makemigrations {app}"),
            ),
        )
    if graph.changes_unknown and not conflicts:
        yield msgspec.structs.replace(
            rule.finding_at(
                path=None,
                what=f"Whether models have changed without a migration is not known: {graph.changes_unknown}",
                consequence="If they have, code counts on tables that no migration makes.",
                fix=steps("Look what Django itself says:", shell("python manage.py makemigrations --check --dry-run")),
            ),
            severity=Severity.INFO,
        )
