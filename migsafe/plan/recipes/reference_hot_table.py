"""Make a table that refers to a hot one, which is locked against writes for that."""

from collections.abc import Sequence
from dataclasses import replace

from migsafe.actions import CreateTable
from migsafe.plan.parts.foreign_keys import foreign_key
from migsafe.plan.parts.leaving import foreign_keys
from migsafe.plan.parts.names import words
from migsafe.plan.recipe import NoWay, Piece, Planned, Recipe, Stage, Way, Work
from migsafe.sql.catalog import Catalog, Table
from migsafe.written.definitions import create_table, shown
from migsafe.written.operations import GIVE_UP, quoted, run_sql, separate

TO_HOT_TABLE = "MS306"

recipe = Recipe(__name__, kinds=("CreateModel", "AddField"))


@recipe.way
def plan(work: Work) -> Planned:
    if work.written is None or work.codes != (TO_HOT_TABLE,):
        return None
    after = _after(work)
    names = {action.relation for _, action in work.actions() if isinstance(action, CreateTable)}
    tables = [table for table in map(after.table, sorted(names)) if table]
    parents = {key.references for table in tables for key in foreign_keys(table)} - {table.name for table in tables}
    pieces = _one_by_one(work, tables, after) if len(parents) > 1 else None
    return Way(stages=(Stage(kind="expand", pieces=tuple(pieces or (_whole(work),))),))


def _whole(work: Work) -> Piece:
    return replace(
        work.original(),
        operations=(run_sql(GIVE_UP, None), work.original().operations[0]),
        name=f"{_label(work)}_with_lock_timeout",
        why="If the lock on the table that is referred to is not to be had soon, this fails: try again.",
        codes=work.codes,
        original=False,
        alone=True,
    )


def _one_by_one(work: Work, tables: Sequence[Table], after: Catalog) -> list[Piece] | None:
    """The tables without foreign keys, then these; None if migsafe cannot write the tables."""
    operations, pieces = [], []
    for table in tables:
        statements = create_table(table, after)
        if statements is None:
            return None
        name = shown(table.name, after)
        operations.append(run_sql(statements, f"DROP TABLE {quoted(name)}"))
        for key in foreign_keys(table):
            made = foreign_key(
                name, key, after, postgres=work.postgres, name=words(_label(work), *key.columns, "foreign_key")
            )
            if isinstance(made, NoWay):
                return None
            pieces += [replace(piece, codes=work.codes) for piece in made]
    alone = Piece(
        operations=(separate(database=operations, state=list(work.original().operations)),),
        name=f"create_{_label(work)}",
        why=(
            "Without its foreign keys: each locks the table that it refers to, and gets a migration of its own, so that"
            " none is locked while another is waited for."
        ),
        imports=work.imports,
        codes=work.codes,
    )
    return [alone, *pieces]


def _after(work: Work) -> Catalog:
    """The schema that the operation leaves."""
    after = work.catalog
    for statement, action in work.actions():
        after = statement.before.after(action)
    return after


def _label(work: Work) -> str:
    """What it is about, as names of migrations say it: ``order_campaigns``."""
    assert work.written is not None
    field = work.written.argument("name", 1) if work.kind == "AddField" else None
    return words(work.label.rpartition(".")[2], (field or "").strip("\"'"))
