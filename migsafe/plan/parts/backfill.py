"""Rows are filled in batches that commit one by one, in the order of the primary key, each found by the key's index.

A batch changes only rows that are still empty, so what running code writes meanwhile stays. It can be stopped at any
point: run again, it passes over what is filled.
"""

import textwrap
from collections.abc import Sequence

from migsafe.actions import Name
from migsafe.plan.parts.batches import EFFECT
from migsafe.plan.recipe import Piece, Work
from migsafe.planning import Check
from migsafe.written.batches import IMPORTS, LOGGER, SIZE
from migsafe.written.operations import quoted


def fill_field(work: Work, field: str, value: str, *, per_row: bool = False, imports: Sequence[str] = ()) -> Piece:
    """A migration that gives a field a value in all rows in which it is NULL.

    Args:
        field: Its name; the models have it when the migration runs.
        value: Source of what ``QuerySet.update()`` is given for it: a value, or an expression of the database.
        per_row: Whether ``value`` is to be computed in Python for each row.
        imports: Statements for names in ``value``.
    """
    model = work.model_after
    assert model is not None
    attribute = model.fields[field].attname
    if per_row:
        change = (
            f"filled = [{model.name}(pk=key, {attribute}={value}) for key in keys]\n"
            f'rows.filter({field}__isnull=True).bulk_update(filled, ["{field}"])'
        )
    else:
        change = (
            f"batch = rows.filter(pk__gte=keys[0], pk__lte=keys[-1])\n"
            f"batch.filter({field}__isnull=True).update({attribute}={value})"
        )
    function = f"fill_{field}"
    code = (
        f"def {function}(apps, schema_editor):\n"
        f'    """Fill empty rows in batches that commit by themselves: can be stopped, and run again."""\n'
        f'    {model.name} = apps.get_model("{work.migration.app}", "{model.name}")\n'
        f"    rows = {model.name}._base_manager.using(schema_editor.connection.alias)\n"
        '    rest, done = rows.order_by("pk"), 0\n'
        f'    while keys := list(rest.values_list("pk", flat=True)[:{SIZE}]):\n'
        f"{textwrap.indent(change, ' ' * 8)}\n"
        "        done += len(keys)\n"
        f'        logger.info("{function}: %s rows, up to %s", done, keys[-1])\n'
        '        rest = rows.filter(pk__gt=keys[-1]).order_by("pk")'
    )
    return Piece(
        operations=(f"migrations.RunPython({function}, migrations.RunPython.noop, elidable=True)",),
        name=f"backfill_{model.name.lower()}_{field}",
        why=(
            "Each batch commits by itself and changes only rows that are still empty, so that nothing is lost that code"
            " writes meanwhile."
        ),
        atomic=False,
        imports=(*IMPORTS, *work.imports, *imports),
        code=f"{LOGGER}\n\n\n{code}",
        codes=work.codes,
        effect=EFFECT,
    )


def none_empty(relation: Name, column: str) -> Check:
    """What has to be so before a column may become NOT NULL."""
    return Check(
        what=f"no row of {relation.name} is without {column}",
        sql=f"SELECT count(*) FROM {quoted(relation)} WHERE {quoted(column)} IS NULL",
        expected="0",
    )
