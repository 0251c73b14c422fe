"""Give a field another name while code of two releases runs."""

from collections.abc import Iterator

from migsafe.actions import AddConstraint, DropConstraint
from migsafe.plan.recipe import NoWay, Piece, Planned, Recipe, Stage, Way, Work
from migsafe.written.call import Written, parse_call

recipe = Recipe(
    __name__,
    kinds=("RenameField",),
    strategies={
        "db_column": "The column keeps its name, and nothing happens in the database: one deploy.",
    },
)

QUOTES = "\"'"


@recipe.way
def plan(work: Work) -> Planned:
    written, model, definition = work.written, work.model_before, work.operation.renamed_field
    if written is None or model is None or definition is None:
        return None
    field = parse_call(definition[0])
    old, new = ((written.argument(f"{one}_name", place) or "").strip(QUOTES) for place, one in ((1, "old"), (2, "new")))
    before, after = work.field_before(old), work.field_after(new)
    if field is None or before is None or after is None:
        return NoWay(why="what the field is named is not written in the migration")
    if before.many and before.join_table and after.join_table:
        kept, keeps = field.adding("db_table", f'"{before.join_table}"'), {before.join_table: after.join_table}
    elif before.column and after.column:
        kept = field.adding("db_column", f'"{before.column}"')
        keeps = {f"{model.table}.{before.column}": f"{model.table}.{after.column}", **dict(_constraints(work))}
    else:
        return None
    piece = Piece(
        operations=(_alter(model.name, old, kept), written.code),
        name=f"rename_{model.name.lower()}_{old}_to_{new}",
        why=f"The name changes in Python only: in the database it stays {next(iter(keeps))}, so no SQL is run.",
        imports=(*work.imports, *definition[1]),
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
        yield f"{old.relation}.{old.name}", f"{made.relation}.{made.constraint.name}"


def _alter(model: str, name: str, field: Written) -> str:
    alter = f'migrations.AlterField(model_name="{model.lower()}", name="{name}", field={field.code})'
    return str(parse_call(alter))
