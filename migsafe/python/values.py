"""What an expression in a data migration can stand for, as far as that matters."""

import ast
from dataclasses import dataclass
from typing import Literal

from migsafe.python.models import HistoricalModel


@dataclass(frozen=True)
class Value:
    """Base; by itself anything that nothing is known of."""


UNKNOWN = Value()

Rows = Literal["all", "unfilled", "some", "batch", "one"]


@dataclass(frozen=True)
class Apps(Value):
    """The historical registry."""


@dataclass(frozen=True)
class Editor(Value):
    """The schema editor."""


@dataclass(frozen=True)
class Connection(Value):
    """A database connection; ``chosen`` if it is that of the schema editor."""

    chosen: bool


@dataclass(frozen=True)
class Cursor(Value):
    pass


@dataclass(frozen=True)
class Text(Value):
    text: str


@dataclass(frozen=True)
class Empty(Value):
    """None or an empty string: what a column has that nobody has filled."""


@dataclass(frozen=True)
class Items(Value):
    """A literal list, tuple or set."""

    values: tuple[Value, ...]


@dataclass(frozen=True)
class Names(Value):
    """A literal dictionary with these keys."""

    keys: tuple[str, ...]


@dataclass(frozen=True)
class Model(Value):
    """A historical model."""

    model: HistoricalModel


@dataclass(frozen=True)
class Meta(Value):
    """The ``_meta`` of one."""

    model: HistoricalModel


@dataclass(frozen=True)
class Manager(Value):
    """A manager of a model.

    Attributes:
        related: Whether it is reached from an instance, so that it has but some of the rows.
    """

    model: HistoricalModel
    name: str
    related: bool = False


@dataclass(frozen=True)
class Query(Value):
    """A query set, or a list of its rows.

    Attributes:
        source: The code that makes it.
        extra: Names that annotations give to its rows, None when they are not known.
        rows: Which rows it has.
        unfilled: Fields that have no value in any of them.
        instances: Whether its rows are instances of the model.
        listed: Whether it is a list by now, or anything else that is iterated over.
        django: Whether its methods are those of Django's QuerySet.
    """

    model: HistoricalModel
    source: str = ""
    extra: frozenset[str] | None = frozenset()
    rows: Rows = "all"
    unfilled: frozenset[str] = frozenset()
    instances: bool = True
    listed: bool = False
    django: bool = True


@dataclass(frozen=True)
class Row(Value):
    """An instance; ``new`` if the code has made it."""

    model: HistoricalModel
    extra: frozenset[str] | None = frozenset()
    new: bool = False


@dataclass(frozen=True)
class Numbered(Value):
    """``enumerate`` of a query."""

    query: Query


@dataclass(frozen=True)
class RealApps(Value):
    """The registry of today's models."""


@dataclass(frozen=True)
class RealModel(Value):
    """A model as it is today; ``written`` is how the code names it."""

    label: str
    written: str


@dataclass(frozen=True)
class Function(Value):
    """A function of the same file."""

    name: str
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
