"""What a recipe is: one kind of dangerous operation, and the sequence of steps that is safe."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from migsafe.actions import Action
from migsafe.model import Finding
from migsafe.planning import Check, Kind, Run, Wait
from migsafe.project.operations import ReplayedMigration, ReplayedOperation, SqlStatement
from migsafe.python import HistoricalField, HistoricalModel, HistoricalModels
from migsafe.sql.catalog import Catalog
from migsafe.written.call import Written, parse_call, written


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Operations that go into a migration of the plan.

    Attributes:
        operations: Source of each (``migrations.AddIndex(…)``), without a comma at its end. Names in them that the
            original file imports or defines are taken over with it.
        name: What the migration is called, without number: ``order_tracking_number_nullable``.
        why: What it does and why it stands alone, in one sentence: the comment in its file.
        atomic: Whether it runs in one transaction.
        imports: Statements for names that the original file does not have: ``from … import …``.
        code: Functions and the like above the class.
        codes: Of the findings that it is there for.
        effect: What it does to a server in use, in a few words, where its SQL does not tell (RunPython): ``batches of
            1,000, no lock beyond rows, can be stopped and resumed``.
        original: Whether the operations are as the author wrote them.
        alone: Whether it must be a migration of its own; else it may share one with what is next to it in the deploy,
            if both are atomic.
    """

    operations: tuple[str, ...]
    name: str
    why: str
    atomic: bool = True
    imports: tuple[str, ...] = ()
    code: str = ""
    codes: tuple[str, ...] = ()
    effect: str = ""
    original: bool = False
    alone: bool = True


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What code of a release has to do or to leave, beside having other models.

    How definitions of models change follows from the migrations (the state at the end of each deploy is what the
    models of its release are) and is not said here.

    Attributes:
        model: Lower-case ``app_label.model_name``.
        field: Name of the field that it is about, if it is about one.
        must: One sentence: ``write tracking_number on every new order; keep reading without it``.
        must_not: One sentence.
        writes: Whether code of this release, and of all later ones, never leaves the field NULL when it makes rows.
    """

    model: str
    field: str | None = None
    must: str = ""
    must_not: str = ""
    writes: bool = False


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Steps of a recipe that belong to one deploy: migrations first, then the code, then what has to be checked.

    Whoever carries it out applies the migrations while code of the release before runs, then replaces that by the new
    release, process by process: both run on the schema that the stage leaves. The check that every process runs the new
    release is made for each deploy that another one follows, and not said here.

    Attributes:
        late: Whether it only takes away what no models know any more, so that others may forget theirs before it.
    """

    kind: Kind
    pieces: tuple[Piece, ...] = ()
    duties: tuple[Duty, ...] = ()
    then: tuple[Check | Run | Wait, ...] = ()
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Way:
    """A safe sequence: each stage goes into a later deploy than the one before.

    At its end the models and the schema are those of the original, but for names that are kept.

    Attributes:
        keeps: Names that the strategy leaves as they were, on purpose: ``table``, ``table.column`` or
            ``table.constraint`` at the end of the plan → what the original makes of it.
        notes: What else should be known, in sentences.
        strategies: Those of the recipe that are possible for the operation, the one taken first; empty for all.
    """

    stages: tuple[Stage, ...]
    keeps: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()


LOCK_WINDOW = (
    "Choose a quiet time. Give up soon, so that nobody queues behind a lock that is not to be had, and try again:"
    " `PGOPTIONS='-c lock_timeout=2s' python manage.py migrate`, in a loop."
)
"""The least bad way for what needs a strong lock, in Markdown."""


@dataclass(frozen=True, kw_only=True)
class NoWay:
    """Why there is no safe way, and the least bad one in Markdown."""

    why: str
    instead: str = ""


