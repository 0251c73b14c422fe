"""A table emptied while running code uses it.

## What it catches
``TRUNCATE`` of a table that models have, and of those that ``CASCADE`` empties with it because they refer to it.

## Why it hurts
All rows are gone for code that is still running, and no rollback of the release brings them back. ``TRUNCATE`` locks
out even readers until the migration ends, and ``CASCADE`` empties tables that the statement does not name.

## Do this instead
Delete what has to go in batches: people go on working, nothing else is emptied, and it can be stopped.
"""

from collections.abc import Iterator

from migsafe.actions import Delete, Name, Truncate
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import in_batches, steps
from migsafe.written.batches import divided
from migsafe.written.operations import quoted

rule = Rule(
    __name__,
    code="MS404",
    severity=Severity.WARNING,
    axis=Axis.DATA,
    message="TRUNCATE empties {relation}{others}, which running code uses, and locks out its readers until the end",
    why=(
        "Every row of {relation}{others} is gone at once, for code that is still running too, and rolling the release"
        " back does not bring them back. Nobody can read {relation} until the migration is done."
    ),
)


@rule.on(Truncate)
def check(action: Truncate, context: Context) -> Iterator[Finding]:
    if context.created_here(action.relation):
        return
    more = [name for name in _emptied_with(action, context) if not context.created_here(name)]
    if not more and action.relation.name not in context.operation.in_models:
        return
    names = ", ".join(map(context.display, more))
    yield rule.finding(
        context,
        relation=action.relation,
        severity=Severity.ERROR if more else Severity.WARNING,
        others=f" and, by CASCADE, {names}" if more else "",
        fix=_fix(action, context),
    )


def _emptied_with(action: Truncate, context: Context) -> list[Name]:
    """Tables that CASCADE empties though the statement does not name them."""
    if not action.cascade:
        return []
    emptied = [context.catalog.locate(name) for name in action.together or (action.relation,)]
    named = set(emptied)
    for name in emptied:
        emptied += [table.name for table, _ in context.catalog.referencing(name) if table.name not in emptied]
    # Each of the statement's tables is an action of its own: those that cannot be told apart belong to the first.
    first = action.relation == (action.together or (action.relation,))[0]
    return [name for name in emptied if name not in named] if first else []


def _fix(action: Truncate, context: Context) -> str:
    batches = divided(f"DELETE FROM {quoted(action.relation)}", Delete(relation=action.relation), context.catalog)
    return steps(
        "Delete the rows in batches, in a migration of its own; rows of other tables that refer to them come first"
        + (f" ({batches})." if isinstance(batches, str) else ":"),
        "" if isinstance(batches, str) else in_batches(batches),
    )
