"""Make a table that refers to a hot one, which is locked against writes for that."""

from dataclasses import replace

from migsafe.plan.recipe import Planned, Recipe, Stage, Way, Work
from migsafe.written.operations import GIVE_UP, run_sql

TO_HOT_TABLE = "MS306"

recipe = Recipe(__name__, kinds=("CreateModel", "AddField"))


@recipe.way
def plan(work: Work) -> Planned:
    if work.written is None or work.codes != (TO_HOT_TABLE,):
        return None
    piece = replace(
        work.original(),
        operations=(run_sql(GIVE_UP, None), work.written.code),
        why="If the lock on the table that is referred to is not to be had soon, this fails: try again.",
        codes=work.codes,
        original=False,
        alone=True,
    )
    return Way(stages=(Stage(kind="expand", pieces=(piece,)),))
