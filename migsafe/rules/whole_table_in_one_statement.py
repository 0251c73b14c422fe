"""All rows of a table changed by one statement.

## What it catches
``update()`` or ``delete()`` of all rows of a model, or of all rows whose field has no value yet, in a ``RunPython``;
``UPDATE`` or ``DELETE`` without ``WHERE``, or with a ``WHERE`` for rows that are still NULL, in SQL.

## Why it hurts
Each row stays locked until the transaction ends, so whoever wants to change one waits for all of them. PostgreSQL keeps
the old version of every row beside the new one: the table grows, and replicas fall behind.

## Do this instead
Go through the rows in batches, in a migration with ``atomic = False``, so that each batch commits by itself.
"""

from collections.abc import Iterator

from migsafe.actions import Delete, Update
from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.python import PythonFunction, RawSql, Write
from migsafe.rules import Context, OperationContext, Rule
from migsafe.rules._data import reaches_all
from migsafe.rules._fixes import in_batches, steps
from migsafe.rules._python import at, batched, forward, in_use, sent, table, who
from migsafe.written.batches import divided

rule = Rule(
    __name__,
    code="MS502",
    severity=Severity.WARNING,
    axis=Axis.DATA,
    sized=True,
    message="{who} {what} {relation} in one statement",
    why=(
        "Every row that the statement has reached stays locked until the transaction ends: requests that change one of"
        " them wait that long. The old versions of all rows stay in the table beside the new ones until it is vacuumed."
    ),
)


@rule.on(Update, Delete)
def check(action: Update | Delete, context: Context) -> Iterator[Finding]:
    what = _what(action)
    if what is None or context.operation.is_a("FieldOperation") or not in_use(action.relation, context):
        return
    yield rule.finding(
        context,
        relation=action.relation,
        about=type(action).__name__,
        who=type(action).__name__.upper(),
        what=what,
        fix=_fix_sql(context.statement.parsed.sql, action, context),
    )


@rule.on_operation
def check_python(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    for function in forward(operation):
        for write in function.reading.writes:
            if (
                write.kind in ("update", "delete")
                and write.rows in ("all", "unfilled")
                and in_use(table(write), context)
            ):
                yield _finding(function, write, context)
        for code in function.reading.sql:
            yield from _check_sql(function, code, context)


def _finding(function: PythonFunction, write: Write, context: OperationContext) -> Finding:
    fields = ", ".join(write.fields or ())
    what = "deletes all rows of" if write.kind == "delete" else "updates all rows of"
    if write.rows == "unfilled":
        what = f"fills {fields} of all rows of"
    query = write.query.removesuffix(".all()")
    loop = [
        f'rows = {query}.order_by("pk")',
        'pks = list(rows.values_list("pk", flat=True)[:1000])',
        "while pks:",
        f"    rows.filter(pk__in=pks).{write.call}",
        '    pks = list(rows.filter(pk__gt=pks[-1]).values_list("pk", flat=True)[:1000])',
    ]
    return rule.finding(
        at(function, write.place, context),
        relation=table(write),
        about=f"{write.place.function} {write.kind} {fields}",
        who=who(function, write.place, context),
        what=what,
        fix=batched(function, write.place, loop, context),
    )


def _check_sql(function: PythonFunction, code: RawSql, context: OperationContext) -> Iterator[Finding]:
    for action in sent(code):
        if not isinstance(action, Update | Delete) or not in_use(action.relation, context):
            continue
        what = _what(action)
        if what is not None and not (code.repeated and action.filtered):
            yield rule.finding(
                at(function, code.place, context),
                relation=action.relation,
                about=f"{code.place.function} {type(action).__name__}",
                who=who(function, code.place, context),
                what=what,
                fix=_fix_sql(code.sql, action, context),
            )


def _what(action: Update | Delete) -> str | None:
    """What it does to all rows; None if it does not reach all, as far as one can see."""
    if not reaches_all(action):
        return None
    if isinstance(action, Delete):
        return "deletes all rows of"
    return f"fills {', '.join(action.columns)} of all rows of" if action.filtered else "changes all rows of"


def _fix_sql(sql: str, action: Update | Delete, context: OperationContext) -> str:
    batches = divided(sql, action, context.catalog)
    if isinstance(batches, str):
        return (
            "Change some rows at a time, each time in a transaction of its own (`atomic = False`). The statement cannot"
            f" be put into batches as it is, since {batches}."
        )
    return steps("Do it for some rows at a time, each time in a transaction of its own:", in_batches(batches))
