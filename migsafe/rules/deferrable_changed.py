"""A constraint that is checked at another time than before.

## What it catches
``ALTER CONSTRAINT``, and a unique or foreign key constraint that takes the place of one over the same columns, where it
becomes DEFERRABLE or INITIALLY DEFERRED, or no longer is. A foreign key that merely may be deferred is left alone.

## Why it hurts
Running code was written for one of them. If errors come at COMMIT only, code that catches ``IntegrityError`` around a
``save()`` does not see them; ``ON CONFLICT`` (``bulk_create(ignore_conflicts=True)``, ``update_conflicts``) fails on a
deferrable unique constraint. If errors come at once, code that writes in another order fails.

## Do this instead
First release code that works with both, then change the constraint.
"""

from collections.abc import Iterator

from migsafe.actions import AddConstraint, AlterConstraint, Constraint, ConstraintKind, Name
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule

rule = Rule(
    __name__,
    code="MS310",
    severity=Severity.WARNING,
    axis=Axis.COMPATIBILITY,
    message="Constraint {name} of {relation} {change}",
    why="{why}",
)

KEYS = (ConstraintKind.UNIQUE, ConstraintKind.PRIMARY_KEY)


@rule.on(AlterConstraint)
def check(action: AlterConstraint, context: Context) -> Iterator[Finding]:
    table = context.catalog.table(action.relation)
    after = context.catalog.after(action).table(action.relation)
    if table and after and action.name in table.constraints and not context.fails:
        yield from _check(action.relation, table.constraints[action.name], after.constraints[action.name], context)


@rule.on(AddConstraint)
def check_new(action: AddConstraint, context: Context) -> Iterator[Finding]:
    table, made = context.migration.before.table(action.relation), context.catalog.after(action).table(action.relation)
    # With USING INDEX, the text names no column.
    new = made.constraints.get(action.constraint.name or "", action.constraint) if made else action.constraint
    for old in table.constraints.values() if table else ():
        if new.kind is not ConstraintKind.CHECK and _same(old, new):
            yield from _check(action.relation, old, new, context)
            return


def _same(old: Constraint, new: Constraint) -> bool:
    kinds = old.kind is new.kind or (old.kind in KEYS and new.kind in KEYS)
    return kinds and bool(new.columns) and old.columns == new.columns and old.references == new.references


def _check(relation: Name, old: Constraint, new: Constraint, context: Context) -> Iterator[Finding]:
    changed = _changed(old, new)
    if changed and context.migration.old_code_runs and not context.created_here(relation):
        change, why = changed
        yield rule.finding(
            context,
            relation=relation,
            about=str(new.name or old.name),
            name=str(new.name or old.name),
            change=change,
            why=why,
            fix="First release code that works with both, and change the constraint when no other code runs any more.",
        )


def _changed(old: Constraint, new: Constraint) -> tuple[str, str] | None:
    """What becomes of a constraint, and whom that hurts."""
    if new.initially_deferred and not old.initially_deferred:
        return (
            "is checked when the transaction commits, no longer at once",
            "Code that is still running catches the error where it writes the row; from now on it comes later, where"
            " nobody expects it.",
        )
    if old.initially_deferred and not new.initially_deferred:
        return (
            "is checked at once, no longer when the transaction commits",
            "Code that is still running may write rows in an order that breaks the constraint for a moment; from now on"
            " that fails.",
        )
    if new.kind in KEYS and new.deferrable and not old.deferrable:
        return (
            "becomes deferrable",
            "ON CONFLICT does not work with a deferrable constraint: a `bulk_create` with `ignore_conflicts` or"
            " `update_conflicts` of code that is still running fails.",
        )
    if old.deferrable and not new.deferrable:
        return (
            "can no longer be deferred",
            "Code that is still running may say SET CONSTRAINTS … DEFERRED, and fails from now on.",
        )
    return None
