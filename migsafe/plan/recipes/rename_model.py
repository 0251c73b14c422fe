"""Give a model another name while code of two releases runs."""

from dataclasses import replace

from migsafe.plan.parts.names import words
from migsafe.plan.parts.views import Renamed, not_renamed, renamed_tables, through_views, with_state
from migsafe.plan.recipe import Piece, Planned, Recipe, Stage, Way, Work

recipe = Recipe(
    __name__,
    kinds=("RenameModel",),
    strategies={
        "db_table": "The table keeps its name: one deploy, without SQL unless there are many-to-many fields.",
        "view": "The table is renamed, and a view has its old name until no running code asks for it: two deploys.",
    },
)


@recipe.way
def plan(work: Work) -> Planned:
    if work.written is None or work.model_before is None or work.operation.unanalysed:
        return None
    tables = renamed_tables(work)
    if refused := not_renamed(work, tables):
        return refused
    return through_views(work, tables, state=(work.written.code,)) if work.strategy == "view" else _kept(work, tables)


def _kept(work: Work, tables: list[Renamed]) -> Way:
    """All tables keep their names; those of many-to-many fields have a column that is called after the model."""
    assert work.written is not None
    assert work.model_before is not None
    old = (work.written.argument("old_name", 0) or "").strip("\"'")
    table = f'migrations.AlterModelTable(name="{old.lower()}", table="{work.model_before.table}")'
    names = {one.table.name.name: one for one in tables}
    keeps = {name: one.name for name, one in names.items() if one.name != name}
    keeps |= {
        f"{name}.{was}": f"{one.name}.{now}" for name, one in names.items() for was, now in one.constraints.items()
    }
    same = [replace(one, name=name, constraints={}) for name, one in names.items() if one.columns]
    if same:
        return replace(through_views(work, same, state=(table, work.written.code)), keeps=keeps)
    state = (table, work.written.code)
    piece = Piece(
        operations=state,
        name=words("rename", *(label.rpartition(".")[2] for label in work.operation.models)),
        why=f"The name changes in Python only: in the database it stays {work.model_before.table}, so no SQL is run.",
        imports=work.imports,
        codes=work.codes,
        alone=False,
    )
    if work.django < (5, 2) and work.operation.forward:
        # It makes the foreign keys to the model anew, whatever the table is called.
        piece = with_state(work, replace(piece, operations=()), state)
    return Way(stages=(Stage(kind="expand", pieces=(piece,)),), keeps=keeps)
