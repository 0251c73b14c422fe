"""Give a column another type through a second column that takes its place."""

from dataclasses import replace
from functools import reduce

from migsafe.actions import AlterColumnType, RenameColumn
from migsafe.plan.parts.exchange import Exchange
from migsafe.plan.parts.names import words
from migsafe.plan.parts.shadow import Group, NotCopied, Shadow, comments, free
from migsafe.plan.recipe import Duty, NoWay, Piece, Planned, Recipe, Stage, Way, Work
from migsafe.planning import Check
from migsafe.postgres.values import Reading, fitting, misfits, reading, sql_name
from migsafe.sql.catalog import Catalog
from migsafe.sql.names import LENGTH, clip
from migsafe.written.definitions import shown
from migsafe.written.operations import quoted, separate

recipe = Recipe(__name__, kinds=("AlterField",))

CODES = {"MS106", "MS110", "MS112", "MS114"}
"""Of findings about a type that changes."""

REFERRED_TO = "other columns refer to it, or it is the primary key, and code that runs could not cope with the new type"
NEW_KEY = (
    "Leave the old key as it is. Add a field with the new ones, unique, and one like it wherever something refers to"
    " this model; let code write both, then read the new ones; remove the old ones last."
)


@recipe.way
def plan(work: Work) -> Planned:
    written, model = work.written, work.model_after
    changes = [action for _, action in work.actions() if isinstance(action, AlterColumnType)]
    if written is None or model is None or not changes or not CODES.intersection(work.codes):
        return None
    if any(isinstance(action, RenameColumn) for _, action in work.actions()):
        return None
    after = reduce(lambda catalog, one: catalog.after(one[1]), work.actions(), work.catalog)
    name = (written.argument("name", 1) or "").strip("\"'")
    try:
        shadows = [_shadow(change, work, after) for change in changes]
        if any(reading(one.old.type, one.new.type) is not Reading.SAME for one in shadows):
            return _beside(shadows, work, name)
        return _exchanged(Exchange(Group(shadows), work, words(model.name, name)), shadows, work, name)
    except NotCopied as refused:
        return NoWay(
            why=f"the type of {name} changes by a second column that takes its place, which cannot be: {refused}",
            instead=NEW_KEY if str(refused) == REFERRED_TO else "",
        )


def _beside(shadows: list[Shadow], work: Work, name: str) -> Way:
    """Old code could not cope with the new type under the old name, so that keeps another one."""
    key = shadows[0].table.primary_key
    if len(shadows) > 1 or (key and shadows[0].column in key.columns):
        raise NotCopied(REFERRED_TO)
    (one,) = shadows
    field = work.written.call("field", 2) if work.written else None
    if work.written is None or field is None or work.model_after is None:
        raise NotCopied("the field is not written in the migration")
    old, new = sql_name(one.old.type), sql_name(one.new.type)
    column = free(clip(f"{one.column}_{one.new.type.name.name}", LENGTH), one.table)
    renamed = one.after.after(RenameColumn(relation=one.relation, column=one.column, new_name=column))
    shadow = replace(one, after=renamed, end=column, name=column)
    kept = work.written.replacing("field", 2, field.without("db_column").adding("db_column", f'"{column}"').code)
    state = Piece(
        operations=(separate(database=[], state=[kept.code]),),
        name=words("alter", work.model_after.name, name),
        why=f"Code of this release reads and writes {column}, code of the one before {one.column}: both are there.",
        imports=work.imports,
        codes=work.codes,
    )
    duty = Duty(
        model=work.label,
        field=name,
        must_not=f"store a value that {old} has no place for, as long as code of the release before runs",
    )
    table = work.catalog.display(one.table.name)
    return Way(
        stages=Exchange(Group([shadow]), work, words(work.model_after.name, name)).beside(state, duty),
        keeps={f"{table}.{column}": f"{table}.{one.column}"},
        notes=(
            f"Queries that were written for {old} fail on {new}, so the new column needs a name of its own: {column}."
            " That stays in the model as `db_column`; RenameField can change it later.",
        ),
    )


def _exchanged(exchange: Exchange, shadows: list[Shadow], work: Work, name: str) -> Way:
    assert work.written is not None
    lossy = [one for one in shadows if one.lossy]
    new = sql_name(shadows[0].new.type)
    duty = Duty(model=work.label, field=name, must_not=f"store a value that {new} has no place for")
    return Way(
        stages=(
            Stage(
                kind="expand",
                pieces=tuple(exchange.prepared()),
                duties=(duty,) if lossy else (),
                then=(*(_fit(one) for one in lossy), *exchange.equal()),
            ),
            Stage(kind="contract", pieces=(*exchange.proven(), *exchange.exchanged([work.written.code]))),
            Stage(kind="contract", pieces=tuple(exchange.retired())),
        )
    )


def _shadow(change: AlterColumnType, work: Work, after: Catalog) -> Shadow:
    before = work.catalog
    table = before.table(change.relation)
    if table is None or change.column not in table.columns:
        raise NotCopied(f"the table {change.relation} is not known")
    old = table.columns[change.column]
    new = after.tables[table.name].columns[change.column]
    if change.using is not None and change.using.casts is None:
        raise NotCopied("its values are converted by an expression")
    lossy = bool(misfits(old.type, new.type, cast=change.using is not None))
    fits, cast = fitting("{0}", old.type, new.type), f"{{0}}::{sql_name(new.type)}"
    return Shadow(
        before=before,
        after=after,
        relation=table.name,
        column=change.column,
        end=change.column,
        name=free(f"{change.column}_new", table),
        # A cast cuts and rounds without an error: what does not fit is to be found.
        forth=f"CASE WHEN {fits} THEN {cast} END" if lossy and fits else cast,
        back=f"{{0}}::{sql_name(old.type)}",
        comments=comments(work, table.name, change.column, change.column),
        lossy=lossy,
    )


def _fit(shadow: Shadow) -> Check:
    table, column = shown(shadow.table.name, shadow.before), quoted(shadow.column)
    fits = fitting(column, shadow.old.type, shadow.new.type) or f"{quoted(shadow.name)} IS NOT NULL OR {column} IS NULL"
    return Check(
        what=f"every value of {shadow.column} has a place in {sql_name(shadow.new.type)}",
        sql=f"SELECT count(*) FROM {quoted(table)} WHERE NOT ({fits})",
        expected="0",
    )
