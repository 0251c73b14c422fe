"""Take a model out of the code first, and drop its tables a deploy later, when no running code knows them."""

from migsafe.plan.parts.tables import forget_tables
from migsafe.plan.recipe import Duty, Planned, Recipe, Work

recipe = Recipe(__name__, kinds=("DeleteModel",))


@recipe.way
def plan(work: Work) -> Planned:
    model = work.model_before
    if model is None:
        return None
    duty = Duty(model=work.label, must_not=f"use {model.name} any more: the model is gone")
    return forget_tables(work, model.name.lower(), duty)
