"""A column dropped that a view reads.

## What it catches
A column dropped while a view or materialized view reads it. Before Django 6.0, ``RemoveField`` sends ``DROP COLUMN …
CASCADE``, which drops the view too, without a word.

## Why it hurts
Whatever reads the view (reports, exports, another service) fails from then on. Without CASCADE, PostgreSQL refuses to
drop the column, and the deploy stops.

## Do this instead
First make the view again without the column.
"""

from collections.abc import Iterator

from migsafe.actions import DropColumn
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule
from migsafe.rules._columns import surely_reads, views_above
from migsafe.rules._fixes import steps
from migsafe.written.operations import quoted

rule = Rule(
    __name__,
    code="MS111",
    severity=Severity.ERROR,
    axis=Axis.COMPATIBILITY,
    message="Dropping column {column} of {relation} {consequence}",
    why=(
        "{views} {reads} {column}. With CASCADE, PostgreSQL drops what reads a column along with it, and whoever"
        " reads that gets errors from then on. Without it, PostgreSQL refuses to drop the column."
    ),
)


@rule.on(DropColumn)
def check(action: DropColumn, context: Context) -> Iterator[Finding]:
    if context.created_here(action.relation, action.column):
        return
    table = context.catalog.table(action.relation)
    views = views_above(table.name, action.column, context.catalog) if table else ()
    if table is None or not views:
        return
    sure = surely_reads(views, table, action.column, context.catalog)
    names = ", ".join(f"{view.kind} {context.display(view.name)}" for view in views)
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.column,
        column=action.column,
        severity=Severity.ERROR if sure else Severity.WARNING,
        consequence=_consequence(names, cascade=action.cascade, sure=sure),
        views=names[0].upper() + names[1:],
        reads=("read" + "s" * (len(views) == 1)) if sure else "may read",
        fix=steps(
            "Before it, in an earlier migration, make what reads the column again without it. As it is now:",
            "```sql\n"
            + "\n".join(
                f"CREATE {view.kind.upper()} {quoted(view.name)} AS\n{view.query or 'SELECT …'};" for view in views
            )
            + "\n```",
        ),
    )


def _consequence(names: str, *, cascade: bool, sure: bool) -> str:
    if cascade:
        return f"{'drops' if sure else 'may drop'} {names} with it"
    return f"{'is' if sure else 'may be'} refused: {names} {'reads' if sure else 'may read'} it"
