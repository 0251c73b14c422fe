"""Give a column another type through a second column that takes its place."""

from functools import reduce

from migsafe.actions import AlterColumnType
from migsafe.plan.parts.exchange import Exchange
from migsafe.plan.parts.names import words
from migsafe.plan.parts.shadow import Group, NotCopied, Shadow, free
from migsafe.plan.recipe import Duty, NoWay, Planned, Recipe, Stage, Way, Work
from migsafe.planning import Check
from migsafe.postgres.values import Reading, fitting, misfits, reading, sql_name
from migsafe.sql.catalog import Catalog
from migsafe.written.definitions import shown
from migsafe.written.operations import quoted

recipe = Recipe(__name__, kinds=("AlterField",))

CODES = {"MS106", "MS110", "MS112", "MS114"}
"""Of findings about a type that changes."""


@recipe.way
def plan(work: Work) -> Planned:
    written, model = work.written, work.model_after
    changes = [action for _, action in work.actions() if isinstance(action, AlterColumnType)]
    if written is None or model is None or not changes or not CODES.intersection(work.codes):
        return None
    after = reduce(lambda catalog, one: catalog.after(one[1]), work.actions(), work.catalog)
    name = (written.argument("name", 1) or "").strip("\"'")
    try:
        shadows = [_shadow(change, work.catalog, after) for change in changes]
        exchange = Exchange(Group(shadows), work, words(model.name, name))
        return _way(exchange, shadows, work, f"{model.key}", name, written.code)
    except NotCopied as refused:
        return NoWay(
            why=f"the type of {name} changes by a second column that takes its place, which cannot be: {refused}"
        )


def _way(exchange: Exchange, shadows: list[Shadow], work: Work, label: str, name: str, state: str) -> Way:
    lossy = [one for one in shadows if one.lossy]
    duty = Duty(
        model=label, field=name, must_not=f"store a value that {sql_name(shadows[0].new.type)} has no place for"
    )
    return Way(
        stages=(
            Stage(
                kind="expand",
                pieces=tuple(exchange.prepared()),
                duties=(duty,) if lossy else (),
                then=(*(_fit(one) for one in lossy), *exchange.equal()),
            ),
            Stage(kind="contract", pieces=(*exchange.proven(), *exchange.exchanged([state]))),
            Stage(kind="contract", pieces=tuple(exchange.retired())),
        )
    )


def _shadow(change: AlterColumnType, before: Catalog, after: Catalog) -> Shadow:
    table = before.table(change.relation)
    if table is None or change.column not in table.columns:
        raise NotCopied(f"the table {change.relation} is not known")
    old = table.columns[change.column]
    new = after.tables[table.name].columns[change.column]
    if reading(old.type, new.type) is not Reading.SAME:
        raise NotCopied(
            f"code that compares it with {sql_name(old.type)}, or expects such values, runs as long as the release"
            f" before, and {sql_name(new.type)} is something else"
        )
    if new.not_null and not old.not_null:
        raise NotCopied("it becomes NOT NULL as well; make that a migration of its own")
    if change.using is not None and change.using.casts is None:
        raise NotCopied("its values are converted by an expression")
    return Shadow(
        before=before,
        after=after,
        relation=table.name,
        column=change.column,
        end=change.column,
        name=free(f"{change.column}_new", table),
        forth=f"{{}}::{sql_name(new.type)}",
        back=f"{{}}::{sql_name(old.type)}",
        lossy=bool(misfits(old.type, new.type, cast=change.using is not None)),
    )


def _fit(shadow: Shadow) -> Check:
    table, column = shown(shadow.table.name, shadow.before), quoted(shadow.column)
    fits = fitting(column, shadow.old.type, shadow.new.type) or f"{quoted(shadow.name)} IS NOT NULL OR {column} IS NULL"
    return Check(
        what=f"every value of {shadow.column} has a place in {sql_name(shadow.new.type)}",
        sql=f"SELECT count(*) FROM {quoted(table)} WHERE NOT ({fits})",
        expected="0",
    )
