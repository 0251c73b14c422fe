"""Take a field out of the models first, and drop its column a deploy later, when no running code knows it.

The same for the table of a many-to-many field.
"""

from dataclasses import replace

from migsafe.actions import DropColumn, DropTable
from migsafe.plan.parts.indexes import dropped
from migsafe.plan.parts.leaving import alter, drop_followed, foreign_keys, in_the_way, step_aside
from migsafe.plan.parts.tables import forget_tables
from migsafe.plan.recipe import Duty, NoWay, Piece, Planned, Recipe, Stage, Way, Work
from migsafe.sql.catalog import Column, Table
from migsafe.written.definitions import column_definition, constraint_definition, shown
from migsafe.written.operations import quoted, separate

recipe = Recipe(__name__, kinds=("RemoveField",))


@recipe.way
def plan(work: Work) -> Planned:
    written, model = work.written, work.model_before
    name = written.argument("name", 1) if written else None
    if written is None or name is None or model is None:
        return None
    name = name.strip("\"'")
    duty = Duty(model=work.label, field=name, must_not=f"name {name} any more: the field is gone from the model")
    for _, action in work.actions():
        if isinstance(action, DropTable):
            return forget_tables(work, f"{model.name.lower()}_{name}", duty)
        if isinstance(action, DropColumn):
            table = work.catalog.table(action.relation)
            column = table.columns.get(action.column) if table else None
            return _column(work, name, table, column, duty) if table and column else None
    return None


def _column(work: Work, field: str, table: Table, column: Column, duty: Duty) -> Planned:
    if (why := _depends(work, table, column)) is not None:
        return NoWay(why=why, instead="Change what depends on it first, in a migration of its own, and plan again.")
    aside = step_aside(table, column.name, work.field_before(field), work.catalog, work.postgres)
    if isinstance(aside, NoWay):
        return aside
    assert work.written is not None
    label = f"{work.label.rpartition('.')[2]}_{field}"
    leaves = f"Column {column.name} leaves the models only: running code still asks for the column."
    forget = Piece(
        operations=(separate(database=list(aside.operations), state=[work.written.code]),),
        name=f"remove_{label}",
        why=" ".join((leaves, *aside.reasons)),
        imports=work.imports,
        codes=work.codes,
    )
    return Way(
        stages=(
            Stage(kind="expand", pieces=(forget,), duties=(duty,)),
            Stage(
                kind="contract",
                pieces=tuple(_drop(work, label, table, aside.table, aside.table.columns[column.name])),
                late=True,
            ),
        )
    )


def _depends(work: Work, table: Table, column: Column) -> str | None:
    """What DROP COLUMN … CASCADE would take along without a word."""
    views = work.catalog.views_reading(table.name, column.name)
    if views:
        return f"view {views[0].name.name} reads {column.name}, and would be dropped with it"
    for referrer, key in work.catalog.referencing(table.name):
        if column.name in key.referenced_columns and referrer.name != table.name:
            return (
                f"foreign key {key.name} of {referrer.name.name} refers to {column.name}, and would be dropped with it"
            )
    for other in table.columns.values():
        if other.name != column.name and other.expression and column.name in other.expression.columns:
            return f"column {other.name} is generated from {column.name}, and would be dropped with it"
    return None


def _drop(work: Work, label: str, before: Table, table: Table, column: Column) -> list[Piece]:
    """The column goes; on the way back its indexes are built concurrently."""
    catalog = work.catalog
    relation = shown(table.name, catalog)
    plain = [one for one in catalog.indexes(table.name) if one.constraint is None and one.involves(column.name)]
    pieces = [
        drop_followed(table, key, catalog, name=f"drop_{label}_key", codes=work.codes)
        for key in foreign_keys(before)
        if column.name in key.columns and key.references
    ]
    if plain and table.kind == "table":
        why = f"Before {column.name} goes, so that nobody waits on the way back either."
        pieces.append(replace(dropped(plain, catalog, name=f"drop_{label}_index"), why=why, codes=work.codes))
    constraints = [
        f"ADD {constraint_definition(one)}"
        for one in table.constraints_on(column.name)
        if one not in tuple(in_the_way(column.name, table)) and constraint_definition(one)
    ]
    add = ",\n".join([f"ADD COLUMN {column_definition(column)}", *constraints])
    pieces.append(
        Piece(
            operations=(
                alter(
                    [f"ALTER TABLE {quoted(relation)}\nDROP COLUMN IF EXISTS {quoted(column.name)}"],
                    [f"ALTER TABLE {quoted(relation)}\n{add}"],
                ),
            ),
            name=f"drop_{label}",
            why=f"No running code knows {column.name} any more. Unapplied, the column is back, but not what was in it.",
            codes=work.codes,
        )
    )
    return pieces
