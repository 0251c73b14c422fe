"""Give a field's column another name, through a second column."""

from functools import reduce

from migsafe.actions import AlterColumnType, RenameColumn
from migsafe.plan.parts.exchange import Exchange
from migsafe.plan.parts.names import words
from migsafe.plan.parts.shadow import Group, NotCopied, Shadow, comments
from migsafe.plan.recipe import NoWay, Piece, Planned, Recipe, Way, Work
from migsafe.postgres.values import sql_name
from migsafe.written.operations import separate

recipe = Recipe(__name__, kinds=("AlterField",))


@recipe.way
def plan(work: Work) -> Planned:
    renames = [action for _, action in work.actions() if isinstance(action, RenameColumn)]
    if work.written is None or work.model_after is None or len(renames) != 1:
        return None
    (rename,) = renames
    name = (work.written.argument("name", 1) or "").strip("\"'")
    about = words(work.model_after.name, name)
    state = Piece(
        operations=(separate(database=[], state=[work.written.code]),),
        name=about,
        why=f"Code of this release knows {rename.new_name} only, code of the one before {rename.column}: both are"
        " there.",
        imports=work.imports,
        codes=work.codes,
    )
    try:
        return Way(stages=Exchange(Group([_shadow(work, rename)]), work, about).beside(state))
    except NotCopied as refused:
        return NoWay(
            why=f"column {rename.column} cannot be copied to {rename.new_name}: {refused}",
            instead=f'Leave it the name that it has: `db_column="{rename.column}"`.',
        )


def _shadow(work: Work, rename: RenameColumn) -> Shadow:
    after = reduce(lambda catalog, one: catalog.after(one[1]), work.actions(), work.catalog)
    table, end = work.catalog.table(rename.relation), after.table(rename.relation)
    if table is None or end is None or rename.column not in table.columns or rename.new_name in table.columns:
        raise NotCopied("the table is not known as it is")
    if table.primary_key is None or rename.column in table.primary_key.columns:
        raise NotCopied("it is the primary key, or there is none")
    old, new = table.columns[rename.column], end.columns[rename.new_name]
    change = next((one for _, one in work.actions() if isinstance(one, AlterColumnType)), None)
    if change is not None and change.using is not None and change.using.casts is None:
        raise NotCopied("its values are converted by an expression")
    return Shadow(
        before=work.catalog,
        after=after,
        relation=table.name,
        column=rename.column,
        end=rename.new_name,
        name=rename.new_name,
        forth="{0}" if old.type == new.type else f"{{0}}::{sql_name(new.type)}",
        back="{0}" if old.type == new.type else f"{{0}}::{sql_name(old.type)}",
        comments=comments(work, table.name, rename.column, rename.new_name),
    )