@dataclass(frozen=True, kw_only=True)
class Work:
    """An operation that is dangerous, in its surroundings.

    Attributes:
        migration: The original that it is part of.
        findings: What lint has found in it, worst first; info aside.
        postgres: Major version of the target server.
        django: Version of the installed Django.
        strategy: The one that was asked for; None for the best.
    """

    migration: ReplayedMigration
    operation: ReplayedOperation
    findings: tuple[Finding, ...]
    postgres: int
    django: tuple[int, int]
    strategy: str | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """Of the findings, each once."""
        return tuple(dict.fromkeys(finding.code for finding in self.findings))

    @property
    def kind(self) -> str:
        """Class name of the operation, of Django's own class for a subclass of one."""
        django = [base for base in self.operation.bases if base.startswith("django.")]
        return (django[0] if django else self.operation.kind).rpartition(".")[2]

    @property
    def is_djangos(self) -> bool:
        """Whether it is of a class that Django has, and not of one that was made from it."""
        return self.operation.bases[0].startswith("django.")

    @cached_property
    def written(self) -> Written | None:
        """The operation as its author wrote it, else as Django writes it; None if neither can be had."""
        own = written(self.migration.path, self.operation.line) if self.operation.line else None
        if own is not None or self.operation.serialized is None:
            return own
        return parse_call(self.operation.serialized[0])

    @property
    def is_literal(self) -> bool:
        """Whether `written` is the author's text."""
        return bool(self.operation.line and written(self.migration.path, self.operation.line))

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """What `written` needs, if it is not the author's text."""
        return () if self.is_literal or self.operation.serialized is None else self.operation.serialized[1]

    @property
    def catalog(self) -> Catalog:
        """The schema that the operation meets."""
        return self.operation.forward[0].before if self.operation.forward else self.migration.before

    def actions(self) -> Iterator[tuple[SqlStatement, Action]]:
        for statement in self.operation.forward:
            for action in statement.parsed.actions:
                yield statement, action

    @property
    def before(self) -> HistoricalModels:
        """The project's models before it."""
        assert self.operation.models_before is not None
        return self.operation.models_before

    @property
    def after(self) -> HistoricalModels:
        assert self.operation.models_after is not None
        return self.operation.models_after

    @property
    def label(self) -> str:
        """Lower-case ``app_label.model_name`` of the model that it is about; empty if it is about none."""
        return self.operation.models[0] if self.operation.models else ""

    @property
    def model_before(self) -> HistoricalModel | None:
        return self.before.get(self.label)

    @property
    def model_after(self) -> HistoricalModel | None:
        return self.after.get(self.label)

    def field_before(self, name: str) -> HistoricalField | None:
        return self.model_before.fields.get(name) if self.model_before else None

    def field_after(self, name: str) -> HistoricalField | None:
        return self.model_after.fields.get(name) if self.model_after else None

    def whole(self, *, kind: Kind = "expand") -> Stage:
        """The operation as it is."""
        return Stage(kind=kind, pieces=(self.original(),))

    def apart(self) -> Stage:
        """The operation as it is, in a migration of its own."""
        why = "Apart from what else there was, so that no lock is held any longer than it needs."
        return Stage(kind="expand", pieces=(replace(self.original(), alone=True, why=why, codes=self.codes),))

    def original(self) -> Piece:
        """The operation as it is, for a migration."""
        return Piece(
            operations=(self.written.code,) if self.written else (),
            name=self.migration.name.partition("_")[2] or self.migration.name,
            why="",
            atomic=self.operation.atomic,
            imports=self.imports,
            original=True,
            alone=False,
        )


@dataclass(frozen=True, kw_only=True)
class Several:
    """An operation that is several in one: each is planned as an operation of its own, in their order.

    Attributes:
        parts: Each as work, and how it is done.
    """

    parts: tuple[tuple[Work, Way | NoWay], ...]


Planned = Way | NoWay | Several | None
"""None: the recipe is not for this operation."""

Make = Callable[[Work], Planned]


class Recipe:
    """One kind of dangerous operation, and its safe sequence.

    ::

        recipe = Recipe(__name__, kinds=("AddIndex",))

        @recipe.way
        def plan(work: Work) -> Planned: ...

    Args:
        module: ``__name__`` of the module that defines it; its docstring says what it does.
        kinds: Class names of Django's operations that it may be for.
        strategies: Where there are several ways: the name of each, as ``--strategy`` takes it → what it costs and
            gives, in a sentence. The first that is possible is the best; `Work.strategy` is the one that was asked for.
    """

    def __init__(self, module: str, *, kinds: Sequence[str], strategies: Mapping[str, str] | None = None) -> None:
        self.module = module
        self.name = module.rpartition(".")[2]
        self.kinds = tuple(kinds)
        self.strategies = dict(strategies or {})
        self.make: Make = lambda work: None

    def __repr__(self) -> str:
        return f"<Recipe {self.name}>"

    @property
    def summary(self) -> str:
        """What it does, on one line."""
        module = sys.modules[self.module]
        return " ".join((module.__doc__ or "").strip().partition("\n\n")[0].split()).rstrip(".")

    def way(self, make: Make) -> Make:
        """Set the function that says how an operation is carried out safely."""
        self.make = make
        return make
