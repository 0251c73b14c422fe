"""Make a nullable column NOT NULL."""

from msgspec.structs import replace

from migsafe.actions import (
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
from migsafe.plan.parts.values import value_of
from migsafe.plan.recipe import Duty, NoWay, Piece, Planned, Recipe, Stage, Way, Work
from migsafe.sql.catalog import Table
from migsafe.written.operations import quoted, run_sql, separate

recipe = Recipe(__name__, kinds=("AlterField",))

ALONE = (SetNotNull, SetDefault, DropDefault, Update, SetConstraints)
"""What Django does for it."""

MORE = NoWay(
    why="the field changes in other ways as well, and each has its own way",
    instead="Make an AlterField of each change: first all else with `null=True`, then NOT NULL alone. Then plan again.",
)


@recipe.way
def plan(work: Work) -> Planned:
    actions = [action for _, action in work.actions()]
    change = next((action for action in actions if isinstance(action, SetNotNull)), None)
    written, definition = work.written, work.written and work.written.call("field", 2)
    if change is None or written is None or definition is None:
        return None
    name = (written.argument("name", 1) or "").strip("\"'")
    before, field, table = work.field_before(name), work.field_after(name), work.catalog.table(change.relation)
    if before is None or field is None or table is None:
        return None
    if not all(isinstance(action, ALONE) for action in actions if not _puts_back(action, table)):
        return MORE
    if work.postgres < PROVEN_BY_CHECK:
        return TOO_OLD
    fills = any(isinstance(action, Update) for action in actions)
    default = next((action.default for action in actions if isinstance(action, SetDefault)), None)
    one_off = written.argument("preserve_default", 3) == "False"
    type_ = table.columns[change.column].type
    # It is not said in SQL where the field has had it before.
    given = default or Expression("")
    value = value_of(work, field, definition, given, type_, one_off=one_off) if fills else None
    if fills and value is None:
        return NoWay(why="what the rows that are empty get is not written in the migration")
    settled = definition.without("default") if one_off else definition
    alter = written.without("preserve_default")
    model = work.label.rpartition(".")[2]
    label = f"{model}_{name}"
    first: tuple[Piece, ...] = ()
    if replace(before, null=field.null) != field:
        column = f"ALTER TABLE {quoted(change.relation)}\nALTER COLUMN {quoted(change.column)}"
        kept = default.sql if default and not any(isinstance(action, DropDefault) for action in actions) else None
        database = [run_sql(f"{column} SET DEFAULT {kept}", f"{column} DROP DEFAULT")] if kept else []
        state = str(alter.replacing("field", 2, settled.adding("null", "True").code))
        first = (
            Piece(
                operations=(separate(database=database, state=[state]),),
                name=f"{label}_default",
                why="New rows get the default; nothing is NOT NULL yet.",
                imports=work.imports,
                codes=work.codes,
            ),
        )
    duty = Duty(
        model=work.label,
        field=name,
        must=f"give {name} a value on every {model} that it writes",
        must_not=f"set {name} to NULL any more",
        writes=True,
    )
    empty = (none_empty(change.relation, change.column),)
    stages = [Stage(kind="expand", pieces=first, duties=(duty,), then=() if value else empty)]
    if value:
        fill = fill_field(work, name, value.code, per_row=value.per_row, imports=value.imports)
        stages.append(Stage(kind="backfill", pieces=(fill,), then=empty))
    last = set_not_null(
        work,
        change.relation,
        change.column,
        name=f"{label}_not_null",
        state=[str(alter.replacing("field", 2, settled.code))],
    )
    return Way(stages=(*stages, Stage(kind="contract", pieces=(last,))))


def _puts_back(action: object, table: Table) -> bool:
    """Whether it is about a foreign key that Django takes off and puts back on, whatever changes of the field."""
    keys = [one for one in table.constraints.values() if one.kind is ConstraintKind.FOREIGN_KEY]
    match action:
        case DropConstraint(name=name):
            return any(key.name == name for key in keys)
        case AddConstraint(constraint=Constraint(kind=ConstraintKind.FOREIGN_KEY) as added):
            return any((key.name, key.columns) == (added.name, added.columns) for key in keys)
    return False
