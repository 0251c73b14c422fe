"""A number that is missing before a new migration.

## What it catches
A migration that nobody has applied yet, and whose number is not the one after that of the migration before it, while
no other migration of the app has the numbers between. Only numbers of four digits count, as Django makes them: dates
and other schemes leave gaps on purpose. Numbers that squashes replace are not missing, and of applied migrations that
are gone MS702 tells.

## Why it hurts
Usually a migration was deleted while the branch was made. A database of a developer or of a test system that has
applied it has tables that the history does not explain. Or its file was never committed, and the dependency was made
to fit.

## Do this instead
Look whether something is missing in the commit. If nothing is, give the migration the next number.
"""

import shlex
from collections.abc import Iterator
from itertools import chain

from migsafe.applied import Node
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._evidence import few
from migsafe.rules._fixes import shell, steps
from migsafe.rules._numbers import leading, number

rule = Rule(
    __name__,
    code="MS711",
    severity=Severity.INFO,
    axis=Axis.HISTORY,
    message="{name} comes after {parent}, and no migration of {app} has number {missing}",
    why="A migration in between may have been deleted, or never committed, though some database has it.",
)


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    taken: dict[str, set[int]] = {}
    nodes = context.graph.nodes
    replaced = (key for node in nodes.values() for key in node.replaces)
    # Of applied ones that are gone, other rules speak.
    for app, name in chain(nodes, replaced, context.past.applied):
        taken.setdefault(app, set()).update({number(name) or 0, int(leading(name) or 0)})
    for key in sorted(context.looked_at & context.graph.nodes.keys()):
        node = context.graph.nodes[key]
        parents = [parent for parent in node.parents if parent[0] == node.app]
        before = [found for _, name in parents if len(leading(name)) == 4 and (found := number(name)) is not None]
        if not context.is_new(key) or node.replaces or len(leading(node.name)) != 4 or not before:
            continue
        missing = [one for one in range(max(before) + 1, int(leading(node.name))) if one not in taken[node.app]]
        if missing and len(before) == len(parents):
            yield rule.in_history(
                context,
                key,
                name=node.name,
                parent=max(name for _, name in parents),
                missing=_numbers(missing),
                fix=steps(
                    "See whether git has ever had it:",
                    shell(f"git log --all --stat -- {shlex.quote(_pattern(node, missing[0]))}"),
                    "If nothing is missing, and no database has this one, give it the next number.",
                ),
            )


def _numbers(missing: list[int]) -> str:
    first, last = missing[0], missing[-1]
    if 1 < len(missing) == last - first + 1:
        return f"{first:04} to {last:04}"
    return few([f"{one:04}" for one in missing])


def _pattern(node: Node, number: int) -> str:
    """Files that could be the missing one."""
    return f"{node.path.removesuffix(f'{node.name}.py')}{number:04}_*"
