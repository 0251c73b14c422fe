"""What the rows that exist get in a new column."""

import ast
from dataclasses import dataclass

from migsafe.actions import Expression, Type
from migsafe.plan.recipe import NoWay, Work
from migsafe.python import HistoricalField
from migsafe.sql.forms.family import volatile
from migsafe.written.call import Written

NOW = {"timestamptz": "now()", "timestamp": "now()", "date": "now()"}
"""Types whose present value PostgreSQL knows."""
UUID_FUNCTION = 13
"""PostgreSQL from which on ``gen_random_uuid()`` needs no extension."""
FREE = 11
"""PostgreSQL from which on a column with the same value in all rows is added without writing any."""
TIMEZONE = "from django.utils import timezone"
RANDOM_UUID = "from django.contrib.postgres.functions import RandomUUID"

SAME_VALUE = NoWay(
    why="the column is unique, and all rows that exist get the same value: the migration fails from the second row on",
    instead="Give it a default that is another one for each row: a function such as `uuid.uuid4`. Then plan again.",
)


@dataclass(frozen=True, kw_only=True)
class Value:
    """What rows get.

    Attributes:
        code: Source of what ``QuerySet.update()`` is given.
        imports: Statements for names in it.
        sql: What the database can compute for rows of code that does not know the column, or None.
        constant: Whether all rows get the same.
        per_row: Whether ``code`` is to be computed in Python for each row.
    """

    code: str
    sql: str | None
    constant: bool
    per_row: bool = False
    imports: tuple[str, ...] = ()


def value_of(
    work: Work, field: HistoricalField, definition: Written, default: Expression | None, type_: Type, *, one_off: bool
) -> Value | None:
    """What Django gives to the rows that exist; None if that is nothing, or not written anywhere.

    Args:
        field: As the models have it afterwards.
        definition: Source of it.
        default: What Django's SQL gives.
        type_: Of the column.
        one_off: Whether the models do not keep the default (``preserve_default=False``).
    """
    if default is None or default.null:
        return None
    computed, name = next(iter(work.operation.computed.values()), None), type_.name.name
    code = _code(work, field, definition, default, called=computed is not None, one_off=one_off)
    if code is None:
        return None
    if field.db_default or computed is None:
        return Value(code=code, sql=default.sql, constant=not volatile(default, work.catalog))
    if name in NOW:
        return Value(code=code, sql=NOW[name], constant=True, imports=(TIMEZONE,) * code.startswith("timezone."))
    if computed == "uuid.uuid4" and name == "uuid" and work.postgres >= UUID_FUNCTION:
        return Value(code="RandomUUID()", sql="gen_random_uuid()", constant=False, imports=(RANDOM_UUID,))
    return Value(code=code, sql=None, constant=False, per_row=True)


def _code(
    work: Work, field: HistoricalField, definition: Written, default: Expression, *, called: bool, one_off: bool
) -> str | None:
    written = definition.argument("db_default") or definition.argument("default")
    if written and (is_literal(written) or field.db_default):
        return written
    if written and one_off:
        return f"{written}()" if called else written
    if field.default:
        assert work.model_after is not None
        return f'{work.model_after.name}._meta.get_field("{field.name}").get_default()'
    if field.automatic:
        return "timezone.now()"
    return '""' if default.sql == "''" else None


def is_literal(source: str) -> bool:
    """Whether Python source is a constant."""
    try:
        ast.literal_eval(source)
    except ValueError:
        return False
    return True
