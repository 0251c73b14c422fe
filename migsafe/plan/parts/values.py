"""What the rows that exist get in a new column."""

import ast
from dataclasses import dataclass

from migsafe.plan.parts.columns import NewColumn

NOW = {"timestamptz": "now()", "timestamp": "now()", "date": "now()"}
"""Types whose present value PostgreSQL knows."""
UUID_FUNCTION = 13
"""PostgreSQL from which on ``gen_random_uuid()`` needs no extension."""
TIMEZONE = "from django.utils import timezone"
RANDOM_UUID = "from django.contrib.postgres.functions import RandomUUID"


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


def value_of(new: NewColumn) -> Value | None:
    """What Django would give to the rows that exist; None if there is nothing."""
    default = new.column.default
    if default is None or default.null:
        return None
    computed = next(iter(new.work.operation.computed.values()), None)
    code, type_ = _code(new, called=computed is not None), new.column.type.name.name
    if computed is None:
        return Value(code=code, sql=default.sql, constant=True)
    if type_ in NOW:
        return Value(code=code, sql=NOW[type_], constant=True, imports=(TIMEZONE,) * code.startswith("timezone."))
    if computed == "uuid.uuid4" and type_ == "uuid" and new.work.postgres >= UUID_FUNCTION:
        return Value(code="RandomUUID()", sql="gen_random_uuid()", constant=False, imports=(RANDOM_UUID,))
    return Value(code=code, sql=None, constant=False, per_row=True)


def _code(new: NewColumn, *, called: bool) -> str:
    written = new.definition.argument("default")
    if written is None:
        return "timezone.now()" if new.field.automatic else '""'
    if is_literal(written):
        return written
    if new.is_one_off:
        return f"{written}()" if called else written
    model = new.work.model_after
    assert model is not None
    return f'{model.name}._meta.get_field("{new.name}").get_default()'


def is_literal(source: str) -> bool:
    """Whether Python source is a constant."""
    try:
        ast.literal_eval(source)
    except ValueError:
        return False
    return True
