"""A squash whose replaced migrations can go.

## What it catches
A squash that everybody who was asked (``applied-ref``, the ledger, a database) has applied, by itself or as all of the
migrations that it replaces, while the files of these are still there.

## Why it hurts
It hardly does: on an empty database Django ignores the replaced migrations. But every command imports them, and before
Django 6.0 the squash cannot be squashed again as long as it has ``replaces``.

## Do this instead
Make it a normal migration, as Django's documentation has it: delete the files, and let what depends on them depend on
the squash. Remove ``replaces`` only when every database has recorded the squash itself, or Django applies it once more.
"""

import shlex
from collections.abc import Iterator

from migsafe.applied import Node
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._fixes import pair, shell, steps
from migsafe.rules._squashes import progress, squashes

rule = Rule(
    __name__,
    code="MS712",
    severity=Severity.INFO,
    axis=Axis.HISTORY,
    message="{migration} is applied in {sources}: the migrations that it replaces can go",
    why="Every command imports them, and before Django 6.0 a squash that has `replaces` cannot be squashed again.",
)


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    graph, past = context.graph, context.past
    for squash in squashes(graph):
        files = [graph.nodes[key] for key in squash.replaces if key in graph.nodes]
        known = progress(squash, past)
        released = squash.key in past.applied
        if squash.key in context.looked_at and files and released and all(one.has_all for one in known):
            recorded = all(one.recorded for one in known)
            yield rule.in_history(
                context,
                squash.key,
                sources=past.where(past.sources),
                fix=_fix(context, squash, files, recorded=recorded),
            )


def _fix(context: HistoryContext, squash: Node, files: list[Node], *, recorded: bool) -> str:
    """The transition to a normal migration, step by step."""
    replaced = set(squash.replaces)
    depending = [
        node.path
        for node in context.graph.nodes.values()
        if node.replaced_by is None and any((one.app, one.name) in replaced for one in node.dependencies)
    ]
    if context.past.database is None:
        wait = "When every database has recorded it (`showmigrations` marks it with [X]), remove"
    elif recorded:
        wait = "Remove"
    else:
        wait = "Run `migrate`, which records it in the databases that have only what it replaces. Then remove"
    names = "No other migration names them."
    if depending:
        names = f"Let these depend on `{pair(squash.key)}` instead: {', '.join(depending)}."
    return steps(
        "1. Delete the files:",
        shell(shlex.join(["git", "rm", *(node.path for node in files)])),
        f"2. {names}",
        f"3. {wait} `replaces` from {squash.path}, and what it replaced from the databases:",
        shell(f"python manage.py migrate {squash.app} --prune"),
    )
