"""A max_migration.txt that does not name the app's last migration.

## What it catches
The file that django-linear-migrations keeps beside the migrations of an app, if it has conflict markers or several
lines, is empty, or names something else than the last migration: after a merge, a rebase, a migration written by hand.

## Why it hurts
The file is there so that two branches with a migration each conflict in git. With another content they don't, and the
package's check stops ``makemigrations`` and ``migrate``.

## Do this instead
``python manage.py rebase_migration APP`` while it has conflict markers, else
``python manage.py create_max_migration_files --recreate APP``.
"""

import posixpath
from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._fixes import shell, steps

rule = Rule(
    __name__,
    code="MS720",
    severity=Severity.ERROR,
    axis=Axis.HISTORY,
    message="max_migration.txt of {label} {says}",
    why=(
        "It is there so that branches that both add a migration conflict in git; as it is, the next one may not. And"
        " the check of django-linear-migrations stops makemigrations and migrate."
    ),
)

APP = "django_linear_migrations"


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    for app, text in context.graph.max_migrations.items():
        leaves = context.graph.leaf_nodes.get(app, ())
        if app not in context.apps or not leaves or not context.graph.nodes[leaves[0]].own:
            continue
        name, lines = leaves[0][1], text.strip().splitlines()
        conflict = any(line.startswith(("<<<<<<<", ">>>>>>>")) for line in lines)
        # Of several leaf nodes alone, another rule speaks.
        if conflict or (len(leaves) == 1 and lines != [name]):
            yield rule.in_history(
                context,
                app,
                path=posixpath.join(posixpath.dirname(context.graph.nodes[leaves[0]].path), "max_migration.txt"),
                severity=None if APP in context.graph.installed else Severity.WARNING,
                label=app,
                says="has conflict markers" if conflict else _says(lines, name),
                fix=_fix(app, name, conflict=conflict),
            )


def _says(lines: list[str], name: str) -> str:
    if len(lines) > 1:
        return f"has {len(lines)} lines: it should be {name} alone"
    return f"names {lines[0]}, but the last migration is {name}" if lines else f"is empty: it should name {name}"


def _fix(app: str, name: str, *, conflict: bool) -> str:
    command = f"rebase_migration {app}" if conflict else f"create_max_migration_files --recreate {app}"
    wrong = f"If `{name}` is not the one that should come last, change its dependencies first."
    rebase = "It puts the migration of your branch after the other one, and renames it:"
    return steps(
        rebase if conflict else f"Let the package write it again. {wrong}", shell(f"python manage.py {command}")
    )
