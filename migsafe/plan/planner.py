"""Operations of migrations → stages of recipes → deploys."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import networkx

from migsafe.actions import CreateTable, RenameTable
from migsafe.config import did_you_mean
from migsafe.errors import ConfigError
from migsafe.model import Finding, Severity
from migsafe.plan.order import Touched, about_same_model, kept, settled, touched
from migsafe.plan.recipe import LOCK_WINDOW, Duty, NoWay, Piece, Recipe, Several, Stage, Way, Work
from migsafe.plan.recipes import all_recipes
from migsafe.plan.routing import routed
from migsafe.planning import Check, Kind, Run, Strategy, Unsolved, Wait
from migsafe.project.operations import ReplayedMigration

KINDS: tuple[Kind, ...] = ("expand", "backfill", "contract")

Node = tuple[int, int]
"""Number of an item and of a stage of it."""


MADE = "Write it out in the file, so that it can be put into another one."

RENAMED_APART = (
    "Put what gives another name into a migration of its own, after all others, and plan that when these are done. Or"
    " leave the name in the database for good: `db_table`."
)


@dataclass(frozen=True, kw_only=True)
class Item:
    """An operation and how it is carried out.

    Attributes:
        touched: What it is about; None if that is not known.
    """

    work: Work
    way: Way
    touched: Touched | None
    recipe: Recipe | None = None
    strategy: str | None = None


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What goes into one deploy, in order.

    Attributes:
        pieces: With the item that each is of.
    """

    kinds: tuple[Kind, ...]
    pieces: tuple[tuple[Item, Piece], ...]
    duties: tuple[tuple[Item, Duty], ...]
    then: tuple[Check | Run | Wait, ...]


@dataclass(frozen=True, kw_only=True)
class Outline:
    """A plan without files."""

    batches: tuple[Batch, ...]
    unsolved: tuple[Unsolved, ...]
    strategies: tuple[Strategy, ...]
    notes: tuple[str, ...]
    keeps: Mapping[str, str] = field(default_factory=dict)


UNINDEXED = ("MS208", Severity.WARNING)
IN_THE_END = ("MS207", "MS308")
"""Codes of rules about redundant and missing indexes."""
TOGETHER = frozenset({"MS505", "MS506", "MS601", "MS602", "MS604"})
"""Codes of findings that a migration of its own answers."""


def counts(finding: Finding) -> bool:
    """Whether a plan has to avoid it: it is neither only worth knowing nor so in the end, however that is reached."""
    of_the_end = finding.code in IN_THE_END or (finding.code, finding.severity) == UNINDEXED
    return finding.severity is not Severity.INFO and not of_the_end


