"""Give a field another name while code of two releases runs."""

from collections.abc import Iterator
from functools import reduce

from migsafe.actions import AddConstraint, DropConstraint
from migsafe.plan.parts.exchange import Exchange
from migsafe.plan.parts.names import words
from migsafe.plan.parts.shadow import Group, NotCopied, Shadow, comments
from migsafe.plan.recipe import NoWay, Piece, Planned, Recipe, Stage, Way, Work
from migsafe.python import HistoricalField
from migsafe.written.call import Written, parse_call
from migsafe.written.operations import separate

recipe = Recipe(
    __name__,
    kinds=("RenameField",),
    strategies={
        "db_column": "The column keeps its name, and nothing happens in the database: one deploy.",
        "copy": "A new column has the new name, and a trigger keeps both equal until no running code asks for the old"
        " one: three deploys, and all rows are written once.",
    },
)

QUOTES = "\"'"


@recipe.way
def plan(work: Work) -> Planned:
    written, definition = work.written, work.operation.renamed_field
    if written is None or work.model_before is None or definition is None:
        return None
    field = parse_call(definition[0])
    old, new = ((written.argument(f"{one}_name", place) or "").strip(QUOTES) for place, one in ((1, "old"), (2, "new")))
    before, after = work.field_before(old), work.field_after(new)
    if field is None or before is None or after is None:
        return NoWay(why="what the field is named is not written in the migration")
    return _copied(work, before, after) if work.strategy == "copy" else _kept(work, field, before, after)


def _kept(work: Work, field: Written, before: HistoricalField, after: HistoricalField) -> Planned:
    model = work.model_before
    assert work.written is not None
    assert work.operation.renamed_field is not None
    assert model is not None
    if before.many and before.join_table and after.join_table:
        kept, keeps = field.adding("db_table", f'"{before.join_table}"'), {before.join_table: after.join_table}
    elif before.column and after.column:
        kept = field.adding("db_column", f'"{before.column}"')
        table = work.catalog.display(model.relation)
        keeps = {f"{table}.{before.column}": f"{table}.{after.column}", **dict(_constraints(work))}
    else:
        return None
    alter = f'migrations.AlterField(model_name="{model.name.lower()}", name="{before.name}", field={kept.code})'
    piece = Piece(
        operations=(str(parse_call(alter)), work.written.code),
        name=words("rename", model.name, before.name, "to", after.name),
        why=f"The name changes in Python only: in the database it stays {next(iter(keeps))}, so no SQL is run.",
        imports=(*work.imports, *work.operation.renamed_field[1]),
        codes=work.codes,
        alone=False,
    )
    return Way(stages=(Stage(kind="expand", pieces=(piece,)),), keeps=keeps)


def _constraints(work: Work) -> Iterator[tuple[str, str]]:
    """Foreign keys that Django would take off and put on again under the name of the new column."""
    actions = [action for _, action in work.actions()]
    gone = [one for one in actions if isinstance(one, DropConstraint)]
    new = [one for one in actions if isinstance(one, AddConstraint)]
    for old, made in zip(gone, new, strict=False):
        if old.name != made.constraint.name:
            yield f"{old.relation}.{old.name}", f"{made.relation}.{made.constraint.name}"


def _copied(work: Work, before: HistoricalField, after: HistoricalField) -> Planned:
    assert work.written is not None
    assert work.model_before is not None
    if before.column is None or after.column is None:
        return NoWay(why="the rows of a many-to-many field are not copied", instead=KEEP)
    if before.primary_key:
        return NoWay(why="others refer to the primary key, which cannot be in two columns", instead=KEEP)
    name = words(work.model_before.name, after.name)
    state = Piece(
        operations=(separate(database=[], state=[work.written.code]),),
        name=words("rename", work.model_before.name, before.name, "to", after.name),
        why=f"Code of this release knows {after.name} only, code of the one before {before.name}: both are there.",
        imports=work.imports,
        codes=work.codes,
    )
    try:
        shadow = _shadow(work, before.column, after.column)
        return Way(stages=Exchange(Group([shadow]), work, name).beside(state))
    except NotCopied as refused:
        return NoWay(why=f"the column cannot be copied: {refused}", instead=KEEP)


KEEP = "Keep the name in the database: `--strategy db_column`."


def _shadow(work: Work, old: str, new: str) -> Shadow:
    assert work.model_before is not None
    table = work.catalog.table(work.model_before.relation)
    if table is None or old not in table.columns or new in table.columns:
        raise NotCopied(f"the table {work.model_before.table} is not known as it is")
    return Shadow(
        before=work.catalog,
        after=reduce(lambda catalog, one: catalog.after(one[1]), work.actions(), work.catalog),
        relation=table.name,
        column=old,
        end=new,
        name=new,
        forth="{0}",
        back="{0}",
        comments=comments(work, table.name, old, new),
    )
