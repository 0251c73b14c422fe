"""Make a nullable column NOT NULL."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from migsafe.actions import (
    Action,
    AddConstraint,
    Constraint,
    ConstraintKind,
    DropConstraint,
    DropDefault,
    Expression,
    SetConstraints,
    SetDefault,
    SetNotNull,
    Update,
)
from migsafe.plan.parts.backfill import fill_field, none_empty
from migsafe.plan.parts.not_null import PROVEN_BY_CHECK, TOO_OLD, set_not_null
from migsafe.plan.parts.values import Value, value_of
from migsafe.plan.recipe import Duty, NoWay, Piece, Planned, Recipe, Stage, Way, Work
from migsafe.python import HistoricalField
from migsafe.sql.catalog import Table
from migsafe.written.call import Written
from migsafe.written.operations import quoted, run_sql, separate

recipe = Recipe(__name__, kinds=("AlterField",))

ALONE = (SetNotNull, SetDefault, DropDefault, Update, SetConstraints)
"""What Django does for it."""

MORE = NoWay(
    why="the field changes in other ways as well, and each has its own way",
    instead="Make an AlterField of each change: first all else with `null=True`, then NOT NULL alone. Then plan again.",
)
NO_VALUE = NoWay(
    why="what the rows that are empty get is not written in the migration",
    instead="Give the field a `default` in the migration, with `preserve_default=False` if it is for these rows only.",
)


@dataclass(frozen=True, kw_only=True)
class _Change:
    """An AlterField that sets NOT NULL.

    Attributes:
        action: That it does.
        actions: All that it does.
        table: As it was.
        definition: Source of the field.
    """

    work: Work
    action: SetNotNull
    actions: tuple[Action, ...]
    table: Table
    written: Written
    definition: Written
    name: str
    before: HistoricalField
    field: HistoricalField

    @property
    def model(self) -> str:
        return self.work.label.rpartition(".")[2]

    @property
    def is_alone(self) -> bool:
        """Whether nothing else changes in the database."""
        return all(isinstance(one, ALONE) or _puts_back(one, self.table) for one in self.actions)

    @property
    def fills(self) -> bool:
        """Whether Django fills the rows that are empty."""
        return any(isinstance(one, Update) for one in self.actions)

    @property
    def is_one_off(self) -> bool:
        """Whether its default is only for the rows that exist (``preserve_default=False``)."""
        return self.written.argument("preserve_default", 3) == "False"

    @property
    def default(self) -> Expression | None:
        """What SQL sets, if only for a moment."""
        return next((one.default for one in self.actions if isinstance(one, SetDefault)), None)

    @cached_property
    def value(self) -> Value | None:
        """What empty rows get."""
        # SQL does not say it where the field has had it before.
        default, type_ = self.default or Expression(""), self.table.columns[self.action.column].type
        return value_of(self.work, self.field, self.definition, default, type_, one_off=self.is_one_off)

    @property
    def settled(self) -> Written:
        """The field as the models have it in the end."""
        return self.definition.without("default") if self.is_one_off else self.definition

    def operation(self, field: Written) -> str:
        """The author's operation with another field."""
        return str(self.written.replacing("field", 2, field.code).without("preserve_default"))

    def given(self) -> Iterator[Piece]:
        """A migration that gives the field its default before it is NOT NULL."""
        if all(getattr(self.before, one) == getattr(self.field, one) for one in ("default", "db_default", "automatic")):
            return
        column = f"ALTER TABLE {quoted(self.action.relation)}\nALTER COLUMN {quoted(self.action.column)}"
        keeps = self.default and not any(isinstance(one, DropDefault) for one in self.actions)
        sql = self.default.sql if self.default and keeps else None
        database = [run_sql(f"{column} SET DEFAULT {sql}", f"{column} DROP DEFAULT")] if sql else []
        state = self.operation(self.settled.adding("null", "True"))
        yield Piece(
            operations=(separate(database=database, state=[state]),),
            name=f"{self.model}_{self.name}_default",
            why="New rows get the default; nothing is NOT NULL yet.",
            imports=self.work.imports,
            codes=self.work.codes,
        )


@recipe.way
def plan(work: Work) -> Planned:
    change = _change(work)
    if change is None:
        return None
    if not change.is_alone:
        return MORE
    if work.postgres < PROVEN_BY_CHECK:
        return TOO_OLD
    if change.fills and change.value is None:
        return NO_VALUE
    return Way(stages=tuple(_stages(change)))


def _stages(change: _Change) -> Iterator[Stage]:
    work, name, relation, column = change.work, change.name, change.action.relation, change.action.column
    duty = Duty(
        model=work.label,
        field=name,
        must=f"give {name} a value on every {change.model} that it writes",
        must_not=f"set {name} to NULL any more",
        writes=True,
    )
    value = change.value if change.fills else None
    empty = (none_empty(relation, column),)
    yield Stage(kind="expand", pieces=tuple(change.given()), duties=(duty,), then=() if value else empty)
    if value:
        fill = fill_field(work, name, value.code, per_row=value.per_row, imports=value.imports)
        yield Stage(kind="backfill", pieces=(fill,), then=empty)
    state = [change.operation(change.settled)]
    last = set_not_null(work, relation, column, name=f"{change.model}_{name}_not_null", state=state)
    yield Stage(kind="contract", pieces=(last,))


def _change(work: Work) -> _Change | None:
    actions = tuple(action for _, action in work.actions())
    action = next((one for one in actions if isinstance(one, SetNotNull)), None)
    written, definition = work.written, work.written and work.written.call("field", 2)
    if action is None or written is None or definition is None:
        return None
    name = (written.argument("name", 1) or "").strip("\"'")
    before, field, table = work.field_before(name), work.field_after(name), work.catalog.table(action.relation)
    if before is None or field is None or table is None or action.column not in table.columns:
        return None
    return _Change(
        work=work,
        action=action,
        actions=actions,
        table=table,
        written=written,
        definition=definition,
        name=name,
        before=before,
        field=field,
    )


def _puts_back(action: Action, table: Table) -> bool:
    """Whether it is about a foreign key that Django takes off and puts back on, whatever changes of the field."""
    keys = [one for one in table.constraints.values() if one.kind is ConstraintKind.FOREIGN_KEY]
    match action:
        case DropConstraint(name=name):
            return any(key.name == name for key in keys)
        case AddConstraint(constraint=Constraint(kind=ConstraintKind.FOREIGN_KEY) as added):
            return any((key.name, key.columns) == (added.name, added.columns) for key in keys)
    return False
