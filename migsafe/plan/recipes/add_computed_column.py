"""Add a column whose value is another one in each row."""

from migsafe.plan.parts.backfill import fill_field
from migsafe.plan.parts.columns import new_column
from migsafe.plan.parts.not_null import PROVEN_BY_CHECK, TOO_OLD, set_not_null
from migsafe.plan.parts.values import SAME_VALUE
from migsafe.plan.recipe import NoWay, Planned, Recipe, Stage, Way, Work

recipe = Recipe(__name__, kinds=("AddField",))


@recipe.way
def plan(work: Work) -> Planned:
    new = new_column(work)
    if new is None or new.field.generated or not (new.field.null or new.field.db_default):
        return None
    value, default, required = new.value, new.column.default, new.column.not_null
    if value is None or default is None or new.is_free:
        return None
    if value.constant and new.is_unique:
        return SAME_VALUE
    if required and work.postgres < PROVEN_BY_CHECK:
        return TOO_OLD
    built = new.built()
    if isinstance(built, NoWay):
        return built
    keep = (f"{new.alter} SET DEFAULT {default.sql}",) if new.keeps_default else ()
    field = new.definition.adding("null", "True") if required else new.settled
    column = new.piece(
        f"add_{new.label}",
        new.add(*keep, default=None, not_null=False, field=field),
        why="The rows that exist are filled next, in batches, before any code knows the column.",
    )
    fill = fill_field(work, new.name, value.code, per_row=value.per_row, imports=value.imports)
    pieces = [column, *built, fill]
    if required:
        state = [new.operation(new.definition, kind="AlterField")]
        pieces.append(set_not_null(work, new.relation, new.column.name, name=f"{new.label}_not_null", state=state))
    return Way(stages=(Stage(kind="expand", pieces=tuple(pieces)),))
