"""Rows that are written one by one in a loop.

## What it catches
A ``for`` loop over the rows of a query that calls ``save()`` or ``delete()`` on them, or updates each by its primary
key, in a ``RunPython`` on a table in use.

## Why it hurts
The deploy waits for one statement per row. In an atomic migration each row that was written stays locked until the last
one is; ``save()`` also writes back all other fields as they were read, over what others have changed meanwhile.

## Do this instead
Write a batch at a time with ``bulk_update()``, or with one ``update()`` that lets the database work out the value, in a
migration with ``atomic = False``.
"""

from collections.abc import Iterator

from migsafe.model import Axis, Finding, Severity
from migsafe.project.operations import ReplayedOperation
from migsafe.python import PythonFunction, Write
from migsafe.rules import OperationContext, Rule
from migsafe.rules._fixes import python, steps
from migsafe.rules._python import at, batched, body, forward, in_use, table, who

rule = Rule(
    __name__,
    code="MS503",
    severity=Severity.WARNING,
    axis=Axis.DATA,
    sized=True,
    message="{who} {does} the rows of {relation} one by one",
    why="The deploy waits for as many statements as there are rows{locked}.",
)

DOES = {"save": "saves", "delete": "deletes", "update": "updates"}


@rule.on_operation
def check(operation: ReplayedOperation, context: OperationContext) -> Iterator[Finding]:
    for function in forward(operation):
        for write in function.reading.writes:
            if write.kind in DOES and write.rows == "one" and write.loop and in_use(table(write), context):
                locked = (
                    ", and each row that it has written stays locked until the last one is" if operation.atomic else ""
                )
                yield rule.finding(
                    at(function, write.place, context),
                    relation=table(write),
                    about=f"{write.place.function} {write.kind}",
                    who=who(function, write.place, context),
                    does=DOES[write.kind],
                    locked=locked,
                    fix=_fix(function, write, context),
                )


def _fix(function: PythonFunction, write: Write, context: OperationContext) -> str:
    loop = write.loop
    assert loop is not None
    lines = body(function, loop.line) if loop.line and loop.outermost else None
    last = lines and lines[-1].startswith(f"{loop.variable}.save(") and len(lines) > 1
    fields = list(write.fields or ())
    names = ", ".join(f'"{name}"' for name in fields) or '"…"'
    if (
        write.kind == "save"
        and lines
        and last
        and fields
        and write.model == loop.model
        and write.query == loop.variable
    ):
        query = loop.query.removesuffix(".all()")
        objects = "objects.using(rows.db)" if ".using(" in query else "objects"
        code = [
            f'rows = {query}.order_by("pk")',
            "batch = list(rows[:1000])",
            "while batch:",
            f"    for {loop.variable} in batch:",
            *(f"        {each}" if each else "" for each in lines[:-1]),
            f"    rows.model.{objects}.bulk_update(batch, [{names}])",
            "    batch = list(rows.filter(pk__gt=batch[-1].pk)[:1000])",
        ]
        place = type(write.place)(write.place.function, loop.line or 0)
        return batched(function, place, code, context)
    app, _, model = write.model.partition(".")
    change = [
        "    for row in batch:",
        *([f"        row.{name} = ..." for name in fields] or ["        ...  # what the loop does, but for saving"]),
        f"    {model}.objects.bulk_update(batch, [{names}])",
    ]
    if write.kind == "delete":
        change = [f"    {model}.objects.filter(pk__in=[row.pk for row in batch]).delete()"]
    return steps(
        "Write a batch at a time, each in a transaction of its own (`atomic = False` on the migration):",
        python(
            f'{model} = apps.get_model("{app}", "{model}")',
            f'rows = {model}.objects.order_by("pk")',
            "batch = list(rows[:1000])",
            "while batch:",
            *change,
            "    batch = list(rows.filter(pk__gt=batch[-1].pk)[:1000])",
        ),
    )
