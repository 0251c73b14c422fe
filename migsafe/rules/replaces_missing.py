"""A squash that replaces migrations that do not exist.

## What it catches
Names in ``replaces`` of which there is no file, and that nobody who was asked has ever applied, while other migrations
that the squash replaces are there. A warning if one of the app's other migrations is nearly called the same: then the
name is wrong. Else an info: only some of the files were deleted. Quiet if all of them are gone: that is how a squash
becomes a normal migration. Whether a database still needs what is gone is what MS713 says.

## Why it hurts
A database that has applied all that was ever there has not applied what never was, so the squash never counts as
applied there. Django goes on with what it replaces; once these files are deleted it leaves the squash out.

## Do this instead
Correct the name. Delete the replaced migrations together, when every database has all of them.
"""

import shlex
from collections.abc import Iterator
from difflib import get_close_matches

from migsafe.applied import Key, Node
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._evidence import few
from migsafe.rules._fixes import pair, python, shell, steps
from migsafe.rules._squashes import files_gone, has_existed, squashes

rule = Rule(
    __name__,
    code="MS714",
    severity=Severity.WARNING,
    axis=Axis.HISTORY,
    message="{migration} replaces {names}, of which there is no file",
    why="{consequence}",
)


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    for squash in squashes(context.graph):
        gone = files_gone(squash, context.graph)
        if squash.key not in context.looked_at or len(gone) == len(squash.replaces):
            continue
        unknown = {key: _meant(key, squash, context) for key in gone if not has_existed(key, context)}
        for key, meant in unknown.items():
            if meant:
                yield rule.in_history(
                    context,
                    squash.key,
                    about=".".join(key),
                    names=".".join(key),
                    consequence="No database that has the others has this one, so the squash never counts as applied "
                    "there.",
                    fix=steps(f"This may be meant, in {squash.path}:", python(f"{pair(meant)},")),
                )
        if deleted := [".".join(key) for key, meant in unknown.items() if not meant]:
            files = [context.graph.nodes[key].path for key in squash.replaces if key not in gone]
            yield rule.in_history(
                context,
                squash.key,
                severity=Severity.INFO,
                names=few(deleted),
                consequence="Where only some of what it replaces is applied, Django can neither use the squash nor the "
                "rest.",
                fix=steps(
                    "Take out names that are wrong. If every database has all of them, delete the others too:",
                    shell(shlex.join(["git", "rm", *files])),
                ),
            )


def _meant(key: Key, squash: Node, context: HistoryContext) -> Key | None:
    """A migration with nearly the same name that nothing replaces."""
    candidates = [
        node.name
        for node in context.graph.nodes.values()
        if node.app == key[0] and node.key not in squash.replaces and not node.replaces and not node.replaced_by
    ]
    near = get_close_matches(key[1], candidates, n=1, cutoff=0.8)
    return (key[0], near[0]) if near else None
