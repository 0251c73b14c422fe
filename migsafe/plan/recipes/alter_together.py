"""Change ``unique_together`` and ``index_together`` with indexes that are built and dropped concurrently."""

from migsafe.plan.parts import keys
from migsafe.plan.parts.names import words
from migsafe.plan.recipe import Planned, Recipe, Work

recipe = Recipe(__name__, kinds=("AlterUniqueTogether", "AlterIndexTogether"))


@recipe.way
def plan(work: Work) -> Planned:
    what = "unique_together" if work.kind == "AlterUniqueTogether" else "index_together"
    return keys.way(work, words(work.label.rpartition(".")[2], what))
