"""What a database consists of, as text: two of them can be compared, and people can read what differs.

Read from ``pg_catalog`` with a few queries, however many tables there are. Nothing depends on oids, so that an object
that was dropped and made again is the same one. Left out: owners and privileges, security labels, settings of roles
and databases, user mappings, subscriptions, the current values of sequences, statistics that ANALYZE collects, and
what belongs to an extension, which stands for all of it.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from migsafe.sandbox.reading import reading
from migsafe.sandbox.schema_queries import queries
from migsafe.sql.parse.casts import without_text_casts
from migsafe.verification import SchemaDifference


class Object(msgspec.Struct, frozen=True):
    """One object of a schema.

    Attributes:
        kind: As in `SchemaDifference.kind`.
        name: Qualified unless it is in ``public``; that of what belongs to a table begins with the table's.
        definition: What it is, in SQL as far as there is SQL for it.
        within: Name of the object without which it cannot be: the table of a column.
        nameless: The definition without the object's own name; None for kinds that are not compared by it.
        anonymous: Whether nothing refers to it by its name, which the server has chosen.
        detail: What may differ without harm.
    """

    kind: str
    name: str
    definition: str
    within: str | None = None
    nameless: str | None = None
    anonymous: bool = False
    detail: str = ""


class Schema(msgspec.Struct, frozen=True):
    """All objects of a database that are not the server's own, the columns of a table in their order."""

    objects: tuple[Object, ...]


def snapshot(dsn: str) -> Schema:
    """Read the schema of a database.

    Raises:
        psycopg.Error: The server cannot be reached.
    """
    with reading(dsn) as connection:
        return _snapshot(connection)


def _snapshot(connection: Connection[TupleRow]) -> Schema:
    major = connection.info.server_version // 10000
    return Schema(tuple(Object(*row) for query in queries(major) for row in connection.execute(query.encode())))


def differences(before: Schema, after: Schema) -> tuple[SchemaDifference, ...]:
    """What is not the same in two schemas: what differs or is gone in the order of `before`, then what is new.

    What belongs to an object that is only on one side, such as the columns of a table, is part of it. Harmless is

    - another order of columns: one difference for each table;
    - another name of what is called by no name: a primary key, NOT NULL, the sequence of a serial or identity column,
      an index of a partition that is part of its table's;
    - another name of a constraint or index where both are of the server's or of Django's making, as when a column
      that was created UNIQUE (``shop_order_code_key``) has lost and regained that (``shop_order_code_1a2b3c4d_uniq``):
      Django looks for these by their columns. Names that people give are looked for by name, so they count;
    - casts between types of text in an index or constraint: where PostgreSQL writes them depends on what the type of
      the column was when it was made;
    - that a column or constraint which a table has inherited is its own as well.
    """
    return tuple(_differences(before, after))


# `BaseDatabaseSchemaEditor._create_index_name` of Django, and ChooseConstraintName of PostgreSQL.
_NAMED_BY_DJANGO = re.compile(r".+_[0-9a-f]{8}(_(uniq|idx|like|check|fk.*))?")
_NAMED_BY_SERVER = re.compile(r".+_(key|check|fkey|excl)\d*")
_KEPT = 20
"""Characters of a table's name that are left of it in the longest of generated names."""

_Objects: TypeAlias = dict[tuple[str, str], Object]


def _differences(before: Schema, after: Schema) -> Iterator[SchemaDifference]:
    old, new = _by_name(before), _by_name(after)
    one_sided = {name for _, name in old} ^ {name for _, name in new}
    gone = {key: each for key, each in old.items() if key not in new and each.within not in one_sided}
    added = {key: each for key, each in new.items() if key not in old and each.within not in one_sided}
    renamed = _renamed(gone, added)
    for key, was in old.items():
        if key in new:
            yield from _changed(was, new[key])
        elif key in renamed:
            now = added.pop(renamed[key])
            yield _difference(was, _named(was), _named(now), harmless=_nobody_knows_names(was, now))
        elif key in gone:
            yield _difference(was, _whole(was, before), None)
    for now in added.values():
        yield _difference(now, None, _whole(now, after))
    yield from _reordered(before, after)


def _by_name(schema: Schema) -> _Objects:
    return {(each.kind, each.name): each for each in schema.objects}


def _difference(of: Object, before: str | None, after: str | None, *, harmless: bool = False) -> SchemaDifference:
    return SchemaDifference(kind=of.kind, name=of.name, before=before, after=after, harmless=harmless)


def _changed(before: Object, after: Object) -> Iterator[SchemaDifference]:
    if before.definition != after.definition:
        yield _difference(before, before.definition, after.definition, harmless=_means_the_same(before, after))
    elif before.detail != after.detail:
        yield _difference(before, before.definition + before.detail, after.definition + after.detail, harmless=True)


def _means_the_same(before: Object, after: Object) -> bool:
    start = {"index": "", "constraint": "ALTER TABLE t ADD "}.get(before.kind)
    if start is None:
        return False
    was, now = (without_text_casts(f"{start}{each.definition}") for each in (before, after))
    return was == now


def _renamed(gone: _Objects, added: _Objects) -> dict[tuple[str, str], tuple[str, str]]:
    """What differs in nothing but its name: old key → new key."""
    candidates = defaultdict(list)
    for key, each in added.items():
        candidates[_but_for_name(each)].append(key)
    return {
        key: candidates[_but_for_name(each)].pop(0)
        for key, each in gone.items()
        if each.kind in {"constraint", "index", "sequence"} and candidates[_but_for_name(each)]
    }


def _but_for_name(item: Object) -> tuple[str | None, ...]:
    return item.kind, item.within, item.nameless or item.definition


def _named(item: Object) -> str:
    return item.definition if item.nameless else f"CONSTRAINT {_own_name(item)} {item.definition}"


def _own_name(item: Object) -> str:
    return item.name.removeprefix(f"{item.within}.")


def _nobody_knows_names(before: Object, after: Object) -> bool:
    if before.anonymous and after.anonymous:
        return True
    if all(_NAMED_BY_DJANGO.fullmatch(_own_name(each)) for each in (before, after)):
        return True
    # The name that comes back is made of the table's; the one before may be of an earlier name.
    table = str(after.within).rpartition(".")[2]
    return _is_generated(before) and _is_generated(after) and _own_name(after).startswith(table[:_KEPT])


def _is_generated(item: Object) -> bool:
    name = _own_name(item)
    return bool(_NAMED_BY_DJANGO.fullmatch(name) or (item.kind == "constraint" and _NAMED_BY_SERVER.fullmatch(name)))


def _whole(item: Object, schema: Schema) -> str:
    """A table's definition with its columns."""
    if item.kind not in {"table", "foreign table"}:
        return item.definition
    columns = [f"{name} {column.definition}" for name, column in _columns(schema).get(item.name, {}).items()]
    return item.definition.replace("TABLE", f"TABLE ({', '.join(columns)})", 1)


def _reordered(before: Schema, after: Schema) -> Iterator[SchemaDifference]:
    remaining = _columns(after)
    for table, columns in _columns(before).items():
        new = remaining.get(table, {})
        orders = [[name for name in columns if name in new], [name for name in new if name in columns]]
        if orders[0] != orders[1]:
            was, now = (f"({', '.join(order)})" for order in orders)
            yield SchemaDifference(kind="table", name=table, before=was, after=now, harmless=True)


def _columns(schema: Schema) -> dict[str, dict[str, Object]]:
    columns: dict[str, dict[str, Object]] = defaultdict(dict)
    for each in schema.objects:
        if each.kind == "column":
            columns[str(each.within)][_own_name(each)] = each
    return columns
