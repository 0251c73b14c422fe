"""Carry Python code over all rows of a table out in batches, each in a transaction of its own."""

from dataclasses import replace

from migsafe.plan.parts.batches import EFFECT
from migsafe.plan.parts.functions import CannotBatch, batched
from migsafe.plan.parts.names import words
from migsafe.plan.recipe import NoWay, Piece, Planned, Recipe, Stage, Way, Work
from migsafe.python.function import PythonFunction
from migsafe.written.batches import LOGGER, SIZE

recipe = Recipe(__name__, kinds=("RunPython",))

SLOW = {"MS502", "MS503", "MS504"}
"""It changes a whole table in one transaction, or row by row."""
IN_COMPANY = {"MS501", "MS505", "MS506", "MS601"}
"""It has no way back, or is in the same transaction as something else."""

OF_OTHERS = IN_COMPANY - {"MS501"}

APART = "Apart from changes of the schema, whose locks would last as long as this does."
BACK = "Unapplied, it leaves the rows as they are."
WHY = (
    "Batches of {size:,} rows in the order of the primary key, each in a transaction of its own: it can be stopped, and"
    " run again."
)
INSTEAD = """\
Write it so that it can be stopped and run again, in a migration of its own with `atomic = False`: rows that are done
must be left out, or come out the same.

```python
def {function}(apps, schema_editor):
    {model} = apps.get_model("{app}", "{model}")
    rows = {model}.objects.filter(...)  # those that are not done yet
    rest = rows.order_by("pk")
    while keys := list(rest.values_list("pk", flat=True)[:{size}]):
        with transaction.atomic(using=schema_editor.connection.alias):
            batch = list(rows.filter(pk__in=keys).select_for_update())
            ...
            {model}.objects.bulk_update(batch, [...])
        rest = rows.filter(pk__gt=keys[-1]).order_by("pk")
```"""


@recipe.way
def plan(work: Work) -> Planned:
    written = work.written
    function = next((one for one in work.operation.python if not one.reverse), None)
    if written is None or function is None:
        return None
    if author := [one for one in work.findings if one.code not in SLOW | IN_COMPANY]:
        return NoWay(why=f"{author[0].code}: {author[0].message}", instead=author[0].fix)
    if len(written.node.args) > 2 or not work.is_literal:
        return NoWay(why="its arguments are not written out")
    operation = written
    if written.argument("reverse_code", 1) is None:
        operation = written.adding("reverse_code", "migrations.RunPython.noop")
    if SLOW.isdisjoint(work.codes):
        why = BACK if OF_OTHERS.isdisjoint(work.codes) else APART
        piece = replace(
            work.original(),
            operations=(operation.code,),
            name=_name(work, function),
            alone=True,
            original=False,
            why=why,
        )
        return Way(stages=(Stage(kind="backfill", pieces=(piece,)),))
    try:
        models = [work.before.get(write.model.lower()) for write in function.reading.writes]
        inherited = any(model is not None and model.bases and not model.proxy for model in models)
        code = batched(function, work.migration.path, inherited)
    except CannotBatch as reason:
        writes = function.reading.writes
        app, _, model = (writes[0].model if writes else f"{work.migration.app}.Model").partition(".")
        name = function.name if function.name.isidentifier() else "in_batches"
        return NoWay(why=str(reason), instead=INSTEAD.format(function=name, model=model, app=app, size=SIZE))
    piece = Piece(
        operations=(operation.without("atomic").code,),
        name=_name(work, function),
        why=WHY.format(size=SIZE),
        atomic=False,
        imports=code.imports,
        code=f"{LOGGER}\n\n\n{code.code}",
        codes=work.codes,
        effect=EFFECT,
    )
    return Way(stages=(Stage(kind="backfill", pieces=(piece,)),))


def _name(work: Work, function: PythonFunction) -> str:
    """As the author has called the migration, or what is one of several in it."""
    if len(work.migration.operations) > 1 and function.name.isidentifier():
        return words(function.name)
    return work.migration.name.partition("_")[2] or work.migration.name