class Planner:
    """Finds a way for each operation, and puts them together.

    Args:
        findings: Of all migrations.
        strategies: Those that were asked for.
        routers: Whether the project has any.
    """

    def __init__(
        self,
        migrations: Sequence[ReplayedMigration],
        findings: Iterable[Finding],
        *,
        postgres: int,
        django: tuple[int, int],
        strategies: Sequence[str] = (),
        routers: bool = False,
    ) -> None:
        self.migrations = migrations
        self.postgres = postgres
        self.django = django
        self.strategies = strategies
        self.routers = routers
        self._findings: defaultdict[tuple[str, int | None], list[Finding]] = defaultdict(list)
        for finding in filter(counts, findings):
            self._findings[f"{finding.app}.{finding.migration}", finding.operation].append(finding)
        self._unsolved: list[Unsolved] = []
        self._strategies: list[Strategy] = []
        self._impossible: set[str] = set()
        self._refused: NoWay | None = None

    def expose(self, work: Work, finding: Finding) -> None:
        """Take an operation for dangerous that is so only where it does not follow others in their transaction."""
        migration = f"{work.migration.app}.{work.migration.name}"
        self._findings[migration, work.operation.index].append(finding)

    def outline(self, refused: NoWay | None = None) -> Outline:
        """Plan them all.

        Args:
            refused: Why no recipe is to be used after all.

        Raises:
            ConfigError: A strategy was asked for that is none of what is planned.
        """
        self._unsolved.clear()
        self._strategies.clear()
        works = [
            self._work(migration, index) for migration in self.migrations for index in range(len(migration.operations))
        ]
        unwritten = next((work for work in works if work.written is None), None)
        if refused is None and unwritten:
            why = f"“{unwritten.operation.description}” cannot be written into another file: code makes it"
            refused = NoWay(why=why, instead=MADE)
        self._refused = refused
        items = [item for work in settled(works) for item in self._items(work)]
        if refused is None:
            items = [self._settled(item, items) for item in items]
            self._check_strategies()
        return Outline(
            batches=tuple(_batches(items)),
            unsolved=tuple(self._unsolved),
            strategies=tuple(self._strategies),
            keeps=_keeps(items),
            notes=tuple(dict.fromkeys(note for item in items for note in item.way.notes)),
        )

    def _settled(self, item: Item, items: Sequence[Item]) -> Item:
        """An item, refused if others count on a name of a table that its way does not give."""
        other = next((one for one in items if one is not item and _counts_on_name(one, item)), None)
        if other is None:
            return item
        if item.strategy:
            self._impossible.add(item.strategy)
            self._strategies = [one for one in self._strategies if item.recipe and one.recipe != item.recipe.name]
        operation = other.work.operation.description
        why = f"the table would keep its name in the database, and “{operation}” goes by the new one"
        return self._refused_for(item.work, NoWay(why=why, instead=RENAMED_APART))

    def _check_strategies(self) -> None:
        names = list(dict.fromkeys(one.name for one in self._strategies))
        for name in self.strategies:
            if name not in names and name not in self._impossible:
                there_are = f"There are: {', '.join(names)}." if names else "There is only one way to do it."
                raise ConfigError(
                    f"--strategy {name}: nothing here is done that way{did_you_mean(name, names)}", there_are
                )

    def _work(self, migration: ReplayedMigration, index: int) -> Work:
        operation = migration.operations[index]
        found = self._findings[f"{migration.app}.{migration.name}", operation.index]
        return Work(
            migration=migration,
            operation=operation,
            findings=tuple(sorted(found, key=lambda one: list(Severity).index(one.severity))),
            postgres=self.postgres,
            django=self.django,
        )

    def _items(self, work: Work) -> Sequence[Item]:
        if work.findings:
            return [replace(item, way=routed(work, item.way, routers=self.routers)) for item in self._solved(work)]
        return (Item(work=work, way=Way(stages=(work.whole(),)), touched=touched(work)),)

    def _solved(self, work: Work) -> Sequence[Item]:
        refused = self._refused
        for recipe in () if refused else all_recipes():
            if work.kind not in recipe.kinds:
                continue
            wanted = next((one for one in self.strategies if one in recipe.strategies), None)
            planned = recipe.make(replace(work, strategy=wanted))
            if isinstance(planned, NoWay) and wanted:
                self._impossible.add(wanted)
            if isinstance(planned, Way):
                possible = planned.strategies or tuple(recipe.strategies)
                chosen = planned.strategies[0] if planned.strategies else wanted or next(iter(possible), None)
                self._strategies += [
                    Strategy(name=name, recipe=recipe.name, trade_off=text, chosen=name == chosen)
                    for name, text in recipe.strategies.items()
                    if name in possible
                ]
                return (Item(work=work, way=planned, touched=touched(work), recipe=recipe, strategy=chosen),)
            if isinstance(planned, Several):
                return [self._part(part, way, recipe) for part, way in planned.parts]
            refused = refused or planned
        if refused is None and TOGETHER.issuperset(work.codes):
            return (Item(work=work, way=Way(stages=(work.apart(),)), touched=touched(work)),)
        refused = refused or NoWay(
            why=f"what it does is not known: {work.operation.unanalysed}"
            if work.operation.unanalysed
            else f"there is no recipe for {work.kind} with {', '.join(work.codes)}"
        )
        return (self._refused_for(work, refused),)

    def _part(self, work: Work, way: Way | NoWay, recipe: Recipe) -> Item:
        """Part of an operation that is several in one."""
        if isinstance(way, Way):
            return Item(work=work, way=way, touched=touched(work), recipe=recipe)
        item = self._refused_for(work, way)
        piece = replace(work.original(), original=False, alone=True)
        return replace(item, way=Way(stages=(Stage(kind="expand", pieces=(piece,)),)), recipe=recipe)

    def _refused_for(self, work: Work, refused: NoWay) -> Item:
        """An operation that stays as it is, since there is no way."""
        self._unsolved.append(
            Unsolved(
                migration=f"{work.migration.app}.{work.migration.name}",
                operation=work.operation.index,
                description=work.operation.description,
                why=refused.why,
                instead=refused.instead or LOCK_WINDOW,
                codes=work.codes,
            )
        )
        return Item(work=work, way=Way(stages=(work.whole(),)), touched=touched(work))


