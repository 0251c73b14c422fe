"""Add a column for which the database computes a value in every row."""

from migsafe.plan.parts.backfill import fill_field
from migsafe.plan.parts.columns import FREE_DEFAULTS, new_column
from migsafe.plan.parts.not_null import PROVEN_BY_CHECK, TOO_OLD, set_not_null
from migsafe.plan.recipe import NoWay, Planned, Recipe, Stage, Way, Work
from migsafe.sql.forms.family import volatile

recipe = Recipe(__name__, kinds=("AddField",))


@recipe.way
def plan(work: Work) -> Planned:
    new = new_column(work)
    if new is None or new.field.generated or not (new.field.null or new.field.db_default):
        return None
    default = new.column.default
    if default is None or default.null or not (work.postgres < FREE_DEFAULTS or volatile(default, new.before)):
        return None
    value = new.definition.argument("db_default") or new.definition.argument("default")
    if value is None or not new.keeps_default:
        return NoWay(why="rows that exist get a default that the database does not keep, on a server that writes each")
    if new.column.not_null and work.postgres < PROVEN_BY_CHECK:
        return TOO_OLD
    built = new.built()
    if isinstance(built, NoWay):
        return built
    required = new.column.not_null
    column = new.piece(
        new.title,
        new.add(
            f"{new.alter} SET DEFAULT {default.sql}",
            default=None,
            not_null=False,
            field=new.definition.adding("null", "True") if required else new.definition,
        ),
        why="The database gives new rows their value; the rows that exist are filled next, in batches.",
    )
    pieces = [column, *built, fill_field(work, new.name, value)]
    if required:
        state = [new.operation(new.definition, kind="AlterField")]
        pieces.append(set_not_null(work, new.relation, new.column.name, name=f"{new.label}_not_null", state=state))
    return Way(stages=(Stage(kind="expand", pieces=tuple(pieces)),))
