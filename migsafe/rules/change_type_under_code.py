"""A type change that queries of running code cannot cope with.

## What it catches
``ALTER COLUMN … TYPE`` to a type that PostgreSQL does not compare with the old one (a number becomes text, text in
UUIDs becomes ``uuid`` again, a boolean becomes a number), or whose values are of another kind in Python (``date`` and
``timestamp``, ``float`` and ``Decimal``). Changes within a family (``integer`` to ``bigint``, ``varchar`` to ``text``)
are not reported.

## Why it hurts
During a rollout the previous release goes on asking for values of the old type. Where PostgreSQL has no operator for
that, each such query fails with "operator does not exist". Where it has one, old code gets values that it does not
expect.

## Do this instead
Add a new column of the new type, write both, fill the old rows in batches, switch reading over, drop the old column.
"""

from collections.abc import Iterator

from migsafe.actions import AlterColumnType
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.values import Reading, reading, sql_name
from migsafe.rules import Context, Rule
from migsafe.rules._column_fixes import by_new_column
from migsafe.rules._columns import follows_key, is_new_name, types

rule = Rule(
    __name__,
    code="MS114",
    severity=Severity.ERROR,
    axis=Axis.COMPATIBILITY,
    message="Changing {column} of {relation} from {old} to {new} {consequence}",
    why="{why}",
)

CONSEQUENCE = {
    Reading.REFUSED: "breaks code that is still running: it compares {column} with {old}",
    Reading.OTHER: "may break code that is still running: it expects {old}",
}
WHY = {
    Reading.REFUSED: (
        "Servers with the old release go on comparing {column} with values of type {old}, and PostgreSQL has no"
        " operator for that: each query that looks for rows of {relation} by {column} fails until the last of these"
        " servers is replaced; and again if the release is rolled back."
    ),
    Reading.OTHER: (
        "Servers with the old release get values of another kind than their code was written for. What computes with"
        " {column}, compares it or formats it may fail or go wrong until the last of these servers is replaced."
    ),
}


@rule.on(AlterColumnType)
def check(action: AlterColumnType, context: Context) -> Iterator[Finding]:
    known = types(action, context)
    if known is None or not context.migration.old_code_runs or context.created_here(action.relation, action.column):
        return
    if follows_key(action, context) or is_new_name(action, context):
        return
    change = reading(*known)
    if change is Reading.SAME:
        return
    names = {
        "column": action.column,
        "relation": context.display(action.relation),
        "old": sql_name(known[0]),
        "new": sql_name(known[1]),
    }
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.column,
        severity=Severity.ERROR if change is Reading.REFUSED else Severity.WARNING,
        consequence=CONSEQUENCE[change].format_map(names),
        why=WHY[change].format_map(names),
        fix=by_new_column(action, context),
        **{name: value for name, value in names.items() if name != "relation"},
    )
