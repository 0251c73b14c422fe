"""Rows changed a batch at a time, each in a transaction of its own: resumable, in the order of the primary key."""

from migsafe.plan.recipe import Piece
from migsafe.written.batches import IMPORTS, LOGGER, SIZE, Batches

EFFECT = f"batches of {SIZE:,}, no lock beyond rows, can be stopped and resumed"


def in_batches(batches: Batches, *, name: str, function: str, why: str, codes: tuple[str, ...] = ()) -> Piece:
    """A migration that does it.

    Args:
        name: Of the migration, without number.
        function: Name of the Python function that it calls.
    """
    return Piece(
        operations=(f"migrations.RunPython({function}, migrations.RunPython.noop)",),
        name=name,
        why=why,
        atomic=False,
        imports=IMPORTS,
        code=f"{LOGGER}\n\n\n{batches.function(function)}",
        codes=codes,
        effect=EFFECT,
    )
