"""Make a field indexed, unique or positive, or no longer so, without locking its table while rows are read."""

from migsafe.plan.parts import keys
from migsafe.plan.parts.names import words
from migsafe.plan.recipe import Planned, Recipe, Work

recipe = Recipe(__name__, kinds=("AlterField",))


@recipe.way
def plan(work: Work) -> Planned:
    name = work.written.argument("name", 1) if work.written else None
    found = keys.change(work)
    if name is None or found is None:
        return None
    kinds = [constraint.kind.value for constraint, _ in found.constrains]
    what = kinds[0] if kinds else "index" if found.builds else "not_unique" if found.releases else "not_indexed"
    return keys.way(work, words(work.label.rpartition(".")[2], name, what))
