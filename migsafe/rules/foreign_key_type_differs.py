"""A foreign key of another type than what it refers to.

## What it catches
A foreign key whose column holds less than the column that it refers to (``integer`` → ``bigint``, ``varchar(10)`` →
``varchar(20)``), also when a change of type makes it so, and types that PostgreSQL does not compare. A column that
holds more is left alone: making it wider first is the right order.

## Why it hurts
The day a value of the other table is larger than the column can hold, no row can refer to it any more: INSERTs fail
with "integer out of range", and to widen the column means to rewrite a large table in a hurry.

## Do this instead
Give both sides the same type; while a key is made wider, the columns that refer to it first.
"""

from collections.abc import Iterator
from typing import NamedTuple

from migsafe.actions import AddColumn, AddConstraint, AlterColumnType, Constraint, CreateTable, Name, Type
from migsafe.model import Axis, Finding, Severity
from migsafe.postgres.values import sql_name
from migsafe.rules import Context, Rule
from migsafe.rules._foreign_keys import added_foreign_keys
from migsafe.sql.catalog import Catalog
from migsafe.sql.forms.family import referenced_columns

rule = Rule(
    __name__,
    code="MS309",
    severity=Severity.WARNING,
    axis=Axis.DATA,
    message="Foreign key {name}: {relation}.{column} is {type}, but {parent}.{parent_column} is {parent_type}",
    why="{why}",
)

FAMILIES = (("int2", "int4", "int8"), ("varchar", "text"), ("uuid",))
"""Types that PostgreSQL compares with each other, the narrower first."""

NARROW = (
    "{type} cannot hold all that {parent_type} can. The first row of {parent} with a larger value cannot be referred"
    " to: requests that try fail."
)
REFUSED = "PostgreSQL does not compare {type} with {parent_type}: the migration stops with an error."


@rule.on(AddConstraint, AddColumn, CreateTable)
def check(action: AddConstraint | AddColumn | CreateTable, context: Context) -> Iterator[Finding]:
    schema = context.catalog.after(action)
    for key in added_foreign_keys(action, context):
        for pair in _pairs(action.relation, key, schema):
            yield from _check(action.relation, key, pair, context)


@rule.on(AlterColumnType)
def check_type(action: AlterColumnType, context: Context) -> Iterator[Finding]:
    # Django changes the columns that refer to a key in the same operation.
    schema = context.migration.after
    table = schema.table(action.relation)
    if table is None or context.fails:
        return
    for key in table.constraints_on(action.column):
        for pair in _pairs(table.name, key, schema):
            if pair.column == action.column:
                yield from _check(table.name, key, pair, context)
    for owner, key in schema.referencing(table.name):
        for pair in _pairs(owner.name, key, schema):
            if pair.parent_column == action.column:
                yield from _check(owner.name, key, pair, context)


class Pair(NamedTuple):
    """A column of a foreign key, and the one that it refers to."""

    column: str
    type: Type
    parent_column: str
    parent_type: Type


def _pairs(relation: Name, key: Constraint, schema: Catalog) -> Iterator[Pair]:
    table, parent = schema.table(relation), schema.table(key.references) if key.references else None
    if table is None or parent is None:
        return
    for column, parent_column in zip(key.columns, referenced_columns(key, parent), strict=False):
        own, other = table.columns.get(column), parent.columns.get(parent_column)
        if own and other:
            yield Pair(column, own.type, parent_column, other.type)


def _check(relation: Name, key: Constraint, pair: Pair, context: Context) -> Iterator[Finding]:
    refused = _is_refused(pair)
    if key.references is None or not (refused or _is_narrower(pair)):
        return
    types = {"type": sql_name(pair.type), "parent_type": sql_name(pair.parent_type)}
    parent = context.display(key.references)
    yield rule.finding(
        context,
        relation=relation,
        about=f"{key.name} {pair.column}",
        severity=Severity.ERROR if refused else Severity.WARNING,
        name=str(key.name),
        column=pair.column,
        parent=parent,
        parent_column=pair.parent_column,
        why=(REFUSED if refused else NARROW).format(parent=parent, **types),
        fix=(
            f"Make `{pair.column}` a {types['parent_type']}, like what it refers to. If it has rows already, change its"
            " type the way of MS106, and before the type of what it refers to."
        ),
        **types,
    )


def _family(type_: Type) -> tuple[str, ...] | None:
    if type_.array or type_.name.schema not in (None, "pg_catalog"):
        return None
    return next((family for family in FAMILIES if type_.name.name in family), None)


def _is_refused(pair: Pair) -> bool:
    one, other = _family(pair.type), _family(pair.parent_type)
    return one is not None and other is not None and one != other


def _is_narrower(pair: Pair) -> bool:
    own, other = pair.type, pair.parent_type
    family = _family(own)
    if family is None or family != _family(other):
        return False
    if not own.modifiers:
        return "varchar" not in family and family.index(own.name.name) < family.index(other.name.name)
    return not other.modifiers or int(own.modifiers[0]) < int(other.modifiers[0])
