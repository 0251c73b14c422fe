"""A migration that runs before the deploy and depends on one that runs after it.

## What it catches
The markers of django-syzygy (``stage``, also as it takes it from operations, where it is installed) and of
django-safemigrate (``safe``): a migration that is to run before the deploy of its code depends, directly or through
others, on one that is to run after it, and neither is applied yet.

## Why it hurts
The first cannot run without the second, which must not run yet. The deploy stops: ``safemigrate`` says "Aborting due to
blocked migrations", ``migrate --pre-deploy`` "Plan contains a non-contiguous sequence of pre-deployment migrations".

## Do this instead
Put what runs before the deploy first, or the second of them into a later release.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.rules import HistoryContext, Rule
from migsafe.rules._applied import named
from migsafe.rules._fixes import steps

rule = Rule(
    __name__,
    code="MS721",
    severity=Severity.ERROR,
    axis=Axis.HISTORY,
    message="Runs before the deploy, but depends on {later}, which runs after it",
    why="The one cannot run without the other, which must not run yet: the deploy stops before the code is there.",
)


@rule.on_history
def check(context: HistoryContext) -> Iterator[Finding]:
    graph = context.graph
    after = [key for key, one in graph.nodes.items() if one.own and one.stage == "after" and context.is_new(key)]
    for node in context.own():
        if node.stage != "before" or not context.is_new(node.key):
            continue
        if later := next((key for key in reversed(after) if graph.comes_before(key, node.key)), None):
            last = named(later)
            yield rule.in_history(
                context,
                node.key,
                about=last,
                later=last,
                fix=steps(
                    f"If it does not need `{last}`: let it come first. Make it depend on what comes before that one,"
                    f" and that one on it.",
                    f"If it does: leave it for the release after the one with `{last}`.",
                ),
            )
