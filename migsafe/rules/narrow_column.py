"""A type change that has no place for some of the values that may be stored.

## What it catches
``ALTER COLUMN … TYPE`` to a type that holds less: a shorter ``varchar``, fewer digits, a smaller integer, ``text`` to a
number, ``timestamp`` to ``date``. Quiet once a valid CHECK constraint promises that all values fit, in the words of the
fix.

## Why it hurts
Either the migration fails at the first value that does not fit, in the middle of a deploy. Or, since Django casts
values where the type has another name (``text`` to ``varchar(50)``), PostgreSQL cuts or rounds them without an error,
and nothing brings them back.

## Do this instead
Let no new value in that does not fit, by a CHECK constraint that is NOT VALID. Correct the old ones, validate the
constraint, then change the type. Often a CHECK constraint or a validator is all that is needed.
"""

from collections.abc import Iterator

from migsafe.actions import AddConstraint, AlterColumnType
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.values import Misfit, fitting, misfits, sql_name
from migsafe.rules import Context, Rule
from migsafe.rules._columns import follows_key, types
from migsafe.rules._fixes import migration, steps
from migsafe.sql.parse import parse
from migsafe.written.operations import quoted, run_sql

rule = Rule(
    __name__,
    code="MS112",
    severity=Severity.WARNING,
    axis=Axis.DATA,
    message="Changing {column} of {relation} from {old} to {new} {outcome}",
    why="{why}",
)

OUTCOME = {
    frozenset({Misfit.REFUSED}): "fails if one value does not fit",
    frozenset({Misfit.CUT}): "cuts or rounds values that do not fit, without an error",
    frozenset(Misfit): "rounds values without an error, and fails if one is too large",
}
WHY_FAILS = (
    "The first row that has such a value stops the migration, after it has locked {relation} and read up to there."
    " It takes one row, and test databases do not have it. Afterwards, code that is still running fails when it saves"
    " such a value."
)
WHY_LOSES = (
    "PostgreSQL makes of each value what {new} can hold. What is lost stands in no log, and neither unapplying the"
    " migration nor rolling the release back brings it back."
)
BY_NEW_COLUMN = (
    "Add a new column of the new type, and fill it in batches from `{column}`: convert what can be converted, and look"
    " at the rest before `{column}` is dropped (see MS106 for the steps)."
)


@rule.on(AlterColumnType)
def check(action: AlterColumnType, context: Context) -> Iterator[Finding]:
    known = types(action, context)
    if known is None or context.created_here(action.relation, action.column) or follows_key(action, context):
        return
    if action.using is not None and action.using.casts is None:
        return  # an expression of its own: whoever wrote it has thought of the values
    found = misfits(*known, cast=action.using is not None)
    fits = fitting(quoted(action.column), *known)
    if not found or (fits and _is_promised(fits, action, context)):
        return
    loses, new = Misfit.CUT in found, sql_name(known[1])
    yield rule.finding(
        context,
        relation=action.relation,
        about=action.column,
        severity=Severity.ERROR if loses else Severity.WARNING,
        column=action.column,
        old=sql_name(known[0]),
        new=new,
        outcome=OUTCOME[found],
        why=(WHY_LOSES if loses else WHY_FAILS).format(relation=context.display(action.relation), new=new),
        fix=_fix(action, fits, context) if fits else BY_NEW_COLUMN.format(column=action.column),
    )


def _is_promised(fits: str, action: AlterColumnType, context: Context) -> bool:
    """Whether a valid CHECK says the same."""
    table = context.catalog.table(action.relation)
    (written,) = parse(f"ALTER TABLE t ADD CHECK ({fits})")[0].actions
    assert isinstance(written, AddConstraint)
    return table is not None and any(
        constraint.valid and constraint.expression == written.constraint.expression
        for constraint in table.constraints.values()
        if constraint.expression is not None
    )


def _fix(action: AlterColumnType, fits: str, context: Context) -> str:
    table, name = quoted(action.relation), quoted(f"{action.relation.name}_{action.column}_fits"[:63])
    alter = f"ALTER TABLE {table}"
    return steps(
        "1. Let no new value in that does not fit:",
        migration(
            run_sql(
                f"{alter}\nADD CONSTRAINT {name}\nCHECK ({fits}) NOT VALID",
                f"{alter}\nDROP CONSTRAINT {name}",
            )
        ),
        f"2. Correct the rows that have one, which `SELECT * FROM {table} WHERE NOT ({fits})` finds. Then, in a second"
        " migration, let PostgreSQL make sure, while everybody keeps working:",
        migration(run_sql(f"{alter}\nVALIDATE CONSTRAINT {name}", None)),
        "3. If that is not enough, change the type; no value is lost any more.",
    )
