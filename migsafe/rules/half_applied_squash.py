"""A squash of which a database has a part.

## What it catches
A source (a database, the ledger, ``applied-ref``) that has some of the migrations that a squash replaces, and not all.
An error if the files of the others are gone, else an info. Also a database that has recorded the squash, and not what
it replaces.

## Why it hurts
Django then takes the squash out of the graph and goes by what it replaces. That is well as long as the files are there:
it applies the rest of them, and the squash counts as applied afterwards. If they are gone, ``migrate`` fails with
``NodeNotFoundError`` where another migration names one of them. Where none does it fails nowhere: it says that there is
nothing to apply, or applies what comes after, and what the missing ones did is never done.

## Do this instead
Keep the replaced migrations until every database has all of them.
"""

import shlex
from collections.abc import Iterator

from migsafe.applied import Key, Node
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._applied import named, recording
from migsafe.rules._evidence import few
from migsafe.rules._fixes import shell, steps
from migsafe.rules._squashes import Progress, files_gone, has_existed, progress, squashes

rule = Rule(
    __name__,
    code="MS713",
    severity=Severity.ERROR,
    axis=Axis.HISTORY,
    message="{source} has {has}, so Django does not use {migration} there",
    why="{consequence}",
)


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    for squash in squashes(context.graph):
        for one in progress(squash, context.past):
            if one.recorded and one.left and one.source == "database":
                yield _recorded_alone(squash, one, context)
            elif one.done and not one.has_all:
                yield from _half_applied(squash, one, context)


def _half_applied(squash: Node, one: Progress, context: HistoryContext) -> Iterator[Finding]:
    graph = context.graph
    gone = set(files_gone(squash, graph))
    lost = [key for key in one.left if key in gone]
    if lost and len(gone) < len(squash.replaces) and not any(has_existed(key, context) for key in lost):
        return  # another rule says that there is no such migration
    naming = [
        (node, (each.app, each.name))
        for node in graph.nodes.values()
        for each in node.dependencies
        if (each.app, each.name) in gone
    ]
    if naming:
        node, key = naming[0]
        consequence = f"`migrate` fails with NodeNotFoundError: {named(node.key)} depends on {named(key)}."
    elif lost:
        consequence = f"`migrate` reports no error and never does what {_names(lost)} did: code that needs it fails."
    else:
        consequence = "`migrate` applies the rest of them instead. Until then their files have to stay."
    yield rule.in_history(
        context,
        squash.key,
        about=one.source,
        severity=Severity.ERROR if naming or lost else Severity.INFO,
        source=context.past.where([one.source]),
        has=f"{len(one.done)} of the {len(squash.replaces)} migrations that it replaces ({_names(one.left)} missing)",
        consequence=consequence,
        fix=steps(
            f"Bring the files back that are gone ({_names(sorted(gone))}); this names the commits:",
            shell(f"git log --diff-filter=D --name-only -- {shlex.quote(_folder(squash))}"),
            f"Delete them only when `migrate` has applied all of them in {context.past.where([one.source])}.",
        )
        if naming or lost
        else steps("Bring it up to date before the files go:", shell(f"python manage.py migrate {squash.app}")),
    )


def _recorded_alone(squash: Node, one: Progress, context: HistoryContext) -> Finding:
    return rule.in_history(
        context,
        squash.key,
        about=one.source,
        source=context.past.where([one.source]),
        has=f"recorded it, and not {_names(one.left)}, which it replaces",
        consequence="Django takes it for not applied as long as it has `replaces`: it applies it once more, fails with "
        "InconsistentMigrationHistory, or leaves it out.",
        fix=steps(
            f"If all databases have recorded {squash.name}, remove `replaces` from {squash.path}, and the files that "
            "it stands for. If not, record what it has done here:",
            recording(*one.left),
        ),
    )


def _folder(squash: Node) -> str:
    return squash.path.removesuffix(f"{squash.name}.py")


def _names(keys: "list[Key] | tuple[Key, ...]") -> str:
    return few([named(key) for key in keys])
