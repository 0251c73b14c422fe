"""What routers are told of SQL and Python code in the place of operations on models."""

import ast
import json
from dataclasses import replace

from migsafe.plan.recipe import Piece, Way, Work
from migsafe.written.call import asks_routers, hinted, hints_of


def routed(work: Work, way: Way, *, routers: bool) -> Way:
    """A way whose SQL and Python code goes to the databases that what it stands for goes to.

    Routers decide about an operation on a model by the model, about RunSQL and RunPython by their hints.

    Args:
        work: As it is written in the original.
        routers: Whether the project has any.
    """
    hints = _hints(work, routers=routers)
    if hints is None:
        return way
    stages = (
        replace(stage, pieces=tuple(piece if piece.original else _hinted(piece, hints) for piece in stage.pieces))
        for stage in way.stages
    )
    return replace(way, stages=tuple(stages))


def _hints(work: Work, *, routers: bool) -> str | None:
    """Source of the hints; None if none are needed."""
    own = filter(None, map(hints_of, asks_routers(work.written.node))) if work.written else iter(())
    if given := next(own, None):
        return ast.unparse(given)
    if not (routers and work.label):
        return None
    return f'{{"model_name": {json.dumps(work.label.partition(".")[2])}}}'


def _hinted(piece: Piece, hints: str) -> Piece:
    return replace(piece, operations=tuple(hinted(operation, hints) for operation in piece.operations))
