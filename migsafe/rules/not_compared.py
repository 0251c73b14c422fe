"""An applied migration that cannot be compared with what it was.

## What it catches
A migration that exists at the git ref, but is not valid Python there; or one of which there is no source now, only what
Python has compiled.

## Why it hurts
Whether it was edited since is not known. A file that is not valid Python cannot have been applied as it was there.

## Do this instead
Look at what has changed in it, and name a ref that was really deployed; put back the source that is gone. If what it
is now is right, accept it: ``migsafe accept APP MIGRATION --reason "…"``.
"""

import shlex
from collections.abc import Iterator
from pathlib import PurePath

from migsafe.applied import Unread
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._applied import accept, named, restore
from migsafe.rules._fixes import shell, steps

rule = Rule(
    __name__,
    code="MS723",
    severity=Severity.WARNING,
    axis=Axis.HISTORY,
    message="{it} is applied ({places}), and cannot be compared with what it was: {reason}",
    why="If it was edited since, databases that have it differ from new ones, and nobody is told.",
)


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    for one in context.past.unread:
        if one.app in context.apps:
            yield rule.in_history(
                context,
                one.key,
                it=named(one.key),
                places=context.past.where([one.source]),
                reason=one.reason,
                fix=_fix(context, one),
            )


def _fix(context: HistoryContext, one: Unread) -> str:
    file = PurePath(context.graph.nodes[one.key].path)
    if file.suffix != ".py":
        return restore(context.past, str(file.with_suffix(".py")), [one.source])
    ref = context.past.ref or "HEAD"
    return steps(
        "Look at what has changed in it:", shell(shlex.join(["git", "diff", ref, "--", str(file)])), accept(one.key)
    )
