"""A table dropped while running code still uses it.

## What it catches
A table, or the view of an unmanaged model, dropped in the same change that removes its model (or its many-to-many
field) from the code; or while the models still have it. It may go with its schema.

## Why it hurts
Until the last process of the previous release is gone, everything in it that touches the model fails with "relation …
does not exist". A rollback of the release does not bring the data back. Tables that it refers to are locked for a
moment as well.

## Do this instead
Two deploys: first take the model out of the code only (``SeparateDatabaseAndState``), then, when no code knows it any
more, drop the table.
"""

from collections.abc import Iterator

from migsafe.actions import DropObject, DropTable, DropView, Name
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._fixes import later, migration, steps
from migsafe.written.operations import GIVE_UP, quoted, run_sql, separate

rule = Rule(
    __name__,
    code="MS401",
    severity=Severity.ERROR,
    axis=Axis.COMPATIBILITY,
    message="Dropping {kind} {relation} breaks code that is still running and uses it",
    why=(
        "Servers with the old release still read and write {relation}. From the moment it is gone until the last of"
        " them is replaced, every such request fails. Rolling back does not bring the data back."
    ),
)


@rule.on(DropView)
def check_view(action: DropView, context: Context) -> Iterator[Finding]:
    name = context.catalog.locate(action.relation)
    # A view may stand in for a table that was moved to another schema of the search path.
    moved = any(table.name.name == name.name for table in context.migration.after.tables.values())
    if context.takes_away(name) and not moved and not context.created_here(action.relation):
        yield rule.finding(context, relation=action.relation, kind="view", fix=_fix_view(action))


@rule.on(DropObject)
def check_schema(action: DropObject, context: Context) -> Iterator[Finding]:
    if action.kind != "schema":
        return
    for name in _in_schema(action, context):
        if not context.created_here(name):
            yield rule.finding(context, relation=name, kind="table", fix=_fix_schema(action))


@rule.on(DropTable)
def check(action: DropTable, context: Context) -> Iterator[Finding]:
    if context.catalog.table(action.relation) is None or context.created_here(action.relation):
        return
    if action.relation.name == context.operation.exchanges:
        return  # what is lost then is a finding of its own
    # DeleteModel drops automatic many-to-many tables first: the model's own table is the finding.
    drops = [other for other in context.actions() if isinstance(other, DropTable)]
    if not context.leaves_models(action.relation.name) or (
        context.operation.is_a("DeleteModel") and action is not drops[-1]
    ):
        return
    yield rule.finding(context, relation=action.relation, kind="table", fix=_fix(action, context))


def _in_schema(action: DropObject, context: Context) -> list[Name]:
    """Tables of a schema that models have."""
    names = [name for name in context.catalog.tables if name.schema == action.name.name]
    return sorted(name for name in names if name.name in context.operation.in_models)


def _fix_schema(action: DropObject) -> str:
    return steps(
        "Take the models of its tables out of the code in this release. In the next one, when no running code knows"
        " them any more:",
        migration(run_sql(f"DROP SCHEMA {quoted(action.name)} CASCADE", None)),
    )


def _fix_view(action: DropView) -> str:
    kind = "MATERIALIZED VIEW" if action.materialized else "VIEW"
    return steps(
        "Leave it in this release, and take its model out of the code. In the next one, when no running code knows it"
        " any more:",
        migration(run_sql(f"DROP {kind} {quoted(action.relation)}", None)),
    )


def _fix(action: DropTable, context: Context) -> str:
    state = str(context.written) if context.written else f'migrations.DeleteModel(name="{context.model}")'
    return steps(
        *later(context),
        "1. In this release, take it out of the models and leave the table:",
        migration(separate(database=[], state=[state])),
        "2. In the next release, when no running code knows it any more:",
        migration(run_sql([GIVE_UP, f"DROP TABLE {quoted(action.relation)}"], None)),
    )
