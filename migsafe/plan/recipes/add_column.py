"""Add a column whose indexes and constraints would be built while the table is locked."""

from migsafe.plan.parts.columns import FREE_DEFAULTS, new_column
from migsafe.plan.recipe import NoWay, Planned, Recipe, Stage, Way, Work
from migsafe.sql.forms.family import volatile

recipe = Recipe(__name__, kinds=("AddField",))


@recipe.way
def plan(work: Work) -> Planned:
    new = new_column(work)
    if new is None or new.is_bare or new.field.generated or not (new.field.null or new.field.db_default):
        return None
    default = new.column.default
    if default and not default.null and (work.postgres < FREE_DEFAULTS or volatile(default, new.before)):
        return None
    built = new.built()
    if isinstance(built, NoWay):
        return built
    drop = () if new.keeps_default or default is None else (f"{new.alter} DROP DEFAULT",)
    column = new.piece(
        new.title,
        new.add(*drop, default=default.sql if default else None, not_null=new.column.not_null),
        why="The column alone: what belongs to it is built and checked apart, while everybody reads and writes.",
    )
    return Way(stages=(Stage(kind="expand", pieces=(column, *built)),))
