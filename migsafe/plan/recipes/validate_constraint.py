"""Validate a constraint in another transaction than the one that has added it."""

from migsafe.plan.parts.names import words
from migsafe.plan.recipe import Piece, Planned, Recipe, Stage, Way, Work

recipe = Recipe(__name__, kinds=("ValidateConstraint",))

APART = "Reads the rows while everybody keeps working, so not in a transaction that has locked the table for more."


@recipe.way
def plan(work: Work) -> Planned:
    name = work.written.argument("name", 1) if work.written else None
    if work.written is None or name is None:
        return None
    piece = Piece(
        operations=(work.written.code,),
        name=words("validate", name),
        why=APART,
        imports=work.imports,
        codes=work.codes,
    )
    return Way(stages=(Stage(kind="expand", pieces=(piece,)),))
