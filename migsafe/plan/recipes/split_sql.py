"""Carry SQL of the author out statement by statement, each in its safe form."""

from migsafe.plan.parts.statements import Statements
from migsafe.plan.recipe import NoWay, Planned, Recipe, Work

recipe = Recipe(__name__, kinds=("RunSQL", "SeparateDatabaseAndState"))


@recipe.way
def plan(work: Work) -> Planned:
    if work.operation.opaque:
        return NoWay(why="Python code runs beside the SQL", instead="Make an operation of each.")
    if work.operation.unanalysed:
        return NoWay(why=work.operation.unanalysed)
    return Statements(work).planned()
