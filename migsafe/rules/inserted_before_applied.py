"""A migration that is not applied and comes before one that is.

## What it catches
An applied migration that directly depends on one that is not applied in the same place: because its ``dependencies``
name a new one, because a new one says ``run_before``, because a setting names the model of another app, or because it
was recorded without it (``migrate --fake``). Squashes count as Django counts them: one is applied if all that it
replaces is.

## Why it hurts
``migrate`` checks this before it does anything, and stops: ``InconsistentMigrationHistory: Migration … is applied
before its dependency …``. That release cannot be migrated at all, not even with ``--fake``.

## Do this instead
Put new migrations after applied ones. Take the new one out of the applied one's ``dependencies``, or the applied one
out of the new one's ``run_before``.
"""

import shlex
from collections import defaultdict
from collections.abc import Iterator

from migsafe.applied import Key, Source
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._applied import applied, asked, named, recording, restore
from migsafe.rules._consistency import Edge, violated
from migsafe.rules._fixes import pair, python, shell, steps

rule = Rule(
    __name__,
    code="MS705",
    severity=Severity.ERROR,
    axis=Axis.HISTORY,
    message="{parent} has to come before {child}, which is applied ({places}) without it: {because}",
    why=(
        "Before it does anything, `migrate` looks for this and stops: InconsistentMigrationHistory. Where {child} is"
        " applied, no migration of this release can be, not even with `--fake`."
    ),
)


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    past = context.past
    found: defaultdict[Edge, list[Source]] = defaultdict(list)
    for source in asked(past):
        for edge in violated(context.graph, past.by_source[source]):
            renamed = any(new == edge.parent and source in past.applied[old] for old, new in past.renamed.items())
            if _is_asked(context, source, edge) and not renamed:  # MS703 tells of that
                found[edge].append(source)
    for edge, sources in sorted(found.items(), key=lambda one: one[0][:3]):
        # The one to change, unless it is another team's.
        shown = edge.owner if edge.owner[0] in context.apps else edge.parent
        yield rule.in_history(
            context,
            shown if shown[0] in context.apps else edge.child,
            about=f"{named(edge.child)} {named(edge.parent)}",
            child=named(edge.child),
            parent=named(edge.parent),
            places=past.where(sources),
            because=_because(edge),
            evidence=applied(past, edge.child, sources),
            fix=_fix(context, edge, sources),
        )


def _is_asked(context: HistoryContext, source: Source, edge: Edge) -> bool:
    """Whether a migration that a source does not have is one that it would have.

    Only a database has apps that nobody has asked for, a repository may have no third-party ones, and a ledger may have
    been asked for some migrations only.
    """
    app, _ = edge.parent
    if source == "database":
        return not context.apps.isdisjoint((app, edge.child[0]))
    has_app = any(label == app for label, _ in context.past.by_source[source])
    if source == "git" and not (has_app or context.graph.nodes[edge.parent].own):
        return False
    if source == "ledger" and ("git" in context.past.applied.get(edge.parent, {}) or not has_app):
        return False
    return app in context.apps


def _because(edge: Edge) -> str:
    if edge.dependency is None:
        return "its run_before says so"
    if edge.dependency.setting:
        return f"{named(edge.owner)} depends on what {edge.dependency.setting} names"
    written = (edge.dependency.app, edge.dependency.name)
    if written == edge.parent:
        return f"{named(edge.owner)} depends on it"
    return f"{named(edge.owner)} depends on {named(written)}"


def _fix(context: HistoryContext, edge: Edge, sources: list[Source]) -> str:
    if edge.dependency is None:
        return steps(
            f"Take {named(edge.child)} out of `run_before` of {named(edge.owner)}: where it is applied, nothing can"
            " come before it any more. Let the new one come after it:",
            _depends_on(edge.child),
        )
    if edge.dependency.setting:
        return (
            f"Let `{edge.dependency.setting}` name the model that it named when {named(edge.child)} was applied. To"
            " change it later, tables and rows have to be changed by hand: the page of Django's manual on custom user"
            " models has a section about doing that in the middle of a project."
        )
    if edge.dependency.name in ("__first__", "__latest__"):
        return (
            f"Let {named(edge.owner)} name the migration that it depends on, instead of whichever is"
            f" `{edge.dependency.name}` of {edge.dependency.app}."
        )
    skipped = _record(edge) if "database" in sources else ""
    if skipped and context.past.applied.get(edge.parent, {}).keys() - set(sources):
        return skipped
    parts = [
        restore(context.past, context.graph.nodes[edge.owner].path, sources),
        f"And let {named(edge.parent)} come after what is applied:",
        _depends_on(edge.child),
    ]
    if skipped and len(sources) == 1:
        parts.append(f"Or, if that was always so, and the database got one of them with `--fake`: {skipped}")
    return steps(*parts)


def _depends_on(key: Key) -> str:
    return python("dependencies = [", f"    {pair(key)},", "]")


def _record(edge: Edge) -> str:
    """How to repair a database that has recorded a migration without one before it."""
    app, name = edge.parent
    return steps(
        f"The database has recorded {named(edge.child)} without {named(edge.parent)}. See what that does:",
        shell(f"python manage.py sqlmigrate {app} {shlex.quote(name)}"),
        "Do by hand what of it is missing, and then record it, which Django itself refuses:",
        recording(edge.parent),
    )
