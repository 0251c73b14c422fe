"""What the reader of a function notes down."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from migsafe.python.models import HistoricalModel, HistoricalModels, Step
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

Kind = TypeVar("Kind")
Fact = Attribute | FieldUse | ModelUse | RawSql | RealModel | Unread | Write


class Recorder:
    """Collects facts, each once.

    Attributes:
        stack: Names of the functions that are being read, the outermost first.
        loops: The loops around what is being read; None for one that is not over the rows of a query.
    """

    def __init__(self, models: HistoricalModels) -> None:
        self.models = models
        self.stack: list[str] = []
        self.loops: list[RowLoop | None] = []
        self.asks_alias = False
        self._facts: dict[Fact, None] = {}
        self._default: dict[Place, None] = {}
        self._guards = 0
        self._silent = 0

    def place(self, line: int) -> Place:
        return Place(self.stack[-1], line)

    @contextmanager
    def guarded(self, *, really: bool = True) -> Iterator[None]:
        """Something makes sure that what is missing does no harm: an ``except``, or a condition."""
        self._guards += really
        yield
        self._guards -= really

    @contextmanager
    def silent(self) -> Iterator[None]:
        """A first look at a loop's body, for what it leaves to the next round."""
        self._silent += 1
        yield
        self._silent -= 1

    @property
    def row_loop(self) -> RowLoop | None:
        """The innermost loop over rows."""
        return next((loop for loop in reversed(self.loops) if loop is not None), None)

    def add(self, fact: Fact) -> None:
        if not self._silent and not (self._guards and isinstance(fact, Attribute | FieldUse | ModelUse)):
            self._facts[fact] = None

    def unread(self, reason: str, line: int) -> None:
        self.add(Unread(reason=reason, place=self.place(line)))

    def default_query(self, line: int) -> None:
        """Note that the database is used without saying which."""
        if not self._silent:
            self._default[self.place(line)] = None

    def missing(self, model: HistoricalModel, name: str, of: str, line: int) -> None:
        self.add(Attribute(model=model.label, name=name, of=of, place=self.place(line)))  # type: ignore[arg-type]

    def use_field(self, step: Step, line: int) -> None:
        self.add(FieldUse(key=f"{step.owner.key}.{step.field.name}", place=self.place(line)))

    def query_name(
        self, model: HistoricalModel, name: str, line: int, extra: frozenset[str] | None = frozenset()
    ) -> None:
        """A name in a query, which may follow relations."""
        path = self.models.follow(model, name, extra=extra)
        for step in path.steps:
            self.use_field(step, line)
        if path.missing:
            self.missing(*path.missing, "query", line)

    def reading(self) -> Reading:
        def of(kind: type[Kind]) -> tuple[Kind, ...]:
            return tuple(fact for fact in self._facts if isinstance(fact, kind))

        return Reading(
            models=of(ModelUse),
            missing=of(Attribute),
            fields=of(FieldUse),
            writes=of(Write),
            real=of(RealModel),
            sql=of(RawSql),
            unread=of(Unread),
            asks_alias=self.asks_alias,
            default_queries=tuple(self._default),
        )
