"""Add UNIQUE through an index that is built concurrently, and CHECK in two steps: for new rows, then for all."""

import json
from dataclasses import replace

from migsafe.actions import AddConstraint, ConstraintKind, CreateIndex, Name
from migsafe.plan.parts import keys
from migsafe.plan.parts.constraints import NOT_VALID, VALIDATED
from migsafe.plan.parts.names import words
from migsafe.plan.recipe import LOCK_WINDOW, NoWay, Piece, Planned, Recipe, Way, Work
from migsafe.written.operations import GIVE_UP, run_sql

recipe = Recipe(__name__, kinds=("AddConstraint",))

IMPORT = "from django.contrib.postgres.operations import "


@recipe.way
def plan(work: Work) -> Planned:
    planned = _planned(work)
    if isinstance(planned, Way) and len(planned.stages) > 1 and (name := _made_anew(work)):
        note = f"{name} is dropped a deploy before it is made anew: between the two only code keeps rows to it."
        return replace(planned, notes=(*planned.notes, note))
    return planned


def _made_anew(work: Work) -> str | None:
    """The constraint, if the table had another one of its name when the migration began."""
    before = work.migration.before
    for _, action in work.actions():
        if isinstance(action, AddConstraint | CreateIndex) and (table := before.table(action.relation)):
            name = action.constraint.name if isinstance(action, AddConstraint) else action.name
            if name and (name in table.constraints or before.index(Name(name, table.name.schema))):
                return name
    return None


def _planned(work: Work) -> Planned:
    added = [action.constraint for _, action in work.actions() if isinstance(action, AddConstraint)]
    if any(constraint.kind is ConstraintKind.EXCLUDE for constraint in added):
        return NoWay(
            why="PostgreSQL can build the index of an exclusion constraint only while nobody else uses the table",
            instead=(
                f"{LOCK_WINDOW} If the table is too large for that, copy its rows to a new one that has the constraint"
                " from the start."
            ),
        )
    found = keys.change(work)
    if not isinstance(found, keys.Change):
        return found
    if work.written is None:
        return None
    kinds = [constraint.kind for constraint, _ in found.constrains]
    if kinds != [ConstraintKind.CHECK] or not work.is_djangos:
        names = [*(one.name for one, _ in found.constrains), *(action.name for action, _ in found.builds)]
        return keys.way(work, words(names[0] or "")) if names else None
    name = found.constrains[0][0].name or ""
    model = work.written.argument("model_name", 0)
    validate = f"ValidateConstraint(model_name={model}, name={json.dumps(name, ensure_ascii=False)})"
    pieces = (
        Piece(
            operations=(run_sql(GIVE_UP, None), work.written.calling("AddConstraintNotValid").code),
            name=words(name),
            why=NOT_VALID,
            imports=(*work.imports, f"{IMPORT}AddConstraintNotValid"),
            codes=work.codes,
        ),
        Piece(
            operations=(validate,),
            name=words("validate", name),
            why=VALIDATED,
            imports=(f"{IMPORT}ValidateConstraint",),
            codes=work.codes,
        ),
    )
    return Way(stages=keys.promised(list(keys.promises(work, found)), pieces))
