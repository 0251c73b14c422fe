"""A squash that replaces a migration that does not exist.

## What it catches
A name in ``replaces`` of which there is no file, and that nobody who was asked has ever applied, while other migrations
that the squash replaces are there. Quiet if all of them are gone: that is how a squash is on its way to be a normal
migration. Quiet about those that were there once: whether somebody still needs them is what MS713 says.

## Why it hurts
A database that has all of the others does not have this one, so the squash never counts as applied there. Django goes
on with what it replaces; as soon as these files are deleted it leaves the squash out, and what depends on it with it.

## Do this instead
Correct the name, or take it out.
"""

from collections.abc import Iterator
from difflib import get_close_matches

from migsafe.applied import Key
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._fixes import python, steps
from migsafe.rules._squashes import files_gone, has_existed, squashes

rule = Rule(
    __name__,
    code="MS714",
    severity=Severity.WARNING,
    axis=Axis.HISTORY,
    message="{migration} replaces {name}, which does not exist",
    why="No database that has the others has this one, so the squash never counts as applied there.",
)


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    for squash in squashes(context.graph):
        gone = files_gone(squash, context.graph)
        if squash.key not in context.looked_at or len(gone) == len(squash.replaces):
            continue
        for key in gone:
            if not has_existed(key, context):
                meant = _meant(key, squash.replaces, context)
                yield rule.in_history(
                    context,
                    squash.key,
                    about=".".join(key),
                    name=".".join(key),
                    fix=steps(f"Perhaps this was meant, in {squash.path}:", python(f'("{meant[0]}", "{meant[1]}"),'))
                    if meant
                    else f"Take it out of `replaces` in {squash.path}. If its file was deleted, bring it back until "
                    "all of them can go.",
                )


def _meant(key: Key, replaces: tuple[Key, ...], context: HistoryContext) -> Key | None:
    """A migration with nearly the same name that nothing replaces."""
    candidates = [
        node.name
        for node in context.graph.nodes.values()
        if node.app == key[0] and node.key not in replaces and not node.replaces
    ]
    near = get_close_matches(key[1], candidates, n=1, cutoff=0.8)
    return (key[0], near[0]) if near else None
