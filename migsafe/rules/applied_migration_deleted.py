"""A migration that is applied and whose file is gone.

## What it catches
A migration that git or the ledger says is applied, and of which there is no file any more. One that was renamed is
MS703. One that a squash replaces may go once everything that has it has the squash, or all that the squash replaces.

## Why it hurts
Databases that have it keep what it did, and Django passes over its row in ``django_migrations``. New databases do not
get it: tables and columns are missing there, or data is. And ``makemigrations`` makes it again, which fails where it
already happened.

## Do this instead
Put the file back. To have fewer migrations, squash them (``python manage.py squashmigrations``); to undo one, write a
new migration that does.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._applied import accept, applied, gone_with_squash, named, restore
from migsafe.rules._fixes import steps

rule = Rule(
    __name__,
    code="MS702",
    severity=Severity.ERROR,
    axis=Axis.HISTORY,
    message="{it} is applied ({places}), and its file is gone",
    why=(
        "Databases that have it keep what it did: Django passes over a row of `django_migrations` without a file. New"
        " databases never get it, so tests no longer run on what production has."
    ),
)


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    past = context.past
    for key, sources in sorted(past.applied.items()):
        if key[0] not in context.apps or key in context.graph.nodes or key in past.renamed:
            continue
        if not sources.keys() & {"git", "ledger"} or gone_with_squash(context, key):
            continue
        path = past.paths.get(key)
        yield rule.in_history(
            context,
            key,
            path=path,
            it=named(key),
            places=past.where(sources),
            evidence=applied(past, key, sources),
            fix=steps(
                restore(past, path, sources),
                "If what it did has to be undone, undo it in a new migration.",
                accept(key),
            ),
        )