def _keeps(items: Iterable[Item]) -> dict[str, str]:
    """`Way.keeps` of all, as what they are about is called in the end."""
    kept: dict[str, str] = {}
    for item in items:
        for _, action in item.work.actions():
            if isinstance(action, RenameTable):
                old, new = item.work.catalog.display(action.relation), action.new_name
                kept = {
                    name if old in item.way.keeps else _moved(name, old, new): _moved(end, old, new)
                    for name, end in kept.items()
                }
        kept |= item.way.keeps
    return kept


def _counts_on_name(item: Item, renamed: Item) -> bool:
    """Whether SQL of an item has a name that a table would have but for the way of another item."""
    names = {new for old, new in renamed.way.keeps.items() if "." not in old}
    if not names:
        return False
    if item.recipe:
        source = [text for stage in item.way.stages for piece in stage.pieces for text in piece.operations]
        return any(f'"{name}"' in text for name in names for text in source)
    makes = item.work.kind == "AddField" and any(isinstance(one, CreateTable) for _, one in item.work.actions())
    named = makes or item.work.kind in ("RenameModel", "AlterModelTable")
    return named and about_same_model(item.touched, renamed.touched)


def _moved(name: str, old: str, new: str) -> str:
    """``table.column`` once the table is called otherwise."""
    return f"{new}.{name.removeprefix(f'{old}.')}" if name.startswith(f"{old}.") else name


def _batches(items: Sequence[Item]) -> Iterator[Batch]:
    """Group stages into as few deploys as their order allows: each in the first one that it may be in."""
    graph: networkx.DiGraph[Node] = networkx.DiGraph()
    for number, item in enumerate(items):
        stages = [(number, index) for index in range(len(item.way.stages))]
        graph.add_nodes_from(stages)
        graph.add_edges_from(pairwise(stages), later=1)
    for earlier, later in kept([item.touched for item in items]):
        forgets = any(stage.late for stage in items[later].way.stages)
        for index, before in enumerate(items[earlier].way.stages):
            for place, stage in enumerate(items[later].way.stages):
                if before.pieces and stage.pieces and not (before.late and forgets and not stage.late):
                    begins = KINDS.index(stage.kind) > KINDS.index(before.kind)
                    graph.add_edge((earlier, index), (later, place), later=int(begins))
    graph.add_edges_from(_after_code(items), later=1)
    deploys: dict[Node, int] = {}
    for node in networkx.topological_sort(graph):
        deploys[node] = max(
            (deploys[parent] + edge["later"] for parent, _, edge in graph.in_edges(node, data=True)), default=0
        )
    for deploy in range(max(deploys.values(), default=-1) + 1):
        nodes = sorted(node for node, number in deploys.items() if number == deploy)
        chosen = [(items[number], items[number].way.stages[index]) for number, index in nodes]
        # What lets the next stage begin is looked at when all else is done that comes before that.
        last = [node for node in sorted(deploys) if _next(node, deploys) == deploy]
        yield Batch(
            kinds=tuple(kind for kind in KINDS if any(stage.kind == kind for _, stage in chosen)),
            pieces=tuple((item, piece) for item, stage in chosen for piece in stage.pieces),
            duties=tuple((item, duty) for item, stage in chosen for duty in stage.duties),
            then=tuple(step for number, index in last for step in items[number].way.stages[index].then),
        )


def _next(node: Node, deploys: Mapping[Node, int]) -> int:
    """The last deploy before the next stage of the same item; that of the stage itself if there is none."""
    number, index = node
    return deploys.get((number, index + 1), deploys[node] + 1) - 1


def _after_code(items: Sequence[Item]) -> Iterator[tuple[Node, Node]]:
    """Rows that the author fills so that a field need not be NULL: only once all code gives new rows a value."""
    for later, item in enumerate(items):
        first = item.way.stages[0]
        if first.pieces or not any(duty.writes for duty in first.duties):
            continue
        for earlier, other in enumerate(items[:later]):
            for index, stage in enumerate(other.way.stages):
                if stage.kind == "backfill" and stage.pieces and about_same_model(other.touched, item.touched):
                    yield (later, 0), (earlier, index)
