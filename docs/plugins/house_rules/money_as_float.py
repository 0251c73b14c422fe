"""Money in a floating-point column.

## What it catches
A column whose name says that it holds money (``price``, ``total_amount``), made as ``double precision`` or ``real``:
``FloatField``, SQL.

## Why it hurts
Such a column cannot hold most amounts exactly: 0.10 + 0.20 is not 0.30 in it, so sums differ from what customers have
paid.

## Do this instead
``DecimalField``, which is ``numeric`` in PostgreSQL.
"""

from collections.abc import Iterator

from migsafe.actions import AddColumn, CreateTable
from migsafe.model import Axis, Finding, Severity
from migsafe.rules import Context, Rule

MONEY = {"amount", "balance", "cost", "fee", "price", "total"}
FLOATS = {"float4": "real", "float8": "double precision"}

rule = Rule(
    __name__,
    code="HOUSE101",
    severity=Severity.ERROR,
    axis=Axis.DATA,
    message="Column {column} of {relation} holds money in {type}, which cannot hold most amounts exactly",
    why="Cents get lost or made when amounts in {column} are summed up.",
    docs="https://wiki.example.org/house-rules/HOUSE101",
)


@rule.on(AddColumn, CreateTable)
def check(action: AddColumn | CreateTable, context: Context) -> Iterator[Finding]:
    columns = action.columns if isinstance(action, CreateTable) else (action.column,)
    for column in columns:
        floating = FLOATS.get(column.type.name.name)
        if floating and MONEY & set(column.name.split("_")):
            yield rule.finding(
                context,
                relation=action.relation,
                about=column.name,
                column=column.name,
                type=floating,
                fix="Make it a decimal:\n\n```python\nmodels.DecimalField(max_digits=12, decimal_places=2)\n```",
            )
