"""Take a field out of the models first, and drop its column a deploy later, when no running code knows it.

The same for the table of a many-to-many field.
"""

from dataclasses import replace

from msgspec import structs

from migsafe.actions import DropColumn, DropTable
from migsafe.plan.parts.indexes import dropped
from migsafe.plan.parts.leaving import (
    alter,
    drop_constraint,
    in_the_way,
    left_alone,
    refuses_null,
    relax,
    restore_constraint,
)
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
    after = left_alone(column, work.field_before(field), table, work.catalog, work.postgres)
    assert work.written is not None
    label = f"{work.label.rpartition('.')[2]}_{field}"
    return Way(
        stages=(
            Stage(kind="expand", pieces=(_forget(work, label, table, column, after),), duties=(duty,)),
            Stage(kind="contract", pieces=tuple(_drop(work, label, table, after)), late=True),
        )
    )


def _depends(work: Work, table: Table, column: Column) -> str | None:
    """What DROP COLUMN … CASCADE would take along without a word, or why code cannot do without the column."""
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
    return refuses_null(column.name, table, work.catalog)


def _forget(work: Work, label: str, table: Table, column: Column, after: Column) -> Piece:
    """The field leaves the models; the column stays, and is in nobody's way."""
    assert work.written is not None
    name = quoted(shown(table.name, work.catalog))
    keys = list(in_the_way(column.name, table))
    commands, back = relax(shown(table.name, work.catalog), column, after)
    commands = [*map(drop_constraint, keys), *commands]
    restored = [sql for key in keys for sql in restore_constraint(_with(table, after), key, work.catalog)]
    database = [alter([f"ALTER TABLE {name}\n" + ",\n".join(commands)], [*restored, *back])] if commands else []
    return Piece(
        operations=(separate(database=database, state=[work.written.code]),),
        name=f"remove_{label}",
        why=" ".join(
            (
                f"{column.name} leaves the models only: running code still asks for the column.",
                *_reasons(column, after, any(key.references for key in keys)),
            )
        ),
        imports=work.imports,
        codes=work.codes,
    )


def _reasons(column: Column, after: Column, foreign: bool) -> tuple[str, ...]:
    reasons = []
    if after.default != column.default:
        reasons.append("New code gives it no value, so it gets a default.")
    elif after.not_null != column.not_null:
        reasons.append("New code gives it no value, so it may be NULL.")
    if foreign:
        reasons.append("New code may delete what it refers to, so the foreign key goes.")
    return tuple(reasons)


def _drop(work: Work, label: str, table: Table, column: Column) -> list[Piece]:
    """The column goes; on the way back its indexes are built concurrently."""
    catalog = work.catalog
    relation = shown(table.name, catalog)
    plain = [one for one in catalog.indexes(table.name) if one.constraint is None and one.involves(column.name)]
    pieces = []
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


def _with(table: Table, column: Column) -> Table:
    return structs.replace(table, columns={**table.columns, column.name: column})
