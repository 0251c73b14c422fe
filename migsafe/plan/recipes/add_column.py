"""Add a column whose indexes and constraints would be built while the table is locked."""

from migsafe.plan.parts.columns import new_column
from migsafe.plan.parts.values import SAME_VALUE
from migsafe.plan.recipe import NoWay, Planned, Recipe, Stage, Way, Work

recipe = Recipe(__name__, kinds=("AddField",))


@recipe.way
def plan(work: Work) -> Planned:
    new = new_column(work)
    if new is None or new.is_bare or new.field.generated or not (new.field.null or new.field.db_default):
        return None
    if not new.is_free:
        return None
    if new.value and new.is_unique:
        return SAME_VALUE
    built = new.built()
    if isinstance(built, NoWay):
        return built
    default = new.column.default.sql if new.value and new.column.default else None
    drop = () if new.keeps_default else (f"{new.alter} DROP DEFAULT",)
    column = new.piece(
        f"add_{new.label}",
        new.add(*drop, default=default, not_null=new.column.not_null),
        why="The column alone: what belongs to it is built and checked apart, while everybody reads and writes.",
    )
    return Way(stages=(Stage(kind="expand", pieces=(column, *built)),))
