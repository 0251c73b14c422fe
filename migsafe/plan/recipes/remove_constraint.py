"""Remove a constraint whose index is dropped while everybody reads and writes."""

from migsafe.plan.parts import keys
from migsafe.plan.parts.names import words
from migsafe.plan.recipe import Planned, Recipe, Work

recipe = Recipe(__name__, kinds=("RemoveConstraint",))


@recipe.way
def plan(work: Work) -> Planned:
    name = work.written.argument("name", 1) if work.written else None
    return keys.way(work, words("remove", name)) if name else None
