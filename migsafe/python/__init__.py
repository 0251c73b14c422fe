"""What the Python code of data migrations does: read from its syntax tree, never run.

Knows nothing of Django: `migsafe.project` hands over the functions, with the historical models that they meet.
"""

from migsafe.python.function import PythonFunction
from migsafe.python.models import Default, HistoricalField, HistoricalModel, HistoricalModels
from migsafe.python.reading import (
    Attribute,
    FieldUse,
    ModelUse,
    Place,
    RawSql,
    Reading,
    RealModel,
    RowLoop,
    Unread,
    Write,
)

__all__ = [
    "Attribute",
    "Default",
    "FieldUse",
    "HistoricalField",
    "HistoricalModel",
    "HistoricalModels",
    "ModelUse",
    "Place",
    "PythonFunction",
    "RawSql",
    "Reading",
    "RealModel",
    "RowLoop",
    "Unread",
    "Write",
]
