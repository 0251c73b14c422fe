"""Give a model's table another name, and leave a view of the old one to old code."""

from migsafe.plan.parts.views import not_renamed, renamed_tables, through_views
from migsafe.plan.recipe import Planned, Recipe, Work

recipe = Recipe(__name__, kinds=("AlterModelTable",))


@recipe.way
def plan(work: Work) -> Planned:
    tables = renamed_tables(work)
    if work.written is None or not tables:
        return None
    return not_renamed(work, tables) or through_views(work, tables, state=(work.written.code,))
