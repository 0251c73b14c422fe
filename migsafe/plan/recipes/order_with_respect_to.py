"""Add the column by which rows have an order, with a default as long as old code makes rows."""

from migsafe.actions import AddColumn
from migsafe.plan.parts.names import words
from migsafe.plan.recipe import NoWay, Piece, Planned, Recipe, Stage, Way, Work
from migsafe.postgres.values import sql_name
from migsafe.written.definitions import shown
from migsafe.written.operations import GIVE_UP, quoted, run_sql, separate

recipe = Recipe(__name__, kinds=("AlterOrderWithRespectTo",))

FREE_DEFAULT = 11
"""PostgreSQL from which on a column with a constant default is added without writing the rows anew."""


@recipe.way
def plan(work: Work) -> Planned:
    added = next((action for _, action in work.actions() if isinstance(action, AddColumn)), None)
    if added is None or work.written is None or work.model_after is None:
        return None
    if work.postgres < FREE_DEFAULT:
        return NoWay(why="before PostgreSQL 11 a column with a default is added by writing the whole table anew")
    column, model = added.column, work.model_after.name
    alter = f"ALTER TABLE {quoted(shown(work.catalog.locate(added.relation), work.catalog))}"
    name = quoted(column.name)
    default = column.default.sql if column.default else "0"
    add = run_sql(
        [GIVE_UP, f"{alter}\nADD COLUMN {name} {sql_name(column.type)} DEFAULT {default} NOT NULL"],
        [GIVE_UP, f"{alter}\nDROP COLUMN {name}"],
    )
    drop = run_sql(
        [GIVE_UP, f"{alter}\nALTER COLUMN {name} DROP DEFAULT"],
        [GIVE_UP, f"{alter}\nALTER COLUMN {name} SET DEFAULT {default}"],
    )
    first = Piece(
        operations=(separate(database=[add], state=[work.written.code]),),
        name=words(model, column.name),
        why=f"{column.name} has a default in the database, so that code of the release before can go on making rows.",
        imports=work.imports,
        codes=work.codes,
    )
    last = Piece(
        operations=(drop,),
        name=words(model, column.name, "without_default"),
        why="All running code gives it a value.",
        codes=work.codes,
    )
    return Way(stages=(Stage(kind="expand", pieces=(first,)), Stage(kind="contract", pieces=(last,))))
