"""Make a field indexed, unique or positive, or no longer so, without locking its table while rows are read."""

from migsafe.plan.parts import keys
from migsafe.plan.parts.names import words
from migsafe.plan.recipe import Piece, Planned, Recipe, Work

recipe = Recipe(__name__, kinds=("AlterField",))

OF_KEYS = {"MS201", "MS202", "MS301", "MS303"}
"""Codes of rules about indexes and constraints that are built, dropped and validated under a lock."""


@recipe.way
def plan(work: Work) -> Planned:
    name = work.written.argument("name", 1) if work.written else None
    if name is None:
        return None
    about = words(work.label.rpartition(".")[2], name)
    found, first = keys.change(work), None
    if found is None and OF_KEYS.issuperset(work.codes):
        found, first = keys.change(work, beside=True), _without_keys(work, name, about)
        if first is None or not isinstance(found, keys.Change) or found.drops or found.releases:
            return None
    if not isinstance(found, keys.Change):
        return found
    return keys.stages(work, found, words(about, _what(found)), first)


def _what(found: keys.Change) -> str:
    if found.constrains:
        return found.constrains[0][0].kind.value
    return "not_unique" if found.releases else "index" if found.builds else "not_indexed"


def _without_keys(work: Work, name: str, about: str) -> Piece | None:
    """The field as it becomes, but neither indexed nor unique if it was not."""
    name = name.strip("\"'")
    before, after = work.field_before(name), work.field_after(name)
    field = work.written.call("field", 2) if work.written else None
    if work.written is None or field is None or before is None or after is None:
        return None
    if after.unique and not before.unique:
        field = field.without("unique")
    if after.db_index and not before.db_index:
        field = field.without("db_index") if field.argument("db_index") else field.adding("db_index", "False")
    return Piece(
        operations=(work.written.replacing("field", 2, field.code).code,),
        name=about,
        why="The column changes by itself; what is built for it comes after.",
        imports=work.imports,
        codes=work.codes,
        alone=False,
    )
