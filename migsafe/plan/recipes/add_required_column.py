"""Add a NOT NULL column to a table in use."""

from collections.abc import Sequence

from migsafe.plan.parts.backfill import fill_field, none_empty
from migsafe.plan.parts.columns import NewColumn, new_column
from migsafe.plan.parts.not_null import PROVEN_BY_CHECK, TOO_OLD, set_not_null
from migsafe.plan.parts.values import SAME_VALUE, Value, is_literal
from migsafe.plan.recipe import Duty, NoWay, Piece, Planned, Recipe, Stage, Way, Work
from migsafe.written.operations import run_sql

DB_DEFAULT, NULLABLE = "db_default", "nullable"

recipe = Recipe(
    __name__,
    kinds=("AddField",),
    strategies={
        DB_DEFAULT: (
            "The database keeps the default as long as code runs that does not know the column: two deploys, and code"
            " has to do nothing."
        ),
        NULLABLE: (
            "The column is nullable until all code writes it and the rows are filled: three deploys; what code gives"
            " each row is up to the code."
        ),
    },
)

NO_VALUE = NoWay(
    why="there is nothing to give to the rows that exist: the migration fails as soon as the table has one",
    instead=(
        "Say what they get: a `default`, with `preserve_default=False` if it is for these rows only, and plan again."
        " Where it has to be worked out, make the field `null=True` now, fill the rows, and make it required later:"
        " that change can be planned too."
    ),
)


@recipe.way
def plan(work: Work) -> Planned:
    new = new_column(work)
    if new is None or new.field.null or new.field.generated or new.field.db_default or not new.column.not_null:
        return None
    value, free = new.value, new.is_free
    if value is None:
        return NO_VALUE
    if value.constant and new.is_unique:
        return SAME_VALUE
    provable = work.postgres >= PROVEN_BY_CHECK
    possible = [DB_DEFAULT] * (value.sql is not None and (free or provable)) + [NULLABLE] * provable
    if not possible:
        return TOO_OLD
    built = new.built()
    if isinstance(built, NoWay):
        return built
    chosen = work.strategy if work.strategy in possible else possible[0]
    if chosen == NULLABLE:
        stages = _by_nullable(new, value, built, filled=free)
    else:
        stages = (_with_default if free else _filled_by_default)(new, value, built)
    return Way(stages=stages, strategies=tuple(sorted(possible, key=lambda one: one != chosen)))


def _with_default(new: NewColumn, value: Value, built: Sequence[Piece]) -> tuple[Stage, ...]:
    """The column with a default that the database keeps for a while."""
    default = new.definition.argument("default")
    if new.is_bare and new.work.django >= (5, 0) and new.field.default and default and is_literal(default):
        add = [new.operation(new.definition.adding("db_default", default))]
        drop = new.operation(new.definition, kind="AlterField")
    else:
        keep = f"{new.alter} SET DEFAULT {value.sql}"
        drop = run_sql(f"{new.alter} DROP DEFAULT", keep)
        add = [new.add(default=value.sql, not_null=True)]
        if new.is_bare:
            add = [new.written.code, run_sql(keep, f"{new.alter} DROP DEFAULT")]
    column = new.piece(
        f"{new.label}_with_db_default",
        *add,
        why="The database keeps the default: code that does not know the column goes on inserting rows.",
    )
    return Stage(kind="expand", pieces=(column, *built)), _without_default(new, drop)


def _filled_by_default(new: NewColumn, value: Value, built: Sequence[Piece]) -> tuple[Stage, ...]:
    """The column with a default that new rows get, while those that exist are filled in batches."""
    work = new.work
    keep = f"{new.alter} SET DEFAULT {value.sql}"
    column = new.piece(
        f"{new.label}_with_db_default",
        new.add(keep, default=None, not_null=False, field=new.settled.adding("null", "True")),
        why="The database gives new rows their value, also those of code that does not know the column.",
    )
    fill = fill_field(work, new.name, value.code, per_row=value.per_row, imports=value.imports)
    pieces = column, *built, fill, _not_null(new)
    drop = run_sql(f"{new.alter} DROP DEFAULT", keep)
    return Stage(kind="expand", pieces=pieces), _without_default(new, drop)


def _without_default(new: NewColumn, drop: str) -> Stage:
    why = "All code that runs gives the column a value: the database need not keep the default."
    return Stage(kind="contract", pieces=(new.piece(f"{new.label}_without_db_default", drop, why=why),))


def _by_nullable(new: NewColumn, value: Value, built: Sequence[Piece], *, filled: bool) -> tuple[Stage, ...]:
    """The column nullable, then filled, then NOT NULL.

    Args:
        filled: Whether PostgreSQL can give the rows that exist their value in passing.
    """
    field = new.settled.adding("null", "True")
    if not filled:
        add = new.add(default=None, not_null=False, field=field)
    elif new.is_bare:
        add = str(new.written.replacing("field", 2, new.definition.adding("null", "True").code))
    else:
        add = new.add(f"{new.alter} DROP DEFAULT", default=value.sql, not_null=False, field=field)
    column = new.piece(
        f"{new.label}_nullable", add, why="Nullable, so that code that does not know the column goes on inserting rows."
    )
    model = new.work.label.rpartition(".")[2]
    duty = Duty(
        model=new.work.label,
        field=new.name,
        must=f"write {new.name} on every new {model}; keep reading without it",
        writes=True,
    )
    fill = fill_field(new.work, new.name, value.code, per_row=value.per_row, imports=value.imports)
    return (
        Stage(kind="expand", pieces=(column, *built), duties=(duty,)),
        Stage(kind="backfill", pieces=(fill,), then=(none_empty(new.relation, new.column.name),)),
        Stage(kind="contract", pieces=(_not_null(new),)),
    )


def _not_null(new: NewColumn) -> Piece:
    state = [new.operation(new.settled, kind="AlterField")]
    return set_not_null(new.work, new.relation, new.column.name, name=f"{new.label}_not_null", state=state)
