"""What was read in the code of a data migration: plain facts, which rules judge."""

from typing import Literal

import msgspec

WriteKind = Literal[
    "update", "delete", "save", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update"
]
"""The method that changes rows; saving an instance that the code has made is ``create``."""


class Place(msgspec.Struct, frozen=True):
    """Where something stands: the function, and a 1-based line of its file."""

    function: str
    line: int


class ModelUse(msgspec.Struct, frozen=True, kw_only=True):
    """A model that the code asks the historical registry for.

    Attributes:
        label: As it is written, ``app_label.ModelName``.
        exists: Whether it is there at this point of the history.
    """

    label: str
    exists: bool
    place: Place


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """A name that the code expects of a historical model and that it does not have.

    Attributes:
        model: ``app_label.ModelName``.
        of: What it is asked of: a query or a field of it, an instance or the model, a manager; ``assigned`` when an
            instance gets it, and nobody reads it.
        field: The field behind which it stands, for a lookup.
    """

    model: str
    name: str
    of: Literal["query", "instance", "model", "manager", "assigned"]
    place: Place


class FieldUse(msgspec.Struct, frozen=True, kw_only=True):
    """A field that the code uses: lower-case ``app_label.model_name.field_name``."""

    key: str
    place: Place


class RowLoop(msgspec.Struct, frozen=True, kw_only=True):
    """A loop over the rows of a query.

    Attributes:
        variable: The name of a row.
        query: Source of the query.
        model: ``app_label.ModelName`` of the rows.
        line: Line of the ``for`` statement, None for a comprehension.
        outermost: Whether it stands in the RunPython's own function.
    """

    variable: str
    query: str
    model: str
    line: int | None = None
    outermost: bool = False


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """A call that changes rows.

    Attributes:
        model: ``app_label.ModelName``, of the historical registry.
        table: Its table.
        fields: Names of the fields that it sets, None when that is not known.
        cleared: Those of them that get no value.
        rows: Which rows a query's ``update`` or ``delete`` reaches: ``all``, those whose field has no value yet
            (``unfilled``), some of which nothing is known, or a batch in a loop.
        query: Source of what the method is called on.
        call: Source of the method with its arguments.
        loop: The innermost loop over rows in which it is done.
        repeated: Whether it is done in any loop.
    """

    kind: WriteKind
    model: str
    table: str
    fields: tuple[str, ...] | None = None
    cleared: tuple[str, ...] = ()
    rows: Literal["all", "unfilled", "some", "batch", "one"] = "some"
    query: str = ""
    call: str = ""
    loop: RowLoop | None = None
    repeated: bool = False
    place: Place


class RealModel(msgspec.Struct, frozen=True, kw_only=True):
    """A use of a model as it is today.

    Attributes:
        label: ``app_label.ModelName``; empty for the registry of today's models, and for what a call uses.
        written: How the code names it.
    """

    label: str
    written: str
    place: Place


class RawSql(msgspec.Struct, frozen=True, kw_only=True):
    """SQL that the code sends, where it is written out; ``repeated`` in a loop."""

    sql: str
    repeated: bool = False
    place: Place


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """Code that could not be followed, and why."""

    reason: str
    place: Place


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """All that was read in a function and in the functions of its file that it calls.

    Attributes:
        asks_alias: Whether the code looks at the alias of the connection, or chooses one itself.
        default_queries: Where it uses the database without saying which.
        complete: Whether nothing that may touch the database was left unread.
    """

    models: tuple[ModelUse, ...] = ()
    missing: tuple[Attribute, ...] = ()
    fields: tuple[FieldUse, ...] = ()
    writes: tuple[Write, ...] = ()
    real: tuple[RealModel, ...] = ()
    sql: tuple[RawSql, ...] = ()
    unread: tuple[Unread, ...] = ()
    asks_alias: bool = False
    default_queries: tuple[Place, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.unread
