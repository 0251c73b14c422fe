"""Two migrations of an app with the same number.

## What it catches
A migration that nobody has applied yet, and whose name begins with the number of one of the same app that comes before
it. Quiet about squashes and what they replace, about two sides that a merge migration has joined, and about
migrations that are applied: renaming these does more harm. Leaf nodes with the same number are a conflict, which
another rule reports.

## Why it hurts
Nothing fails, since Django goes by dependencies. But the order of files is not that of migrations any more, and
``migrate APP 0005`` refuses to choose.

## Do this instead
Rename the file before it is applied anywhere, and whatever depends on it.
"""

import shlex
from collections import defaultdict
from collections.abc import Iterator

from migsafe.applied import Graph, Key
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._fixes import shell, steps
from migsafe.rules._numbers import leading

rule = Rule(
    __name__,
    code="MS710",
    severity=Severity.INFO,
    axis=Axis.HISTORY,
    message="{name} has the same number as {other}, which it depends on",
    why="`migrate {app} {number}` cannot tell them apart, and the order of files is not that of migrations.",
)


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    graph = context.graph
    numbered: defaultdict[tuple[str, str], list[Key]] = defaultdict(list)
    for key, node in graph.nodes.items():
        if node.replaced_by is None and not node.replaces and (digits := leading(node.name)):
            numbered[node.app, digits].append(key)
    for (_, digits), keys in numbered.items():
        for key in keys:
            if key not in context.looked_at or not context.is_new(key):
                continue
            if earlier := [other for other in keys if graph.comes_before(other, key)]:
                yield rule.in_history(
                    context, key, name=key[1], other=earlier[-1][1], number=digits, fix=_fix(key, digits, graph)
                )


def _fix(key: Key, digits: str, graph: Graph) -> str:
    """How to number it, and what comes after it, anew."""
    after = [other for other in graph.nodes if other[0] == key[0] and graph.comes_before(key, other)]
    commands = []
    for place, (app, name) in enumerate([key, *after], 1):
        folder = graph.nodes[app, name].path.removesuffix(f"{name}.py")
        if own := leading(name):
            renamed = f"{int(digits) + place:0{len(digits)}}{name.removeprefix(own)}"
            commands.append(shlex.join(["git", "mv", f"{folder}{name}.py", f"{folder}{renamed}.py"]))
    return steps(
        "As long as no database has them, number it anew, and what comes after it, and correct their dependencies:",
        shell(*reversed(commands)),
    )
