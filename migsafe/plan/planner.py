"""Operations of migrations → stages of recipes → deploys."""

import re
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import networkx
from msgspec.structs import replace as replace_struct

from migsafe.actions import CreateTable, RenameTable
from migsafe.config import did_you_mean
from migsafe.errors import ConfigError
from migsafe.model import Finding, Severity
from migsafe.plan.order import FIELD_OPERATIONS, Touched, about_same_model, kept, settled, touched
from migsafe.plan.recipe import LOCK_WINDOW, Duty, NoWay, Piece, Recipe, Several, Stage, Way, Work
from migsafe.plan.recipes import all_recipes
from migsafe.plan.routing import routed
from migsafe.planning import Check, Kind, Run, Strategy, Unsolved, Wait
from migsafe.project.operations import ReplayedMigration

KINDS: tuple[Kind, ...] = ("expand", "backfill", "contract")

Node = tuple[int, int]
"""Number of an item and of a stage of it."""


MADE = "Write it out in the file, so that it can be put into another one."

BOTH_RENAMED = (
    "What comes after a rename in the same change goes by the new name, so the database gets it too. If the rename is"
    " in a migration of its own, after all others, less has to be done for it."
)

OWN_SQL = ("RunSQL", "RunPython", "SeparateDatabaseAndState")
"""Operations whose SQL people have written."""

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
        self._gives_names = False

    def give_names(self) -> bool:
        """Leave out no name in the database that others may count on; whether that is anything new."""
        new, self._gives_names = not self._gives_names, True
        return new

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
            items = self._settled(items)
            self._check_strategies()
        return Outline(
            batches=tuple(_batches(items)),
            unsolved=tuple(self._unsolved),
            strategies=tuple(self._strategies),
            keeps=_keeps(items),
            notes=tuple(dict.fromkeys(note for item in items for note in item.way.notes)),
        )

    def _settled(self, items: Sequence[Item]) -> list[Item]:
        """Items, some done in another way or refused, so that none counts on a name that an earlier one leaves out."""
        done, left = [], deque(items)
        while left:
            item = left.popleft()
            carried = [_carried(one, item, left) for one in left]
            if any(_counts_on_name(one, item, left) for one in carried):
                item = self._renamed(item, left) or self._not_kept(item, left)
            elif self._gives_names and item.way.keeps and left:
                item = self._renamed(item, left) or item
            else:
                left = deque(carried)
            done.append(item)
        return done

    def _not_kept(self, item: Item, later: Collection[Item]) -> Item:
        if item.strategy:
            self._impossible.add(item.strategy)
            self._strategies = [one for one in self._strategies if item.recipe and one.recipe != item.recipe.name]
        what = "the table" if any("." not in name for name in item.way.keeps) else "what it names"
        operation = next(one.work.operation.description for one in later if _counts_on_name(one, item, later))
        why = f"{what} would keep its name in the database, and “{operation}” goes by the new one"
        return self._refused_for(item.work, NoWay(why=why, instead=RENAMED_APART))

    def _renamed(self, item: Item, later: Collection[Item]) -> Item | None:
        """An item that gives the name in the database as well, if its recipe can and nothing else was asked for."""
        if item.recipe is None or item.strategy in self.strategies:
            return None
        for name in item.recipe.strategies:
            way = item.recipe.make(replace(item.work, strategy=name))
            if name == item.strategy or not isinstance(way, Way):
                continue
            way = replace(routed(item.work, way, routers=self.routers), notes=(*way.notes, BOTH_RENAMED))
            renamed = replace(item, way=way, strategy=name)
            if not any(_counts_on_name(one, renamed, later) for one in later):
                self._strategies = [
                    replace_struct(one, chosen=one.name == name) if one.recipe == item.recipe.name else one
                    for one in self._strategies
                ]
                return renamed
        return None

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
        tables = {end: name for name, end in kept.items() if "." not in name}
        for name, end in item.way.keeps.items():
            table, dot, of_table = name.rpartition(".")
            kept[f"{tables.get(table, table)}{dot}{of_table}"] = end
    return kept


def _counts_on_name(item: Item, renamed: Item, between: Iterable[Item]) -> bool:
    """Whether an item goes by a name that something would have in the database but for the way of an earlier one."""
    keeps = {old: new for old, new in renamed.way.keeps.items() if old != new}
    tables = {new for old, new in keeps.items() if "." not in old}
    columns = {new.rpartition(".")[2] for old, new in keeps.items() if "." in old}
    if not _may_be_about(item, renamed, between):
        columns = set()
    work = item.work
    if keeps and work.kind in FIELD_OPERATIONS and _is_renamed(item, renamed, between):
        return True  # the author's definition of the field does not say that its column has another name
    if work.kind in OWN_SQL:
        sql = any(function.reading.sql for function in work.operation.python)
        own = f"{work.written.code if work.written else ''} {work.operation.source if sql else ''}"
        return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", own) for name in tables | columns)
    if item.recipe:
        return any(f'"{name}"' in text for name in tables | columns for text in _made_sql(item))
    makes = work.kind == "AddField" and any(isinstance(one, CreateTable) for _, one in work.actions())
    named = makes or work.kind in ("RenameModel", "AlterModelTable")
    return bool(tables) and named and about_same_model(item.touched, renamed.touched)


def _carried(item: Item, renamed: Item, between: Iterable[Item]) -> Item:
    """A change of a field as its author wrote it, with the column that the field's rename leaves to it."""
    field = item.work.written.call("field", 2) if item.work.written else None
    if item.recipe or field is None or item.work.kind != "AlterField" or not _is_renamed(item, renamed, between):
        return item
    table, _, name = next(iter(renamed.way.keeps)).rpartition(".")
    assert item.work.written is not None
    kept = field.adding("db_column" if table else "db_table", f'"{name}"')
    written = item.work.written.replacing("field", 2, kept.code)
    why = f"In the database the field stays {name}."
    (piece,) = item.way.stages[0].pieces
    piece = replace(piece, operations=(written.code,), why=why, original=False)
    return replace(item, way=Way(stages=(replace(item.way.stages[0], pieces=(piece,)),)))


def _is_renamed(item: Item, renamed: Item, between: Iterable[Item]) -> bool:
    """Whether an operation on a field is about one that another operation has renamed in Python only."""
    if renamed.work.kind != "RenameField" or not renamed.way.keeps or not _fields(item) & _fields(renamed):
        return False
    source = "".join(text for stage in item.way.stages for piece in stage.pieces for text in piece.operations)
    named = item.work.kind == "AlterField" and ("db_column" in source or "db_table" in source)
    return not named and _may_be_about(item, renamed, between)


def _may_be_about(item: Item, earlier: Item, between: Iterable[Item]) -> bool:
    """Whether an item may be about the model of an earlier one, whatever that is called by then."""
    labels = {earlier.work.label}
    for other in between:
        if other.work.kind == "RenameModel" and labels.intersection(other.work.operation.models):
            labels.update(other.work.operation.models)
    return not item.work.operation.models or not labels.isdisjoint(item.work.operation.models)


def _fields(item: Item) -> set[str]:
    """Names of the fields that an operation on a field is about."""
    return {label.rpartition(".")[2] for label in item.touched.changes} if item.touched else set()


def _made_sql(item: Item) -> Iterator[str]:
    """SQL that a recipe has made, in Python code, without the operations on models beside it."""
    for piece in (piece for stage in item.way.stages for piece in stage.pieces):
        yield piece.code
        for operation in piece.operations:
            if operation.startswith(("migrations.RunSQL(", "migrations.SeparateDatabaseAndState(")):
                yield operation.partition("state_operations")[0]


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
