"""Values that code can write into a field, made up without a row to take them from."""

import datetime
import decimal
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DecimalField

if TYPE_CHECKING:
    from django.db.models import Field, ForeignKey

LONG = 1_000
"""Characters of a text without a limit."""

NOW = datetime.datetime(2001, 2, 3, 4, 5, 6, tzinfo=datetime.UTC)

PLAIN: Mapping[str, Any] = {
    "BigIntegerField": 1,
    "BinaryField": b"x",
    "BooleanField": False,
    "CharField": "x",
    "DateField": NOW.date(),
    "DateTimeField": NOW,
    "DecimalField": decimal.Decimal(0),
    "DurationField": datetime.timedelta(1),
    "FileField": "x",
    "FilePathField": "x",
    "FloatField": 1.0,
    "GenericIPAddressField": "192.0.2.1",
    "IPAddressField": "192.0.2.1",
    "IntegerField": 1,
    "JSONField": {},
    "PositiveBigIntegerField": 1,
    "PositiveIntegerField": 1,
    "PositiveSmallIntegerField": 1,
    "SlugField": "x",
    "SmallIntegerField": 1,
    "TextField": "x",
    "TimeField": NOW.time(),
    "UUIDField": uuid.UUID(int=1),
}
"""By `Field.get_internal_type`, which fields that derive from Django's mostly leave as it is."""


class NoValueError(ValueError):
    """No value can be made up for a field."""


def made_up(field: "Field[Any, Any]", related: "Callable[[ForeignKey[Any, Any]], Any]") -> Any:
    """One value that a field without a default can have.

    Args:
        related: Gives the value of a foreign key to some row; None if there is none.

    Raises:
        NoValueError: Nothing is known of its type, or a foreign key must be given and there is no row to refer to.
    """
    if field.null:
        return None
    if field.remote_field:
        if (value := related(cast("ForeignKey[Any, Any]", field))) is None:
            raise NoValueError(f"{field.name} has to refer to a row, and there is none")
        return value
    if field.flatchoices:
        return field.flatchoices[0][0]
    if (value := PLAIN.get(field.get_internal_type())) is None:
        raise NoValueError(f"no value is known for {field.name}, a {type(field).__name__}")
    return value


def extremes(field: "Field[Any, Any]", connection: BaseDatabaseWrapper) -> Iterator[Any]:
    """What a field allows code to write and a column may have no place for: NULL, the longest, the largest."""
    if field.null:
        yield None
    if field.remote_field or field.choices:
        return
    kind = field.get_internal_type()
    if isinstance(PLAIN.get(kind), str):
        yield "x" * (field.max_length or LONG)
    elif kind in connection.ops.integer_field_ranges:
        yield from connection.ops.integer_field_range(kind)
    elif isinstance(field, DecimalField) and field.max_digits is not None:
        yield decimal.Decimal(10**field.max_digits - 1).scaleb(-(field.decimal_places or 0))
